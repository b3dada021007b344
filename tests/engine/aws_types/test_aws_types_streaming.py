"""What streams do in AWS and a plain life does not show: modes, readers that hold a stream, what moto forgets."""

from __future__ import annotations

import pytest

from sandbox.provider.servicer import ProviderError
from tests.engine.aws_types.case import TAGS, World

STREAM, READER = "aws:kinesis/stream:Stream", "aws:kinesis/streamConsumer:StreamConsumer"
ON_DEMAND = {"streamModeDetails": {"streamMode": "ON_DEMAND"}}


def test_stream_changes_its_mode_in_place_and_has_shards_only_when_provisioned(world: World) -> None:
    urn, provider = world.urn(STREAM, "moded"), world.provider
    inputs = world.checked(urn, dict(ON_DEMAND))
    arn, state = provider.create(urn, inputs, 60)
    world.made.append((urn, arn, state))
    assert "shardCount" not in state
    assert state["encryptionType"] == "NONE"
    wanted = {"streamModeDetails": {"streamMode": "PROVISIONED"}, "shardCount": 3, "name": state["name"]}
    new = world.checked(urn, wanted, inputs)
    assert not any(c.replaces for c in provider.diff(urn, arn, state, inputs, new).changes)
    state = provider.update(urn, arn, state, inputs, new, 60)
    assert (state["streamModeDetails"], state["shardCount"]) == ({"streamMode": "PROVISIONED"}, 3)
    back = world.checked(urn, {**ON_DEMAND, "name": state["name"]}, new)
    state = provider.update(urn, arn, state, new, back, 60)
    assert "shardCount" not in state


def test_stream_with_registered_readers_is_not_deleted_unless_told(world: World) -> None:
    urn, provider = world.urn(STREAM, "held"), world.provider
    inputs = world.checked(urn, dict(ON_DEMAND))
    arn, state = provider.create(urn, inputs, 60)
    world.client("kinesis").register_stream_consumer(StreamARN=arn, ConsumerName="by-hand")
    with pytest.raises(ProviderError, match="ResourceInUseException: stream has registered consumers: by-hand"):
        provider.delete(urn, arn, state, 60)
    provider.delete(urn, arn, {**state, "enforceConsumerDeletion": True}, 60)
    assert provider.read(urn, arn, state, inputs) is None


def test_reader_keeps_its_tags_although_moto_forgets_them(world: World) -> None:
    stream = world.make(STREAM, **ON_DEMAND)
    urn, provider = world.urn(READER, "tagged"), world.provider
    inputs = world.checked(urn, {"streamArn": stream["arn"], "tags": {"workload": "online"}})
    arn, state = provider.create(urn, inputs, 60)
    world.made.append((urn, arn, state))
    assert state["tagsAll"] == {**TAGS, "workload": "online"}
    new = world.checked(urn, {"streamArn": stream["arn"], "name": state["name"], "tags": {"workload": "b"}}, inputs)
    changes = provider.diff(urn, arn, state, inputs, new).changes
    assert changes
    assert not any(c.replaces for c in changes)
    assert provider.update(urn, arn, state, inputs, new, 60)["tagsAll"] == {**TAGS, "workload": "b"}
