"""The life of the starter platform on the local cloud: brought up, left alone, changed, broken, repaired, destroyed.

The life is lived once, in order, by a fixture; the tests read what it wrote down, in any order.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import pytest
import yaml

from sandbox import recorded
from sandbox.aws.services import RECORDED, TYPES
from tests.engine.cloud import STACK, Cloud, Run
from tests.engine.leftovers import cluster_objects
from tests.engine.pods import placed, pod_of_template

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("platform")]


@dataclasses.dataclass(frozen=True)
class Verdicts:
    """What a command of `mlops policy` ended with, as JSON, and its exit code."""

    code: int
    report: dict[str, Any]


@dataclasses.dataclass
class Life:
    """What each phase showed."""

    preview: Run
    checked: Verdicts
    up: Run
    again: Run
    judged: Verdicts
    state: list[dict[str, Any]]
    inventory: list[str]
    listed: list[tuple[str, str]]
    recorded: list[tuple[str, str]]
    gpu_pod: dict[str, Any]
    plain_pod: dict[str, Any]
    limit: Run
    drift: Run
    repaired: Run
    after_repair: Run
    destroy: Run
    state_after: list[dict[str, Any]]
    inventory_after: list[str]
    objects_after: dict[str, list[str]]
    secrets_of_sandbox: list[str]
    everything_written: str


@pytest.fixture(scope="module")
def life(cloud: Cloud) -> Life:
    preview = cloud.pulumi("preview")
    checked = _verdicts(cloud, "check")
    up = cloud.up()
    again = cloud.up()
    judged = _verdicts(cloud, "state")
    state = cloud.state()
    listed = recorded.listed(cloud.layout)
    found = cloud.inventory()
    gpu, plain = _gpu_pods(cloud)
    limit = _with_pool_limit(cloud)
    _break(cloud, state)
    drift = cloud.pulumi("refresh", "--yes", "--skip-preview")
    repaired = cloud.up()
    after_repair = cloud.up()
    written = _everything(cloud, [preview, up, again, limit, drift, repaired])
    destroy = cloud.destroy()
    return Life(
        preview=preview,
        checked=checked,
        up=up,
        again=again,
        judged=judged,
        state=state,
        inventory=found,
        listed=listed,
        recorded=listed,
        gpu_pod=gpu,
        plain_pod=plain,
        limit=limit,
        drift=drift,
        repaired=repaired,
        after_repair=after_repair,
        destroy=destroy,
        state_after=cloud.state(),
        inventory_after=cloud.inventory(),
        objects_after=cluster_objects(cloud),
        secrets_of_sandbox=[
            (cloud.layout.root / "passphrase").read_text(),
            (cloud.layout.certificates / "tokens.csv").read_text().split(",")[0],
        ],
        everything_written=written,
    )


def _verdicts(cloud: Cloud, command: str) -> Verdicts:
    done = cloud.mlops("policy", command, STACK, "--format", "json")
    assert done.stdout, done.stderr[-3000:]
    return Verdicts(done.returncode, json.loads(done.stdout))


def _gpu_pods(cloud: Cloud) -> tuple[dict[str, Any], dict[str, Any]]:
    """Start the GPU step of the platform's own workflow template, and the same step without its toleration."""
    pod = pod_of_template(cloud)
    tolerant = placed(cloud, pod, "gpu-step")
    bare = json.loads(json.dumps(pod))
    bare["spec"]["tolerations"] = []
    return tolerant, placed(cloud, bare, "gpu-step-bare", wait_s=6.0)


def _with_pool_limit(cloud: Cloud) -> Run:
    """Bring the stack up with another limit of its first pool: through a copy of its stack file."""
    original = cloud.layout.project / "Pulumi.sandbox.yaml"
    cloud.pulumi("stack", "ls")
    content = yaml.safe_load(original.read_text())
    content["config"]["mlops:platform"]["gpu_pools"][0]["gpu_limit"] *= 2
    changed = cloud.layout.root / "changed.yaml"
    changed.write_text(yaml.safe_dump(content))
    return cloud.up("--config-file", str(changed))


def _break(cloud: Cloud, state: list[dict[str, Any]]) -> None:
    """Change a bucket and delete a deployment behind the engine's back."""
    bucket = next(r for r in state if r["type"] == "aws:s3/bucketVersioning:BucketVersioning")
    cloud.aws("s3").put_bucket_versioning(
        Bucket=bucket["inputs"]["bucket"], VersioningConfiguration={"Status": "Suspended"}
    )
    deployment = next(r for r in state if r["type"] == "kubernetes:apps/v1:Deployment")
    namespace, name = deployment["id"].split("/")
    cloud.kubectl("delete", "deployment", name, "--namespace", namespace)


def _everything(cloud: Cloud, runs: list[Run]) -> str:
    """All text that a run leaves: output, events, state with its history, logs."""
    parts = [r.output + json.dumps(r.events) for r in runs]
    for folder in (cloud.layout.state, cloud.layout.logs, cloud.layout.journal):
        parts += [f.read_text(errors="replace") for f in folder.rglob("*") if f.is_file()]
    return "\n".join(parts)


