"""The platform's dashboards: cluster, GPUs, cost of GPUs, registry and workflows."""

import json
from typing import Any

from components.monitoring.gpu_rules import HOT_GPU
from components.monitoring.panels import Panel, Query, dashboard, graph, number

_POOLS = 'pool!=""'


def all_dashboards(registry: str, orchestrator: str) -> dict[str, dict[str, Any]]:
    """Return the dashboards by name."""
    return {
        "mlops-cluster": cluster(),
        "mlops-gpus": gpus(),
        "mlops-gpu-cost": gpu_cost(),
        "mlops-platform": platform(registry, orchestrator),
    }


def render(board: dict[str, Any]) -> str:
    """Return a dashboard as JSON with sorted keys, so that an unchanged one has no difference."""
    return json.dumps(board, sort_keys=True)


def cluster() -> dict[str, Any]:
    """Return the dashboard of nodes: readiness, CPU, memory, disk, pods that wait, quotas of teams."""
    busy = '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))'
    memory = "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes"
    free = 'min by (instance) (node_filesystem_avail_bytes{fstype!=""} / node_filesystem_size_bytes{fstype!=""})'
    ready = 'kube_node_status_condition{condition="Ready", status="true"}'
    quota = 'sum by (namespace, resource) (kube_resourcequota{type="used", resource=~"requests.+"})'
    hard = 'sum by (namespace, resource) (kube_resourcequota{type="hard", resource=~"requests.+"})'
    return dashboard(
        "mlops-cluster",
        "Cluster",
        [
            [
                number("Nodes", "count(kube_node_info)"),
                number("Nodes not ready", f"sum({ready} == bool 0)", bad=1),
                number("Pods waiting", 'sum(kube_pod_status_phase{phase="Pending"})', warn=5, bad=50),
                number("Containers restarted, 1 h", "sum(increase(kube_pod_container_status_restarts_total[1h]))"),
            ],
            [
                graph("CPU", busy, "{{instance}}", "percentunit", top=1, warn=0.8, bad=0.95),
                graph("Memory", memory, "{{instance}}", "percentunit", top=1, warn=0.8, bad=0.95),
                graph("Disk free, least", free, "{{instance}}", "percentunit", top=1),
            ],
            [
                graph("Quota used", f"{quota} / {hard}", "{{namespace}} {{resource}}", "percentunit", width=12),
                graph(
                    "Pods by phase",
                    "sum by (phase) (kube_pod_status_phase)",
                    "{{phase}}",
                    width=12,
                ),
            ],
        ],
    )


def gpus() -> dict[str, Any]:
    """Return the dashboard of GPUs: use, memory, heat, power, faults, pods that wait for them."""
    asks = 'kube_pod_container_resource_requests{resource=~"nvidia_com_.+|aws_amazon_com_neuron.*"}'
    waiting = (
        f"sum(sum by (namespace, pod) ({asks})"
        ' * on (namespace, pod) max by (namespace, pod) (kube_pod_status_phase{phase="Pending"} == 1))'
    )
    used = f"DCGM_FI_DEV_FB_USED{{{_POOLS}}}"
    share = f"avg by (pool) ({used} / ({used} + DCGM_FI_DEV_FB_FREE{{{_POOLS}}}))"
    tensor = f"avg by (pool) (DCGM_FI_PROF_PIPE_TENSOR_ACTIVE{{{_POOLS}}})"
    return dashboard(
        "mlops-gpus",
        "GPUs",
        [
            [
                number("GPUs", "sum(mlops:pool_gpus:count)"),
                number("Idle", "sum(mlops:pool_gpus_idle:count)", warn=1),
                number("Asked for and not there", waiting, warn=1),
                number("With an Xid", f"count(DCGM_FI_DEV_XID_ERRORS{{{_POOLS}}} > 0)", bad=1),
            ],
            [
                graph("In use, by pool", "mlops:pool_gpu_use:ratio", "{{pool}}", "percentunit", top=1),
                graph("Tensor cores active", tensor, "{{pool}}", "percentunit", top=1),
                graph("GPU memory used", share, "{{pool}}", "percentunit", top=1),
            ],
            [
                graph(
                    "Hottest GPU",
                    f"max by (Hostname) (DCGM_FI_DEV_GPU_TEMP{{{_POOLS}}})",
                    "{{Hostname}}",
                    "celsius",
                    warn=HOT_GPU - 10,
                    bad=HOT_GPU,
                ),
                graph("Power", f"sum by (pool) (DCGM_FI_DEV_POWER_USAGE{{{_POOLS}}})", "{{pool}}", "watt"),
                graph(
                    "Rows of memory replaced",
                    f"sum by (Hostname, gpu) (DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS{{{_POOLS}}})",
                    "{{Hostname}} {{gpu}}",
                ),
            ],
            _each_gpu_and_limits(),
        ],
    )


