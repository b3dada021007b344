"""A pool of nodes with GPUs or Neuron devices: by Karpenter, or as a managed node group."""

from components.gpu_node_pool.args import GpuNodePoolArgs
from components.gpu_node_pool.choices import (
    AmiFamily,
    CapacityType,
    Consolidation,
    DisruptionBudgetArgs,
    KubeletArgs,
    MigArgs,
    MigStrategy,
    PoolKind,
    ReservationArgs,
    TaintArgs,
    TaintEffect,
)
from components.gpu_node_pool.component import GpuNodePool

__all__ = [
    "AmiFamily",
    "CapacityType",
    "Consolidation",
    "DisruptionBudgetArgs",
    "GpuNodePool",
    "GpuNodePoolArgs",
    "KubeletArgs",
    "MigArgs",
    "MigStrategy",
    "PoolKind",
    "ReservationArgs",
    "TaintArgs",
    "TaintEffect",
]
