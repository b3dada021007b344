"""An EKS cluster with a small system node group, or an existing cluster by its kubeconfig."""

from components.cluster.args import ClusterArgs, SystemImage, SystemNodesArgs
from components.cluster.component import Cluster

__all__ = ["Cluster", "ClusterArgs", "SystemImage", "SystemNodesArgs"]
