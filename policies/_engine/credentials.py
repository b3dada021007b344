"""What is a credential in a text: told by the forms that issuers give theirs, not by how random it looks.

Only the kind and the line of what is found leave this module, never the text itself. Forms of tokens: the
issuers' own descriptions and GitHub's list of secret scanning patterns, read 2026-11-23.
"""

import base64
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

LONGEST: Final = 65_536
"""Longest text that is read, in characters: EC2 takes 16 KB of user data, which is less than 22 KB as base64."""

UNPACKED: Final = 1_048_576
"""Most bytes that a compressed part is unpacked to."""

DEPTH: Final = 3
"""Layers of base64 that are opened: a whole text, a file in it, and one more."""

FORMS: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("an AWS access key id", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
        ("a private key", r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
        ("a GitHub token", r"\b(?:gh[opsur]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{50,255})"),
        ("a GitLab token", r"\bglpat-[\w-]{20,255}"),
        ("a Hugging Face token", r"\bhf_[A-Za-z0-9]{34,64}\b"),
        ("an OpenAI key", r"\bsk-[\w-]{10,200}T3BlbkFJ[\w-]{10,200}"),
        ("an Anthropic key", r"\bsk-ant-[a-z0-9]{3,12}-[\w-]{20,255}"),
        ("an NVIDIA key", r"\bnvapi-[\w-]{40,255}"),
        ("a Databricks token", r"\bdapi[0-9a-f]{32}\b"),
        ("a Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,255}"),
        ("a Slack webhook", r"https://hooks\.slack\.com/services/T\w{4,20}/B\w{4,20}/\w{10,40}"),
        ("a Google API key", r"\bAIza[\w-]{35}"),
        ("a Stripe key", r"\b[rs]k_live_[A-Za-z0-9]{20,255}"),
        ("an npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
        ("a PyPI token", r"\bpypi-AgEI[\w-]{50,255}"),
        ("a Docker Hub token", r"\bdckr_[op]at_[\w-]{27,64}"),
        ("a Vault token", r"\bhv[brs]\.[\w-]{24,255}"),
        ("a Pulumi token", r"\bpul-[0-9a-f]{40}\b"),
        ("an Azure storage key", r"AccountKey=[A-Za-z0-9+/]{80,100}={0,2}"),
        ("a JSON web token", r"\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,2000}\.[\w-]{10,2000}"),
        ("a URL with a password", r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@$<{\"']{0,100}:[^\s/@$<{\"'`%*]{3,200}@"),
        (
            "a password for chpasswd",
            r"echo[ \t]{1,4}[\"']?[\w.-]{1,64}:[^\s$\"'`|]{4,200}[\"']?[ \t]{0,4}\|.{0,20}chpasswd",
        ),
    )
)

_PASSWORD: Final = r"passwords?|passwd|passphrase"
_KEY: Final = r"(?:client|app|webhook)[_-]?secret|secret[_-]?(?:access[_-]?)?key|api[_-]?key|[_-]token"
_ASSIGNMENT: Final = re.compile(
    rf"(?:(?P<password>{_PASSWORD})|(?P<key>{_KEY}))[\"']?"
    r"(?P<gap>[ \t]{0,8}[:=][ \t]{0,8})(?P<value>\"[^\"\n]{1,500}\"|'[^'\n]{1,500}'|[^\s\"',;&|)}]{1,500})"
    r"(?P<rest>[^\n]{0,2})",
    re.IGNORECASE,
)
"""`DB_PASSWORD=...`, `password: ...`, `"api_key": "..."`; what the value is, is judged apart."""

_OPTION: Final = re.compile(r"--passw(?:or)?d[ \t]{1,4}(?P<value>[^\s\"'`$<{;&|-][^\s;&|]{5,200})")

_REFERENCE: Final = re.compile(
    r"^(?:[<{%*!&@(\[/>|~]|arn:|file:|ssm:|secretsmanager:|env:)|(?<!\$)\$[({A-Za-z_]|`|\{\{"
)
"""A value that stands for another: a variable, a command, a template, a path, an ARN."""

_WORDS: Final = frozenset({"required", "optional", "enabled", "disabled", "prohibit-password", "unchanged"})
_SHORTEST_PASSWORD: Final = 6
_SHORTEST_KEY: Final = 12

_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}(?:\r?\n[ \t]{0,16}[A-Za-z0-9+/]{1,1000}={0,2})*")
_WHOLE: Final = re.compile(r"[A-Za-z0-9+/\s]{8,}={0,2}")
_GZIP: Final = b"\x1f\x8b\x08"


@dataclass(frozen=True, order=True)
class Sighting:
    """That there is a credential, and in which line; of which text, the caller knows."""

    line: int
    kind: str
    encoded: bool = False
    """Whether it is inside an encoded part of the text."""


@dataclass
class Reading:
    """All layers of a text: itself, what it is the base64 of, and what is encoded inside."""

    texts: list[tuple[str, bool]] = field(default_factory=list)
    """Each with whether it was only a part of the layer above."""

    complete: bool = True
    """Whether every compressed part could be unpacked."""


def sightings(reading: Reading) -> list[Sighting]:
    """Return what credentials a text holds, in the order of its lines."""
    found = {
        Sighting(text.count("\n", 0, start) + 1, kind, inner)
        for text, inner in reading.texts
        for start, kind in (*_forms(text), *_assignments(text))
    }
    return sorted(found)


def read(text: str) -> Reading:
    """Return the layers of a text of at most `LONGEST` characters."""
    reading = Reading()
    _open(text, False, 0, reading)
    return reading


def _open(text: str, inner: bool, depth: int, into: Reading) -> None:
    into.texts.append((text, inner))
    if depth == DEPTH:
        return
    whole = _WHOLE.fullmatch(text.strip())
    for match in [whole] if whole else _BASE64.finditer(text):
        data = _decoded(match.group())
        if data.startswith(_GZIP):
            data, intact = _unpacked(data)
            into.complete = into.complete and intact
        _open(data.decode("utf-8", errors="replace"), inner or not whole, depth + 1, into)


def _decoded(text: str) -> bytes:
    plain = re.sub(r"[\s=]", "", text)
    # A last group that lacks characters is of the text around it, or cut off.
    return base64.b64decode(plain[: len(plain) // 4 * 4] + _last(plain))


def _last(plain: str) -> str:
    rest = plain[len(plain) // 4 * 4 :]
    return rest + "=" * (4 - len(rest)) if len(rest) > 1 else ""


def _unpacked(data: bytes) -> tuple[bytes, bool]:
    unpacker = zlib.decompressobj(31)
    try:
        found = unpacker.decompress(data, UNPACKED)
    except zlib.error:
        return b"", False
    return found, unpacker.eof


def _forms(text: str) -> Iterator[tuple[int, str]]:
    for kind, pattern in FORMS:
        for match in pattern.finditer(text):
            yield match.start(), kind


def _assignments(text: str) -> Iterator[tuple[int, str]]:
    for match in _ASSIGNMENT.finditer(text):
        if _is_literal(match):
            yield match.start(), "a password" if match.group("password") else "a key or token"
    for match in _OPTION.finditer(text):
        yield match.start(), "a password"


def _is_literal(match: re.Match[str]) -> bool:
    """Whether the value of an assignment is the secret itself."""
    value, quoted = match.group("value"), match.group("value")[0] in "\"'"
    bare = value.strip("\"'")
    if _REFERENCE.search(bare) or bare.lower() in _WORDS:
        return False
    # `password: see the wiki` is prose; `A=b c` and quoted values are not.
    if not quoted and match.group("gap") != "=" and match.group("rest").strip() not in ("", ",", "}", "#"):
        return False
    if match.group("password"):
        return len(bare) >= _SHORTEST_PASSWORD
    letters, digits = any(char.isalpha() for char in bare), any(char.isdigit() for char in bare)
    return len(bare) >= _SHORTEST_KEY and letters and digits
