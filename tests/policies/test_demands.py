"""Demands: what a rule of conditions says of objects, pods and containers, and of pods that workflows make."""

import json
from collections.abc import Iterable
from typing import Any

import pulumi_kubernetes as k8s
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies._engine import argo
from policies._engine.conditions import ALWAYS, Condition, namespace, pod, this, whole
from policies._engine.demands import Demand, Requirement, Subject, demand_rule
from policies._engine.model import Manifest, manifests
from policies._engine.pods import POD_PATHS, WORKLOADS, each_merged_container, each_whole_pod
from policies._engine.rule import Context, Finding, NotApplicable, Params, Rule, Severity, Verdict
from policies._engine.values import View
from policies._engine.wire import Undetermined
from policies.security.confinement import OTHER_VOLUMES, VOLUMES
from tests.policies import build
from tests.policies.build import FAIL, OPEN, PASS, SKIP, TODAY, UNKNOWN, UNKNOWN_LIST, Spec, object_
from tests.policies.specs import deployment, workflow
from tests.policies.specs import pod as pod_


def rule(
    per: Subject,
    *requires: Requirement,
    kinds: tuple[str, ...] = WORKLOADS,
    applies: Condition = ALWAYS,
    elsewhere: bool = False,
) -> Rule:
    """Return a rule that demands something of every subject."""

    @demand_rule(
        "SEC-X-001",
        "x-x-require-x",
        "Something is in order",
        per=per,
        kinds=kinds,
        params=Params,
        severity=Severity.LOW,
        rationale="Something goes wrong otherwise.",
        controls=("pss:baseline/seccomp",),
        bad="x",
        remedy=("Put it in order.", "y"),
    )
    def made(_ctx: Context[Params]) -> Demand:
        return Demand(requires, applies, defaults_elsewhere=elsewhere)

    return made


A = Requirement(this("a").is_(1), this("a"), "1")
OF_POD = Requirement(pod("b").is_(1), pod("b"), "1")


def judged(made: Rule, spec: Spec) -> tuple[Verdict, list[str]]:
    """Return what a rule says of a resource."""
    try:
        outcomes = list(made.check(build.resource(spec), None, Context(Params(), TODAY)))
    except NotApplicable as answer:
        return SKIP, [answer.reason]
    words = [one.message if isinstance(one, Finding) else one.reason for one in outcomes]
    if not outcomes:
        return PASS, words
    return (FAIL if any(isinstance(one, Finding) for one in outcomes) else OPEN), words


@pytest.mark.parametrize("kind", POD_PATHS)
def test_demand_on_pods_finds_them_in_every_workload(kind: str) -> None:
    group, _, name = kind.rpartition("/")
    body: Any = {"a": 2, "containers": [{"a": 3}]}
    for key in reversed(POD_PATHS[kind].split(".")):
        body = {key: body}
    spec = object_(f"{group}/v1" if group else "v1", name, **body)
    assert judged(rule(Subject.POD, A), spec) == (FAIL, [f"{POD_PATHS[kind]}.a is 2; wanted 1"])
    assert judged(rule(Subject.CONTAINER, A), spec) == (FAIL, [f"{POD_PATHS[kind]}.containers.0.a is 3; wanted 1"])


def test_demand_on_objects_looks_at_the_object_and_each_of_a_list() -> None:
    made = rule(Subject.OBJECT, A, kinds=("/ConfigMap",))
    assert judged(made, object_("v1", "ConfigMap", a=1))[0] is PASS
    both = object_("v1", "List", items=[object_("v1", "ConfigMap", a=n).props for n in (1, 2)])
    assert judged(made, both) == (FAIL, ["items.1.a is 2; wanted 1"])


def test_demand_on_objects_cannot_speak_of_pods() -> None:
    with pytest.raises(KeyError):
        judged(rule(Subject.OBJECT, OF_POD), pod_())


def test_what_is_wrong_with_the_pod_is_said_once_for_all_containers() -> None:
    found = judged(rule(Subject.CONTAINER, OF_POD, A), pod_({"a": 1}, {"a": 2}, b=2))
    assert found == (FAIL, ["spec.b is 2; wanted 1", "spec.containers.1.a is 2; wanted 1"])


def test_what_is_unknown_of_the_pod_is_said_once_and_hides_nothing() -> None:
    found = judged(rule(Subject.CONTAINER, OF_POD, A), pod_({"a": 2}, {"a": UNKNOWN}, b=UNKNOWN))
    assert found[0] is FAIL
    assert sorted(found[1]) == [
        "spec.b is not known yet",
        "spec.containers.0.a is 2; wanted 1",
        "spec.containers.1.a is not known yet",
    ]


