"""What holds for every rule, profile and pack."""

import ast
import fnmatch
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from policies import catalogue, frameworks, pages
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
    for control in rule.controls:
        assert str(control) in frameworks.titles()


EVERY_FRAMEWORK = pytest.mark.parametrize("name", frameworks.frameworks())


@EVERY_FRAMEWORK
def test_framework_any_is_named_after_its_file_and_used(name: str) -> None:
    assert (FOLDER / "controls" / f"{name}.yaml").exists()
    found = frameworks.frameworks()[name]
    used = {control.ref for rule in RULES.values() for control in rule.controls if control.framework == name}
    assert used <= set(found.controls)
    assert used


@pytest.mark.parametrize("name", [n for n, f in frameworks.frameworks().items() if f.complete])
def test_framework_complete_says_of_every_control_what_covers_it_or_why_nothing_does(name: str) -> None:
    rows = frameworks.coverage(name, PACKS)
    assert [row.ref for row in rows if not row.rules and not row.reason] == []
    covered = {row.ref for row in rows if row.rules}
    found = frameworks.framework(name)
    assert [ref for ref in found.not_covered if ref in covered] == [], "covered, so no reason is needed"
    stale = [
        glob for glob in found.not_covered if not any(fnmatch.fnmatchcase(r.ref, glob) for r in rows if not r.rules)
    ]
    assert stale == []


@pytest.mark.parametrize("name", ["cis-eks", "fsbp", "nist-800-53", "soc2", "pss"])
def test_framework_that_reviewers_ask_for_is_complete(name: str) -> None:
    assert frameworks.framework(name).complete


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
def test_rule_any_has_its_page(rule: Rule) -> None:
    assert (ROOT / rule.url).read_text() == pages.all_pages()[rule.id], "run `make docs`"


def test_admission_page_is_that_of_the_rules() -> None:
    assert (ROOT / "docs/policies/admission.md").read_text() == pages.admission(), "run `make docs`"


def test_pages_are_those_of_the_rules_and_the_index_lists_them() -> None:
    assert {path.stem for path in (ROOT / "docs/policies/rules").glob("*.md")} == set(RULES)
    text = (ROOT / "docs/policies/README.md").read_text()
    assert text.partition(f"{pages.MARK}\n\n")[2] == pages.index(), "run `make docs`"


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
