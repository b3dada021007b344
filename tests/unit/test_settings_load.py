"""Reading of stack files beyond the table of wrong ones: places, order, the sense of what is well-formed."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stacks.documents import UnreadableError, read
from stacks.load import FOLDER, KEY, file_of, load, parse
from stacks.problems import Problem, SettingsError, in_file_order, shown
from stacks.settings import Platform

GOOD: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "settings_cases" / "good.yaml").read_text(encoding="utf-8")
)["config"][KEY]
STACKS = ("sandbox", "dev", "staging", "prod")

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.dates()
    | st.sampled_from(["us-east-1", "10.0.0.0/16", "111122223333", "1h", "\ud800", "a\nb", "\x1b[2J"])
)
names = st.sampled_from([*Platform.model_fields, "name", "zones", "gpu_limit", "existing", "teams"]) | st.text(
    max_size=9
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | scalars, inner, max_size=4),
    max_leaves=12,
)


def good(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(GOOD), **changes}


def problems(raw: Any, check: Any = lambda _: ()) -> list[Problem]:
    with pytest.raises(SettingsError) as caught:
        parse(raw, "stacks/Pulumi.x.yaml", check)
    return list(caught.value.problems)


def outcome(raw: Any) -> list[str]:
    """Return the lines of the message; none where the settings are right."""
    try:
        parse(raw, "file")
    except SettingsError as error:
        told = str(error).split("\n")
        return told if len(told) == len(error.problems) else [f"{len(error.problems)} problems:\n", *told]
    return []


@settings(deadline=None)
@given(anything)
@example({"network": {"zones": [["a"]]}})
def test_parse_anything_gives_settings_or_problems(raw: Any) -> None:
    assert all(line.isascii() and line.isprintable() for line in outcome(raw))


@settings(deadline=None)
@given(st.sampled_from(sorted(GOOD)), anything)
def test_parse_anything_in_one_section_gives_settings_or_problems(section: str, value: Any) -> None:
    told = outcome(good(**{section: value}))
    assert all(line.isascii() and line.isprintable() for line in told)
    assert len(set(told)) == len(told)


@settings(deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,?~ \n\t\\\x00\x1b\ud8000123456789.", max_size=40))
def test_read_any_text_gives_a_value_or_one_line(text: str) -> None:
    said = "read"
    try:
        read(text)
    except UnreadableError as error:
        said = str(error)
    assert said
    assert said.isprintable()


@settings(deadline=None)
@given(st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(scalars, inner), max_leaves=40))
def test_shown_any_value_is_short_and_plain(value: Any) -> None:
    text = shown(value)
    assert 1 <= len(text) <= 80
    assert text.isascii()
    assert text.isprintable()


def test_shown_value_of_many_aliases_is_quick() -> None:
    value: Any = "x"
    for _ in range(60):
        value = [value] * 20
    assert shown(value).startswith("[[[...], [...], [...], [...], ...], [[")


def test_shown_huge_number_tells_its_size() -> None:
    assert shown(10**5000) == "a number of 16610 bits"


@pytest.mark.parametrize("stack", STACKS)
def test_load_stack_files_of_the_repository_are_right(stack: str) -> None:
    found = load(stack)
    assert found.environment.value == stack
    assert found.prefix == f"acme-mlp-{stack}"


def test_load_stack_files_use_accounts_and_networks_of_their_own() -> None:
    loaded = [load(stack) for stack in STACKS]
    assert len({s.account_id for s in loaded}) == len(loaded)
    assert len({s.network.cidr for s in loaded}) == len(loaded)


def test_load_missing_file_lists_those_there_are() -> None:
    with pytest.raises(SettingsError) as caught:
        load("production")
    assert str(caught.value) == (
        "stacks/Pulumi.production.yaml: file: does not exist; there are stack files for dev, prod, sandbox, staging"
    )


def test_load_empty_folder_says_that_there_are_none(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"does not exist; there are no stack files$"):
        load("dev", folder=tmp_path)


@pytest.mark.parametrize("stack", ["", "../dev", "a/b", "a\nb", "\x00", "x" * 101, "\x1b[2J", "d\u0435v"])
def test_load_hostile_name_is_refused_on_one_line(stack: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(stack)
    text = str(caught.value)
    assert "is not the name of a stack; use letters, digits, - _ ." in text
    assert text.isascii()
    assert text.isprintable()


def test_load_other_encoding_tells_the_byte(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.x.yaml").write_bytes("config: münchen".encode("latin-1"))
    with pytest.raises(SettingsError, match=r"is not UTF-8 text: byte 0xfc at offset 9; save it as UTF-8"):
        load("x", folder=tmp_path)


def test_load_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    text = (FOLDER / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    (tmp_path / "Pulumi.dev.yaml").write_text(text, encoding="utf-8-sig")
    assert load("dev", folder=tmp_path) == load("dev")


def test_load_folder_instead_of_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.x.yaml").mkdir()
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load("x", folder=tmp_path)


def test_read_numbers_as_the_engine_does() -> None:
    # What `pulumi config get` of v3.259.0 says of the same text.
    text = "{a: yes, b: 012345670123, c: 1_000, d: 10:20, g: 1e3, k: on, l: 012345678901, o: 0o17, s: =, j: True}"
    engine = {
        "a": "yes", "b": 1402433619, "c": 1000, "d": "10:20", "g": 1000, "k": "on", "l": 12345678901, "o": 15,
        "s": "=", "j": True,
    }  # fmt: skip
    assert read(text) == engine


def test_read_merged_keys_may_be_given_anew() -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {<<: *a, x: 2}\nc: {<<: *b, y: 3}\n"
    assert read(text)["c"] == {"x": 2, "y": 3}


def test_parse_numbers_forget_how_they_were_written(tmp_path: Path) -> None:
    limit = load("dev").gpu_pools[0].gpu_limit
    assert type(limit) is int


def test_parse_engine_and_file_give_the_same_settings() -> None:
    raw = yaml.safe_load((FOLDER / "Pulumi.prod.yaml").read_text(encoding="utf-8"))["config"][KEY]
    assert parse(raw, file_of("prod")) == load("prod")


def test_parse_sense_is_checked_when_the_shape_is_right() -> None:
    found = problems(good(), lambda s: [Problem("platform.network.nat", f"{s.region.value} has none")])
    assert found == [Problem("platform.network.nat", "us-east-1 has none")]


def test_parse_problems_of_shape_and_sense_come_together() -> None:
    found = problems(
        good(owner="nobody", zzz=1),
        lambda _: [Problem("platform.owner", "derived"), Problem("platform.region", "no offer"), Problem("x", "odd")],
    )
    assert [p.path for p in found] == ["x", "platform.region", "platform.owner", "platform.zzz"]
    assert "derived" not in {p.text for p in found}


def test_parse_sense_is_not_checked_where_the_region_is_unknown() -> None:
    found = problems(good(region="mars"), lambda _: [Problem("platform.network", "must not come")])
    assert [p.path for p in found] == ["platform.region"]


def test_in_file_order_follows_the_file_not_the_alphabet() -> None:
    raw = {"z": 1, "pools": [{}] * 11, "a": {"y": 1, "b": 2}}
    paths = ["p.a.b", "p.a.y", "p.a.missing", "p.pools[10]", "p.pools[2]", "p.z", "p.gone", "p['z']"]
    found = [p.path for p in in_file_order([Problem(path, "") for path in paths], raw)]
    assert found == ["p.z", "p['z']", "p.pools[2]", "p.pools[10]", "p.a.y", "p.a.b", "p.a.missing", "p.gone"]


def test_platform_zones_default_to_three_of_the_region() -> None:
    raw = good(network={})
    assert parse(raw, "file").zones == ["us-east-1a", "us-east-1b", "us-east-1c"]


def test_platform_cannot_be_changed_after_it_was_read() -> None:
    found = parse(good(), "file")
    with pytest.raises(ValueError, match="frozen"):
        found.owner = "you@example.com"
