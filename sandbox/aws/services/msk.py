"""MSK: serverless clusters. Clusters with brokers are recorded only: moto can change nothing of them."""

from __future__ import annotations

from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._shapes import like, retag
from sandbox.aws.types import AwsType, Name, camel, pascal
from sandbox.provider.values import Props


def _create(aws: Aws, props: Props) -> str:
    made = aws.client("kafka").create_cluster_v2(
        ClusterName=props["clusterName"],
        Tags=props.get("tagsAll") or {},
        Serverless={
            "VpcConfigs": pascal(props["vpcConfigs"]),
            "ClientAuthentication": pascal(props["clientAuthentication"]),
        },
    )
    return str(made["ClusterArn"])


def _cluster(aws: Aws, arn: str) -> dict[str, Any] | None:
    # moto breaks off when it is asked to describe a cluster that is not there.
    clusters = aws.client("kafka").list_clusters_v2()["ClusterInfoList"]
    return next((c for c in clusters if c["ClusterArn"] == arn), None)


def _read(aws: Aws, arn: str, props: Props) -> Props | None:
    found = _cluster(aws, arn)
    if found is None:
        return None
    uuid = arn.rsplit("/", 1)[-1]
    return {
        "arn": arn,
        "clusterName": found["ClusterName"],
        "clusterUuid": uuid,
        # moto has no GetBootstrapBrokers; the address has the shape of a real one and leads nowhere.
        "bootstrapBrokersSaslIam": f"boot-{uuid[:8]}.c1.kafka-serverless.{aws.region}.amazonaws.com:9098",
        "vpcConfigs": like(props.get("vpcConfigs"), camel(found["Serverless"]["VpcConfigs"])),
        "clientAuthentication": like(
            props.get("clientAuthentication"), camel(found["Serverless"]["ClientAuthentication"])
        ),
        "tagsAll": aws.client("kafka").list_tags_for_resource(ResourceArn=arn)["Tags"],
    }


def _update(aws: Aws, arn: str, old: Props, new: Props) -> None:
    kafka = aws.client("kafka")
    retag(
        old,
        new,
        lambda keys: kafka.untag_resource(ResourceArn=arn, TagKeys=keys),
        lambda tags: kafka.tag_resource(ResourceArn=arn, Tags=tags),
    )


def _delete(aws: Aws, arn: str, props: Props) -> None:
    if _cluster(aws, arn) is not None:
        aws.client("kafka").delete_cluster(ClusterArn=arn)


TYPES = (
    AwsType(
        token="aws:msk/serverlessCluster:ServerlessCluster",
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
        replaces=frozenset({"clientAuthentication", "vpcConfigs"}),
        name=Name("clusterName", 64),
    ),
)
