"""Resources as the engine sends them: serialised by Pulumi's own policy SDK, through protobuf bytes, and read
back.

Plain dicts would hide what the wire does to values: numbers become floats, unknowns become marks, secrets
envelopes.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import struct_pb2
from pulumi_policy import Secret
from pulumi_policy.deserialize import serialize_properties
from pulumi_policy.proxy import (
    UNKNOWN_ARRAY_VALUE,
    UNKNOWN_BOOLEAN_VALUE,
    UNKNOWN_OBJECT_VALUE,
    UNKNOWN_STRING_VALUE,
)

from policies._engine.adapter import read_struct
from policies._engine.evaluate import Judge, Judgement, Settings
from policies._engine.model import Provider, Resource, Stack
from policies._engine.profiles import Level, Profile
from policies._engine.registry import Pack
from policies._engine.rule import Rule, Scope, Verdict
from policies.cost.pack import PACK as COST
from policies.security.pack import PACK as SECURITY

PACKS = (SECURITY, COST)
RULES: dict[str, Rule] = {rule.id: rule for pack in PACKS for rule in pack.rules}
TODAY = datetime.date(2026, 11, 23)

PASS, FAIL = Verdict.PASS, Verdict.FAIL
SKIP, OPEN = Verdict.NOT_APPLICABLE, Verdict.UNDETERMINED

UNKNOWN = UNKNOWN_STRING_VALUE
UNKNOWN_BOOL = UNKNOWN_BOOLEAN_VALUE
UNKNOWN_LIST = UNKNOWN_ARRAY_VALUE
UNKNOWN_OBJECT = UNKNOWN_OBJECT_VALUE

Props = Mapping[str, Any]


@dataclass(frozen=True)
class Spec:
    """A resource of a case."""

    type: str
    props: Props = field(default_factory=dict)
    name: str = "subject"
    depends: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """URNs by property; of stack rules."""

    provider: Props | None = None
    """Inputs of its provider."""

    @property
    def urn(self) -> str:
        return urn(self.type, self.name)


@dataclass(frozen=True)
class Case:
    """What a rule must answer about the first of some resources."""

    rule: str
    name: str
    expected: Verdict
    specs: tuple[Spec, ...]
    says: str = ""
    """Part of a message of the verdict."""

    params: Props = field(default_factory=dict)
    environment: str | None = None

    def __str__(self) -> str:
        return f"{self.rule}-{self.expected}-{self.name.replace(' ', '_')}"


def object_(api_version: str, kind: str, name: str = "subject", **body: Any) -> Spec:
    group = api_version if "/" in api_version else f"core/{api_version}"
    props = {"apiVersion": api_version, "kind": kind, **body}
    return Spec(f"kubernetes:{group}:{kind}", props, name)


def urn(kind: str, name: str, stack: str = "dev") -> str:
    return f"urn:pulumi:{stack}::platform::{kind}::{name}"


def secret(value: Any) -> Any:
    """Return a value that the SDK serialises as a secret."""
    return Secret(value)


def to_struct(props: Props) -> struct_pb2.Struct:
    """Return properties as they arrive: serialised by the SDK, to bytes and back."""
    struct = struct_pb2.Struct()
    struct.update(serialize_properties(dict(props)))
    return struct_pb2.Struct.FromString(struct.SerializeToString())


def to_wire(props: Props) -> dict[str, Any]:
    """Return properties in the form that rules are given."""
    return read_struct(to_struct(props))


OTHER = Spec("aws:sqs/queue:Queue", {"name": "jobs"})
"""A resource that no rule but the one on tags looks at."""


def resource(spec: Spec) -> Resource:
    wire = to_wire(spec.props)
    provider = None
    if spec.provider is not None:
        inputs = to_wire(spec.provider)
        provider = Provider("pulumi:providers:aws", urn("pulumi:providers:aws", "aws"), lambda: inputs)
    dependencies = {key: tuple(urns) for key, urns in spec.depends.items()}
    return Resource(spec.type, spec.urn, spec.name, lambda: wire, provider=provider, property_dependencies=dependencies)


def pack_of(rule_id: str) -> Pack:
    return next(pack for pack in PACKS if rule_id in pack.by_id)


def profile(pack: Pack, params: Mapping[str, Props] | None = None, **kwargs: Any) -> Profile:
    """Return a profile in which every rule is mandatory, with default parameters but for those given."""
    given = params or {}
    models = {rule.id: rule.params.model_validate(given.get(rule.id, {})) for rule in pack.rules}
    levels = kwargs.pop("levels", {rule.id: Level.MANDATORY for rule in pack.rules})
    return Profile("test", levels, models, kwargs.pop("exemptions", ()), kwargs.pop("faults", ()))


def judge(case: Case) -> Judge:
    pack = pack_of(case.rule)
    settings = Settings(profile(pack, {case.rule: case.params}), environment=case.environment)
    return Judge(pack, settings, TODAY)


def answer(case: Case) -> Judgement:
    """Return the rule's judgement of the first resource; not applicable where it does not look at it."""
    resources = [resource(spec) for spec in case.specs]
    judging = judge(case)
    whole = RULES[case.rule].scope is Scope.STACK
    found = judging.stack(Stack(resources)) if whole else judging.resource(resources[0])
    for judgement in found:
        if judgement.rule.id == case.rule and judgement.urn == case.specs[0].urn:
            return judgement
    return Judgement(RULES[case.rule], case.specs[0].urn, Verdict.NOT_APPLICABLE, ("not looked at",))
