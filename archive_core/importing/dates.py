"""
Dates out of old tables: read with certainty or refused, and never more precise than they were stated.

Whether 05/06/2018 is May or June is decided for a whole column over all its rows (`DateForms`), never for a single
row. Years of the Republic and of the Japanese eras, Chinese numerals, full-width digits, day numbers of
spreadsheets and times of day are read.
"""

import re
from datetime import date, datetime, timedelta
from types import MappingProxyType

import attrs

from archive_core.importing.folding import fold_number
from archive_core.importing.rows import Cell, cell_text
from archive_core.importing.rules import finding
from archive_core.model.finding import Finding

ORDERS = ("ymd", "dmy", "mdy")
_EPOCH = date(1899, 12, 30)
_SERIALS = range(20000, 80001)
_ERAS = MappingProxyType({"民国": 1911, "中华民国": 1911, "平成": 1988, "令和": 2018, "昭和": 1925})
_DIGITS = str.maketrans("〇○零一二三四五六七八九壹贰叁肆伍陆柒捌玖拾", "000123456789123456789十")
_WEEKDAYS = "一二三四五六日"
_WEEKDAY = re.compile(r"[(（]?\s*(?:星期|周|礼拜)([一二三四五六日天])\s*[)）]?")
_TIME = re.compile(r"[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:\s*(?:Z|[+-]\d{2}:?\d{2}))?\Z")
_YMD = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*(?:[-/.月]\s*(\d{1,2})\s*日?|月?)\Z")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
_END_YEAR = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})\Z")
_SHORT = re.compile(r"(\d{1,2})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\Z")
_ERA = re.compile(r"(中华民国|民国|平成|令和|昭和)(元|\d{1,3})年(\d{1,2})月(?:(\d{1,2})日)?\Z")
_YEAR = re.compile(r"(\d{4})年?\Z")
_CHINESE_YEAR = re.compile(r"\d{4}年")


@attrs.frozen
class DateRule:
    """
    How the dates of one column are read; `order` is None while the rows have not decided it.

    `century`: added to two-digit years; None refuses them. `serial`: digits in text are spreadsheet day numbers.
    """

    order: str | None = None
    century: int | None = None
    serial: bool = False
    month: bool = False


@attrs.frozen
class DateRead:
    """
    A date as stated: `text` is `2018-05-06`, or `2018-05` where only the month was stated; None when it cannot be
    read.
    """

    text: str | None
    findings: tuple[Finding, ...] = ()


class DateForms:
    """
    What all rows of a column tell about the order of day and month.
    """

    def __init__(self) -> None:
        self.ambiguous = 0
        self.day_first = 0
        self.month_first = 0

    def add(self, cell: Cell) -> None:
        """
        Take one cell into account; only texts with the year at the end say anything.
        """
        match = _END_YEAR.match(_bare(cell_text(cell))[0]) if isinstance(cell, str) else None
        if match is None:
            return
        first, second = int(match[1]), int(match[2])
        self.day_first += first > 12 >= second
        self.month_first += second > 12 >= first
        self.ambiguous += first <= 12 and second <= 12 and first != second

    def order(self) -> str | None:
        """
        Return `dmy` or `mdy` when the rows prove one and none proves the other, else None.
        """
        if self.day_first and not self.month_first:
            return "dmy"
        if self.month_first and not self.day_first:
            return "mdy"
        return None


def read_date(cell: Cell, rule: DateRule) -> DateRead:
    """
    Return the date of a non-empty cell under the rule of its column.
    """
    raw = cell_text(cell)
    if isinstance(cell, datetime):
        return _from_datetime(cell)
    if isinstance(cell, date):
        return DateRead(cell.isoformat())
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _from_number(raw, rule)
    return _from_text(raw, rule)


def _from_datetime(cell: datetime) -> DateRead:
    timed = (cell.hour, cell.minute, cell.second, cell.microsecond) != (0, 0, 0, 0)
    notes = (finding("date_time_dropped", cell_text(cell)),) if timed else ()
    return DateRead(cell.date().isoformat(), notes)


