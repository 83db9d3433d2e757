from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_core.clock import day_end, format_time, local_day, parse_time, system_clock

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST, LAST = datetime(1, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001 - hypothesis adds the zone
MICROSECOND = timedelta(microseconds=1)


@given(st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.timezones()))
def test_times_round_trip(moment: datetime) -> None:
    """Every moment is written in exactly 27 characters and read back as the same moment in UTC."""
    text = format_time(moment)
    assert (27, moment.astimezone(UTC)) == (len(text), parse_time(text))
    assert UTC is parse_time(text).tzinfo


@given(st.lists(st.datetimes(min_value=FIRST, timezones=st.just(UTC)), min_size=2))
def test_times_sort_as_they_follow_each_other(moments: list[datetime]) -> None:
    """Sorting the texts sorts the moments, in year 1 as in year 9999."""
    assert [format_time(moment) for moment in sorted(moments)] == sorted(map(format_time, moments))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-21",
        "2026-11-21T19:39:00Z",
        "2026-11-21T19:39:00.123Z",
        "2026-11-21T19:39:00.1234567Z",
        "2026-11-21T19:39:00.123456",
        "2026-11-21T19:39:00.123456+00:00",
        "2026-11-21 19:39:00.123456Z",
        "2026-11-21t19:39:00.123456z",
        "2026-11-21T24:00:00.000000Z",
        "2026-11-21T23:59:60.000000Z",
        "2026-02-29T00:00:00.000000Z",
        "2026-11-21T19:39:00.123456Z\n",
        " 2026-11-21T19:39:00.123456Z",
        "２０２６-11-21T19:39:00.123456Z",
        "0000-01-01T00:00:00.000000Z",
    ],
)
def test_other_forms_of_time_are_refused(text: str) -> None:
    """Only the one form is a time: no missing digits, other zones, leap seconds or full-width digits."""
    with pytest.raises(ValueError, match=r".+"):
        parse_time(text)


def test_a_naive_moment_is_refused() -> None:
    """A moment without time zone is never guessed at."""
    with pytest.raises(ValueError, match="without time zone"):
        format_time(datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


def test_the_system_clock_is_aware() -> None:
    """The system's time can be recorded."""
    assert timedelta(0) == system_clock().utcoffset()


def test_the_local_day_is_the_archives() -> None:
    """After 16:00 UTC it is tomorrow in Shanghai."""
    assert date(2026, 11, 21) == local_day("2026-11-21T15:59:59.999999Z", SHANGHAI)
    assert date(2026, 11, 22) == local_day("2026-11-21T16:00:00.000000Z", SHANGHAI)


def test_a_day_ends_with_its_last_microsecond() -> None:
    """As of a day includes all of it, by the archive's zone."""
    assert day_end(date(2026, 11, 21), SHANGHAI) == "2026-11-21T15:59:59.999999Z"


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/Sao_Paulo", date(2019, 2, 16)),  # 24 hours and one: midnight is put back to 23:00
        ("America/Sao_Paulo", date(2018, 11, 3)),  # the next midnight does not exist
        ("America/Havana", date(2026, 3, 7)),
        ("America/New_York", date(2026, 11, 1)),
        ("Asia/Shanghai", date(1991, 9, 14)),
        ("Pacific/Apia", date(2011, 12, 29)),  # the day after was skipped altogether
    ],
)
def test_the_end_of_a_day_is_in_it_and_what_follows_is_not(zone: str, day: date) -> None:
    """Whatever the zone does to its clocks that night, the next microsecond belongs to a later day."""
    end = day_end(day, ZoneInfo(zone))
    after = format_time(parse_time(end) + MICROSECOND)
    assert day == local_day(end, ZoneInfo(zone))
    assert day < local_day(after, ZoneInfo(zone))


@pytest.mark.parametrize("zone", [SHANGHAI, ZoneInfo("America/New_York"), ZoneInfo("UTC")])
def test_the_first_and_the_last_day_have_an_end(zone: ZoneInfo) -> None:
    """A search as of the edge of the calendar is answered: everything, or nothing."""
    assert day_end(date.min, zone) < "2026" < day_end(date.max, zone)
    assert (27, 27) == (len(day_end(date.min, zone)), len(day_end(date.max, zone)))


def test_other_offsets_are_written_in_utc() -> None:
    """A moment is the same wherever it was stated."""
    moment = datetime(2026, 11, 22, 3, 39, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    assert format_time(moment) == "2026-11-21T19:39:00.123456Z"
