"""Records the resources that a program registers, without an engine: layer two of the tests.

The mocks of the SDK put only the direct parent's type into a URN, so nothing here proves a replacement; real URNs
are compared in tests/engine. Computed outputs are made up here from the name; with `preview=True` they are unknown.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc, settings
from pulumi.runtime.stack import wait_for_rpcs

ACCOUNT = "123456789012"


@dataclasses.dataclass(frozen=True)
class Recorded:
    """One registered resource: what the engine would have been asked for."""

    type: str
    name: str
    inputs: dict[str, Any]
    urn: str
    parent: str
    custom: bool
    protect: bool
    retain_on_delete: bool
    deleted_with: str
    dependencies: tuple[str, ...]
    property_dependencies: dict[str, tuple[str, ...]]
    provider: str
    ignore_changes: tuple[str, ...]
    aliases: int


@dataclasses.dataclass
class Graph:
    """All resources of one run and what the program returned."""

    resources: list[Recorded] = dataclasses.field(default_factory=list)
    registered_outputs: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    result: Any = None

    def of(self, type_: str) -> list[Recorded]:
        """Resources of a type token, in order of registration."""
        return [r for r in self.resources if r.type == type_]

    def one(self, type_: str, name: str | None = None) -> Recorded:
        """The only resource of a type (and name); fails the test when there is none or more than one."""
        found = [r for r in self.of(type_) if name is None or r.name == name]
        assert len(found) == 1, f"{len(found)} of {type_} {name or ''}: {[r.name for r in self.of(type_)]}"
        return found[0]

    def named(self, name: str) -> Recorded:
        found = [r for r in self.resources if r.name == name]
        assert len(found) == 1, f"{len(found)} named {name}: {sorted(r.name for r in self.resources)}"
        return found[0]

    def parent_of(self, resource: Recorded) -> str:
        """Logical name of a resource's parent; empty for the stack's own children."""
        return resource.parent.split("::")[-1] if resource.parent else ""

    def depends(self, resource: Recorded, on: Recorded) -> bool:
        """Whether `resource` waits for `on`, directly (option or property) or through others."""
        by_urn = {r.urn: r for r in self.resources}
        todo, seen = [resource.urn], set[str]()
        while todo:
            urn = todo.pop()
            if urn in seen or urn not in by_urn:
                continue
            seen.add(urn)
            current = by_urn[urn]
            for group in (current.dependencies, *current.property_dependencies.values()):
                todo.extend(group)
        return on.urn in seen and on.urn != resource.urn

    def outputs_of(self, name: str) -> dict[str, Any]:
        """Outputs that the component called `name` registered."""
        return self.registered_outputs[self.named(name).urn]


class _Computed(mocks.Mocks):
    """Makes up computed outputs: an id, an ARN, and what wiring between components needs."""

    def __init__(self, preview: bool, unknown: Collection[str] | None) -> None:
        self._preview = preview
        self._unknown = unknown

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if not args.custom:
            return None, {}
        if self._preview and (self._unknown is None or args.typ in self._unknown):
            # Without an id everything computed is unknown, as in a preview.
            return None, dict(args.inputs)
        service = args.typ.split(":")[1].split("/")[0]
        defaults: dict[str, Any] = {
            "arn": f"arn:aws:{service}:us-east-1:{ACCOUNT}:{args.name}",
            "name": args.name,
            "keyId": f"key-{args.name}",
            "bucket": args.name,
            "url": f"https://{args.name}.example.internal",
            "endpoint": f"{args.name}.example.internal",
            "address": f"{args.name}.example.internal",
            "port": 5432,
            "repositoryUrl": f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/{args.name}",
            "certificateAuthority": {"data": "LS0t"},
            "vpcConfig": {"clusterSecurityGroupId": f"sg-{args.name}"},
            "masterUserSecrets": [{"secretArn": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{args.name}"}],
            "defaultSecurityGroupId": f"sg-default-{args.name}",
            "publicIp": "198.51.100.7",
        }
        if args.typ.startswith("kubernetes:"):
            defaults = {}
        outputs = dict(args.inputs)
        for key, value in defaults.items():
            if isinstance(value, dict) and isinstance(outputs.get(key), dict):
                outputs[key] = {**value, **outputs[key]}
            else:
                outputs.setdefault(key, value)
        return f"{args.name}-id", outputs

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"a component must not look things up in the cloud: {args.token}")


class _Monitor(mocks.MockMonitor):
    """The SDK's mock monitor that keeps each whole registration."""

    def __init__(self, graph: Graph, computed: _Computed) -> None:
        super().__init__(computed)
        self._graph = graph

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type != "pulumi:pulumi:Stack":
            self._graph.resources.append(
                Recorded(
                    type=request.type,
                    name=request.name,
                    inputs=rpc.deserialize_properties(request.object, keep_unknowns=True) or {},
                    urn=response.urn,
                    parent=request.parent if "pulumi:pulumi:Stack::" not in request.parent else "",
                    custom=request.custom,
                    protect=request.protect,
                    retain_on_delete=request.retainOnDelete,
                    deleted_with=request.deletedWith,
                    dependencies=tuple(request.dependencies),
                    property_dependencies={
                        key: tuple(value.urns) for key, value in request.propertyDependencies.items()
                    },
                    provider=request.provider,
                    ignore_changes=tuple(request.ignoreChanges),
                    aliases=len(request.aliases),
                )
            )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        self._graph.registered_outputs[request.urn] = rpc.deserialize_properties(request.outputs, keep_unknowns=True)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def record(
    program: Callable[[], Any],
    preview: bool = False,
    stack: str = "test",
    unknown: Collection[str] | None = None,
) -> Graph:
    """Run `program` against the recorder; return the graph with the resolved return value in `result`.

    In a preview the computed outputs of every resource are unknown; `unknown` narrows that to these types.
    A returned Output, or a dict or list of them, is resolved. Errors of the program are raised unchanged.
    """
    graph = Graph()

    loops: list[asyncio.AbstractEventLoop] = []

    def own_loop() -> None:
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    async def run() -> None:
        # The SDK makes an event loop in each worker thread and never closes it; these are made and closed here.
        executor = ThreadPoolExecutor(max_workers=8, initializer=own_loop)
        asyncio.get_running_loop().set_default_executor(executor)
        # The root stack resource belongs to an event loop: each recording makes its own.
        settings.ROOT.set(None)
        computed = _Computed(preview, unknown)
        mocks.set_mocks(computed, project="mlops", stack=stack, preview=preview, monitor=_Monitor(graph, computed))
        settings.SETTINGS.rpc_manager.clear()
        settings.SETTINGS.outputs.clear()
        graph.result = await pulumi.Output.from_input(program()).future()
        await wait_for_rpcs()

    try:
        asyncio.run(run())
    finally:
        for loop in loops:
            loop.close()
    return graph
