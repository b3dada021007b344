"""`stacks/schema.json` is what the settings say, and every stack file points an editor at it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from stacks.documents import read
from stacks.load import FOLDER
from stacks.settings import Platform
from tools import write_schema

FILES = sorted(FOLDER.glob("Pulumi.*.yaml"))


def settings_of(model: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = model["properties"]
    return found


def test_check_committed_schema_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert write_schema.main(["--check"]) == 0, capsys.readouterr().err


def test_check_other_content_fails_and_says_what_to_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "schema.json"
    target.write_text(write_schema.render().replace("Stack file", "Stack"), encoding="utf-8")
    before = target.read_bytes()
    assert write_schema.main(["--check"], target) == 1
    assert capsys.readouterr().err == "schema.json is not what stacks/settings.py says; run `make schema`\n"
    assert target.read_bytes() == before


def test_check_missing_file_fails(tmp_path: Path) -> None:
    assert write_schema.main(["--check"], tmp_path / "schema.json") == 1


def test_write_gives_the_same_bytes_each_time(tmp_path: Path) -> None:
    target = tmp_path / "schema.json"
    assert write_schema.main([], target) == 0
    assert target.read_bytes() == write_schema.TARGET.read_bytes()
    assert write_schema.main(["--check"], target) == 0


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(write_schema.schema())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_schema_accepts_the_stack_files(file: Path) -> None:
    jsonschema.Draft202012Validator(write_schema.schema()).validate(read(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_stack_file_begins_with_the_modeline(file: Path) -> None:
    first = file.read_text(encoding="utf-8").split("\n")[0]
    assert first == f"# yaml-language-server: $schema={write_schema.TARGET.name}"


def test_stack_files_are_the_four_environments() -> None:
    assert [f.name for f in FILES] == [f"Pulumi.{n}.yaml" for n in ("dev", "prod", "sandbox", "staging")]


def test_schema_explains_every_setting() -> None:
    definitions = {"stack file": write_schema.schema(), **write_schema.schema()["$defs"]}
    silent = [
        f"{model}.{name}"
        for model, definition in definitions.items()
        for name, setting in definition.get("properties", {}).items()
        if not (setting.get("description") or "$ref" in setting)
    ]
    assert silent == []


def test_schema_refuses_unknown_settings_in_every_section() -> None:
    sections = [d for d in write_schema.schema()["$defs"].values() if d["type"] == "object"]
    assert len(sections) > 15
    assert all(section["additionalProperties"] is False for section in sections)


def test_schema_marks_what_must_not_change_after_the_first_up() -> None:
    definitions = write_schema.schema()["$defs"]
    marked = {
        f"{model}.{name}"
        for model, definition in definitions.items()
        for name, setting in definition.get("properties", {}).items()
        if setting.get("immutable")
    }
    assert {"Platform.organization", "Platform.account_id", "Platform.region", "Network.cidr", "GpuPool.name"} <= marked
    assert set(settings_of(definitions["Platform"])) == set(Platform.model_fields)


def test_schema_keeps_the_formats() -> None:
    account = settings_of(write_schema.schema()["$defs"]["Platform"])["account_id"]
    assert account["pattern"] == r"^(?:\d{12})$"
    assert account["description"] == "AWS account; every other account is refused."


def test_schema_is_plain_json() -> None:
    assert json.loads(write_schema.TARGET.read_text(encoding="utf-8")) == write_schema.schema()
