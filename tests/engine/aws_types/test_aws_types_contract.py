"""Every AWS type that a component creates is executed, or recorded with a reason that holds."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sandbox.aws.schema import Schemas, tokens
from sandbox.aws.services import FUNCTIONS, RECORDED, RECORDED_NAMES, TYPES
from sandbox.engine.cache import cache_root
from sandbox.layout import REPOSITORY
from tests.engine.aws_types.case import World
from tests.engine.aws_types.cases import CASES

SCHEMAS = Schemas(cache_root().parent / "schema")
COMPUTED_NAMES = {"tagsAll", "id"}


def _calls() -> Iterator[tuple[str, tuple[str, ...]]]:
    """File and dotted name of everything below `pulumi_aws` that a component or blueprint calls."""
    for folder in ("components", "blueprints"):
        for file in sorted((REPOSITORY / folder).rglob("*.py")):
            tree = ast.parse(file.read_text())
            aliases = {
                n.asname or n.name
                for node in ast.walk(tree)
                if isinstance(node, ast.Import)
                for n in node.names
                if n.name == "pulumi_aws"
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom):
                    assert not (node.module or "").startswith("pulumi_aws"), f"{file}: import pulumi_aws as a whole"
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    parts = tuple(ast.unparse(node.func).split("."))
                    if parts[0] in aliases:
                        yield str(file.relative_to(REPOSITORY)), parts[1:]


def _function_token(parts: tuple[str, ...]) -> str:
    """Token of a function of the SDK, as its own source names it."""
    spec = importlib.util.find_spec("pulumi_aws")
    assert spec is not None
    assert spec.origin is not None
    file = Path(spec.origin).parent.joinpath(*parts[:-1], f"{parts[-1].removesuffix('_output')}.py")
    found = re.search(r"invoke\(\s*'(aws:[^']+)'", file.read_text())
    assert found is not None
    return found.group(1)


def test_components_create_only_types_that_the_local_aws_knows() -> None:
    by_class = {(module.split(".", 1)[-1], name): token for token, (module, name) in tokens().items()}
    used: dict[str, str] = {}
    for file, parts in _calls():
        if len(parts) == 2 and (parts[0], parts[1]) in by_class:
            used[by_class[parts[0], parts[1]]] = file
    assert len(used) >= 30, "the scan found fewer types than the network alone has"
    missing = {token: file for token, file in used.items() if token not in TYPES and token not in RECORDED}
    assert missing == {}


def test_components_call_only_functions_that_the_local_aws_knows() -> None:
    called = {_function_token(parts): file for file, parts in _calls() if parts[-1].startswith("get_")}
    assert {token: file for token, file in called.items() if token not in FUNCTIONS} == {}


def test_every_executed_type_has_exactly_one_case() -> None:
    assert sorted(c.token for c in CASES) == sorted(TYPES)


def test_no_type_is_both_executed_and_recorded() -> None:
    assert TYPES.keys() & RECORDED.keys() == set()
    assert RECORDED_NAMES.keys() <= RECORDED.keys()


@pytest.mark.parametrize("token", sorted(TYPES))
def test_table_of_a_type_names_only_inputs_of_the_sdk(token: str) -> None:
    kind, inputs = TYPES[token], SCHEMAS.of(token).inputs
    named = {kind.name.property} if kind.name else set()
    assert {*kind.replaces, *kind.not_compared, *named} - inputs.keys() == set()
    assert kind.replaces & kind.not_compared == set()


@pytest.mark.parametrize("token", sorted(FUNCTIONS))
def test_function_of_the_local_aws_exists_in_the_sdk(token: str) -> None:
    module, name = token.removeprefix("aws:").split("/")
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name.split(":")[1]).lower()
    parts = (snake,) if module == "index" else (module, snake)
    assert _function_token(parts) == token


_ARN = "arn:aws:iam::123456789012:role/thing"
_KAFKA = "arn:aws:kafka:us-east-1:123456789012:cluster/c/0a1b2c3d-1"
_ATTEMPTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": (
        "ce",
        "create_anomaly_monitor",
        {"AnomalyMonitor": {"MonitorName": "m", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}},
    ),
    "aws:costexplorer/anomalySubscription:AnomalySubscription": (
        "ce",
        "create_anomaly_subscription",
        {
            "AnomalySubscription": {
                "SubscriptionName": "s",
                "MonitorArnList": [],
                "Subscribers": [],
                "Frequency": "DAILY",
            }
        },
    ),
    "aws:ec2/capacityBlockReservation:CapacityBlockReservation": (
        "ec2",
        "purchase_capacity_block",
        {"CapacityBlockOfferingId": "cb-1", "InstancePlatform": "Linux/UNIX"},
    ),
    "aws:ec2/capacityReservation:CapacityReservation": (
        "ec2",
        "create_capacity_reservation",
        {"InstanceType": "p5.48xlarge", "InstancePlatform": "Linux/UNIX", "InstanceCount": 1},
    ),
    "aws:ec2/placementGroup:PlacementGroup": (
        "ec2",
        "create_placement_group",
        {"GroupName": "thing", "Strategy": "cluster"},
    ),
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": (
        "ecr",
        "create_pull_through_cache_rule",
        {"ecrRepositoryPrefix": "quay", "upstreamRegistryUrl": "quay.io"},
    ),
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": (
        "ecr",
        "create_repository_creation_template",
        {"prefix": "quay", "appliedFor": ["PULL_THROUGH_CACHE"]},
    ),
    "aws:eks/accessEntry:AccessEntry": ("eks", "create_access_entry", {"clusterName": "c", "principalArn": _ARN}),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": (
        "eks",
        "associate_access_policy",
        {"clusterName": "c", "principalArn": _ARN, "policyArn": _ARN, "accessScope": {"type": "cluster"}},
    ),
    "aws:eks/addon:Addon": ("eks", "create_addon", {"clusterName": "c", "addonName": "vpc-cni"}),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": (
        "eks",
        "create_pod_identity_association",
        {"clusterName": "c", "namespace": "n", "serviceAccount": "s", "roleArn": _ARN},
    ),
    "aws:msk/cluster:Cluster": (
        "kafka",
        "update_broker_storage",
        {"ClusterArn": _KAFKA, "CurrentVersion": "1", "TargetBrokerEBSVolumeInfo": []},
    ),
    "aws:msk/topic:Topic": (
        "kafka",
        "create_topic",
        {"ClusterArn": _KAFKA, "TopicName": "t", "PartitionCount": 1, "ReplicationFactor": 2},
    ),
}
"""An attempt at each recorded type: service, operation, parameters."""

_SILENT = "aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration"


@pytest.mark.parametrize("token", sorted(_ATTEMPTS))
def test_recorded_type_is_not_implemented_by_moto(token: str, world: World) -> None:
    service, operation, parameters = _ATTEMPTS[token]
    camel = "".join(part.capitalize() for part in operation.split("_"))
    assert camel in RECORDED[token]
    client: Any = boto3.client(
        service,  # type: ignore[call-overload]
        region_name="us-east-1",
        endpoint_url=world.aws.endpoint,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"max_attempts": 1}, parameter_validation=False),
    )
    told: list[int] = []
    client.meta.events.register(
        "response-received", lambda response_dict, **_: told.append(response_dict["status_code"])
    )
    client.meta.events.register("before-parse", lambda response_dict, **_: told.append(response_dict["status_code"]))
    with pytest.raises(Exception, match=r"404|500|parse"):
        getattr(client, operation)(**parameters)
    assert told[0] in (404, 500)


def test_recorded_tiering_configuration_is_dropped_by_moto(world: World) -> None:
    s3, bucket = world.client("s3"), world.bucket()
    tier = {"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}
    wanted = {"Id": "all", "Status": "Enabled", "Tierings": [tier]}
    s3.put_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="all", IntelligentTieringConfiguration=wanted)
    answer = s3.get_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="all")
    assert answer["IntelligentTieringConfiguration"] == {}


def test_every_recorded_type_was_attempted() -> None:
    assert {*_ATTEMPTS, _SILENT} == RECORDED.keys()
