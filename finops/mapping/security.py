"""KMS keys and Secrets Manager secrets."""

from collections.abc import Iterable

from finops.context import Context
from finops.line import Line, State
from finops.resource import Resource

_REQUESTS = {"SYMMETRIC_DEFAULT": "kms/requests", "RSA_2048": "kms/requests-rsa-2048"}


def kms_key(resource: Resource, context: Context) -> Iterable[Line]:
    """Price a customer key and meter its requests."""
    yield from context.fixed(resource, "key", "kms/key")
    kind = resource.props.text("customerMasterKeySpec", "SYMMETRIC_DEFAULT") or "SYMMETRIC_DEFAULT"
    yield from context.metered(resource, "requests", _REQUESTS.get(kind, "kms/requests-asymmetric"))


def replica_key(resource: Resource, context: Context) -> Iterable[Line]:
    """Price a replica of a key: a key like any other."""
    yield from context.fixed(resource, "replica key", "kms/key")
    yield from context.metered(resource, "requests", "kms/requests")


def secret(resource: Resource, context: Context) -> Iterable[Line]:
    """Price a secret and meter its requests. Its replicas are in other regions, whose figures are not looked up."""
    yield from context.fixed(resource, "secret", "secretsmanager/secret")
    yield from context.metered(resource, "requests", "secretsmanager/requests")
    if replicas := len(resource.props.items("replicas")):
        yield Line(f"{replicas} replicas", State.UNPRICED, note="replicas in other regions are not counted yet")
