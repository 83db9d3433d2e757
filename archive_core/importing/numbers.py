"""
Numbers and codes out of old tables: money is exact decimal text, codes are text and keep their zeros.

Every number of a workbook arrives as a binary float. Excel itself keeps 15 digits, so what lies beyond them is
noise and is removed; a code stored as a number of more than 15 digits has lost its end for good and is refused.
"""

import re
from decimal import Decimal

import attrs

from archive_core.importing.folding import fold_number, fold_width
from archive_core.importing.rows import Cell, cell_text
from archive_core.importing.rules import finding
from archive_core.model.finding import Finding

_EXCEL_DIGITS = 15
_CURRENCY = re.compile(r"^(?:人民币|RMB|CNY|￥|¥|\$|€|£)\s*|\s*(?:RMB|CNY|元整?)$", re.IGNORECASE)
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?\Z")
_GROUPED_COMMA = re.compile(r"-?\d{1,3}([. ]\d{3})*(,\d+)?\Z")
_PLAIN = re.compile(r"-?(\d+(\.\d*)?|\.\d+)\Z")
_SCIENTIFIC = re.compile(r"-?\d(\.\d+)?[eE][+-]?\d+\Z")
_UNIT = re.compile(r"(-?[\d.,]+)\s*([^\d\s.,()-]+)\Z")
_FLOAT_CODE = re.compile(r"(\d+)\.0+\Z")


@attrs.frozen
class NumberRule:
    """
    How the numbers of one column are written: the decimal mark, the unit that may follow, and a factor (万元: 10000).
    """

    decimal: str | None = None
    unit: str = ""
    factor: str = ""


@attrs.frozen
class NumberRead:
    """
    The number as plain decimal text (no exponent, no grouping), or None when it cannot be read.
    """

    text: str | None
    findings: tuple[Finding, ...] = ()


def read_decimal(cell: Cell, rule: NumberRule) -> NumberRead:
    """
    Return the exact decimal of a non-empty cell.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _from_float(cell, rule)
    return _from_text(cell_text(cell), rule)


def read_integer(cell: Cell, rule: NumberRule) -> NumberRead:
    """
    Return a whole number as text; 6.0 is whole, 6.5 is a finding.
    """
    read = read_decimal(cell, rule)
    if read.text is None:
        return read
    number = Decimal(read.text)
    if number != number.to_integral_value():
        return NumberRead(None, (finding("not_whole", cell_text(cell)),))
    return attrs.evolve(read, text=str(int(number)))


def read_code(cell: Cell) -> NumberRead:
    """
    Return a code as text: ASCII width, leading zeros kept, `236701.0` as `236701`.
    """
    raw = cell_text(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return NumberRead(None, (finding("digits_lost", raw),)) if abs(cell) >= 1e15 else NumberRead(raw)
    text = fold_width(raw)
    if _SCIENTIFIC.match(text) and len(text) > 6:
        return NumberRead(None, (finding("scientific", raw),))
    match = _FLOAT_CODE.match(text)
    return NumberRead(match[1] if match else text)


def plain(number: Decimal) -> str:
    """
    Return decimal text without exponent and without zeros that say nothing: 82.8, 6, -0.5.
    """
    text = format(number.normalize(), "f")
    return "0" if text in ("-0", "0") else text


def _from_float(cell: float, rule: NumberRule) -> NumberRead:
    exact = Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)
    rounded = Decimal(f"{cell:.{_EXCEL_DIGITS}g}") if isinstance(cell, float) else exact
    notes = (finding("number_noise", cell_text(cell)),) if rounded != exact else ()
    return NumberRead(plain(_scaled(rounded, rule)), notes)


def _from_text(raw: str, rule: NumberRule) -> NumberRead:
    text, negative = _bare(fold_number(raw))
    text, factor, unit_problem = _without_unit(raw, text, rule)
    if unit_problem is not None:
        return NumberRead(None, (unit_problem,))
    digits, rule_broken = _digits(text, rule)
    if digits is None:
        return NumberRead(None, (finding(rule_broken, raw),))
    number = _scaled(Decimal(digits) * factor, rule)
    return NumberRead(_keep_zeros(digits, -number if negative else number, factor, rule))


def _keep_zeros(digits: str, number: Decimal, factor: Decimal, rule: NumberRule) -> str:
    # 12.50 as written keeps its two places: they say how exactly it was stated.
    if factor != 1 or rule.factor or digits.startswith("."):
        return plain(number)
    return format(number, "f").rstrip(".")


def _bare(text: str) -> tuple[str, bool]:
    stripped = _CURRENCY.sub("", _CURRENCY.sub("", text)).strip()
    if stripped.startswith("(") and stripped.endswith(")"):
        return _CURRENCY.sub("", stripped[1:-1].strip()).strip(), True
    if stripped.startswith("-"):
        return "-" + _CURRENCY.sub("", stripped[1:].strip()), False
    return stripped, False


def _without_unit(raw: str, text: str, rule: NumberRule) -> tuple[str, Decimal, Finding | None]:
    match = _UNIT.match(text)
    if not match:
        return text, Decimal(1), None
    if match[2] in ("万", "万元"):
        return match[1], Decimal(10000), None
    if match[2] == rule.unit:
        return match[1], Decimal(1), None
    return text, Decimal(1), finding("number_unit_unknown", raw, unit=match[2])


def _digits(text: str, rule: NumberRule) -> tuple[str | None, str]:
    if rule.decimal == ",":
        found = _GROUPED_COMMA.match(text)
        return (text.replace(".", "").replace(" ", "").replace(",", "."), "") if found else (None, "number_unreadable")
    if _GROUPED.match(text):
        return text.replace(",", ""), ""
    if _PLAIN.match(text):
        return text, ""
    ambiguous = rule.decimal is None and re.fullmatch(r"-?\d+,\d+", text)
    return None, "number_ambiguous" if ambiguous else "number_unreadable"


def _scaled(number: Decimal, rule: NumberRule) -> Decimal:
    return number * Decimal(rule.factor) if rule.factor else number
