"""Every blueprint with every stack file passes the profile of its environment, without a mandatory finding."""

from __future__ import annotations

import pytest

from blueprints import REGISTRY, check
from policies._engine import environments, profiles
from policies._engine.evaluate import Judgement, Settings
from policies._engine.profiles import Level
from policies._engine.rule import Verdict
from stacks.load import load
from tests.graph import record
from tests.policies.build import PACKS
from tests.policies.graphs import judged

PAIRS = [(name, stack) for name, blueprint in sorted(REGISTRY.items()) for stack in blueprint.stacks]


@pytest.fixture(scope="module", params=PAIRS, ids=[f"{b}-{s}" for b, s in PAIRS])
def judgements(request: pytest.FixtureRequest) -> list[tuple[Level, Judgement]]:
    name, stack = request.param
    settings = load(stack, check)
    graph = record(lambda: dict(REGISTRY[name].build(settings)), preview=True, stack=stack)
    environment = environments.normal(settings.environment.value)
    found = []
    for pack in PACKS:
        profile = profiles.load(profiles.for_environment(environment), pack)
        chosen = Settings(profile, stack_environment=environment)
        found += [(chosen.report_level(one.rule), one) for one in judged(graph, pack, chosen, stack)]
    return found


def test_blueprint_has_no_mandatory_finding(judgements: list[tuple[Level, Judgement]]) -> None:
    wrong = [
        f"{one.rule.id} {one.urn.rsplit('::', 1)[-1]}: {'; '.join(one.reasons)}"
        for level, one in judgements
        if one.verdict is Verdict.FAIL and level is not Level.ADVISORY
    ]
    assert wrong == []


def test_blueprint_is_looked_at_by_most_rules(judgements: list[tuple[Level, Judgement]]) -> None:
    answered = {one.rule.id for _, one in judgements if one.verdict in (Verdict.PASS, Verdict.FAIL)}
    assert len(answered) > 60
