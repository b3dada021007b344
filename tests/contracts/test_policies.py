"""What holds for every rule, profile and pack."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies import catalogue
from policies._engine import profiles
from policies._engine.registry import Pack
from policies._engine.rule import Rule, Verdict
from tests.policies.build import PACKS, RULES
from tests.policies.cases import CASES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "policies"
EVERY_RULE = pytest.mark.parametrize("rule", list(RULES.values()), ids=list(RULES))
EVERY_PACK = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
ENGINE = FOLDER / "_engine"
WITH_PULUMI = {ENGINE / "adapter.py", ENGINE / "server.py"}


def controls() -> dict[str, dict[str, Any]]:
    files = [yaml.safe_load(path.read_text()) for path in sorted((FOLDER / "controls").glob("*.yaml"))]
    return {file["framework"]: file for file in files}


@EVERY_RULE
@pytest.mark.parametrize("verdict", list(Verdict), ids=str)
def test_rule_any_has_a_case_of_each_verdict(rule: Rule, verdict: Verdict) -> None:
    assert any(case.rule == rule.id and case.expected is verdict for case in CASES)


def test_cases_all_belong_to_a_rule_and_are_told_apart() -> None:
    assert {case.rule for case in CASES} == set(RULES)
    names = [(case.rule, case.name) for case in CASES]
    assert len(names) == len(set(names))


@EVERY_RULE
def test_rule_any_serves_known_controls(rule: Rule) -> None:
    known = controls()
    for control in rule.controls:
        assert control.ref in known[control.framework]["controls"], str(control)


@pytest.mark.parametrize("path", sorted((FOLDER / "controls").glob("*.yaml")), ids=lambda path: path.stem)
def test_controls_file_any_is_dated_named_after_its_framework_and_used(path: Path) -> None:
    file = yaml.safe_load(path.read_text())
    assert file["framework"] == path.stem
    assert all(file[key] for key in ("checked", "source", "title", "version"))
    used = {control.ref for rule in RULES.values() for control in rule.controls if control.framework == path.stem}
    assert used <= set(file["controls"])
    assert used


def test_ids_and_names_over_both_packs_are_unique() -> None:
    rules = [rule for pack in PACKS for rule in pack.rules]
    assert len({rule.id for rule in rules}) == len({rule.name for rule in rules}) == len(rules)


@EVERY_RULE
@pytest.mark.parametrize("snippet", ["bad", "good"])
def test_rule_any_snippet_is_python(rule: Rule, snippet: str) -> None:
    # A snippet is an expression, a dictionary, or one argument of a call.
    text = getattr(rule.remedy, snippet)
    try:
        ast.parse(text)
    except SyntaxError:
        ast.parse(f"f(\n{text}\n)")


@EVERY_RULE
def test_rule_any_is_documented(rule: Rule) -> None:
    text = (ROOT / "docs/policies/README.md").read_text()
    assert f"\n### {rule.id}\n" in text
    assert rule.url == f"docs/policies/README.md#{rule.id.lower()}"


def test_documentation_rule_sections_are_those_of_the_rules() -> None:
    text = (ROOT / "docs/policies/README.md").read_text()
    assert text.partition("<!-- rules -->\n\n")[2] == catalogue.table(), (
        "write policies.catalogue.table() below the mark"
    )


@EVERY_PACK
@pytest.mark.parametrize("name", catalogue.PROFILES)
def test_profile_shipped_sets_a_level_for_every_rule(pack: Pack, name: str) -> None:
    assert set(profiles.load(name, pack).levels) == set(pack.by_id)


@EVERY_PACK
def test_profile_shipped_has_no_exemption_and_no_fault(pack: Pack) -> None:
    for name in catalogue.PROFILES:
        profile = profiles.load(name, pack)
        assert profile.exemptions == ()
        assert profile.faults == ()


def test_profiles_shipped_grow_stricter() -> None:
    order = ["disabled", "advisory", "mandatory"]
    for row in catalogue.describe():
        levels = [order.index(row["levels"][name]) for name in catalogue.PROFILES]
        assert levels == sorted(levels), row["id"]


def test_catalogue_rows_are_json_and_name_pack_and_levels() -> None:
    rows = json.loads(json.dumps(catalogue.describe()))
    assert [row["id"] for row in rows] == list(RULES)
    assert {row["pack"] for row in rows} == {"security", "cost"}
    assert all(set(row["levels"]) == set(catalogue.PROFILES) for row in rows)


@EVERY_PACK
def test_pack_any_agrees_with_its_project_file(pack: Pack) -> None:
    folder = FOLDER / pack.name.removeprefix("mlops-")
    project = yaml.safe_load((folder / "PulumiPolicy.yaml").read_text())
    assert (project["name"], project["version"], project["description"]) == (
        pack.name,
        pack.version,
        pack.description,
    )
    assert project["runtime"] == "python"
    assert len((folder / "__main__.py").read_text().splitlines()) <= 15


@EVERY_PACK
def test_pack_any_loads_without_pulumi(pack: Pack) -> None:
    module = f"policies.{pack.name.removeprefix('mlops-')}.pack"
    code = f"import sys, {module}; print([name for name in sys.modules if name.startswith(('pulumi', 'grpc'))])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_module_any_but_the_adapter_imports_no_pulumi(path: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.partition(".")[0])
    foreign = {name for name in imported if name.startswith("pulumi") or name in ("grpc", "google")}
    assert bool(foreign) == (path in WITH_PULUMI)


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_module_any_imports_of_ours_only_policies_and_the_pure_core(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("components"):
            assert node.module.startswith(("components._core.conventions", "components._core.facts"))


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_module_any_has_short_functions(path: Path) -> None:
    most = 50 if path.is_relative_to(ENGINE) else 25
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and node.end_lineno:
            assert node.end_lineno - node.lineno < most, node.name
