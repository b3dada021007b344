"""Four ways to make a rule: of one property, of a function on a resource, on a manifest, or on a stack."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, Required, TypedDict, TypeVar, Unpack

from policies._engine.model import Manifest, Resource, Stack, manifests
from policies._engine.rule import (
    Check,
    Context,
    Finding,
    NotApplicable,
    Outcome,
    P,
    Remedy,
    Rule,
    Scope,
    Severity,
)
from policies._engine.values import Items, Path, View, joined, parts, show
from policies._engine.wire import MalformedValue, Undetermined

T = TypeVar("T")

ResourceCheck = Callable[[Resource, Context[P]], Iterable[Outcome]]
ManifestCheck = Callable[[Manifest, Context[P]], Iterable[Outcome]]
StackCheck = Callable[[Resource, Stack, Context[P]], Iterable[Outcome]]
ResourceFix = Callable[[Resource, Context[P]], Mapping[Path, Any]]


class About(TypedDict):
    """What every rule says about itself, whichever way it is made."""

    severity: Required[Severity]
    rationale: Required[str]
    controls: Required[tuple[str, ...]]
    """`framework:ref` each."""

    bad: Required[str]
    """Pulumi Python that the rule finds fault with, of at most 8 lines."""

    remedy: Required[tuple[str, str]]
    """A sentence on how to mend it, and the mended Pulumi Python."""

    since: NotRequired[str]
    not_at_admission: NotRequired[str]
    """For rules on Kubernetes objects that are no demand: why they cannot be said in CEL."""


@dataclass(frozen=True)
class Predicate:
    """A condition on one value, and how a message names it."""

    wanted: str
    test: Callable[[Any], bool]
    """Called with the value, None where it is missing. May raise `Undetermined`."""


def equals(wanted: Any) -> Predicate:
    """Return the condition that a value is exactly `wanted`: of the same JSON type, so that `"false"` is
    not false."""
    return Predicate(
        show(wanted), lambda value: value == wanted and isinstance(value, bool) == isinstance(wanted, bool)
    )


def contains_all(wanted: Sequence[str]) -> Predicate:
    """Return the condition that a list holds all of `wanted`; unknown items matter only if something is
    missing."""

    def test(value: Any) -> bool:
        if not isinstance(value, Items):
            return False
        known = value.known()
        if set(wanted) <= {item for item in known if isinstance(item, str)}:
            return True
        if len(known) < len(value):
            raise Undetermined(f"{value.path} holds items that are not known yet")
        return False

    return Predicate(f"a list with {', '.join(wanted)}", test)


def property_rule(
    id: str,  # noqa: A002 - a rule's id is called id
    name: str,
    title: str,
    *,
    on: tuple[str, ...],
    path: Path,
    must: Predicate,
    fix: Any = None,
    **about: Unpack[About],
) -> Rule:
    """Make a rule of one property: on every resource of `on`, the value at `path` must meet `must`.

    `fix` is a value that meets it, where setting it is safe.
    """

    def check(resource: Resource, _stack: Stack | None, _ctx: Context[Any]) -> Iterator[Outcome]:
        if not must.test(resource.props.at(path)):
            yield differs(resource.props, path, must.wanted)

    repair = None if fix is None else (lambda _resource, _ctx: {path: fix})
    return _rule(about, id=id, name=name, title=title, on=on, check=check, fix=repair, scope=Scope.RESOURCE)


def rule(
    id: str,  # noqa: A002
    name: str,
    title: str,
    *,
    on: tuple[str, ...] = (),
    kinds: tuple[str, ...] = (),
    params: type[P],
    fix: ResourceFix[P] | None = None,
    **about: Unpack[About],
) -> Callable[[ResourceCheck[P]], Rule]:
    """Make a rule of a function on one resource; take `params=Params` where there are none."""

    def build(function: ResourceCheck[P]) -> Rule:
        def check(resource: Resource, _stack: Stack | None, ctx: Context[Any]) -> Iterable[Outcome]:
            return function(resource, ctx)

        return _rule(
            about,
            id=id,
            name=name,
            title=title,
            on=on,
            kinds=kinds,
            params=params,
            fix=fix,
            check=check,
            scope=Scope.RESOURCE,
        )

    return build


def kubernetes_rule(
    id: str,  # noqa: A002
    name: str,
    title: str,
    *,
    kinds: tuple[str, ...],
    params: type[P],
    **about: Unpack[About],
) -> Callable[[ManifestCheck[P]], Rule]:
    """Make a rule of a function on one Kubernetes object of `kinds`, whatever its type token."""

    def build(function: ManifestCheck[P]) -> Rule:
        def check(resource: Resource, _stack: Stack | None, ctx: Context[Any]) -> Iterable[Outcome]:
            found = [manifest for manifest in manifests(resource) if manifest.kind in kinds]
            return each(found, lambda manifest: function(manifest, ctx))

        return _rule(
            about,
            id=id,
            name=name,
            title=title,
            kinds=kinds,
            params=params,
            check=check,
            scope=Scope.RESOURCE,
        )

    return build


def stack_rule(
    id: str,  # noqa: A002
    name: str,
    title: str,
    *,
    on: tuple[str, ...] = (),
    kinds: tuple[str, ...] = (),
    params: type[P],
    **about: Unpack[About],
) -> Callable[[StackCheck[P]], Rule]:
    """Make a rule of a function on a resource and its stack.

    With neither `on` nor `kinds` it judges the stack itself.
    """

    def build(function: StackCheck[P]) -> Rule:
        def check(resource: Resource, stack: Stack | None, ctx: Context[Any]) -> Iterable[Outcome]:
            return function(resource, stack if stack is not None else Stack([resource]), ctx)

        return _rule(
            about,
            id=id,
            name=name,
            title=title,
            on=on,
            kinds=kinds,
            params=params,
            check=check,
            scope=Scope.STACK,
        )

    return build


def each(things: Sequence[T], check: Callable[[T], Iterable[Outcome]]) -> Iterator[Outcome]:
    """Check every item of a list. What is unknown in one of them does not hide what is wrong in another.

    The items of `Items` must be mappings; another one is reported as malformed. Raises `NotApplicable` if
    every item did.
    """
    passed_over: list[NotApplicable] = []
    for index in range(len(things)):
        try:
            thing = things[index]
            if isinstance(things, Items) and not isinstance(thing, View):
                raise MalformedValue(joined(things.path, str(index)), "an object", thing)
            yield from check(thing)
        except Undetermined as gap:
            yield gap
        except NotApplicable as answer:
            passed_over.append(answer)
    if passed_over and len(passed_over) == len(things):
        raise passed_over[0]


def some(things: Sequence[T], test: Callable[[T], bool]) -> bool:
    """Whether any item meets a test. An unknown one matters only if no other does: then it raises."""
    gap: Undetermined | None = None
    for index in range(len(things)):
        try:
            if test(things[index]):
                return True
        except Undetermined as unclear:
            gap = gap or unclear
    if gap is not None:
        raise gap
    return False


def differs(props: View, path: Path, wanted: str) -> Finding:
    """Return the finding that the value at `path` is not what is wanted; secrets are not quoted."""
    return Finding(f"{joined(props.path, *parts(path))} is {props.shown(path)}; wanted {wanted}")


def _rule(about: About, check: Check, **rest: Any) -> Rule:
    text, good = about["remedy"]
    remedy = Remedy(text=text, bad=about["bad"], good=good)
    said = {key: value for key, value in about.items() if key not in ("bad", "remedy")}
    return Rule(**{**said, **rest, "remedy": remedy, "check": check})
