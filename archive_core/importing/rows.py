"""
A row as the source has it, and the names of its places: the number and the letters that people see.
"""

from datetime import date, datetime, time, timedelta
from typing import TypeAlias

import attrs

Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta


@attrs.frozen
class Row:
    """
    One row: `number` as Excel or an editor shows it, `cells` from the first column on; no cells for a blank row.
    """

    number: int
    cells: tuple[Cell, ...]

    @property
    def blank(self) -> bool:
        return all(isinstance(cell, str) and not cell.strip() for cell in self.cells)


def column_letter(index: int) -> str:
    """
    Return Excel's letters of a zero-based column: 0 is A, 26 is AA.
    """
    letters, rest = "", index + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def cell_text(cell: Cell) -> str:
    """
    Return a cell as people read it: whole numbers without `.0`, dates as 2018-01-31, times after a space.
    """
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _number_text(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return str(cell)


def _number_text(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
