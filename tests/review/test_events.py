"""Event logs: whole, torn, of another version, of several runs."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.automation import EngineEvent

from review import events
from tests.review import kit

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_read_run_names_packs_without_their_folder_changes_and_operations() -> None:
    log = events.read(kit.run(kit.step(kit.urn()), kit.step(kit.urn("old"), "delete"), kit.policy()))
    assert log.packs == {"mlops-security": "0.1.0"}
    assert log.changes == {"create": 2}
    assert log.operations == {kit.urn(): "create", kit.urn("old"): "delete"}
    assert (log.stack, log.preview, log.result, log.complete) == ("dev", True, "succeeded", True)


def test_read_passed_rules_by_resource_and_of_the_stack_without_a_resource() -> None:
    first, second = kit.passes("SEC-S3-004"), kit.passes("SEC-S3-004", "SEC-IAM-001", resource=kit.urn("b"))
    log = events.read(kit.lines(kit.PRELUDE, first, second, kit.whole("SEC-S3-001"), kit.summary()))
    assert log.passed["mlops-security", "SEC-S3-004"] == {kit.urn(), kit.urn("b")}
    assert log.passed["mlops-security", "SEC-IAM-001"] == {kit.urn("b")}
    assert log.passed["mlops-security", "SEC-S3-001"] == {""}


def test_read_torn_last_line_and_text_between_are_counted() -> None:
    whole = kit.run(kit.policy())
    broken = [*whole[:2], "warning: something else\n", "\n", whole[2][:40]]
    log = events.read(broken)
    assert (log.torn, len(log.lines), log.complete) == (2, 1, False)


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_read_log_cut_anywhere_never_breaks_and_is_not_whole(cut: int) -> None:
    text = "".join(kit.run(kit.policy(), kit.passes("SEC-KMS-001")))
    assert not events.read(text[:cut].splitlines()).complete


def test_read_unknown_kind_of_event_is_counted() -> None:
    log = events.read(kit.run({"quantumEvent": {"message": "?"}}))
    assert (log.unknown, log.torn, log.complete) == (1, 0, True)


@given(st.sampled_from(sorted(events.KNOWN)), JSON)
def test_read_events_of_any_shape_are_taken(kind: str, body: Any) -> None:
    events.read([json.dumps({"sequence": 1, kind: body})])


@given(JSON)
def test_read_any_json_is_taken(value: Any) -> None:
    assert events.read([json.dumps(value)]).lines == []


def test_read_deeply_nested_line_is_counted() -> None:
    assert events.read(["[" * 200_000]).torn == 1


def test_read_several_runs_in_one_log_gives_the_last() -> None:
    log = events.read([*kit.run(kit.policy()), *kit.run(kit.policy("SEC-KMS-001"), preview=False)])
    assert [line.policy for line in log.lines] == ["SEC-KMS-001"]
    assert log.preview is False


def test_read_messages_before_the_run_begins_are_kept() -> None:
    error = {"diagnosticEvent": {"severity": "error", "message": "<{%fg 1%}>no such pack<{%reset%}>\n"}}
    log = events.read(kit.lines({"policyLoadEvent": {}}, error, kit.PRELUDE, kit.CANCEL))
    assert log.errors == ["no such pack"]
    assert not log.complete


@pytest.mark.parametrize(
    ("last", "complete"),
    [
        ((kit.whole(), kit.summary("failed")), True),  # a preview judges everything, whatever it finds
        ((kit.summary("failed", preview=False),), False),  # an update stops where it may not go on
        ((kit.summary("canceled"),), False),
        ((kit.whole(),), False),
    ],
)
def test_complete_means_that_every_pack_judged_the_stack(last: tuple[kit.Event, ...], complete: bool) -> None:
    log = events.read(kit.lines(kit.PRELUDE, kit.passes("SEC-KMS-001"), *last, kit.CANCEL))
    assert log.complete is complete


def test_read_analysis_has_no_beginning_and_is_whole_with_its_summary() -> None:
    """As `pulumi policy analyze --json` writes it: no colours, no line break, no passed rules."""
    analysis = kit.lines(kit.policy(color=""), kit.summary("failed", preview=False))
    log = events.read(analysis)
    assert (log.began, log.complete, log.passed) == (False, True, {})


def test_known_kinds_hold_all_of_the_sdk_s_own() -> None:
    kinds = {name for name in inspect.signature(EngineEvent).parameters if name.endswith("_event")}
    assert {re.sub(r"_([a-z])", lambda match: match[1].upper(), kind) for kind in kinds} <= events.KNOWN


def test_package_loads_without_pulumi() -> None:
    names = "sarif, junit, markdown, json_report, comparison, places"
    code = (
        f"import sys; from review import {names}; print([n for n in sys.modules if n.startswith(('pulumi', 'grpc'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
