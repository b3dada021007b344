"""Options and variables of a container, as the program in it reads them."""

from typing import Any

import pytest

from policies._engine.arguments import LONGEST, Arguments, arguments
from policies._engine.values import View
from policies._engine.wire import Undetermined
from tests.policies.build import UNKNOWN, UNKNOWN_LIST, to_wire


def of(*args: Any, env: Any = None, **container: Any) -> Arguments:
    return arguments(View(to_wire({"args": list(args), "env": env, **container}), "c"))


@pytest.mark.parametrize(
    ("args", "on"),
    [
        (("--trust-remote-code",), True),
        (("--trust_remote_code",), True),
        (("--Trust-Remote-Code=True",), True),
        (("--trust-remote-code", "--port", "80"), True),
        (("--trust-remote-code=false",), False),
        (("--trust-remote-code", "False"), False),
        (("--trust-remote-code="), False),
        (("--trust-remote-codes",), False),
        (("serve --trust-remote-code",), True),
        (("exec vllm serve m \\\n  '--trust-remote-code'",), True),
        ((), False),
        ((7, None), False),
    ],
)
def test_has_tells_whether_a_switch_is_on(args: tuple[Any, ...], on: bool) -> None:
    assert of(*args).has("--trust-remote-code") is on


def test_has_reads_the_command_too() -> None:
    assert of(command=["sh", "-c", "vllm serve m --flag"]).has("--flag")


@pytest.mark.parametrize(
    ("args", "value"),
    [
        (("--model", "a"), "a"),
        (("--model=a",), "a"),
        (("--model-id=a",), "a"),
        (("--model=a", "--model=b"), "b"),
        (("--model-id=b", "--model=a"), "a"),
        (("--model", "--port"), None),
        (("--model",), None),
        (("--model=$(NAME)",), "named"),
        (("--model", "${NAME}"), "named"),
        (("serve --model $NAME",), "named"),
    ],
)
def test_value_of_an_option(args: tuple[str, ...], value: str | None) -> None:
    assert of(*args, env=[{"name": "NAME", "value": "named"}]).value("--model", "--model-id") == value


def test_value_that_names_a_variable_from_outside_is_not_known() -> None:
    with pytest.raises(Undetermined, match="from outside"):
        of("--model=$(NAME)").value("--model")


def test_after_gives_what_follows_a_word_and_is_no_option() -> None:
    assert of("vllm", "serve", "org/model").after("serve") == "org/model"
    assert of("serve", "--port").after("serve") is None
    assert of("serve").after("serve") is None


@pytest.mark.parametrize(
    "container",
    [
        {"args": UNKNOWN_LIST},
        {"args": [UNKNOWN]},
        {"command": [UNKNOWN]},
        {"command": "no list"},
        {"args": ["a " * LONGEST]},
    ],
)
def test_what_is_not_known_never_passes_for_absence(container: dict[str, Any]) -> None:
    with pytest.raises(Undetermined):
        of(**container).has("--flag")


def test_what_is_known_settles_it_beside_what_is_not() -> None:
    found = of(UNKNOWN, "--flag", "--model=a")
    assert found.has("--flag")
    assert found.value("--model") == "a"


def test_variable_last_one_counts_and_its_source_may_be_elsewhere() -> None:
    elsewhere = {"name": "FROM", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    found = of(env=[{"name": "A", "value": "1"}, elsewhere, {"name": "A", "value": "2"}])
    assert found.variable("A") == "2"
    assert found.variable("B") is None
    assert found.names() == ["A", "FROM", "A"]
    with pytest.raises(Undetermined, match="from elsewhere"):
        found.variable("FROM")
    with pytest.raises(Undetermined, match="not known yet"):
        of(env=[UNKNOWN]).variable("A")


@pytest.mark.parametrize(("value", "on"), [("true", True), ("1", True), ("False", False), ("0", False), ("", False)])
def test_switched_on_takes_words_that_mean_no(value: str, on: bool) -> None:
    assert of(env=[{"name": "A", "value": value}]).switched_on("A") is on
