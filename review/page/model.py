"""A review as data: what a change does to a stack, what it costs, what was found, and how old the figures are.

Texts are as the program wrote them. Whoever shows them escapes them; see `html.py` and `comment.py`.
"""

from __future__ import annotations

import datetime
import enum
from decimal import Decimal
from typing import Literal

from pydantic import Field

from finops.compare import Kind
from finops.line import State
from review.findings import Finding, Shape
from review.report import Counts


class Outcome(enum.StrEnum):
    """What a review ends with; `EXIT_CODES` has its exit code."""

    FINE = "fine"
    ERROR = "error"
    """The engine failed, or not everything was judged."""

    MANDATORY = "mandatory"
    """A finding stops the update."""

    OVER_BUDGET = "over-budget"
    """The expected cost of a month is above the budget."""


EXIT_CODES = {Outcome.FINE: 0, Outcome.ERROR: 1, Outcome.MANDATORY: 2, Outcome.OVER_BUDGET: 3}


class Source(enum.StrEnum):
    """Where the plan comes from."""

    SANDBOX = "sandbox"
    """A preview against the local cloud."""

    LIVE = "live"
    """A preview against the real account."""

    RECORDED = "recorded"
    """Files of a preview that has been."""


class Three(Shape):
    """USD a month, rounded to the cent."""

    floor: Decimal
    """Everything at its smallest size."""

    expected: Decimal
    """Sizes as wanted, pools and meters as assumed."""

    ceiling: Decimal
    """Everything that has a limit at its limit; what has none is left out."""


class Change(Shape):
    """What the engine will do to one resource."""

    urn: str
    type: str
    name: str
    component: str
    """Component right below the stack that it belongs to; empty for none."""

    operation: Literal["create", "update", "replace", "delete", "import", "read", "other"]
    stateful: bool
    """Whether it holds data, or keys to data, that nothing brings back."""

    protected: bool
    """Whether Pulumi refuses to delete it."""

    properties: tuple[str, ...]
    """Properties that differ, as the provider names them."""

    forced_by: tuple[str, ...]
    """Properties that cannot change in place, for a replacement."""

    @property
    def loses_data(self) -> bool:
        """Whether it is a replacement or deletion of something that holds data."""
        return self.stateful and self.operation in ("replace", "delete")


class CostRow(Shape):
    """Cost of a group of resources; `before` is None where nothing of it is deployed, `after` where nothing stays."""

    name: str
    before: Three | None
    after: Three | None
    difference: Three
    at_least: bool
    """Whether something of it is not in the totals."""

    unbounded: bool
    """Whether nothing limits what a part of it can cost."""


class CostLine(Shape):
    """One line of a bill that differs."""

    what: str
    before: str
    """The calculation in words, or why there is none; empty where the line was not there."""

    after: str
    difference: Decimal
    """USD a month more as expected."""


class CostChange(Shape):
    """One resource whose cost differs."""

    kind: Kind
    urn: str
    type: str
    name: str
    component: str
    difference: Three
    lines: tuple[CostLine, ...]


class Unpriced(Shape):
    """A resource that the totals lack, in whole or in part."""

    urn: str
    type: str
    name: str
    component: str
    state: State
    reason: str


class Budget(Shape):
    """The month's budget beside the estimate."""

    monthly_usd: Decimal
    share: Decimal
    """Expected cost as a part of the budget: 1 is all of it."""

    over: bool
    """Whether the expected cost is above it."""

    ceiling_over: bool
    """Whether the ceiling is above it, or unbounded."""


class Cost(Shape):
    """What the stack costs after the change, and before it."""

    currency: Literal["USD"] = "USD"
    hours_per_month: int
    total: CostRow
    components: tuple[CostRow, ...]
    """By component, the dearest first; those without any cost are left out."""

    teams: tuple[CostRow, ...]
    """By the tag `owner`."""

    cost_centers: tuple[CostRow, ...]
    """By the tag `cost-center`."""

    changes: tuple[CostChange, ...]
    """The largest difference first."""

    open: tuple[Unpriced, ...]
    """What is unpriced, unknown, or depends on a use that nobody assumed."""

    states: dict[str, int]
    """Number of resources by state of their cost."""

    assumptions: tuple[str, ...]
    budget: Budget | None
    """None where the settings have no budget."""


