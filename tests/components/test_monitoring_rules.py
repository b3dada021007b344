"""The rules, run by Prometheus' own tool: each alert fires in the case it is for and keeps quiet beside it."""

import dataclasses
import subprocess
from pathlib import Path
from typing import Any

import yaml

from components.monitoring import MonitoredPool, gpu_rules, rules
from tests.tools import promtool

POOLS = (MonitoredPool(name="l4", gpu_price_usd=0.8), MonitoredPool(name="h100", gpu_price_usd=6.5))
LIMIT = 1.0
GPU = 'pool="l4", Hostname="node-1", gpu="0"'
POD = 'namespace="team-vision", pod="train-1"'
SPOT = "karpenter_interruption_received_messages_total"
ASKS = "kube_pod_container_resource_requests"
REMAPPED = "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS"
RESTARTS = "kube_pod_container_status_restarts_total"
OOM = "kube_pod_container_status_last_terminated_reason"
READY = 'kube_node_status_condition{condition="Ready", status="true", node="node-1"}'
REQUESTS = 'mlflow_http_request_total{namespace="mlflow", method="GET"'
BUCKET = 'mlflow_http_request_duration_seconds_bucket{namespace="mlflow"'
LEADER = 'argo_workflows_is_leader{namespace="argo"'
ENDED = 'argo_workflows_total_count{phase="'


@dataclasses.dataclass(frozen=True)
class Case:
    """Series minute by minute, and how many of an alert fire at a minute."""

    name: str
    alert: str
    fires: int
    at: int
    series: dict[str, str]


