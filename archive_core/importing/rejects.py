"""
Rejects: the rows that could not come in, as a file in the original layout with the reasons beside each row.

Four columns are added at the right: `_row` (in the original), `_column`, `_reason`, `_suggestion`. A person
corrects the cells and imports the file with the same mapping; the added columns are recognised and not read, but
for `_row`, which becomes part of the provenance. A text table is written in the encoding and with the separator of
the original, a workbook as XLSX.
"""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import attrs

from archive_core.errors import NoRights, SourceUnusable
from archive_core.importing.readers import Source
from archive_core.importing.rows import Cell, cell_text
from archive_core.importing.tables import Table
from archive_core.importing.text_table import TextSource

REJECT_COLUMNS = ("_row", "_column", "_reason", "_suggestion")


@attrs.frozen
class Reject:
    """
    One row that could not come in, with the reasons as a person reads them.
    """

    number: int
    cells: tuple[Cell, ...]
    columns: str
    reason: str
    suggestion: str

    def line(self, width: int) -> tuple[Cell, ...]:
        """
        Return the cells under the original titles, and the four added ones; surplus cells are named in the
        suggestion.
        """
        padded = self.cells[:width] + ("",) * (width - len(self.cells))
        surplus = [cell_text(cell) for cell in self.cells[width:] if cell_text(cell)]
        advice = self.suggestion + (f" [surplus cells: {' | '.join(surplus)}]" if surplus else "")
        return (*padded, self.number, self.columns, self.reason, advice)


class RejectWriter(Protocol):
    """
    Takes rejects one by one; the file is complete after `close`.
    """

    def add(self, reject: Reject) -> None: ...

    def close(self) -> None: ...


def without_reject_columns(table: Table) -> tuple[Table, int | None]:
    """
    Return the table as it was before reject columns were added, and the index of `_row` (None when there were none).
    """
    if table.header[-len(REJECT_COLUMNS) :] != REJECT_COLUMNS:
        return table, None
    width = table.width - len(REJECT_COLUMNS)
    return attrs.evolve(table, header=table.header[:width]), width


def open_rejects(path: Path, source: Source, table: Table) -> RejectWriter:
    """
    Return a writer in the format of the source. A file that is there already may hold corrections: it is kept as
    `NAME~`.

    Raises:
        SourceUnusable: the file is the source itself.
        NoRights: the file cannot be written.
    """
    if path.exists() and path.samefile(source.path):
        raise SourceUnusable(str(path), "the rejects would overwrite the source", "name another file for the rejects")
    try:
        if path.exists():
            path.replace(path.with_name(path.name + "~"))
        return TextRejects(path, source, table) if isinstance(source, TextSource) else WorkbookRejects(path, table)
    except OSError:
        raise NoRights(str(path), "write") from None


class LazyRejects:
    """
    Opens the file of rejects with the first of them; without rejects there is no file.
    """

    def __init__(self, path: Path | None, source: Source, table: Table) -> None:
        self._path, self._source, self._table = path, source, table
        self._writer: RejectWriter | None = None

    def add(self, reject: Reject) -> None:
        if self._path is None:
            return
        if self._writer is None:
            self._writer = open_rejects(self._path, self._source, self._table)
        self._writer.add(reject)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class TextRejects:
    """
    Writes rejects as text, row by row.
    """

    def __init__(self, path: Path, source: TextSource, table: Table) -> None:
        self._width, self._codec = table.width, source.encoding.codec
        self._file = path.open("w", encoding=self._codec, newline="")
        self._writer = csv.writer(self._file, delimiter=source.dialect.delimiter)
        self._writer.writerow((*table.header, *REJECT_COLUMNS))

    def add(self, reject: Reject) -> None:
        self._writer.writerow([self._writable(cell_text(cell)) for cell in reject.line(self._width)])

    def _writable(self, text: str) -> str:
        # The cells came out of this encoding; Chinese reasons may not fit a Western one, their English half does.
        return text.encode(self._codec, errors="replace").decode(self._codec)

    def close(self) -> None:
        self._file.close()


class WorkbookRejects:
    """
    Writes rejects as XLSX; cells keep their types, so dates stay dates and numbers numbers.
    """

    def __init__(self, path: Path, table: Table) -> None:
        import openpyxl  # type: ignore[import-untyped]

        self._path = path
        self._width = table.width
        self._book = openpyxl.Workbook(write_only=True)
        self._sheet = self._book.create_sheet("Sheet1")
        self._append((*table.header, *REJECT_COLUMNS))

    def add(self, reject: Reject) -> None:
        self._append(reject.line(self._width))

    def close(self) -> None:
        self._book.save(self._path)

    def _append(self, cells: Sequence[Cell]) -> None:
        from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]

        made = []
        for cell in cells:
            written = WriteOnlyCell(self._sheet)
            written.value = cell if cell != "" else None
            if isinstance(cell, str) and cell.startswith("="):
                written.data_type = "s"  # text that looks like a formula must not become one
            made.append(written)
        self._sheet.append(made)


def joined(parts: Iterable[str]) -> str:
    """
    Return different non-empty texts in order, separated by "; ".
    """
    return "; ".join(dict.fromkeys(part for part in parts if part))
