"""
From cells to a draft: the fields of one row in wire form, with what was found, changed, kept and missing on the way.
"""

from typing import cast

import attrs

from archive_core.canonical import Json
from archive_core.importing.plan import FieldColumn, Plan
from archive_core.importing.rows import Cell, Row, cell_text, column_letter
from archive_core.importing.rules import finding
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
        self._columns = [_Column(plan, column) for column in plan.fields]
        self._by_path = {f"$.{column.target}": column for column in self._columns}

    def draft(self, row: Row) -> Draft:
        """
        Return the draft of a row that is not blank.
        """
        fields: dict[str, Json] = {}
        raw: dict[str, Json] = {}
        findings: list[RowFinding] = []
        for column in self._columns:
            reading = column.read(row.cells)
            if reading.value is not None:
                _put(fields, column.target, reading.value)
            if reading.raw is not None:
                _put(raw, column.target, reading.raw)
            if reading.findings:
                findings += [RowFinding(row.number, column.name, found) for found in reading.findings]
        return Draft(row=row, fields=fields, findings=tuple(findings), raw=raw, kept=self._kept(row))

    def place(self, row: Row, found: Finding) -> RowFinding:
        """
        Return a finding with the place of its field's column.
        """
        column = None if found.path == "$" else self._by_path.get(found.path.replace("[0]", ""))
        return RowFinding(row.number, column.name if column else "", found)

    def _kept(self, row: Row) -> list[Json]:
        return [
            {"column": title, "letter": column_letter(index), "value": text}
            for index, title in self._plan.keep
            if index < len(row.cells) and (text := cell_text(row.cells[index]).strip())
        ]


@attrs.frozen
class _Reading:
    """
    What one cell gave; `raw` is the cell's text where the value reads differently.
    """

    value: Json
    raw: str | None
    findings: tuple[Finding, ...]


class _Column:
    """
    Reads one column; remembers what its texts gave.
    """

    def __init__(self, plan: Plan, column: FieldColumn) -> None:
        self.target = column.target
        self.name = plan.table.name(column.index) if column.index is not None else ""
        self._path = "$." + column.target.replace(".", "[0].")
        self._index = column.index
        self._convert = column.convert
        self._constant = _Reading(column.rule.constant, None, ())
        self._known: dict[str, _Reading] = {}

    def read(self, cells: tuple[Cell, ...]) -> _Reading:
        if self._index is None:
            return self._constant
        cell = cells[self._index] if self._index < len(cells) else ""
        if not isinstance(cell, str):
            return self._reading(cell)
        known = self._known.get(cell)
        return known if known is not None else self._remembered(cell)

    def _remembered(self, cell: str) -> _Reading:
        if len(self._known) >= _CACHED:
            self._known.clear()
        reading = self._known[cell] = self._reading(cell)
        return reading

    def _reading(self, cell: Cell) -> _Reading:
        converted = self._convert(cell)
        stated = cell_text(cell)
        same = converted.value is None or stated == str(converted.value)
        findings = tuple(attrs.evolve(found, path=self._path) for found in converted.findings)
        return _Reading(converted.value, None if same else stated, findings)


def _put(fields: dict[str, Json], target: str, value: Json) -> None:
    name, _, inner = target.partition(".")
    if not inner:
        fields[name] = value
        return
    # One row is one line item; rows are not grouped into records of several lines.
    lines = cast(list[Json], fields.setdefault(name, [{}]))
    cast(dict[str, Json], lines[0])[inner] = value


def missing(target: str) -> Finding:
    """
    Return the finding of a required field that the row lacks and no gap covers.
    """
    return attrs.evolve(finding("missing"), path=f"$.{target}")
