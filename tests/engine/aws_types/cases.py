"""All cases."""

from __future__ import annotations

from tests.engine.aws_types import cases_data, cases_network, cases_operations, cases_storage, cases_streaming
from tests.engine.aws_types.case import Case

CASES: tuple[Case, ...] = (
    *cases_data.CASES,
    *cases_network.CASES,
    *cases_operations.CASES,
    *cases_storage.CASES,
    *cases_streaming.CASES,
)
