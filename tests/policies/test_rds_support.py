"""The dates of RDS support: dated, ordered, and the same as those of the database component."""

from datetime import date, timedelta

import pytest

from components.database import engine
from policies.cost.databases import support


def test_rds_support_today_is_not_past_its_review() -> None:
    assert date.today() <= support().review_by, (
        f"rds_support.yaml was to be reviewed by {support().review_by}: read its sources again, then move both dates"
    )


def test_rds_support_is_to_be_reviewed_within_six_months() -> None:
    assert timedelta(0) < support().review_by - support().as_of <= timedelta(days=184)


@pytest.mark.parametrize("name", support().engines)
def test_rds_support_of_an_engine_ends_later_for_later_versions(name: str) -> None:
    versions = support().engines[name]
    ends = [versions[version] for version in sorted(versions, key=float)]
    assert ends == sorted(ends)
    assert ends[-1] > support().as_of


def test_rds_support_of_postgres_is_that_of_the_component() -> None:
    known = support().engines["postgres"]
    assert {name: known[name] for name in engine.VERSIONS} == {
        name: version.standard_support_ends for name, version in engine.VERSIONS.items()
    }
