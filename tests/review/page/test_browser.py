"""The page in a real browser: sorting, filters, components, themes, sizes, barriers, and texts that attack it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from review.page.model import Review
from tests.review.page import browser as chromium
from tests.review.page.browser import NARROW, WIDE, Browser, BrowserError

pytestmark = pytest.mark.xdist_group("chromium")

SIZES = (WIDE, NARROW)


def amounts(browser: Browser, column: int) -> list[float]:
    cells = browser.all(f"table.costs tbody td:nth-child({column})")
    return [float(cell.get_attribute("data-value") or "nan") for cell in cells]


def names(browser: Browser) -> list[str]:
    return [cell.text for cell in browser.all("table.costs tbody th")]


def test_heading_sorts_its_column_and_says_so(browser: Browser, page: Path) -> None:
    browser.open(page)
    heading = browser.all("table.costs thead th")[5]
    heading.find_element(By.TAG_NAME, "button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert amounts(browser, 6) == sorted(amounts(browser, 6), reverse=True)
    heading.find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
    assert heading.get_attribute("aria-sort") == "ascending"
    assert amounts(browser, 6) == sorted(amounts(browser, 6))
    first = browser.all("table.costs thead th")[0]
    first.find_element(By.TAG_NAME, "button").click()
    assert names(browser) == sorted(names(browser))
    assert [one.get_attribute("aria-sort") for one in browser.all("table.costs thead th")][1:] == [None] * 5


def test_filters_leave_what_fits_and_tell_how_many(browser: Browser, page: Path, recorded: Review) -> None:
    browser.open(page)
    listed = [one for one in recorded.findings if one.exemption is None]
    assert browser.one("#shown").text == f"All {len(listed)} findings shown"
    Select(browser.one("select[name=severity]")).select_by_value("critical")
    critical = [one for one in listed if one.severity and one.severity.value == "critical"]
    assert browser.one("#shown").text == f"{len(critical)} of {len(listed)} findings shown"
    assert set(browser.seen("article.rule .severity")) == {"Critical"}
    Select(browser.one("select[name=severity]")).select_by_value("")
    Select(browser.one("select[name=component]")).select_by_value("network")
    network = [one for one in listed if one.component == "network"]
    assert browser.one("#shown").text == f"{len(network)} of {len(listed)} findings shown"
    browser.one("input[name=text]").send_keys("FLOW logs")
    assert set(browser.seen(".where > li .name")) == {
        "Vpc network-vpc",
        "RolePolicy network-flow-logs",
        "LogGroup network-flow-logs",
    }
    browser.one("button[type=reset]").click()
    assert browser.one("#shown").text == f"All {len(listed)} findings shown"


def test_filter_finds_resources_that_are_folded_away(browser: Browser, page: Path) -> None:
    browser.open(page)
    folded = browser.one("details.more li .name").get_attribute("textContent") or ""
    assert folded not in browser.seen(".where > li .name")
    browser.one("input[name=text]").send_keys(folded.split()[-1])
    assert folded in browser.seen(".where > li .name")


def test_filter_without_a_match_hides_every_heading(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.one("input[name=text]").send_keys("no finding says this")
    assert browser.one("#shown").text.startswith("0 of ")
    assert browser.seen(".kind h3") == []


def test_component_opens_by_mouse_and_closes_by_its_button(browser: Browser, page: Path) -> None:
    browser.open(page)
    node = next(one for one in browser.all("a.node") if one.find_element(By.TAG_NAME, "text").text == "network")
    browser.run("arguments[0].scrollIntoView({block: 'center'})", node)
    node.find_element(By.TAG_NAME, "text").click()
    panel = browser.one("#panel")
    assert panel.is_displayed()
    assert browser.one("#panel-title").text == "network"
    assert "$109.50 expected" in panel.text
    assert "network-nat-b" in panel.text
    assert "VPCs write flow logs" in panel.text
    browser.one("#panel-close").click()
    assert not panel.is_displayed()


def test_component_opens_and_closes_by_keyboard_and_gives_the_focus_back(browser: Browser, page: Path) -> None:
    browser.open(page)
    node = browser.all("a.node")[0]
    browser.run("arguments[0].focus()", node)
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.one("#panel").is_displayed()
    inside = "return document.getElementById('panel').contains(document.activeElement)"
    for _ in range(6):
        assert browser.run(inside) or browser.run("return document.activeElement === document.body")
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
    browser.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not browser.one("#panel").is_displayed()
    assert browser.run("return document.activeElement === arguments[0]", node)


def test_skip_link_is_first_and_shows_itself(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.one("body").send_keys(Keys.TAB)
    link = browser.driver.switch_to.active_element
    assert link.text == "Skip to the review"
    assert link.rect["y"] >= 0
    link.send_keys(Keys.ENTER)
    assert browser.run("return document.activeElement.id") == "main"


def test_theme_follows_the_system_until_the_reader_chooses(browser: Browser, page: Path) -> None:
    browser.open(page, dark=False)
    light = browser.colour("body")
    browser.open(page, dark=True)
    dark = browser.colour("body")
    assert light != dark
    browser.run("document.querySelector('input[value=light]').click()")
    assert browser.colour("body") == light
    browser.driver.get(page.as_uri())
    assert browser.colour("body") == light
    assert browser.run("return document.querySelector('input[name=theme]:checked').value") == "light"
    browser.run("document.querySelector('input[value=system]').click()")
    assert browser.colour("body") == dark


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_page_fits_its_window_and_has_no_barriers(browser: Browser, page: Path, width: int, dark: bool) -> None:
    browser.open(page, width, dark=dark)
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    assert browser.run("return document.documentElement.scrollWidth") == width
    assert browser.barriers() == []
    browser.run("document.querySelector('a.node').dispatchEvent(new MouseEvent('click', {cancelable: true}))")
    assert browser.one("#panel").is_displayed()
    assert browser.barriers() == []
    assert browser.complaints() == []


def test_print_shows_what_is_folded_and_no_controls(browser: Browser, page: Path) -> None:
    browser.open(page, dark=True)
    visible = "return document.querySelector('details.component .component-body').checkVisibility()"
    assert not browser.run(visible)
    browser.printing()
    assert browser.run(visible)
    assert browser.seen("nav a, .filters select, .theme label") == []
    assert browser.colour("body") == "rgba(255, 255, 255, 1)"
    browser.printing(on=False)
    assert browser.pdf().startswith(b"%PDF")
    assert not browser.run(visible)


def test_page_is_read_without_script(browser: Browser, page: Path, tmp_path: Path) -> None:
    """Everything but the controls is in the markup; a policy without our script's hash is the same as no script."""
    bare = tmp_path / "bare.html"
    bare.write_text(re.sub(r"(script-src &#39;sha256-)[^&]+", r"\1none", page.read_text(), count=1))
    browser.open(bare)
    assert browser.seen(".needs-script") == []
    assert browser.one("#findings").is_displayed()
    browser.one("a.node .title").click()
    assert browser.run("return location.hash").startswith("#component-")
    assert any("Content Security Policy" in one for one in browser.complaints())


