"""Programs of other authors, previewed again by the real engine: they cost what their recordings say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from finops import to_json
from sandbox.engine.acquire import obtain_all
from tests.engine.cloud import Cloud
from tests.foreign import expected
from tests.foreign.record import ALL, Program, preview

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("foreign")]

AGAIN = ("eks_shop", "taken_over", "render_farm")
"""Both clouds' providers; a stack that was deployed before; another language."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One sandbox for all of them; a missing binary is a failure, never a skip."""
    made = Cloud(tmp_path_factory.mktemp("foreign") / "sandbox", obtain_all(lambda group, text: print(text)))
    made.start()
    yield made
    made.stop()


@pytest.mark.parametrize("program", [one for one in ALL if one.name in AGAIN], ids=lambda program: program.name)
def test_preview_of_today_costs_what_was_recorded(sandbox: Cloud, tmp_path: Path, program: Program) -> None:
    found = preview(sandbox, program, tmp_path)
    recorded = expected.recorded(program)
    assert found["changeSummary"] == recorded["changeSummary"]
    for estimate in (expected.after, expected.before):
        assert _shown(estimate(found)) == _shown(estimate(recorded))


def _shown(found: Any) -> dict[str, Any]:
    """Return all of an estimate; the order in which the engine came to its resources tells nothing."""
    shown = to_json(found)
    shown["resources"].sort(key=lambda one: one["urn"])
    return shown
