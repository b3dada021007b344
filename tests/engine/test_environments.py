"""Stacks that are only previewed here, a second sandbox, wrong stack files, and the commands around them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from sandbox.engine.acquire import Engine
from sandbox.layout import REPOSITORY
from tests.engine.cloud import Cloud

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("environments")]


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_preview_against_the_sandbox_needs_no_credentials(cloud: Cloud, stack: str) -> None:
    assert not [k for k in cloud.environment() if k in ("AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE")]
    run = cloud.pulumi("preview", stack=stack)
    assert run.code == 0, run.output[-4000:]
    assert run.changes.pop("create") > 100
    # The stack itself may be there already.
    assert run.changes.get("same", 0) <= 1
    assert run.changes.keys() <= {"create", "same"}
    assert [v for v in run.violations if v["enforcementLevel"] == "mandatory"] == []


def test_stack_files_in_git_stay_as_they_are(cloud: Cloud) -> None:
    before = {f: f.read_bytes() for f in (REPOSITORY / "stacks").glob("Pulumi.*.yaml")}
    assert cloud.pulumi("preview", stack="prod").code == 0
    assert {f: f.read_bytes() for f in before} == before


def test_wrong_stack_file_creates_nothing_and_names_every_problem(cloud: Cloud) -> None:
    cloud.pulumi("stack", "ls")
    content = yaml.safe_load((cloud.layout.project / "Pulumi.dev.yaml").read_text())
    platform = content["config"]["mlops:platform"]
    platform["regoin"] = platform.pop("region")
    platform["gpu_pools"][0]["gpu_limit"] = 0
    wrong = cloud.layout.root / "wrong.yaml"
    wrong.write_text(yaml.safe_dump(content))
    run = cloud.up("--config-file", str(wrong), stack="dev")
    assert run.code != 0
    assert "stacks/Pulumi.dev.yaml: platform.regoin: is not a setting; did you mean region?" in run.output
    assert "stacks/Pulumi.dev.yaml: platform.region: is required and missing" in run.output
    assert "stacks/Pulumi.dev.yaml: platform.gpu_pools[0].gpu_limit: 0 is too small; use 1 or more" in run.output
    assert "Traceback" not in run.output
    assert [r for r in cloud.state("dev") if r["type"] != "pulumi:pulumi:Stack"] == []


@pytest.fixture
def second(engine: Engine, tmp_path: Path) -> Iterator[Cloud]:
    made = Cloud(tmp_path / "second", engine)
    made.start()
    yield made
    made.stop()


def test_second_sandbox_beside_the_first_shares_nothing(cloud: Cloud, second: Cloud) -> None:
    assert not set(cloud.layout.ports().values()) & set(second.layout.ports().values())
    second.aws("s3").create_bucket(Bucket="only-in-the-second")
    second.kubectl("create", "namespace", "only-in-the-second")
    assert [b["Name"] for b in cloud.aws("s3").list_buckets()["Buckets"]] == []
    names = [n["metadata"]["name"] for n in cloud.kubectl("get", "namespaces", "-o", "json")["items"]]
    assert "only-in-the-second" not in names
    second.stop()
    assert cloud.kubectl("get", "--raw", "/readyz") == "ok"


def test_status_tells_every_service(cloud: Cloud) -> None:
    done = cloud.mlops("sandbox", "status", "--format", "json")
    assert done.returncode == 0
    services = json.loads(done.stdout)
    assert all(s["running"] for s in services)
    assert {"etcd", "kube-apiserver", "aws", "nodes"} <= {s["name"] for s in services}


def test_start_again_is_quick_and_changes_no_process(cloud: Cloud) -> None:
    def pids() -> list[int]:
        return [s["pid"] for s in json.loads(cloud.mlops("sandbox", "status", "--format", "json").stdout)]

    before = pids()
    assert cloud.start() < 5.0
    assert pids() == before


def test_env_is_shell_that_makes_plain_commands_work(cloud: Cloud) -> None:
    shell = 'eval "$(mlops env)" && pulumi stack ls --json && kubectl get --raw /readyz'
    done = subprocess.run(
        ["bash", "-c", shell],
        env={"MLOPS_SANDBOX_DIR": str(cloud.layout.root), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("ok")
    assert {s["name"].rstrip("*") for s in json.loads(done.stdout[: -len("ok")])} == {
        "dev",
        "prod",
        "sandbox",
        "staging",
    }


def test_commands_without_a_sandbox_say_what_to_do(tmp_path: Path) -> None:
    nowhere = Cloud(tmp_path / "nowhere", None)  # type: ignore[arg-type]
    env = nowhere.mlops("env")
    assert env.returncode == 1
    assert "start it with `mlops sandbox start`" in env.stderr
    down = nowhere.mlops("down")
    assert down.returncode == 0
    assert "nothing to do" in down.stderr