def _each_gpu_and_limits() -> list[Panel]:
    limits = "karpenter_nodepools_usage / on (nodepool, resource_type) karpenter_nodepools_limit"
    legend = "{{nodepool}} {{resource_type}}"
    return [
        graph("Each GPU", "mlops:gpu_use:ratio", "{{Hostname}} {{gpu}}", "percentunit", top=1, width=12),
        graph("Share of the pool's limit", limits, legend, "percentunit", width=12),
    ]


def gpu_cost() -> dict[str, Any]:
    """Return the dashboard of money: what GPUs cost, how much of it is idle, what spot takes away."""
    idle, every = "mlops:pool_gpus_idle_cost:usd_per_hour", "mlops:pool_gpus_cost:usd_per_hour"
    spot = "sum by (message_type) (increase(karpenter_interruption_received_messages_total[1h]))"
    return dashboard(
        "mlops-gpu-cost",
        "GPU cost",
        [
            [
                number("All GPUs, USD an hour", f"sum({every})", "currencyUSD"),
                number("Idle GPUs, USD an hour", f"sum({idle})", "currencyUSD", warn=1, bad=10),
                number("Idle share", f"sum({idle}) / sum({every})", "percentunit", warn=0.1, bad=0.3),
                number("Idle, USD in 7 days", f"sum(sum_over_time({idle}[7d:1h]))", "currencyUSD"),
            ],
            [
                graph("Cost by pool, USD an hour", every, "{{pool}}", "currencyUSD", width=12),
                graph("Idle by pool, USD an hour", idle, "{{pool}}", "currencyUSD", width=12),
            ],
            [
                Panel(
                    "GPUs by pool",
                    (
                        Query("mlops:pool_gpus:count", "{{pool}}"),
                        Query("mlops:pool_gpus_idle:count", "{{pool}} idle"),
                    ),
                    width=12,
                ),
                graph("Messages of EC2 in an hour", spot, "{{message_type}}", width=12),
            ],
        ],
    )


def platform(registry: str, orchestrator: str) -> dict[str, Any]:
    """Return the dashboard of MLflow and Argo Workflows."""
    mlflow, argo = f'namespace="{registry}"', f'namespace="{orchestrator}"'
    requests = f"sum by (status) (rate(mlflow_http_request_total{{{mlflow}}}[5m]))"
    bucket = f"sum by (le) (rate(mlflow_http_request_duration_seconds_bucket{{{mlflow}}}[5m]))"
    slow = tuple(Query(f"histogram_quantile({q}, {bucket})", f"{q:.0%}") for q in (0.5, 0.95))
    failed = 'sum(increase(argo_workflows_total_count{phase=~"Failed|Error"}[1h]))'
    return dashboard(
        "mlops-platform",
        "Registry and workflows",
        [
            [
                number("MLflow pods", f"sum(kube_deployment_status_replicas_available{{{mlflow}}})", warn=0),
                number("Workflows running", f'sum(argo_workflows_gauge{{{argo}, phase="Running"}})'),
                number("Workflows pending", f'sum(argo_workflows_gauge{{{argo}, phase="Pending"}})', warn=10),
                number("Workflows failed, 1 h", failed, warn=1, bad=10),
            ],
            [
                graph("MLflow requests by status", requests, "{{status}}", "reqps", width=12),
                Panel("MLflow answers take", slow, unit="s", width=12),
            ],
            [
                graph("Pods of workflows", f"sum by (phase) (argo_workflows_pods_gauge{{{argo}}})", "{{phase}}"),
                graph(
                    "Argo queues",
                    f"sum by (queue_name) (argo_workflows_queue_depth_gauge{{{argo}}})",
                    "{{queue_name}}",
                ),
                graph(
                    "Argo errors in an hour",
                    f"sum by (cause) (increase(argo_workflows_error_count{{{argo}}}[1h]))",
                    "{{cause}}",
                ),
            ],
        ],
    )
