"""Arguments of `Addons`."""

import dataclasses
from typing import Any, Optional

import pulumi

from components._core import catalogue
from components._core.args import ArgsError, one_of, require

OFFERED = (
    "aws-efa-k8s-device-plugin",
    "aws-neuron",
    "external-secrets",
    "gpu-operator",
    "prometheus-operator-crds",
)
"""Add-ons that this component installs; others come with the component that they serve."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class AddonsArgs:
    """Arguments of `Addons`."""

    keys: list[str]
    """Add-ons by their catalogue key; what they need must be among them. See `required_addons`."""

    cluster_name: pulumi.Input[str]
    """EKS cluster, for the Pod Identity association."""

    region: str
    """AWS region."""

    account_id: pulumi.Input[str]
    """AWS account, twelve digits."""

    secrets_key_arn: pulumi.Input[str]
    """KMS key of the secrets that external-secrets reads."""

    volumes_key_arn: pulumi.Input[str]
    """KMS key of persistent volumes."""

    secret_prefix: str
    """Prefix of the names of the platform's own secrets; beside them only RDS managed passwords are readable."""

    mig_strategy: Optional[str] = None
    """How slices of GPUs are offered, for the whole cluster: single or mixed. Default: single."""

    time_slicing: Optional[list[int]] = None
    """Numbers of pods for each GPU that pools ask for, each becomes a device plugin configuration. Default: none."""

    efa_instance_types: Optional[list[str]] = None
    """Instance types whose nodes get the EFA device plugin. Default: none; the plugin needs some."""

    neuron_instance_types: Optional[list[str]] = None
    """Instance types whose nodes get the Neuron device plugin. Default: none; the plugin needs some."""

    mirror: Optional[str] = None
    """Registry or folder that holds all charts. Default: their own repositories."""

    extra_values: Optional[dict[str, dict[str, Any]]] = None
    """Values by add-on, merged last and not checked. Default: none."""

    def __post_init__(self) -> None:
        for i, key in enumerate(self.keys):
            one_of(key, OFFERED, f"keys[{i}]")
        try:
            catalogue.install_order(self.keys)
        except catalogue.CatalogueError as error:
            raise ArgsError("keys", str(error)) from None
        one_of(self.mig_strategy or "single", ("single", "mixed"), "mig_strategy")
        for key, name in (
            ("aws-efa-k8s-device-plugin", "efa_instance_types"),
            ("aws-neuron", "neuron_instance_types"),
        ):
            require(
                key not in self.keys or bool(getattr(self, name)),
                name,
                f"is empty; {key} runs on named types only",
            )
        for i, replicas in enumerate(self.time_slicing or []):
            require(replicas >= 2, f"time_slicing[{i}]", f"{replicas} pods do not share a GPU; use 2 or more")
        unknown = sorted(set(self.extra_values or {}) - set(self.keys))
        require(
            not unknown,
            "extra_values",
            f"names {', '.join(unknown)}, not among keys; add it there or drop it",
        )
