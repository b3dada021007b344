"""The picture of components: which uses which, and where each is drawn."""

from __future__ import annotations

import itertools
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from review.page import graph
from review.page.layout import HEIGHT, WIDTH, Drawing, draw
from review.page.model import Review


def resource(name: str, *needs: str, **more: Any) -> dict[str, Any]:
    return {"urn": name, "type": "aws:x/y:Z", "propertyDependencies": {"p": list(needs)}, **more}


def test_component_uses_those_whose_values_its_resources_take() -> None:
    resources = [resource("vpc"), resource("cluster", "vpc"), resource("pool", "cluster", "vpc")]
    groups = {"vpc": "network", "cluster": "cluster", "pool": "pools"}
    assert graph.uses(resources, groups) == {
        "network": (),
        "cluster": ("network",),
        "pools": ("cluster", "network"),
    }


def test_provider_hands_on_what_it_depends_on() -> None:
    provider = resource("provider", "cluster") | {"type": "pulumi:providers:kubernetes"}
    resources = [resource("cluster"), provider, resource("pod", provider="provider::id")]
    groups = graph.group_names(resources, {"cluster": "cluster", "pod": "app"})
    assert "provider" not in groups
    assert graph.uses(resources, groups)["app"] == ("cluster",)


def test_explicit_dependency_counts_only_where_no_value_is_known() -> None:
    ordered = resource("b", "a", dependencies=["a", "c"])
    bare = {"urn": "d", "type": "aws:x/y:Z", "propertyDependencies": {}, "dependencies": ["c"]}
    groups = {name: name.upper() for name in "abcd"}
    found = graph.uses([resource("a"), ordered, resource("c"), bare], groups)
    assert found["B"] == ("A",)
    assert found["D"] == ("C",)


def test_circle_of_providers_ends() -> None:
    circle = [resource("p", "q"), resource("q", "p"), resource("x", "p")]
    assert graph.uses(circle, {"x": "x"}) == {"x": ()}


def test_program_without_components_is_grouped_by_service() -> None:
    kinds = {
        "a": "aws:ec2/vpc:Vpc",
        "b": "aws:ec2/subnet:Subnet",
        "c": "kubernetes:apps/v1:Deployment",
        "d": "random:index/randomId:RandomId",
        "e": "pulumi:pulumi:Stack",
    }
    listed = [{"urn": urn, "type": kind} for urn, kind in kinds.items()]
    found = graph.group_names(listed, {})
    assert found == {"a": "aws ec2", "b": "aws ec2", "c": "kubernetes apps/v1", "d": "random"}
    assert graph.group_names(listed, {"a": "network"})["c"] == graph.OUTSIDE


def test_recorded_platform_is_drawn_from_keys_to_pools(recorded: Review) -> None:
    drawing = draw({one.name: one.uses for one in recorded.components})
    left = {box.name: box.x for box in drawing.boxes}
    order = ["keys", "network", "cluster", "karpenter", "pool-batch"]
    assert [left[name] for name in order] == sorted({left[name] for name in order})
    assert len(drawing.boxes) == len(recorded.components)


def overlaps(drawing: Drawing) -> list[tuple[str, str]]:
    return [
        (a.name, b.name)
        for a, b in itertools.combinations(drawing.boxes, 2)
        if abs(a.x - b.x) < WIDTH and abs(a.y - b.y) < HEIGHT
    ]


NAMES = st.sampled_from([*"abcdefghij", "0", "1", "2"])


@given(st.dictionaries(NAMES, st.lists(NAMES, max_size=4), max_size=13))
def test_any_picture_has_all_components_apart_and_inside_and_lines_lead_forward(uses: dict[str, list[str]]) -> None:
    drawing = draw(uses)
    assert sorted(box.name for box in drawing.boxes) == sorted(uses)
    assert overlaps(drawing) == []
    assert all(0 <= box.x <= drawing.width - WIDTH and 0 <= box.y <= drawing.height - HEIGHT for box in drawing.boxes)
    at = {box.name: box for box in drawing.boxes}
    for curve in drawing.curves:
        assert curve.used in uses[curve.user]
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", curve.path)]
        assert numbers[:2] == [at[curve.used].x + WIDTH, at[curve.used].y + HEIGHT / 2]
        assert numbers[-2:] == [at[curve.user].x, at[curve.user].y + HEIGHT / 2]


def test_line_that_follows_from_others_is_left_out() -> None:
    drawing = draw({"a": [], "b": ["a"], "c": ["a", "b"]})
    assert [(curve.used, curve.user) for curve in drawing.curves] == [("a", "b"), ("b", "c")]
    assert drawing.implied == 1


def test_circle_of_components_is_drawn_side_by_side() -> None:
    drawing = draw({"a": ["b"], "b": ["a"], "c": ["a"]})
    left = {box.name: box.x for box in drawing.boxes}
    assert left["a"] == left["b"] < left["c"]
