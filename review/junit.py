"""JUnit XML, as Jenkins, GitLab and Maven Surefire take it: a suite for each pack.

A test case is a rule on a resource; what passed everywhere is one case for its rule. Only what stops the update is a
failure, so that a pipeline which fails on failed tests does so exactly when the update would. Advisory, undetermined
and exempted findings are skipped cases, whose message says which of them it is.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from review.findings import OURS, RULES, Finding
from review.report import Report, kind
from review.telling import message, said
from review.text import shown, shown_on_a_line

MOST_TEXT = 4_000
"""Characters of a text, 1,000 of an attribute."""


def render(report: Report) -> str:
    """Return the report as JUnit XML."""
    suites = [_suite(report, pack) for pack in sorted({*report.packs, *(f.pack for f in report.findings)})]
    if report.problems:
        suites.append(_problems(report))
    root = ET.Element("testsuites", _totals(suites))
    root.extend(suites)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(report: Report, pack: str) -> ET.Element:
    found = [finding for finding in report.findings if finding.pack == pack]
    against = {finding.rule for finding in found}
    clean = {rule: number for rule, number in report.passed.get(pack, {}).items() if rule not in against}
    cases = [_found(finding, report) for finding in found]
    cases += [_case(pack, rule, f"passed on {number}") for rule, number in clean.items()]
    suite = _with_counts(pack, cases)
    properties = ET.Element("properties")
    for name, value in (("version", report.packs.get(pack, "")), ("stack", report.stack)):
        ET.SubElement(properties, "property", name=name, value=_short(value))
    suite.insert(0, properties)
    return suite


def _problems(report: Report) -> ET.Element:
    """Return a suite with an error for each reason why the report may not be whole."""
    cases = []
    for number, problem in enumerate(report.problems, start=1):
        case = _case("mlops-policy", f"run {number}", "")
        error = ET.SubElement(case, "error", message=_short(problem), type="incomplete")
        error.text = shown(problem, MOST_TEXT)
        cases.append(case)
    return _with_counts("the run itself", cases)


def _found(finding: Finding, report: Report) -> ET.Element:
    case = _case(finding.pack, finding.rule, finding.where.label if finding.where.text else report.stack)
    what, text = kind(finding), shown(said(finding), MOST_TEXT)
    if finding.stops:
        failure = ET.SubElement(case, "failure", message=_short(message(finding)), type=what)
        failure.text = text
    else:
        ET.SubElement(case, "skipped", message=_short(f"{what}: {message(finding)}"))
        ET.SubElement(case, "system-out").text = text
    return case


def _case(pack: str, rule: str, about: str) -> ET.Element:
    title = f" ({RULES[rule].title})" if pack in OURS and rule in RULES else ""
    name = _short(f"{rule}{title}: {about}" if about else rule)
    return ET.Element("testcase", classname=_short(f"{pack}.{rule}"), name=name, time="0")


def _with_counts(name: str, cases: list[ET.Element]) -> ET.Element:
    counts = {
        plural: str(sum(case.find(child) is not None for case in cases))
        for plural, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    }
    suite = ET.Element("testsuite", {"name": _short(name), "tests": str(len(cases)), **counts, "time": "0"})
    suite.extend(cases)
    return suite


def _totals(suites: list[ET.Element]) -> dict[str, str]:
    # Not `skipped`, which the format has for suites alone.
    names = ("tests", "failures", "errors")
    return {"name": "mlops policy", **{n: str(sum(int(s.get(n, "0")) for s in suites)) for n in names}, "time": "0"}


def _short(text: str) -> str:
    return shown_on_a_line(text, 1_000)
