"""Exemptions: only a well-formed one in force exempts; the others say so, loudly."""

import datetime
from typing import Any

import pytest

from policies._engine import exemptions
from policies._engine.evaluate import Settings
from policies._engine.exemptions import Exemption, FaultKind
from policies._engine.model import STACK_TYPE, Stack
from policies._engine.profiles import Level
from policies._engine.session import EXEMPTIONS, Report, Session
from policies.security.pack import PACK
from tests.policies import build
from tests.policies.build import Spec

KEY = "aws:kms/key:Key"
ENTRY = {
    "rule": "SEC-KMS-001",
    "urn": "urn:pulumi:dev::*::aws:kms/key:Key::leg*",
    "owner": "platform-team",
    "reason": "The appliance cannot follow a rotated key.",
    "ticket": "SEC-1",
    "expires": "2026-12-31",
}
LEGACY = Spec(KEY, {}, "legacy")
KNOWN = frozenset(PACK.by_id)


def entry(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**ENTRY, **changes}.items() if value is not None}


def session(*entries: Any, today: datetime.date = build.TODAY, **kwargs: Any) -> Session:
    good, faults = exemptions.parse(list(entries), KNOWN, "SEC")
    return Session(PACK, Settings(build.profile(PACK, exemptions=good, faults=faults), **kwargs), today)


def finish(run: Session, *specs: Spec) -> Report:
    return run.analyze_stack(Stack(build.resource(spec) for spec in (Spec(STACK_TYPE, {}, "platform-dev"), *specs)))


def messages(report: Report) -> list[tuple[Level, str]]:
    return [(line.level, line.message) for line in report.lines if line.policy == EXEMPTIONS]


def test_exemption_in_force_turns_a_failure_into_a_printed_advisory() -> None:
    [line] = session(entry()).analyze(build.resource(LEGACY)).lines
    assert line.level is Level.ADVISORY
    assert "exempted through 2026-12-31 by platform-team (SEC-1): The appliance" in line.message


def test_exemption_used_is_not_reported_again() -> None:
    run = session(entry())
    run.analyze(build.resource(LEGACY))
    assert messages(finish(run)) == []


@pytest.mark.parametrize(
    ("name", "level"), [("legacy", Level.ADVISORY), ("other", Level.MANDATORY), ("LEGACY", Level.MANDATORY)]
)
def test_exemption_covers_what_its_pattern_matches_alone(name: str, level: Level) -> None:
    [line] = session(entry()).analyze(build.resource(Spec(KEY, {}, name))).lines
    assert line.level is level


def test_exemption_of_another_rule_does_not_cover() -> None:
    [line] = session(entry(rule="SEC-EKS-001")).analyze(build.resource(LEGACY)).lines
    assert line.level is Level.MANDATORY


@pytest.mark.parametrize(
    ("moment", "level"),
    [
        ("2026-12-31T23:59:59+00:00", Level.ADVISORY),
        ("2027-01-01T00:00:00+00:00", Level.MANDATORY),
        ("2026-12-31T23:59:59-01:00", Level.MANDATORY),
        ("2027-01-01T00:30:00+01:00", Level.ADVISORY),
    ],
)
def test_exemption_holds_through_the_end_of_its_day_in_utc(moment: str, level: Level) -> None:
    today = datetime.datetime.fromisoformat(moment).astimezone(datetime.UTC).date()
    [line] = session(entry(), today=today).analyze(build.resource(LEGACY)).lines
    assert line.level is level


def test_exemption_expired_is_a_mandatory_finding_of_its_stack() -> None:
    [(level, message)] = messages(finish(session(entry(expires="2026-11-22"))))
    assert level is Level.MANDATORY
    assert "expired on 2026-11-22" in message


def test_exemption_expired_for_another_stack_is_silent() -> None:
    other = entry(urn="urn:pulumi:prod::*::aws:kms/key:Key::x", expires="2026-11-22")
    assert messages(finish(session(other))) == []


def test_exemption_unused_is_an_advisory_line() -> None:
    [(level, message)] = messages(finish(session(entry())))
    assert level is Level.ADVISORY
    assert "exempts nothing any more" in message


def test_exemption_of_another_stack_is_not_called_unused() -> None:
    assert messages(finish(session(entry(urn="urn:pulumi:prod::*::aws:kms/key:Key::x")))) == []


def test_exemption_of_an_undetermined_verdict_counts_as_used() -> None:
    run = session(entry(), strict=True)
    [line] = run.analyze(build.resource(Spec(KEY, {"enableKeyRotation": build.UNKNOWN}, "legacy"))).lines
    assert line.level is Level.ADVISORY
    assert messages(finish(run)) == []


def test_exemption_of_a_stack_rule_covers_its_subject() -> None:
    bucket = "aws:s3/bucket:Bucket"
    pattern = f"urn:pulumi:*::*::{bucket}::site"
    run = session(entry(rule="SEC-S3-001", urn=pattern), entry(rule="SEC-S3-004", urn=pattern))
    report = finish(run, Spec(bucket, {"id": "site"}, "site"))
    levels = {line.policy: line.level for line in report.lines}
    assert (levels.pop("SEC-S3-001"), levels.pop("SEC-S3-004")) == (Level.ADVISORY, Level.ADVISORY)
    # What is not exempted stands beside it.
    assert set(levels.values()) == {Level.MANDATORY}


def test_faults_with_the_stack_resource_are_told_once_and_early() -> None:
    run = session(entry(expires="soon"))
    first = run.analyze(build.resource(Spec(STACK_TYPE, {}, "platform-dev")))
    assert [level for level, _ in messages(first)] == [Level.MANDATORY]
    assert messages(finish(run)) == []


MALFORMED = {
    "no mapping": "SEC-KMS-001",
    "null": None,
    "unknown rule": entry(rule="SEC-KMS-999"),
    "no rule": entry(rule=None),
    "rule not an id": entry(rule="kms"),
    "no owner": entry(owner=None),
    "empty reason": entry(reason=""),
    "no ticket": entry(ticket=None),
    "no date": entry(expires=None),
    "impossible date": entry(expires="2026-02-31"),
    "date with time": entry(expires="2026-12-31T10:00:00Z"),
    "unix time": entry(expires=1798675200),
    "word": entry(expires="never"),
    "date object": entry(expires=datetime.date(2026, 12, 31)),
    "misspelt key": entry(expire="2026-12-31"),
    "everything": entry(urn="*"),
    "every resource": entry(urn="urn:pulumi:*::*::*::*"),
    "no type, no name": entry(urn="urn:pulumi:dev::platform"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_exemption_malformed_exempts_nothing_and_is_mandatory(name: str) -> None:
    run = session(MALFORMED[name])
    [line] = run.analyze(build.resource(LEGACY)).lines
    assert line.level is Level.MANDATORY
    [(level, message)] = messages(finish(run))
    assert level is Level.MANDATORY
    assert message.startswith("exemptions[0] is malformed: ")


def test_exemption_of_the_other_pack_is_left_to_it() -> None:
    good, faults = exemptions.parse([entry(rule="COST-TAG-001", owner=None)], KNOWN, "SEC")
    assert (good, faults) == ((), ())


def test_exemption_one_malformed_does_not_take_the_others_down() -> None:
    good, faults = exemptions.parse([entry(expires="x"), entry()], KNOWN, "SEC")
    assert good == (Exemption.model_validate(entry()),)
    assert [fault.kind for fault in faults] == [FaultKind.MALFORMED]