def test_every_requirement_is_told_with_the_item_that_breaks_it() -> None:
    items = Requirement(this("x").every(this("c").is_(1)), this("x"), "an x with c")
    assert judged(rule(Subject.CONTAINER, items), pod_({"x": [{"c": 1}, {"c": 2}]})) == (
        FAIL,
        ["spec.containers.0.x.1 is an object with 1 keys; wanted an x with c"],
    )


ELSEWHERE = ~namespace().is_("drivers")


@pytest.mark.parametrize(
    ("container", "space", "expected"),
    [
        ({"a": 1}, "drivers", PASS),
        ({"a": 1}, UNKNOWN, PASS),
        ({"a": 2}, "drivers", SKIP),
        ({"a": UNKNOWN}, "drivers", SKIP),
        ({"a": 2}, "team", FAIL),
        ({"a": 2}, UNKNOWN, OPEN),
        ({"a": UNKNOWN}, "team", OPEN),
    ],
)
def test_demand_where_it_does_not_apply_passes_over_what_is_wrong(
    container: dict[str, Any], space: str, expected: Verdict
) -> None:
    assert judged(rule(Subject.CONTAINER, A, applies=ELSEWHERE), pod_(container, namespace=space))[0] is expected


def test_demand_that_passes_over_one_subject_still_judges_the_others() -> None:
    made = rule(Subject.CONTAINER, A, applies=~this("name").is_("free"))
    assert judged(made, pod_({"name": "free", "a": 2}, {"name": "main", "a": 2}))[0] is FAIL
    assert judged(made, pod_({"name": "free", "a": 2}, {"name": "main", "a": 1}))[0] is SKIP


# Patches of objects.


@pytest.mark.parametrize(
    ("container", "expected"),
    [({"a": 1}, PASS), ({"a": 2}, FAIL), ({}, OPEN), ({"a": UNKNOWN}, OPEN)],
)
def test_demand_on_a_patch_judges_what_it_says_only(container: dict[str, Any], expected: Verdict) -> None:
    spec = Spec("kubernetes:apps/v1:DeploymentPatch", deployment(container).props)
    assert judged(rule(Subject.CONTAINER, A), spec)[0] is expected


def test_demand_that_wants_nothing_is_met_by_a_patch_that_says_nothing() -> None:
    nothing = Requirement(this("a").missing() | this("a").is_(False), this("a"), "false")
    spec = Spec("kubernetes:apps/v1:DeploymentPatch", deployment({"name": "main"}).props)
    assert judged(rule(Subject.CONTAINER, nothing), spec) == (PASS, [])


# Pods that workflows make.

CONTAINER = rule(Subject.CONTAINER, A)
OF_ITS_POD = rule(Subject.CONTAINER, OF_POD)
PATCH = "podSpecPatch"


def text(**patch: Any) -> str:
    return json.dumps(patch)


