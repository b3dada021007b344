"""EKS versions: the days on which support begins and ends, and refusals."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._core import facts

TODAY = date(2026, 11, 23)


# Amazon EKS user guide, release calendar; 1.35 and 1.36 as read by others in 2026.
@pytest.mark.parametrize(
    ("version", "standard_ends", "extended_ends"),
    [
        ("1.33", date(2026, 7, 29), date(2027, 7, 29)),
        ("1.34", date(2026, 12, 2), date(2027, 12, 2)),
        ("1.35", date(2027, 3, 27), date(2028, 3, 27)),
        ("1.36", date(2027, 8, 2), date(2028, 8, 2)),
    ],
)
def test_eks_version_has_the_published_ends(version: str, standard_ends: date, extended_ends: date) -> None:
    known = facts.eks_version(version)
    assert (known.standard_support_ends, known.extended_support_ends) == (standard_ends, extended_ends)
    assert "standard_support_ends" not in known.computed


def test_eks_version_with_computed_ends_says_so() -> None:
    assert facts.eks_version("1.37").computed == ("standard_support_ends", "extended_support_ends")


def test_supported_versions_on_a_day_leave_out_extended_support() -> None:
    assert [v.version for v in facts.supported_versions(TODAY)] == ["1.34", "1.35", "1.36", "1.37"]
    assert [v.version for v in facts.supported_versions(date(2026, 12, 2))] == ["1.35", "1.36", "1.37"]
    assert facts.supported_versions(date(2026, 12, 1))[0].version == "1.34"


def test_eks_version_on_the_day_of_its_end_is_in_extended_support() -> None:
    known = facts.eks_version("1.34")
    day = known.standard_support_ends
    assert known.in_standard_support(day - timedelta(days=1))
    assert not known.in_standard_support(day)
    assert known.in_extended_support(day)
    assert not known.in_extended_support(known.extended_support_ends)


def test_standard_support_days_count_down_to_zero() -> None:
    known = facts.eks_version("1.34")
    assert known.standard_support_days(TODAY) == 9
    assert known.standard_support_days(known.standard_support_ends) == 0
    assert known.standard_support_days(date(2030, 1, 1)) == 0
    assert known.standard_support_days(known.released - timedelta(days=1)) == 0


@pytest.mark.parametrize("wrong", ["1.34.2", "v1.34", "1.29", "2.0", ""])
def test_eks_version_unknown_is_refused_with_the_known_ones(wrong: str) -> None:
    with pytest.raises(facts.UnknownEksVersionError) as refused:
        facts.eks_version(wrong)
    assert f"kubernetes version '{wrong}' is not in the facts" in str(refused.value)
    assert "1.34, 1.35, 1.36" in str(refused.value)


@given(st.text())
def test_eks_version_any_text_is_known_or_refused_by_its_error(version: str) -> None:
    if version in {v.version for v in facts.all_eks_versions()}:
        assert facts.eks_version(version).version == version
    else:
        with pytest.raises(facts.UnknownEksVersionError):
            facts.eks_version(version)


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_eks_version_on_any_day_is_in_one_kind_of_support_at_most(day: date) -> None:
    for known in facts.all_eks_versions():
        assert not (known.in_standard_support(day) and known.in_extended_support(day))
        assert (known.standard_support_days(day) > 0) == known.in_standard_support(day)
