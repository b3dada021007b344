"""Headless Chromium for tests of the page: sizes, keys, what it complained about. Without it tests fail, never skip."""

from __future__ import annotations

import base64
import contextlib
import functools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.engine import npm

WIDE = 1440
NARROW = 390
HEIGHT = 900
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
AXE = Path(__file__).parent / "axe"


class BrowserError(Exception):
    """There is no browser; says what to install."""


def find() -> tuple[str, str]:
    """Return the browser and its driver. Raises `BrowserError` where either is missing."""
    browser = next((path for name in NAMES if (path := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        missing = " and ".join(name for name, path in (("chromium", browser), ("chromedriver", driver)) if path is None)
        raise BrowserError(
            f"{missing} not found on PATH; install them (Debian: apt-get install chromium chromium-driver)"
        )
    return browser, driver


@contextlib.contextmanager
def started() -> Iterator[Browser]:
    """Start a browser, and end it."""
    binary, driver = find()
    options = Options()
    options.binary_location = binary
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    made = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield Browser(made)
    finally:
        made.quit()


class Browser:
    """One window."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, page: Path, width: int = WIDE, height: int = HEIGHT, dark: bool | None = None) -> None:
        """Load a page anew, in a window of a size and with the theme that the system asks for."""
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {None: "", True: "dark", False: "light"}[dark]
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self._call("Emulation.setEmulatedMedia", media="", features=features)
        self.driver.get(page.as_uri())
        self.run("try { localStorage.clear() } catch {}")
        self.driver.get(page.as_uri())

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script as the body of a function."""
        return self.driver.execute_script(script, *arguments)

    def all(self, selector: str) -> list[WebElement]:
        """Return the elements of a CSS selector."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        """Return the first element of a CSS selector."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def seen(self, selector: str) -> list[str]:
        """Return the texts of those elements that are shown."""
        return [element.text for element in self.all(selector) if element.is_displayed()]

    def colour(self, selector: str, name: str = "background-color") -> str:
        """Return a colour as it is computed."""
        return str(self.one(selector).value_of_css_property(name))

    def complaints(self) -> list[str]:
        """Return what the console has said since it was last asked."""
        entries = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [str(entry["message"]) for entry in entries]

    def printing(self, on: bool = True) -> None:
        """Show the page as it is printed, or on a screen again."""
        self._call("Emulation.setEmulatedMedia", media="print" if on else "")

    def pdf(self) -> bytes:
        """Print the page."""
        return base64.b64decode(self._call("Page.printToPDF", printBackground=True)["data"])

    def picture(self, file: Path) -> None:
        """Write what is shown as PNG."""
        file.write_bytes(base64.b64decode(self._call("Page.captureScreenshot")["data"]))

    def barriers(self) -> list[str]:
        """Return what axe-core calls a serious or critical violation, in short."""
        self._call("Runtime.evaluate", expression=_axe())
        told = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {resultTypes: ['violations']}).then("
            "  (found) => done(JSON.stringify(found.violations)), (error) => done(JSON.stringify([String(error)])));"
        )
        violations = json.loads(told)
        assert all(isinstance(one, dict) for one in violations), violations
        return [
            f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}"
            for one in violations
            if one["impact"] in ("serious", "critical")
        ]

    def _call(self, command: str, **arguments: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.driver.execute_cdp_cmd(command, arguments)
        return found


@functools.cache
def _axe() -> str:
    return (npm.installed(AXE) / "node_modules" / "axe-core" / "axe.min.js").read_text()
