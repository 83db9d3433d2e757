"""
A plan: one mapping bound to one file and one record type, with all that must be known before the first row is judged.

Making it reads the whole source once, because the order of day and month is a matter of the whole column.
"""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import attrs

from archive_core.errors import MappingMalformed, SourceDrifted
from archive_core.importing.dates import DateForms
from archive_core.importing.kept_source import file_digest, kept_digest
from archive_core.importing.mapping import FieldRule, Mapping, check_mapping, spec_of
from archive_core.importing.mapping_text import format_mapping
from archive_core.importing.readers import Source, open_source
from archive_core.importing.rejects import REJECT_COLUMNS, without_reject_columns
from archive_core.importing.rows import Cell, column_letter
from archive_core.importing.tables import Table, check_header, data_rows, find_table
from archive_core.importing.values import Convert, converter
from archive_core.model.fields import FieldSpec, Kind
from archive_core.model.record_type import RecordType


@attrs.frozen(kw_only=True)
class FieldColumn:
    """
    One field with its column (None for a constant) and the function that reads its cells.
    """

    target: str
    rule: FieldRule
    spec: FieldSpec
    index: int | None
    convert: Convert
    key: bool


@attrs.frozen(kw_only=True)
class Plan:
    """
    What will be done with one file; digests in hex. `source_sha256` is of what is kept of the file, and
    `original_sha256` of the untouched file where columns are dropped.

    `rows` counts the rows below the titles, blank ones too. `original_row` is the column of `_row` in a file of
    rejects.
    """

    mapping: Mapping
    source: Source
    table: Table
    record_type: RecordType
    fields: tuple[FieldColumn, ...]
    keep: tuple[tuple[int, str], ...]
    rows: int
    source_sha256: str
    source_size: int
    original_sha256: str = ""
    original_row: int | None = None

    @property
    def mapping_text(self) -> str:
        return format_mapping(self.mapping).strip()

    @property
    def mapping_sha256(self) -> str:
        return sha256(self.mapping_text.encode()).hexdigest()

    @property
    def digest(self) -> str:
        """
        Digest of what decides the result: file, sheet, mapping, type version. Check and run of one plan share it.
        """
        facts = (self.source_sha256, self.source.sheet, self.mapping_sha256, str(self.record_type.version))
        return sha256("\n".join(facts).encode()).hexdigest()

    def letter(self, column: FieldColumn) -> str:
        return column_letter(column.index) if column.index is not None else ""


def open_mapped(path: Path, mapping: Mapping, encoding: str | None = None) -> Source:
    """
    Return the source as the mapping describes it.

    Raises:
        SourceDrifted: the file is of another kind than the mapping was made for.
    """
    rule = mapping.source
    source = open_source(
        path,
        encoding=encoding or rule.encoding or None,
        delimiter=rule.delimiter or None,
        sheet=rule.sheet or None,
    )
    if rule.kind and rule.kind != source.kind:
        raise SourceDrifted(str(path), (f"expected a file of kind {rule.kind}, found {source.kind}",))
    return source


def make_plan(source: Source, mapping: Mapping, record_type: RecordType) -> Plan:
    """
    Return the plan, reading the source once.

    Raises:
        MappingMalformed: the mapping contradicts the record type, or leaves a column unsettled.
        SourceDrifted: the file's columns are not those of the mapping.
        TableNotFound: there is no table where the mapping says.
    """
    problems = tuple(f"{place}: {sentence}" for place, sentence in check_mapping(mapping, record_type))
    if problems:
        raise MappingMalformed(mapping.title or "mapping", problems)
    found = find_table(source, _header_row(mapping, source), mapping.source.header_rows)
    table, original_row = without_reject_columns(found)
    check_header(str(source.path), mapping.source.header, table.header)
    indexes = {rule.target: _index(source, table, rule) for rule in mapping.fields}
    _settled(mapping, table, {index for index in indexes.values() if index is not None})
    orders, rows = _survey(source, table, mapping, _day_columns(indexes, record_type))
    orders = {**dict.fromkeys(indexes), **orders}
    digest, size = kept_digest(source, table, mapping.drop)
    return Plan(
        mapping=mapping,
        source=source,
        table=table,
        record_type=record_type,
        fields=tuple(_column(rule, record_type, indexes[rule.target], orders) for rule in mapping.fields),
        keep=tuple((table.header.index(title), title) for title in mapping.keep),
        rows=rows,
        source_sha256=digest,
        source_size=size,
        original_sha256=file_digest(source.path)[0] if mapping.drop else "",
        original_row=original_row,
    )


