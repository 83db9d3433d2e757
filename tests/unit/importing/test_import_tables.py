from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest

from archive_core.errors import SourceDrifted, TableNotFound
from archive_core.importing.readers import Source, open_source
from archive_core.importing.rows import Cell, Row
from archive_core.importing.tables import check_header, data_rows, find_table, is_total


def sheet(tmp_path: Path, *rows: list[Cell]) -> Source:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path = tmp_path / "book.xlsx"
    book.save(path)
    return open_source(path)


def test_the_header_is_found_under_a_title_block(tmp_path: Path) -> None:
    """
    Titles and notes above the table are told, not taken for columns.
    """
    source = sheet(
        tmp_path,
        ["2018年销售台账"],
        ["制表：质管部", "", "2018-12-31"],
        [],
        ["日期", "品名", "数量", "金额"],
        ["2018-01-01", "感康", 2, 16.8],
        ["2018-01-02", "银翘片", 1, 8],
        ["2018-01-03", "感康", 1, 8.4],
    )
    table = find_table(source)
    assert (table.header_row, table.header) == (4, ("日期", "品名", "数量", "金额"))
    assert table.title == ("1: 2018年销售台账", "2: 制表：质管部 | 2018-12-31")
    assert [row.number for row in data_rows(source, table)] == [5, 6, 7]


def test_a_named_header_row_overrides_the_search(tmp_path: Path) -> None:
    """
    People have the last word on where the titles stand.
    """
    source = sheet(tmp_path, ["a", "b"], ["x", "y"], [1, 2])
    assert find_table(source, header_row=2).header == ("x", "y")


def test_two_levels_of_titles_are_joined(tmp_path: Path) -> None:
    """
    A title over several columns stands before each of theirs.
    """
    source = sheet(tmp_path, ["购进", "", "销售", ""], ["数量", "金额", "数量", "金额"], [1, 2, 3, 4])
    assert find_table(source, header_row=2, header_rows=2).header == (
        "购进 / 数量",
        "购进 / 金额",
        "销售 / 数量",
        "销售 / 金额",
    )


def test_a_sheet_of_numbers_has_no_header(tmp_path: Path) -> None:
    """
    Data is never taken for titles.
    """
    with pytest.raises(TableNotFound, match="looks like column titles"):
        find_table(sheet(tmp_path, [1, 2, 3], [4, 5, 6]))


def test_a_blank_header_row_is_refused(tmp_path: Path) -> None:
    """
    A row named as header must have content.
    """
    with pytest.raises(TableNotFound, match="row 9 has no content"):
        find_table(sheet(tmp_path, ["a"], [1]), header_row=9)


@pytest.mark.parametrize(
    ("cells", "total"),
    [
        (("合计", "", "12", "331,966.20"), True),
        (("总 计：", "", 12.0, 5.5), True),
        (("Grand total", "", "12"), True),
        (("", "小计", 12.0), True),
        (("合计", "甲乙药房", "12"), False),
        (("合计药业有限公司", "", "12"), False),
        (("2018-01-01", "感康", "12"), False),
    ],
)
def test_total_rows_are_told_from_records(cells: tuple[Cell, ...], *, total: bool) -> None:
    """
    A total row begins with the word and holds nothing else but numbers.
    """
    assert is_total(Row(9, cells)) is total


def test_a_changed_header_is_drift_with_every_difference() -> None:
    """
    Each differing column is named by its letter, with what was expected and found.
    """
    with pytest.raises(SourceDrifted) as caught:
        check_header("f.csv", ("日期", "品名", "数量"), ("日期", "数量"))
    assert caught.value.differences == (
        "column B: expected '品名', found '数量'",
        "column C: expected '数量', found no title",
    )
