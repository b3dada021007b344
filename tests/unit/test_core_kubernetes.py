"""The base of components, and the in-cluster objects that they share."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components._core import catalogue, kubernetes
from components._core.base import PlatformComponent
from tests.graph import Graph, record


class Box(PlatformComponent):
    """A component with two outputs, a private note and one child."""

    size: pulumi.Output[int]
    """Its size."""

    label: pulumi.Output[str]
    """Its label."""

    _note: str

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("Box", name, opts)
        self._note = "not an output"
        self.size = pulumi.Output.from_input(3)
        self.label = pulumi.Output.from_input("b")
        k8s.core.v1.ConfigMap(
            self._child("settings"),
            metadata={"name": "settings"},
            opts=self._opts(pulumi.ResourceOptions(protect=True), None, retain_on_delete=True),
        )
        self._register()


def test_component_token_children_and_outputs() -> None:
    graph = record(lambda: Box("box"))
    component, child = graph.one("mlops:index:Box"), graph.one("kubernetes:core/v1:ConfigMap")
    assert child.name == "box-settings"
    assert graph.parent_of(child) == "box"
    assert (child.protect, child.retain_on_delete) == (True, True)
    assert not component.custom
    assert graph.outputs_of("box") == {"size": 3, "label": "b"}


def test_component_keyword_options_win_over_the_merged() -> None:
    def program() -> None:
        class Late(PlatformComponent):
            size: pulumi.Output[int]

            def __init__(self) -> None:
                super().__init__("Late", "late", None)
                self.size = pulumi.Output.from_input(1)
                options = self._opts(pulumi.ResourceOptions(protect=True), protect=False)
                k8s.core.v1.ConfigMap(self._child("x"), metadata={"name": "x"}, opts=options)
                self._register()

        Late()

    assert not record(program).named("late-x").protect


@pytest.mark.parametrize("name", ["Box", "box_1", "x" * 41])
def test_component_name_that_is_none_registers_nothing(name: str) -> None:
    with pytest.raises(ValueError, match="is not a logical name"):
        record(lambda: Box(name))


def test_component_output_that_was_not_set_is_an_error() -> None:
    class Unset(PlatformComponent):
        size: pulumi.Output[int]

        def __init__(self) -> None:
            super().__init__("Unset", "unset", None)
            self._register()

    with pytest.raises(AttributeError, match="size"):
        record(Unset)


def spaces(**arguments: Any) -> Graph:
    def program() -> None:
        options = pulumi.ResourceOptions()
        space = kubernetes.namespace("space", "ml", "monitoring", options, **arguments)
        k8s.core.v1.ConfigMap("inner", metadata={"name": "inner"}, opts=kubernetes.inside(space))

    return record(program)


def test_namespace_enforces_the_strictest_standard_unless_told_otherwise() -> None:
    labels = spaces().named("space").inputs["metadata"]["labels"]
    modes = {k: v for k, v in labels.items() if k.startswith("pod-security")}
    assert modes == {f"pod-security.kubernetes.io/{m}": "restricted" for m in ("enforce", "audit", "warn")}
    assert labels["app.kubernetes.io/component"] == "monitoring"


@pytest.mark.parametrize("level", list(kubernetes.PodSecurity))
def test_namespace_level_is_written_to_all_modes(level: kubernetes.PodSecurity) -> None:
    labels = spaces(security=level, labels={"team": "a"}).named("space").inputs["metadata"]["labels"]
    assert [labels[f"pod-security.kubernetes.io/{m}"] for m in ("enforce", "audit", "warn")] == [level.value] * 3
    assert labels["team"] == "a"


def test_inside_comes_after_its_namespace_and_goes_with_it() -> None:
    graph = spaces()
    inner, space = graph.named("inner"), graph.named("space")
    assert graph.depends(inner, space)
    assert inner.deleted_with == space.urn


def release(key: str = "karpenter", values: Any = None, **arguments: Any) -> dict[str, Any]:
    def program() -> None:
        kubernetes.release("chart", key, values or {}, pulumi.ResourceOptions(), **arguments)

    return record(program).named("chart").inputs


def test_release_is_pinned_and_named_by_the_catalogue() -> None:
    pin = catalogue.chart("karpenter")
    found = release()
    assert (found["name"], found["version"], found["namespace"]) == (pin.release_name, pin.version, pin.namespace)
    assert found["createNamespace"] is False
    assert found["timeout"] == 600


def test_release_comes_from_a_mirror_where_there_is_one() -> None:
    pin = catalogue.chart("karpenter")
    mirrored = catalogue.chart_source(pin, "oci://registry.example.com/charts")
    assert release(mirror="oci://registry.example.com/charts")["chart"] == mirrored.chart != release()["chart"]


def test_release_values_are_checked_and_the_users_laid_over_them() -> None:
    found = release(
        values={"settings": {"clusterName": "a", "interruptionQueue": "q"}},
        extra_values={"settings": {"clusterName": "b"}, "anythingNew": 1},
        namespace_name="mine",
    )
    assert found["values"] == {"settings": {"clusterName": "b", "interruptionQueue": "q"}, "anythingNew": 1}
    assert found["namespace"] == "mine"


def test_release_value_that_the_chart_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="clusterNam"):
        release(values={"settings": {"clusterNam": "a"}})


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ({}, {}, {}),
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": 1}}, {"a": None}, {"a": None}),
        ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"d": 2}}}, {"a": {"b": {"c": 1, "d": 2}}}),
    ],
)
def test_merge_table(base: dict[str, Any], over: dict[str, Any], expected: dict[str, Any]) -> None:
    before = repr(base)
    assert kubernetes.merge(base, over) == expected
    assert repr(base) == before


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("zone", ["a", "b"]), {"key": "zone", "operator": "In", "values": ["a", "b"]}),
        (("zone", [], "Exists"), {"key": "zone", "operator": "Exists"}),
        (("zone", ["a"], "DoesNotExist"), {"key": "zone", "operator": "DoesNotExist"}),
        (("gpus", ("1",), "Gt"), {"key": "gpus", "operator": "Gt", "values": ["1"]}),
    ],
)
def test_requirement_table(arguments: tuple[Any, ...], expected: dict[str, Any]) -> None:
    assert kubernetes.requirement(*arguments) == expected


def test_custom_is_what_was_given() -> None:
    def program() -> None:
        kubernetes.custom(
            "gpu", "karpenter.sh/v1", "NodePool", {"name": "gpu"}, {"limits": {"cpu": 4}}, pulumi.ResourceOptions()
        )

    found = record(program).named("gpu")
    assert found.type == "kubernetes:karpenter.sh/v1:NodePool"
    assert found.inputs["metadata"] == {"name": "gpu"}
    assert found.inputs["spec"] == {"limits": {"cpu": 4}}