@pytest.mark.parametrize(
    ("template", "more", "expected"),
    [
        # A template inherits from its defaults, then from its workflow.
        ({"container": {"a": 1}}, {}, PASS),
        ({"container": {}}, {}, FAIL),
        ({"container": {}}, {"templateDefaults": {"container": {"a": 1}}}, PASS),
        ({"container": {"a": 2}}, {"templateDefaults": {"container": {"a": 1}}}, FAIL),
        ({"container": {}}, {"templateDefaults": {"container": {"a": UNKNOWN}}}, OPEN),
        ({"script": {}}, {"templateDefaults": {"container": {"a": 1}}}, FAIL),
        ({"dag": {}}, {"templateDefaults": {"container": {"a": 2}}}, PASS),
        # Patches come last: the workflow's, then the template's.
        ({"container": {}, PATCH: text(containers=[{"name": "main", "a": 1}])}, {}, PASS),
        ({"container": {"a": 1}, PATCH: text(containers=[{"name": "main", "a": 2}])}, {}, FAIL),
        ({"container": {"name": "x", "a": 1}, PATCH: text(containers=[{"name": "x", "a": 2}])}, {}, FAIL),
        ({"container": {"a": 1}}, {PATCH: text(containers=[{"name": "main", "a": 2}])}, FAIL),
        (
            {"container": {}, PATCH: text(containers=[{"name": "main", "a": 1}])},
            {PATCH: text(containers=[{"name": "main", "a": 2}])},
            PASS,
        ),
        ({"container": {"a": 1}}, {"templateDefaults": {PATCH: text(containers=[{"name": "main", "a": 2}])}}, FAIL),
        (
            {"initContainers": [{"name": "i", "a": 1}], PATCH: text(initContainers=[{"name": "i", "a": 2}])},
            {},
            FAIL,
        ),
        ({"container": {"a": 1}, PATCH: "containers:\n- name: main\n  a: 2\n"}, {}, FAIL),
        ({"container": {"a": 1}, PATCH: text(containers=[{"name": "wait", "a": 2}])}, {}, FAIL),
        ({"container": {"a": 1}, PATCH: text(containers=[{"name": "wait"}])}, {}, OPEN),
        ({"container": {"a": 1}, PATCH: text(containers=[{"name": "main", "a": "{{x}}"}])}, {}, OPEN),
        ({"container": {"a": 1}, PATCH: text(nodeSelector={})}, {}, PASS),
        ({"container": {"a": 1}, PATCH: "  \n"}, {}, PASS),
        # What cannot be read may say anything.
        ({"container": {"a": 2}, PATCH: UNKNOWN}, {}, OPEN),
        ({"container": {"a": 1}, PATCH: "{{inputs.parameters.patch}}"}, {}, OPEN),
        ({"container": {"a": 1}, PATCH: "{"}, {}, OPEN),
        ({"container": {"a": 1}, PATCH: "[]"}, {}, OPEN),
        ({"container": {"a": 1}, PATCH: "a: &x [1]\nb: *x"}, {}, OPEN),
        ({"container": {"a": 1}, PATCH: "a: 2020-99-99"}, {}, OPEN),
        ({"container": {"a": 1}, PATCH: "x" * 70_000}, {}, OPEN),
        ({"container": {"a": 1}, PATCH: "[" * 60_000}, {}, OPEN),
        ({"container": {"a": 1}, PATCH: '{"a":' * 10_000}, {}, OPEN),
        ({"container": {"a": 1}, PATCH: 5}, {}, OPEN),
        ({"container": {"a": 1}, PATCH: text(containers="main")}, {}, OPEN),
    ],
)
def test_container_of_a_workflow_is_judged_as_its_pod_will_have_it(
    template: dict[str, Any], more: dict[str, Any], expected: Verdict
) -> None:
    for kind in ("Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow"):
        verdict, words = judged(CONTAINER, workflow(kind, template, **more))
        assert verdict is expected, words


@pytest.mark.parametrize(
    ("template", "more", "expected"),
    [
        ({"securityContext": {"b": 1}}, {}, PASS),
        ({}, {"securityContext": {"b": 1}}, PASS),
        ({"securityContext": {}}, {"templateDefaults": {"securityContext": {"b": 1}}}, PASS),
        # As a whole: a context that says something else hides that of the workflow.
        ({"securityContext": {"c": 1}}, {"securityContext": {"b": 1}}, FAIL),
        ({"securityContext": {}}, {"securityContext": {"b": 1}}, FAIL),
        ({}, {"securityContext": {"b": 1}, "templateDefaults": {"securityContext": {"c": 1}}}, FAIL),
        ({PATCH: text(securityContext={"b": 1})}, {}, PASS),
        ({PATCH: text(securityContext={"b": 2})}, {"securityContext": {"b": 1}}, FAIL),
        ({}, {"securityContext": UNKNOWN}, OPEN),
    ],
)
def test_settings_of_a_workflows_pod_are_those_that_it_will_have(
    template: dict[str, Any], more: dict[str, Any], expected: Verdict
) -> None:
    made = rule(Subject.POD, Requirement(pod("securityContext.b").is_(1), pod("securityContext.b"), "1"))
    verdict, words = judged(made, workflow("Workflow", {"container": {}, **template}, **more))
    assert verdict is expected, words


def test_lists_that_are_empty_do_not_hide_those_of_the_workflow() -> None:
    made = rule(Subject.POD, Requirement(this("tolerations").every(this("a").is_(1)), this("tolerations"), "1"))
    template: dict[str, Any] = {"container": {}, "tolerations": []}
    assert judged(made, workflow("Workflow", template, tolerations=[{"a": 2}]))[0] is FAIL
    template["tolerations"] = [{"a": 1}]
    assert judged(made, workflow("Workflow", template, tolerations=[{"a": 2}]))[0] is PASS


def test_defaults_by_themselves_are_judged_where_no_template_has_them() -> None:
    alone = workflow("Workflow", templateDefaults={"container": {"a": 2}}, workflowTemplateRef={"name": "x"})
    assert judged(CONTAINER, alone) == (FAIL, ["spec.templateDefaults.container.a is 2; wanted 1"])
    assert judged(CONTAINER, workflow("Workflow", templateDefaults={"container": {}}))[0] is OPEN
    assert judged(CONTAINER, workflow("Workflow", templateDefaults={"nodeSelector": {}}))[0] is PASS


