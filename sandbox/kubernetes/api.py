"""A small REST client of the local API server: discovery, server-side apply, and errors with their reasons.

The official client takes most of a second to import, in every run of the engine; what is needed here are five verbs
on plain mappings.
"""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from sandbox import control_plane
from sandbox.layout import Layout

FIELD_MANAGER = "mlops-blueprints"


class ApiError(Exception):
    """The API server refused a request."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


@dataclasses.dataclass(frozen=True)
class Resource:
    """One kind as the API server serves it."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    def path(self, namespace: str | None, name: str | None = None) -> str:
        """Path of a collection, or of one object in it."""
        group = "/api/v1" if self.api_version == "v1" else f"/apis/{self.api_version}"
        inside = f"/namespaces/{quote(namespace)}" if self.namespaced and namespace else ""
        return f"{group}{inside}/{self.plural}" + (f"/{quote(name)}" if name else "")


class Api:
    """The API server of one sandbox, as its administrator."""

    def __init__(self, layout: Layout) -> None:
        self._endpoint = layout.kubernetes_endpoint
        self._headers = {"Authorization": f"Bearer {control_plane.token(layout)}", "Accept": "application/json"}
        self._pool = urllib3.PoolManager(
            maxsize=32,
            ca_certs=str(layout.certificates / "apiserver.crt"),
            retries=urllib3.Retry(connect=3, read=0, backoff_factor=0.2, status=0),
            timeout=urllib3.Timeout(connect=5.0, read=60.0),
        )
        self._groups: dict[str, dict[str, Resource]] = {}
        self._lock = threading.Lock()

    def request(
        self, method: str, path: str, body: Any = None, content_type: str = "application/json", **query: str
    ) -> dict[str, Any]:
        """Send a request and return the answer; raises `ApiError` for anything but success."""
        url = f"{self._endpoint}{path}" + (f"?{urlencode(query)}" if query else "")
        content = None if body is None else json.dumps(body).encode()
        try:
            response = self._pool.request(
                method, url, body=content, headers={**self._headers, "Content-Type": content_type}
            )
        except urllib3.exceptions.HTTPError as error:
            raise ApiError(0, "Unreachable", f"the API server at {self._endpoint} does not answer: {error}") from error
        answer = json.loads(response.data) if response.data[:1] == b"{" else {"message": response.data.decode()}
        if response.status >= 400:
            raise ApiError(response.status, str(answer.get("reason", "")), str(answer.get("message", "")))
        return dict(answer)

    def resource(self, api_version: str, kind: str) -> Resource | None:
        """Return how a kind is served, or None; asks the server anew when the kind is not known."""
        with self._lock:
            known = self._groups.get(api_version, {})
            if kind not in known:
                self._groups[api_version] = known = self._discover(api_version)
            return known.get(kind)

    def _discover(self, api_version: str) -> dict[str, Resource]:
        path = "/api/v1" if api_version == "v1" else f"/apis/{api_version}"
        try:
            listed = self.request("GET", path)["resources"]
        except ApiError as error:
            if error.status in (404, 503):
                return {}
            raise
        return {
            r["kind"]: Resource(api_version, r["kind"], r["name"], r["namespaced"])
            for r in listed
            if "/" not in r["name"]
        }

    def apply(self, resource: Resource, manifest: Mapping[str, Any], dry_run: bool = False) -> dict[str, Any]:
        """Apply a manifest server-side; unknown fields are refused."""
        metadata = manifest["metadata"]
        query = {"fieldManager": FIELD_MANAGER, "force": "true", "fieldValidation": "Strict"}
        if dry_run:
            query["dryRun"] = "All"
        return self.request(
            "PATCH",
            resource.path(metadata.get("namespace"), metadata["name"]),
            manifest,
            "application/apply-patch+yaml",
            **query,
        )

    def get(self, resource: Resource, namespace: str | None, name: str) -> dict[str, Any] | None:
        """Return an object, or None."""
        try:
            return self.request("GET", resource.path(namespace, name))
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def list(self, resource: Resource, namespace: str | None = None, **query: str) -> list[dict[str, Any]]:
        """Return all objects of a kind, in one namespace or everywhere; none when the kind is served no more."""
        try:
            return list(self.request("GET", resource.path(namespace), **query).get("items") or [])
        except ApiError as error:
            if error.status != 404:
                raise
            with self._lock:
                self._groups.pop(resource.api_version, None)
            return []

    def delete(self, resource: Resource, namespace: str | None, name: str) -> None:
        """Delete an object; one that is gone already is fine."""
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
        try:
            self.request("DELETE", resource.path(namespace, name), body)
        except ApiError as error:
            if error.status != 404:
                raise
