"""Building, registering and evaluating rules; what a session prints."""

import dataclasses
import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from policies._engine import environments
from policies._engine.build import Predicate, each, equals, property_rule, rule, some, stack_rule
from policies._engine.evaluate import Settings
from policies._engine.model import Resource, Stack
from policies._engine.profiles import Level
from policies._engine.registry import Pack, RegistryError
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Rule, Severity, Verdict
from policies._engine.session import UNDETERMINED, Session
from policies._engine.wire import Undetermined
from tests.policies import build
from tests.policies.build import UNKNOWN, Spec, secret

ABOUT: dict[str, Any] = {
    "severity": Severity.LOW,
    "rationale": "Otherwise something goes wrong.",
    "controls": ("fsbp:S3.5",),
    "bad": "size=2",
    "remedy": ("Set it to the good value.", "size=1"),
}
QUEUE = "aws:sqs/queue:Queue"


def make(number: int = 1, **changes: Any) -> Rule:
    args: dict[str, Any] = {"on": (QUEUE,), "path": "size", "must": equals(1), **ABOUT, **changes}
    return property_rule(f"TST-SQS-{number:03}", f"sqs-queue-require-size-{number}", "Queues have a size", **args)


def of(check: Any, **changes: Any) -> Rule:
    return rule(
        "TST-SQS-001",
        "sqs-queue-require-size",
        "Queues have a size",
        **{"on": (QUEUE,), "params": Params, **ABOUT, **changes},
    )(check)


def pack(*rules: Rule) -> Pack:
    return Pack("mlops-test", "0.1.0", "TST", "Rules of a test", rules)


def session(*rules: Rule, **kwargs: Any) -> Session:
    held = pack(*rules)
    return Session(
        held,
        Settings(
            build.profile(held, levels=kwargs.pop("levels", {one.id: Level.MANDATORY for one in rules})),
            **kwargs,
        ),
        build.TODAY,
    )


def queue(**props: Any) -> Resource:
    return build.resource(Spec(QUEUE, props))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"title": "Ensure that queues have a size"}, "must state the good state"),
        ({"title": "Queues have a size."}, "must state the good state"),
        ({"name": "sqs-queue-size"}, "name"),
        ({"id": "tst-1"}, "id"),
        ({"controls": ()}, "controls"),
        ({"severity": "awful"}, "severity"),
        ({"rationale": "x" * 401}, "rationale"),
        ({"on": ()}, "say which type tokens"),
        ({"color": "red"}, "color"),
    ],
)
def test_rule_with_poor_metadata_is_refused(changes: dict[str, Any], says: str) -> None:
    good = make()
    with pytest.raises(ValidationError, match=says):
        Rule(**{**{name: getattr(good, name) for name in Rule.model_fields}, **changes})


def test_rule_with_a_long_snippet_is_refused() -> None:
    with pytest.raises(ValidationError, match="9 lines; use 1 to 8"):
        make(remedy=("Set it to the good value.", "\n".join("123456789")))


def test_stack_rule_with_a_fix_is_refused() -> None:
    good = make()
    fields = {name: getattr(good, name) for name in Rule.model_fields}
    with pytest.raises(ValidationError, match="cannot remediate"):
        Rule(**{**fields, "scope": "stack", "fix": lambda *_: {}})


def test_pack_with_an_id_twice_is_refused() -> None:
    with pytest.raises(RegistryError, match="id TST-SQS-001 is used twice"):
        pack(make(1), make(1))


def test_pack_with_a_name_twice_is_refused() -> None:
    twin = make(2).model_copy(update={"name": make(1).name})
    with pytest.raises(RegistryError, match="name sqs-queue-require-size-1 is used twice"):
        pack(make(1), twin)


def test_pack_with_a_foreign_prefix_is_refused() -> None:
    with pytest.raises(RegistryError, match="TST-SQS-001 does not begin with SEC-"):
        Pack("mlops-test", "0.1.0", "SEC", "Rules of a test", (make(),))


@pytest.mark.parametrize(("value", "wanted", "same"), [(True, 1, False), ("false", False, False), (1.0, 1, True)])
def test_equals_tells_json_types_apart(value: Any, wanted: Any, same: bool) -> None:
    assert equals(wanted).test(value) is same


