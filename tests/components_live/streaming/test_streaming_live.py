"""Streams come up, carry records and dead letters, grow in place, are drift-free, and leave nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sandbox import recorded
from tests.components_live.kit import Live, mandatory

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("streaming-live")]

STACK = "dev"


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    made = Live(tmp_path_factory.mktemp("streaming"), "streaming", STACK)
    made.start()
    yield made
    made.cloud.stop()


def test_streams_live_through_the_real_engine(streams: Live) -> None:
    before = streams.cloud.inventory()
    first = streams.up()
    assert set(first.changes) == {"create"}
    assert mandatory(first) == []
    assert_only_known_types_are_recorded(streams)
    assert_records_and_dead_letters_arrive(streams)

    assert set(streams.up().changes) == {"same"}
    assert streams.run("refresh", "--yes", "--skip-preview").changed == {}

    streams.run("config", "set", "shards", "4")
    grown = streams.up()
    assert {urn.rsplit("::", 1)[-1]: op for urn, op in grown.changed.items()} == {"events-orders-stream": "update"}
    shards = streams.cloud.aws("kinesis").describe_stream_summary(StreamName="live-events-orders")
    assert shards["StreamDescriptionSummary"]["OpenShardCount"] == 4

    streams.run("destroy", "--yes", "--skip-preview")
    assert streams.cloud.inventory() == before
    assert streams.cloud.aws("kinesis").list_streams()["StreamNames"] == []
    assert streams.cloud.aws("kafka").list_clusters_v2()["ClusterInfoList"] == []


def assert_only_known_types_are_recorded(streams: Live) -> None:
    types = {urn.split("::")[2].rsplit("$", 1)[-1] for urn, _ in recorded.listed(streams.cloud.layout)}
    here = {t for t in types if t.split("/")[0] in ("aws:appautoscaling", "aws:kinesis", "aws:msk", "aws:sqs")}
    assert here == {"aws:msk/cluster:Cluster", "aws:msk/topic:Topic"}


def assert_records_and_dead_letters_arrive(streams: Live) -> None:
    """Do what a producer and a reader do, by the names that the component gives them."""
    told = json.loads(streams.run("stack", "output", "--json").output)
    kinesis, sqs, s3 = (streams.cloud.aws(service) for service in ("kinesis", "sqs", "s3"))
    arn = told["stream_arns"]["orders"]
    placed = kinesis.put_record(StreamARN=arn, PartitionKey="basket-1", Data=b"bad")
    iterator = kinesis.get_shard_iterator(StreamARN=arn, ShardId=placed["ShardId"], ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    record = kinesis.get_records(StreamARN=arn, ShardIterator=iterator)["Records"][0]
    reader = told["consumer_names"]["fraud"]
    assert [c["ConsumerName"] for c in kinesis.list_stream_consumers(StreamARN=arn)["Consumers"]] == [reader]
    bucket, _, folder = told["dead_letter_addresses"]["fraud"].removeprefix("s3://").partition("/")
    key = f"{folder}{record['SequenceNumber']}"
    s3.put_object(Bucket=bucket, Key=key, Body=record["Data"])
    sqs.send_message(QueueUrl=told["dead_letter_queue_url"], MessageBody=key)
    letter = sqs.receive_message(QueueUrl=told["dead_letter_queue_url"])["Messages"][0]
    assert s3.get_object(Bucket=bucket, Key=letter["Body"])["Body"].read() == b"bad"
