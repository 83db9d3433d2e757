import datetime as dt
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest

from archive_core.errors import SheetMissing, SourceUnusable
from archive_core.importing.dialect import Dialect, sniff_dialect
from archive_core.importing.readers import open_source, recognise
from archive_core.importing.rows import Cell, Row, cell_text, column_letter


def text_file(tmp_path: Path, data: bytes, name: str = "table.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def workbook(tmp_path: Path, cells: dict[str, object], name: str = "book.xlsx") -> Path:
    book = openpyxl.Workbook()
    for place, value in cells.items():
        book.active[place] = value
    path = tmp_path / name
    book.save(path)
    return path


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "~", "^", "¬", "；", "，"])
def test_every_known_separator_is_found(delimiter: str) -> None:
    """
    The separator under which all rows agree is chosen.
    """
    lines = [delimiter.join(cells) + "\n" for cells in (("a", "b c", "d"), ("1.5", "x y", "z"), ("2.5", "u v", "w"))]
    assert delimiter == sniff_dialect(lines).delimiter


def test_commas_inside_quotes_do_not_split() -> None:
    """
    A quoted comma belongs to the cell.
    """
    lines = ["first,last,zip\n", 'John,"Anytown, WW",08123\n']
    found = [cells for _, cells in sniff_dialect(lines).records(lines)]
    assert found == [["first", "last", "zip"], ["John", "Anytown, WW", "08123"]]


def test_a_stray_quote_does_not_swallow_the_table() -> None:
    """
    When reading with quotes would make one record of more than fifty lines, quotes are taken as plain characters.
    """
    lines = ["id|name\n", '1|"open\n', *[f"{n}|x\n" for n in range(200)]]
    assert Dialect("|", quoted=False, consistency=1000) == sniff_dialect(lines)


def test_cr_cr_lf_gives_no_blank_rows_and_keeps_line_numbers(tmp_path: Path) -> None:
    """
    Line ends of two carriage returns and a line feed are one line end.
    """
    source = open_source(text_file(tmp_path, b"a,b\r\r\n1,2\r\r\n3,4\r\r\n"))
    assert [Row(1, ("a", "b")), Row(2, ("1", "2")), Row(3, ("3", "4"))] == list(source.rows())


def test_a_record_over_several_lines_has_the_number_of_its_first_line(tmp_path: Path) -> None:
    """
    Line breaks inside quotes move the numbers of the rows behind, as in an editor.
    """
    source = open_source(text_file(tmp_path, b'a,b\n"one\ntwo",2\n3,4\n'))
    assert [row.number for row in source.rows()] == [1, 2, 4]
    assert list(source.rows())[1].cells == ("one\ntwo", "2")


def test_blank_lines_are_rows_without_cells(tmp_path: Path) -> None:
    """
    Blank lines are counted and numbered, not dropped in silence.
    """
    source = open_source(text_file(tmp_path, b"a,b\n\n1,2\n"))
    assert [(row.number, row.blank) for row in source.rows()] == [(1, False), (2, True), (3, False)]


def test_old_mac_line_ends_are_read(tmp_path: Path) -> None:
    """
    A file whose lines end in a carriage return alone has as many rows as lines.
    """
    source = open_source(text_file(tmp_path, b"a,b\r1,2\r3,4\r"))
    assert len(list(source.rows())) == 3


def test_an_unclosed_quote_is_refused_with_its_line(tmp_path: Path) -> None:
    """
    A quote that swallows more than fifty lines is an error with the line where it opens.
    """
    good = [f"{n},x\n" for n in range(2, 602)]
    source = open_source(text_file(tmp_path, "".join(["a,b\n", *good, '9,"open\n', *good]).encode()))
    with pytest.raises(SourceUnusable, match="line 602: a quote opens here"):
        list(source.rows())


def test_workbook_columns_keep_their_letters_behind_empty_ones(tmp_path: Path) -> None:
    """
    Empty leading columns and rows are cells too, so that letters and numbers are those Excel shows.
    """
    path = workbook(tmp_path, {"C3": "title", "C4": 236701, "D4": 1.5})
    rows = list(open_source(path).rows())
    assert Row(3, ("", "", "title", "")) == rows[2]
    assert rows[3].cells == ("", "", 236701.0, 1.5)


