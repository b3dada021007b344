"""Kubernetes objects of a stack: found by kind, namespace and label, also before names are known."""

from typing import Any

import pytest

from policies._engine.devices import ACCELERATORS, has_accelerators
from policies._engine.model import Manifest, Stack, manifests
from policies._engine.objects import any_object, chart_name, inside, known_name, marked, objects
from policies._engine.wire import Undetermined
from tests.policies import build
from tests.policies.build import UNKNOWN, UNKNOWN_LIST, UNKNOWN_OBJECT, Spec, object_

POD, QUOTA = "/Pod", "/ResourceQuota"


def stack(*specs: Spec) -> Stack:
    return Stack(build.resource(spec) for spec in specs)


def first(spec: Spec) -> Manifest:
    return next(manifests(build.resource(spec)))


def space(name: Any, logical: str = "space") -> Spec:
    return object_("v1", "Namespace", logical, metadata={"name": name})


def quota(name: str, metadata: Any, *sources: Spec) -> Spec:
    body = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata}
    depends = {"metadata": [source.urn for source in sources]}
    return Spec("kubernetes:core/v1:ResourceQuota", body, name, depends)


def test_objects_takes_those_in_lists() -> None:
    pods = object_("v1", "PodList", "pods", items=[{"metadata": {"name": "b"}}])
    mixed = object_("v1", "List", "mixed", items=[{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "c"}}])
    found = objects(stack(object_("v1", "Pod", "a"), pods, mixed), POD)
    assert sorted(one.name for one in found) == ["a", "b", "c"]


def test_any_object_is_open_about_a_list_that_is_not_known() -> None:
    unread = object_("v1", "PodList", "pods", items=UNKNOWN_LIST)
    assert any_object(stack(unread, object_("v1", "Pod", "a")), (POD,), lambda one: one.name == "a")
    with pytest.raises(Undetermined):
        any_object(stack(unread), (POD,), lambda one: True)
    assert not any_object(stack(unread), (QUOTA,), lambda one: True)


def test_inside_compares_names_and_else_follows_dependencies() -> None:
    known, made = space("team-a", "known"), space(UNKNOWN, "made")
    by_name, other = quota("by-name", {"namespace": "team-a"}), quota("other", {"namespace": "team-b"})
    by_source = quota("by-source", {"namespace": UNKNOWN}, made)
    by_either = quota("by-either", {"namespace": UNKNOWN}, known, made)
    adrift = quota("adrift", {"namespace": UNKNOWN})
    everything = stack(known, made, by_name, other, by_source, by_either, adrift)
    of_known, of_made = (inside(everything, first(one), QUOTA) for one in (known, made))
    assert [one.name for one in of_known.sure] == ["by-name"]
    assert [one.name for one in of_known.perhaps] == ["adrift", "by-either"]
    assert [one.name for one in of_made.sure] == ["by-source"]
    assert [one.name for one in of_made.perhaps] == ["adrift", "by-either"]


def test_known_name_is_none_until_the_provider_chose_one() -> None:
    assert known_name(first(space("a"))) == "a"
    assert known_name(first(space(UNKNOWN))) is None
    assert known_name(first(object_("v1", "Namespace"))) is None


def test_marked_takes_a_key_alone_or_with_its_value() -> None:
    one = first(object_("v1", "Namespace", metadata={"labels": {"a/b.c": "x", "later": UNKNOWN}}))
    assert marked(one, ("a/b.c",))
    assert marked(one, ("none", "a/b.c=x"))
    assert not marked(one, ("a/b.c=y", "none"))
    assert marked(one, ("later=1", "a/b.c"))
    with pytest.raises(Undetermined):
        marked(one, ("later=1", "none"))


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("karpenter", "karpenter"),
        ("oci://public.ecr.aws/karpenter/karpenter", "karpenter"),
        ("oci://registry:5000/charts/argo-workflows:0.45.1", "argo-workflows"),
        ("oci://registry/charts/argo-workflows@sha256:00", "argo-workflows"),
        ("./charts/kube-prometheus-stack-80.1.0.tgz", "kube-prometheus-stack"),
        ("./charts/own/", "own"),
        ("", ""),
    ],
)
def test_chart_name_is_the_last_part_of_the_reference(reference: str, name: str) -> None:
    assert chart_name(build.resource(Spec("kubernetes:helm.sh/v3:Release", {"chart": reference}))) == name


@pytest.mark.parametrize(
    ("resources", "asks"),
    [
        ({"limits": {"nvidia.com/gpu": 1}}, True),
        ({"requests": {"aws.amazon.com/neuron": "2"}}, True),
        ({"limits": {"nvidia.com/mig-1g.5gb": UNKNOWN}}, None),
        ({"limits": {"nvidia.com/mig-9g.900gb": "1"}}, True),
        ({"limits": {"nvidia.com/gpu": "0", "memory": "1Gi"}}, False),
        ({}, False),
        (UNKNOWN_OBJECT, None),
    ],
)
def test_has_accelerators_counts_whole_ones_and_slices(resources: Any, asks: bool | None) -> None:
    manifest = first(object_("v1", "Pod", spec={"containers": [{"resources": resources}]}))
    if asks is None:
        with pytest.raises(Undetermined):
            has_accelerators(manifest)
    else:
        assert has_accelerators(manifest) is asks


def test_accelerators_are_named_once() -> None:
    assert len(set(ACCELERATORS)) == len(ACCELERATORS)
