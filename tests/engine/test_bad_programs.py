"""Every bad program in one preview of the real engine: its events tell what the files beside the programs say."""

from __future__ import annotations

import datetime
import json
import sys

import pytest
import yaml

from policies._engine.adapter import PROFILE_VARIABLE
from review import events, findings
from sandbox.layout import REPOSITORY
from tests.engine.cloud import Cloud, Run
from tests.policies import bad_programs as bad

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("bad-programs")]

# No usual name of an environment: each program says its own, by tags and labels.
STACK = "bad"
PROGRAM = "from tests.policies.bad_programs import run_all\n\nrun_all()\n"


@pytest.fixture(scope="module")
def run(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Preview all programs in a project of their own."""
    folder = tmp_path_factory.mktemp("bad")
    options = {"virtualenv": sys.prefix, "toolchain": "pip"}
    project = {"name": "bad-programs", "runtime": {"name": "python", "options": options}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    (folder / "__main__.py").write_text(PROGRAM)
    environment = {
        "PULUMI_OPTION_CWD": str(folder),
        "PYTHONPATH": str(REPOSITORY),
        PROFILE_VARIABLE: bad.PROFILE,
    }
    made = cloud.pulumi("stack", "init", stack=STACK, packs=False, env=environment)
    assert made.code == 0, made.output
    return cloud.pulumi("preview", stack=STACK, env=environment)


@pytest.fixture(scope="module")
def log(run: Run) -> events.Log:
    return events.read(json.dumps(event) for event in run.events)


@pytest.fixture(scope="module")
def found(log: events.Log) -> dict[str, list[bad.Found]]:
    """What the engine was told, by program."""
    told = findings.findings(log, datetime.date.today())
    pairs = [(bad.Found(str(one.verdict), one.rule, "" if one.where.is_stack else one.name), one.urn) for one in told]
    return bad.split(pairs, bad.programs())


def test_preview_judges_everything_and_nothing_else_goes_wrong(run: Run, log: events.Log) -> None:
    assert run.code != 0
    assert log.complete
    assert (log.torn, log.unknown) == (0, 0)
    assert log.errors == []


@pytest.mark.parametrize("program", bad.programs(), ids=lambda program: program.name)
def test_program_has_the_findings_that_its_file_lists(found: dict[str, list[bad.Found]], program: bad.Program) -> None:
    assert found[program.name] == [one for one in bad.read(program.file) if one.name]


def test_stack_has_the_findings_of_all_programs_together(found: dict[str, list[bad.Found]]) -> None:
    assert found["stack"] == bad.read(bad.TOGETHER)
