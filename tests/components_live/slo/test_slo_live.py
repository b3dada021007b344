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

from tests.components_live.kit import Live, mandatory
from tests.components_live.slo.program import MONITORING, TEAM, objectives
from tests.engine.leftovers import cluster_objects
from tests.tools import promtool

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("slo-live")]

STACK = "prod"
"""The strictest profile."""


class Objectives(Live):
    """The program of objectives."""

    def get(self, kind: str, namespace: str) -> dict[str, Any]:
        items = self.cloud.kubectl("get", kind, "--namespace", namespace, "-o", "json")["items"]
        return {item["metadata"]["name"]: item for item in items}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Objectives]:
    made = Objectives(tmp_path_factory.mktemp("slo"), "slo", STACK)
    made.start()
    yield made
    made.cloud.stop()


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
