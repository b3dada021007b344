"""Cases of streams, their readers, serverless Kafka, and what grows by itself."""

from __future__ import annotations

from sandbox.provider.values import Props
from tests.engine.aws_types.case import Case, World

_GROWING = {
    "resourceId": "arn:aws:kafka:us-east-1:123456789012:cluster/features/0a1b2c3d-1",
    "scalableDimension": "kafka:broker-storage:VolumeSize",
    "serviceNamespace": "kafka",
}


def _stream(w: World) -> Props:
    return {
        "encryptionType": "KMS",
        "kmsKeyId": w.key(),
        "retentionPeriod": 168,
        "shardCount": 2,
        "shardLevelMetrics": ["IncomingBytes"],
        "streamModeDetails": {"streamMode": "PROVISIONED"},
        "tags": {"a": "b"},
    }


def _reader(w: World) -> Props:
    stream = w.make("aws:kinesis/stream:Stream", streamModeDetails={"streamMode": "ON_DEMAND"})
    return {"name": "online-features", "streamArn": stream["arn"]}


def _serverless(w: World) -> Props:
    return {
        "clientAuthentication": {"sasl": {"iam": {"enabled": True}}},
        "vpcConfigs": [{"subnetIds": w.subnets(), "securityGroupIds": [w.group()]}],
        "tags": {"a": "b"},
    }


def _growth(w: World) -> Props:
    w.make("aws:appautoscaling/target:Target", **_GROWING, minCapacity=1, maxCapacity=500)
    return {
        **_GROWING,
        "policyType": "TargetTrackingScaling",
        "targetTrackingScalingPolicyConfiguration": _tracked(60),
    }


def _tracked(target: int) -> Props:
    return {
        "disableScaleIn": True,
        "predefinedMetricSpecification": {"predefinedMetricType": "KafkaBrokerStorageUtilization"},
        "targetValue": target,
    }


def _track_less(w: World, id_: str, state: Props) -> None:
    w.client("application-autoscaling").put_scaling_policy(
        PolicyName=state["name"],
        PolicyType="TargetTrackingScaling",
        ServiceNamespace="kafka",
        ResourceId=state["resourceId"],
        ScalableDimension=state["scalableDimension"],
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 80,
            "DisableScaleIn": False,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "KafkaBrokerStorageUtilization"},
        },
    )


CASES = (
    Case(
        token="aws:kinesis/stream:Stream",
        inputs=_stream,
        change={
            "retentionPeriod": 24,
            "shardCount": 4,
            "shardLevelMetrics": ["OutgoingBytes"],
            "kmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/other",
        },
        drift=lambda w, id_, s: w.client("kinesis").stop_stream_encryption(
            StreamARN=id_, EncryptionType="KMS", KeyId=s["kmsKeyId"]
        ),
        drifted="encryptionType",
        outputs=("arn", "name"),
    ),
    Case(
        token="aws:kinesis/streamConsumer:StreamConsumer",
        inputs=_reader,
        change={"name": "offline-features"},
        replaces=True,
        drift=lambda w, id_, s: w.client("kinesis").deregister_stream_consumer(ConsumerARN=id_),
        drifted=None,
        outputs=("arn", "creationTimestamp"),
    ),
    Case(
        token="aws:msk/serverlessCluster:ServerlessCluster",
        inputs=_serverless,
        change={"tags": {"a": "c"}},
        drift=lambda w, id_, s: w.client("kafka").delete_cluster(ClusterArn=id_),
        drifted=None,
        outputs=("arn", "bootstrapBrokersSaslIam", "clusterUuid"),
    ),
    Case(
        token="aws:appautoscaling/target:Target",
        inputs=lambda w: {**_GROWING, "minCapacity": 1, "maxCapacity": 500},
        change={"maxCapacity": 1000},
        drift=lambda w, id_, s: w.client("application-autoscaling").register_scalable_target(
            ServiceNamespace="kafka",
            ResourceId=s["resourceId"],
            ScalableDimension=s["scalableDimension"],
            MaxCapacity=5,
        ),
        drifted="maxCapacity",
        outputs=("arn",),
    ),
    Case(
        token="aws:appautoscaling/policy:Policy",
        inputs=_growth,
        change={"targetTrackingScalingPolicyConfiguration": _tracked(50)},
        drift=_track_less,
        drifted="targetTrackingScalingPolicyConfiguration",
        outputs=("arn", "name"),
    ),
)
