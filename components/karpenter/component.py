"""Karpenter on the system nodes: charts, controller role by Pod Identity, node role, interruption queue.

After this runs GpuNodePool can make pools. Cost: the controller's pods fit on the system nodes; queue and
event rules cost cents. Not stateful, but pools must go first, only a running controller ends their instances:
give them `depends_on=[karpenter.release]`.
"""

import json
from collections.abc import Mapping
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components._core import conventions, kubernetes
from components._core.args import coerce
from components._core.base import PlatformComponent
from components._core.policy_documents import pod_identity_trust, service_trust
from components.karpenter import policy
from components.karpenter.args import KarpenterArgs
from components.karpenter.values import NAMESPACE, SERVICE_ACCOUNT, controller_values

# A spot warning comes two minutes before the end: what is older says nothing new.
_RETENTION_SECONDS = 300


class Karpenter(PlatformComponent):
    """The node controller, ready for pools."""

    node_role_name: pulumi.Output[str]
    """Name of the role of the nodes."""

    node_role_arn: pulumi.Output[str]
    """Role of the nodes."""

    instance_profile_name: pulumi.Output[str]
    """Instance profile of the nodes, for node classes."""

    interruption_queue_name: pulumi.Output[str]
    """Queue that the controller reads interruptions from."""

    controller_role_arn: pulumi.Output[str]
    """Role of the controller."""

    def __init__(self, name: str, args: KarpenterArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("Karpenter", name, opts)
        args = coerce(KarpenterArgs, args)
        self._tags = conventions.tags("karpenter")
        # What the controller needs until its last pool is gone.
        self._needed: list[pulumi.Resource] = []
        self._make_node_role(args)
        queue = self._make_queue(args)
        controller = self._make_controller_role(args, queue)
        self.interruption_queue_name = queue.name
        self.controller_role_arn = controller.arn
        self._release = self._make_releases(args, queue)
        self._register()

    @property
    def release(self) -> k8s.helm.v3.Release:
        """The controller's release: what needs a running Karpenter depends on it."""
        return self._release

    def _make_node_role(self, args: KarpenterArgs) -> None:
        if args.node_role_arn is not None:
            self.node_role_arn = pulumi.Output.from_input(args.node_role_arn)
            self.node_role_name = self.node_role_arn.apply(lambda arn: arn.rpartition("/")[2])
        else:
            role = self._make_role("node", service_trust("ec2.amazonaws.com"))
            self.node_role_arn, self.node_role_name = role.arn, role.name
            self._needed += [
                aws.iam.RolePolicyAttachment(
                    self._child(f"node-{short}"), role=role.name, policy_arn=arn, opts=self._opts()
                )
                for short, arn in {**policy.NODE_POLICIES, **(args.node_policy_arns or {})}.items()
            ]
            join = pulumi.Output.all(args.account_id, args.cluster_name).apply(
                lambda v: _json(policy.node_policy(args.region, v[0], v[1]))
            )
            self._needed.append(
                aws.iam.RolePolicy(self._child("node-join"), role=role.id, policy=join, opts=self._opts())
            )
            self._needed.append(
                aws.eks.AccessEntry(
                    self._child("node-access"),
                    cluster_name=args.cluster_name,
                    principal_arn=role.arn,
                    type="EC2_LINUX",
                    tags=self._tags,
                    opts=self._opts(),
                )
            )
        # Made here: the controller needs no right to make profiles, and works without a way to IAM.
        profile = aws.iam.InstanceProfile(
            self._child("nodes"), role=self.node_role_name, tags=self._tags, opts=self._opts()
        )
        self.instance_profile_name = profile.name
        self._needed.append(profile)

    def _make_queue(self, args: KarpenterArgs) -> aws.sqs.Queue:
        queue = aws.sqs.Queue(
            self._child("interruptions"),
            kms_master_key_id=args.queue_key_arn,
            message_retention_seconds=_RETENTION_SECONDS,
            tags=self._tags,
            opts=self._opts(),
        )
        rules = {name: self._make_rule(name, pattern, queue) for name, pattern in policy.INTERRUPTIONS.items()}
        arns = pulumi.Output.all(*[rule.arn for rule in rules.values()])
        allowed = pulumi.Output.all(queue.arn, arns).apply(lambda v: _json(policy.queue_policy(v[0], v[1])))
        self._needed.append(
            aws.sqs.QueuePolicy(
                self._child("interruptions-policy"), queue_url=queue.url, policy=allowed, opts=self._opts()
            )
        )
        return queue

    def _make_rule(self, name: str, pattern: Mapping[str, Any], queue: aws.sqs.Queue) -> aws.cloudwatch.EventRule:
        rule = aws.cloudwatch.EventRule(
            self._child(f"on-{name}"),
            description=f"what may end a node: {name}",
            event_pattern=_json(pattern),
            tags=self._tags,
            opts=self._opts(),
        )
        target = aws.cloudwatch.EventTarget(
            self._child(f"on-{name}-target"),
            rule=rule.name,
            arn=queue.arn,
            target_id="karpenter",
            opts=self._opts(),
        )
        self._needed.append(target)
        return rule

    def _make_controller_role(self, args: KarpenterArgs, queue: aws.sqs.Queue) -> aws.iam.Role:
        role = self._make_role("controller", pod_identity_trust())
        rights = pulumi.Output.all(
            args.account_id,
            args.cluster_name,
            self.node_role_arn,
            queue.arn,
            args.queue_key_arn,
            args.volumes_key_arn,
        ).apply(lambda v: _json(policy.controller_policy(args.region, *v)))
        self._needed += [
            aws.iam.RolePolicy(self._child("controller-policy"), role=role.id, policy=rights, opts=self._opts()),
            aws.eks.PodIdentityAssociation(
                self._child("controller-identity"),
                cluster_name=args.cluster_name,
                namespace=NAMESPACE,
                service_account=SERVICE_ACCOUNT,
                role_arn=role.arn,
                tags=self._tags,
                opts=self._opts(),
            ),
        ]
        return role

    def _make_releases(self, args: KarpenterArgs, queue: aws.sqs.Queue) -> k8s.helm.v3.Release:
        crds = kubernetes.release(self._child("crd"), "karpenter-crd", {}, self._opts(), NAMESPACE, args.mirror)
        return kubernetes.release(
            self._child("controller"),
            "karpenter",
            controller_values(args, queue.name),
            self._opts(depends_on=[crds, *self._needed]),
            NAMESPACE,
            args.mirror,
            args.extra_values,
        )

    def _make_role(self, role: str, trust: str) -> aws.iam.Role:
        return aws.iam.Role(self._child(f"{role}-role"), assume_role_policy=trust, tags=self._tags, opts=self._opts())


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True)
