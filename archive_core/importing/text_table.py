"""
Text tables (CSV, TSV and their relatives): decoded strictly, split by the own dialect rule, streamed.
"""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import attrs

from archive_core.errors import SourceUnusable
from archive_core.importing.dialect import LONGEST_RECORD, SAMPLE, Dialect, sniff_dialect
from archive_core.importing.encoding import EncodingChoice, choose_encoding
from archive_core.importing.rows import Row


@attrs.frozen
class TextSource:
    """
    A text table with its encoding and dialect; streams.
    """

    path: Path
    encoding: EncodingChoice
    dialect: Dialect
    line_end: str = "\n"
    notes: tuple[str, ...] = ()
    kind: str = "text"
    sheet: str = ""

    def rows(self) -> Iterator[Row]:
        """
        Yield every record with its physical line number.

        Raises:
            SourceUnusable: a quote swallows more than 50 lines, or a cell cannot be told from the next.
        """
        before = 0
        try:
            for start, cells in self._records():
                self._guard(before, start, cells)
                before = start
                yield Row(start, tuple(cells))
        except csv.Error as error:
            raise self._unusable(before + 1, str(error)) from None

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        with self.path.open(encoding=self.encoding.codec, newline=self.line_end) as file:
            yield from self.dialect.records(file)

    def _guard(self, before: int, start: int, cells: list[str]) -> None:
        if any(cell.count("\n") > LONGEST_RECORD for cell in cells):
            raise self._unusable(start, f"a quote opens here and swallows more than {LONGEST_RECORD} lines")
        if start < before:  # pragma: no cover - csv numbers lines upwards
            raise self._unusable(start, "the lines cannot be counted")

    def _unusable(self, line: int, problem: str) -> SourceUnusable:
        return SourceUnusable(str(self.path), f"line {line}: {problem}", "repair the line in a copy of the file")


def open_text(path: Path, encoding: str | None, delimiter: str | None, notes: tuple[str, ...]) -> TextSource:
    choice = choose_encoding(path, encoding)
    line_end = _line_end(path, choice.codec)
    with path.open(encoding=choice.codec, newline=line_end) as file:
        dialect = sniff_dialect(list(islice(file, SAMPLE)), delimiter)
    return TextSource(path, choice, dialect, line_end, notes)


def _line_end(path: Path, codec: str) -> str:
    with path.open(encoding=codec, newline="") as file:
        text = file.read(1 << 20)
    return "\r" if "\r" in text and "\n" not in text else "\n"
