"""JUnit XML: its structure is that of Surefire's and Jenkins's schemas, and only what stops the update fails."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from review import junit
from review.events import read
from review.report import of_log
from tests.review import kit

CHILDREN = {
    "testsuites": ["testsuite"],
    "testsuite": ["properties", "testcase"],
    "properties": ["property"],
    "testcase": ["failure", "skipped", "error", "system-out"],
}
"""Elements that the schemas allow of those that are written, in Surefire's order."""

ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
    "property": {"name", "value"},
    "testcase": {"name", "classname", "time"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message"},
}


def suites(*found: kit.Event) -> dict[str, ET.Element]:
    root = ET.fromstring(junit.render(kit.report(*found)))
    _check(root)
    return {suite.attrib["name"]: suite for suite in root}


def _check(element: ET.Element) -> None:
    allowed = CHILDREN.get(element.tag, [])
    order = [allowed.index(child.tag) for child in element]
    assert order == sorted(order)
    assert set(element.attrib) == ATTRIBUTES.get(element.tag, set())
    if element.tag in ("testsuite", "testsuites"):
        cases = list(element.iter("testcase"))
        assert int(element.attrib["tests"]) == len(cases)
        for plural, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            if plural in element.attrib:
                assert int(element.attrib[plural]) == sum(case.find(tag) is not None for case in cases)
    for child in element:
        _check(child)


def test_suite_for_each_pack_with_version_and_stack() -> None:
    found = suites(*kit.MANY)
    assert set(found) == {"mlops-security", "mlops-cost", "else/where"}
    properties = {p.attrib["name"]: p.attrib["value"] for p in found["mlops-security"].iter("property")}
    assert properties == {"version": "0.1.0", "stack": "dev"}


@pytest.mark.parametrize(
    ("event", "tag", "message"),
    [
        (kit.policy(), "failure", "Buckets block public access in all four ways; blockPublicAcls is false"),
        (kit.policy(level="advisory"), "skipped", "advisory: Buckets block"),
        (kit.policy(level="advisory", undetermined=True), "skipped", "undetermined: Buckets block"),
        (kit.policy(level="mandatory", undetermined=True), "failure", "Buckets block"),
        (kit.policy(level="advisory", exempted=kit.exempted()), "skipped", "exempted: Buckets block"),
    ],
)
def test_case_fails_only_for_what_stops_the_update(event: kit.Event, tag: str, message: str) -> None:
    [case] = suites(event)["mlops-security"].iter("testcase")
    child = case.find(tag)
    assert child is not None
    assert child.attrib["message"].startswith(message)
    assert case.attrib["classname"] == "mlops-security.SEC-S3-001"
    assert case.attrib["name"].endswith(": Bucket web")


def test_rule_that_passed_everywhere_is_one_case_and_one_with_a_finding_is_none() -> None:
    passed = [kit.passes("SEC-KMS-001", "SEC-S3-001"), kit.passes("SEC-KMS-001", resource=kit.urn("b"))]
    suite = suites(kit.policy(), *passed)["mlops-security"]
    names = [case.attrib["name"] for case in suite.iter("testcase") if len(case) == 0]
    assert len(names) == 1
    assert names[0].startswith("SEC-KMS-001 (")
    assert names[0].endswith(": passed on 2")


def test_exempted_case_tells_who_answers_for_it() -> None:
    [case] = suites(kit.policy(level="advisory", exempted=kit.exempted()))["mlops-security"].iter("testcase")
    assert "docs team, SEC-9, through 2026-12-07" in (case.findtext("system-out") or "")


def test_run_that_broke_off_is_an_error_even_without_a_finding() -> None:
    root = ET.fromstring(junit.render(of_log(read(kit.run()[:1]), kit.TODAY)))
    _check(root)
    assert root.attrib["errors"] == "1"


def test_hostile_names_are_valid_xml_and_text() -> None:
    event = kit.policy(reasons=(kit.HOSTILE * 100,), resource=kit.urn(kit.HOSTILE))
    text = junit.render(kit.report(event, *kit.MANY))
    root = ET.fromstring(text)
    _check(root)
    assert "\\u202e\\x1b[2J\\x00" in text
    assert root.find(".//script") is None
    assert max(len(failure.text or "") for failure in root.iter("failure")) < junit.MOST_TEXT + 50