def test_formula_errors_are_not_taken_for_empty_cells(tmp_path: Path) -> None:
    """
    An error cell appears as its text.
    """
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append([1, "x"])
    book.active["A2"].value = "#N/A"
    book.active["A2"].data_type = "e"
    path = tmp_path / "errors.xlsx"
    book.save(path)
    assert list(open_source(path).rows())[1].cells == ("#N/A", "x")


def test_leading_zeros_shown_by_a_format_only_are_announced(tmp_path: Path) -> None:
    """
    A code stored as a number has no leading zeros, whatever the cell looks like.
    """
    book = openpyxl.Workbook()
    book.active["A1"] = 42
    book.active["A1"].number_format = "000000"
    book.save(tmp_path / "codes.xlsx")
    (note,) = open_source(tmp_path / "codes.xlsx").notes
    assert note.startswith("a number format shows leading zeros that are not in the cells")


def test_unicode_text_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    """
    UTF-16 with byte order mark and tabs, as "Unicode text" is saved.
    """
    source = open_source(text_file(tmp_path, "编号\t名称\r\n1\t感康\r\n".encode("utf-16"), "table.txt"))
    assert list(source.rows()) == [Row(1, ("编号", "名称")), Row(2, ("1", "感康"))]


def test_a_workbook_with_a_text_name_is_read_and_said_so(tmp_path: Path) -> None:
    """
    The bytes decide what a file is; a name that says otherwise is noted.
    """
    source = open_source(workbook(tmp_path, {"A1": "a", "A2": 1}, "book.xlsx").rename(tmp_path / "book.csv"))
    assert source.kind == "xlsx"
    assert source.notes == ("the name ends in .csv, but the content is XLSX",)


def test_hidden_and_further_sheets_are_announced(tmp_path: Path) -> None:
    """
    Only one sheet is read; the others are named with their rows, hidden ones as hidden.
    """
    book = openpyxl.Workbook()
    book.active["A1"] = "x"
    hidden = book.create_sheet("secret")
    hidden["A1"] = "y"
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "two.xlsx")
    source = open_source(tmp_path / "two.xlsx")
    assert source.notes == ("sheet 'secret' (1 rows, hidden) is not read",)
    assert [Row(1, ("y",))] == list(open_source(tmp_path / "two.xlsx", sheet="secret").rows())


def test_an_unknown_sheet_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    """
    The error lists the sheets that exist.
    """
    with pytest.raises(SheetMissing, match="it has Sheet"):
        open_source(workbook(tmp_path, {"A1": 1}), sheet="Tabelle1")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<html><table>", "HTML"),
        (b'{"a": 1}', "JSON"),
        (b"a\0b\0", "binary"),
        (b"PK\3\4x", "damaged"),
    ],
)
def test_what_is_no_table_is_refused_by_its_kind(tmp_path: Path, data: bytes, what: str) -> None:
    """
    The refusal says what the file is.
    """
    with pytest.raises(SourceUnusable, match=what):
        recognise(text_file(tmp_path, data))


def test_a_missing_file_is_refused_in_words(tmp_path: Path) -> None:
    """
    There is no traceback for a misspelt name.
    """
    with pytest.raises(SourceUnusable, match="no such file"):
        open_source(tmp_path / "nothing.csv")


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_column_letters_are_those_of_a_spreadsheet(index: int, letters: str) -> None:
    """
    Zero-based columns have the letters people see.
    """
    assert letters == column_letter(index)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (236701.0, "236701"),
        (82.8, "82.8"),
        (True, "TRUE"),
        (dt.date(2018, 1, 31), "2018-01-31"),
        (dt.datetime.fromisoformat("2018-01-31T11:05:00"), "2018-01-31 11:05:00"),
        ("007", "007"),
    ],
)
def test_cells_are_shown_as_people_read_them(cell: Cell, text: str) -> None:
    """
    Whole numbers have no decimal point, dates are in ISO form, text stays text.
    """
    assert text == cell_text(cell)
