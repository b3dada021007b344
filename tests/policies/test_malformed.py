"""No input breaks a rule: missing, null, of another type, unknown, secret, huge, nested."""

import time
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies._engine.evaluate import Judge, Judgement, Settings
from policies._engine.model import Resource, Stack
from policies._engine.rule import Verdict
from tests.policies import build
from tests.policies.build import PACKS, RULES, UNKNOWN, Spec, secret
from tests.policies.cases import CASES


class Long(str):
    """A text that a report of a failing example does not print in full."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} times {self[:1]}>"


HUGE = Long("x" * 1_000_000)
DEEP: Any = {}
for _ in range(60):
    DEEP = {"a": [DEEP]}

JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        -1,
        3.5,
        1e308,
        "",
        "x",
        "{",
        "[]",
        '"a"',
        "null",
        HUGE,
        UNKNOWN,
        "[secret]",
        [],
        {},
        [[]],
    ]
) | st.sampled_from(
    [DEEP, [None], [UNKNOWN], {"": None}, {"Statement": [None, {"Effect": 3}]}, Long("{" * 3000), Long("[" * 100_000)]
)
TYPES = sorted(
    {token for rule in RULES.values() for token in rule.on if "iam" in token or "s3" in token or "eks" in token}
)
KINDS = sorted({kind for rule in RULES.values() for kind in rule.kinds})


# A strategy over the cases themselves would hash all of them for every example.
ANY_CASE = st.integers(0, len(CASES) - 1)
JUDGES = [Judge(pack, Settings(build.profile(pack), environment="development"), build.TODAY) for pack in PACKS]
REPAIRING = [
    Judge(pack, Settings(build.profile(pack), environment="development", remediate=True), build.TODAY) for pack in PACKS
]


@st.composite
def damaged(draw: st.DrawFn) -> tuple[Spec, ...]:
    """Return the resources of a case with a few of their values replaced by junk or removed."""
    specs = CASES[draw(ANY_CASE)].specs
    return tuple(
        Spec(
            one.type,
            inside(draw, one.props),
            one.name,
            one.depends,
            one.provider and inside(draw, one.provider),
        )
        for one in specs
    )


def inside(draw: st.DrawFn, props: Mapping[str, Any]) -> dict[str, Any]:
    return {key: break_(draw, value) for key, value in props.items() if draw(st.integers(0, 19))}


def break_(draw: st.DrawFn, value: Any) -> Any:
    if draw(st.integers(0, 9)) == 0:
        junk = draw(JUNK)
        return secret(junk) if draw(st.booleans()) else junk
    if isinstance(value, Mapping):
        kept = {key: break_(draw, inner) for key, inner in value.items() if draw(st.integers(0, 19))}
        return {**kept, **({draw(st.text(max_size=3)): draw(JUNK)} if draw(st.integers(0, 9)) == 0 else {})}
    return [break_(draw, item) for item in value] if isinstance(value, list) else value


def verdicts(resources: list[Resource]) -> list[Judgement]:
    found = []
    for judge in JUDGES:
        found += [judgement for one in resources for judgement in judge.resource(one)]
        found += judge.stack(Stack(resources))
    return found


def repaired_once(resource: Resource) -> None:
    for judge in REPAIRING:
        repairs = list(judge.repairs(resource))
        assert not [repair.problem for repair in repairs if "the rule itself failed" in repair.problem]
        done = [repair for repair in repairs if not repair.problem]
        if done:
            again = judge.repairs(resource.with_properties(done[-1].raw))
            assert [repair.rule.id for repair in again if not repair.problem] == []


def check(judgements: list[Judgement]) -> None:
    for judgement in judgements:
        text = "\n".join(judgement.reasons)
        assert "the rule itself failed" not in text, (judgement.rule.id, text)
        assert judgement.verdict in Verdict
        assert len(text) < 20_000, judgement.rule.id


@given(damaged())
@settings(max_examples=4500, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_rules_damaged_case_is_answered(specs: tuple[Spec, ...]) -> None:
    resources = [build.resource(spec) for spec in specs]
    check(verdicts(resources))
    for one in resources:
        repaired_once(one)


@given(
    st.sampled_from(TYPES + KINDS),
    st.dictionaries(st.sampled_from(["spec", "policy", "tags", "vpcConfig", "kind"]), JUNK),
)
@settings(max_examples=1000, deadline=None)
def test_rules_junk_of_a_known_type_is_answered(kind: str, props: dict[str, Any]) -> None:
    group, _, name = kind.partition("/") if "/" in kind and ":" not in kind else ("", "", "")
    token = f"kubernetes:{group or 'core'}/v1:{name}" if name else kind
    check(verdicts([build.resource(Spec(token, props))]))


def test_rules_on_many_resources_take_time_in_proportion() -> None:
    # Resources of all cases in one stack, every one several times: what joins each with each would show.
    specs = [spec for case in CASES[::5] for spec in case.specs]
    spent = []
    for times in (1, 4):
        resources = [build.resource(spec) for spec in specs * times]
        begin = time.perf_counter()
        assert verdicts(resources)
        spent.append(time.perf_counter() - begin)
    # Four times as many take four times as long; sixteen times would be a join of each with each.
    assert spent[1] < 9 * spent[0], spent
