"""What all tests share: the long ones first, so that two workers end together, and no deadlines for examples."""

from __future__ import annotations

import pytest
from hypothesis import settings

# A loaded machine is no fault of the code. Where CI is set, Hypothesis's own profile for it stays.
settings.register_profile("local", deadline=None)
if settings.get_current_profile_name() != "ci":
    settings.load_profile("local")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests of the engine first; within each kind the random order stays."""
    items.sort(key=lambda item: item.get_closest_marker("engine") is None)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to run where groups are not kept together: each worker would build what a module shares once more."""
    if getattr(session.config.option, "loadgroup", False):
        for item in session.items:
            if item.get_closest_marker("xdist_group") and "@" not in item.nodeid:
                raise pytest.UsageError("pytest-xdist does not group tests with this pytest; see pyproject.toml")
