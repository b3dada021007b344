"""Rules on Kubernetes objects that are conditions as data, so that they hold at admission too.

A rule says what it demands of every object, pod or container of its kinds. From that one statement come the
check of a plan and the ValidatingAdmissionPolicy (`policies/admission`). A rule that needs more than
conditions say is a `kubernetes_rule`, and its `not_at_admission` tells why.
"""

import enum
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Unpack

from policies._engine.build import About, kubernetes_rule
from policies._engine.conditions import (
    ALWAYS,
    OBJECT,
    PARTIAL,
    POD,
    SELF,
    Bindings,
    Condition,
    Ref,
    failing_item,
    holds,
    place,
)
from policies._engine.model import Manifest
from policies._engine.pods import Pod, each_merged_container, each_whole_pod
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, P, Rule
from policies._engine.wire import Undetermined


class Subject(enum.StrEnum):
    """What `this` is in a demand."""

    OBJECT = "object"
    """The Kubernetes object, whatever its kind."""

    POD = "pod"
    """Each pod's spec of a workload."""

    CONTAINER = "container"
    """Each container of a workload: also init, ephemeral and sidecar ones."""


@dataclass(frozen=True)
class Gap:
    """Why a condition that does not hold is no finding in a plan: what decides comes later, before admission."""

    where: Condition
    reason: str
    """A clause without full stop, after path and value."""


@dataclass(frozen=True)
class Requirement:
    """One condition that must hold, and how a message speaks of it."""

    condition: Condition
    about: Ref
    """The place that a message names, with the value found there; of an `every`, the item that breaks it."""

    wanted: str
    """What is wanted there, such as `false (the default is true)`."""

    gap: Gap | None = None
    """What keeps the answer open in a plan."""


@dataclass(frozen=True)
class Demand:
    """What a rule demands under given parameters."""

    requires: tuple[Requirement, ...]
    applies: Condition = ALWAYS
    """On which subjects; where it does not hold, what would be wrong is not the rule's business."""

    otherwise: str = "the rule does not look at such objects"
    """Why the rule does not apply, in a sentence without full stop."""

    defaults_elsewhere: bool = False
    """Whether controllers usually have defaults for what is demanded, as Argo has for security contexts: what a
    template does not say is then undetermined."""


DemandOf = Callable[[Context[P]], Demand]


def demand_rule(
    id: str,  # noqa: A002
    name: str,
    title: str,
    *,
    per: Subject,
    kinds: tuple[str, ...],
    params: type[P],
    **about: Unpack[About],
) -> Callable[[DemandOf[P]], Rule]:
    """Make a rule of a function from parameters to a demand; take `params=Params` where there are none."""

    def build(function: DemandOf[P]) -> Rule:
        def check(manifest: Manifest, ctx: Context[P]) -> Iterable[Outcome]:
            return _judge(manifest, per, function(ctx))

        rule = kubernetes_rule(id, name, title, kinds=kinds, params=params, **about)(check)
        return rule.model_copy(update={"demand": function, "per": per})

    return build


def _judge(manifest: Manifest, per: Subject, demand: Demand) -> Iterator[Outcome]:
    passed_over = False
    of_a_patch = manifest.resource.type.endswith("Patch")

    def of(bindings: Bindings, partial: bool = False) -> Iterator[Outcome]:
        nonlocal passed_over
        where = {**bindings, OBJECT: (manifest.props,)}
        # First what is wrong, then whether the rule applies: a subject in good order passes although, say, its
        # namespace is not known yet.
        wrong = [outcome for one in demand.requires for outcome in _requirement(one, where, partial or of_a_patch)]
        if wrong and not holds(demand.applies, where):
            passed_over = True
        else:
            yield from wrong

    # What is wrong with a pod is found again in each of its containers.
    told: set[str] = set()
    for outcome in _subjects(manifest, per, demand.defaults_elsewhere, of):
        words = outcome.message if isinstance(outcome, Finding) else outcome.reason
        if words not in told:
            told.add(words)
            yield outcome
    if passed_over and not told:
        raise NotApplicable(demand.otherwise)


Judging = Callable[[Bindings, bool], Iterator[Outcome]]


def _subjects(manifest: Manifest, per: Subject, defaulted: bool, of: Judging) -> Iterator[Outcome]:
    def pod(one: Pod) -> Iterator[Outcome]:
        levels = one.settings()
        partial = one.partial or (defaulted and one.workflow is not None)
        if per is Subject.POD:
            return of({SELF: levels, POD: levels}, partial)
        return each_merged_container(one, lambda own, a_patch: of({SELF: own, POD: levels}, partial or a_patch))

    if per is Subject.OBJECT:
        return of({SELF: (manifest.props,)}, False)
    return each_whole_pod(manifest, pod)


def _requirement(requirement: Requirement, where: Bindings, partial: bool) -> Iterator[Outcome]:
    condition = requirement.condition
    try:
        if holds(condition, where):
            return
        if partial:
            # A part is at fault for what it says; what it lacks may stand elsewhere.
            holds(condition, {**where, PARTIAL: ()})
        path, shown = failing_item(condition, where) or place(requirement.about, where)
        gap = requirement.gap
        if gap is not None and holds(gap.where, where):
            raise Undetermined(f"{path} is {shown}, {gap.reason}")
        yield Finding(f"{path} is {shown}; wanted {requirement.wanted}")
    except Undetermined as unclear:
        yield unclear
