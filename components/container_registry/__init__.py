"""Repositories for container images, caches of public registries, copies in other regions."""

from components.container_registry.args import (
    ContainerRegistryArgs,
    PullThroughArgs,
    ScanMode,
    Upstream,
)
from components.container_registry.component import ContainerRegistry

__all__ = ["ContainerRegistry", "ContainerRegistryArgs", "PullThroughArgs", "ScanMode", "Upstream"]
