"""Operators and device plugins from the catalogue, in the order of their needs, with what they must be told.

After this runs: NVIDIA, Neuron and EFA devices are offered to pods, secrets of AWS Secrets Manager reach namespaces,
definitions of monitors exist, and volumes are gp3 and encrypted by default. Cost: pods on the system nodes and one
small pod for each accelerated node. Not stateful.
"""

from collections.abc import Callable, Mapping
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components._core import catalogue, conventions, kubernetes
from components._core.args import coerce
from components._core.base import PlatformComponent
from components._core.kubernetes import PodSecurity
from components._core.policy_documents import document, pod_identity_trust, statement, to_json
from components.addons import values
from components.addons.args import AddonsArgs

SECRET_STORE = "aws-secrets-manager"
STORAGE_CLASS = "gp3-encrypted"
# Charts that run nothing of their own beside the cluster's agents, or only bring definitions: no namespace is made.
_WITH_THE_CLUSTER = "kube-system"
# Drivers and device plugins reach into the host; everything else is held to the strictest standard.
_PRIVILEGED = ("gpu-operator",)
_DEFINITIONS_ONLY = ("prometheus-operator-crds",)


class Addons(PlatformComponent):
    """Add-ons, installed by waves: what needs nothing first, in parallel."""

    installed: pulumi.Output[list[str]]
    """Catalogue keys of what is installed."""

    secret_store_name: pulumi.Output[str]
    """Name of the ClusterSecretStore for AWS Secrets Manager; empty without external-secrets."""

    storage_class_name: pulumi.Output[str]
    """Name of the default storage class: gp3, encrypted with the platform's own key."""

    def __init__(self, name: str, args: AddonsArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("Addons", name, opts)
        args = coerce(AddonsArgs, args)
        self._releases: dict[str, k8s.helm.v3.Release] = {}
        spaces = self._make_namespaces(args)
        before = {}
        if "external-secrets" in args.keys:
            closed = self._make_policies(spaces["external-secrets"])
            before["external-secrets"] = [*self._make_secret_access(args), *closed]
        for wave in catalogue.install_order(args.keys):
            for key in wave:
                self._make_release(key, args, spaces.get(key), before.get(key, []))
        store = self._make_secret_store(args) if "external-secrets" in args.keys else None
        self.installed = pulumi.Output.all(*(r.name for r in self._releases.values())).apply(sorted)
        self.secret_store_name = store.metadata["name"] if store else pulumi.Output.from_input("")
        self.storage_class_name = self._make_storage_class(args).metadata.apply(lambda m: m.name or STORAGE_CLASS)
        self._register()

    @property
    def releases(self) -> Mapping[str, k8s.helm.v3.Release]:
        """Releases by catalogue key: what uses their kinds depends on them."""
        return self._releases

    def _make_namespaces(self, args: AddonsArgs) -> dict[str, k8s.core.v1.Namespace]:
        return {
            key: kubernetes.namespace(
                self._child(f"{key}-namespace"),
                space,
                "addons",
                self._opts(),
                PodSecurity.PRIVILEGED if key in _PRIVILEGED else PodSecurity.RESTRICTED,
            )
            for key in args.keys
            if (space := _namespace(key)) != _WITH_THE_CLUSTER
        }

    def _make_release(
        self,
        key: str,
        args: AddonsArgs,
        space: Optional[k8s.core.v1.Namespace],
        before: list[pulumi.Resource],
    ) -> None:
        pin = catalogue.chart(key)
        edges = [self._releases[k] for k in (*pin.needs, *pin.optional_needs) if k in self._releases]
        self._releases[key] = kubernetes.release(
            self._child(key),
            key,
            _values(key, args),
            self._opts(depends_on=[*edges, *before, *([space] if space else [])]),
            namespace_name=_namespace(key),
            mirror=args.mirror,
            extra_values=(args.extra_values or {}).get(key),
        )

    def _make_policies(self, space: k8s.core.v1.Namespace) -> list[pulumi.Resource]:
        """Close the namespace that holds the way to all secrets."""
        name = catalogue.chart("external-secrets").namespace
        labels = conventions.labels("addons", name)
        return [
            k8s.networking.v1.NetworkPolicy(
                self._child(f"secrets-{role}"),
                metadata={"name": role, "namespace": name, "labels": labels},
                spec=spec,
                opts=self._opts(kubernetes.inside(space)),
            )
            for role, spec in values.secret_policies().items()
        ]

    def _make_secret_access(self, args: AddonsArgs) -> list[pulumi.Resource]:
        """Let external-secrets read the platform's own secrets and RDS managed passwords, and nothing else."""
        role = aws.iam.Role(
            self._child("external-secrets-role"),
            assume_role_policy=pod_identity_trust(),
            tags=conventions.tags("addons"),
            opts=self._opts(),
        )
        policy = aws.iam.RolePolicy(
            self._child("external-secrets-read"),
            role=role.name,
            policy=to_json(_secret_access(args)),
            opts=self._opts(),
        )
        association = aws.eks.PodIdentityAssociation(
            self._child("external-secrets-identity"),
            cluster_name=args.cluster_name,
            namespace=catalogue.chart("external-secrets").namespace,
            service_account=values.EXTERNAL_SECRETS_ACCOUNT,
            role_arn=role.arn,
            tags=conventions.tags("addons"),
            opts=self._opts(),
        )
        return [policy, association]

    def _make_secret_store(self, args: AddonsArgs) -> k8s.apiextensions.CustomResource:
        # No auth section: the controller's own Pod Identity is used.
        return kubernetes.custom(
            self._child("secret-store"),
            "external-secrets.io/v1",
            "ClusterSecretStore",
            {"name": SECRET_STORE, "labels": conventions.labels("addons", SECRET_STORE)},
            {"provider": {"aws": {"service": "SecretsManager", "region": args.region}}},
            self._opts(depends_on=[self._releases["external-secrets"]]),
        )

    def _make_storage_class(self, args: AddonsArgs) -> k8s.storage.v1.StorageClass:
        return k8s.storage.v1.StorageClass(
            self._child("storage-class"),
            metadata={
                "name": STORAGE_CLASS,
                "labels": conventions.labels("addons", STORAGE_CLASS),
                "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
            },
            provisioner="ebs.csi.aws.com",
            # A volume is made in the zone of the pod that waits for it, not before.
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
            reclaim_policy="Delete",
            parameters={"type": "gp3", "encrypted": "true", "kmsKeyId": args.volumes_key_arn},
            opts=self._opts(),
        )


def _namespace(key: str) -> str:
    """Return where a release goes: definitions alone stay out of the namespace that their users' component makes."""
    return _WITH_THE_CLUSTER if key in _DEFINITIONS_ONLY else catalogue.chart(key).namespace


def _values(key: str, args: AddonsArgs) -> dict[str, Any]:
    made: dict[str, Callable[[], dict[str, Any]]] = {
        "gpu-operator": lambda: values.gpu_operator(args.mig_strategy or "single", args.time_slicing or []),
        "external-secrets": values.external_secrets,
        "aws-efa-k8s-device-plugin": lambda: values.efa(args.efa_instance_types or [], args.region),
        "aws-neuron": lambda: values.neuron(args.neuron_instance_types or []),
    }
    return made[key]() if key in made else {}


def _secret_access(args: AddonsArgs) -> dict[str, Any]:
    """Return the rights of external-secrets: read by name prefix, decrypt only through Secrets Manager."""
    base = pulumi.Output.concat("arn:aws:secretsmanager:", args.region, ":", args.account_id, ":secret:")
    return document(
        statement(
            "ReadSecrets",
            ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
            [base.apply(lambda b: f"{b}{args.secret_prefix}/*"), base.apply(lambda b: f"{b}rds!db-*")],
        ),
        statement(
            "DecryptThroughSecretsManager",
            ["kms:Decrypt"],
            args.secrets_key_arn,
            conditions={"StringEquals": {"kms:ViaService": f"secretsmanager.{args.region}.amazonaws.com"}},
        ),
    )
