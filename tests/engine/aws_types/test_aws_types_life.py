"""Every resource type of the local AWS is created, looked at, changed, tampered with and deleted."""

from __future__ import annotations

import pytest

from tests.engine.aws_types.case import Case, World, lead
from tests.engine.aws_types.cases import CASES


@pytest.mark.parametrize("case", CASES, ids=[c.token.rsplit(":", 1)[-1] for c in CASES])
def test_aws_type_through_its_life_keeps_its_promises(case: Case, world: World) -> None:
    lead(world, case)
