"""A resource provider of the engine's protocol over plain Python values.

The SDK's own provider classes run handlers in one event loop and put stack traces into users' errors; both local
providers block on HTTP, so they are served by a pool of threads here.
"""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)

from sandbox import parent
from sandbox.provider.changes import Change
from sandbox.provider.values import Props, from_wire, to_wire


class ProviderError(Exception):
    """An operation failed for a reason that the user should read as it is."""


@dataclasses.dataclass
class InitError(ProviderError):
    """A resource exists but did not become ready: the engine keeps it, and reports the reasons."""

    resource_id: str
    outputs: Props
    inputs: Props
    reasons: Sequence[str]


@dataclasses.dataclass(frozen=True)
class Failure:
    """One refused input: which property, and why."""

    property: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Found:
    """A resource as it was found: its id, outputs and the inputs that would give them."""

    resource_id: str
    outputs: Props
    inputs: Props


@dataclasses.dataclass(frozen=True)
class Diff:
    """What a new program changes in a resource."""

    changes: Sequence[Change] = ()
    delete_before_replace: bool = False


class LocalProvider(abc.ABC):
    """The operations of one provider, over plain values. `urn` tells the type: use `type_of`."""

    package: str
    version: str

    def __init__(self, log: Callable[[str, str, str], None]) -> None:
        self.log = log
        """Writes to the engine's output: severity (`info`, `warning`), text, URN or an empty string."""

    def configure(self, variables: Props) -> None:  # noqa: B027
        """Take the provider's configuration."""

    def check_config(self, inputs: Props) -> list[Failure]:
        """Check the provider's own inputs."""
        return []

    @abc.abstractmethod
    def check(self, urn: str, old: Props, new: Props) -> tuple[Props, list[Failure]]:
        """Complete and check the inputs of a resource."""

    @abc.abstractmethod
    def diff(self, urn: str, resource_id: str, state: Props, old: Props, new: Props) -> Diff:
        """Compare inputs."""

    @abc.abstractmethod
    def preview(self, urn: str, inputs: Props) -> Props:
        """Outputs that a creation or update would give; what cannot be known is `UNKNOWN`."""

    @abc.abstractmethod
    def create(self, urn: str, inputs: Props, timeout_s: float) -> tuple[str, Props]:
        """Create a resource; return its id and outputs."""

    @abc.abstractmethod
    def read(self, urn: str, resource_id: str, state: Props, inputs: Props) -> Found | None:
        """Look at a resource; None when it is gone."""

    @abc.abstractmethod
    def update(self, urn: str, resource_id: str, state: Props, old: Props, new: Props, timeout_s: float) -> Props:
        """Change a resource in place; return its outputs."""

    @abc.abstractmethod
    def delete(self, urn: str, resource_id: str, state: Props, timeout_s: float) -> None:
        """Delete a resource; one that is gone already is fine."""

    @abc.abstractmethod
    def invoke(self, token: str, args: Props) -> Props:
        """Call a function of the provider."""


def type_of(urn: str) -> str:
    """Type token of a URN, without the types of its parents."""
    return urn.split("::")[2].split("$")[-1]


