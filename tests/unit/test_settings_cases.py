"""Wrong stack files, each with its whole message. The files of `settings_cases` hold the table."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from stacks.documents import UnreadableError, read
from stacks.load import KEY, load
from stacks.problems import SettingsError

FOLDER = Path(__file__).parent / "settings_cases"
GOOD = (FOLDER / "good.yaml").read_text(encoding="utf-8")
SCHEMA = jsonschema.Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "stacks" / "schema.json").read_text(encoding="utf-8"))
)


@dataclasses.dataclass(frozen=True)
class Case:
    """The good file with something changed, and the message that it gives."""

    name: str
    text: str
    expect: tuple[str, ...]
    schema: str


def changed(row: dict[str, Any]) -> str:
    """Return the text of a case's stack file."""
    if "text" in row:
        return str(row["text"])
    if "swap" in row:
        text = GOOD
        for old, new in row["swap"].items():
            assert text.count(old) == 1, f"{row['name']}: {old!r} must be in the good file once"
            text = text.replace(old, new)
        return text
    content = yaml.safe_load(GOOD)
    for path, value in row.get("set", {}).items():
        *parents, last = steps(path)
        place(content, parents)[last] = value
    for path in row.get("unset", []):
        *parents, last = steps(path)
        del place(content, parents)[last]
    # JSON is YAML in which nothing is read as something else.
    return json.dumps(content)


def steps(path: str) -> list[Any]:
    """Return the keys and indexes of a path such as `gpu_pools[0].name`."""
    found = re.findall(r"([^.\[\]]+)(?:\[(\d+)\])?", path)
    flat = [part for name, index in found for part in ([name, int(index)] if index else [name])]
    return ["config", KEY, *flat]


def place(content: Any, parents: list[Any]) -> Any:
    for part in parents:
        content = content[part]
    return content


def cases() -> list[Case]:
    rows = [
        row
        for name in ("structure", "values", "together", "text")
        for row in yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    ]
    return [Case(r["name"], changed(r), tuple(r.get("expect", ())), r.get("schema", "refuses")) for r in rows]


def lines(text: str, folder: Path) -> list[str]:
    """Return the message of a stack file, its name left out of each line."""
    (folder / "Pulumi.case.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(SettingsError) as caught:
        load("case", folder=folder)
    found = str(caught.value).split("\n")
    assert len(found) == len(caught.value.problems)
    assert all(line.startswith("stacks/Pulumi.case.yaml: ") for line in found)
    return [line.removeprefix("stacks/Pulumi.case.yaml: ") for line in found]


CASES = cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_load_wrong_file_tells_every_problem(case: Case, tmp_path: Path) -> None:
    assert lines(case.text, tmp_path) == list(case.expect)


def test_messages_are_plain_words_on_one_line() -> None:
    for line in (line for case in CASES for line in case.expect):
        assert line.isascii(), line
        assert line.isprintable(), line
        assert not line.endswith("."), line
        assert len(line) < 400, line


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_schema_wrong_file_is_seen_in_an_editor(case: Case) -> None:
    try:
        content = read(case.text)
    except UnreadableError:
        assert any("is not YAML" in line for line in case.expect)
        return
    assert SCHEMA.is_valid(content) is (case.schema == "silent")


def test_cases_are_at_least_sixty_and_have_names_of_their_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 60


def test_load_good_file_has_no_problem(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.case.yaml").write_text(GOOD, encoding="utf-8")
    settings = load("case", folder=tmp_path)
    assert settings.prefix == "acme-mlp-staging"
    assert [pool.gpu_limit for pool in settings.gpu_pools] == [8, 2]
