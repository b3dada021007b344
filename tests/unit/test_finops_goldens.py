"""One table for each type that is priced or metered: what it pays for, in a few variants, compared exactly.

The cases are in `goldens/finops/cases`, the tables beside them. After a change that is meant, write the tables again
with `python -m tests.unit.test_finops_goldens --write`, and read the difference against the price files.
"""

import copy
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from finops import UNKNOWN, Item, State, Usage, estimate
from finops.line import Line, Term, money
from finops.mapping.registry import MAPPED
from tests.unit.finops_kit import REGION, TODAY, Plain, made, provider, three, usage

FOLDER = Path(__file__).parent / "goldens" / "finops"
HEAD = ("what", "arithmetic", "floor", "expected", "ceiling", "state")

Case = dict[str, Any]


def cases() -> dict[str, list[Case]]:
    """The variants of each type, by type."""
    found: dict[str, list[Case]] = {}
    for path in sorted((FOLDER / "cases").glob("*.yaml")):
        for type_, variants in yaml.safe_load(path.read_text()).items():
            assert type_ not in found, f"{path.name}: {type_} is in another file too"
            found[type_] = variants
    return found


CASES = cases()


def file_of(type_: str) -> Path:
    """`dynamodb-table.txt` of `aws:dynamodb/table:Table`, `kubernetes-apps-deployment.txt` of a Deployment."""
    package, module, name = type_.split(":")
    service = re.sub(r"/v\d\w*$", "", module) if package == "kubernetes" else module.partition("/")[0]
    prefix = "kubernetes-" if package == "kubernetes" else ""
    kebab = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
    return FOLDER / f"{prefix}{service}-{kebab}.txt"


def resource(type_: str, case: Case, name: str, region: str) -> Plain:
    """A resource of a case: `inputs`, `id`, and `from`, which says from which other resources a value comes."""
    made_from = {
        key: [f"urn:pulumi:dev::mlops::{other}" for other in others] for key, others in case.get("from", {}).items()
    }
    about = {"id": case.get("id", ""), "propertyDependencies": made_from}
    about |= {"provider": f"{provider(region)['urn']}::7a0c"} if type_.startswith("aws:") else {}
    return made(type_, case.get("name", name), case.get("inputs", {}), **about)


def resources(type_: str, case: Case) -> list[Plain]:
    """A provider, the resource of a case, and those beside it."""
    region = case.get("region", REGION)
    beside = [resource(other["type"], other, f"beside-{n}", region) for n, other in enumerate(case.get("with", []))]
    return [provider(region), resource(type_, case, "it", region), *beside]


def items(type_: str, case: Case) -> list[Item]:
    """The estimate of a variant: the resource itself, and those beside it that `show` names."""
    use: Usage = usage(defaults=case.get("usage", {}))
    found = estimate(resources(type_, case), TODAY, usage=use).items
    return [found[1], *(item for item in found[2:] if item.resource.name in case.get("show", []))]


def cell(line: Line, term: Term | None) -> str:
    return "-" if term is None else money(term.monthly)


def row(line: Line) -> tuple[str, ...]:
    ceiling = "unbounded" if line.unbounded else cell(line, line.ceiling)
    return (
        line.what,
        line.arithmetic or "-",
        cell(line, line.floor),
        cell(line, line.expected),
        ceiling,
        str(line.state),
    )


def table(item: Item, title: str) -> Iterator[str]:
    """The lines of one variant."""
    rows = [HEAD, *(row(line) for line in item.lines)]
    floor, expected, ceiling = (money(amount) for amount in three(item))
    rows.append(("total", "", floor, expected, f"{ceiling}, unbounded" if item.unbounded else ceiling, str(item.state)))
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(HEAD))]
    yield f"{title} ({item.region})"
    if not item.lines:
        yield f"  {item.state}: {item.reason}"
        yield ""
        return
    for number, cells in enumerate(rows):
        left = [text.ljust(width) for text, width in zip(cells[:2], widths, strict=False)]
        right = [text.rjust(width) for text, width in zip(cells[2:5], widths[2:], strict=False)]
        yield "  " + " | ".join([*left, *right, cells[5]])
        if number == 0:
            yield "  " + "-+-".join("-" * width for width in widths)
    yield from dict.fromkeys(f"  {line.what}: {line.note}" for line in item.lines if line.note)
    yield ""


def rendered(type_: str) -> str:
    """The golden table of a type."""
    lines = [type_, "=" * len(type_), ""]
    for case in CASES[type_]:
        for number, item in enumerate(items(type_, case)):
            lines += table(item, case["title"] if number == 0 else f"{case['title']}: {item.resource.name}")
    return "\n".join(line.rstrip() for line in lines)


@pytest.mark.parametrize("type_", CASES)
def test_golden_table_of_a_type_is_as_written(type_: str) -> None:
    assert rendered(type_) == file_of(type_).read_text(), (
        f"{file_of(type_).name} differs: read the difference against finops/prices, then write it with "
        "python -m tests.unit.test_finops_goldens --write"
    )


def test_golden_exists_for_every_mapped_type_and_no_other() -> None:
    assert set(CASES) == set(MAPPED)
    assert {file_of(type_) for type_ in MAPPED} == set(FOLDER.glob("*.txt"))
    assert len({file_of(type_) for type_ in MAPPED}) == len(MAPPED)


@pytest.mark.parametrize("type_", CASES)
def test_golden_has_a_variant_with_a_figure_or_names_what_has_none(type_: str) -> None:
    found = [item for case in CASES[type_] for item in items(type_, case)]
    told = any(any(three(item)) or any(line.rate for line in item.lines) for item in found)
    assert told or any(item.state is State.UNPRICED and "no figure for " in item.reason for item in found)


ANYTHING: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 0, 7, 2.5, "", "x", "1Gi", UNKNOWN, [], {}, [UNKNOWN], [{}], {"a": 1}]
)


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in nested data: what holds it, and its key."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield node, key
        if isinstance(value, dict | list):
            yield from places(value)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_case_with_one_value_replaced_by_anything_is_estimated(data: st.DataObject) -> None:
    type_ = data.draw(st.sampled_from(sorted(CASES)))
    case = data.draw(st.sampled_from(CASES[type_]))
    plain = copy.deepcopy(resources(type_, case))
    inside = [place for one in plain[1:] for place in places(one["inputs"])]
    if inside:
        node, key = data.draw(st.sampled_from(inside))
        node[key] = data.draw(ANYTHING)
    for item in estimate(plain, TODAY, usage=usage(defaults=case.get("usage", {}))).items:
        assert item.reason or item.state in (State.PRICED, State.USAGE)
        floor, _, ceiling = three(item)
        assert item.open or item.unbounded or floor <= ceiling


def write() -> None:
    """Write all tables."""
    for path in FOLDER.glob("*.txt"):
        path.unlink()
    for type_ in CASES:
        file_of(type_).write_text(rendered(type_))


if __name__ == "__main__" and "--write" in sys.argv:
    write()
