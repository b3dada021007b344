"""How resources of a stack name each other: by URN before the first deployment, by name, id or ARN after it."""

from collections.abc import Iterator

from finops.context import Context
from finops.resource import Resource
from finops.values import Props, Unreadable


def dependencies(resource: Resource, key: str) -> Iterator[str]:
    """Yield the URNs that the value of a property comes from."""
    found = resource.property_dependencies.get(key)
    if isinstance(found, list | tuple):
        yield from (urn for urn in found if isinstance(urn, str))


def linked(resource: Resource, context: Context, key: str, type_: str, *paths: str) -> Resource | None:
    """Return the resource of a type that the property `key` names, None where it is missing or not in this stack.

    Before the first deployment the value is not known: then the URN that it comes from tells. Otherwise it is
    the other's id, or the value of its property at one of `paths`. Raises `Unreadable` for what is no text.
    """
    for urn in dependencies(resource, key):
        found = context.resources.by_urn.get(urn)
        if found is not None and found.type == type_:
            return found
    named = resource.props.text(key)
    if not named:
        return None
    by_id = context.resources.by_id.get((type_, named))
    if by_id is not None:
        return by_id
    return next((found for path in paths if (found := context.resources.named(type_, named, path))), None)


def block(props: Props, path: str) -> Props | None:
    """Return a block that SDKs give as an object, or as a list of one; None where it is missing."""
    found = props.at(path)
    if isinstance(found, list | tuple):
        blocks = props.each(path)
        return blocks[0] if blocks else None
    return Props(props.mapping(path)) if found is not None else None


def needed(props: Props, path: str) -> str:
    """Return the text at `path`. Raises `Unreadable` where it is missing."""
    if not (found := props.text(path)):
        raise Unreadable(f"{path} is not given")
    return found