CASES = (
    Case("idle_for_an_hour", "GpuIdle", 1, 65, {f"DCGM_FI_PROF_GR_ENGINE_ACTIVE{{{GPU}}}": "0x120"}),
    Case("busy", "GpuIdle", 0, 65, {f"DCGM_FI_PROF_GR_ENGINE_ACTIVE{{{GPU}}}": "0.9x120"}),
    Case("idle_for_a_moment", "GpuIdle", 0, 40, {f"DCGM_FI_PROF_GR_ENGINE_ACTIVE{{{GPU}}}": "0.9x35 0x20"}),
    Case("idle_with_the_old_counter_only", "GpuIdle", 1, 65, {f"DCGM_FI_DEV_GPU_UTIL{{{GPU}}}": "0x120"}),
    Case(
        "one_slice_busy",
        "GpuIdle",
        0,
        65,
        {
            f'DCGM_FI_PROF_GR_ENGINE_ACTIVE{{{GPU}, GPU_I_ID="1"}}': "0x120",
            f'DCGM_FI_PROF_GR_ENGINE_ACTIVE{{{GPU}, GPU_I_ID="2"}}': "0.7x120",
        },
    ),
    Case(
        "two_idle_gpus_of_eighty_cents",
        "GpuIdleCost",
        1,
        100,
        {
            f"DCGM_FI_PROF_GR_ENGINE_ACTIVE{{{GPU}}}": "0x120",
            'DCGM_FI_PROF_GR_ENGINE_ACTIVE{pool="l4", Hostname="node-1", gpu="1"}': "0x120",
        },
    ),
    Case("one_idle_gpu_is_cheap", "GpuIdleCost", 0, 100, {f"DCGM_FI_PROF_GR_ENGINE_ACTIVE{{{GPU}}}": "0x120"}),
    Case("fallen_off_the_bus", "GpuXidHardware", 1, 5, {f"DCGM_FI_DEV_XID_ERRORS{{{GPU}}}": "0x3 79x20"}),
    Case("fault_of_a_program", "GpuXidHardware", 0, 5, {f"DCGM_FI_DEV_XID_ERRORS{{{GPU}}}": "0x3 13x20"}),
    Case("fault_of_a_program", "GpuXidApplication", 1, 5, {f"DCGM_FI_DEV_XID_ERRORS{{{GPU}}}": "0x3 13x20"}),
    Case("an_old_one", "GpuXidApplication", 0, 40, {f"DCGM_FI_DEV_XID_ERRORS{{{GPU}}}": "0x3 13x60"}),
    Case("remap_failed", "GpuRowRemapFailed", 1, 5, {f"DCGM_FI_DEV_ROW_REMAP_FAILURE{{{GPU}}}": "0x3 1x20"}),
    Case("rows_fine", "GpuRowRemapFailed", 0, 5, {f"DCGM_FI_DEV_ROW_REMAP_FAILURE{{{GPU}}}": "0x20"}),
    Case("ecc_error", "GpuMemoryErrors", 1, 30, {f"{REMAPPED}{{{GPU}}}": "2x10 3x50"}),
    Case("ecc_errors_of_the_past", "GpuMemoryErrors", 0, 30, {f"{REMAPPED}{{{GPU}}}": "3x60"}),
    Case("hot_chip", "GpuHot", 1, 15, {f"DCGM_FI_DEV_GPU_TEMP{{{GPU}}}": "90x20"}),
    Case("hot_memory", "GpuHot", 1, 15, {f"DCGM_FI_DEV_MEMORY_TEMP{{{GPU}}}": "97x20"}),
    Case("warm_chip", "GpuHot", 0, 15, {f"DCGM_FI_DEV_GPU_TEMP{{{GPU}}}": "80x20"}),
    Case("exporter_gone", "GpuExporterDown", 1, 15, {'up{job="nvidia-dcgm-exporter", pool="l4"}': "0x20"}),
    Case("exporter_there", "GpuExporterDown", 0, 15, {'up{job="nvidia-dcgm-exporter", pool="l4"}': "1x20"}),
    Case(
        "gpu_pod_waits",
        "GpuPodPending",
        1,
        20,
        {
            f'{ASKS}{{{POD}, container="main", resource="nvidia_com_gpu"}}': "4x30",
            f'kube_pod_status_phase{{{POD}, phase="Pending"}}': "1x30",
        },
    ),
    Case(
        "slice_pod_waits",
        "GpuPodPending",
        1,
        20,
        {
            f'{ASKS}{{{POD}, container="main", resource="nvidia_com_mig_1g_10gb"}}': "1x30",
            f'kube_pod_status_phase{{{POD}, phase="Pending"}}': "1x30",
        },
    ),
    Case(
        "gpu_pod_runs",
        "GpuPodPending",
        0,
        20,
        {
            f'{ASKS}{{{POD}, container="main", resource="nvidia_com_gpu"}}': "4x30",
            f'kube_pod_status_phase{{{POD}, phase="Pending"}}': "1x5 0x30",
            f'kube_pod_status_phase{{{POD}, phase="Running"}}': "0x5 1x30",
        },
    ),
    Case(
        "cpu_pod_waits",
        "GpuPodPending",
        0,
        20,
        {
            f'{ASKS}{{{POD}, container="main", resource="cpu"}}': "4x30",
            f'kube_pod_status_phase{{{POD}, phase="Pending"}}': "1x30",
        },
    ),
    Case(
        "pool_nearly_full",
        "GpuPoolNearLimit",
        1,
        20,
        {
            'karpenter_nodepools_usage{nodepool="l4", resource_type="nvidia.com/gpu"}': "8x30",
            'karpenter_nodepools_limit{nodepool="l4", resource_type="nvidia.com/gpu"}': "8x30",
        },
    ),
    Case(
        "cpu_of_the_pool_nearly_full",
        "GpuPoolNearLimit",
        0,
        20,
        {
            'karpenter_nodepools_usage{nodepool="l4", resource_type="cpu"}': "8x30",
            'karpenter_nodepools_limit{nodepool="l4", resource_type="cpu"}': "8x30",
        },
    ),
    Case("one_interruption", "SpotInterruptions", 1, 8, {f'{SPOT}{{message_type="spot_interrupted"}}': "0x3 1x20"}),
    Case("state_changes", "SpotInterruptions", 0, 8, {f'{SPOT}{{message_type="instance_stopped"}}': "0x3 9x20"}),
    Case("a_wave", "SpotInterruptionsFrequent", 1, 50, {f'{SPOT}{{message_type="spot_interrupted"}}': "0+1x60"}),
    Case("a_few", "SpotInterruptionsFrequent", 0, 50, {f'{SPOT}{{message_type="spot_interrupted"}}': "0x9 3x60"}),
    Case("node_lost", "NodeNotReady", 1, 15, {READY: "1x2 0x30"}),
    Case("node_well", "NodeNotReady", 0, 15, {READY: "1x30"}),
    Case("cpu_full", "NodeCpuBusy", 1, 45, {'node_cpu_seconds_total{mode="idle", instance="a", cpu="0"}': "0+1x60"}),
    Case("cpu_half", "NodeCpuBusy", 0, 45, {'node_cpu_seconds_total{mode="idle", instance="a", cpu="0"}': "0+30x60"}),
    Case(
        "memory_short",
        "NodeMemoryShort",
        1,
        20,
        {'node_memory_MemAvailable_bytes{instance="a"}': "3x30", 'node_memory_MemTotal_bytes{instance="a"}': "100x30"},
    ),
    Case(
        "memory_left",
        "NodeMemoryShort",
        0,
        20,
        {'node_memory_MemAvailable_bytes{instance="a"}': "30x30", 'node_memory_MemTotal_bytes{instance="a"}': "100x30"},
    ),
    Case(
        "killed_for_memory",
        "ContainerOutOfMemory",
        1,
        8,
        {f'{RESTARTS}{{{POD}, container="m"}}': "0x3 1x9", f'{OOM}{{{POD}, container="m", reason="OOMKilled"}}': "1x9"},
    ),
    Case(
        "ended_with_an_error",
        "ContainerOutOfMemory",
        0,
        8,
        {f'{RESTARTS}{{{POD}, container="m"}}': "0x3 1x9", f'{OOM}{{{POD}, container="m", reason="Error"}}': "1x9"},
    ),
    Case(
        "no_pod",
        "MlflowDown",
        1,
        10,
        {'kube_deployment_status_replicas_available{namespace="mlflow", deployment="mlflow"}': "0x20"},
    ),
    Case(
        "one_pod",
        "MlflowDown",
        0,
        10,
        {'kube_deployment_status_replicas_available{namespace="mlflow", deployment="mlflow"}': "1x20"},
    ),
    Case(
        "one_in_ten_fails",
        "MlflowErrors",
        1,
        20,
        {f'{REQUESTS}, status="200"}}': "0+90x30", f'{REQUESTS}, status="500"}}': "0+10x30"},
    ),
    Case(
        "users_err",
        "MlflowErrors",
        0,
        20,
        {f'{REQUESTS}, status="200"}}': "0+90x30", f'{REQUESTS}, status="404"}}': "0+10x30"},
    ),
    Case(
        "slow",
        "MlflowSlow",
        1,
        30,
        {f'{BUCKET}, le="5"}}': "0+1x40", f'{BUCKET}, le="10"}}': "0+9x40", f'{BUCKET}, le="+Inf"}}': "0+9x40"},
    ),
    Case("quick", "MlflowSlow", 0, 30, {f'{BUCKET}, le="0.1"}}': "0+10x40", f'{BUCKET}, le="+Inf"}}': "0+10x40"}),
    Case("two_followers", "ArgoWithoutLeader", 1, 10, {f'{LEADER}, pod="a"}}': "0x20", f'{LEADER}, pod="b"}}': "0x20"}),
    Case("nobody_answers", "ArgoWithoutLeader", 1, 10, {"up": "1x20"}),
    Case("a_leader", "ArgoWithoutLeader", 0, 10, {f'{LEADER}, pod="a"}}': "1x20", f'{LEADER}, pod="b"}}': "0x20"}),
    Case("panic", "ArgoErrors", 1, 8, {'argo_workflows_error_count{namespace="argo", cause="Panic"}': "0x3 1x20"}),
    Case("no_error", "ArgoErrors", 0, 8, {'argo_workflows_error_count{namespace="argo", cause="Panic"}': "5x20"}),
    Case(
        "long",
        "ArgoQueueGrows",
        1,
        20,
        {'argo_workflows_queue_depth_gauge{namespace="argo", queue_name="w"}': "900x30"},
    ),
    Case(
        "short", "ArgoQueueGrows", 0, 20, {'argo_workflows_queue_depth_gauge{namespace="argo", queue_name="w"}': "9x30"}
    ),
    Case("most_fail", "WorkflowsFail", 1, 50, {f'{ENDED}Failed"}}': "0+1x60", f'{ENDED}Succeeded"}}': "0+0.2x60"}),
    Case("few_fail", "WorkflowsFail", 0, 50, {f'{ENDED}Failed"}}': "0+0.2x60", f'{ENDED}Succeeded"}}': "0+1x60"}),
    Case(
        "two_of_three_is_no_pattern",
        "WorkflowsFail",
        0,
        50,
        {f'{ENDED}Failed"}}': "0x9 2x60", f'{ENDED}Succeeded"}}': "0x9 1x60"},
    ),
)


