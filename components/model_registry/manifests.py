"""What surrounds the pod, as plain data: secrets, network policies, scrape target, the role's policy."""

from typing import Any

import pulumi

from components._core.policy_documents import document, statement
from components.model_registry import image
from components.model_registry.args import ModelRegistryArgs
from components.model_registry.pod import AUTH_SECRET, DATABASE_SECRET

GENERATORS = "generators.external-secrets.io/v1alpha1"
EXTERNAL_SECRETS = "external-secrets.io/v1"

# The agent of EKS Pod Identity: docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html,
# 2026-11-23.
_POD_IDENTITY_AGENT = "169.254.170.23/32"
_INSTANCE_METADATA = "169.254.169.254/32"


def password() -> dict[str, Any]:
    """Return the spec of a generator: 40 letters and digits, about 230 bits."""
    return {"length": 40, "digits": 10, "symbols": 0, "noUpper": False, "allowRepeat": True}


def auth_secret() -> dict[str, Any]:
    """Return the spec that makes the administrator's password and the key of sessions, once."""

    def generated(name: str, key: str) -> dict[str, Any]:
        reference = {"apiVersion": GENERATORS, "kind": "Password", "name": name}
        rewrite = [{"regexp": {"source": "password", "target": key}}]
        return {"sourceRef": {"generatorRef": reference}, "rewrite": rewrite}

    return {
        # MLflow stores the first password in its database and ignores later ones.
        "refreshPolicy": "CreatedOnce",
        "target": {
            "name": AUTH_SECRET,
            "template": {
                "engineVersion": "v2",
                "data": {"username": "admin", "password": "{{ .admin }}", "flask-key": "{{ .flask }}"},
            },
        },
        "dataFrom": [generated("mlflow-admin", "admin"), generated("mlflow-flask", "flask")],
    }


def database_secret(args: ModelRegistryArgs) -> dict[str, Any]:
    """Return the spec that copies the database password; a rotation arrives within a minute."""
    remote = {"key": args.database_secret_arn, "property": "password"}
    return {
        "refreshPolicy": "Periodic",
        "refreshInterval": "1m",
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": args.secret_store},
        "target": {"name": DATABASE_SECRET},
        "data": [{"secretKey": "password", "remoteRef": remote}],
    }


def policies(args: ModelRegistryArgs, selector: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Return the network policies by name: nothing, then who may ask the server, then what it may ask."""
    web = [{"port": image.PORT, "protocol": "TCP"}]
    callers: list[dict[str, Any]] = [
        {"namespaceSelector": {"matchExpressions": [{"key": args.client_label, "operator": "Exists"}]}}
    ]
    if args.monitoring_namespace:
        names = {"kubernetes.io/metadata.name": args.monitoring_namespace}
        callers.append({"namespaceSelector": {"matchLabels": names}})
    return {
        "default-deny": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
        "mlflow-in": {
            "podSelector": {"matchLabels": selector},
            "policyTypes": ["Ingress"],
            "ingress": [{"from": callers, "ports": web}],
        },
        "mlflow-out": {
            "podSelector": {"matchLabels": selector},
            "policyTypes": ["Egress"],
            "egress": _egress(args),
        },
    }


def _egress(args: ModelRegistryArgs) -> list[dict[str, Any]]:
    """Return what the server may reach: names, its database, AWS over TLS, the agent with its credentials."""
    names = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }
    return [
        {"to": [names], "ports": [{"port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")]},
        {"to": [{"ipBlock": {"cidr": args.vpc_cidr}}], "ports": [{"port": args.port, "protocol": "TCP"}]},
        # A gateway endpoint routes S3's public addresses, which no policy can name; metadata stays closed.
        {
            "to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": [_INSTANCE_METADATA]}}],
            "ports": [{"port": 443, "protocol": "TCP"}],
        },
        {"to": [{"ipBlock": {"cidr": _POD_IDENTITY_AGENT}}], "ports": [{"port": 80, "protocol": "TCP"}]},
    ]


def service_monitor(selector: dict[str, str]) -> dict[str, Any]:
    """Return the spec of the scrape target; MLflow asks for a user there as well."""
    credentials = {key: {"name": AUTH_SECRET, "key": key} for key in ("username", "password")}
    endpoint = {"port": "http", "path": "/metrics", "interval": "30s", "basicAuth": credentials}
    return {
        "selector": {"matchLabels": selector},
        "jobLabel": "app.kubernetes.io/name",
        "endpoints": [endpoint],
    }


def bucket_policy(args: ModelRegistryArgs) -> dict[str, Any]:
    """Return what the server's role may do: objects under its prefix, and their key through S3 only."""
    objects = pulumi.Output.concat(args.bucket_arn, "/", args.prefix, "/*")
    via_s3 = {"StringEquals": {"kms:ViaService": pulumi.Output.concat("s3.", args.region, ".amazonaws.com")}}
    prefixes = {"StringLike": {"s3:prefix": [args.prefix, f"{args.prefix}/*"]}}
    changes = ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    return document(
        statement("List", ["s3:ListBucket"], args.bucket_arn, conditions=prefixes),
        statement("Objects", ["s3:GetObject", *changes], objects),
        statement("Key", ["kms:Decrypt", "kms:GenerateDataKey"], args.bucket_key_arn, conditions=via_s3),
    )
