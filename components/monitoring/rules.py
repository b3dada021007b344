"""All groups of rules of the platform, and the rules of nodes, MLflow and Argo Workflows. Pure functions."""

from collections.abc import Sequence
from typing import Any

from components.monitoring import gpu_rules
from components.monitoring.args import MonitoredPool
from components.monitoring.rule import alert


def groups(
    pools: Sequence[MonitoredPool], idle_cost_limit_usd: float, registry: str, orchestrator: str
) -> list[dict[str, Any]]:
    """Return all groups of rules of the platform."""
    return [
        {
            "name": "mlops-gpu-use",
            "interval": "30s",
            "rules": [*gpu_rules.gpu_use(), *gpu_rules.gpu_prices(pools), *gpu_rules.gpu_cost()],
        },
        {"name": "mlops-gpu-idle", "rules": gpu_rules.gpu_idle(idle_cost_limit_usd, bool(gpu_rules.gpu_prices(pools)))},
        {"name": "mlops-gpu-health", "rules": gpu_rules.gpu_health()},
        {"name": "mlops-capacity", "rules": gpu_rules.capacity()},
        {"name": "mlops-nodes", "rules": nodes()},
        {"name": "mlops-registry", "rules": model_registry(registry)},
        {"name": "mlops-workflows", "rules": workflows(orchestrator)},
    ]


def nodes() -> list[dict[str, Any]]:
    """Return alerts on nodes: readiness, CPU, memory, containers that ran out of memory."""
    return [
        alert(
            "NodeNotReady",
            "critical",
            'kube_node_status_condition{condition="Ready", status="true"} == 0',
            "10m",
            "Node {{ $labels.node }} is not ready",
            "Its pods move. Karpenter replaces its own nodes; look at the others in EC2.",
        ),
        alert(
            "NodeCpuBusy",
            "warning",
            '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])) > 0.95',
            "30m",
            "CPU of {{ $labels.instance }} is {{ $value | humanizePercentage }} busy",
            "On GPU nodes the GPUs may wait for data: give the workload more CPU or fewer workers.",
        ),
        alert(
            "NodeMemoryShort",
            "warning",
            "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes > 0.95",
            "15m",
            "Memory of {{ $labels.instance }} is {{ $value | humanizePercentage }} used",
            "Pods will be evicted. Find which grow beyond what they asked for.",
        ),
        alert(
            "ContainerOutOfMemory",
            "warning",
            "increase(kube_pod_container_status_restarts_total[10m]) > 0"
            " and on (namespace, pod, container)"
            ' kube_pod_container_status_last_terminated_reason{reason="OOMKilled"} == 1',
            "0m",
            "{{ $labels.namespace }}/{{ $labels.pod }} ran out of memory",
            "Raise the memory of container {{ $labels.container }} or lower its batch size.",
        ),
    ]


def model_registry(namespace: str) -> list[dict[str, Any]]:
    """Return alerts on MLflow: down, failing, slow."""
    scope = f'namespace="{namespace}"'
    failed = f'sum(rate(mlflow_http_request_total{{{scope}, status=~"5.."}}[5m]))'
    every = f"sum(rate(mlflow_http_request_total{{{scope}}}[5m]))"
    bucket = f"sum by (le) (rate(mlflow_http_request_duration_seconds_bucket{{{scope}}}[5m]))"
    return [
        alert(
            "MlflowDown",
            "critical",
            f'kube_deployment_status_replicas_available{{{scope}, deployment="mlflow"}} == 0',
            "5m",
            "MLflow has no running pod",
            "Training cannot log and models cannot be found. See the pods' events, then the database.",
        ),
        alert(
            "MlflowErrors",
            "warning",
            f"{failed} / {every} > 0.05",
            "10m",
            "{{ $value | humanizePercentage }} of MLflow's answers are errors",
            "After a password rotation a few minutes are normal; longer: log of the pods, state of the database.",
        ),
        alert(
            "MlflowSlow",
            "warning",
            f"histogram_quantile(0.95, {bucket}) > 5",
            "15m",
            "One in twenty of MLflow's answers takes over {{ $value | printf `%.1f` }} s",
            "Look at Performance Insights of the database; raise replicas or workers.",
        ),
    ]


def workflows(namespace: str) -> list[dict[str, Any]]:
    """Return alerts on Argo Workflows: no leader, errors, a queue that grows, many failures."""
    scope = f'namespace="{namespace}"'
    failed = 'sum(increase(argo_workflows_total_count{phase=~"Failed|Error"}[1h]))'
    ended = 'sum(increase(argo_workflows_total_count{phase=~"Failed|Error|Succeeded"}[1h]))'
    return [
        alert(
            "ArgoWithoutLeader",
            "critical",
            f"sum(argo_workflows_is_leader{{{scope}}}) == 0 or absent(argo_workflows_is_leader{{{scope}}})",
            "5m",
            "No controller of Argo Workflows leads",
            "Nothing starts or ends. See the pods' events, then the database of the archive.",
        ),
        alert(
            "ArgoErrors",
            "warning",
            f"sum by (cause) (increase(argo_workflows_error_count{{{scope}}}[15m])) > 0",
            "0m",
            "Argo Workflows: {{ $labels.cause }}",
            "See the controller's log at this time.",
        ),
        alert(
            "ArgoQueueGrows",
            "warning",
            f"sum by (queue_name) (argo_workflows_queue_depth_gauge{{{scope}}}) > 500",
            "15m",
            "{{ $value }} entries wait in {{ $labels.queue_name }}",
            "The controller cannot keep up: lower parallelism, or give it more CPU.",
        ),
        alert(
            "WorkflowsFail",
            "warning",
            f"{failed} / {ended} > 0.5 and {ended} > 10",
            "0m",
            "{{ $value | humanizePercentage }} of the workflows of the last hour failed",
            "So many at once have one cause: capacity, an image, the bucket, the registry.",
        ),
    ]