def all_rules() -> list[dict[str, Any]]:
    return rules.groups(POOLS, LIMIT, "mlflow", "argo")


def alerts() -> dict[str, dict[str, Any]]:
    return {r["alert"]: r for group in all_rules() for r in group["rules"] if "alert" in r}


def run(folder: Path, tests: list[dict[str, Any]]) -> None:
    """Let promtool evaluate all rules on these series; fail with what it says."""
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": all_rules()}))
    content = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests}
    (folder / "tests.yaml").write_text(yaml.safe_dump(content))
    done = subprocess.run(
        [str(promtool()), "test", "rules", "tests.yaml"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def inputs(series: dict[str, str]) -> list[dict[str, str]]:
    return [{"series": name, "values": values} for name, values in series.items()]


def test_alerts_fire_as_often_as_their_cases_say(tmp_path: Path) -> None:
    def group(case: Case) -> dict[str, Any]:
        expr = f'count(ALERTS{{alertname="{case.alert}", alertstate="firing"}}) or vector(0)'
        check = {"expr": expr, "eval_time": f"{case.at}m", "exp_samples": [{"labels": "{}", "value": case.fires}]}
        name = f"{case.alert} {case.name}"
        return {"name": name, "interval": "1m", "input_series": inputs(case.series), "promql_expr_test": [check]}

    run(tmp_path, [group(case) for case in CASES])


def test_alerts_each_have_a_case_that_fires_and_one_that_does_not() -> None:
    for fires in (True, False):
        assert {case.alert for case in CASES if bool(case.fires) is fires} == set(alerts())


def test_alert_idle_gpu_names_the_pool_and_says_what_to_do(tmp_path: Path) -> None:
    found = {
        "exp_labels": {"severity": "info", "pool": "l4"},
        "exp_annotations": {
            "summary": "1 GPUs of pool l4 are idle",
            "description": alerts()["GpuIdle"]["annotations"]["description"],
        },
    }
    check = {"eval_time": "65m", "alertname": "GpuIdle", "exp_alerts": [found]}
    series = {f"DCGM_FI_PROF_GR_ENGINE_ACTIVE{{{GPU}}}": "0x120"}
    run(tmp_path, [{"interval": "1m", "input_series": inputs(series), "alert_rule_test": [check]}])


def test_alert_xid_names_gpu_node_and_code(tmp_path: Path) -> None:
    found = {
        "exp_labels": {"severity": "critical", "pool": "l4", "Hostname": "node-1", "gpu": "0"},
        "exp_annotations": {
            "summary": "GPU 0 on node-1 (l4): Xid 79",
            "description": alerts()["GpuXidHardware"]["annotations"]["description"],
        },
    }
    check = {"eval_time": "5m", "alertname": "GpuXidHardware", "exp_alerts": [found]}
    series = {f"DCGM_FI_DEV_XID_ERRORS{{{GPU}}}": "79x20"}
    run(tmp_path, [{"interval": "1m", "input_series": inputs(series), "alert_rule_test": [check]}])


def test_recordings_count_a_gpu_once_and_price_idle_ones(tmp_path: Path) -> None:
    series = {
        f"DCGM_FI_PROF_GR_ENGINE_ACTIVE{{{GPU}}}": "0x90",
        f"DCGM_FI_DEV_GPU_UTIL{{{GPU}}}": "0x90",
        'DCGM_FI_PROF_GR_ENGINE_ACTIVE{Hostname="node-1", gpu="0"}': "0x90",
        'DCGM_FI_PROF_GR_ENGINE_ACTIVE{pool="h100", Hostname="node-2", gpu="0"}': "1x90",
        'DCGM_FI_PROF_GR_ENGINE_ACTIVE{pool="h100", Hostname="node-2", gpu="1"}': "0x90",
    }
    expected: dict[str, dict[str, float]] = {
        "mlops:pool_gpus:count": {"l4": 1, "h100": 2},
        "mlops:pool_gpus_idle:count": {"l4": 1, "h100": 1},
        "mlops:pool_gpus_idle_cost:usd_per_hour": {"l4": 0.8, "h100": 6.5},
        "mlops:pool_gpus_cost:usd_per_hour": {"l4": 0.8, "h100": 13},
        "mlops:pool_gpu_use:ratio": {"l4": 0, "h100": 0.5},
    }
    checks = [
        {
            "expr": name,
            "eval_time": "60m",
            "exp_samples": [{"labels": f'{name}{{pool="{p}"}}', "value": v} for p, v in pools.items()],
        }
        for name, pools in expected.items()
    ]
    run(tmp_path, [{"interval": "1m", "input_series": inputs(series), "promql_expr_test": checks}])


def test_rules_are_well_formed_for_prometheus(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": all_rules()}))
    done = subprocess.run(
        [str(promtool()), "check", "rules", "--lint-fatal", "rules.yaml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_alerts_have_a_severity_a_summary_and_an_action() -> None:
    for name, rule in alerts().items():
        assert rule["labels"]["severity"] in ("critical", "warning", "info"), name
        assert rule["annotations"].keys() == {"summary", "description"}, name
        assert rule["annotations"]["description"].endswith("."), name


def test_idle_without_prices_warns_by_count() -> None:
    without = rules.groups([MonitoredPool(name="l4")], LIMIT, "mlflow", "argo")
    found = {r["alert"]: r for group in without for r in group["rules"] if "alert" in r}
    assert found["GpuIdle"]["labels"]["severity"] == "warning"
    assert alerts()["GpuIdle"]["labels"]["severity"] == "info"
    assert gpu_rules.gpu_prices([MonitoredPool(name="l4")]) == []
