"""Rules of accelerators: use, cost, faults, capacity. Pure functions, tested with promtool.

GPU metrics carry `pool` (the ServiceMonitor sets it from the node's labels) and `Hostname`, the node; series
without `pool` come from a second scrape of the same exporter and would count twice.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from components.monitoring.args import MonitoredPool
from components.monitoring.rule import alert, record

IDLE_BELOW = 0.05
"""Share of time with work on a GPU, over half an hour, under which it is idle."""

HOT_GPU, HOT_MEMORY = 85, 95
"""Degrees Celsius of chip and memory that hold for ten minutes: before data-centre GPUs slow down."""

# NVIDIA's catalogue of Xids (docs.nvidia.com/deploy/xid-errors, read 2026-11-23): codes whose remedy is to
# drain, reset or return the GPU. The others mostly come from the program that runs on it.
HARDWARE_XIDS: Mapping[int, str] = {
    46: "stopped processing",
    48: "double-bit memory error",
    62: "halted microcontroller",
    64: "row remapping failed",
    74: "NVLink error",
    79: "fallen off the bus",
    95: "uncontained memory error",
    119: "firmware timed out",
    120: "firmware error",
    140: "unrecovered memory error",
}

_GPU = '{pool!=""}'
_ACCELERATORS = 'resource=~"nvidia_com_.+|aws_amazon_com_neuron.*"'
# The kind of message has had two spellings: pkg/controllers/interruption/messages of karpenter-provider-aws.
_SPOT = 'message_type=~"spot_interrupted|SpotInterruptionKind"'


def gpu_use() -> list[dict[str, Any]]:
    """Return recordings of use: by GPU, by pool, and which GPUs had no work for half an hour.

    The profiling counter sees slices of a cut GPU, which the older one does not; some GPUs have only the
    older one.
    """
    by_gpu = "by (pool, Hostname, gpu)"
    engine = f"max {by_gpu} (DCGM_FI_PROF_GR_ENGINE_ACTIVE{_GPU})"
    utilisation = f"max {by_gpu} (DCGM_FI_DEV_GPU_UTIL{_GPU}) / 100"
    return [
        record("mlops:gpu_use:ratio", f"{engine} or {utilisation}"),
        record("mlops:gpu_idle:bool", f"avg_over_time(mlops:gpu_use:ratio[30m]) < bool {IDLE_BELOW}"),
        record("mlops:pool_gpus:count", "count by (pool) (mlops:gpu_use:ratio)"),
        record("mlops:pool_gpus_idle:count", "sum by (pool) (mlops:gpu_idle:bool)"),
        record("mlops:pool_gpu_use:ratio", "avg by (pool) (mlops:gpu_use:ratio)"),
    ]


def gpu_prices(pools: Iterable[MonitoredPool]) -> list[dict[str, Any]]:
    """Return the given prices as constants; a pool without a price has none, and no cost."""
    return [
        record("mlops:gpu_price:usd_per_hour", f"vector({pool.gpu_price_usd:g})", pool=pool.name)
        for pool in pools
        if pool.gpu_price_usd is not None
    ]


def gpu_cost() -> list[dict[str, Any]]:
    """Return what GPUs cost by pool, all and idle ones, USD an hour."""
    return [
        record(f"mlops:pool_{what}_cost:usd_per_hour", f"{count} * on (pool) mlops:gpu_price:usd_per_hour")
        for what, count in (("gpus", "mlops:pool_gpus:count"), ("gpus_idle", "mlops:pool_gpus_idle:count"))
    ]


def gpu_idle(cost_limit_usd: float, priced: bool) -> list[dict[str, Any]]:
    """Return alerts on GPUs that are paid for and not used; without prices the count itself is the warning."""
    return [
        alert(
            "GpuIdle",
            "info" if priced else "warning",
            "mlops:pool_gpus_idle:count > 0",
            "30m",
            "{{ $value }} GPUs of pool {{ $labels.pool }} are idle",
            "No work for half an hour at least. Find who holds them on the dashboard GPUs; end what is forgotten.",
        ),
        alert(
            "GpuIdleCost",
            "warning",
            f"sum(mlops:pool_gpus_idle_cost:usd_per_hour) > {cost_limit_usd:g}",
            "1h",
            "Idle GPUs cost {{ $value | printf `%.2f` }} USD an hour",
            f"More than {cost_limit_usd:g} USD an hour for an hour. The dashboard GPU cost shows the pools.",
        ),
    ]


def gpu_health() -> list[dict[str, Any]]:
    """Return alerts on faults: Xids, memory, heat, an exporter that is gone."""
    where = "GPU {{ $labels.gpu }} on {{ $labels.Hostname }} ({{ $labels.pool }})"
    hardware = " or ".join(f"DCGM_FI_DEV_XID_ERRORS{_GPU} == {code}" for code in HARDWARE_XIDS)
    drain = "Cordon and drain the node; Karpenter replaces it. Return it to AWS if it comes back."
    return [
        alert("GpuXidHardware", "critical", hardware, "0m", f"{where}: Xid {{{{ $value }}}}", drain),
        alert(
            "GpuXidApplication",
            "info",
            f"changes(DCGM_FI_DEV_XID_ERRORS{_GPU}[10m]) > 0 and DCGM_FI_DEV_XID_ERRORS{_GPU} > 0",
            "0m",
            f"{where}: new Xid",
            "Most come from the program. Look at the log of the pod that held the GPU.",
        ),
        alert(
            "GpuRowRemapFailed",
            "critical",
            f"DCGM_FI_DEV_ROW_REMAP_FAILURE{_GPU} > 0",
            "0m",
            f"{where}: memory cannot be repaired any more",
            drain,
        ),
        alert(
            "GpuMemoryErrors",
            "warning",
            f"increase(DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS{_GPU}[1h]) > 0",
            "0m",
            f"{where}: uncorrectable memory errors (ECC)",
            "The rows are replaced at the next reset: drain the node when its work allows.",
        ),
        alert(
            "GpuHot",
            "warning",
            f"DCGM_FI_DEV_GPU_TEMP{_GPU} > {HOT_GPU} or DCGM_FI_DEV_MEMORY_TEMP{_GPU} > {HOT_MEMORY}",
            "10m",
            f"{where}: {{{{ $value }}}} degrees",
            "It slows down soon. On EC2 cooling is AWS's: replace the node if work suffers.",
        ),
        alert(
            "GpuExporterDown",
            "warning",
            'up{job="nvidia-dcgm-exporter", pool!=""} == 0',
            "10m",
            "No GPU metrics from {{ $labels.instance }}",
            "Faults and idle GPUs of this node are not seen. Look at the pods of the GPU operator.",
        ),
    ]


def capacity() -> list[dict[str, Any]]:
    """Return alerts on GPUs that are asked for and not there."""
    asks = f"sum by (namespace, pod) (kube_pod_container_resource_requests{{{_ACCELERATORS}}})"
    pending = 'max by (namespace, pod) (kube_pod_status_phase{phase="Pending"} == 1)'
    return [
        alert(
            "GpuPodPending",
            "warning",
            f"{asks} * on (namespace, pod) {pending} > 0",
            "15m",
            "{{ $labels.namespace }}/{{ $labels.pod }} waits for {{ $value }} accelerators",
            "No capacity, a quota, a limit of the pool, or no pool that fits: see the events of the pod.",
        ),
        alert(
            "GpuPoolNearLimit",
            "warning",
            'karpenter_nodepools_usage{resource_type=~"nvidia.com/gpu|aws.amazon.com/neuron.*"}'
            " / on (nodepool, resource_type) karpenter_nodepools_limit > 0.9",
            "15m",
            "Pool {{ $labels.nodepool }} uses {{ $value | humanizePercentage }} of its limit",
            "Pods will wait soon. Raise gpu_limit of the pool, or find what can end.",
        ),
        alert(
            "SpotInterruptions",
            "info",
            f"sum(increase(karpenter_interruption_received_messages_total{{{_SPOT}}}[10m])) > 0",
            "0m",
            "{{ $value | printf `%.0f` }} spot interruptions in ten minutes",
            "Workflows start again elsewhere and go on from their checkpoints.",
        ),
        alert(
            "SpotInterruptionsFrequent",
            "warning",
            f"sum(increase(karpenter_interruption_received_messages_total{{{_SPOT}}}[1h])) > 5",
            "0m",
            "{{ $value | printf `%.0f` }} spot interruptions in an hour",
            "Work moves more than it runs. Allow more instance types or zones, or on-demand for a while.",
        ),
    ]