@pytest.mark.parametrize("width", SIZES)
def test_hostile_texts_run_nothing_load_nothing_and_break_nothing(
    browser: Browser, hostile_page: Path, width: int
) -> None:
    browser.open(hostile_page, width)
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    browser.run("document.querySelector('a.node').dispatchEvent(new MouseEvent('click', {cancelable: true}))")
    assert browser.one("#panel").is_displayed()
    assert browser.complaints() == []
    assert browser.run("return document.querySelectorAll('img, iframe, object, embed, link, base').length") == 0
    assert browser.run("return [document.scripts.length, document.querySelectorAll('style').length]") == [1, 1]
    assert browser.run("return performance.getEntriesByType('resource').length") == 0
    assert browser.run("return document.documentElement.scrollWidth") == width
    handlers = (
        "return Array.from(document.querySelectorAll('*')).flatMap((one) => one.getAttributeNames())"
        ".filter((name) => name.startsWith('on'))"
    )
    assert browser.run(handlers) == []
    assert browser.barriers() == []


@pytest.mark.parametrize(
    "attack",
    [
        "const s = document.createElement('script'); s.textContent = 'window.hit = 1'; document.body.append(s)",
        "document.body.insertAdjacentHTML('beforeend', '<p onclick=\"window.hit = 1\">x</p>');"
        "document.body.lastElementChild.click()",
        "document.body.insertAdjacentHTML('beforeend', '<a href=\"javascript:window.hit = 1\">x</a>');"
        "document.body.lastElementChild.click()",
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.hit = 1\">')",
        "document.body.insertAdjacentHTML('beforeend', '<iframe src=\"data:text/html,x\"></iframe>')",
        "fetch('https://example.com/').catch(() => {})",
    ],
)
def test_policy_stops_markup_that_got_in_all_the_same(browser: Browser, page: Path, attack: str) -> None:
    browser.open(page)
    assert browser.complaints() == []
    browser.run(attack)
    browser.driver.execute_async_script("setTimeout(arguments[0], 150)")
    assert browser.run("return window.hit ?? null") is None
    assert any("Content Security Policy" in one for one in browser.complaints())


def test_browser_that_is_missing_is_an_error_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrowserError, match=r"chromium and chromedriver not found on PATH; install them \(Debian"):
        chromium.find()
