"""Application Auto Scaling: what may grow, and by which policy."""

from __future__ import annotations

from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._shapes import flat, like
from sandbox.aws.types import AwsType, Name, camel, pascal, put
from sandbox.provider.values import Props

_CONFIGURATIONS = {
    "stepScalingPolicyConfiguration": "StepScalingPolicyConfiguration",
    "targetTrackingScalingPolicyConfiguration": "TargetTrackingScalingPolicyConfiguration",
}


def _place(props: Props) -> dict[str, str]:
    return {
        "ServiceNamespace": props["serviceNamespace"],
        "ResourceId": props["resourceId"],
        "ScalableDimension": props["scalableDimension"],
    }


def _target_id(props: Props) -> str:
    return "/".join(_place(props).values())


def _parts(target_id: str) -> tuple[str, str, str]:
    """Take an id apart; what grows may have slashes in its name."""
    namespace, _, rest = target_id.partition("/")
    resource, _, dimension = rest.rpartition("/")
    return namespace, resource, dimension


def _create_target(aws: Aws, props: Props) -> str:
    aws.client("application-autoscaling").register_scalable_target(
        **_place(props), MinCapacity=int(props["minCapacity"]), MaxCapacity=int(props["maxCapacity"])
    )
    return _target_id(props)


def _target(aws: Aws, target_id: str) -> dict[str, Any] | None:
    namespace, resource, dimension = _parts(target_id)
    pages = aws.client("application-autoscaling").get_paginator("describe_scalable_targets")
    asked = {"ServiceNamespace": namespace, "ResourceIds": [resource], "ScalableDimension": dimension}
    return next(iter(flat(pages.paginate(**asked), "ScalableTargets")), None)


def _read_target(aws: Aws, target_id: str, props: Props) -> Props | None:
    """Tell what moto keeps: it keeps no tags here, which are known from the state alone."""
    found = _target(aws, target_id)
    return found and {
        "arn": found["ScalableTargetARN"],
        "serviceNamespace": found["ServiceNamespace"],
        "resourceId": found["ResourceId"],
        "scalableDimension": found["ScalableDimension"],
        "minCapacity": like(props.get("minCapacity"), found["MinCapacity"]),
        "maxCapacity": like(props.get("maxCapacity"), found["MaxCapacity"]),
    }


def _delete_target(aws: Aws, target_id: str, props: Props) -> None:
    if _target(aws, target_id) is not None:
        namespace, resource, dimension = _parts(target_id)
        aws.client("application-autoscaling").deregister_scalable_target(
            ServiceNamespace=namespace, ResourceId=resource, ScalableDimension=dimension
        )


def _create_policy(aws: Aws, props: Props) -> str:
    configured = {api: pascal(props[ours]) for ours, api in _CONFIGURATIONS.items() if props.get(ours)}
    aws.client("application-autoscaling").put_scaling_policy(
        **_place(props), PolicyName=props["name"], PolicyType=props.get("policyType", "StepScaling"), **configured
    )
    return f"{_target_id(props)}/{props['name']}"


def _policy(aws: Aws, policy_id: str) -> dict[str, Any] | None:
    target_id, _, name = policy_id.rpartition("/")
    namespace, resource, dimension = _parts(target_id)
    pages = aws.client("application-autoscaling").get_paginator("describe_scaling_policies")
    asked = {"ServiceNamespace": namespace, "ResourceId": resource, "ScalableDimension": dimension}
    policies = flat(pages.paginate(**asked), "ScalingPolicies")
    return next((p for p in policies if p["PolicyName"] == name and p["ResourceId"] == resource), None)


def _read_policy(aws: Aws, policy_id: str, props: Props) -> Props | None:
    found = _policy(aws, policy_id)
    return found and {
        "arn": found["PolicyARN"],
        "name": found["PolicyName"],
        "policyType": found["PolicyType"],
        "serviceNamespace": found["ServiceNamespace"],
        "resourceId": found["ResourceId"],
        "scalableDimension": found["ScalableDimension"],
        **{ours: like(props.get(ours), camel(found.get(api))) for ours, api in _CONFIGURATIONS.items()},
    }


def _delete_policy(aws: Aws, policy_id: str, props: Props) -> None:
    if _policy(aws, policy_id) is not None:
        target_id, _, name = policy_id.rpartition("/")
        namespace, resource, dimension = _parts(target_id)
        aws.client("application-autoscaling").delete_scaling_policy(
            PolicyName=name, ServiceNamespace=namespace, ResourceId=resource, ScalableDimension=dimension
        )


_PLACE = frozenset({"resourceId", "scalableDimension", "serviceNamespace"})

TYPES = (
    AwsType(
        token="aws:appautoscaling/target:Target",
        create=_create_target,
        read=_read_target,
        update=put(_create_target),
        delete=_delete_target,
        replaces=_PLACE,
    ),
    AwsType(
        token="aws:appautoscaling/policy:Policy",
        create=_create_policy,
        read=_read_policy,
        update=put(_create_policy),
        delete=_delete_policy,
        replaces=_PLACE,
        name=Name("name", 255),
    ),
)
