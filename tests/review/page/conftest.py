"""The page as a file and a browser to open it in, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from review.page import html
from review.page.model import Review
from tests.review.page import kit
from tests.review.page.browser import Browser, started


@pytest.fixture(scope="session")
def recorded() -> Review:
    return kit.review()


@pytest.fixture(scope="session")
def page(recorded: Review, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "review.html"
    file.write_text(html.render(recorded, kit.DOCS), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "hostile.html"
    file.write_text(html.render(kit.hostile_review(), kit.DOCS), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with started() as made:
        yield made
