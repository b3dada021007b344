"""A rule: what it demands, why, of which resources, and the pure function that checks it.

Rules see plain mappings (`Resource`, `Manifest`, `Stack`) and import no Pulumi. A check yields one `Finding`
per thing that is wrong. What it cannot know raises or yields `Undetermined`; what is not its business raises
`NotApplicable`. Yielding nothing is a pass.
"""

import datetime
import enum
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from policies._engine import environments
from policies._engine.model import Resource, Stack
from policies._engine.values import Path
from policies._engine.wire import Undetermined

DOCS = "docs/policies/rules"


class Severity(enum.StrEnum):
    """How bad it is when a rule fails, whatever the environment."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Scope(enum.StrEnum):
    """What a rule looks at."""

    RESOURCE = "resource"
    """One resource at a time, its inputs; a failure stops the resource before it is created."""

    STACK = "stack"
    """All resources together, their outputs, after they are known."""


class Verdict(enum.StrEnum):
    """The four answers of a rule."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    UNDETERMINED = "undetermined"


class NotApplicable(Exception):  # noqa: N818 - an answer of a rule, not an error
    """A rule has nothing to say about a resource of its type; `reason` is a sentence without full stop."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, as a sentence without full stop."""

    message: str


Outcome = Finding | Undetermined
"""What a check may yield."""


class Params(BaseModel):
    """Base of a rule's parameters: every field has a default, profiles set them, a misspelt one is
    refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


P = TypeVar("P", bound=Params)
V = TypeVar("V")


def _by_environment(table: dict[str, V]) -> dict[str, V]:
    if "default" not in table:
        raise ValueError("an entry named default is missing")
    return {environments.normal(name): value for name, value in table.items()}


ByEnvironment = Annotated[dict[str, V], AfterValidator(_by_environment)]
"""A parameter that differs by environment: an entry named `default`, and others by name of environment."""


@dataclass(frozen=True)
class Context(Generic[P]):
    """What a check may know beside the resource."""

    params: P
    today: datetime.date
    """Date of the run, UTC."""

    environment: str | None = None
    """`sandbox`, `development`, `staging`, `production` or another name; None where nobody said."""

    def need_environment(self) -> str:
        """Return the environment; raise `Undetermined` where nobody said which one it is."""
        if self.environment is None:
            raise Undetermined(
                "the environment is not known: set `environment` in the pack's configuration, "
                "or tag the resource with `environment`"
            )
        return self.environment

    def by_environment(self, table: Mapping[str, V]) -> V:
        """Return the entry of the environment, else the one named `default`; what all agree on needs no
        environment."""
        values = list(table.values())
        if all(value == values[0] for value in values):
            return values[0]
        environment = self.need_environment()
        return table[environment] if environment in table else table["default"]


class Control(BaseModel):
    """A requirement of an external framework that a rule serves; `policies/controls/<framework>.yaml`
    knows it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    framework: str
    ref: str

    def __str__(self) -> str:
        return f"{self.framework}:{self.ref}"

    @classmethod
    def parse(cls, text: str) -> "Control":
        """Read `framework:ref`, such as `cis-eks:5.4.2`."""
        framework, _, ref = text.partition(":")
        return cls(framework=framework, ref=ref)


class Remedy(BaseModel):
    """How to make a rule pass: a sentence or two, and Pulumi Python before and after, of at most 8 lines each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=10, max_length=400)
    bad: str
    good: str

    @field_validator("bad", "good")
    @classmethod
    def _short(cls, value: str) -> str:
        if not 1 <= len(value.splitlines()) <= 8:
            raise ValueError(f"{len(value.splitlines())} lines; use 1 to 8")
        return value


Check = Callable[[Resource, Stack | None, Context[Any]], Iterable[Outcome]]
Fix = Callable[[Resource, Context[Any]], Mapping[Path, Any]]
"""Returns what to set, by path; applied only where the rule fails."""


class Rule(BaseModel):
    """One rule with everything that is to be said about it.

    Its level and exemptions are in the profile, not here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, use_attribute_docstrings=True)

    id: str = Field(pattern=r"^[A-Z]+-[A-Z0-9]+-\d{3}$")
    """Never reused, not even after a rule is gone."""

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*-(disallow|require|limit|configure)(-[a-z0-9]+)+$")
    """`<service>-<resource>-<verb>-<what>`."""

    title: str = Field(min_length=10, max_length=100)
    """States the good state."""

    severity: Severity
    rationale: str = Field(min_length=20, max_length=400)
    """What goes wrong otherwise."""

    controls: tuple[Control, ...] = Field(min_length=1)
    scope: Scope
    on: tuple[str, ...] = ()
    """Type tokens that the rule looks at."""

    kinds: tuple[str, ...] = ()
    """Kubernetes kinds that the rule looks at: `group/Kind`, `/Pod` for the core group."""

    remedy: Remedy
    check: Check
    demand: Callable[[Context[Any]], Any] | None = None
    """What `check` was made of, where that is conditions as data: `policies/admission` compiles it to CEL."""

    per: str = ""
    """Subject of the demand: `object`, `pod` or `container`."""

    not_at_admission: str = ""
    """Why a rule on Kubernetes objects cannot be said in CEL; a sentence without full stop."""

    fix: Fix | None = None
    params: type[Params] = Params
    since: str = "0.1.0"

    @field_validator("controls", mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return tuple(Control.parse(item) if isinstance(item, str) else item for item in value)

    @field_validator("title")
    @classmethod
    def _good_state(cls, value: str) -> str:
        if re.match(r"(?i)ensure|should|make sure", value) or value.endswith("."):
            raise ValueError(f"{value!r} must state the good state, without `Ensure` and without a full stop")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> "Rule":
        if self.fix is not None and self.scope is Scope.STACK:
            raise ValueError(f"{self.id}: the engine cannot remediate what stack rules find; drop `fix`")
        if self.scope is Scope.RESOURCE and not self.on and not self.kinds:
            raise ValueError(f"{self.id}: say which type tokens (`on`) or kinds it looks at")
        return self

    @property
    def url(self) -> str:
        """Where the rule is documented, inside the repository."""
        return f"{DOCS}/{self.id}.md"
