"""
One cell becomes one value in wire form, by the rule of its field, with everything that was found or changed on the
way.
"""

from collections.abc import Callable

import attrs

from archive_core.canonical import Json
from archive_core.importing.dates import read_date
from archive_core.importing.folding import fold_width, trim
from archive_core.importing.mapping import FieldRule, parser_for
from archive_core.importing.numbers import NumberRead, read_code, read_decimal, read_integer
from archive_core.importing.rows import Cell, cell_text
from archive_core.importing.rules import finding
from archive_core.model.fields import FieldSpec
from archive_core.model.finding import Finding

_YES = frozenset({"是", "有", "对", "y", "yes", "true", "1", "√", "✓", "t"})
_NO = frozenset({"否", "无", "非", "n", "no", "false", "0", "×", "✗", "f"})
_ERRORS = frozenset({"#N/A", "#DIV/0!", "#REF!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!"})


@attrs.frozen
class Converted:
    """
    A value in wire form (None: nothing stated, or not readable) and the findings, whose places are not filled in yet.
    """

    value: Json
    findings: tuple[Finding, ...] = ()


Convert = Callable[[Cell], Converted]


def converter(rule: FieldRule, spec: FieldSpec, *, key: bool, order: str | None) -> Convert:
    """
    Return the function that reads the cells of one column.

    Args:
        key: the field belongs to the business key.
        order: of day and month, as proved by all rows of the column.
    """
    read = _READERS[parser_for(rule, spec, key=key)](rule, spec, order)
    nulls = frozenset(trim(word) for word in rule.null)
    values = {trim(text): value for text, value in rule.values.items()}

    def convert(cell: Cell) -> Converted:
        text = trim(cell_text(cell))
        if text in values:
            return Converted(values[text])
        if not text or text in nulls:
            return Converted(rule.default)
        if text in _ERRORS:
            return Converted(None, (finding("error_cell", text),))
        return read(cell)

    return convert


def _text(rule: FieldRule, _: FieldSpec, __: str | None) -> Convert:
    def read(cell: Cell) -> Converted:
        if not isinstance(cell, str):
            return _of_number(read_code(cell))
        text = trim(cell)
        if rule.one_line:
            text = " ".join(text.split())
        return Converted(text, (finding("damaged_text", text),) if "\ufffd" in text else ())

    return read


def _code(_: FieldRule, __: FieldSpec, ___: str | None) -> Convert:
    return lambda cell: _of_number(read_code(cell))


def _of_number(read: NumberRead) -> Converted:
    return Converted(read.text, read.findings)


def _decimal(rule: FieldRule, _: FieldSpec, __: str | None) -> Convert:
    numbers = rule.number_rule()
    return lambda cell: _of_number(read_decimal(cell, numbers))


def _integer(rule: FieldRule, spec: FieldSpec, _: str | None) -> Convert:
    numbers, as_text = rule.number_rule(), spec.kind != "integer"

    def read(cell: Cell) -> Converted:
        found = read_integer(cell, numbers)
        if found.text is None or as_text:
            return _of_number(found)
        return Converted(int(found.text), found.findings)

    return read


def _date(rule: FieldRule, spec: FieldSpec, order: str | None) -> Convert:
    dates = rule.date_rule(order, month=spec.month)

    def read(cell: Cell) -> Converted:
        found = read_date(cell, dates)
        if found.text is not None and len(found.text) == 7 and spec.kind == "day" and not spec.month:
            return Converted(None, (*found.findings, finding("date_month_only", cell_text(cell))))
        return Converted(found.text, found.findings)

    return read


def _yes_no(_: FieldRule, __: FieldSpec, ___: str | None) -> Convert:
    def read(cell: Cell) -> Converted:
        text = fold_width(cell_text(cell)).lower()
        if text in _YES or text in _NO:
            return Converted(text in _YES)
        return Converted(None, (finding("yes_no_unreadable", cell_text(cell)),))

    return read


def _choice(_: FieldRule, spec: FieldSpec, __: str | None) -> Convert:
    known: dict[str, str] = {}
    for option in spec.options:
        known |= {name.casefold(): option.value for name in (option.value, option.zh, option.en)}
    shown = ", ".join(f"{option.value} ({option.zh})" for option in spec.options)

    def read(cell: Cell) -> Converted:
        value = known.get(fold_width(cell_text(cell)).casefold())
        if value is None:
            return Converted(None, (finding("choice_unknown", cell_text(cell), options=shown),))
        return Converted(value)

    return read


_READERS: dict[str, Callable[[FieldRule, FieldSpec, str | None], Convert]] = {
    "text": _text,
    "code": _code,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
    "yes_no": _yes_no,
    "choice": _choice,
}
