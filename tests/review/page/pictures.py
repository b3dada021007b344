"""Writes the pictures of the documentation from the recorded run.

python -m tests.review.page.pictures
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from review.page import html
from sandbox.layout import REPOSITORY
from tests.review.page import kit
from tests.review.page.browser import NARROW, WIDE, Browser, started

FOLDER = REPOSITORY / "docs" / "images"


def write(browser: Browser, page: Path, folder: Path) -> list[Path]:
    """Write all pictures into a folder and return them."""
    files = {name: folder / f"review-{name}.png" for name in ("light", "dark", "component", "narrow")}
    browser.open(page, WIDE, 1000, dark=False)
    browser.picture(files["light"])
    browser.open(page, WIDE, 1000, dark=True)
    browser.run("document.getElementById('cost').scrollIntoView()")
    browser.picture(files["dark"])
    browser.open(page, WIDE, 1000, dark=False)
    browser.run("document.getElementById('components').scrollIntoView()")
    browser.run(
        "[...document.querySelectorAll('a.node')].find((one) => one.textContent.includes('network'))"
        ".dispatchEvent(new MouseEvent('click', {cancelable: true}))"
    )
    browser.picture(files["component"])
    browser.open(page, NARROW, 844, dark=False)
    browser.picture(files["narrow"])
    return list(files.values())


def main() -> None:
    """Write them all."""
    with tempfile.TemporaryDirectory() as folder, started() as browser:
        page = Path(folder) / "review.html"
        page.write_text(html.render(kit.review(), kit.DOCS), encoding="utf-8")
        for file in write(browser, page, FOLDER):
            print(file.relative_to(REPOSITORY))


if __name__ == "__main__":
    main()
