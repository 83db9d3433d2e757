"""
From cells to a draft: the fields of one row in wire form, with what was found, changed, kept and missing on the way.
"""

from collections.abc import Iterable
from typing import cast

import attrs

from archive_core.canonical import Json
from archive_core.importing.plan import FieldColumn, Plan
from archive_core.importing.rows import Row, cell_text, column_letter
from archive_core.importing.rules import finding
from archive_core.importing.values import Converted
from archive_core.model.finding import Finding

_CACHED = 20_000


@attrs.frozen
class RowFinding:
    """
    A finding with its place in the source: row number and column as people see them ("" where it concerns the whole
    row).
    """

    row: int
    column: str
    finding: Finding


@attrs.frozen(kw_only=True)
class Draft:
    """
    One row read: `raw` holds source values that were read differently than written, `kept` the columns kept as notes.
    """

    row: Row
    fields: dict[str, Json]
    findings: tuple[RowFinding, ...]
    raw: dict[str, Json]
    kept: list[Json]

    @property
    def refused(self) -> bool:
        return any(found.finding.refuses for found in self.findings)


class Drafter:
    """
    Reads rows of one plan. Texts that repeat in a column are converted once.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._by_path = {f"$.{column.target}": column for column in plan.fields}
        self._known: list[dict[str, Converted]] = [{} for _ in plan.fields]

    def draft(self, row: Row) -> Draft:
        """
        Return the draft of a row that is not blank.
        """
        fields: dict[str, Json] = {}
        raw: dict[str, Json] = {}
        findings: list[RowFinding] = []
        for position, column in enumerate(self._plan.fields):
            converted = self._convert(position, column, row)
            if converted.value is not None:
                _put(fields, column.target, converted.value)
                _note_raw(raw, column, row, converted.value)
            if converted.findings:
                findings += self._placed(row, column, converted.findings)
        return Draft(row=row, fields=fields, findings=tuple(findings), raw=raw, kept=self._kept(row))

    def place(self, row: Row, found: Finding) -> RowFinding:
        """
        Return a finding with the place of its field's column.
        """
        if found.path == "$":
            return RowFinding(row.number, "", found)
        column = self._by_path.get(found.path.replace("[0]", ""))
        return RowFinding(row.number, self._column_name(column) if column else "", found)

    def _placed(self, row: Row, column: FieldColumn, findings: Iterable[Finding]) -> list[RowFinding]:
        path, name = "$." + column.target.replace(".", "[0]."), self._column_name(column)
        return [RowFinding(row.number, name, attrs.evolve(found, path=path)) for found in findings]

    def _column_name(self, column: FieldColumn) -> str:
        return self._plan.table.name(column.index) if column.index is not None else ""

    def _convert(self, position: int, column: FieldColumn, row: Row) -> Converted:
        if column.index is None:
            return Converted(column.rule.constant)
        cell = row.cells[column.index] if column.index < len(row.cells) else ""
        if not isinstance(cell, str):
            return column.convert(cell)
        known = self._known[position]
        found = known.get(cell)
        if found is None:
            if len(known) >= _CACHED:
                known.clear()
            found = known[cell] = column.convert(cell)
        return found

    def _kept(self, row: Row) -> list[Json]:
        return [
            {"column": title, "letter": column_letter(index), "value": text}
            for index, title in self._plan.keep
            if index < len(row.cells) and (text := cell_text(row.cells[index]).strip())
        ]


def _put(fields: dict[str, Json], target: str, value: Json) -> None:
    name, _, inner = target.partition(".")
    if not inner:
        fields[name] = value
        return
    # One row is one line item; rows are not grouped into records of several lines.
    lines = cast(list[Json], fields.setdefault(name, [{}]))
    cast(dict[str, Json], lines[0])[inner] = value


def _note_raw(raw: dict[str, Json], column: FieldColumn, row: Row, value: Json) -> None:
    if column.index is None or column.index >= len(row.cells):
        return
    stated = cell_text(row.cells[column.index])
    if stated != (value if isinstance(value, str) else str(value)):
        _put(raw, column.target, stated)


def missing(target: str) -> Finding:
    """
    Return the finding of a required field that the row lacks and no gap covers.
    """
    return attrs.evolve(finding("missing"), path=f"$.{target}")
