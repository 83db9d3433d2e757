"""
The shape of a record type in a room: which table, which columns, and how a field's wire form fills them.

A pure function of the definition, so that two rooms built from the same ledger have the same tables. A name that
the room uses itself gets an underscore at its end.
"""

from collections.abc import Iterator, Mapping

import attrs

from archive_core.canonical import Json
from archive_core.model.fields import FieldSpec, Kind
from archive_core.model.record_type import RecordType

OWN_TABLES = frozenset(
    {
        "meta", "records", "versions", "signoffs", "refs", "attachments", "due", "checkpoints", "people", "erasures",
        "types", "type_versions", "facet_count", "record_words", "record_fts", "record_fts_data", "record_fts_idx",
        "record_fts_docsize", "record_fts_config",
    }
)  # fmt: skip
ROW_COLUMNS: Mapping[str, type] = {
    "record": int,
    "key": str,
    "title": str,
    "state": str,
    "version": int,
    "captured_at": str,
    "in_force_from": str,
    "recorded_by": int,
    "gaps": str,
    "batch": int,
}
LINE_COLUMNS: Mapping[str, type] = {"record": int, "line": int}
_NUMBERS = frozenset({Kind.INTEGER, Kind.YES_NO})


@attrs.frozen
class Column:
    """One column: its name in the room, its SQLite type, the field it shows and which part of the field."""

    name: str
    type: type
    field: FieldSpec
    part: str = ""


@attrs.frozen
class LineTable:
    """The child table of a field with line items: primary key (record, line), lines counted from 1."""

    name: str
    field: FieldSpec
    columns: tuple[Column, ...]


@attrs.frozen
class Shape:
    """The tables of one record type."""

    table: str
    columns: tuple[Column, ...]
    lines: tuple[LineTable, ...]

    @property
    def facets(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.field.facet and column.part != "record")


def shape_of(declared: RecordType, *, masking: bool) -> Shape:
    """
    Return the tables of a type.

    Args:
        masking: leave out every field declared as masked.
    """
    fields = visible_fields(declared.fields, masking=masking)
    plain = tuple(spec for spec in fields if spec.kind is not Kind.LINES)
    return Shape(
        table=table_name(declared.name),
        columns=tuple(_columns(plain, frozenset(ROW_COLUMNS))),
        lines=tuple(_line_table(declared.name, spec, masking) for spec in fields if spec.kind is Kind.LINES),
    )


def table_name(type_name: str) -> str:
    return f"{type_name}_" if type_name in OWN_TABLES or "__" in type_name else type_name


def visible_fields(fields: tuple[FieldSpec, ...], *, masking: bool) -> tuple[FieldSpec, ...]:
    return tuple(spec for spec in fields if not (masking and spec.masked))


def visible_content(fields: tuple[FieldSpec, ...], content: Mapping[str, Json], *, masking: bool) -> dict[str, Json]:
    """
    Return the fields of a content without what the profile masks, line items included.

    A field that the definition does not know is left out of a masking profile: nobody declared it harmless.
    """
    if not masking:
        return dict(content)
    known = {spec.name: spec for spec in visible_fields(fields, masking=masking)}
    return {name: _visible(known[name], value) for name, value in content.items() if name in known}


def column_value(column: Column, content: Mapping[str, Json]) -> str | int | None:
    """Return what stands in a column: text, an integer (yes = 1, no = 0), or None where nothing was stated."""
    value = content.get(column.field.name)
    if isinstance(value, dict):
        value = value.get(column.part or ("name" if column.field.kind is Kind.ATTACHMENT else "key"))
    if column.type is int:
        return int(value) if isinstance(value, int) else None
    return None if value is None else str(value)


def _visible(spec: FieldSpec, value: Json) -> Json:
    if spec.kind is not Kind.LINES or not isinstance(value, list):
        return value
    return [visible_content(spec.lines, line, masking=True) for line in value if isinstance(line, dict)]


def _line_table(type_name: str, spec: FieldSpec, masking: bool) -> LineTable:  # noqa: FBT001 - passed through by name
    fields = visible_fields(spec.lines, masking=masking)
    return LineTable(f"{type_name}__{spec.name}", spec, tuple(_columns(fields, frozenset(LINE_COLUMNS))))


def _columns(fields: tuple[FieldSpec, ...], taken: frozenset[str]) -> Iterator[Column]:
    used = set(taken)
    for spec in fields:
        yield Column(_free(spec.name, used), int if spec.kind in _NUMBERS else str, spec)
        if spec.kind is Kind.REF:
            yield Column(_free(f"{spec.name}_record", used), int, spec, "record")


def _free(name: str, used: set[str]) -> str:
    while name in used:
        name += "_"
    used.add(name)
    return name
