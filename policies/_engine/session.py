"""One run of a pack: keeps count over many resources and says, in lines, what the engine is to print."""

import dataclasses
import datetime
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from policies._engine import exemptions, wording
from policies._engine.evaluate import Judge, Judgement, Repair, Settings
from policies._engine.exemptions import Exemption, Fault, FaultKind
from policies._engine.model import STACK_TYPE, Resource, Stack
from policies._engine.profiles import Level
from policies._engine.registry import Pack
from policies._engine.rule import Verdict

UNDETERMINED = "undetermined"
"""Policy name of the count of undetermined verdicts."""

EXEMPTIONS = "exemptions"
"""Policy name of what is wrong with exemptions."""

OWN_POLICIES = {
    UNDETERMINED: "Every verdict could be reached",
    EXEMPTIONS: "Exemptions are well-formed, in force and needed",
}
"""Policies of the engine itself, beside the pack's rules, and their titles."""


@dataclass(frozen=True)
class Line:
    """One thing to print: under a policy's name, at a level, about a resource (empty: about the stack)."""

    policy: str
    level: Level
    urn: str
    message: str


@dataclass
class Report:
    """What one call of the engine is answered with."""

    lines: list[Line] = field(default_factory=list)
    not_applicable: dict[str, str] = field(default_factory=dict)
    """Reason by rule id, for rules that were asked and had nothing to say."""

    answered: set[str] = field(default_factory=set)
    """Ids of the rules that gave any other answer; the remaining ones never looked at the resource."""


class Session:
    """Judges what the engine sends, from several threads at once, and reports exemptions and gaps at the
    end."""

    def __init__(self, pack: Pack, settings: Settings, today: datetime.date) -> None:
        self.judge = Judge(pack, settings, today)
        self.pack = pack
        self.settings = settings
        self._lock = threading.Lock()
        self._used: set[Exemption] = set()
        self._unclear: Counter[str] = Counter()
        self._asked: dict[str, Resource] = {}
        self._told_faults = False

    def analyze(self, resource: Resource) -> Report:
        """Judge one resource.

        With the stack's own resource, which comes first, faults of exemptions are reported.
        """
        with self._lock:
            self._asked[resource.urn] = resource
        report = self._report(self.judge.resource(resource))
        if resource.type == STACK_TYPE:
            report.lines.extend(self._faults(resource.urn))
        return report

    def analyze_stack(self, stack: Stack) -> Report:
        """Judge the stack, then report faults not yet told, unused exemptions and the count of
        undetermined verdicts."""
        stack = Stack(map(self._as_asked, stack.resources))
        report = self._report(self.judge.stack(stack))
        name = stack.root.urn or (stack.resources[0].urn if stack.resources else "")
        with self._lock:
            unclear, used = Counter(self._unclear), set(self._used)
        report.lines.extend(self._faults(name))
        holding = self.settings.profile.exemptions
        for fault in exemptions.unused(holding, used, stack_of(name), self.judge.today):
            report.lines.append(_fault_line(fault))
        if unclear:
            report.lines.append(Line(UNDETERMINED, Level.ADVISORY, "", _count(unclear, self.settings.strict)))
        with self._lock:
            self._unclear.clear()
            self._used.clear()
            self._asked.clear()
            self._told_faults = False
        return report

    def _as_asked(self, resource: Resource) -> Resource:
        """Return a resource of a stack with its inputs, where it has no outputs at all.

        In a first preview the engine asks nothing of a provider whose own configuration is not known yet, such as that
        of a cluster still to be made: its resources then come without any property (seen with v3.259.0, 2026-11-27).
        """
        asked = self._asked.get(resource.urn)
        if asked is None:
            return resource
        return dataclasses.replace(resource, read=lambda: resource.props.raw or asked.props.raw)

    def remediate(self, resource: Resource) -> list[Repair]:
        """Return the repairs of a resource, in order; none unless remediation was asked for."""
        return list(self.judge.repairs(resource))

    @property
    def repairing(self) -> bool:
        """Whether any rule may repair; if not, resources need not be read for it."""
        return any(self.settings.repairs(rule) for rule in self.pack.rules)

    def _report(self, judgements: Iterable[Judgement]) -> Report:
        report = Report()
        for judgement in judgements:
            if judgement.verdict is Verdict.NOT_APPLICABLE:
                report.not_applicable[judgement.rule.id] = judgement.reasons[0]
                continue
            report.answered.add(judgement.rule.id)
            if judgement.verdict is not Verdict.PASS:
                report.lines.append(self._line(judgement))
                self._remember(judgement)
        for rule_id in report.answered & report.not_applicable.keys():
            del report.not_applicable[rule_id]
        return report

    def _remember(self, judgement: Judgement) -> None:
        with self._lock:
            if judgement.exemption is not None:
                self._used.add(judgement.exemption)
            elif judgement.verdict is Verdict.UNDETERMINED:
                self._unclear[judgement.rule.id] += 1

    def _line(self, judgement: Judgement) -> Line:
        rule, exemption = judgement.rule, judgement.exemption
        open_ = judgement.verdict is Verdict.UNDETERMINED
        level = self.settings.report_level(rule)
        if exemption is not None or (open_ and not self.settings.strict):
            level = Level.ADVISORY
        words = wording.Words(
            rule.title,
            undetermined=open_,
            reasons=judgement.reasons,
            fix="" if open_ or exemption is not None else rule.remedy.text,
            exempted=_exempted(exemption) if exemption is not None else None,
            url=rule.url,
        )
        return Line(rule.id, level, judgement.urn, wording.render(words))

    def _faults(self, urn: str) -> list[Line]:
        with self._lock:
            if self._told_faults:
                return []
            self._told_faults = True
        profile = self.settings.profile
        late = exemptions.expired(profile.exemptions, stack_of(urn), self.judge.today)
        return [_fault_line(fault) for fault in (*profile.faults, *late)]


def stack_of(urn: str) -> str:
    """Return the stack's name in a URN, empty where there is none."""
    return urn.removeprefix(exemptions.URN_PREFIX).split("::")[0] if urn.startswith(exemptions.URN_PREFIX) else ""


def _exempted(exemption: Exemption) -> wording.Exempted:
    return wording.Exempted(exemption.expires, exemption.owner, exemption.ticket, exemption.reason)


def _fault_line(fault: Fault) -> Line:
    level = Level.ADVISORY if fault.kind is FaultKind.UNUSED else Level.MANDATORY
    return Line(EXEMPTIONS, level, "", wording.guarded(fault.message))


def _count(unclear: Counter[str], strict: bool) -> str:
    each = ", ".join(f"{rule} ({number})" for rule, number in sorted(unclear.items()))
    after = "they count as failed (strict)" if strict else "they are judged again when the values are known"
    return f"{sum(unclear.values())} verdicts are undetermined: {each}; {after}"