def test_preview_of_an_empty_stack_creates_everything_and_finds_nothing_mandatory(life: Life) -> None:
    assert life.preview.code == 0, life.preview.output[-3000:]
    assert life.preview.changes.keys() == {"create"}
    assert [v for v in life.preview.violations if v["enforcementLevel"] == "mandatory"] == []


def test_policy_check_and_state_tell_what_became_of_what_was_undetermined(life: Life) -> None:
    before, now = life.checked.report, life.judged.report
    for run, operation in ((life.checked, "preview"), (life.judged, "state")):
        assert run.report["operation"] == operation
        assert run.report["complete"], run.report["problems"]
        assert run.report["packs"].keys() == {"mlops-cost", "mlops-security"}
        assert run.code == (2 if run.report["counts"]["mandatory"] else 0)
    assert before["changes"] == life.preview.changes
    assert sum(map(len, before["passed"].values())) > 0
    # The policies of roles name resources that the update makes: open in the preview, known in the state.
    became = {(c["rule"], c["now"]) for c in now["comparison"]["changed"] if c["before"] == "undetermined"}
    assert ("SEC-IAM-001", "pass") in became
    assert now["counts"]["undetermined"] < before["counts"]["undetermined"]


def test_up_has_no_errors_and_creates_what_the_preview_said(life: Life) -> None:
    assert life.up.code == 0, life.up.output[-4000:]
    assert life.up.changes == life.preview.changes


def test_second_up_changes_nothing(life: Life) -> None:
    assert life.again.code == 0
    assert life.again.changes == {"same": life.up.changes["create"]}


def test_gpu_pod_of_the_platform_runs_on_its_own_pool(life: Life) -> None:
    assert life.gpu_pod["status"]["phase"] == "Running"
    labels = life.gpu_pod["node"]["metadata"]["labels"]
    wanted = life.gpu_pod["spec"]["nodeSelector"]
    assert {k: labels.get(k) for k in wanted} == wanted
    assert int(life.gpu_pod["node"]["status"]["capacity"]["nvidia.com/gpu"]) >= 1


def test_gpu_pod_without_the_toleration_is_kept_away(life: Life) -> None:
    assert life.plain_pod["status"]["phase"] == "Pending"
    assert life.plain_pod["spec"].get("nodeName") is None


def test_changed_limit_updates_exactly_that_pool(life: Life) -> None:
    changed = {urn.split("::")[2].split("$")[-1]: op for urn, op in life.limit.changed.items()}
    assert changed == {"kubernetes:karpenter.sh/v1:NodePool": "update"}
    assert life.limit.changes["update"] == 1


def test_refresh_finds_the_changed_bucket_and_the_deleted_deployment(life: Life) -> None:
    assert life.drift.code == 0, life.drift.output[-3000:]
    assert life.drift.changes.get("delete") == 1
    assert life.drift.changes.get("update") == 1


def test_up_after_drift_repairs_both_and_then_rests(life: Life) -> None:
    assert life.repaired.code == 0, life.repaired.output[-3000:]
    types = {urn.split("::")[2].split("$")[-1]: op for urn, op in life.repaired.changed.items()}
    assert types.pop("kubernetes:apps/v1:Deployment") == "create"
    assert types.pop("aws:s3/bucketVersioning:BucketVersioning") == "update"
    # The pool's limit was changed by a run with another stack file; this run puts it back.
    assert types == {"kubernetes:karpenter.sh/v1:NodePool": "update"}
    assert life.after_repair.changes.keys() == {"same"}


def test_destroy_leaves_nothing_in_moto_the_cluster_and_the_state(life: Life) -> None:
    assert life.destroy.code == 0, life.destroy.output[-4000:]
    assert life.state_after == []
    assert life.inventory_after == []
    assert life.objects_after == {}


def test_every_aws_type_was_executed_or_is_listed_with_its_reason(life: Life) -> None:
    used = {r["type"] for r in life.state if r["type"].startswith("aws:")}
    assert used <= TYPES.keys() | RECORDED.keys()
    only_recorded = {urn.split("::")[2].split("$")[-1] for urn, _ in life.listed}
    assert {t for t in used if t in RECORDED} <= only_recorded
    assert life.inventory, "nothing was executed"


def test_no_secret_of_the_sandbox_is_in_state_output_or_logs(life: Life) -> None:
    for secret in life.secrets_of_sandbox:
        assert len(secret) > 10
        assert secret not in life.everything_written


def test_no_key_in_the_state_looks_like_a_plain_secret(life: Life) -> None:
    pattern = re.compile(r'"(\w*(?:password|secretKey|token|privateKey)\w*)":\s*"([^"]{6,})"', re.IGNORECASE)
    # What may stand there: an ARN, the name of something, or a template that is filled inside the cluster.
    references = re.compile(r"^(arn:|[a-z0-9./-]+$|\$\{|\{\{ \.\w+ \}\}$)")
    text = json.dumps(life.state)
    suspicious = [m.groups() for m in pattern.finditer(text) if not references.match(m.group(2))]
    assert suspicious == []