def test_each_unknown_item_does_not_hide_a_wrong_one() -> None:
    items = queue(list=[{"a": UNKNOWN}, {"a": 1}, "text"]).props.sequence("list")
    found = list(each(items, lambda item: [Finding("wrong")] if item.at("a") == 1 else []))
    assert [type(one).__name__ for one in found] == ["UnknownValue", "Finding", "MalformedValue"]


def test_each_is_not_applicable_only_if_nothing_applies() -> None:
    def check(item: int) -> Iterator[Outcome]:
        if item:
            raise NotApplicable("odd")
        yield Finding("wrong")

    assert [str(one) for one in each([1, 0], check)] == [str(Finding("wrong"))]
    with pytest.raises(NotApplicable):
        list(each([1, 1], check))


def test_some_unknown_matters_only_if_nothing_else_meets_the_test() -> None:
    def test(item: str) -> bool:
        if item == "?":
            raise Undetermined("unclear")
        return item == "yes"

    assert some(["?", "yes"], test)
    assert not some(["no"], test)
    with pytest.raises(Undetermined):
        some(["?", "no"], test)


def test_session_fail_names_title_found_wanted_fix_and_page() -> None:
    [line] = session(make()).analyze(queue(size=2)).lines
    assert line.level is Level.MANDATORY
    assert line.message.splitlines() == [
        "Queues have a size",
        "- size is 2; wanted 1",
        "fix: Set it to the good value.",
        "see docs/policies/rules/TST-SQS-001.md",
    ]


@pytest.mark.parametrize("level", [Level.ADVISORY, Level.MANDATORY])
def test_session_undetermined_is_advisory_unless_strict(level: Level) -> None:
    levels = {"TST-SQS-001": level}
    [line] = session(make(), levels=levels).analyze(queue(size=UNKNOWN)).lines
    assert line.level is Level.ADVISORY
    assert line.message.startswith("undetermined: Queues have a size\n- size is not known yet")
    [line] = session(make(), levels=levels, strict=True).analyze(queue(size=UNKNOWN)).lines
    assert line.level is level


def test_session_end_counts_undetermined_verdicts_and_begins_anew() -> None:
    run = session(make(1), make(2))
    for _ in range(3):
        run.analyze(queue(size=UNKNOWN))
    [line] = run.analyze_stack(Stack([])).lines
    assert line.policy == UNDETERMINED
    assert "6 verdicts are undetermined: TST-SQS-001 (3), TST-SQS-002 (3)" in line.message
    assert run.analyze_stack(Stack([])).lines == []


def test_session_disabled_rule_is_not_asked() -> None:
    report = session(make(), levels={"TST-SQS-001": Level.DISABLED}).analyze(queue(size=2))
    assert (report.lines, report.answered) == ([], set())


def test_session_override_wins_over_the_profile() -> None:
    [line] = session(make(), overrides={"TST-SQS-001": Level.ADVISORY}).analyze(queue(size=2)).lines
    assert line.level is Level.ADVISORY