class Saving(Shape):
    """A proposal to spend less, in USD a month; `low` and `high` are the ends of what it saves."""

    id: str
    title: str
    todo: str
    """What to do."""

    urns: tuple[str, ...]
    names: tuple[str, ...]
    """Logical names of the resources that change."""

    low: Decimal
    high: Decimal
    arithmetic: str
    price: str
    """What it costs in risk or effort."""

    confidence: Literal["high", "medium", "low"]
    chosen: bool
    """Whether it is among those that save most together; others exclude one of them."""

    conflicts_with: tuple[str, ...]
    """Ids of proposals that it excludes."""


class Savings(Shape):
    """Proposals to spend less, and what the best of them save together in USD a month."""

    low: Decimal
    high: Decimal
    proposals: tuple[Saving, ...]
    """The largest first."""


class OwnedFinding(Finding):
    """A finding, and whose it is."""

    component: str
    """Component of the resource; empty for the stack as a whole."""

    team: str
    """The tag `owner` of the resource; empty where it is not known."""


class Part(Shape):
    """One resource of a component."""

    urn: str
    type: str
    name: str
    operation: Literal["create", "update", "replace", "delete", "import", "read", "same", "other"]
    stateful: bool
    expected: Decimal
    """USD a month."""

    ceiling: Decimal
    state: State
    reason: str
    """Why its cost is not, or not wholly, known; or why it is free."""


class Component(Shape):
    """A component right below the stack. Resources of programs without components are grouped by service."""

    name: str
    urn: str
    """Empty for a group that is no component."""

    type: str
    uses: tuple[str, ...]
    """Names of the components that its resources take values from."""

    resources: tuple[Part, ...]
    operations: dict[str, int]
    """Number of resources by what is done to them."""

    cost: Three
    at_least: bool
    """Whether something of it is not in `cost`: it has no price, or its use is not assumed."""

    unbounded: bool
    findings: Counts


class Support(enum.StrEnum):
    """How long a version will do."""

    GOOD = "good"
    SOON = "soon"
    """It ends within `SOON_DAYS`."""

    EXTENDED = "extended"
    """Standard support is over; it costs more until its end."""

    OVER = "over"
    UNKNOWN = "unknown"


SOON_DAYS = 90


class Version(Shape):
    """Something of a version that the stack or the review depends on."""

    kind: Literal["Kubernetes", "chart", "add-on", "database", "SDK", "policy pack"]
    name: str
    version: str
    latest: str = ""
    """The version that the library proposes, where it is another."""

    since: datetime.date | None = None
    """Its release, or for a chart the day on which it was checked."""

    until: datetime.date | None = None
    """End of its (standard) support."""

    days_left: int | None = None
    """Days from the review to `until`; negative afterwards."""

    support: Support = Support.UNKNOWN
    note: str = ""


class DataDate(Shape):
    """How old a set of figures is."""

    what: str
    as_of: datetime.date
    review_by: datetime.date
    stale: bool
    """Whether the day of the review is after `review_by`."""

    days_left: int


class Review(Shape):
    """One review. Fields are added, and none changes its meaning, within one `schema_version`."""

    schema_version: Literal[1] = 1
    """Grows when a field goes or means something else."""

    stack: str
    environment: str
    date: datetime.date
    """Day of the review in UTC; days left count from it."""

    source: Source
    profile: str
    strict: bool
    outcome: Outcome
    complete: bool
    """Whether everything was planned and judged."""

    problems: tuple[str, ...]
    """Why it may not be everything."""

    packs: dict[str, str]
    """Version by name of each policy pack that judged."""

    operations: dict[str, int]
    """Number of resources by what is done to them, `same` among them."""

    changes: tuple[Change, ...]
    """What loses data first, then replacements, deletions, updates, creations."""

    cost: Cost
    savings: Savings

    counts: Counts
    passed: int
    """Rules that passed, each counted on every resource that it judged."""

    findings: tuple[OwnedFinding, ...]
    """Worst first."""

    components: tuple[Component, ...]
    """In the order of the plan."""

    versions: tuple[Version, ...]
    data: tuple[DataDate, ...] = Field(default=())

    @property
    def exit_code(self) -> int:
        """What the command ends with."""
        return EXIT_CODES[self.outcome]
