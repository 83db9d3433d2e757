"""
What a mapping says about the source is held to, and what it declares is done.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archive_core.errors import SourceDrifted
from archive_core.importing.report import ImportReport

if TYPE_CHECKING:
    from importing.conftest import Importer

TABLE = "no,date,kind\nV-1,2018-01-02,site\n"
BASE = 'mapping = 1\nrecord_type = "visit_note"\n'
FIELDS = """
[fields.visit_no]
column = "no"

[fields.visited_on]
column = "date"

[fields.kind]
column = "kind"
"""
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_text(text: str) -> Path:
        path = tmp_path / "visits.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write_text


def counts(report: ImportReport) -> dict[str, int]:
    return {name: rows for name, rows in report.outcomes.items() if rows}


@pytest.mark.parametrize(
    ("fields", "difference"),
    [
        (FIELDS.replace('"date"', '"day"'), "visited_on: no column is titled 'day'"),
        (FIELDS.replace('"date"', '"date"\nposition = 3'), "visited_on: expected 'date' in column 3, found 'kind'"),
        (
            FIELDS.replace('"date"', '"date"\nposition = 9'),
            "visited_on: expected 'date' in column 9, which has no title",
        ),
    ],
)
def test_a_column_is_found_by_name_and_place_or_not_at_all(
    importer: "Importer", write: Write, fields: str, difference: str
) -> None:
    """
    A column that is not where and what the mapping says is drift.
    """
    with pytest.raises(SourceDrifted) as caught:
        importer.plan(write(TABLE), BASE + fields)
    assert caught.value.differences == (difference,)


def test_titles_that_stand_twice_need_a_position(importer: "Importer", write: Write) -> None:
    """
    The error names the columns; with a position the right one is read.
    """
    twice = "no,date,date,kind\nV-1,2018-01-02,2019-01-02,site\n"
    with pytest.raises(SourceDrifted, match="columns B, C are all titled 'date'; add position = N"):
        importer.plan(write(twice), BASE + FIELDS)
    placed = FIELDS.replace('"date"', '"date"\nposition = 3') + '\n[columns]\nkeep = ["date"]\n'
    importer.run(write(twice), BASE + placed)
    assert importer.fields("visit_note")["V-1"]["visited_on"] == "2019-01-02"


def test_a_file_of_another_kind_is_drift(importer: "Importer", write: Write) -> None:
    """
    A mapping made for a workbook does not read a text file.
    """
    with pytest.raises(SourceDrifted, match="expected a file of kind xlsx, found text"):
        importer.plan(write(TABLE), BASE + '[source]\nkind = "xlsx"\n' + FIELDS)


@pytest.mark.parametrize(
    ("rows", "declared", "expected"),
    [
        ("V-1,2018-01-02,site\nV-2,2018-01-02,site\n", "[source]\nlast_row = 2\n", {"created": 1}),
        ("合计,,\n", "", {"skipped": 1}),
        ("合计,,\n", '[source]\ntotal_rows = "keep"\n', {"rejected": 1}),
        (",2018-01-02,site\n" * 2, 'gaps = ["visit_no"]\n', {"created": 1, "duplicate": 1}),
        (",2018-01-02,site\n" * 2, 'gaps = ["visit_no"]\n[rows]\nidentical = "keep"\n', {"created": 2}),
        ("V-1,05/06/2018,site\nV-2,13/06/2018,site\n", "", {"created": 2}),
        ("V-1,05/06/2018,site\nV-2,07/06/2018,site\n", "", {"rejected": 2}),
    ],
)
def test_what_the_mapping_declares_about_rows_is_done(
    importer: "Importer", write: Write, rows: str, declared: str, expected: dict[str, int]
) -> None:
    """
    Last row, totals, repetition, and the order of day and month over the whole column.
    """
    assert counts(importer.check(write("no,date,kind\n" + rows), BASE + declared + FIELDS)) == expected


def test_a_default_is_recorded_as_not_stated(importer: "Importer", write: Write) -> None:
    """
    The value comes from the mapping; beside it stands the empty cell it filled.
    """
    mapping = BASE + FIELDS.replace('column = "kind"', 'column = "kind"\ndefault = "call"')
    importer.run(write("no,date,kind\nV-1,2018-01-02,\n"), mapping)
    view = importer.archive.show(importer.archive.find("visit_note", "V-1"))
    assert (view.fields["kind"], view.raw) == ("call", {"kind": ""})


def test_a_title_block_is_told_in_the_report(importer: "Importer", write: Write) -> None:
    """
    What stands above the table is shown, with its rows.
    """
    report = importer.check(write("拜访台账,,\n制表：质管部,,\n" + TABLE), BASE + FIELDS)
    assert report.notes == ("title block, row 1: 拜访台账", "title block, row 2: 制表：质管部")
    assert counts(report) == {"created": 1}