def _header_row(mapping: Mapping, source: Source) -> int | None:
    # A file of rejects has no title block: its titles stand in the first row, wherever the original had them.
    first = next((row for row in source.rows() if not row.blank), None)
    if first is not None and first.cells[-len(REJECT_COLUMNS) :] == REJECT_COLUMNS:
        return first.number
    return mapping.source.header_row


def _index(source: Source, table: Table, rule: FieldRule) -> int | None:
    if rule.constant is not None:
        return None
    if rule.position is None:
        return _by_title(source, table, rule)
    index = rule.position - 1
    title = table.header[index] if 0 <= index < table.width else ""
    if not 0 <= index < table.width or (rule.column and title != rule.column):
        wanted = f"{rule.target}: expected {rule.column!r} in column {rule.position}"
        raise SourceDrifted(
            str(source.path), (f"{wanted}, found {title!r}" if title else f"{wanted}, which has no title",)
        )
    return index


def _by_title(source: Source, table: Table, rule: FieldRule) -> int:
    found = [index for index, title in enumerate(table.header) if title == rule.column]
    if len(found) == 1:
        return found[0]
    problem = f"no column is titled {rule.column!r}"
    if found:
        letters = ", ".join(column_letter(index) for index in found)
        problem = f"columns {letters} are all titled {rule.column!r}; add position = N"
    raise SourceDrifted(str(source.path), (f"{rule.target}: {problem}",))


def _settled(mapping: Mapping, table: Table, mapped: set[int]) -> None:
    settled = {*mapping.keep, *mapping.drop}
    problems = [
        f"columns: column {table.name(index)} is neither mapped nor listed in keep or drop"
        for index, title in enumerate(table.header)
        if title and index not in mapped and title not in settled
    ]
    problems += [f"columns: there is no column {title!r}" for title in sorted(settled) if title not in table.header]
    if problems:
        raise MappingMalformed(mapping.title or "mapping", tuple(problems))


def _day_columns(indexes: dict[str, int | None], record_type: RecordType) -> dict[str, int]:
    """
    Return the mapped columns that hold days: only there does the order of day and month matter.
    """
    found = {}
    for target, index in indexes.items():
        spec = spec_of(record_type, target)
        if index is not None and spec is not None and spec.kind is Kind.DAY:
            found[target] = index
    return found


def _survey(
    source: Source, table: Table, mapping: Mapping, indexes: dict[str, int]
) -> tuple[dict[str, str | None], int]:
    forms = {target: DateForms() for target in indexes}
    watched = [(index, forms[target]) for target, index in indexes.items()]
    rows = 0
    for row in data_rows(source, table, mapping.source.last_row):
        rows += 1
        _watch(watched, row.cells)
    return {target: form.order() for target, form in forms.items()}, rows


def _watch(watched: Iterable[tuple[int, DateForms]], cells: tuple[Cell, ...]) -> None:
    for index, forms in watched:
        if index < len(cells):
            forms.add(cells[index])


def _column(rule: FieldRule, record_type: RecordType, index: int | None, orders: dict[str, str | None]) -> FieldColumn:
    spec = spec_of(record_type, rule.target)
    if spec is None:
        msg = f"{rule.target} was checked to be a field before"
        raise LookupError(msg)
    key = rule.target in record_type.key
    return FieldColumn(
        target=rule.target,
        rule=rule,
        spec=spec,
        index=index,
        convert=converter(rule, spec, key=key, order=orders[rule.target]),
        key=key,
    )
