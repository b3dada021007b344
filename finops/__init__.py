"""What a stack costs: a dated price book, a pure estimator, assumptions on use, and a summary."""

from finops.book import BookError, Price, PriceBook, default_book, read_book
from finops.compare import Comparison, compare
from finops.estimate import Estimate, Item, estimate
from finops.line import Line, State, Term
from finops.owners import Dimension, Group, Owner, groups, owners
from finops.state import StateError, before_preview, from_preview, from_state, read
from finops.summary import cost_line, estimate_state, to_json
from finops.usage import Usage, UsageError, default_usage, read_usage
from finops.values import UNKNOWN

__all__ = [
    "UNKNOWN",
    "BookError",
    "Comparison",
    "Dimension",
    "Estimate",
    "Group",
    "Item",
    "Line",
    "Owner",
    "Price",
    "PriceBook",
    "State",
    "StateError",
    "Term",
    "Usage",
    "UsageError",
    "before_preview",
    "compare",
    "cost_line",
    "default_book",
    "default_usage",
    "estimate",
    "estimate_state",
    "from_preview",
    "from_state",
    "groups",
    "owners",
    "read",
    "read_book",
    "read_usage",
    "to_json",
]
