"""Operators and device plugins that the platform stands on, from the catalogue."""

from components.addons.args import AddonsArgs
from components.addons.component import Addons
from components.addons.selection import PoolNeeds, required_addons

__all__ = ["Addons", "AddonsArgs", "PoolNeeds", "required_addons"]
