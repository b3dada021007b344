"""Quantities and durations as Kubernetes writes them: `500m`, `1.5Gi`, `1h30m`."""

import re
from decimal import Decimal
from typing import Any, Final

from policies._engine.values import Path, View, joined, parts
from policies._engine.wire import MalformedValue

GIB: Final = Decimal(2**30)

_SUFFIXES: Final = {
    "": Decimal(1),
    **{name: Decimal(10) ** power for name, power in (("n", -9), ("u", -6), ("m", -3), ("k", 3), ("M", 6))},
    **{name: Decimal(10) ** power for name, power in (("G", 9), ("T", 12), ("P", 15), ("E", 18))},
    **{f"{name}i": Decimal(2) ** (10 * power) for power, name in enumerate("KMGTPE", 1)},
}

# Two digits of exponent are more than anything that exists; three would make numbers that fill the memory.
_QUANTITY: Final = re.compile(r"([+-]?(?:\d{1,30}\.?\d{0,30}|\.\d{1,30}))(?:[eE]([+-]?\d{1,2})|([A-Za-z]{0,2}))")
_DURATION: Final = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?(?:h|ms|m|s))+")
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
_SECONDS: Final = {"h": Decimal(3600), "m": Decimal(60), "s": Decimal(1), "ms": Decimal("0.001")}


def quantity(holder: View, path: Path) -> Decimal | None:
    """Return the quantity at `path`, None where it is missing. Raises `Undetermined`, also for what is none."""
    found = holder.at(path)
    if found is None:
        return None
    value = _number(found)
    if value is None:
        raise MalformedValue(joined(holder.path, *parts(path)), "a quantity", found)
    return value


def _number(found: Any) -> Decimal | None:
    if isinstance(found, bool) or not isinstance(found, (int, float, str)):
        return None
    match = _QUANTITY.fullmatch(found.strip() if isinstance(found, str) else repr(found))
    if match is None:
        return None
    exponent, suffix = match.group(2), match.group(3) or ""
    if suffix not in _SUFFIXES:
        return None
    return Decimal(match.group(1)) * (Decimal(10) ** int(exponent) if exponent else _SUFFIXES[suffix])


def seconds(holder: View, path: Path) -> Decimal | None:
    """Return the duration at `path` in seconds, None where it is missing.

    Raises `Undetermined`, also for a text that is no duration.
    """
    found = holder.at(path)
    if found is None:
        return None
    text = found.strip() if isinstance(found, str) else ""
    # A lone zero is the one duration that may go without a unit.
    if text != "0" and not _DURATION.fullmatch(text):
        raise MalformedValue(joined(holder.path, *parts(path)), "a duration", found)
    return sum((Decimal(number) * _SECONDS[unit] for number, unit in _PART.findall(text)), Decimal(0))
