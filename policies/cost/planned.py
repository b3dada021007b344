"""A stack as the estimator takes it: what it costs, and in which region something runs."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final
from weakref import WeakKeyDictionary

from finops import Estimate, Item, State, default_usage, estimate
from finops.book import Price, default_book
from finops.mapping.registry import NOT_KNOWN, Settled, lookup
from finops.state import plain
from policies._engine.model import Provider, Resource, Stack, manifests
from policies._engine.wire import Undetermined
from policies.cost.reading import asked

AWS_PROVIDER: Final = "pulumi:providers:aws"
CLUSTER: Final = "aws:eks/cluster:Cluster"

_TOKENS: Final = {
    "karpenter.sh/NodePool": "kubernetes:karpenter.sh/v1:NodePool",
    "karpenter.k8s.aws/EC2NodeClass": "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass",
}
"""Tokens by which the estimator knows Karpenter's objects, whatever their version."""

# Many resources of a stack ask for the same; the stack is thrown away after it is judged.
_REGIONS: WeakKeyDictionary[Stack, frozenset[str]] = WeakKeyDictionary()
_ESTIMATES: WeakKeyDictionary[Stack, dict[tuple[date, str | None], Estimate]] = WeakKeyDictionary()


def estimate_of(stack: Stack, on: date, environment: str | None = None) -> Estimate:
    """Return what a stack costs, worked out once; never raises for what is in it.

    The name of the stack chooses the assumptions on its use, or `environment` where nothing is assumed for the name.
    """
    name = _stack_name(stack)
    chosen = environment if environment and default_usage().section(name) is None else None
    found = _ESTIMATES.setdefault(stack, {})
    if (on, chosen) not in found:
        found[on, chosen] = estimate(_plain(stack), on, environment=chosen)
    return found[on, chosen]


def _stack_name(stack: Stack) -> str:
    return next((name for one in stack.resources if (name := one.urn.partition("::")[0].rpartition(":")[2])), "")


def lacking(item: Item) -> Iterator[str]:
    """Yield what the estimate of a resource lacks, other than the use of meters, which no program tells."""
    if not item.lines and item.state in (State.UNPRICED, State.UNKNOWN):
        yield item.reason
    for line in item.lines:
        if line.state in (State.UNPRICED, State.UNKNOWN):
            yield f"{line.what}: {line.note}"


def price(stack: Stack, resource: Resource, item: str) -> Price:
    """Return the price of an item where a resource is. Raises `Undetermined` where the book has none."""
    region = region_of(stack, resource)
    found = default_book().find(item, region)
    if found is None:
        raise Undetermined(f"the price book of {default_book().as_of} has no figure for {item} in {region[:32]}")
    return found


def region_of(stack: Stack, resource: Resource) -> str:
    """Return where a resource is: its own region, its provider's, else that of the stack's clusters or providers.

    Raises `Undetermined`.
    """
    own = _own_region(resource) if resource.type.startswith("aws:") else ""
    if own:
        return own
    if stack not in _REGIONS:
        _REGIONS[stack] = _common_regions(stack)
    if len(_REGIONS[stack]) != 1:
        raise Undetermined("the region is not known: set it at the AWS provider")
    return next(iter(_REGIONS[stack]))


def _common_regions(stack: Stack) -> frozenset[str]:
    """Return the regions of the clusters, or else of the providers; none where that of one is not known."""
    try:
        clusters = {_own_region(one) for one in stack.of(CLUSTER)} - {""}
        providers = (one for one in _providers(stack).values() if one.type == AWS_PROVIDER)
        return frozenset(clusters or {_provider_region(one) for one in providers} - {""})
    except Undetermined:
        return frozenset()


def _own_region(resource: Resource) -> str:
    own = asked(resource).props.text("region")
    return own or (_provider_region(resource.provider) if resource.provider is not None else "")


def _provider_region(provider: Provider) -> str:
    return provider.props.text("region")


def _providers(stack: Stack) -> Mapping[str, Provider]:
    """Return the providers, by URN, whether they are among the resources or only at what they manage."""
    found = {one.urn: Provider(one.type, one.urn, one.read) for one in stack.of(AWS_PROVIDER)}
    for resource in stack.resources:
        if resource.provider is not None:
            found.setdefault(resource.provider.urn, resource.provider)
    return found


def _plain(stack: Stack) -> Iterator[dict[str, Any]]:
    parents = {resource.parent for resource in stack.resources}
    for urn, provider in _providers(stack).items():
        if urn not in stack.by_urn:
            yield {"type": provider.type, "urn": urn, "inputs": plain(provider.props.raw)}
    for resource in stack.resources:
        raw = asked(resource).props.raw
        about = {
            "urn": resource.urn,
            "name": resource.name,
            "parent": resource.parent,
            "provider": f"{resource.provider.urn}::" if resource.provider is not None else "",
            "custom": not _is_component(resource, parents),
            "id": raw.get("id"),
            "propertyDependencies": resource.property_dependencies,
        }
        yield from ({**about, **thing} for thing in _things(resource, raw))


def _things(resource: Resource, raw: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield type and properties: of the resource, or of each Kubernetes object in a list."""
    if resource.kind.endswith("List"):
        try:
            inside = list(manifests(resource))
        except Undetermined:
            inside = []
        for one in inside:
            version = one.props.raw.get("apiVersion", "v1")
            token = f"kubernetes:{version}:{one.kind.rpartition('/')[2]}"
            yield {"type": _TOKENS.get(one.kind, token), "inputs": plain(one.props.raw)}
        if inside:
            return
    yield {"type": _TOKENS.get(resource.kind, resource.type), "inputs": plain(raw)}


def _is_component(resource: Resource, parents: set[str]) -> bool:
    """Whether a resource only groups others, which is all that the protocol lets one tell of it."""
    if resource.provider is not None or resource.urn not in parents:
        return False
    known = lookup(resource.type)
    # The library's own components are known, as free.
    return known is NOT_KNOWN or (isinstance(known, Settled) and known.state is State.FREE)
