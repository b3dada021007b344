"""Kubernetes quantities, such as `500m`, `8` and `100Gi`, as decimals."""

import re
from decimal import Decimal
from typing import Any, Final

from finops.values import LARGEST, Malformed, Path

GIB: Final = Decimal(2**30)

# kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity, read 2026-11-23
_SUFFIXES: Final = {
    "": Decimal(1),
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "P": Decimal(10**15),
    "E": Decimal(10**18),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
}
_QUANTITY = re.compile(r"\+?(?P<number>[0-9]{1,24}(\.[0-9]{1,12})?|\.[0-9]{1,12})(?P<suffix>[numkMGTPE]|[KMGTPE]i)?")


def quantity(value: Any, path: Path) -> Decimal:
    """Return an amount in the base unit: cores, bytes, devices. Raises `Malformed` for what is none.

    Exponents (`1e3`) are not read: nobody writes them, and one typing error in them is an absurd figure.
    """
    found = _QUANTITY.fullmatch(str(value)) if isinstance(value, str | int | float) else None
    if found is None or isinstance(value, bool):
        raise Malformed(path, "a Kubernetes quantity")
    amount = Decimal(found["number"]) * _SUFFIXES[found["suffix"] or ""]
    if amount > LARGEST * GIB:
        raise Malformed(path, "a believable Kubernetes quantity")
    return amount


def gib(value: Any, path: Path) -> Decimal:
    """Return bytes as GiB, rounded up: volumes come in whole ones."""
    return (quantity(value, path) / GIB).to_integral_value(rounding="ROUND_CEILING")