def test_session_broken_rule_counts_as_failed_and_quotes_nothing() -> None:
    def check(resource: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
        yield Finding(str(int(resource.props["size"])))

    [line] = session(of(check)).analyze(queue(size=secret("hunter2"))).lines
    assert line.level is Level.MANDATORY
    assert "the rule itself failed (ValueError at test_engine.py:" in line.message
    assert "hunter2" not in line.message


def test_session_message_never_holds_a_secret() -> None:
    def check(resource: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
        yield Finding(f"password is {resource.props['password']}, like {resource.props.shown('password')}")

    [line] = session(of(check)).analyze(queue(password=secret("hunter2"), nested=[secret({"x": "hunter"})])).lines
    assert "password is [secret], like [secret]" in line.message


def test_session_many_findings_are_cut() -> None:
    def check(resource: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
        yield from (Finding(f"wrong {number}") for number in range(10_000))

    [line] = session(of(check)).analyze(queue()).lines
    assert len(line.message.splitlines()) < 40


def test_session_rule_that_applies_to_part_of_a_stack_is_not_called_not_applicable() -> None:
    def check(resource: Resource, _stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
        if resource.name == "a":
            raise NotApplicable("small")
        yield from ()

    made = stack_rule(
        "TST-SQS-001", "sqs-queue-require-size", "Queues have a size", on=(QUEUE,), params=Params, **ABOUT
    )(check)
    both = [build.resource(Spec(QUEUE, {}, name)) for name in "ab"]
    assert session(made).analyze_stack(Stack(both)).not_applicable == {}
    assert session(made).analyze_stack(Stack(both[:1])).not_applicable == {"TST-SQS-001": "small"}


def test_stack_rule_without_types_judges_the_stack_once() -> None:
    def check(root: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
        yield Finding(f"{root.type} with {len(stack.resources)}")

    made = stack_rule("TST-SQS-001", "sqs-queue-require-size", "Queues have a size", params=Params, **ABOUT)(check)
    report = session(made).analyze_stack(Stack([queue(), build.resource(Spec(QUEUE, {}, "b"))]))
    assert ["pulumi:pulumi:Stack with 2" in line.message for line in report.lines] == [True]
    assert session(made).analyze_stack(Stack([])).lines == []


def test_resource_properties_are_read_once_and_only_if_a_rule_looks() -> None:
    reads: list[str] = []

    def read() -> dict[str, Any]:
        reads.append("read")
        return {"size": 2}

    run = session(*(make(number) for number in range(1, 100)))
    run.analyze(Resource(QUEUE, "urn:pulumi:dev::p::a::b", "b", read))
    assert reads == ["read"]
    run.analyze(Resource("aws:sns/topic:Topic", "urn:pulumi:dev::p::a::c", "c", read))
    assert reads == ["read"]


@pytest.mark.parametrize(
    ("stack", "tags", "config", "expected"),
    [
        ("dev", {}, {}, "development"),
        ("org/demo/prod", {}, {}, "production"),
        ("feature-x", {}, {}, None),
        ("prod", {"environment": "staging"}, {"a:environment": "dev"}, "staging"),
        ("prod", {}, {"mlops:environment": "dev"}, "development"),
        ("x", {}, {"mlops:platform": '{"environment": "prod", "owner": "a"}'}, "production"),
        (
            "x",
            {},
            {
                "mlops:platform": '{"environment": 3}',
                "mlops:other": "{broken",
                "mlops:deep": "{" * 100_000,
                "a:b": "[1]",
            },
            None,
        ),
    ],
)
def test_environment_of_a_stack_is_what_it_declares(stack: str, tags: Any, config: Any, expected: str | None) -> None:
    assert environments.of_stack(stack, tags, config) == expected


def test_environment_of_a_resource_is_its_tag_or_label() -> None:
    labels = {"metadata": {"labels": {"mlops.dev/environment": "prod"}}}
    assert environments.of_resource(queue(tags={"environment": "dev"})) == "development"
    assert environments.of_resource(build.resource(Spec("kubernetes:core/v1:Pod", labels))) == "production"
    assert environments.of_resource(queue(tags={"environment": UNKNOWN})) is None
    assert environments.of_resource(queue(tags={"environment": 3})) is None


def test_environment_caller_wins_over_stack_and_stack_over_tag() -> None:
    tagged = queue(tags={"environment": "development"})
    settings = Settings(build.profile(pack(make())), environment="production", stack_environment="staging")
    assert settings.environment_of(tagged) == "production"
    assert dataclasses.replace(settings, environment=None).environment_of(tagged) == "staging"
    assert Settings(settings.profile).environment_of(tagged) == "development"


def test_by_environment_agreeing_table_needs_no_environment() -> None:
    context = Context(Params(), datetime.date(2026, 1, 1))
    assert context.by_environment({"default": 1, "production": 1}) == 1
    with pytest.raises(Undetermined):
        context.by_environment({"default": 1, "production": 2})
    assert dataclasses.replace(context, environment="x").by_environment({"default": 1, "production": 2}) == 1


def test_predicate_may_leave_a_rule_undetermined() -> None:
    def unclear(_value: Any) -> bool:
        raise Undetermined("nobody knows")

    judged = next(session(make(must=Predicate("anything", unclear))).judge.resource(queue(size=1)))
    assert (judged.verdict, judged.reasons) == (Verdict.UNDETERMINED, ("nobody knows",))


def test_reason_of_any_length_is_cut_and_says_how_long_it_was() -> None:
    def endless(_resource: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
        yield Finding("x" * 1_000_000)

    (line,) = session(of(endless)).analyze(queue()).lines
    assert "x" * 700 + "... (1000000 characters)" in line.message
    assert len(line.message) < 2_000
