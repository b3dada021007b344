"""One local AWS for all cases; a provider for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.layout import Layout
from tests.engine.aws_types.case import World, local_aws, provider_on


@pytest.fixture(scope="session")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    with local_aws(tmp_path_factory.mktemp("local-aws")) as made:
        yield made


@pytest.fixture(scope="session")
def shared_world(layout: Layout) -> Iterator[World]:
    made = World(provider_on(layout), layout)
    # Made here, so that none of it looks like something that the first case left.
    made.subnets(), made.group(), made.role(), made.key()
    yield made
    made.close()


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    # Shared, because a client of boto3 costs more than the calls of a case.
    yield shared_world
    shared_world.abandon()
