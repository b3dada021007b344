"""Reference architectures: pure composition of components."""

from blueprints.blueprint import Blueprint, check
from blueprints.registry import REGISTRY

__all__ = ["REGISTRY", "Blueprint", "check"]
