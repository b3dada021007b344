"""Text that programs and their authors control, made fit to be shown: nothing hidden, nothing endless."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable


def visible(text: str) -> str:
    r"""Return the text with every character that is not to be seen spelt out, such as `\u202e`.

    That goes for control characters but line breaks and tabs, for those that turn the direction of writing or have no
    width, and for what XML and UTF-8 cannot hold. What is left is valid in both.
    """
    if text.isascii() and text.isprintable():
        return text
    plain = text.replace("\r\n", "\n")
    return "".join(_spelt(one) if _is_hidden(one) else one for one in plain)


def one_line(text: str) -> str:
    """Return the visible text on a single line."""
    return " ".join(visible(text).split())


def shown(text: str, most: int) -> str:
    """Return at most `most` characters of the visible text, and behind them how many were left out."""
    return _cut(text, most, visible)


def shown_on_a_line(text: str, most: int) -> str:
    """Return at most `most` characters of the visible text on a single line, and how many were left out."""
    return _cut(text, most, one_line)


def _cut(text: str, most: int, make: Callable[[str], str]) -> str:
    # What is cut off is not looked at: messages may be as long as their authors like.
    head = make(text[:most])
    left = max(len(text) - most, 0) + max(len(head) - most, 0)
    return f"{head[:most].rstrip()} … ({counted(left, 'character')} more)" if left else head


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it has to be."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _is_hidden(one: str) -> bool:
    if one in "\n\t":
        return False
    if ord(one) & 0xFFFF >= 0xFFFE:  # the last two of each plane are no characters
        return True
    return unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _spelt(one: str) -> str:
    number = ord(one)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
