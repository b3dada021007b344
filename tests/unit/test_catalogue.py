"""Looking charts up, their order, their sources and images."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components._core import catalogue

SOURCE = "example/charts:values.yaml@" + "0" * 40
SUBCHART_SOURCE = "example/inner:values.yaml@" + "1" * 40


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "repository": "https://charts.example.org",
        "name": changes.pop("name", "chart"),
        "version": "1.2.3",
        "app_version": "v1.2.3",
        "namespace": "space",
        "crd_delivery": "none",
        "crds": [],
        "source": SOURCE,
        "evidence": "exact",
        "checked_on": "2026-11-23",
        "images": [],
        "values_keys": ["replicas"],
        "free_form": [],
        **changes,
    }


def subchart(name: str, **changes: str) -> Any:
    return {"name": name, "version": None, "source": SUBCHART_SOURCE, "evidence": "older", **changes}


def synthetic(**relations: dict[str, list[str]]) -> catalogue.Catalogue:
    return catalogue.parse_catalogue({key: entry(**fields) for key, fields in relations.items()})


def test_chart_of_a_known_key_is_returned() -> None:
    assert catalogue.chart("karpenter").name == "karpenter"


def test_chart_of_a_misspelt_key_fails_with_the_nearest() -> None:
    with pytest.raises(catalogue.CatalogueError, match=r"'karpentr' is not .* did you mean karpenter or"):
        catalogue.chart("karpentr")


def test_catalogue_is_read_once() -> None:
    assert catalogue.load_catalogue() is catalogue.load_catalogue()


def test_install_order_follows_needs_and_keeps_the_rest_in_parallel() -> None:
    charts = synthetic(a={}, b={"needs": ["a"]}, c={"needs": ["a"]}, d={"needs": ["b", "c"]}, e={})
    assert charts.install_order(["d", "c", "b", "a", "e", "a"]) == [["a", "e"], ["b", "c"], ["d"]]


def test_install_order_of_nothing_is_empty() -> None:
    assert catalogue.install_order([]) == []


def test_install_order_follows_an_optional_need_only_if_it_is_selected() -> None:
    charts = synthetic(a={}, b={"optional_needs": ["a"]})
    assert charts.install_order(["a", "b"]) == [["a"], ["b"]]
    assert charts.install_order(["b"]) == [["b"]]


def test_install_order_fails_naming_all_problems_at_once() -> None:
    charts = synthetic(
        a={"needs": ["b"]},
        b={"needs": ["c"]},
        c={"needs": ["a"]},
        d={"conflicts": ["e"]},
        e={},
        f={"needs": ["g"]},
        g={},
    )
    with pytest.raises(catalogue.CatalogueError) as caught:
        charts.install_order(["a", "b", "c", "d", "e", "f", "x"])
    assert str(caught.value).splitlines() == [
        "these add-ons cannot be installed together:",
        "  'x' is not an add-on of the catalogue; known: a, b, c, d, e, f, g",
        "  f needs g, which is not selected; add g or remove f",
        "  d conflicts with e; remove one of them",
        "  a needs b needs c needs a: a cycle; drop one of these needs",
    ]


@pytest.mark.parametrize("side", ["a", "b"])
def test_install_order_fails_on_a_conflict_said_on_either_side(side: str) -> None:
    other = {"a": "b", "b": "a"}[side]
    charts = synthetic(**{side: {"conflicts": [other]}, other: {}})
    with pytest.raises(catalogue.CatalogueError, match="a conflicts with b; remove one of them"):
        charts.install_order(["a", "b"])


def test_install_order_of_karpenter_alone_fails_and_names_its_crds() -> None:
    with pytest.raises(catalogue.CatalogueError, match="karpenter needs karpenter-crd, which is not sel"):
        catalogue.install_order(["karpenter"])


def _has_cycle(needs: dict[str, list[str]]) -> bool:
    left = {key: set(wanted) for key, wanted in needs.items()}
    while free := [key for key, wanted in left.items() if not wanted]:
        for key in free:
            del left[key]
        for wanted in left.values():
            wanted.difference_update(free)
    return bool(left)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=3)))
def test_install_order_either_respects_every_need_or_fails(needs: dict[str, list[str]]) -> None:
    kept = {key: [n for n in wanted if n in needs and n != key] for key, wanted in needs.items()}
    charts = synthetic(**{key: {"needs": wanted} for key, wanted in kept.items()})
    if _has_cycle(kept):
        with pytest.raises(catalogue.CatalogueError, match="cycle"):
            charts.install_order(kept)
        return
    waves = charts.install_order(kept)
    position = {key: n for n, wave in enumerate(waves) for key in wave}
    assert set(position) == set(kept)
    assert all(position[need] < position[key] for key, wanted in kept.items() for need in wanted)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": "1.2"}, "a.version"),
        ({"version": "latest"}, "a.version"),
        ({"version": ">=1.2.3"}, "a.version"),
        ({"repository": "http://charts.example.org"}, "a.repository"),
        ({"source": "example/charts:values.yaml@main"}, "a.source"),
        ({"evidence": "hearsay"}, "a.evidence"),
        ({"needs": ["b"]}, "a: needs names b, which is not in the catalogue"),
        ({"conflicts": ["a"]}, "a: conflicts names a"),
        ({"subcharts": [subchart("inner")]}, "no values key begins with the subchart inner"),
        ({"subcharts": [subchart("replicas", source="main")]}, "a.subcharts.0.source"),
        ({"subcharts": [subchart("replicas", evidence="hearsay")]}, "a.subcharts.0.evidence"),
        ({"crd_delivery": "templates"}, "crd_delivery templates does not fit 0 crds"),
        ({"colour": "blue"}, "a.colour"),
        ({"images": [{"repository": "nginx", "tag": None}]}, "a.images.0.repository"),
    ],
)
def test_parse_catalogue_fails_on_a_wrong_entry(change: dict[str, Any], message: str) -> None:
    with pytest.raises(catalogue.CatalogueError, match="the catalogue is not well-formed") as caught:
        catalogue.parse_catalogue({"a": entry(**change)})
    assert message in str(caught.value)


def test_sources_of_a_chart_begin_with_its_own_and_name_those_of_its_subcharts() -> None:
    charts = synthetic(a={"values_keys": ["inner.replicas"], "subcharts": [subchart("inner")]}, b={})
    assert charts.chart("a").sources == (SOURCE, SUBCHART_SOURCE)
    assert charts.chart("b").sources == (SOURCE,)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"group": "sh"}, "group"),
        ({"kind": "nodePool"}, "kind"),
        ({"plural": "NodePools"}, "plural"),
        ({"scope": "Global"}, "scope"),
        ({"versions": []}, "versions"),
        ({"storage": "v2"}, "storage v2 is not among the versions v1"),
    ],
)
def test_parse_catalogue_fails_on_a_wrong_crd(change: dict[str, Any], message: str) -> None:
    good = {"group": "karpenter.sh", "kind": "NodePool", "plural": "nodepools", "scope": "Cluster"}
    crd = {**good, "versions": ["v1"], "storage": "v1", **change}
    with pytest.raises(catalogue.CatalogueError) as caught:
        catalogue.parse_catalogue({"a": entry(crd_delivery="templates", crds=[crd])})
    assert message in str(caught.value)


def test_crds_of_karpenter_crd_are_named_and_scoped() -> None:
    found = {crd.name: crd.namespaced for crd in catalogue.crds(["karpenter-crd", "karpenter"])}
    assert found["nodepools.karpenter.sh"] is False
    assert found["capacitybuffers.autoscaling.x-k8s.io"] is True


def test_external_secrets_brings_the_password_generator_and_version_one() -> None:
    found = {crd.kind: f"{crd.group}/{crd.storage}" for crd in catalogue.crds(["external-secrets"])}
    assert found["Password"] == "generators.external-secrets.io/v1alpha1"
    assert found["ExternalSecret"] == "external-secrets.io/v1"


def test_images_of_several_charts_are_sorted_and_unique() -> None:
    found = catalogue.images(["karpenter", "gpu-operator", "karpenter"])
    references = [image.reference for image in found]
    assert references == sorted(references)
    assert references.count("public.ecr.aws/karpenter/controller:1.14.0") == 1


def test_image_without_a_stated_tag_is_referred_to_without_one() -> None:
    untagged = catalogue.Image(repository="docker.io/grafana/grafana", tag=None)
    assert untagged.reference == "docker.io/grafana/grafana"


@pytest.mark.parametrize("call", [catalogue.images, catalogue.crds])
def test_images_and_crds_of_an_unknown_chart_fail(call: Any) -> None:
    with pytest.raises(catalogue.CatalogueError, match="'nope' is not an add-on"):
        call(["nope"])


@pytest.mark.parametrize(
    ("key", "mirror", "chart", "repo"),
    [
        ("karpenter", None, "oci://public.ecr.aws/karpenter/karpenter", None),
        ("gpu-operator", None, "gpu-operator", "https://helm.ngc.nvidia.com/nvidia"),
        ("gpu-operator", "oci://mirror.example/charts/", "oci://mirror.example/charts/gpu-operator", None),
        ("aws-neuron", "oci://mirror.example", "oci://mirror.example/neuron-helm-chart", None),
        ("karpenter", "/srv/charts", "/srv/charts/karpenter-1.14.0.tgz", None),
        ("gpu-operator", "charts/", "charts/gpu-operator-v26.7.0.tgz", None),
    ],
)
def test_chart_source_is_upstream_or_the_mirror(key: str, mirror: str, chart: str, repo: str) -> None:
    source = catalogue.chart_source(catalogue.chart(key), mirror)
    assert (source.chart, source.repo) == (chart, repo)


@pytest.mark.parametrize("mirror", ["", "  ", "/", "https://mirror.example", "oci://", "file:///srv/charts"])
def test_with_mirror_fails_on_anything_but_a_registry_or_a_folder(mirror: str) -> None:
    with pytest.raises(catalogue.CatalogueError, match="neither an OCI registry nor a folder; use oci://"):
        catalogue.with_mirror(catalogue.chart("karpenter"), mirror)


def test_skip_crds_is_said_by_charts_whose_crds_come_from_another() -> None:
    assert catalogue.chart("karpenter").skip_crds
    assert catalogue.chart("kube-prometheus-stack").skip_crds
    assert not catalogue.chart("gpu-operator").skip_crds
