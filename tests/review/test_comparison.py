"""What became of the verdicts of a preview once the values are known."""

from __future__ import annotations

import pytest

from review.comparison import compare
from tests.review import kit

OPEN = kit.policy(level="advisory", undetermined=True)
FAILS = kit.policy()
EXEMPT = kit.policy(level="advisory", exempted=kit.exempted())
HERE = {kit.urn(), kit.STACK_URN}


@pytest.mark.parametrize(
    ("before", "now", "deployed", "off", "expected"),
    [
        ([OPEN], [], HERE, set(), [("undetermined", "pass")]),
        ([OPEN], [FAILS], HERE, set(), [("undetermined", "fail")]),
        ([OPEN], [OPEN], HERE, set(), []),
        ([OPEN], [], set(), set(), [("undetermined", "gone")]),
        ([OPEN], [], HERE, {"SEC-S3-001"}, [("undetermined", "off")]),
        ([FAILS], [EXEMPT], HERE, set(), [("fail", "exempted")]),
        ([], [FAILS], HERE, set(), [("none", "fail")]),
        ([FAILS], [FAILS], HERE, set(), []),
        ([kit.fault("a")], [kit.fault("b")], HERE, set(), []),
        ([kit.policy(resource=kit.STACK_URN)], [], set(), set(), [("fail", "pass")]),
    ],
)
def test_compare(
    before: list[kit.Event],
    now: list[kit.Event],
    deployed: set[str],
    off: set[str],
    expected: list[tuple[str, str]],
) -> None:
    found = compare(kit.report(*before), kit.report(*now), deployed, off, "preview")
    assert [(one.before, one.now) for one in found.changed] == expected


def test_compare_counts_what_stayed_and_names_the_level_now() -> None:
    before = kit.report(OPEN, kit.policy("SEC-KMS-001"))
    now = kit.report(kit.policy(level="mandatory"), kit.policy("SEC-KMS-001"))
    found = compare(before, now, HERE, (), "preview")
    assert found.same == 1
    assert [(one.rule, one.level.value) for one in found.changed] == [("SEC-S3-001", "mandatory")]
