"""What all tests share: the long ones first, so that two workers end together."""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests of the engine first; within each kind the random order stays."""
    items.sort(key=lambda item: item.get_closest_marker("engine") is None)