@pytest.mark.parametrize(
    ("template", "expected"),
    [({"container": {"a": 1}}, PASS), ({"container": {"a": 2}}, FAIL), ({"container": {}}, OPEN), ({"dag": {}}, PASS)],
)
def test_what_controllers_may_have_defaults_for_is_not_lacking_for_sure(
    template: dict[str, Any], expected: Verdict
) -> None:
    made = rule(Subject.CONTAINER, A, elsewhere=True)
    assert judged(made, workflow("ClusterWorkflowTemplate", template))[0] is expected
    assert judged(made, pod_({}))[0] is FAIL


def test_what_no_level_says_is_told_of_the_container_itself() -> None:
    template = {"container": {}, PATCH: text(containers=[{"name": "main", "resources": {}}])}
    spec = workflow("Workflow", template, templateDefaults={"container": {}})
    assert judged(CONTAINER, spec) == (FAIL, ["spec.templates.0.container.a is unset; wanted 1"])
    assert judged(rule(Subject.CONTAINER, A, elsewhere=True), spec) == (
        OPEN,
        ["spec.templates.0.container.a is unset here, and may be set elsewhere"],
    )


def test_unreadable_patch_of_one_template_hides_nothing_of_another() -> None:
    templates = ({"container": {"a": 1}, PATCH: "{"}, {"container": {"a": 2}})
    verdict, words = judged(CONTAINER, workflow("Workflow", *templates))
    assert verdict is FAIL
    assert "spec.templates.1.container.a is 2; wanted 1" in words


def test_patch_that_is_secret_shows_nothing() -> None:
    template = {"container": {}, PATCH: build.secret(text(containers=[{"name": "main", "a": "hunter2"}]))}
    assert judged(CONTAINER, workflow("Workflow", template)) == (
        FAIL,
        ["spec.templates.0.podSpecPatch.containers.0.a is [secret]; wanted 1"],
    )


def test_templates_unknown_are_undetermined() -> None:
    assert judged(CONTAINER, object_("argoproj.io/v1alpha1", "Workflow", spec={"templates": UNKNOWN_LIST}))[0] is OPEN


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("{}[]&*:-\n ab\"'", max_size=12) | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "a", "containers"]), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([PATCH, "container", "script", "sidecars", "initContainers"]), JUNK), JUNK)
@settings(max_examples=300, deadline=None)
def test_workflow_of_junk_is_answered(template: dict[str, Any], defaults: Any) -> None:
    for made in (CONTAINER, OF_ITS_POD, rule(Subject.POD, A)):
        spec = workflow("Workflow", template, templateDefaults=defaults, podSpecPatch=template.get(PATCH))
        assert judged(made, spec)[0] in (PASS, FAIL, OPEN)


@given(st.text(max_size=40) | st.text("{}[]&*:-,\n a1\"'", max_size=40))
@settings(max_examples=300, deadline=None)
def test_patch_of_any_text_is_an_object_or_undetermined(patch: str) -> None:
    holder = View({PATCH: patch}, "t")
    try:
        found = argo.patches((holder,), View({}))
    except Undetermined:
        return
    assert all(isinstance(one, View) for one in found)
    assert len(found) == bool(patch.strip())


def one(spec: Spec) -> Manifest:
    return next(manifests(build.resource(spec)))


def test_containers_of_a_plain_pod_are_not_merged_with_anything() -> None:
    seen: list[tuple[int, bool]] = []

    def note(levels: tuple[View, ...], a_patch: bool) -> Iterable[Finding]:
        seen.append((len(levels), a_patch))
        return ()

    manifest = one(deployment({"name": "a"}, initContainers=[{"name": "b"}], ephemeralContainers=[{"name": "c"}]))
    list(each_whole_pod(manifest, lambda found: each_merged_container(found, note)))
    assert seen == [(1, False)] * 3


def test_whole_object_is_bound_for_every_subject() -> None:
    kind = Requirement(whole("kind").is_("Pod"), whole("kind"), "Pod")
    for per in Subject:
        assert judged(rule(per, kind), pod_({"a": 1}))[0] is PASS
        assert judged(rule(per, kind), deployment({"a": 1}))[0] is FAIL


def test_volume_types_of_the_rule_are_all_that_kubernetes_knows() -> None:
    known = {name.replace("_", "") for name in k8s.core.v1.VolumeArgsDict.__annotations__} - {"name"}
    assert {kind.lower() for kind in (*VOLUMES, *OTHER_VOLUMES)} == known
