"""Arguments of `Monitoring`."""

import dataclasses
import re
from typing import Any, Optional

import pulumi

from components._core.args import in_range, require

_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_POOL = re.compile(r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$")


@dataclasses.dataclass(frozen=True, kw_only=True)
class MonitoredPool:
    """A GPU pool and what an idle GPU of it costs."""

    name: str
    """Name of the pool, the label mlops.dev/pool of its nodes."""

    gpu_price_usd: Optional[float] = None
    """Price of one GPU for an hour, USD: the instance's price by the number of its GPUs. Default: unknown."""

    def __post_init__(self) -> None:
        require(
            bool(_POOL.match(self.name)),
            "pools.name",
            f"{self.name!r} is not the name of a pool; use lower-case words joined by dashes",
        )
        if self.gpu_price_usd is not None:
            in_range(self.gpu_price_usd, 0, 1_000, f"pools[{self.name}].gpu_price_usd", "USD an hour")


@dataclasses.dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """Arguments of `Monitoring`."""

    cluster_name: pulumi.Input[str]
    """EKS cluster, for the Pod Identity association; also a label of every alert."""

    region: str
    """AWS region of the topic."""

    account_id: pulumi.Input[str]
    """AWS account, twelve digits; alarms of other accounts may not publish."""

    notification_key_arn: pulumi.Input[str]
    """KMS key of the topic; its policy must let cloudwatch.amazonaws.com use it."""

    storage_class: pulumi.Input[str]
    """Storage class of Prometheus and Alertmanager, encrypted gp3."""

    alert_emails: Optional[list[str]] = None
    """Addresses that get alerts, each after its owner confirmed. Default: none, others may subscribe."""

    pools: Optional[list[MonitoredPool]] = None
    """GPU pools with prices, for the cost of idle GPUs. Default: none; GPUs are watched, without money."""

    idle_cost_limit_usd: Optional[float] = None
    """Cost of idle GPUs, USD an hour, above which an alert fires. Default: 10."""

    retention_days: Optional[int] = None
    """Days that Prometheus keeps metrics. Default: 15."""

    storage_gib: Optional[int] = None
    """Volume of Prometheus, in GiB; the oldest data goes when four fifths are full. Default: 50."""

    gpu_namespace: Optional[str] = None
    """Namespace of the GPU operator, whose exporter is scraped. Default: gpu-operator."""

    registry_namespace: Optional[str] = None
    """Namespace of MLflow. Default: mlflow."""

    orchestrator_namespace: Optional[str] = None
    """Namespace of Argo Workflows. Default: argo."""

    mirror: Optional[str] = None
    """Where charts come from instead of upstream: `oci://...` or a folder. Default: upstream."""

    extra_values: Optional[dict[str, Any]] = None
    """More values of kube-prometheus-stack, merged last and not checked. Default: none."""

    def __post_init__(self) -> None:
        for i, address in enumerate(self.alert_emails or []):
            require(
                bool(_EMAIL.match(address)),
                f"alert_emails[{i}]",
                f"{address!r} is not an address; use name@domain",
            )
        names = [pool.name for pool in self.pools or []]
        twice = sorted({name for name in names if names.count(name) > 1})
        require(not twice, "pools", f"names {', '.join(twice)} more than once; give each pool once")
        for path, low, high, unit in (
            ("idle_cost_limit_usd", 0, 1_000_000, "USD an hour"),
            ("retention_days", 1, 400, "days"),
            ("storage_gib", 10, 16_384, "GiB"),
        ):
            value = getattr(self, path)
            if value is not None:
                in_range(value, low, high, path, unit)

    @property
    def storage(self) -> int:
        """Volume of Prometheus, in GiB."""
        return self.storage_gib if self.storage_gib is not None else 50
