"""Rules about the whole repository: sizes, texts that must not be there, what every component has."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi.provider.experimental.analyzer import Analyzer

from cli.lists import component_classes
from sandbox.layout import REPOSITORY

CODE = ("blueprints", "cli", "components", "finops", "policies", "review", "sandbox", "stacks", "tools")
LONGEST_FILE = {"tests": 420, "components": 320}
"""Lines; a file that passes its size is split by meaning. Elsewhere 420."""

LONGEST_FUNCTION = 60
COMPONENTS = component_classes()


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (f for f in (REPOSITORY / folder).rglob("*.py") if "__pycache__" not in f.parts)


def test_files_stay_within_their_size() -> None:
    too_long = {
        str(f.relative_to(REPOSITORY)): lines
        for f in sources(*CODE, "tests")
        if (lines := len(f.read_text().splitlines())) > LONGEST_FILE.get(f.relative_to(REPOSITORY).parts[0], 420)
    }
    assert too_long == {}


def test_functions_stay_within_their_size() -> None:
    too_long = {}
    for file in sources(*CODE):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    too_long[f"{file.relative_to(REPOSITORY)}:{node.name}"] = lines
    # The starter's body is a table of contents: one line for each part and its wiring.
    assert set(too_long) <= {"blueprints/starter.py:build"}


def test_packages_hold_no_logic_in_their_init() -> None:
    guilty = [
        str(f.relative_to(REPOSITORY))
        for f in sources(*CODE)
        if f.name == "__init__.py"
        and any(isinstance(n, ast.FunctionDef | ast.ClassDef) for n in ast.parse(f.read_text()).body)
    ]
    assert guilty == []


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    return [p for line in listed.splitlines() if (p := REPOSITORY / line).is_file()]


def test_no_file_names_a_path_of_a_machine() -> None:
    pattern = re.compile(rb"(?<![\w.-])/(?:root|home/(?!me/)\w+|Users/\w+)/")
    guilty = [str(f.relative_to(REPOSITORY)) for f in tracked() if pattern.search(f.read_bytes())]
    assert guilty == []


def test_no_file_holds_a_private_key_or_an_access_key() -> None:
    pattern = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b")
    allowed = {"tests/contracts/test_structure.py"}
    guilty = {str(f.relative_to(REPOSITORY)) for f in tracked() if pattern.search(f.read_bytes())} - allowed
    assert guilty <= {f for f in guilty if f.startswith("tests/")}


def test_no_component_asks_which_environment_it_is_in() -> None:
    pattern = re.compile(r'environment\b.*==\s*["\'](?:dev|staging|prod)')
    guilty = [
        str(f.relative_to(REPOSITORY)) for f in sources("components", "blueprints") if pattern.search(f.read_text())
    ]
    assert guilty == []


@pytest.mark.parametrize("name", sorted(COMPONENTS))
def test_component_has_a_token_of_its_own_and_described_outputs(name: str) -> None:
    source = inspect.getsource(COMPONENTS[name])
    assert f'super().__init__("{name}"' in source
    tree = ast.parse(source).body[0]
    assert isinstance(tree, ast.ClassDef)
    for node, following in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id[0] != "_":
            described = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
            assert described, f"{name}.{node.target.id} has no description"


def test_components_can_be_served_as_a_package_for_every_language() -> None:
    """The engine's component host infers one schema of all components, with a description of each input."""
    definitions = Analyzer("mlops").analyze(list(COMPONENTS.values()))
    components = definitions["component_definitions"]
    assert components.keys() == COMPONENTS.keys()
    for name, definition in components.items():
        assert definition.inputs, f"{name} has no inputs"
        undescribed = [i for i, p in definition.inputs.items() if not p.description]
        assert undescribed == [], f"{name}: {undescribed}"
