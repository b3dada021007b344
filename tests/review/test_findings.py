"""From messages to findings: verdicts, exemptions, messages of others, and the order in which they are told."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from policies._engine.rule import Severity
from review import json_report
from review.events import read
from review.findings import Level, Verdict
from review.report import MOST_PROBLEMS, Counts, Operation, Report, of_log
from tests.policies.build import RULES
from tests.review import kit


def test_failure_has_everything_that_is_known_of_its_rule() -> None:
    [found] = kit.report(kit.policy()).findings
    rule = RULES["SEC-S3-001"]
    assert (found.verdict, found.level, found.severity) == (Verdict.FAIL, Level.MANDATORY, Severity.CRITICAL)
    assert (found.title, found.fix, found.url) == (rule.title, rule.remedy.text, rule.url)
    assert found.controls == tuple(map(str, rule.controls))
    assert (found.type, found.name, found.reasons) == ("aws:s3/bucket:Bucket", "web", ("blockPublicAcls is false",))


def test_undetermined_is_neither_pass_nor_failure_and_has_no_fix() -> None:
    report = kit.report(kit.policy("SEC-KMS-001", ("not known yet",), "advisory", undetermined=True))
    assert report.findings[0].verdict is Verdict.UNDETERMINED
    assert report.findings[0].fix == ""
    assert report.counts == Counts(mandatory=0, advisory=0, undetermined=1, exempted=0)


def test_undetermined_that_stops_a_strict_run_counts_as_mandatory() -> None:
    report = kit.report(kit.policy("SEC-KMS-001", ("not known yet",), "mandatory", undetermined=True))
    assert report.counts == Counts(mandatory=1, advisory=0, undetermined=0, exempted=0)


@pytest.mark.parametrize(("days", "left"), [(10, 10), (0, 0), (-3, -3)])
def test_exempted_tells_owner_ticket_reason_and_days_left(days: int, left: int) -> None:
    [found] = kit.report(kit.policy(level="advisory", exempted=kit.exempted(days))).findings
    assert found.verdict is Verdict.EXEMPTED
    assert found.exemption is not None
    assert (found.exemption.owner, found.exemption.ticket, found.exemption.days_left) == ("docs team", "SEC-9", left)
    assert found.exemption.covers is Verdict.FAIL


def test_exempted_undetermined_says_what_it_covers() -> None:
    [found] = kit.report(kit.policy(level="advisory", undetermined=True, exempted=kit.exempted())).findings
    assert found.exemption is not None
    assert found.exemption.covers is Verdict.UNDETERMINED


def test_faults_of_exemptions_are_findings_each_as_bad_as_its_level() -> None:
    report = kit.report(kit.fault("one expired"), kit.fault("two is malformed"), kit.fault("three unused", "advisory"))
    assert [(f.verdict, f.severity, f.reasons) for f in report.findings] == [
        (Verdict.EXEMPTION_FAULT, Severity.HIGH, ("one expired",)),
        (Verdict.EXEMPTION_FAULT, Severity.HIGH, ("two is malformed",)),
        (Verdict.EXEMPTION_FAULT, Severity.LOW, ("three unused",)),
    ]
    assert report.counts == Counts(mandatory=2, advisory=1, undetermined=0, exempted=0)


def test_count_of_undetermined_verdicts_is_no_finding() -> None:
    event = kit.policy("undetermined", level="advisory", message="2 verdicts are undetermined: ...", resource="")
    assert kit.report(event).findings == ()


def test_same_rule_on_the_same_resource_is_one_finding_the_worse_one() -> None:
    repair = kit.policy("SEC-EKS-005", ("cannot be repaired: not known",), "advisory", severity="")
    failed = kit.policy("SEC-EKS-005", ("types are missing",))
    [found] = kit.report(repair, failed, failed).findings
    assert (found.level, found.severity) == (Level.MANDATORY, Severity.MEDIUM)
    assert found.reasons == ("cannot be repaired: not known", "types are missing")


def test_message_of_another_pack_is_its_first_line_and_the_rest() -> None:
    other: dict[str, Any] = {"policyPackName": "awsguard", "policyName": "s3-no-public", "severity": "terrible"}
    [found] = kit.report(kit.policy(message="No public buckets\nacl is public\n\n", **other)).findings
    assert (found.title, found.reasons, found.severity, found.url) == (
        "No public buckets",
        ("acl is public",),
        None,
        "",
    )


def test_message_of_ours_in_another_wording_keeps_what_the_rule_says() -> None:
    [found] = kit.report(kit.policy(message="Something an older version wrote\nand more")).findings
    assert found.title == RULES["SEC-S3-001"].title
    assert found.reasons == ("Something an older version wrote", "and more")
    assert found.fix == RULES["SEC-S3-001"].remedy.text


@pytest.mark.parametrize(
    ("told", "level"), [("remediate", Level.MANDATORY), ("", Level.MANDATORY), ("advisory", Level.ADVISORY)]
)
def test_level_that_is_not_advisory_stops_the_update(told: str, level: Level) -> None:
    assert kit.report(kit.policy(level=told)).findings[0].level is level


def test_findings_are_told_worst_first_whatever_the_order_of_events() -> None:
    told = [f.rule for f in kit.report(*kit.MANY).findings]
    assert told == [f.rule for f in kit.report(*reversed(kit.MANY)).findings]
    assert told[:2] == ["SEC-S3-001", "exemptions"]
    assert told[-1] == kit.HOSTILE


def test_report_names_stack_operation_passes_and_counts() -> None:
    report = kit.report(*kit.MANY)
    assert (report.stack, report.operation) == ("dev", Operation.PREVIEW)
    assert report.passed["mlops-security"] == {"SEC-IAM-001": 1, "SEC-S3-001": 1}
    assert report.counts == Counts(mandatory=2, advisory=2, undetermined=1, exempted=1)


def test_report_of_a_log_that_breaks_off_says_so() -> None:
    report = of_log(read(kit.run(kit.policy())[:2]), kit.TODAY)
    assert not report.complete
    assert report.operation is Operation.UNKNOWN
    assert report.problems == ("the log ends before the run did: verdicts may be missing",)


def test_report_without_a_pack_says_so() -> None:
    report = of_log(read(kit.lines(kit.PRELUDE, kit.CANCEL)), kit.TODAY)
    assert report.problems == ("no policy pack judged in this run",)


def test_report_of_an_analysis_is_of_a_state() -> None:
    assert of_log(read(kit.lines(kit.policy(), kit.summary(preview=False))), kit.TODAY).operation is Operation.STATE


def test_report_keeps_some_errors_of_the_engine_and_counts_the_others() -> None:
    errors = [{"diagnosticEvent": {"severity": "error", "message": f"error {n}\n"}} for n in range(9)]
    report = kit.report(*errors, *errors)
    assert len(report.problems) == MOST_PROBLEMS + 1
    assert report.problems[-1] == "4 errors more"


def test_json_is_ascii_and_reads_back_as_the_same_report() -> None:
    report = kit.report(*kit.MANY)
    text = json_report.render(report)
    assert text.isascii()
    assert Report.model_validate_json(text) == report


def test_json_schema_describes_every_field() -> None:
    """What is in a released schema stays: add to this list, take nothing away."""
    schema = json_report.schema()
    assert set(schema["properties"]) == {
        *("schema_version", "stack", "operation", "date", "complete", "problems", "packs", "changes", "passed"),
        *("counts", "findings", "comparison"),
    }
    assert set(schema["$defs"]["Finding"]["properties"]) == {
        *("rule", "pack", "pack_version", "title", "verdict", "level", "severity", "urn", "type", "name", "reasons"),
        *("fix", "controls", "url", "exemption"),
    }
    assert set(schema["$defs"]["Exemption"]["properties"]) == {
        *("owner", "ticket", "reason", "expires", "days_left", "covers"),
    }
    for shape in (schema, *schema["$defs"].values()):
        assert [n for n, field in shape.get("properties", {}).items() if "description" not in field] == []


def test_json_dates_are_iso() -> None:
    assert f'"date": "{datetime.date(2026, 11, 27)}"' in json_report.render(kit.report())
