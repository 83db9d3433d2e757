"""
Where the table is: title block above, column titles, records, totals below. Always shown, always overridable.

The column titles stand in the first row that fills nearly as many cells as the rows below it, holds texts that do
not look like data and does not repeat itself. Rows above it are the title block. Below it, a row is a total when
its first filled cell says so and most other cells of text are empty.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

import attrs

from archive_core.errors import SourceDrifted, TableNotFound
from archive_core.importing.readers import Source
from archive_core.importing.rows import Cell, Row, cell_text, column_letter

LOOK = 60
_ENOUGH = 0.6
_DATA = re.compile(r"[-+￥¥$]?\d[\d.,/:\- ]*%?\Z|\d{4}年")
_TOTAL = re.compile(
    r"\s*(合\s*计|总\s*计|小\s*计|共\s*计|总\s*数|(grand\s+|sub\s*)?totals?)\s*[:：]?\s*\Z", re.IGNORECASE
)


@attrs.frozen
class Table:
    """
    A table within a sheet; `header` are the titles by column ("" where a column has none), row numbers as people
    see them.
    """

    header: tuple[str, ...]
    header_row: int
    title: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        return len(self.header)

    def name(self, index: int) -> str:
        """
        Return a column as people name it: letter and title.
        """
        title = self.header[index] if index < len(self.header) else ""
        return f"{column_letter(index)} {title}".strip()


def find_table(source: Source, header_row: int | None = None, header_rows: int = 1) -> Table:
    """
    Return the table, looking at the first 60 rows.

    Args:
        header_row: row number of the (last) row of titles; None finds it.
        header_rows: 2 joins two levels of titles as "upper / lower".

    Raises:
        TableNotFound: no row looks like titles, or the named row is blank or missing.
    """
    rows = list(islice(source.rows(), max(LOOK, (header_row or 0) + 1)))
    filled = [row for row in rows if not row.blank]
    if not filled:
        raise TableNotFound(str(source.path), source.sheet, "no row has any content")
    index = _titles_index(filled) if header_row is None else _named_index(source, filled, header_row)
    if index is None:
        raise TableNotFound(str(source.path), source.sheet, "no row among the first 60 looks like column titles")
    above = filled[: max(0, index - header_rows + 1)]
    return Table(_titles(filled, index, header_rows), filled[index].number, tuple(_line(row) for row in above))


def data_rows(source: Source, table: Table, last_row: int | None = None) -> Iterator[Row]:
    """
    Yield the rows below the titles, blank ones and totals included, up to `last_row`.
    """
    for row in source.rows():
        if last_row is not None and row.number > last_row:
            return
        if row.number > table.header_row:
            yield row


def is_total(row: Row) -> bool:
    """
    Return whether the row's first filled cell is a word for a total and no other cell holds words.
    """
    first = next((cell for cell in row.cells if not isinstance(cell, str) or cell.strip()), None)
    if not isinstance(first, str) or not _TOTAL.match(first):
        return False
    texts = [text for text in (cell_text(cell).strip() for cell in row.cells) if text]
    return all(_DATA.match(text) for text in texts[1:])


def width_of(row: Row) -> int:
    """
    Return the number of cells up to the last filled one.
    """
    return next((index + 1 for index in range(len(row.cells) - 1, -1, -1) if row.cells[index] != ""), 0)


def check_header(path: str, expected: Sequence[str], found: Sequence[str]) -> None:
    """
    Refuse a header that is not, title by title, the one a mapping was made for.

    Raises:
        SourceDrifted: with one line per column that differs.
    """
    if not expected:
        return
    padded = [(_at(expected, index), _at(found, index)) for index in range(max(len(expected), len(found)))]
    differences = [
        f"column {column_letter(index)}: expected {_shown(wanted)}, found {_shown(actual)}"
        for index, (wanted, actual) in enumerate(padded)
        if wanted != actual
    ]
    if differences:
        raise SourceDrifted(path, tuple(differences))


def _at(titles: Sequence[str], index: int) -> str:
    return titles[index] if index < len(titles) else ""


def _shown(title: str) -> str:
    return repr(title) if title else "no title"


def _line(row: Row) -> str:
    return f"{row.number}: " + " | ".join(text for text in (cell_text(cell).strip() for cell in row.cells) if text)


def _named_index(source: Source, filled: list[Row], number: int) -> int:
    for index, row in enumerate(filled):
        if row.number == number:
            return index
    raise TableNotFound(str(source.path), source.sheet, f"row {number} has no content")


def _titles_index(filled: list[Row]) -> int | None:
    for index, row in enumerate(filled):
        below = sorted(_count(each) for each in filled[index + 1 :])
        usual = below[len(below) * 3 // 4] if below else _count(row)
        if _count(row) >= max(1, usual * _ENOUGH) and _like_titles(row):
            return index
    return None


def _count(row: Row) -> int:
    return sum(1 for cell in row.cells if cell_text(cell).strip())


def _like_titles(row: Row) -> bool:
    texts = [cell_text(cell).strip() for cell in row.cells if cell_text(cell).strip()]
    words = [cell for cell in row.cells if isinstance(cell, str) and cell.strip() and not _DATA.match(cell.strip())]
    return len(words) >= _ENOUGH * len(texts) and len(set(texts)) >= _ENOUGH * len(texts)


def _titles(filled: list[Row], index: int, levels: int) -> tuple[str, ...]:
    rows = filled[max(0, index - levels + 1) : index + 1]
    width = max(width_of(row) for row in rows)
    upper = [_spread(row, width) for row in rows[:-1]]
    lower = _texts(rows[-1], width)
    return tuple(
        " / ".join(part for part in (*(level[column] for level in upper), lower[column]) if part)
        for column in range(width)
    )


def _texts(row: Row, width: int) -> list[str]:
    cells: tuple[Cell, ...] = row.cells + ("",) * (width - len(row.cells))
    return [" ".join(cell_text(cell).split()) for cell in cells[:width]]


def _spread(row: Row, width: int) -> list[str]:
    # A title over several columns stands in the first of them: merged cells are empty in the others.
    spread, last = [], ""
    for text in _texts(row, width):
        last = text or last
        spread.append(last)
    return spread
