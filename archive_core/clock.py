"""
The only door to time.

Entry times are UTC text of exactly 27 characters (`2026-11-21T19:39:00.123456Z`): they sort as they follow each other.
Nothing else in the archive asks the operating system what time it is, so a test can hand in a clock of its own and a
caller can never supply one through the public API of a running archive.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z\Z")
MAX_DRIFT = timedelta(seconds=1)


def system_clock() -> datetime:
    """
    Return the time in UTC with microseconds.
    """
    return datetime.now(UTC)


def format_time(moment: datetime) -> str:
    """
    Return the 27-character UTC form of an aware datetime.

    Raises:
        ValueError: the datetime is naive.
    """
    if moment.tzinfo is None:
        msg = "a moment without time zone cannot be recorded"
        raise ValueError(msg)
    # isoformat pads years before 1000 with zeros, strftime does not
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_time(text: str) -> datetime:
    """
    Return the aware UTC datetime of the exact 27-character form.

    Raises:
        ValueError: the text is not exactly in that form.
    """
    if not _FORM.match(text):
        msg = f"not a time of the form 2026-11-21T19:39:00.123456Z: {text!r}"
        raise ValueError(msg)
    return datetime.fromisoformat(text)


def local_day(stamp: str, zone: ZoneInfo) -> date:
    """
    Return the calendar day on which an entry was made, in the archive's time zone.
    """
    return parse_time(stamp).astimezone(zone).date()


def day_end(day: date, zone: ZoneInfo) -> str:
    """
    Return the last microsecond of a local day as entry time: "as of that day" includes the whole day.
    """
    try:
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=1)
        # in UTC, because a zone may put its clocks back at midnight and live the last hour twice
        return format_time(midnight.astimezone(UTC) - timedelta(microseconds=1))
    except OverflowError:  # no time can be said after the last day, none before the first
        return "0001-01-01T00:00:00.000000Z" if day.year == 1 else "9999-12-31T23:59:59.999999Z"
