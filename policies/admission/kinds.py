"""How the API server calls the kinds that rules look at."""

from dataclasses import dataclass
from typing import Final

from policies._engine.pods import ARGO_PATHS


@dataclass(frozen=True)
class Served:
    """A kind as requests name it."""

    group: str
    resources: tuple[str, ...]
    namespaced: bool = True


SERVED: Final = {
    "/ConfigMap": Served("", ("configmaps",)),
    "/Namespace": Served("", ("namespaces",), False),
    "/PersistentVolumeClaim": Served("", ("persistentvolumeclaims",)),
    "/Pod": Served("", ("pods", "pods/ephemeralcontainers")),
    "/PodTemplate": Served("", ("podtemplates",)),
    "/ReplicationController": Served("", ("replicationcontrollers",)),
    "/Secret": Served("", ("secrets",)),
    "/Service": Served("", ("services",)),
    "/ServiceAccount": Served("", ("serviceaccounts",)),
    "apps/DaemonSet": Served("apps", ("daemonsets",)),
    "apps/Deployment": Served("apps", ("deployments",)),
    "apps/ReplicaSet": Served("apps", ("replicasets",)),
    "apps/StatefulSet": Served("apps", ("statefulsets",)),
    "autoscaling/HorizontalPodAutoscaler": Served("autoscaling", ("horizontalpodautoscalers",)),
    "batch/CronJob": Served("batch", ("cronjobs",)),
    "batch/Job": Served("batch", ("jobs",)),
    "karpenter.k8s.aws/EC2NodeClass": Served("karpenter.k8s.aws", ("ec2nodeclasses",), False),
    "karpenter.sh/NodePool": Served("karpenter.sh", ("nodepools",), False),
    "networking.k8s.io/Ingress": Served("networking.k8s.io", ("ingresses",)),
    "networking.k8s.io/NetworkPolicy": Served("networking.k8s.io", ("networkpolicies",)),
    "rbac.authorization.k8s.io/ClusterRole": Served("rbac.authorization.k8s.io", ("clusterroles",), False),
    "rbac.authorization.k8s.io/ClusterRoleBinding": Served(
        "rbac.authorization.k8s.io", ("clusterrolebindings",), False
    ),
    "rbac.authorization.k8s.io/Role": Served("rbac.authorization.k8s.io", ("roles",)),
    "rbac.authorization.k8s.io/RoleBinding": Served("rbac.authorization.k8s.io", ("rolebindings",)),
    "storage.k8s.io/StorageClass": Served("storage.k8s.io", ("storageclasses",), False),
}
"""Resources by `group/Kind`: Kubernetes' own kinds, and custom ones that are not named after the usual pattern."""


def served(kind: str) -> Served:
    """Return how a kind is served. Raises `KeyError` for a kind of Kubernetes itself that is not in the table.

    Custom kinds are taken to be namespaced, and to be called by the kind in lower case with an `s`: the pattern of
    controller-gen, which all operators in question follow.
    """
    group, _, name = kind.rpartition("/")
    if kind not in SERVED and "." in group and not group.endswith(".k8s.io"):
        return Served(group, (f"{name.lower()}s",))
    return SERVED[kind]


JUDGED_AS_PODS: Final = frozenset(ARGO_PATHS)
"""Kinds whose pods are judged when their controller creates them: their own form is its controller's matter."""

OF_CHARTS: Final = frozenset(
    {
        "rbac.authorization.k8s.io/ClusterRole",
        "rbac.authorization.k8s.io/ClusterRoleBinding",
    }
)
"""Cluster-wide kinds that operators' charts bring in numbers: no namespace tells them apart from a team's, so
rules on them warn at admission and never deny."""
