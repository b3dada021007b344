"""The local `kubernetes` provider: every object is applied to the sandbox's own API server.

Whatever kubeconfig a program gives, the objects go to the sandbox: a program made for a real cluster cannot reach
it from here.
"""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Callable
from typing import Any

from sandbox import recorded
from sandbox.kubernetes import manifests, readiness, releases
from sandbox.kubernetes.api import Api, ApiError, Resource
from sandbox.layout import Layout
from sandbox.provider.changes import compare, refreshed_inputs
from sandbox.provider.journal import Entry, Journal
from sandbox.provider.servicer import (
    Diff,
    Failure,
    Found,
    InitError,
    LocalProvider,
    ProviderError,
    serve,
    type_of,
)
from sandbox.provider.values import UNKNOWN, Props

_READY_TIMEOUT_S = 90.0
_DELETE_TIMEOUT_S = 90.0
_POLL_S = 0.1


class KubernetesProvider(LocalProvider):
    """Applies objects to the API server of one sandbox."""

    package = "kubernetes"

    def __init__(self, log: Callable[[str, str, str], None], layout: Layout) -> None:
        super().__init__(log)
        self.version = importlib.metadata.version("pulumi-kubernetes")
        self._layout = layout
        self._journal = Journal(layout.journal / "kubernetes")
        self._api: Api | None = None

    @property
    def api(self) -> Api:
        if self._api is None:
            self._api = Api(self._layout)
        return self._api

    def check(self, urn: str, old: Props, new: Props) -> tuple[Props, list[Failure]]:
        token = type_of(urn)
        if token == releases.TOKEN:
            missing = [Failure(k, "is required and missing") for k in ("chart", "name") if new.get(k) is None]
            return new, missing
        if token.startswith(("kubernetes:helm.sh", "kubernetes:yaml", "kubernetes:kustomize")) or token.endswith(
            ("Patch", "List")
        ):
            return new, [Failure("", f"the local kubernetes provider does not serve {token}; use typed resources")]
        failures = [Failure(k, "is required and missing") for k in ("apiVersion", "kind") if new.get(k) is None]
        return manifests.named(urn, new, old), failures

    def diff(self, urn: str, resource_id: str, state: Props, old: Props, new: Props) -> Diff:
        self._journal.known(urn, resource_id)
        if type_of(urn) == releases.TOKEN:
            return Diff(compare(old, new, lambda path: path in ("name", "namespace")))
        kind = str(new.get("kind"))
        changes = compare(old, new, lambda path: manifests.replaces(kind, path))
        # Names are given by the program: the old object must go before the new one can come.
        return Diff(changes, delete_before_replace=any(c.replaces for c in changes))

    def preview(self, urn: str, inputs: Props) -> Props:
        if type_of(urn) == releases.TOKEN:
            return {**inputs, "status": UNKNOWN, "resourceNames": UNKNOWN, "id": UNKNOWN}
        metadata = {**inputs.get("metadata", {}), "uid": UNKNOWN}
        return {**inputs, "metadata": metadata, "status": UNKNOWN, "id": UNKNOWN}

    def create(self, urn: str, inputs: Props, timeout_s: float) -> tuple[str, Props]:
        resource_id = self._id_to_be(urn, inputs)
        if resource_id is not None:
            self._journal.begin(urn, "", manifests.identity(inputs), resource_id=resource_id)
        return self._create(urn, inputs, timeout_s)

    def _id_to_be(self, urn: str, inputs: Props) -> str | None:
        """Return the id that a creation will give; None where the API server chooses the name."""
        if type_of(urn) == releases.TOKEN:
            return releases.identifier(inputs)
        metadata = inputs["metadata"]
        if metadata.get("name") is None:
            return None
        namespace = (metadata.get("namespace") or "default") if self._resource(inputs).namespaced else None
        return manifests.identifier(namespace, metadata["name"])

    def _create(self, urn: str, inputs: Props, timeout_s: float) -> tuple[str, Props]:
        if type_of(urn) == releases.TOKEN:
            return self._create_release(urn, inputs)
        resource = self._resource(inputs)
        live = self._applied(resource, inputs)
        metadata = live["metadata"]
        resource_id = manifests.identifier(metadata.get("namespace"), metadata["name"])
        return resource_id, self._when_ready(resource, resource_id, inputs, timeout_s)

    def _create_release(self, urn: str, inputs: Props) -> tuple[str, Props]:
        try:
            resource_id = releases.create(self.api, inputs)
        except ApiError as error:
            raise ProviderError(f"release {inputs['name']}: {error}") from error
        recorded.add(self._layout, urn, releases.REASON)
        return resource_id, self._release_outputs(inputs)

    @staticmethod
    def _release_outputs(inputs: Props) -> Props:
        status = {"name": inputs["name"], "namespace": inputs.get("namespace"), "status": "recorded", "revision": 1}
        return {**inputs, "status": status, "resourceNames": {}}

    def _resource(self, inputs: Props) -> Resource:
        api_version, kind = str(inputs["apiVersion"]), str(inputs["kind"])
        try:
            resource = self.api.resource(api_version, kind)
        except ApiError as error:
            raise ProviderError(str(error)) from error
        if resource is None:
            raise ProviderError(
                f"the cluster serves no {kind} of {api_version}; a release that brings its definition must come first"
            )
        return resource

    def _applied(self, resource: Resource, inputs: Props) -> dict[str, Any]:
        manifest = manifests.manifest(inputs)
        if resource.namespaced and not manifest["metadata"].get("namespace"):
            manifest = {**manifest, "metadata": {**manifest["metadata"], "namespace": "default"}}
        try:
            return self.api.apply(resource, manifest)
        except ApiError as error:
            raise ProviderError(f"{resource.kind} {manifest['metadata']['name']}: {error}") from error

    def _when_ready(self, resource: Resource, resource_id: str, inputs: Props, timeout_s: float) -> Props:
        """Wait for readiness and return the outputs; an object that stays unready is kept, with the reason."""
        namespace, name = manifests.split(resource_id)
        deadline = time.monotonic() + (timeout_s or _READY_TIMEOUT_S)
        while True:
            try:
                live = self.api.get(resource, namespace, name)
            except ApiError as error:
                raise ProviderError(str(error)) from error
            if live is None:
                raise ProviderError(f"{resource.kind} {resource_id} was deleted while it started")
            waiting = readiness.waiting_for(live)
            if waiting is None:
                return manifests.outputs(live, inputs)
            if time.monotonic() > deadline:
                reason = f"{resource.kind} {resource_id} is not ready: {waiting}"
                raise InitError(resource_id, manifests.outputs(live, inputs), inputs, [reason])
            time.sleep(_POLL_S)

    def undo(self, entry: Entry) -> bool:
        """Delete what a noted creation made; return whether there was anything, and forget the note."""
        self._delete(entry.urn, str(entry.resource_id), entry.inputs)
        self._journal.forget(entry.urn)
        return True

    def read(self, urn: str, resource_id: str, state: Props, inputs: Props) -> Found | None:
        self._journal.known(urn, resource_id)
        try:
            return self._read(urn, resource_id, state, inputs)
        except ApiError as error:
            raise ProviderError(f"could not read {resource_id}: {error}") from error

    def _read(self, urn: str, resource_id: str, state: Props, inputs: Props) -> Found | None:
        if type_of(urn) == releases.TOKEN:
            found = releases.read(self.api, resource_id)
            if found is None:
                return None
            outputs = {**state, **found}
            return Found(resource_id, outputs, refreshed_inputs(inputs, state, outputs))
        source = inputs or state
        resource = self.api.resource(str(source["apiVersion"]), str(source["kind"]))
        live = self.api.get(resource, *manifests.split(resource_id)) if resource else None
        if live is None:
            return None
        outputs = manifests.outputs(live, source)
        return Found(resource_id, outputs, refreshed_inputs(source, state, outputs))

    def update(self, urn: str, resource_id: str, state: Props, old: Props, new: Props, timeout_s: float) -> Props:
        if type_of(urn) == releases.TOKEN:
            return self._create_release(urn, new)[1]
        resource = self._resource(new)
        self._applied(resource, new)
        return self._when_ready(resource, resource_id, new, timeout_s)

    def delete(self, urn: str, resource_id: str, state: Props, timeout_s: float) -> None:
        self._journal.known(urn, resource_id)
        self._delete(urn, resource_id, state)

    def _delete(self, urn: str, resource_id: str, state: Props) -> None:
        try:
            if type_of(urn) == releases.TOKEN:
                releases.delete(self.api, resource_id, state)
                recorded.remove(self._layout, urn)
                return
            resource = self.api.resource(str(state["apiVersion"]), str(state["kind"]))
            if resource is None:
                return
            self.api.delete(resource, *manifests.split(resource_id))
            self._wait_gone(resource, resource_id)
        except ApiError as error:
            raise ProviderError(f"could not delete {resource_id}: {error}") from error

    def _wait_gone(self, resource: Resource, resource_id: str) -> None:
        namespace, name = manifests.split(resource_id)
        deadline = time.monotonic() + _DELETE_TIMEOUT_S
        while (live := self.api.get(resource, namespace, name)) is not None:
            if time.monotonic() > deadline:
                held = ", ".join(live["metadata"].get("finalizers", [])) or "nothing that it names"
                raise ProviderError(f"{resource.kind} {resource_id} is still there; it is held by {held}")
            time.sleep(_POLL_S)

    def invoke(self, token: str, args: Props) -> Props:
        raise ProviderError(f"the local kubernetes provider does not know the function {token}")


def main() -> None:
    """Serve the provider for the sandbox that the environment names."""
    serve(lambda log: KubernetesProvider(log, Layout.current()))


if __name__ == "__main__":
    main()
