"""What the sections of a stack file share: how they are read, and the choices that they offer."""

from __future__ import annotations

import enum

from pydantic import BaseModel, ConfigDict

IMMUTABLE = {"immutable": True}
"""Marks a field that must not change after the first `up`: the change replaces what holds data, or the cluster."""


class Base(BaseModel):
    """A section: no unknown keys, nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, hide_input_in_errors=False)


class Environment(enum.StrEnum):
    """What an environment is for. Data only: no program asks for it, policy profiles and tags do."""

    SANDBOX = "sandbox"
    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"


class Region(enum.StrEnum):
    """AWS regions whose facts and prices are at hand."""

    US_EAST_1 = "us-east-1"
    US_WEST_2 = "us-west-2"
    EU_WEST_1 = "eu-west-1"


class Durability(enum.StrEnum):
    """How much data resists being lost: see `components/_core/durability.py`."""

    EPHEMERAL = "ephemeral"
    STANDARD = "standard"
    PROTECTED = "protected"


class Nat(enum.StrEnum):
    """NAT gateways of the network."""

    NONE = "none"
    SINGLE = "single"
    PER_ZONE = "per_zone"


class PoolKind(enum.StrEnum):
    """What makes the nodes of a pool."""

    KARPENTER = "karpenter"
    MANAGED_NODE_GROUP = "managed_node_group"


class CapacityType(enum.StrEnum):
    """How capacity is bought."""

    RESERVED = "reserved"
    SPOT = "spot"
    ON_DEMAND = "on_demand"


class AmiFamily(enum.StrEnum):
    """Operating system of accelerated nodes, in the variant with the driver."""

    AL2023 = "al2023"
    BOTTLEROCKET = "bottlerocket"


class MigStrategy(enum.StrEnum):
    """How slices of a GPU are offered to pods."""

    SINGLE = "single"
    MIXED = "mixed"
