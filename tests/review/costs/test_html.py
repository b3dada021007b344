"""The page: self-contained, readable by screen readers, and of one form whatever programs write into it."""

from __future__ import annotations

from decimal import Decimal
from html.parser import HTMLParser

from hypothesis import example, given, settings
from hypothesis import strategies as st

from review.costs import html
from tests.review import kit as review_kit
from tests.review.costs import kit
from tests.unit import finops_kit

Tag = tuple[str, tuple[tuple[str, str | None], ...]]


class Reader(HTMLParser):
    """Collects tags with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[Tag] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [dict(attributes) for name, attributes in self.tags if name == tag]


def form(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """Tags with the names of their attributes: everything but text."""
    return [(tag, tuple(name for name, _ in attributes)) for tag, attributes in Reader(page).tags]


def test_page_needs_no_network_and_runs_no_script() -> None:
    page = html.render(kit.costs(), True)
    read = Reader(page)
    assert {"script", "link", "img", "iframe", "a", "form", "base", "object"}.isdisjoint({tag for tag, _ in read.tags})
    assert not any(name in ("src", "href") or name.startswith("on") for _, found in read.tags for name, _ in found)
    (policy,) = [m for m in read.named("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert str(policy["content"]).startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "url(" not in page
    assert "@import" not in page


def test_page_has_tables_that_can_be_read_aloud_and_both_themes() -> None:
    read = Reader(html.render(kit.costs(), True))
    assert all(th.get("scope") in ("col", "row") for th in read.named("th"))
    regions = [d for d in read.named("div") if d.get("role") == "region"]
    assert len(regions) == len(read.named("table"))
    assert all(d.get("aria-label") and d.get("tabindex") == "0" for d in regions)
    (page,) = read.named("html")
    assert page["lang"] == "en"
    style = "".join(read.text)
    for wanted in ("prefers-color-scheme: dark", "@media print", "focus-visible"):
        assert wanted in style


def test_page_tells_totals_changes_what_is_open_and_what_it_rests_on() -> None:
    text = " ".join(" ".join(Reader(html.render(kit.costs(budget=Decimal(1000)))).text).split())
    for wanted in (
        "$447.49 a month at least",
        "Expected at least $447.49 a month; $0.6130 an hour",
        "Budget: $1,000.00 a month: expected is 45 % of it; the ceiling passes it",
        "no figure for rds.instance/postgres-single-db.t4g.medium in us-east-1",
        "Difference +$16.59 +$16.59 -$5,868.71",
        "pool pool-serving-pool: 0 of its limit runs on average (default)",
        "prices of 2026-11-23, to be reviewed by 2027-05-22",
        "list prices at a day of 2026, 2026-11-23",
    ):
        assert wanted in text, wanted


def test_page_says_unbounded_where_nothing_limits_a_pool() -> None:
    shown = kit.of_resources(finops_kit.pool(finops_kit.types("g6.xlarge")), finops_kit.node_class())
    text = " ".join(" ".join(Reader(html.render(shown)).text).split())
    assert "Ceiling unbounded a month; unbounded" in text


def test_details_are_folded_unless_asked_for() -> None:
    assert [d for d in Reader(html.render(kit.costs())).named("details") if "open" in d] == []
    unfolded = Reader(html.render(kit.costs(), True)).named("details")
    assert len([d for d in unfolded if "open" in d]) == len(unfolded) == len(kit.costs().groups)


@settings(max_examples=40)
@given(st.text(max_size=30) | st.text("<>&\"'`=/ {}%#-!a\n", max_size=30))
@example("</title></style><script>alert(1)</script>")
@example('" onmouseover="alert(1)')
@example("' autofocus onfocus='alert(1)")
@example("{{ 7 * 7 }}{% for x in y %}")
@example(review_kit.HOSTILE)
def test_page_of_a_hostile_program_has_the_form_of_a_harmless_one(value: str) -> None:
    page = html.render(kit.hostile(f"a{value}"), True)
    assert form(page) == form(html.render(kit.hostile("a harmless"), True))
    page.encode()
    assert not any(ord(one) < 32 and one != "\n" for one in page)


def test_text_of_programs_is_on_the_page_as_it_is() -> None:
    text = "".join(Reader(html.render(kit.hostile("<b>&amp;{{ 1 }}"), True)).text)
    assert "<b>&amp;{{ 1 }}" in text
