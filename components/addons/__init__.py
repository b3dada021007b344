"""Operators and device plugins that the platform stands on, from the catalogue."""

from components.addons.args import AddonsArgs
from components.addons.component import Addons
from components.addons.selection import PoolNeeds, mig_strategy, required_addons

__all__ = ["Addons", "AddonsArgs", "PoolNeeds", "mig_strategy", "required_addons"]
