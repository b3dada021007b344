"""What cannot be built is refused before anything exists, with what to change."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from components._core.args import ArgsError
from components._core.durability import Durability
from components.streaming import (
    BrokerKind,
    DeadLetterArgs,
    KafkaArgs,
    LoadArgs,
    StreamArgs,
    StreamEngine,
    StreamMode,
    WorkloadArgs,
)
from tests.components.streaming_program import BROKERS, CLICKS, LETTERS, OFFLINE, ONLINE, ORDERS, SHOP, args, kafka_args

PROVISIONED = StreamMode.PROVISIONED


def stream(**more: Any) -> dict[str, Any]:
    return {"streams": [StreamArgs(**{"name": "clicks", **more})], "workloads": []}


def workload(**more: Any) -> dict[str, Any]:
    return {"workloads": [dataclasses.replace(OFFLINE, **more)]}


def readers(count: int, fan_out: bool) -> list[WorkloadArgs]:
    return [dataclasses.replace(OFFLINE, name=f"r{n}", service_account=f"r{n}", fan_out=fan_out) for n in range(count)]


def letters(**more: Any) -> dict[str, Any]:
    return {"dead_letters": DeadLetterArgs(**LETTERS, **more)}


def load(records: int, size: int, **more: Any) -> dict[str, Any]:
    return stream(load=LoadArgs(records_per_second=records, record_bytes=size), **more)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name_prefix": "Acme"}, "name_prefix: 'Acme' is not a prefix; use lower-case letters"),
        ({"name_prefix": "a" * 33}, "at most 32 characters"),
        ({"account_id": "12"}, "account_id: '12' is not an account; use its 12 digits"),
        ({"region": "ireland"}, "region: 'ireland' is not a region; use one as eu-west-1"),
        ({"streams": []}, "streams: is empty; name at least one stream"),
        ({"streams": [CLICKS, CLICKS]}, "streams[1].name: 'clicks' is taken; name each once"),
        (stream(name="Clicks"), "streams[0].name: 'Clicks' is not a stream's name; use lower-case letters"),
        (stream(name="a" * 25), "at most 24 characters"),
        (stream(shards=2), "streams[0].shards: 2 has no effect: the mode is on-demand; leave it out"),
        (stream(mode=PROVISIONED), "streams[0].shards: is missing; the mode provisioned needs a number of shards"),
        (stream(mode=PROVISIONED, shards=0), "streams[0].shards: 0 is outside 1 to 10000 shards"),
        (stream(partitions=3), "streams[0].partitions: 3 has no effect: the engine is kinesis"),
        (stream(retention_hours=23), "streams[0].retention_hours: 23 is outside 24 to 8760 hours"),
        (stream(retention_hours=0), "streams[0].retention_hours: 0 is outside 24 to 8760 hours"),
        (stream(retention_hours=8761), "streams[0].retention_hours: 8761 is outside 24 to 8760 hours"),
        (stream(lag_seconds=0), "streams[0].lag_seconds: 0 is outside 1 to 302400 seconds"),
        (stream(lag_seconds=43_201, retention_hours=24), "streams[0].lag_seconds: 43201 is outside 1 to 43200 seconds"),
        (stream(data_class="secret"), "streams[0].data_class: 'secret' is not allowed; use one of dataset, model"),
        (load(0, 10), "streams[0].load.records_per_second: 0 is no load; use 1 or more, or leave load out"),
        (load(1, 1_048_577), "streams[0].load.record_bytes: 1048577 is outside 1 to 1048576 bytes"),
        (
            load(3_000, 800, mode=PROVISIONED, shards=2),
            "streams[0].shards: 2 cannot carry 3,000 records a second of 800",
        ),
        (load(11_000_000, 1_000), "streams[0].load: 11,000,000,000 bytes a second are more than an on-demand stream"),
        ({"workloads": [SHOP, SHOP]}, "workloads[1].name: 'shop' is taken; name each once"),
        (workload(name="Off"), "workloads[0].name: 'Off' is not a workload's name"),
        (workload(namespace="a_b"), "workloads[0].namespace: 'a_b' is not a namespace; use letters, digits and dashes"),
        (workload(service_account=""), "workloads[0].service_account: '' is not a service account"),
        (workload(streams=[]), "workloads[0].streams: is empty; name the streams that the workload uses"),
        (
            workload(streams=["orders", "paid"]),
            "workloads[0].streams[1]: 'paid' is not a stream; use one of clicks, orders",
        ),
        (workload(streams=["clicks", "clicks"]), "workloads[0].streams[1]: 'clicks' is named twice; name each once"),
        (
            {"workloads": [SHOP, dataclasses.replace(SHOP, name="cart")]},
            "workloads[1].service_account: shop/shop is the account of shop already; give each workload its own",
        ),
        (
            {"workloads": [dataclasses.replace(SHOP, fan_out=True)]},
            "workloads[0].fan_out: True has no effect: the workload does not read; leave it out",
        ),
        (
            {"workloads": [dataclasses.replace(SHOP, leases=False)]},
            "workloads[0].leases: False has no effect: the workload does not read",
        ),
        ({"workloads": readers(21, True)}, "streams[0]: 21 workloads read clicks with fan-out; at most 20 can"),
        (
            {"workloads": readers(6, False)},
            "streams[0]: 6 workloads share the reads of clicks; at most 5 can, give the others fan_out",
        ),
        (letters(prefix="/a"), "dead_letters.prefix: '/a' is not a key prefix; use words joined by slashes"),
        (letters(prefix=""), "dead_letters.prefix: '' is not a key prefix"),
        (letters(depth=-1), "dead_letters.depth: -1 is outside 0 to 1000000 messages"),
        (letters(age_minutes=20_000), "dead_letters.age_minutes: 20000 is outside 1 to 10080 minutes"),
        ({"kafka": KafkaArgs(**BROKERS)}, "kafka: has no effect with the engine kinesis; leave it out, or use msk"),
        ({"engine": StreamEngine.MSK}, "kafka: is missing; the engine msk needs network and brokers"),
    ],
)
def test_streaming_fails_when_an_argument_is_wrong(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as failed:
        args(**given)
    assert message in str(failed.value)
    assert not str(failed.value).endswith(".")


def kafka(**more: Any) -> dict[str, Any]:
    return {"kafka": KafkaArgs(**{**BROKERS, **more})}


def serverless(**more: Any) -> dict[str, Any]:
    return kafka(kind=BrokerKind.SERVERLESS, **{"log_key_arn": None, **more})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (kafka(zones=4), "kafka.zones: 4 is outside 2 to 3 zones"),
        (kafka(zones=2), "kafka.subnet_ids: 3 subnets for 2 zones; use one in each, or change kafka.zones"),
        (kafka(version="latest"), "kafka.version: 'latest' is not a version of Kafka; use one as 3.9.x.kraft"),
        (
            kafka(broker_type="m7g.large"),
            "kafka.broker_type: 'm7g.large' is not a size of brokers; use one that begins",
        ),
        (kafka(broker_type="express.m7g.large"), "kafka.broker_type: 'express.m7g.large' is an Express broker"),
        (kafka(brokers_per_zone=0), "kafka.brokers_per_zone: 0 is outside 1 to 10 brokers"),
        (kafka(storage_gib=0), "kafka.storage_gib: 0 is outside 1 to 16384 GiB"),
        (kafka(storage_gib=200, max_storage_gib=100), "kafka.max_storage_gib: 100 is outside 200 to 16384 GiB"),
        (kafka(log_key_arn=None), "kafka.log_key_arn: is missing; the brokers' log group needs a key"),
        (serverless(storage_gib=10), "kafka.storage_gib: 10 has no effect: a serverless cluster has no brokers"),
        (serverless(log_key_arn="k"), "kafka.log_key_arn: 'k' has no effect: a serverless cluster has no brokers"),
        (
            {**serverless(), **stream(partitions=3)},
            "streams[0].partitions: 3 has no effect: the writers of a serverless",
        ),
        (stream(mode=PROVISIONED), "streams[0].mode: 'provisioned' has no effect"),
        (
            load(10, 10),
            "streams[0].load: LoadArgs(records_per_second=10, record_bytes=10) has no effect: the engine is msk",
        ),
        (stream(partitions=0), "streams[0].partitions: 0 is outside 1 to 1000 partitions"),
        (workload(fan_out=True), "workloads[0].fan_out: True has no effect: the engine is msk"),
    ],
)
def test_streaming_on_msk_fails_when_an_argument_is_wrong(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as failed:
        kafka_args(**given)
    assert message in str(failed.value)
    assert not str(failed.value).endswith(".")


def test_streaming_load_counts_only_the_readers_that_share_the_stream() -> None:
    full = StreamArgs(
        name="clicks", mode=PROVISIONED, shards=3, load=LoadArgs(records_per_second=3_000, record_bytes=1_000)
    )
    args(streams=[full], workloads=readers(2, False))
    args(streams=[full], workloads=readers(20, True))
    with pytest.raises(ArgsError, match=r"read by 3 that share it; use 5 or more"):
        args(streams=[full], workloads=readers(3, False))


def test_streaming_defaults_follow_from_what_was_given() -> None:
    assert args().retention(ORDERS) == 48
    assert args(durability=Durability.STANDARD).retention(CLICKS) == 72
    assert [w.name for w in args().readers("orders")] == [ONLINE.name]
    brokers = KafkaArgs(**BROKERS)
    assert (brokers.brokers, brokers.storage, brokers.max_storage) == (3, 100, 500)
    assert dataclasses.replace(brokers, brokers_per_zone=2).brokers == 6
    assert dataclasses.replace(brokers, storage_gib=10_000).max_storage == 16_384
