"""A pool of accelerator nodes: Karpenter's NodePool and EC2NodeClass, or a managed node group.

After this runs pods that ask for the pool's resource, tolerate its taints and select its label get nodes: from
Karpenter as they ask, down to zero again; from a managed node group what it was told to have. Cost: nothing at zero
nodes, at most `gpu_limit` accelerators. Not stateful: disks of nodes go with them.
"""

from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from components._core import conventions, kubernetes
from components._core.args import coerce
from components._core.base import PlatformComponent
from components.gpu_node_pool import managed, marks, node_class, node_pool
from components.gpu_node_pool.args import GpuNodePoolArgs
from components.gpu_node_pool.choices import PoolKind

_SPARE_MINUTES = 15
# After the last pod has left: time for the instance to end and for the finalizers.


class GpuNodePool(PlatformComponent):
    """A pool of nodes with GPUs or Neuron devices."""

    pool_name: pulumi.Output[str]
    """Name of the pool."""

    node_class_name: pulumi.Output[str]
    """Name of the EC2NodeClass; empty for a managed node group."""

    accelerator_resource: pulumi.Output[str]
    """Kubernetes resource that pods ask for, such as nvidia.com/gpu."""

    selector: pulumi.Output[dict[str, str]]
    """Labels that select the pool's nodes."""

    tolerations: pulumi.Output[list[dict[str, str]]]
    """What pods must tolerate to land there."""

    def __init__(self, name: str, args: GpuNodePoolArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("GpuNodePool", name, opts)
        args = coerce(GpuNodePoolArgs, args)
        self._tags = conventions.tags("gpu-node-pool", {"node-pool": args.pool_name})
        # Said again for each child, so that the state itself knows: a pool goes before the controller that ends it.
        self._first = pulumi.ResourceOptions(depends_on=opts.depends_on if opts else None)
        groups: list[pulumi.Input[str]] = [args.cluster_security_group_id]
        if args.efa:
            groups.append(self._make_efa_group(args))
        placement = self._make_placement_group(args) if args.placement_group else None
        if args.chosen_kind is PoolKind.KARPENTER:
            self._make_karpenter_pool(args, groups, placement)
        else:
            self._make_managed_group(args, groups, placement)
        self.pool_name = pulumi.Output.from_input(args.pool_name)
        self.accelerator_resource = pulumi.Output.from_input(args.resource)
        self.selector = pulumi.Output.from_input(marks.selector(args))
        self.tolerations = pulumi.Output.from_input(marks.tolerations(args))
        self._register()

    def _make_efa_group(self, args: GpuNodePoolArgs) -> pulumi.Output[str]:
        group = aws.ec2.SecurityGroup(
            self._child("efa"),
            description=f"efa traffic among the nodes of pool {args.pool_name}",
            vpc_id=args.vpc_id,
            tags=self._tags,
            opts=self._opts(),
        )
        # EFA does not pass unless a group allows all traffic from and to itself.
        inward = aws.vpc.SecurityGroupIngressRule(
            self._child("efa-in"),
            security_group_id=group.id,
            referenced_security_group_id=group.id,
            ip_protocol="-1",
            description="efa from the pool's own nodes",
            tags=self._tags,
            opts=self._opts(),
        )
        outward = aws.vpc.SecurityGroupEgressRule(
            self._child("efa-out"),
            security_group_id=group.id,
            referenced_security_group_id=group.id,
            ip_protocol="-1",
            description="efa to the pool's own nodes",
            tags=self._tags,
            opts=self._opts(),
        )
        self._first = pulumi.ResourceOptions.merge(self._first, pulumi.ResourceOptions(depends_on=[inward, outward]))
        created: pulumi.Output[str] = group.id
        return created

    def _make_placement_group(self, args: GpuNodePoolArgs) -> aws.ec2.PlacementGroup:
        return aws.ec2.PlacementGroup(self._child("close"), strategy="cluster", tags=self._tags, opts=self._opts())

    def _make_karpenter_pool(
        self,
        args: GpuNodePoolArgs,
        groups: list[pulumi.Input[str]],
        placement: Optional[aws.ec2.PlacementGroup],
    ) -> None:
        labels = conventions.labels("gpu-node-pool", args.pool_name)
        subnets = pulumi.Output.from_input(args.subnet_ids).apply(lambda ids: [{"id": i} for i in ids])
        made = kubernetes.custom(
            self._child("class"),
            node_class.API_VERSION,
            node_class.KIND,
            {"name": args.pool_name, "labels": labels},
            node_class.spec(args, subnets, [{"id": g} for g in groups], placement.name if placement else None),
            self._opts(self._first),
        )
        grace = args.termination_grace_period or node_pool.DEFAULT_GRACE
        minutes = node_pool.grace_minutes(grace) + _SPARE_MINUTES
        kubernetes.custom(
            self._child("pool"),
            node_pool.API_VERSION,
            node_pool.KIND,
            {"name": args.pool_name, "labels": labels},
            node_pool.spec(args, args.pool_name),
            # Gone only when its last node is: that may take as long as pods may take to leave.
            self._opts(
                self._first,
                depends_on=[made],
                custom_timeouts=pulumi.CustomTimeouts(delete=f"{minutes}m"),
            ),
        )
        self.node_class_name = pulumi.Output.from_input(args.pool_name)

    def _make_managed_group(
        self,
        args: GpuNodePoolArgs,
        groups: list[pulumi.Input[str]],
        placement: Optional[aws.ec2.PlacementGroup],
    ) -> None:
        launch: Any = managed.template(args, groups, placement.name if placement else None)
        template = aws.ec2.LaunchTemplate(
            self._child("template"),
            description=f"nodes of pool {args.pool_name}",
            update_default_version=True,
            tags=self._tags,
            opts=self._opts(),
            **launch,
        )
        aws.eks.NodeGroup(
            self._child("nodes"),
            cluster_name=args.cluster_name,
            node_role_arn=args.node_role_arn or "",
            subnet_ids=args.subnet_ids,
            launch_template={"id": template.id, "version": template.latest_version.apply(str)},
            tags=self._tags,
            opts=self._opts(self._first),
            **managed.node_group(args),
        )
        self.node_class_name = pulumi.Output.from_input("")
