"""What a line of a verdict says: the one place that writes it, and the one that reads it back for reports.

The engine hands on one text for each verdict and nothing else of it, to the terminal and to its event log alike:

    Buckets block public access in all four ways
    - blockPublicAcls is false; wanted true
    fix: Attach a BucketPublicAccessBlock with all four switches on.
    see docs/policies/rules/SEC-S3-001.md

Every line but the heading begins with a mark that says what it is, and a text's further lines are indented, so that
reasons may hold line breaks and words of ours. What is read back is what was written, but for lone surrogates, which
no message on the wire can hold.
"""

import datetime
import json
import re
from dataclasses import dataclass
from typing import Final

UNDETERMINED: Final = "undetermined: "
"""Begins the heading of an undetermined verdict; no title begins so."""

REASON: Final = "- "
FIX: Final = "fix: "
EXEMPTED: Final = "exempted through "
SEE: Final = "see "
_MORE: Final = "  "

_PLAIN = r'[^"():\n]+'
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_EXEMPTION = re.compile(
    rf"(?P<expires>\d{{4}}-\d{{2}}-\d{{2}}) by (?P<owner>{_PLAIN}|{_QUOTED}) \((?P<ticket>{_PLAIN}|{_QUOTED})\): "
    r"(?P<reason>.*)",
    re.DOTALL,
)

_GUARD = "\N{WORD JOINER}"


@dataclass(frozen=True)
class Exempted:
    """The exemption that covers a verdict, as its line tells of it."""

    expires: datetime.date
    """Last day on which it holds, in UTC."""

    owner: str
    ticket: str
    reason: str


@dataclass(frozen=True)
class Words:
    """What the line of a failed or undetermined verdict says."""

    title: str
    """The good state, in one line."""

    undetermined: bool = False
    reasons: tuple[str, ...] = ()
    fix: str = ""
    exempted: Exempted | None = None
    url: str = ""


def render(words: Words) -> str:
    """Return the text of a verdict's line, without a line break at its end."""
    entries = [UNDETERMINED * words.undetermined + words.title]
    entries += [REASON + reason for reason in words.reasons]
    if words.exempted is not None:
        entries.append(EXEMPTED + _exemption(words.exempted))
    if words.fix:
        entries.append(FIX + words.fix)
    if words.url:
        entries.append(SEE + words.url)
    return guarded("\n".join(entry.replace("\n", f"\n{_MORE}") for entry in entries))


def parse(text: str) -> Words | None:
    """Read back what `render` wrote, without or with the engine's colours around it.

    None for any other text, such as one of another pack.
    """
    heading, *entries = _entries(_bare(text))
    undetermined = heading.startswith(UNDETERMINED)
    title = heading.removeprefix(UNDETERMINED) if undetermined else heading
    reasons: list[str] = []
    single: dict[str, str] = {}
    for entry in entries:
        if entry.startswith(REASON):
            reasons.append(entry.removeprefix(REASON))
            continue
        mark = next((mark for mark in (EXEMPTED, FIX, SEE) if entry.startswith(mark)), None)
        if mark is None or mark in single:
            return None
        single[mark] = entry.removeprefix(mark)
    if not reasons and not single:
        return None
    exempted = _parse_exemption(single[EXEMPTED]) if EXEMPTED in single else None
    if EXEMPTED in single and exempted is None:
        return None
    return Words(title, undetermined, tuple(reasons), single.get(FIX, ""), exempted, single.get(SEE, ""))


def plain(text: str) -> str:
    """Return any policy's message as it was written: without the engine's colours and our guards."""
    return _unguarded(_bare(text))


def uncoloured(text: str) -> str:
    """Return a diagnostic of the engine without its colours."""
    return re.sub(r"<\{%.*?%\}>", "", text)


def _entries(text: str) -> list[str]:
    entries: list[str] = []
    for line in text.split("\n"):
        if line.startswith(_MORE) and entries:
            entries[-1] += f"\n{line.removeprefix(_MORE)}"
        else:
            entries.append(line)
    return [_unguarded(entry) for entry in entries]


def _bare(text: str) -> str:
    """Remove what the engine puts around a message: a colour, and a line break, with which no text of ours ends."""
    return uncoloured(text).removesuffix("\n")


def guarded(text: str) -> str:
    """Break up what the engine's display would take for a colour: it swallows such text, and at a colour that it does
    not know it ends, with all findings that were still to come (tried with v3.259.0).

    An invisible character tells where, one more than there was before; so it can be taken away again.
    """
    sound = re.sub("[\\ud800-\\udfff]", "\N{REPLACEMENT CHARACTER}", text)
    return re.sub(rf"<\{{({_GUARD}*)%", rf"<{{{_GUARD}\1%", sound)


def _unguarded(text: str) -> str:
    return re.sub(rf"<\{{{_GUARD}({_GUARD}*)%", r"<{\1%", text)


def _exemption(exempted: Exempted) -> str:
    return f"{exempted.expires} by {_name(exempted.owner)} ({_name(exempted.ticket)}): {exempted.reason}"


def _name(text: str) -> str:
    return text if re.fullmatch(_PLAIN, text) else json.dumps(text, ensure_ascii=False)


def _parse_exemption(text: str) -> Exempted | None:
    found = _EXEMPTION.fullmatch(text)
    if found is None:
        return None
    try:
        expires = datetime.date.fromisoformat(found["expires"])
        owner, ticket = (_parse_name(found[part]) for part in ("owner", "ticket"))
    except ValueError:
        return None
    return Exempted(expires, owner, ticket, found["reason"])


def _parse_name(text: str) -> str:
    return str(json.loads(text)) if text.startswith('"') else text
