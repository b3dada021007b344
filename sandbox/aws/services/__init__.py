"""Every resource type that the local provider executes, and those that it can only record."""

from sandbox.aws.services.registry import FUNCTIONS, NOT_EXECUTED, RECORDED, RECORDED_NAMES, TYPES

__all__ = ["FUNCTIONS", "NOT_EXECUTED", "RECORDED", "RECORDED_NAMES", "TYPES"]
