"""boto3 against the local AWS, and nothing else."""

from __future__ import annotations

import contextlib
import copy
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlparse

import boto3
from botocore.config import Config

from sandbox.aws.server import TOKEN_HEADER
from sandbox.provider.servicer import ProviderError

ACCOUNT_ID = "123456789012"
"""The account that moto plays."""

_READS = ("Describe", "Get", "List", "Head", "BatchGet", "Lookup", "Search", "Query", "Scan")


class Aws:
    """Clients of one region, and the idempotency token of the creation that runs in this thread."""

    def __init__(self, endpoint: str, region: str) -> None:
        host = urlparse(endpoint).hostname
        if host not in ("127.0.0.1", "localhost", "::1"):
            raise ProviderError(f"the local aws provider talks to this machine only; it was given {endpoint}")
        self.endpoint = endpoint
        self.region = region
        self.account_id = ACCOUNT_ID
        self._session = boto3.Session("testing", "testing", region_name=region)
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        self._local = threading.local()

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the client of a service, made once."""
        key = (service, region or self.region)
        with self._lock:
            if key not in self._clients:
                # The stubs know a client by the literal name of its service only.
                make: Any = self._session.client
                client = make(
                    service,
                    region_name=key[1],
                    endpoint_url=self.endpoint,
                    config=Config(
                        retries={"max_attempts": 4, "mode": "standard"},
                        max_pool_connections=32,
                        s3={"addressing_style": "path"},
                        parameter_validation=True,
                    ),
                )
                client.meta.events.register("before-call", self._add_token)
                self._clients[key] = client
            return self._clients[key]

    def at(self, region: str | None) -> Aws:
        """Return the same account in another region, for a resource that names its own."""
        if not region or region == self.region:
            return self
        other = copy.copy(self)
        other.region = region
        return other

    @contextlib.contextmanager
    def creating(self, token: str) -> Iterator[None]:
        """Number every changing call inside the block under `token`, so that a repeat gets the first answers."""
        self._local.token, self._local.count = token, 0
        try:
            yield
        finally:
            self._local.token = None

    def _add_token(self, params: dict[str, Any], event_name: str, **_: Any) -> None:
        # Before the call, not before each sending: a retry must carry the token of its first try.
        token = getattr(self._local, "token", None)
        operation = event_name.rsplit(".", 1)[-1]
        if token and not operation.startswith(_READS):
            params["headers"][TOKEN_HEADER] = f"{token}:{self._local.count}:{operation}"
            self._local.count += 1

    def arn(self, service: str, resource: str, region: bool = True, account: bool = True) -> str:
        """Build an ARN of this account and region."""
        return f"arn:aws:{service}:{self.region if region else ''}:{self.account_id if account else ''}:{resource}"
