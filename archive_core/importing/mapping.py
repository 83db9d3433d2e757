"""
A mapping: how the columns of one old table become the fields of one record type.

It names what it expects of the source (sheet, header, encoding), says for every field where its value comes from
and how it is read, and says what becomes of every remaining column. Its text form (TOML) is in
`archive_core.importing.mapping_text`.
"""

import difflib
from collections.abc import Mapping as MappingABC

import attrs

from archive_core.importing.dates import DateRule
from archive_core.importing.numbers import NumberRule
from archive_core.model.fields import FieldSpec, Kind
from archive_core.model.record_type import RecordType

PARSERS = ("text", "code", "integer", "decimal", "date", "yes_no", "choice")
EXISTING = ("refuse", "skip", "amend")
IDENTICAL = ("duplicate", "keep")
_BY_KIND = {
    Kind.TEXT: "text",
    Kind.REF: "code",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "decimal",
    Kind.DAY: "date",
    Kind.YES_NO: "yes_no",
    Kind.CHOICE: "choice",
}
Scalar = str | int | bool


@attrs.frozen(kw_only=True)
class SourceRule:
    """
    What the source must look like; "" and None mean found anew for each file.

    `header` holds all column titles in order: another header is drift and is refused with the difference.
    `header_row` is the row number of the (last) title row as Excel shows it; `total_rows` is `skip` or `keep`.
    """

    kind: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_row: int | None = None
    header_rows: int = 1
    header: tuple[str, ...] = ()
    last_row: int | None = None
    total_rows: str = "skip"


@attrs.frozen(kw_only=True)
class FieldRule:
    """
    Where one field's value comes from, and how it is read.

    `target` is a field, or `lines.field` for a line item's field. `position` is the one-based column; name and
    position must agree. `constant` needs no column; `default` fills an empty cell and is recorded as such. `values`
    maps cell texts to values.
    """

    target: str
    column: str = ""
    position: int | None = None
    parse: str = ""
    null: tuple[str, ...] = ()
    values: MappingABC[str, Scalar] = attrs.field(factory=dict)
    default: Scalar | None = None
    constant: Scalar | None = None
    order: str = ""
    century: int | None = None
    serial: bool = False
    decimal: str = ""
    unit: str = ""
    factor: str = ""
    one_line: bool = False

    def date_rule(self, found: str | None, *, month: bool) -> DateRule:
        """
        Return the date rule: the declared order, else the one that all rows of the column proved.
        """
        return DateRule(self.order or found, self.century, self.serial, month)

    def number_rule(self) -> NumberRule:
        return NumberRule(self.decimal or None, self.unit, self.factor)


@attrs.frozen(kw_only=True)
class Totals:
    """
    Control totals typed by a person: rows, and sums by field as decimal text. Others are computed but not compared.
    """

    rows: int | None = None
    sums: MappingABC[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Mapping:
    """
    The whole mapping; `gaps` are required fields the source never had, `keep` and `drop` settle the remaining
    columns.

    `existing` decides what happens when a key is on file already with other content; `identical` what a row is that
    repeats an earlier row cell by cell.
    """

    record_type: str
    title: str = ""
    source: SourceRule = SourceRule()
    fields: tuple[FieldRule, ...] = ()
    gaps: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    existing: str = "refuse"
    identical: str = "duplicate"
    warn: tuple[str, ...] = ()
    totals: Totals = Totals()

    def rule(self, target: str) -> FieldRule | None:
        return next((rule for rule in self.fields if rule.target == target), None)


def spec_of(record_type: RecordType, target: str) -> FieldSpec | None:
    """
    Return the declaration of a field, or of a line item's field (`lines.field`).
    """
    name, _, inner = target.partition(".")
    spec = record_type.field(name)
    if not inner or spec is None:
        return None if inner else spec
    return next((line for line in spec.lines if line.name == inner), None)


def parser_for(rule: FieldRule, spec: FieldSpec, *, key: bool) -> str:
    """
    Return the parser of a field: the declared one, else by its kind; keys and identifiers are read as codes.
    """
    if rule.parse:
        return rule.parse
    if spec.kind is Kind.TEXT and (key or spec.search == "id"):
        return "code"
    return _BY_KIND.get(spec.kind, "text")


def targets_of(record_type: RecordType) -> tuple[str, ...]:
    """
    Return every name a mapping may fill: fields, and fields of line items as `lines.field`.
    """
    found: list[str] = []
    for spec in record_type.fields:
        if spec.kind is Kind.LINES:
            found += [f"{spec.name}.{line.name}" for line in spec.lines]
        elif spec.kind is not Kind.ATTACHMENT:
            found.append(spec.name)
    return tuple(found)


def check_mapping(mapping: Mapping, record_type: RecordType) -> tuple[tuple[str, str], ...]:
    """
    Return every contradiction between mapping and record type as (place, sentence); empty when it can be used.
    """
    targets = targets_of(record_type)
    problems = [
        (f"fields.{rule.target}", f"{record_type.name} has no field {rule.target}{_nearest(rule.target, targets)}")
        for rule in mapping.fields
        if rule.target not in targets
    ]
    problems += [
        ("gaps", f"{record_type.name} has no field {name}{_nearest(name, targets)}")
        for name in mapping.gaps
        if name not in targets and record_type.field(name) is None
    ]
    return (*problems, *_missing(mapping, record_type), *_parsers(mapping, record_type), *_sums(mapping))


def _missing(mapping: Mapping, record_type: RecordType) -> list[tuple[str, str]]:
    filled = {rule.target.partition(".")[0] for rule in mapping.fields} | set(mapping.gaps)
    lacking = [spec for spec in record_type.fields if spec.required and spec.name not in filled]
    found = [
        ("fields", f"the required field {spec.name} ({spec.zh}, {spec.en}) is neither mapped nor declared in gaps")
        for spec in lacking
    ]
    if lacking:
        declared = [name for name in mapping.gaps if record_type.field(name)]
        names = ", ".join(f'"{name}"' for name in (*declared, *(spec.name for spec in lacking)))
        advice = f"map what the source has; declare what it really lacks above the first table: gaps = [{names}]"
        found.append(("gaps", f"{len(lacking)} required field(s) missing: {advice}"))
    return found


def _parsers(mapping: Mapping, record_type: RecordType) -> list[tuple[str, str]]:
    admitted = {
        Kind.DAY: ("date",), Kind.DECIMAL: ("decimal", "integer"), Kind.INTEGER: ("integer",), Kind.YES_NO: ("yes_no",),
        Kind.CHOICE: ("choice",), Kind.TEXT: ("text", "code", "integer", "decimal", "date"), Kind.REF: ("text", "code"),
    }  # fmt: skip
    found = []
    for rule in mapping.fields:
        spec = spec_of(record_type, rule.target)
        if spec is not None and rule.parse and rule.parse not in admitted.get(spec.kind, ()):
            found.append(
                (f"fields.{rule.target}", f"a {spec.kind.value} field cannot be read with parse = {rule.parse!r}")
            )
    return found


def _sums(mapping: Mapping) -> list[tuple[str, str]]:
    targets = [rule.target for rule in mapping.fields]
    return [
        ("totals.sums", f"{name} is not mapped{_nearest(name, targets)}")
        for name in mapping.totals.sums
        if name not in targets
    ]


def _nearest(name: str, known: tuple[str, ...] | list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""
