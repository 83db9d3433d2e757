"""
A source of rows, opened by what the bytes are and not by what the name says.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from archive_core.errors import SourceUnusable
from archive_core.importing.rows import Row
from archive_core.importing.text_table import TextSource, open_text
from archive_core.importing.workbook import WorkbookSource, open_workbook

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LARGEST_UNPACKED = 4_000_000_000
_SUFFIXES = {"text": (".csv", ".tsv", ".txt", ".tab", ".psv"), "xlsx": (".xlsx", ".xlsm"), "xls": (".xls",)}


class Source(Protocol):
    """
    A table source that can be read any number of times; `notes` says what a person should know about it.
    """

    @property
    def path(self) -> Path: ...

    @property
    def kind(self) -> str: ...

    @property
    def sheet(self) -> str: ...

    @property
    def notes(self) -> tuple[str, ...]: ...

    def rows(self) -> Iterator[Row]: ...


def open_source(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None, sheet: str | None = None
) -> TextSource | WorkbookSource:
    """
    Return the source, recognised by its bytes.

    Args:
        encoding: decodes a text file strictly; None detects it over the whole file.
        delimiter: separates the cells of a text file; None finds it.
        sheet: a workbook's sheet; None takes the first visible sheet that has rows.

    Raises:
        SourceUnusable: missing, empty, protected, or no table format.
        BadByteInSource, EncodingUnclear: the text cannot be decoded with certainty.
        SheetMissing: the workbook has no such sheet.
    """
    kind = recognise(path)
    notes = _name_notes(path, kind)
    if kind in ("xlsx", "xls"):
        return open_workbook(path, kind, sheet, notes)
    return open_text(path, encoding, delimiter, notes)


def recognise(path: Path) -> str:
    """
    Return `text`, `xlsx` or `xls` by the first bytes.

    Raises:
        SourceUnusable: the file is missing, empty or of another kind; the error says what it is.
    """
    head = _head(path)
    if head.startswith(_OLE):
        return "xls"
    if head.startswith(b"PK"):
        return _inside_zip(path)
    for mark, what in ((b"%PDF", "a PDF document"), (b"<", "HTML or XML"), (b"{", "JSON"), (b"[", "JSON")):
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(mark):
            raise SourceUnusable(
                str(path), f"it is {what}, not a table", "open it in its program and save as XLSX or CSV"
            )
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceUnusable(str(path), "it holds binary data, not a table", "save the table as XLSX or CSV")
    return "text"


def _head(path: Path) -> bytes:
    if not path.is_file():
        raise SourceUnusable(str(path), "there is no such file", "check the name")
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        raise SourceUnusable(str(path), "the file is empty", "check that the right file was exported")
    return head


def _inside_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            unpacked = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as error:
        raise SourceUnusable(
            str(path), f"it begins like a workbook but is damaged ({error})", "export it anew"
        ) from None
    if "xl/workbook.xml" not in names:
        held = ", ".join(names[:3])
        raise SourceUnusable(str(path), f"it is a ZIP archive with {len(names)} files ({held})", "unpack it first")
    if unpacked > _LARGEST_UNPACKED:
        raise SourceUnusable(str(path), f"it unpacks to {unpacked} bytes", "split the workbook")
    return "xlsx"


def _name_notes(path: Path, kind: str) -> tuple[str, ...]:
    suffix = path.suffix.lower()
    fitting = [name for name, suffixes in _SUFFIXES.items() if suffix in suffixes]
    if not fitting or fitting == [kind]:
        return ()
    return (f"the name ends in {suffix}, but the content is {'a text table' if kind == 'text' else kind.upper()}",)
