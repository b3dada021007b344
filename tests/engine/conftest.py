"""The engine, obtained once; sandboxes in temporary folders. A missing binary is a failure, never a skip."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.engine.acquire import Engine, obtain_all
from tests.engine.cloud import Cloud


@pytest.fixture(scope="session")
def engine() -> Engine:
    return obtain_all(lambda group, text: print(f"{group.key}: {text}"))


@pytest.fixture(scope="module")
def cloud(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A running sandbox for one module."""
    made = Cloud(tmp_path_factory.mktemp("cloud") / "sandbox", engine)
    made.start()
    yield made
    made.stop()
