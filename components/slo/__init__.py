"""Service level objectives: burn-rate alerts, error budgets, and a release freeze when a budget is spent."""

from components.slo.args import GaugeHolds, Kind, NoData, Objective, SloArgs
from components.slo.component import Slo

__all__ = ["GaugeHolds", "Kind", "NoData", "Objective", "Slo", "SloArgs"]
