"""Two of the bad programs in TypeScript: the packs find in them what they find in the Python ones.

It is an inline program of the Automation API, so no language host for Node is needed; the packs run as always. npm
may have no `@pulumi/aws` of the Python SDK's version, so the sandbox's provider also answers to that of the lock file.
`npm install --package-lock-only` in the folder writes the lock file anew.
"""

from __future__ import annotations

import datetime
import shutil
import subprocess
from pathlib import Path

import pytest

from policies._engine.adapter import PROFILE_VARIABLE
from review import events, findings
from sandbox.engine_home import PACKS
from sandbox.layout import REPOSITORY
from tests.engine import npm
from tests.engine.cloud import Cloud
from tests.policies import bad_programs as bad

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("typescript")]

FOLDER = Path(__file__).parent / "typescript"
TWINS = ("hand_made_nodes", "image_registry")


@pytest.fixture(scope="module")
def program() -> Path:
    """The compiled program; without Node there is no answer, so the test fails."""
    try:
        return npm.compiled(FOLDER)
    except npm.NodeError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="module")
def log(cloud: Cloud, program: Path, tmp_path_factory: pytest.TempPathFactory) -> events.Log:
    """What the engine tells of a preview."""
    for package in ("aws", "kubernetes"):
        _answer_to(cloud, package, npm.locked(FOLDER)[f"@pulumi/{package}"])
    environment = {**cloud.environment(), PROFILE_VARIABLE: bad.PROFILE}
    for name in ("PULUMI_OPTION_CWD", "PULUMI_OPTION_POLICY_PACK"):
        del environment[name]
    packs = [str(REPOSITORY / pack) for pack in PACKS]
    done = subprocess.run(
        [str(npm.node()), str(program / "preview.js"), str(tmp_path_factory.mktemp("twins")), *packs],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    found = events.read(done.stdout.splitlines())
    assert found.complete, done.stderr[-4000:]
    return found


def _answer_to(cloud: Cloud, package: str, version: str) -> None:
    """Let the sandbox's plugin of a package be found under another version, too."""
    plugins = cloud.layout.pulumi_home / "plugins"
    [own] = plugins.glob(f"resource-{package}-v*")
    other = own.with_name(f"resource-{package}-v{version}")
    if other != own:
        shutil.copytree(own, other)


def test_typescript_program_runs_without_an_error(log: events.Log) -> None:
    assert log.errors == []
    assert (log.torn, log.unknown) == (0, 0)
    assert log.packs.keys() == findings.OURS
    assert log.result == "failed"


def test_typescript_program_has_the_findings_of_the_python_ones(log: events.Log) -> None:
    expected = [one for twin in TWINS for one in bad.read(bad.FOLDER / f"{twin}.yaml")]
    told = findings.findings(log, datetime.date.today())
    found = [bad.Found(str(one.verdict), one.rule, "" if one.where.is_stack else one.name) for one in told]
    assert sorted(found) == sorted(expected)
