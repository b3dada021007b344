"""Objectives come up, are what promtool reads, change one by one, are drift-free, and leave nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.engine.acquire import obtain_all
from sandbox.layout import REPOSITORY
from tests.components_live.slo.program import MONITORING, TEAM, objectives
from tests.engine.cloud import Cloud, Run
from tests.engine.leftovers import cluster_objects
from tests.tools import promtool

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("slo-live")]

PROGRAM = "from tests.components_live.slo.program import build\n\nbuild()\n"
STACK = "prod"
"""The strictest profile."""


class Objectives:
    """The program in a project of its own, on a sandbox of its own."""

    def __init__(self, folder: Path) -> None:
        self.cloud = Cloud(folder / "sandbox", obtain_all(lambda group, text: print(f"{group.key}: {text}")))
        options = {"virtualenv": sys.prefix, "toolchain": "pip"}
        project = {"name": "slo-live", "runtime": {"name": "python", "options": options}}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        (folder / "__main__.py").write_text(PROGRAM)
        self.environment = {"PULUMI_OPTION_CWD": str(folder), "PYTHONPATH": str(REPOSITORY)}

    def run(self, *arguments: str) -> Run:
        told = self.cloud.pulumi(*arguments, stack=STACK, env=self.environment)
        assert told.code == 0, told.output
        return told

    def up(self) -> Run:
        return self.run("up", "--yes", "--skip-preview")

    def get(self, kind: str, namespace: str) -> dict[str, Any]:
        items = self.cloud.kubectl("get", kind, "--namespace", namespace, "-o", "json")["items"]
        return {item["metadata"]["name"]: item for item in items}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Objectives]:
    made = Objectives(tmp_path_factory.mktemp("slo"))
    made.cloud.start()
    made.run("stack", "init")
    yield made
    made.cloud.stop()


def mandatory(run: Run) -> list[str]:
    return [v["message"] for v in run.violations if v["enforcementLevel"] == "mandatory"]


def test_objectives_live_through_the_real_engine(live: Objectives, tmp_path: Path) -> None:
    first = live.up()
    assert set(first.changes) == {"create"}
    assert mandatory(first) == []
    assert all(f"{pack}@" in first.output for pack in ("mlops-security", "mlops-cost"))
    assert_rules_are_what_promtool_reads(live, tmp_path)
    assert_gate_of_the_team_knows_its_services(live, tmp_path)

    assert set(live.up().changes) == {"same"}
    assert live.run("refresh", "--yes", "--skip-preview").changed == {}

    live.run("config", "set", "percent", "99.5")
    tightened = live.up()
    changed = {urn.rsplit("::", 1)[-1]: op for urn, op in tightened.changed.items()}
    assert changed == {"slo-objective-ranker-availability": "update"}
    assert mandatory(tightened) == []

    live.run("destroy", "--yes", "--skip-preview")
    assert_nothing_is_left(live)


def assert_nothing_is_left(live: Objectives) -> None:
    # The API server removes definitions, and what they defined, behind the answer.
    until = time.monotonic() + 60
    while (left := cluster_objects(live.cloud)) and time.monotonic() < until:
        time.sleep(1)
    assert left == {}


def assert_rules_are_what_promtool_reads(live: Objectives, folder: Path) -> None:
    found = live.get("prometheusrules.monitoring.coreos.com", MONITORING)
    assert found.keys() == {*(f"mlops-slo-{o.name}" for o in objectives(99.9)), "mlops-slo-release-freeze"}
    groups = [group for item in found.values() for group in item["spec"]["groups"]]
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}))
    command = [str(promtool()), "check", "rules", "--lint-fatal", "rules.yaml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def assert_gate_of_the_team_knows_its_services(live: Objectives, folder: Path) -> None:
    files = live.get("configmaps", TEAM)["slo-release-gate"]["data"]
    for name, text in files.items():
        (folder / name).write_text(text)
    assert json.loads(files["gate.json"])["services"].keys() == {"ranker", "features"}
    command = [sys.executable, "-I", "gate.py", "nobody"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "nobody: has no objective; those that have are features, ranker\n")
    assert live.get("networkpolicies", MONITORING).keys() == {"default-deny", "slo-release-gate"}
