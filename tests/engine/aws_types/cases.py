"""All cases."""

from __future__ import annotations

from tests.engine.aws_types import cases_network
from tests.engine.aws_types.case import Case

CASES: tuple[Case, ...] = (*cases_network.CASES,)
