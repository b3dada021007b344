"""External frameworks, and which of their controls the rules cover. Pure data."""

import datetime
import fnmatch
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from policies._engine.registry import Pack

FOLDER = Path(__file__).parent / "controls"


class FrameworkError(ValueError):
    """There is no such framework."""


class Framework(BaseModel):
    """The schema of `policies/controls/<framework>.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str = Field(alias="framework")
    title: str
    version: str
    source: str
    checked: datetime.date
    """Day on which the controls were compared with the source."""

    judged: str = ""
    """Says so where the assignment of rules to controls is this library's own judgement, not the framework's."""

    complete: bool = False
    """Whether `controls` are all of the framework, so that coverage can be told control by control."""

    controls: dict[str, str]
    """Title by reference, in this library's words."""

    not_covered: dict[str, str] = {}
    """Why no rule covers a control, by reference or glob over references."""

    @model_validator(mode="after")
    def _consistent(self) -> "Framework":
        if self.not_covered and not self.complete:
            raise ValueError("not_covered makes sense in a complete list only")
        return self

    def reason(self, ref: str) -> str:
        """Return why no rule covers a control; empty where nothing says so. A reference wins over a glob."""
        if ref in self.not_covered:
            return self.not_covered[ref]
        return next((why for glob, why in self.not_covered.items() if fnmatch.fnmatchcase(ref, glob)), "")


class Coverage(BaseModel):
    """One control, and what covers it."""

    model_config = ConfigDict(frozen=True)

    ref: str
    title: str
    rules: tuple[str, ...]
    """Ids of the rules that serve it."""

    reason: str
    """Why there is none; empty where there are some."""


@cache
def frameworks() -> dict[str, Framework]:
    """Return every framework by name."""
    files = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml")))
    return {one.name: one for one in (Framework.model_validate(file) for file in files)}


def framework(name: str) -> Framework:
    """Return a framework whose coverage can be told. Raises `FrameworkError` that names those."""
    found = frameworks().get(name)
    known = ", ".join(one for one, about in frameworks().items() if about.complete)
    if found is None:
        raise FrameworkError(f"there is no framework {name!r}; use one of {known}")
    if not found.complete:
        raise FrameworkError(f"of {name} only the controls that rules serve are listed; use one of {known}")
    return found


def coverage(name: str, packs: tuple[Pack, ...]) -> list[Coverage]:
    """Return the controls of a framework, each with the rules that cover it or the reason why none does."""
    found = framework(name)
    serving: dict[str, list[str]] = {}
    for pack in packs:
        for rule in pack.rules:
            for control in rule.controls:
                if control.framework == name:
                    serving.setdefault(control.ref, []).append(rule.id)
    return [
        Coverage(ref=ref, title=title, rules=tuple(rules), reason="" if rules else found.reason(ref))
        for ref, title in found.controls.items()
        for rules in [serving.get(ref, [])]
    ]


def titles() -> dict[str, str]:
    """Return every control's title by `framework:ref`."""
    return {f"{one.name}:{ref}": title for one in frameworks().values() for ref, title in one.controls.items()}
