"""What a statement of a policy document grants: which actions, on what, to whom, under which conditions.

Each answer is that of the known parts where they settle it, and `Undetermined` where they do not.
"""

import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from policies._engine.build import some
from policies._engine.values import Items, View, joined
from policies._engine.wire import MalformedValue, Undetermined

WILDCARDS: Final = frozenset("*?")

CALLERS: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "kms:calleraccount",
    }
)
"""Condition keys that say whose request it is (IAM user guide, global condition context keys; KMS developer guide,
condition keys; both read 2026-11-27). An address or an external id says it of nobody in particular."""

ANYTHING: Final = frozenset(
    {
        "aws:currenttime",
        "aws:epochtime",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:referer",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:resourceorgpaths",
        "aws:securetransport",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:tokenissuetime",
        "aws:useragent",
        "aws:userid",
        "aws:username",
        "aws:viaawsservice",
        "aws:vpcsourceip",
        "s3:authtype",
        "s3:resourceaccount",
        "s3:signatureversion",
        "s3:tlsversion",
        "ssm:sessiondocumentaccesscheck",
    }
)
"""Condition keys that leave open which of an account's resources is reached: they speak of time, place, transport, of
the account as a whole, or of the holder (same guide)."""

HOLDER: Final = ("aws:calledvia", "aws:ec2instancesource", "aws:principal")
"""What further keys of that sort begin with."""

_OPERATOR = re.compile(r"(?:(forallvalues|foranyvalue):)?([a-z]+?)(ifexists)?")
_PATTERNED = ("stringlike", "arnlike", "arnequals")
_ANY_ORGANISATION = re.compile(r"(?:o-)?[*?]")


def statement_list(document: View) -> Sequence[Any]:
    """Return the statements of a document, for `each`; a single one need not be in a list."""
    found = document.at("Statement")
    return (found,) if isinstance(found, View) else document.sequence("Statement")


def elements(holder: View, key: str) -> Sequence[Any]:
    """Return what an element that may hold one value or a list of them holds; nothing where it is missing."""
    found = holder.at((key,))
    if isinstance(found, View):
        raise MalformedValue(joined(holder.path, key), "a text or a list", found)
    if isinstance(found, Items):
        return found
    return () if found is None else (found,)


def allows(statement: View, action: str) -> bool:
    """Whether a statement allows an action, by `Action` or by leaving it out of `NotAction`."""
    return statement.at("Effect") == "Allow" and _selects(statement, "Action", lambda text: matches(text, action))


def matches(pattern: str, action: str) -> bool:
    """Whether a pattern such as `iam:Put*` covers an action; neither case nor brackets mean anything to IAM."""
    if WILDCARDS.isdisjoint(pattern):
        return pattern.lower() == action.lower()
    return fnmatchcase(action.lower(), pattern.lower().replace("[", "[[]"))


def reaches_all(statement: View, target: str) -> bool:
    """Whether a statement reaches every resource of a target, by `Resource` or by what `NotResource` leaves over."""
    return _selects(statement, "Resource", lambda text: covers_all(text, target))


def covers_all(resource: str, target: str) -> bool:
    """Whether a pattern of resources covers all of a target such as `iam:role`: all that an account has of them.

    `s3:` is buckets and objects, whose ARNs have no word for the kind.
    """
    service, _, kind = target.partition(":")
    sections = resource.lower().split(":", 5)
    if len(sections) < 6:
        # A wildcard goes on past colons.
        sections += ["*" if resource.endswith("*") else ""] * (6 - len(sections))
    if not matches(sections[0], "arn") or not matches(sections[2], service):
        return False
    rest = sections[5].removeprefix(kind)
    return bool(rest) and set(rest) <= WILDCARDS | {"/", ":"}


def denies_all(document: View, action: str, target: str) -> bool:
    """Whether a document denies an action on all of a target, without conditions: no other statement overrules that.

    A statement that is not known yet is not trusted to do it.
    """

    def denies(index: int) -> bool:
        try:
            statement = listed[index]
            if not isinstance(statement, View) or statement.at("Effect") != "Deny":
                return False
            covered = _selects(statement, "Action", lambda text: matches(text, action))
            return covered and reaches_all(statement, target) and not len(statement.mapping("Condition"))
        except Undetermined:
            return False

    listed = statement_list(document)
    return any(denies(index) for index in range(len(listed)))


def for_everybody(statement: View) -> bool:
    """Whether a statement is for anybody at all: `*` as principal, or everybody but some."""
    if statement.declared("NotPrincipal"):
        return True
    principal = statement.at("Principal")
    if isinstance(principal, View):
        return some(tuple(principal), lambda kind: some(elements(principal, kind), lambda name: name == "*"))
    return some(elements(statement, "Principal"), lambda name: name == "*")


def names_callers(statement: View) -> bool:
    """Whether a condition says whose requests a statement is for; a role's name in any account is nobody's."""
    return limited(statement, CALLERS.__contains__, _one_owner)


def narrows(statement: View, but: frozenset[str] = frozenset()) -> bool:
    """Whether a condition narrows down which resources a statement reaches; those on the keys `but` do not count."""
    return limited(statement, lambda key: not (key in ANYTHING or key in but or key.startswith(HOLDER)))


def specific(operator: str, value: Any) -> bool:
    """Whether a value of a condition asks for anything: not for a wildcard, nor for a key to be absent or false."""
    if isinstance(value, (View, Items)):
        raise MalformedValue("a condition's value", "a text", value)
    text = str(value).lower()
    if operator in ("bool", "null"):
        return text == ("true" if operator == "bool" else "false")
    return operator not in _PATTERNED or not set(text.removesuffix(".amazonaws.com")) <= WILDCARDS


def _one_owner(operator: str, value: Any) -> bool:
    if not specific(operator, value) or operator not in _PATTERNED:
        return specific(operator, value)
    sections = str(value).split(":", 5)
    if sections[0] != "arn":
        return not _ANY_ORGANISATION.match(str(value))
    account, name = sections[4:6] if len(sections) == 6 else ("*", "*")
    # ARNs of buckets have no account; their names are taken once in the world.
    return WILDCARDS.isdisjoint(account) and not set(account + name) <= WILDCARDS


def limited(statement: View, counts: Callable[[str], bool], limits: Callable[[str, Any], bool] = specific) -> bool:
    """Whether a condition that holds a statement back is on a key that counts (in lower case), with values that limit.

    Conditions hold together, the values of one do not: each must limit. Operators that are content without the key
    (`ForAllValues:`, `...IfExists`) and those that name exceptions hold nothing back.
    """
    operators = statement.mapping("Condition")

    def all_limit(keys: View, key: str, operator: str) -> bool:
        return not some(elements(keys, key), lambda value: not limits(operator, value))

    def holds_back(name: str) -> bool:
        parsed = _OPERATOR.fullmatch(name.lower())
        if parsed is None or parsed[1] == "forallvalues" or parsed[3] or "not" in parsed[2]:
            return False
        keys = operators.mapping((name,))
        return some(tuple(keys), lambda key: counts(key.lower()) and all_limit(keys, key, parsed[2]))

    return some(tuple(operators), holds_back)


def _selects(statement: View, key: str, test: Callable[[str], bool]) -> bool:
    """Whether an element, or what its `Not` form leaves over, has something that meets a test."""
    inverse = statement.declared(f"Not{key}")
    name = f"Not{key}" if inverse else key

    def meets(value: Any) -> bool:
        if not isinstance(value, str):
            raise MalformedValue(joined(statement.path, name), "a text", value)
        return test(value)

    return some(elements(statement, name), meets) != inverse
