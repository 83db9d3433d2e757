import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_core.importing.dates import DateForms, DateRead, DateRule, read_date
from archive_core.importing.rows import Cell


def rules(read: DateRead) -> list[str]:
    return [found.rule.removeprefix("import.") for found in read.findings]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("2018-01-02", "2018-01-02"),
        ("2018/1/2", "2018-01-02"),
        ("2018.1.2", "2018-01-02"),
        ("20180102", "2018-01-02"),
        (20180102.0, "2018-01-02"),
        ("2018年1月2日", "2018-01-02"),
        ("２０１８年１月２日", "2018-01-02"),
        ("二〇一八年一月二日", "2018-01-02"),
        ("二○一八年十二月三十一日", "2018-12-31"),
        ("贰零壹捌年拾月拾日", "2018-10-10"),
        ("2018-01-02 星期二", "2018-01-02"),
        ("2018-01-02（周二）", "2018-01-02"),
        ("民国107年1月2日", "2018-01-02"),
        ("平成30年1月2日", "2018-01-02"),
        ("2018-05", "2018-05"),
        ("2018年5月", "2018-05"),
        ("2018.05", "2018-05"),
        ("13/05/2018", "2018-05-13"),
        ("05/13/2018", "2018-05-13"),
        ("05/05/2018", "2018-05-05"),
        (dt.date(2018, 1, 2), "2018-01-02"),
        (dt.datetime.fromisoformat("2018-01-02"), "2018-01-02"),
        (43102.0, "2018-01-02"),
    ],
)
def test_dates_are_read_as_stated_and_no_more_precisely(cell: Cell, text: str) -> None:
    """
    Each written form gives the day it states; a month stays a month.
    """
    assert text == read_date(cell, DateRule()).text


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("2018-02-29", "date_impossible"),
        ("2018-02-29 星期四", "date_impossible"),
        ("2018-13-01", "date_impossible"),
        ("20180230", "date_impossible"),
        ("31/31/2018", "date_impossible"),
        ("05/06/2018", "date_ambiguous"),
        ("18-05-06", "date_century"),
        ("昨天", "date_unreadable"),
        ("2018-05-06-07", "date_unreadable"),
        ("43102", "date_unreadable"),
        ("1120506", "date_unreadable"),
    ],
)
def test_what_is_not_certain_is_refused_and_never_guessed(cell: Cell, rule: str) -> None:
    """
    Impossible, ambiguous and unknown forms give no value and name the rule.
    """
    read = read_date(cell, DateRule())
    assert (None, [rule]) == (read.text, rules(read))


@pytest.mark.parametrize(("order", "text"), [("dmy", "2018-06-05"), ("mdy", "2018-05-06")])
def test_a_declared_order_settles_ambiguous_dates(order: str, text: str) -> None:
    """
    The mapping's order decides which number is the day.
    """
    assert text == read_date("05/06/2018", DateRule(order=order)).text


def test_a_declared_order_makes_the_other_one_impossible() -> None:
    """
    Under day-first, a thirteenth month is impossible and is not turned round.
    """
    assert rules(read_date("05/13/2018", DateRule(order="dmy"))) == ["date_impossible"]


def test_two_digit_years_need_a_declared_century() -> None:
    """
    With order and century declared, short dates are read.
    """
    assert read_date("18-05-06", DateRule(order="ymd", century=2000)).text == "2018-05-06"


def test_a_contradicting_weekday_is_warned_about_and_the_date_is_kept() -> None:
    """
    The first of January 2018 was a Monday, whatever the cell says.
    """
    read = read_date("2018-01-01 星期五", DateRule())
    assert (read.text, rules(read)) == ("2018-01-01", ["weekday_contradicts"])
    assert "星期一" in read.findings[0].zh


def test_a_dropped_time_of_day_is_noted() -> None:
    """
    Only the day enters the field; that there was a time is told.
    """
    read = read_date("2016/8/1 11:05", DateRule())
    assert (read.text, rules(read)) == ("2016-08-01", ["date_time_dropped"])


def test_a_day_number_of_a_spreadsheet_is_noted() -> None:
    """
    What was a bare number is told as such; digits in text need a declaration.
    """
    assert rules(read_date(43102.0, DateRule())) == ["date_serial"]
    assert read_date("43102", DateRule(serial=True)).text == "2018-01-02"


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["05/06/2018", "13/06/2018"], "dmy"),
        (["05/06/2018", "06/13/2018"], "mdy"),
        (["05/06/2018", "07/06/2018"], None),
        (["13/06/2018", "06/13/2018"], None),
        (["2018-06-13"], None),
    ],
)
def test_the_order_is_proved_by_all_rows_of_a_column(cells: list[str], order: str | None) -> None:
    """
    One row that can only be read one way decides for its column, unless another row contradicts it.
    """
    forms = DateForms()
    for cell in cells:
        forms.add(cell)
    assert order == forms.order()


@given(st.dates(min_value=dt.date(1000, 1, 1)))
def test_iso_and_chinese_forms_read_back_to_the_same_day(day: dt.date) -> None:
    """
    Writing a day in any unambiguous form and reading it gives the day.
    """
    forms = (
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        f"{day.year}/{day.month}/{day.day}",
    )
    assert {day.isoformat()} == {read_date(form, DateRule()).text for form in forms}


@given(st.dates(min_value=dt.date(1000, 1, 1)), st.sampled_from(["dmy", "mdy"]))
def test_a_declared_order_reads_back_what_it_wrote(day: dt.date, order: str) -> None:
    """
    Day-first and month-first texts read back under their own order.
    """
    text = f"{day:%d/%m/%Y}" if order == "dmy" else f"{day:%m/%d/%Y}"
    assert day.isoformat() == read_date(text, DateRule(order=order)).text
