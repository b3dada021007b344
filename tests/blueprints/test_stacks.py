"""Every blueprint with every one of its stack files: builds, checked by recording what it registers."""

from __future__ import annotations

import pytest

from blueprints import REGISTRY, check
from components._core import conventions
from stacks.load import load
from tests.graph import Graph, record

PAIRS = [(name, stack) for name, blueprint in sorted(REGISTRY.items()) for stack in blueprint.stacks]


@pytest.fixture(scope="module", params=PAIRS, ids=[f"{b}-{s}" for b, s in PAIRS])
def graph(request: pytest.FixtureRequest) -> Graph:
    name, stack = request.param
    settings = load(stack, check)
    return record(lambda: dict(REGISTRY[name].build(settings)), preview=True, stack=stack)


def test_blueprint_builds_in_a_preview(graph: Graph) -> None:
    assert len([r for r in graph.resources if r.custom]) > 200


def test_every_resource_has_an_explicit_provider(graph: Graph) -> None:
    without = [
        r.name for r in graph.resources if r.custom and not r.type.startswith("pulumi:providers:") and not r.provider
    ]
    assert without == []


def test_nothing_hangs_directly_under_the_stack_but_components_and_providers(graph: Graph) -> None:
    direct = [r.type for r in graph.resources if r.custom and not r.parent]
    assert set(direct) <= {"pulumi:providers:aws", "pulumi:providers:kubernetes"}


def test_logical_names_keep_to_the_convention(graph: Graph) -> None:
    for resource in graph.resources:
        assert "--" not in resource.name
        assert resource.name == resource.name.lower()


def test_provider_tags_everything_with_the_required_tags(graph: Graph) -> None:
    provider = graph.one("pulumi:providers:aws")
    assert all(tag in str(provider.inputs["defaultTags"]) for tag in conventions.REQUIRED_TAGS)
    assert provider.inputs["allowedAccountIds"]


def test_no_secret_is_handed_to_a_resource(graph: Graph) -> None:
    for resource in graph.resources:
        for key in ("password", "masterPassword", "secretString", "authToken"):
            assert resource.inputs.get(key) is None, f"{resource.name}.{key}"


def test_same_settings_give_the_same_graph(graph: Graph) -> None:
    names = [(r.type, r.name) for r in graph.resources]
    assert len(set(names)) == len(names)
