from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_core.model.values import Month, last_day

months = st.builds(Month, st.integers(1, 9999), st.integers(1, 12))


@given(months)
def test_months_round_trip(month: Month) -> None:
    """A month is written in seven characters and read back as itself."""
    assert (7, month) == (len(str(month)), Month.parse(str(month)))


@given(months, months)
def test_months_sort_as_they_are_written(first: Month, second: Month) -> None:
    """The texts of months sort as the months do."""
    assert (first < second) == (str(first) < str(second))


@pytest.mark.parametrize(
    "text",
    ["", "2027", "2027-5", "2027-13", "2027-00", "0000-01", "2027-05-01", "2027/05", "2027-05\n", " 2027-05",
     "２０２７-05", "٢٠٢٧-٠٥", "-027-05"],
)  # fmt: skip
def test_what_is_no_month_is_refused(text: str) -> None:
    """Only four ASCII digits, a dash and an existing month are a month."""
    with pytest.raises(ValueError, match=r"month"):
        Month.parse(text)


@pytest.mark.parametrize(("year", "number"), [(2027, 0), (2027, 13), (0, 1), (10_000, 1)])
def test_a_month_that_does_not_exist_cannot_be_made(year: int, number: int) -> None:
    """There is no month 13 and no year 0."""
    with pytest.raises(ValueError, match=f"there is no month {number} in year {year}"):
        Month(year, number)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Month(2027, 2), date(2027, 2, 28)),
        (Month(2028, 2), date(2028, 2, 29)),
        (Month(2027, 12), date(2027, 12, 31)),
        (Month(9999, 12), date(9999, 12, 31)),
        (date(2027, 2, 3), date(2027, 2, 3)),
    ],
)
def test_a_month_lasts_until_its_last_day(value: date | Month, expected: date) -> None:
    """A month means its last day, a day itself."""
    assert expected == last_day(value)
