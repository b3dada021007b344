"""The engine's protocol over a provider of plain values, served in this process."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from sandbox.provider.changes import Change
from sandbox.provider.servicer import (
    Diff,
    Failure,
    Found,
    InitError,
    LocalProvider,
    ProviderError,
    Servicer,
    type_of,
)
from sandbox.provider.values import UNKNOWN, Props, from_wire, to_wire

URN = "urn:pulumi:dev::p::mlops:index:Store$toy:index:Box::data"


class Toy(LocalProvider):
    """Keeps boxes in memory; what it does next can be set."""

    package = "toy"
    version = "1.2.3"

    def __init__(self) -> None:
        super().__init__(lambda *_: None)
        self.boxes: dict[str, Props] = {}
        self.fails: Exception | None = None
        self.found = Diff()
        self.configured: Props = {}

    def configure(self, variables: Props) -> None:
        self.configured = variables

    def check_config(self, inputs: Props) -> list[Failure]:
        return [] if inputs.get("region") else [Failure("region", "is required and missing")]

    def check(self, urn: str, old: Props, new: Props) -> tuple[Props, list[Failure]]:
        return {**new, "name": old.get("name", "made")}, [Failure("size", "is too large")] if new.get("size") else []

    def diff(self, urn: str, resource_id: str, state: Props, old: Props, new: Props) -> Diff:
        return self.found

    def preview(self, urn: str, inputs: Props) -> Props:
        return {**inputs, "arn": UNKNOWN}

    def create(self, urn: str, inputs: Props, timeout_s: float) -> tuple[str, Props]:
        if self.fails:
            raise self.fails
        self.boxes["id-1"] = inputs
        return "id-1", {**inputs, "arn": "arn-1"}

    def read(self, urn: str, resource_id: str, state: Props, inputs: Props) -> Found | None:
        box = self.boxes.get(resource_id)
        return Found(resource_id, {**box, "arn": "arn-1"}, box) if box is not None else None

    def update(self, urn: str, resource_id: str, state: Props, old: Props, new: Props, timeout_s: float) -> Props:
        self.boxes[resource_id] = new
        return {**state, **new}

    def delete(self, urn: str, resource_id: str, state: Props, timeout_s: float) -> None:
        self.boxes.pop(resource_id, None)

    def invoke(self, token: str, args: Props) -> Props:
        return {"token": token, **args}


@pytest.fixture
def toy() -> Toy:
    return Toy()


@pytest.fixture
def stopped() -> list[str]:
    return []


@pytest.fixture
def engine(toy: Toy, stopped: list[str]) -> Iterator[Any]:
    """What the engine holds of a provider that runs."""
    server = grpc.server(futures.ThreadPoolExecutor(4))
    servicer = Servicer(toy, lambda: stopped.append("stop"))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)
    server.stop(0).wait()


def test_type_of_leaves_out_the_parents() -> None:
    assert type_of(URN) == "toy:index:Box"


def test_handshake_asks_for_plain_values(engine: Any) -> None:
    found = engine.Handshake(provider_pb2.ProviderHandshakeRequest())
    assert (found.accept_secrets, found.accept_resources, found.accept_outputs) == (False, False, False)
    assert engine.GetPluginInfo(empty_pb2.Empty()).version == "1.2.3"


def test_configure_hands_the_arguments_on(engine: Any, toy: Toy) -> None:
    found = engine.Configure(provider_pb2.ConfigureRequest(args=to_wire({"region": "us-east-1"})))
    assert toy.configured == {"region": "us-east-1"}
    assert found.supportsPreview
    assert not found.acceptSecrets


def test_check_config_failures_are_told(engine: Any) -> None:
    found = engine.CheckConfig(provider_pb2.CheckRequest(news=to_wire({})))
    assert [(f.property, f.reason) for f in found.failures] == [("region", "is required and missing")]


def test_check_gives_inputs_and_failures(engine: Any) -> None:
    request = provider_pb2.CheckRequest(urn=URN, olds=to_wire({"name": "old"}), news=to_wire({"size": 9}))
    found = engine.Check(request)
    assert from_wire(found.inputs) == {"size": 9, "name": "old"}
    assert [(f.property, f.reason) for f in found.failures] == [("size", "is too large")]


def test_diff_of_nothing_is_none(engine: Any) -> None:
    found = engine.Diff(provider_pb2.DiffRequest(urn=URN, id="id-1"))
    assert found.changes == provider_pb2.DiffResponse.DIFF_NONE
    assert not found.replaces


def test_diff_names_properties_kinds_and_replacements(engine: Any, toy: Toy) -> None:
    changes = [Change("tags.a", "add", False), Change("tags.b", "delete", False), Change("name", "update", True)]
    toy.found = Diff(changes, delete_before_replace=True)
    found = engine.Diff(provider_pb2.DiffRequest(urn=URN, id="id-1"))
    kinds = provider_pb2.PropertyDiff
    assert found.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(found.replaces) == ["name"]
    assert list(found.diffs) == ["name", "tags"]
    assert {path: diff.kind for path, diff in found.detailedDiff.items()} == {
        "tags.a": kinds.ADD,
        "tags.b": kinds.DELETE,
        "name": kinds.UPDATE_REPLACE,
    }
    assert found.deleteBeforeReplace
    assert found.hasDetailedDiff


def test_create_in_a_preview_creates_nothing(engine: Any, toy: Toy) -> None:
    found = engine.Create(provider_pb2.CreateRequest(urn=URN, properties=to_wire({"a": 1}), preview=True))
    assert from_wire(found.properties) == {"a": 1, "arn": UNKNOWN}
    assert found.id == ""
    assert toy.boxes == {}


def test_life_of_a_resource(engine: Any, toy: Toy) -> None:
    made = engine.Create(provider_pb2.CreateRequest(urn=URN, properties=to_wire({"a": 1})))
    assert (made.id, from_wire(made.properties)) == ("id-1", {"a": 1, "arn": "arn-1"})
    read = engine.Read(provider_pb2.ReadRequest(urn=URN, id="id-1"))
    assert (read.id, from_wire(read.properties), from_wire(read.inputs)) == ("id-1", {"a": 1, "arn": "arn-1"}, {"a": 1})
    changed = engine.Update(
        provider_pb2.UpdateRequest(urn=URN, id="id-1", olds=made.properties, news=to_wire({"a": 2}))
    )
    assert from_wire(changed.properties) == {"a": 2, "arn": "arn-1"}
    engine.Delete(provider_pb2.DeleteRequest(urn=URN, id="id-1", properties=changed.properties))
    assert toy.boxes == {}


def test_update_in_a_preview_changes_nothing(engine: Any, toy: Toy) -> None:
    toy.boxes["id-1"] = {"a": 1}
    olds = to_wire({"a": 1, "arn": "arn-1", "kept": True})
    request = provider_pb2.UpdateRequest(urn=URN, id="id-1", olds=olds, news=to_wire({"a": 2}), preview=True)
    assert from_wire(engine.Update(request).properties) == {"a": 2, "arn": UNKNOWN, "kept": True}
    assert toy.boxes == {"id-1": {"a": 1}}


def test_read_of_what_is_gone_has_no_id(engine: Any) -> None:
    assert engine.Read(provider_pb2.ReadRequest(urn=URN, id="id-9")).id == ""


def test_invoke_gives_the_answer(engine: Any) -> None:
    found = engine.Invoke(provider_pb2.InvokeRequest(tok="toy:index:look", args=to_wire({"a": [1]})))
    assert from_wire(getattr(found, "return")) == {"token": "toy:index:look", "a": [1]}


def create(engine: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        engine.Create(provider_pb2.CreateRequest(urn=URN, properties=to_wire({"a": 1})))
    return caught.value


def test_create_refused_is_told_in_its_own_words(engine: Any, toy: Toy) -> None:
    toy.fails = ProviderError("could not create data: no room left")
    error: Any = create(engine)
    assert (error.code(), error.details()) == (grpc.StatusCode.UNKNOWN, "could not create data: no room left")


def test_create_unforeseen_failure_shows_where(engine: Any, toy: Toy) -> None:
    toy.fails = KeyError("shelf")
    error: Any = create(engine)
    assert error.code() == grpc.StatusCode.INTERNAL
    assert error.details().startswith("the local provider failed on something unforeseen:\n")
    assert "KeyError: 'shelf'" in error.details()


def test_create_that_stays_unready_keeps_the_resource(engine: Any, toy: Toy) -> None:
    toy.fails = InitError("id-1", {"a": 1, "arn": "arn-1"}, {"a": 1}, ["0 of 2 replicas are available"])
    error: Any = create(engine)
    metadata = dict(error.trailing_metadata())
    status = status_pb2.Status.FromString(metadata["grpc-status-details-bin"])
    kept = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(kept)
    assert (kept.id, from_wire(kept.properties), from_wire(kept.inputs)) == ("id-1", {"a": 1, "arn": "arn-1"}, {"a": 1})
    assert list(kept.reasons) == ["0 of 2 replicas are available"]


def test_cancel_stops_the_provider(engine: Any, stopped: list[str]) -> None:
    engine.Cancel(empty_pb2.Empty())
    assert stopped == ["stop"]