def _from_number(raw: str, rule: DateRule) -> DateRead:
    match = _COMPACT.match(raw)
    if match:
        return _day(raw, match[1], match[2], match[3])
    if re.fullmatch(r"\d{5}(\.\d+)?", raw) and int(raw[:5]) in _SERIALS:
        return _from_serial(raw)
    return _from_text(raw, rule)


def _from_serial(raw: str) -> DateRead:
    day = (_EPOCH + timedelta(days=int(raw[:5]))).isoformat()
    return DateRead(day, (attrs.evolve(finding("date_serial", day), value=raw),))


def _from_text(raw: str, rule: DateRule) -> DateRead:
    if rule.serial and re.fullmatch(r"\d{5}", fold_number(raw)) and int(fold_number(raw)) in _SERIALS:
        return _from_serial(fold_number(raw))
    text, weekday, timed = _bare(raw)
    read = _parse(raw, text, rule)
    if read.text is None:
        return read
    extra = _weekday_findings(raw, read.text, weekday)
    if timed:
        extra = (*extra, finding("date_time_dropped", raw))
    return attrs.evolve(read, findings=(*read.findings, *extra))


def _bare(raw: str) -> tuple[str, str, bool]:
    text = fold_number(raw)
    weekday = _WEEKDAY.search(text)
    if weekday:
        text = (text[: weekday.start()] + " " + text[weekday.end() :]).strip()
    timed = _TIME.search(text)
    if timed and int(timed[1]) < 24 and int(timed[2]) < 60:
        text = text[: timed.start()].strip()
    return _arabic(text), weekday[1].replace("天", "日") if weekday else "", bool(timed)


def _arabic(text: str) -> str:
    if not re.search(r"[〇○零一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾廿]", text):
        return text
    plain = text.translate(_DIGITS).replace("廿", "2十")
    plain = re.sub(r"(\d?)十(\d?)", lambda match: f"{match[1] or '1'}{match[2] or '0'}", plain)
    return plain if "年" in plain else text


def _parse(raw: str, text: str, rule: DateRule) -> DateRead:
    if match := _YMD.match(text) or _COMPACT.match(text):
        return _day(raw, match[1], match[2], match[3])
    if match := _ERA.match(text):
        year = _ERAS[match[1]] + (1 if match[2] == "元" else int(match[2]))
        return _day(raw, str(year), match[3], match[4])
    if match := _END_YEAR.match(text):
        return _year_last(raw, int(match[1]), int(match[2]), match[3], rule)
    if match := _SHORT.match(text):
        return _short_year(raw, (match[1], match[2], match[3]), rule)
    return DateRead(None, (finding("date_unreadable", raw),))


def _year_last(raw: str, first: int, second: int, year: str, rule: DateRule) -> DateRead:
    order = rule.order if rule.order in ("dmy", "mdy") else None
    if order is None and first == second:
        order = "dmy"
    if order is None:
        certain = "dmy" if first > 12 else "mdy" if second > 12 else None
        if certain is None or (first > 12 and second > 12):
            return DateRead(None, (finding("date_ambiguous" if certain is None else "date_impossible", raw),))
        order = certain
    day, month = (first, second) if order == "dmy" else (second, first)
    return _day(raw, year, str(month), str(day))


def _short_year(raw: str, parts: tuple[str, str, str], rule: DateRule) -> DateRead:
    if rule.century is None or rule.order is None:
        return DateRead(None, (finding("date_century", raw),))
    place = {letter: int(part) for letter, part in zip(rule.order, parts, strict=True)}
    return _day(raw, str(rule.century + place["y"]), str(place["m"]), str(place["d"]))


def _day(raw: str, year: str, month: str, day: str | None) -> DateRead:
    try:
        found = date(int(year), int(month), int(day) if day else 1)
    except ValueError:
        return DateRead(None, (finding("date_impossible", raw),))
    return DateRead(found.isoformat() if day else f"{found:%Y-%m}".zfill(7))


def _weekday_findings(raw: str, text: str, stated: str) -> tuple[Finding, ...]:
    if not stated or len(text) != 10:
        return ()
    actual = _WEEKDAYS[date.fromisoformat(text).weekday()]
    if stated == actual:
        return ()
    return (finding("weekday_contradicts", raw, stated=f"星期{stated}", actual=f"星期{actual}"),)
