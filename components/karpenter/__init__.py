"""Karpenter: the controller that starts and ends nodes, its rights and its interruption queue."""

from components.karpenter.args import KarpenterArgs, KarpenterFeature
from components.karpenter.component import Karpenter

__all__ = ["Karpenter", "KarpenterArgs", "KarpenterFeature"]
