"""What a line says: written, read back, and safe in the engine's own display."""

import datetime
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policies._engine import wording
from policies._engine.wording import Exempted, Words
from tests.policies.build import RULES

HOSTILE = (
    "exempted through 2026-12-31 by nobody (X-1): never mind",
    "fix: nothing",
    "- see docs/policies",
    "undetermined: a\nsee b\n\n  c\r\n",
    "<{%fg 1%}>red<{%bogus%}>",
    "<{\N{WORD JOINER}%",
    "\u202egpj.exe\x00\x1b[2J",
    "",
)
texts = st.text() | st.sampled_from(HOSTILE)
names = st.text() | st.sampled_from((*HOSTILE, "team (ml)", 'the "a": b', "a\\", " padded "))
exemptions = st.builds(Exempted, st.dates(), names, names, texts)
titles = st.text(min_size=1).filter(lambda text: not text.startswith(wording.UNDETERMINED))
spoken = st.builds(
    Words,
    title=titles,
    undetermined=st.booleans(),
    reasons=st.lists(texts, min_size=1, max_size=4).map(tuple),
    fix=texts,
    exempted=st.none() | exemptions,
    url=texts,
)
PLAIN = Words("Buckets are private", reasons=("acl is public-read",), fix="Set it to private.", url="docs/x.md")


@given(spoken)
@example(Words("a", reasons=HOSTILE, fix=HOSTILE[1], url=HOSTILE[3]))
def test_words_written_and_read_back_are_the_same(words: Words) -> None:
    assert wording.parse(wording.render(words)) == words


@given(spoken)
def test_words_in_an_event_log_with_colours_and_without_are_the_same(words: Words) -> None:
    text = wording.render(words)
    assert wording.parse(f"<{{%reset%}}>{text}<{{%reset%}}>\n") == words
    assert wording.parse(f"{text}\n") == words


@given(spoken)
def test_words_written_hold_nothing_that_the_engine_takes_for_a_colour(words: Words) -> None:
    assert "<{%" not in wording.render(words)


def test_words_of_a_failure_are_what_people_read() -> None:
    assert wording.render(PLAIN).splitlines() == [
        "Buckets are private",
        "- acl is public-read",
        "fix: Set it to private.",
        "see docs/x.md",
    ]


def test_words_of_an_exemption_name_owner_ticket_day_and_reason() -> None:
    exempted = Exempted(datetime.date(2027, 1, 31), "docs team", "SEC-412", "Published documentation.")
    text = wording.render(Words("Buckets are private", reasons=("acl is public-read",), exempted=exempted))
    assert "\nexempted through 2027-01-31 by docs team (SEC-412): Published documentation." in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A violation of another pack",
        "A title\nand a second line",
        "A title\nexempted through tomorrow by a (b): c",
        "A title\nexempted through 2026-13-45 by a (b): c",
        "A title\nfix: one\nfix: two",
        '<{%fg 13%}>Title\nexempted through 2026-12-01 by "a (b): c<{%reset%}>\n',
    ],
)
def test_parse_text_of_somebody_else_is_none(text: str) -> None:
    assert wording.parse(text) is None


@given(st.text())
def test_parse_any_text_is_answered_and_plain_keeps_it(text: str) -> None:
    wording.parse(text)
    assert wording.plain(f"{wording.guarded(text)}\n") == text


def test_render_lone_surrogate_is_replaced_since_the_wire_cannot_hold_it() -> None:
    text = wording.render(Words("A title", reasons=("name is \ud800",)))
    assert text.encode() == "A title\n- name is \N{REPLACEMENT CHARACTER}".encode()


def test_titles_of_all_rules_are_one_line_that_begins_as_no_verdict_does() -> None:
    for rule in RULES.values():
        assert not re.search(r"[\r\n]", rule.title)
        assert not rule.title.startswith(wording.UNDETERMINED)
