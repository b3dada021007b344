"""`mlops review` on a real preview, and its page in a real browser."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from sarif_kit.validate import validation_errors

from review.page import document
from sandbox.layout import REPOSITORY
from tests.engine.cloud import Cloud
from tests.review.page.browser import NARROW, WIDE, started

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("review")]


@pytest.fixture(scope="module")
def reviewed(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, str]:
    """Folder, exit code and progress of the command on a stack that is not deployed."""
    out = tmp_path_factory.mktemp("reviewed")
    environment = {**os.environ, "MLOPS_SANDBOX_DIR": str(cloud.layout.root)}
    command = [sys.executable, "-m", "cli.main", "review", "dev", "--output", str(out)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    return out, done.returncode, done.stderr


def test_review_of_a_shipped_stack_passes_and_writes_all_its_files(reviewed: tuple[Path, int, str]) -> None:
    out, code, said = reviewed
    assert code == 0, said
    assert "previewing dev by the profile development" in said
    whole = json.loads((out / "review.json").read_text())
    jsonschema.validate(whole, document.schema())
    assert (whole["outcome"], whole["source"], whole["problems"]) == ("fine", "sandbox", [])
    assert whole["operations"].keys() == {"create"}
    assert whole["operations"]["create"] == sum(len(one["resources"]) for one in whole["components"]) + 2
    assert whole["cost"]["total"]["before"] is None
    assert float(whole["cost"]["total"]["after"]["expected"]) > 100
    assert {one["kind"] for one in whole["versions"]} >= {"Kubernetes", "chart", "database", "SDK", "policy pack"}
    assert (out / "review.md").read_text().startswith("<!-- mlops-review:dev -->\n")
    assert validation_errors(json.loads((out / "findings.sarif").read_text())) == []
    assert (out / "cost.csv").read_text().count("\n") > 20


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_page_of_a_real_review_opens_whole(reviewed: tuple[Path, int, str], width: int) -> None:
    page = reviewed[0] / "review.html"
    with started() as browser:
        browser.open(page, width)
        assert browser.one("h1").text == "dev"
        assert browser.one("#outcome").text == "Nothing stops this update"
        assert len(browser.all("a.node")) > 10
        browser.one("a.node .title").click()
        assert browser.one("#panel").is_displayed()
        assert browser.run("return document.documentElement.scrollWidth") == width
        assert browser.barriers() == []
        assert browser.complaints() == []
