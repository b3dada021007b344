"""Metric selectors of PromQL, as far as an objective needs them: a name and matchers, nothing around."""

import dataclasses
import re

from components._core.args import ArgsError, require

_METRIC = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*")
_MATCHER = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\\n]|\\.)*)"\s*')
_ESCAPES = {"\\": "\\", '"': '"', "n": "\n", "r": "\r", "t": "\t"}
# Python's expressions know more than RE2, with which Prometheus matches: looking around or back, possessive ones.
_NOT_RE2 = re.compile(r"\(\?(?!:|i\)|P<)|\\[1-9Z]|[*+?}]\+")


@dataclasses.dataclass(frozen=True)
class Selector:
    """A metric and its matchers (`label="value"`, as they were written)."""

    metric: str
    matchers: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the selector as PromQL."""
        return f"{self.metric}{{{', '.join(self.matchers)}}}" if self.matchers else self.metric

    def part(self, suffix: str, *matchers: str) -> "Selector":
        """Return the selector of a part of a histogram: another ending, more matchers."""
        return Selector(self.metric + suffix, (*self.matchers, *matchers))

    @property
    def labels(self) -> set[str]:
        """Labels that it matches on."""
        return {re.split(r"[=!]", matcher, maxsplit=1)[0] for matcher in self.matchers}


def parse(text: str, path: str) -> Selector:
    """Return the selector that `text` is; raise `ArgsError` for anything else, ranges and functions included."""
    name = _METRIC.match(text)
    if name is None:
        raise ArgsError(path, f'{text!r} does not begin with the name of a metric; use name{{label="value"}}')
    rest = text[name.end() :].rstrip()
    if not rest:
        return Selector(name[1])
    if not (rest.startswith("{") and rest.endswith("}")):
        raise ArgsError(path, f'{text!r} has {rest!r} behind the name; give only matchers: {{label="value"}}')
    return Selector(name[1], tuple(_matchers(rest[1:-1], text, path)))


def _matchers(inside: str, text: str, path: str) -> list[str]:
    found = []
    while inside.strip():
        one = _MATCHER.match(inside)
        if one is None:
            raise ArgsError(path, f'{text!r} has no matcher at {inside.strip()!r}; use label="value", joined by commas')
        label, operator, value = one.groups()
        plain = _unescaped(value, path)
        if operator in ("=~", "!~"):
            _check_expression(plain, path)
        found.append(f'{label}{operator}"{value}"')
        inside = inside[one.end() :]
        if inside and not inside.startswith(","):
            raise ArgsError(path, f"{text!r} has {inside!r} behind a matcher; join matchers by commas")
        inside = inside[1:]
    return found


def _unescaped(value: str, path: str) -> str:
    def plain(match: re.Match[str]) -> str:
        require(match[1] in _ESCAPES, path, f"{match[0]!r} is no escape of PromQL; write a backslash as two")
        return _ESCAPES[match[1]]

    return re.sub(r"\\(.)", plain, value)


def _check_expression(value: str, path: str) -> None:
    try:
        re.compile(value)
    except re.error as error:
        raise ArgsError(path, f"{value!r} is no regular expression ({error}); mend it") from None
    require(
        _NOT_RE2.search(value) is None,
        path,
        f"{value!r} uses what Prometheus has not (looking around or back); list the values instead",
    )
