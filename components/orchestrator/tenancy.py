"""What a team has, as plain data: quota, limits, rights in the cluster, rights in the bucket, network policies."""

from collections.abc import Iterable
from typing import Any

import pulumi

from components._core.policy_documents import document, statement
from components.orchestrator.args import OrchestratorArgs, TeamArgs

TEAM_LABEL = "mlops.dev/team"
"""Label of a team's namespace; other namespaces let its pods in by it."""

# docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html, read 2026-11-23.
_POD_IDENTITY_AGENT = "169.254.170.23/32"
_INSTANCE_METADATA = "169.254.169.254/32"
_REGISTRY_PORT = 5000
_SERVER_PORT = 2746
_METRICS_PORT = 9090

_ALL = ["create", "delete", "get", "list", "patch", "update", "watch"]
_READ = ["get", "list", "watch"]


def quota(team: TeamArgs, resources: Iterable[str]) -> dict[str, str]:
    """Return the quota: accelerators for each resource, CPU, memory; nothing that opens the cluster to outside."""
    return {
        "requests.cpu": str(team.cpu),
        "requests.memory": f"{team.memory_gib}Gi",
        "limits.memory": f"{team.memory_gib}Gi",
        "pods": str(team.pods or 200),
        "services.loadbalancers": "0",
        "services.nodeports": "0",
        **{f"requests.{resource}": str(team.gpus) for resource in sorted(set(resources))},
    }


def limits() -> dict[str, Any]:
    """Return what a container gets that asks for nothing; without it the quota would refuse the pod."""
    default = {"cpu": "100m", "memory": "256Mi"}
    return {"limits": [{"type": "Container", "defaultRequest": default, "default": {"memory": "1Gi"}}]}


def workflow_rules() -> list[dict[str, Any]]:
    """Return what a workflow's pods may do in the cluster: report their result, the executor needs no more."""
    return [{"apiGroups": ["argoproj.io"], "resources": ["workflowtaskresults"], "verbs": ["create", "patch"]}]


def user_rules() -> list[dict[str, Any]]:
    """Return what the team's people may do in its namespace: workflows all, their pods and logs to read."""
    kinds = ["workflows", "workflowtemplates", "cronworkflows"]
    return [
        {"apiGroups": ["argoproj.io"], "resources": kinds, "verbs": _ALL},
        {"apiGroups": [""], "resources": ["pods", "pods/log", "events", "resourcequotas"], "verbs": _READ},
    ]


def template_rules() -> list[dict[str, Any]]:
    """Return what everybody may do with the templates of the pools: read them."""
    return [{"apiGroups": ["argoproj.io"], "resources": ["clusterworkflowtemplates"], "verbs": _READ}]


def bucket_policy(args: OrchestratorArgs, part: str, write: bool) -> dict[str, Any]:
    """Return rights on one part of the prefix, and on the key through S3 only; an empty part is the whole prefix."""
    prefix = f"{args.prefix}/{part}" if part else args.prefix
    within = {"StringLike": {"s3:prefix": [prefix, f"{prefix}/*"]}}
    changes = ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    via_s3 = {"StringEquals": {"kms:ViaService": f"s3.{args.region}.amazonaws.com"}}
    return document(
        statement("List", ["s3:ListBucket"], args.bucket_arn, conditions=within),
        statement(
            "Objects",
            ["s3:GetObject", *(changes if write else [])],
            pulumi.Output.concat(args.bucket_arn, "/", prefix, "/*"),
        ),
        statement(
            "Key",
            ["kms:Decrypt", *(["kms:GenerateDataKey"] if write else [])],
            args.bucket_key_arn,
            conditions=via_s3,
        ),
    )


def artifact_repository(args: OrchestratorArgs, team: TeamArgs) -> dict[str, Any]:
    """Return a team's artifact repository: logs and artifacts under its own part of the prefix."""
    return {
        "archiveLogs": True,
        "s3": {
            "endpoint": f"s3.{args.region}.amazonaws.com",
            "region": args.region,
            "bucket": args.bucket_name,
            "keyFormat": f"{args.prefix}/{team.namespace}/{{{{workflow.name}}}}/{{{{pod.name}}}}",
            "useSDKCreds": True,
            "encryptionOptions": {"enableEncryption": True, "kmsKeyId": args.bucket_key_arn},
        },
    }


def team_policies(args: OrchestratorArgs) -> dict[str, dict[str, Any]]:
    """Return a team's network policies: nothing in, its own pods among themselves, what workflows need out."""
    registry = {"kubernetes.io/metadata.name": args.registry_namespace or "mlflow"}
    to_registry = {
        "to": [{"namespaceSelector": {"matchLabels": registry}}],
        "ports": [{"port": _REGISTRY_PORT, "protocol": "TCP"}],
    }
    return {
        "default-deny": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
        # Distributed training opens ports as it likes among its own pods.
        "team": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [{"podSelector": {}}]}],
            "egress": [{"to": [{"podSelector": {}}]}, to_registry, *_aws()],
        },
    }


def controller_policies(args: OrchestratorArgs) -> dict[str, dict[str, Any]]:
    """Return the policies of the controller's namespace: server for teams, metrics for everybody, database out."""
    teams = {"namespaceSelector": {"matchExpressions": [{"key": TEAM_LABEL, "operator": "Exists"}]}}
    database = {
        "to": [{"ipBlock": {"cidr": args.vpc_cidr}}],
        "ports": [{"port": args.port, "protocol": "TCP"}],
    }
    return {
        "default-deny": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
        "argo": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [
                {"from": [teams], "ports": [{"port": _SERVER_PORT, "protocol": "TCP"}]},
                {"from": [{"namespaceSelector": {}}], "ports": [{"port": _METRICS_PORT, "protocol": "TCP"}]},
            ],
            "egress": [database, *_aws()],
        },
    }


def _aws() -> list[dict[str, Any]]:
    """Return names, TLS to anywhere but instance metadata (S3 has no fixed addresses), the credentials' agent."""
    names = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }
    anywhere = {"ipBlock": {"cidr": "0.0.0.0/0", "except": [_INSTANCE_METADATA]}}
    return [
        {"to": [names], "ports": [{"port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")]},
        {"to": [anywhere], "ports": [{"port": 443, "protocol": "TCP"}]},
        {"to": [{"ipBlock": {"cidr": _POD_IDENTITY_AGENT}}], "ports": [{"port": 80, "protocol": "TCP"}]},
    ]
