"""An EKS cluster: private endpoint, all log types, encrypted secrets, access entries only, Pod Identity.

After this runs there is a control plane, its managed add-ons and a small node group for controllers;
accelerators come from GpuNodePool. Cost: 0.10 USD an hour for the control plane, two m7i.xlarge, logs.
Stateful: Kubernetes objects live in it, so AWS refuses to delete it unless `deletion_protection` is off.
With `existing_kubeconfig` nothing is created and the outputs are those of that cluster.
"""

import hashlib
from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from components._core import conventions
from components._core.args import coerce
from components._core.base import PlatformComponent
from components._core.policy_documents import pod_identity_trust, service_trust, to_json
from components.cluster import kubeconfig, managed_addons, node_group, rules
from components.cluster.args import ClusterArgs, SystemImage
from components.cluster.ordering import after

_LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
_ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
_CLUSTER_POLICY = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"


class Cluster(PlatformComponent):
    """A Kubernetes cluster on EKS, or an existing one."""

    cluster_name: pulumi.Output[str]
    """Name of the cluster."""

    endpoint: pulumi.Output[str]
    """Address of the Kubernetes API."""

    certificate_authority: pulumi.Output[str]
    """Certificate authority of the API, base64."""

    kubeconfig: pulumi.Output[str]
    """Kubeconfig as JSON. What uses it waits for access, nodes and add-ons, and is deleted before them."""

    security_group_id: pulumi.Output[str]
    """The cluster security group, shared by control plane and nodes."""

    node_role_arn: pulumi.Output[str]
    """Role of the system nodes."""

    node_role_name: pulumi.Output[str]
    """Name of that role."""

    version: pulumi.Output[str]
    """Kubernetes minor version; empty for an existing cluster that names none."""

    access_ready: pulumi.Output[str]
    """The cluster's name, once access, nodes and add-ons are there; what depends on it goes before them."""

    def __init__(self, name: str, args: ClusterArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("Cluster", name, opts)
        args = coerce(ClusterArgs, args)
        self._tags = conventions.tags("cluster")
        if args.existing_kubeconfig is None:
            self._create(args)
        else:
            self._adopt(args)
        self._register()

    def _create(self, args: ClusterArgs) -> None:
        cluster = self._make_control_plane(args)
        access = [self._make_administrator(principal, cluster) for principal in args.administrators or []]
        addons = managed_addons.managed_addons(args.cluster_name)
        early = [self._make_addon(a, cluster, args, []) for a in addons if a.before_nodes]
        role = self._make_node_role(args)
        nodes = self._make_nodes(args, cluster, role, early)
        late = [self._make_addon(a, cluster, args, [nodes]) for a in addons if not a.before_nodes]
        ready: list[pulumi.Resource] = [*access, *early, nodes, *late]
        self.cluster_name = cluster.name
        self.endpoint = cluster.endpoint
        self.certificate_authority = cluster.certificate_authority.apply(lambda ca: ca.data or "")
        self.security_group_id = cluster.vpc_config.apply(lambda vpc: vpc.cluster_security_group_id or "")
        self.node_role_arn, self.node_role_name = role.arn, role.name
        self.version = cluster.version
        config = pulumi.Output.all(cluster.name, cluster.endpoint, self.certificate_authority).apply(
            lambda v: kubeconfig.kubeconfig(v[0], v[1], v[2], args.region, args.token_role_arn)
        )
        self.kubeconfig = after(pulumi.Output.json_dumps(config, sort_keys=True), ready)
        self.access_ready = after(cluster.name, ready)

    def _adopt(self, args: ClusterArgs) -> None:
        # A file handed in may hold credentials: it stays encrypted in the state, its address need not.
        self.kubeconfig = pulumi.Output.secret(args.existing_kubeconfig or "")
        entry = pulumi.Output.unsecret(self.kubeconfig.apply(kubeconfig.cluster_entry))
        self.endpoint = entry.apply(lambda e: e[0])
        self.certificate_authority = entry.apply(lambda e: e[1])
        self.cluster_name = self.access_ready = pulumi.Output.from_input(args.cluster_name)
        self.security_group_id = pulumi.Output.from_input(args.existing_security_group_id or "")
        self.node_role_arn = pulumi.Output.from_input(args.existing_node_role_arn or "")
        self.node_role_name = self.node_role_arn.apply(lambda arn: arn.rpartition("/")[2])
        self.version = pulumi.Output.from_input(args.version or "")

    def _make_control_plane(self, args: ClusterArgs) -> aws.eks.Cluster:
        role = self._make_role("control-plane", service_trust("eks.amazonaws.com"))
        rights = [
            self._attach(role, "control-plane-eks", _CLUSTER_POLICY),
            self._allow(role, "control-plane-key", node_group.secrets_key_policy(args.secrets_key_arn or "")),
        ]
        # Made before the cluster: EKS would make it without a key and without an end.
        logs = aws.cloudwatch.LogGroup(
            self._child("logs"),
            name=f"/aws/eks/{args.cluster_name}/cluster",
            retention_in_days=args.log_retention_days or 90,
            kms_key_id=args.log_key_arn,
            tags=conventions.tags("cluster", data_class="log"),
            opts=self._opts(),
        )
        public = args.public_access_cidrs
        return aws.eks.Cluster(
            self._child("control-plane"),
            name=args.cluster_name,
            version=args.chosen_version,
            role_arn=role.arn,
            access_config={
                "authentication_mode": "API",
                "bootstrap_cluster_creator_admin_permissions": False,
            },
            bootstrap_self_managed_addons=False,
            deletion_protection=args.deletion_protection is not False,
            enabled_cluster_log_types=_LOG_TYPES,
            encryption_config={"provider": {"key_arn": args.secrets_key_arn or ""}, "resources": ["secrets"]},
            upgrade_policy={"support_type": "EXTENDED" if args.allow_extended_support else "STANDARD"},
            vpc_config={
                "subnet_ids": args.private_subnet_ids or [],
                "endpoint_private_access": True,
                "endpoint_public_access": public is not None,
                "public_access_cidrs": public,
            },
            tags=self._tags,
            opts=self._opts(depends_on=[logs, *rights]),
        )

    def _make_administrator(self, principal: str, cluster: aws.eks.Cluster) -> pulumi.Resource:
        # Named by the principal, not by its place in the list: taking one out must not replace the others.
        short = hashlib.sha256(principal.encode()).hexdigest()[:8]
        entry = aws.eks.AccessEntry(
            self._child(f"admin-{short}"),
            cluster_name=cluster.name,
            principal_arn=principal,
            type="STANDARD",
            tags=self._tags,
            opts=self._opts(),
        )
        association: pulumi.Resource = aws.eks.AccessPolicyAssociation(
            self._child(f"admin-{short}-policy"),
            cluster_name=cluster.name,
            principal_arn=entry.principal_arn,
            policy_arn=_ADMIN_POLICY,
            access_scope={"type": "cluster"},
            opts=self._opts(),
        )
        return association

    def _make_addon(
        self,
        addon: managed_addons.ManagedAddon,
        cluster: aws.eks.Cluster,
        args: ClusterArgs,
        needs: list[pulumi.Resource],
    ) -> aws.eks.Addon:
        identities: Optional[list[Any]] = None
        rights = list(needs)
        if addon.policy_arn:
            role = self._make_role(addon.role, pod_identity_trust())
            rights.append(self._attach(role, f"{addon.role}-policy", addon.policy_arn))
            if addon.name == managed_addons.EBS_CSI:
                key = node_group.volume_key_policy(args.region, args.volumes_key_arn or "")
                rights.append(self._allow(role, f"{addon.role}-key", key))
            identities = [{"role_arn": role.arn, "service_account": addon.service_account or ""}]
        return aws.eks.Addon(
            self._child(addon.role),
            addon_name=addon.name,
            cluster_name=cluster.name,
            addon_version=(args.addon_versions or {}).get(addon.name),
            configuration_values=managed_addons.settings_json(addon),
            pod_identity_associations=identities,
            # This program is the only owner, so its settings win at creation and at every update.
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            preserve=False,
            tags=self._tags,
            opts=self._opts(depends_on=rights),
        )

    def _make_node_role(self, args: ClusterArgs) -> aws.iam.Role:
        role = self._make_role("nodes", service_trust("ec2.amazonaws.com"))
        policy = node_group.node_policy(args.region, args.account_id, args.cluster_name)
        self._node_rights: list[pulumi.Resource] = [
            self._attach(role, f"nodes-{short}", arn)
            for short, arn in {**node_group.NODE_POLICIES, **(args.node_policy_arns or {})}.items()
        ]
        self._node_rights.append(self._allow(role, "nodes-join", policy))
        return role

    def _make_nodes(
        self, args: ClusterArgs, cluster: aws.eks.Cluster, role: aws.iam.Role, needs: list[aws.eks.Addon]
    ) -> aws.eks.NodeGroup:
        chosen, image = args.nodes, args.nodes.image or SystemImage.AL2023
        low, wanted, high = chosen.sizes
        architecture = rules.check_system_types(chosen.types, args.region, "system_nodes.instance_types")
        tags = {**self._tags, "node-pool": "system", **(args.instance_tags or {})}
        template = aws.ec2.LaunchTemplate(
            self._child("system-template"),
            description=f"system nodes of {args.cluster_name}",
            block_device_mappings=node_group.disks(image, chosen.disk_gib or 80, args.volumes_key_arn or ""),
            metadata_options=node_group.metadata_options(),
            tag_specifications=node_group.tag_specifications(tags),
            update_default_version=True,
            tags=self._tags,
            opts=self._opts(),
        )
        return aws.eks.NodeGroup(
            self._child("system"),
            cluster_name=cluster.name,
            node_role_arn=role.arn,
            subnet_ids=args.private_subnet_ids or [],
            instance_types=chosen.types,
            ami_type=node_group.image_type(image, architecture),
            release_version=chosen.release_version,
            version=args.chosen_version,
            launch_template={"id": template.id, "version": template.latest_version.apply(str)},
            scaling_config={"min_size": low, "desired_size": wanted, "max_size": high},
            update_config={"max_unavailable": 1},
            node_repair_config={"enabled": True},
            # Without a taint: everything that tolerates no accelerator taint lands here.
            labels={node_group.NODE_LABEL: "system"},
            tags=self._tags,
            opts=self._opts(depends_on=[*needs, *self._node_rights]),
        )

    def _make_role(self, role: str, trust: str) -> aws.iam.Role:
        return aws.iam.Role(self._child(f"{role}-role"), assume_role_policy=trust, tags=self._tags, opts=self._opts())

    def _attach(self, role: aws.iam.Role, child: str, policy_arn: pulumi.Input[str]) -> aws.iam.RolePolicyAttachment:
        return aws.iam.RolePolicyAttachment(
            self._child(child), role=role.name, policy_arn=policy_arn, opts=self._opts()
        )

    def _allow(self, role: aws.iam.Role, child: str, policy: dict[str, Any]) -> aws.iam.RolePolicy:
        return aws.iam.RolePolicy(self._child(child), role=role.id, policy=to_json(policy), opts=self._opts())
