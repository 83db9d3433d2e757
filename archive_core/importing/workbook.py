"""
Workbooks (XLSX, XLS), one sheet at a time.

Traps of the reader that are closed here: it drops empty columns at the left (letters would be wrong), shows error
cells such as #N/A as empty ones, and trusts the file name. It gives every number as a float: see
`archive_core.importing.numbers`. Cost: about 2 kB of memory per row of the sheet.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import attrs
import python_calamine

from archive_core.errors import SheetMissing, SourceUnusable
from archive_core.importing.rows import Cell, Row


@attrs.frozen
class SheetInfo:
    """
    A sheet of a workbook; hidden ones are announced but not read unless named.
    """

    name: str
    hidden: bool
    rows: int


@attrs.frozen
class WorkbookSource:
    """
    One sheet of a workbook; `sheets` lists all of them.
    """

    path: Path
    kind: str
    sheet: str
    sheets: tuple[SheetInfo, ...]
    notes: tuple[str, ...]
    reader: python_calamine.CalamineSheet = attrs.field(repr=False, eq=False)

    def rows(self) -> Iterator[Row]:
        """
        Yield every row from the top of the sheet; error cells appear as their text.
        """
        if self.reader.start is None:
            return
        # iter_rows() keeps leading empty rows but drops leading empty columns.
        padding = ("",) * self.reader.start[1]
        errors = _error_cells(self.path, self.sheet) if self.kind == "xlsx" else {}
        for number, cells in enumerate(self.reader.iter_rows(), start=1):
            yield Row(number, _with_errors((*padding, *cells), errors.get(number)))


def open_workbook(path: Path, kind: str, sheet: str | None, notes: tuple[str, ...]) -> WorkbookSource:
    """
    Return the named sheet, or the first visible one that has rows.

    Raises:
        SourceUnusable: damaged, protected, or without any visible row.
        SheetMissing: no sheet has the name.
    """
    workbook = _load(path)
    readers = {meta.name: _sheet(workbook, meta.name) for meta in workbook.sheets_metadata}
    sheets = tuple(_describe(meta, readers[meta.name]) for meta in workbook.sheets_metadata)
    chosen = _choose(path, sheets, sheet)
    reader = readers[chosen]
    if reader is None:
        raise SourceUnusable(str(path), f"sheet {chosen} is a chart, not a table", "name another sheet in the mapping")
    return WorkbookSource(
        path, kind, chosen, sheets, notes + _notes(sheets, chosen) + _format_notes(path, kind), reader
    )


def _load(path: Path) -> python_calamine.CalamineWorkbook:
    try:
        # from_filelike looks at the bytes, from_path at the name.
        with path.open("rb") as file:
            return python_calamine.CalamineWorkbook.from_filelike(file)
    except python_calamine.PasswordError:
        raise SourceUnusable(str(path), "it is protected by a password", "save a copy without password") from None
    except python_calamine.CalamineError as error:
        raise SourceUnusable(str(path), f"the workbook cannot be read ({error})", "save it anew as XLSX") from None


def _sheet(workbook: python_calamine.CalamineWorkbook, name: str) -> python_calamine.CalamineSheet | None:
    try:
        return workbook.get_sheet_by_name(name)
    except python_calamine.CalamineError:
        return None  # a chart sheet


def _describe(meta: python_calamine.SheetMetadata, reader: python_calamine.CalamineSheet | None) -> SheetInfo:
    hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
    rows = reader.end[0] + 1 if reader is not None and reader.end is not None else 0
    return SheetInfo(meta.name, hidden, rows)


def _choose(path: Path, sheets: tuple[SheetInfo, ...], wanted: str | None) -> str:
    names = [each.name for each in sheets]
    if wanted is not None:
        if wanted not in names:
            raise SheetMissing(str(path), wanted, tuple(names))
        return wanted
    filled = [each.name for each in sheets if each.rows and not each.hidden]
    if not filled:
        raise SourceUnusable(str(path), "no visible sheet has any row", "name the sheet: [source] sheet in the mapping")
    return filled[0]


def _notes(sheets: tuple[SheetInfo, ...], chosen: str) -> tuple[str, ...]:
    others = [each for each in sheets if each.name != chosen and each.rows]
    return tuple(
        f"sheet {each.name!r} ({each.rows} rows{', hidden' if each.hidden else ''}) is not read" for each in others
    )


def _format_notes(path: Path, kind: str) -> tuple[str, ...]:
    if kind == "xls":
        return ("in XLS files formula errors look like empty cells; save as XLSX to have them found",)
    with zipfile.ZipFile(path) as archive:
        styles = archive.read("xl/styles.xml") if "xl/styles.xml" in archive.namelist() else b""
    if re.search(rb'formatCode="0{2,}"', styles):
        return ("a number format shows leading zeros that are not in the cells: codes stored as numbers lack them",)
    return ()


def _error_cells(path: Path, sheet: str) -> dict[int, dict[int, str]]:
    # The fast reader gives '' for #N/A and #DIV/0!: they would look like empty cells. Only such workbooks pay a
    # second look.
    with zipfile.ZipFile(path) as archive:
        members = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        if not any(_holds(archive, name, b't="e"') for name in members):
            return {}
    return _find_errors(path, sheet)


def _holds(archive: zipfile.ZipFile, name: str, needle: bytes) -> bool:
    tail = b""
    with archive.open(name) as member:
        while block := member.read(1 << 20):
            if needle in tail + block:
                return True
            tail = block[-len(needle) :]
    return False


def _find_errors(path: Path, sheet: str) -> dict[int, dict[int, str]]:
    import openpyxl  # type: ignore[import-untyped]

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    found: dict[int, dict[int, str]] = {}
    try:
        for row in book[sheet].iter_rows():
            for cell in row:
                if cell.data_type == "e":
                    found.setdefault(cell.row, {})[cell.column - 1] = str(cell.value)
    finally:
        book.close()
    return found


def _with_errors(cells: tuple[Cell, ...], errors: dict[int, str] | None) -> tuple[Cell, ...]:
    if not errors:
        return cells
    return tuple(errors.get(index, cell) for index, cell in enumerate(cells))
