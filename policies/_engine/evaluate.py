"""From resources, rules and a profile to verdicts. Pure: no clock, no environment, no Pulumi."""

import datetime
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from policies._engine import environments, wording
from policies._engine.exemptions import Exemption
from policies._engine.model import Resource, Stack
from policies._engine.profiles import Level, Profile
from policies._engine.registry import Pack
from policies._engine.rule import Context, Finding, NotApplicable, Params, Rule, Scope, Verdict
from policies._engine.values import parts
from policies._engine.wire import Undetermined, patched

LONGEST_REASON = 700
"""Characters kept of a reason: what a program writes into an id or a name may be a megabyte."""

MOST_REASONS = 25
"""Reasons kept per verdict; a resource with more is no better understood by reading them all."""


@dataclass(frozen=True)
class Settings:
    """How a pack judges: the profile, and what the caller chose beside it."""

    profile: Profile
    overrides: dict[str, Level] = field(default_factory=dict)
    """Levels chosen by Pulumi's own policy configuration, by rule id; they win over the profile."""

    environment: str | None = None
    """Environment named in the pack's configuration; wins over everything else."""

    stack_environment: str | None = None
    """Environment that the stack declares; wins over tags of single resources, which the judged team
    writes."""

    strict: bool = False
    """Undetermined counts as failed."""

    remediate: bool = False
    """Every enabled rule with a fix repairs."""

    def level(self, rule: Rule) -> Level:
        """Return the level of a rule in force."""
        told = self.environment or self.stack_environment
        return self.overrides.get(rule.id) or self.profile.level(rule.id, told)

    def repairs(self, rule: Rule) -> bool:
        """Whether a rule may repair resources: it has a fix, and its level or the caller asks for it."""
        asked = self.remediate or self.level(rule) is Level.REMEDIATE
        return rule.fix is not None and asked and self.level(rule) is not Level.DISABLED

    def report_level(self, rule: Rule) -> Level:
        """Return the level at which a failure is reported; as Pulumi does, what was to be repaired and is
        not blocks."""
        level = self.level(rule)
        return Level.MANDATORY if level is Level.REMEDIATE else level

    def environment_of(self, resource: Resource) -> str | None:
        """Return the environment of a resource: the caller's word, then the stack's, then its own tag."""
        return self.environment or self.stack_environment or environments.of_resource(resource)


@dataclass(frozen=True)
class Judgement:
    """One rule's answer for one resource."""

    rule: Rule
    urn: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    """What is wrong, what is not known, or why the rule does not apply; sentences without full stop."""

    exemption: Exemption | None = None
    """The exemption that covers a failed or undetermined verdict."""


@dataclass(frozen=True)
class Repair:
    """New properties for a resource, after one rule's fix, or why there are none."""

    rule: Rule
    raw: dict[str, object]
    problem: str = ""


class Judge:
    """Applies a pack's rules under given settings, on a given day (UTC)."""

    def __init__(self, pack: Pack, settings: Settings, today: datetime.date) -> None:
        self.pack = pack
        self.settings = settings
        self.today = today

    def resource(self, resource: Resource) -> Iterator[Judgement]:
        """Judge one resource by the resource rules that look at it."""
        for rule in self._enabled(resource, Scope.RESOURCE):
            yield self.judge(rule, resource)

    def stack(self, stack: Stack) -> Iterator[Judgement]:
        """Judge a stack by the stack rules: one verdict per rule and resource that it looks at, or one for
        the stack."""
        for resource in stack.resources:
            for rule in self._enabled(resource, Scope.STACK):
                yield self.judge(rule, resource, stack)
        for rule in self.pack.whole_stack:
            if self.settings.level(rule) is not Level.DISABLED and stack.resources:
                yield self.judge(rule, stack.root, stack)

    def repairs(self, resource: Resource) -> Iterator[Repair]:
        """Yield the resource's properties after each fix that is on and needed; each builds on the one
        before."""
        for rule in self._enabled(resource, Scope.RESOURCE):
            if rule.fix is None or not self.settings.repairs(rule):
                continue
            judgement = self.judge(rule, resource)
            if judgement.verdict is not Verdict.FAIL or judgement.exemption is not None:
                continue
            repair = self._repair(rule, resource)
            if repair.problem:
                yield repair
            elif repair.raw != resource.props.raw:
                resource = resource.with_properties(repair.raw)
                yield repair

    def _repair(self, rule: Rule, resource: Resource) -> Repair:
        assert rule.fix is not None
        raw = dict(resource.props.raw)
        try:
            for path, value in rule.fix(resource, self._context(rule, resource)).items():
                raw = patched(raw, parts(path), value)
        except Undetermined as gap:
            return _unrepaired(rule, _without(gap.reason, resource.secrets))
        except Exception as error:  # what was not repaired is still judged, and blocks
            return _unrepaired(rule, _broken(error))
        return Repair(rule, raw)

    def judge(self, rule: Rule, resource: Resource, stack: Stack | None = None) -> Judgement:
        """Return one rule's verdict on one resource.

        A rule that breaks counts as failed: it must not wave through.
        """
        wrong: list[str] = []
        unclear: list[str] = []
        try:
            for outcome in rule.check(resource, stack, self._context(rule, resource)):
                if isinstance(outcome, Finding):
                    wrong.append(outcome.message)
                else:
                    unclear.append(outcome.reason)
                if len(wrong) >= MOST_REASONS:
                    break
        except Undetermined as gap:
            unclear.append(gap.reason)
        except NotApplicable as answer:
            if not wrong and not unclear:
                return Judgement(
                    rule, resource.urn, Verdict.NOT_APPLICABLE, (_without(answer.reason, resource.secrets),)
                )
        except Exception as error:  # whatever a rule does, the update must get an answer
            wrong.append(_broken(error))
        if not wrong and not unclear:
            return Judgement(rule, resource.urn, Verdict.PASS)
        verdict = Verdict.FAIL if wrong else Verdict.UNDETERMINED
        reasons = tuple(_without(text, resource.secrets) for text in [*wrong, *unclear][:MOST_REASONS])
        return Judgement(rule, resource.urn, verdict, reasons, self._exemption(rule, resource.urn))

    def _context(self, rule: Rule, resource: Resource) -> Context[Params]:
        environment = self.settings.environment_of(resource)
        return Context(self.settings.profile.params[rule.id], self.today, environment)

    def _enabled(self, resource: Resource, scope: Scope) -> Iterator[Rule]:
        for rule in self.pack.looking_at(resource, scope):
            if self.settings.level(rule) is not Level.DISABLED:
                yield rule

    def _exemption(self, rule: Rule, urn: str) -> Exemption | None:
        for exemption in self.settings.profile.exemptions:
            if exemption.covers(rule.id, urn) and not exemption.expired(self.today):
                return exemption
        return None


def _unrepaired(rule: Rule, why: str) -> Repair:
    words = wording.Words(rule.title, reasons=(f"cannot be repaired: {why}",), url=rule.url)
    return Repair(rule, {}, wording.render(words))


def _broken(error: Exception) -> str:
    # Only the kind and the place: the text of an error may quote a secret.
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"the rule itself failed ({type(error).__name__} at {where}) and counts as not met"


def _without(text: str, secrets: tuple[str, ...]) -> str:
    """Return a reason without the secrets in it, and not longer than anybody reads."""
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    return text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]}... ({len(text)} characters)"
