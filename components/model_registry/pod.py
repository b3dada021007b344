"""The pod of the MLflow server as plain data: nothing is created here."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.model_registry import image
from components.model_registry.args import ModelRegistryArgs

START = "mlflow-start"
DATABASE_SECRET = "mlflow-database"
AUTH_SECRET = "mlflow-auth"

_RUN, _TMP = "/run/mlflow", "/tmp"
_MOUNTS = [
    {"name": "start", "mountPath": "/etc/mlflow", "readOnly": True},
    {"name": "database", "mountPath": "/secrets/database", "readOnly": True},
    {"name": "auth", "mountPath": "/secrets/auth", "readOnly": True},
    {"name": "run", "mountPath": _RUN},
    {"name": "tmp", "mountPath": _TMP},
]
_RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
_HEALTH = {"httpGet": {"path": "/health", "port": "http"}, "timeoutSeconds": 5}


def allowed_hosts(space: str, more: list[str]) -> list[str]:
    """Return the Host headers that the server answers to: its service, forwarded ports, scrapes by address.

    MLflow refuses every other one against DNS rebinding; a pattern of addresses matches no host name.
    """
    service = [f"mlflow{suffix}:{image.PORT}" for suffix in ("", f".{space}", f".{space}.svc")]
    private = ["10.*", "192.168.*", "100.64.*", *(f"172.{second}.*" for second in range(16, 32))]
    return [
        *service,
        f"mlflow.{space}.svc.cluster.local:{image.PORT}",
        "localhost:*",
        "127.0.0.1:*",
        *private,
        *more,
    ]


def environment(args: ModelRegistryArgs) -> dict[str, pulumi.Input[str]]:
    """Return the environment of the container: settings only, passwords are files."""
    permission = args.default_permission
    return {
        "PGHOST": args.database_endpoint,
        "PGPORT": pulumi.Output.from_input(args.port).apply(lambda port: str(int(port))),
        "PGDATABASE": args.database_name,
        "PGUSER": args.database_user,
        **_tls(args),
        "DATABASE_SECRETS": "/secrets/database",
        "AUTH_SECRETS": "/secrets/auth",
        "RUN_FOLDER": _RUN,
        "DEFAULT_PERMISSION": permission.value if permission else "READ",
        "AWS_REGION": args.region,
        "HOME": _TMP,
        "MLFLOW_HOST": "0.0.0.0",
        "MLFLOW_PORT": str(image.PORT),
        "MLFLOW_WORKERS": str(args.workers or 2),
        "MLFLOW_ARTIFACTS_DESTINATION": pulumi.Output.concat("s3://", args.bucket_name, "/", args.prefix),
        "MLFLOW_EXPOSE_PROMETHEUS": f"{_RUN}/metrics",
        "MLFLOW_SERVER_ALLOWED_HOSTS": ",".join(allowed_hosts(args.space, args.allowed_hosts or [])),
        # Jobs run code of users inside the server; training belongs to the orchestrator.
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }


def _tls(args: ModelRegistryArgs) -> dict[str, pulumi.Input[str]]:
    """Return how libpq uses TLS; without it no connection is made in either case."""
    if args.verify_database is False:
        return {"PGSSLMODE": "require"}
    return {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": image.DATABASE_CA}


def template(args: ModelRegistryArgs, labels: Mapping[str, str], start_checksum: str) -> dict[str, Any]:
    """Return the pod template of the Deployment."""
    tag = args.image_tag or image.DEFAULT_TAG
    common = {
        "image": pulumi.Output.from_input(args.image_repository).apply(
            lambda repository: image.reference(repository, tag, args.image_digest)
        ),
        "env": [{"name": name, "value": value} for name, value in environment(args).items()],
        "volumeMounts": _MOUNTS,
        "securityContext": _RESTRICTED,
        "resources": _resources(args),
    }
    return {
        # A changed script must restart the pods; the mounted file alone would not.
        "metadata": {"labels": dict(labels), "annotations": {"mlops.dev/start-checksum": start_checksum}},
        "spec": {
            "serviceAccountName": "mlflow",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 60,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": image.USER_ID,
                "runAsGroup": image.USER_ID,
                "fsGroup": image.USER_ID,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "topologySpreadConstraints": [
                _spread(key, labels) for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
            ],
            "initContainers": [{"name": "migrate", "command": _command("migrate"), **common}],
            "containers": [{"name": "mlflow", "command": _command("serve"), **common, **_serving()}],
            "volumes": _volumes(args),
        },
    }


def _command(name: str) -> list[str]:
    return ["python", "/etc/mlflow/start.py", name]


def _serving() -> dict[str, Any]:
    """Return port and probes; the first start loads for about half a minute on two cores."""
    return {
        "ports": [{"name": "http", "containerPort": image.PORT}],
        "startupProbe": {**_HEALTH, "periodSeconds": 5, "failureThreshold": 60},
        "livenessProbe": {**_HEALTH, "periodSeconds": 15, "failureThreshold": 4},
        "readinessProbe": {**_HEALTH, "periodSeconds": 5, "failureThreshold": 3},
    }


def _resources(args: ModelRegistryArgs) -> dict[str, Any]:
    memory, disk = args.memory or "2Gi", f"{(args.scratch_gib or 20) + 1}Gi"
    return {
        "requests": {"cpu": args.cpu or "500m", "memory": memory, "ephemeral-storage": "1Gi"},
        "limits": {"memory": memory, "ephemeral-storage": disk},
    }


def _spread(key: str, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app.kubernetes.io/name": labels["app.kubernetes.io/name"]}},
    }


def _volumes(args: ModelRegistryArgs) -> list[dict[str, Any]]:
    return [
        {"name": "start", "configMap": {"name": START, "defaultMode": 0o444}},
        {"name": "database", "secret": {"secretName": DATABASE_SECRET, "defaultMode": 0o440}},
        {"name": "auth", "secret": {"secretName": AUTH_SECRET, "defaultMode": 0o440}},
        # In memory: rendered passwords never reach a disk.
        {"name": "run", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}},
        {"name": "tmp", "emptyDir": {"sizeLimit": f"{args.scratch_gib or 20}Gi"}},
    ]
