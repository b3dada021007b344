"""Ways to spend less, each with its amount, arithmetic, price in risk or effort, and what it excludes."""

from finops.savings.choose import Choice, best
from finops.savings.collect import proposals, to_json
from finops.savings.proposal import Confidence, Cut, Kind, Proposal

__all__ = ["Choice", "Confidence", "Cut", "Kind", "Proposal", "best", "proposals", "to_json"]