_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Translates the engine's calls for one `LocalProvider`."""

    def __init__(self, provider: LocalProvider, stop: Callable[[], None]) -> None:
        self._provider = provider
        self._stop = stop

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=False, accept_resources=False, accept_outputs=False
        )

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version=self._provider.version)

    def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.GetSchemaResponse(schema=f'{{"name": "{self._provider.package}"}}')

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        failures = self._provider.check_config(from_wire(request.news))
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(failures))

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _reported(context):
            self._provider.configure(from_wire(request.args))
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _reported(context):
            inputs, failures = self._provider.check(request.urn, from_wire(request.olds), from_wire(request.news))
        return provider_pb2.CheckResponse(inputs=to_wire(inputs), failures=_failures(failures))

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _reported(context):
            found = self._provider.diff(
                request.urn,
                request.id,
                from_wire(request.olds),
                from_wire(request.old_inputs),
                from_wire(request.news),
            )
        response = provider_pb2.DiffResponse
        return response(
            changes=response.DIFF_SOME if found.changes else response.DIFF_NONE,
            replaces=sorted({c.top for c in found.changes if c.replaces}),
            diffs=sorted({c.top for c in found.changes}),
            detailedDiff={
                c.path: provider_pb2.PropertyDiff(kind=_KINDS[c.kind, c.replaces], inputDiff=True)
                for c in found.changes
            },
            hasDetailedDiff=True,
            deleteBeforeReplace=found.delete_before_replace,
        )

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        inputs = from_wire(request.properties)
        with _reported(context):
            if request.preview:
                return provider_pb2.CreateResponse(properties=to_wire(self._provider.preview(request.urn, inputs)))
            resource_id, outputs = self._provider.create(request.urn, inputs, request.timeout)
        return provider_pb2.CreateResponse(id=resource_id, properties=to_wire(outputs))

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _reported(context):
            found = self._provider.read(
                request.urn, request.id, from_wire(request.properties), from_wire(request.inputs)
            )
        if found is None:
            return provider_pb2.ReadResponse(id="")
        return provider_pb2.ReadResponse(
            id=found.resource_id, properties=to_wire(found.outputs), inputs=to_wire(found.inputs)
        )

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        state, old, new = (from_wire(s) for s in (request.olds, request.old_inputs, request.news))
        with _reported(context):
            if request.preview:
                outputs = {**state, **self._provider.preview(request.urn, new)}
            else:
                outputs = self._provider.update(request.urn, request.id, state, old, new, request.timeout)
        return provider_pb2.UpdateResponse(properties=to_wire(outputs))

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _reported(context):
            self._provider.delete(request.urn, request.id, from_wire(request.properties), request.timeout)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        with _reported(context):
            result = self._provider.invoke(request.tok, from_wire(request.args))
        return provider_pb2.InvokeResponse(**{"return": to_wire(result)})

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._stop()
        return empty_pb2.Empty()


def _failures(failures: Sequence[Failure]) -> list[Any]:
    return [provider_pb2.CheckFailure(property=f.property, reason=f.reason) for f in failures]


@contextlib.contextmanager
def _reported(context: Any) -> Iterator[None]:
    """Turn errors inside the block into what the engine shows: a sentence for ours, a trace for a bug."""
    try:
        yield
    except InitError as error:
        _abort_init(context, error)
    except ProviderError as error:
        context.abort(grpc.StatusCode.UNKNOWN, str(error))
    except Exception as error:
        text = "".join(traceback.format_exception(error))
        context.abort(grpc.StatusCode.INTERNAL, f"the local provider failed on something unforeseen:\n{text}")


def _abort_init(context: Any, error: InitError) -> NoReturn:
    payload = provider_pb2.ErrorResourceInitFailed(
        id=error.resource_id,
        properties=to_wire(error.outputs),
        inputs=to_wire(error.inputs),
        reasons=list(error.reasons),
    )
    message = "; ".join(error.reasons)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message)
    status.details.add().Pack(payload)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, message)
    raise AssertionError("abort raises")


def serve(make: Callable[[Callable[[str, str, str], None]], LocalProvider], threads: int = 24) -> None:
    """Serve a provider to the engine whose address is on the command line, until the engine ends us or dies."""
    address = next((a for a in sys.argv[1:] if not a.startswith("-")), "")
    # The engine writes its own version of a message limit; ours must not be smaller.
    channel = grpc.insecure_channel(address, options=_GRPC_CHANNEL_OPTIONS) if address else None
    engine = engine_pb2_grpc.EngineStub(channel) if channel else None

    def log(severity: str, text: str, urn: str) -> None:
        if engine is not None:
            level = getattr(engine_pb2, severity.upper())
            engine.Log(engine_pb2.LogRequest(severity=level, message=text, urn=urn))

    provider = make(log)
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=threads), options=_GRPC_CHANNEL_OPTIONS)

    def stop(*_: Any) -> None:
        threading.Thread(target=lambda: (server.stop(grace=0.2).wait(), os._exit(0)), daemon=True).start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(provider, stop), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    parent.exit_with_parent()
    print(port, flush=True)
    server.wait_for_termination()
