"""The reference architectures, by name. Adding one is a line here."""

from blueprints import starter
from blueprints.blueprint import Blueprint

REGISTRY: dict[str, Blueprint] = {b.name: b for b in (starter.BLUEPRINT,)}
"""Blueprints by the name that a stack file uses."""
