"""
Rejects: rows that could not come in, as a file that comes back.
"""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl  # type: ignore[import-untyped]
import pytest

from archive_core.errors import SourceUnusable
from archive_core.importing.report import ImportReport
from archive_core.importing.run import Wishes

if TYPE_CHECKING:
    from importing.conftest import Importer

HEADER = ["no", "date", "kind", "cost", "note"]
VISITS = (Path(__file__).parent / "mappings" / "visits.toml").read_text(encoding="utf-8")
Write = Callable[..., Path]


def good(number: int) -> list[str]:
    return [f"V-{number}", "2018-01-02", "现场", f"{number}.50", "说明"]


def counts(report: ImportReport) -> dict[str, int]:
    return {name: rows for name, rows in report.outcomes.items() if rows}


def rules(report: ImportReport) -> dict[str, int]:
    return {rule.rule: rule.count for rule in report.rules}


def test_rejects_are_corrected_in_their_file_and_imported_with_the_same_mapping(
    importer: "Importer", write: Write, tmp_path: Path
) -> None:
    """
    The file has the original layout and the reasons; corrected, its rows come in and keep their original row number.
    """
    rejects = tmp_path / "rejects.csv"
    path = write(good(1), ["V-2", "2018-02-29", "site", "1", "x,y"], ["V-3", "2018-01-01", "fax", "1", ""])
    importer.run(path, VISITS, Wishes(rejects=rejects))
    with rejects.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == [*HEADER, "_row", "_column", "_reason", "_suggestion"]
    assert [(row[5], row[6]) for row in rows] == [("3", "B date"), ("4", "C kind")]
    assert "no such day in the calendar [import.date_impossible]" in rows[0][7]
    rows[0][1], rows[1][2] = "2018-02-28", "call"
    with rejects.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    assert counts(importer.run(rejects, VISITS)) == {"created": 2}
    view = importer.archive.show(importer.archive.find("visit_note", "V-2"))
    assert (view.provenance["row"], view.provenance["name"], view.fields["note"]) == (3, "rejects.csv", "x,y")


def test_rejects_of_a_workbook_are_a_workbook_that_reads_again(importer: "Importer", tmp_path: Path) -> None:
    """
    Cells keep their types, and nothing in them becomes a formula.
    """
    book = openpyxl.Workbook()
    for row in (["制表"], [], HEADER, ["V-1", 43102, "fax", 1.5, "=1+1"]):
        book.active.append(row)
    book.active["E4"].data_type = "s"
    path, rejects = tmp_path / "visits.xlsx", tmp_path / "rejects.xlsx"
    book.save(path)
    importer.check(path, VISITS, Wishes(rejects=rejects))
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(rejects).active.iter_rows()]
    assert rows[1][:7] == ["V-1", 43102, "fax", 1.5, "=1+1", 4, "C kind"]
    assert counts(importer.check(rejects, VISITS)) == {"rejected": 1}


def test_rejects_never_overwrite_the_source_or_earlier_corrections(
    importer: "Importer", write: Write, tmp_path: Path
) -> None:
    """
    The source is refused as target; a file that is there already is kept beside.
    """
    path = write(["V-2", "2018-02-29", "site", "1", ""])
    with pytest.raises(SourceUnusable, match="would overwrite the source"):
        importer.check(path, VISITS, Wishes(rejects=path))
    rejects = tmp_path / "rejects.csv"
    rejects.write_text("corrected by hand", encoding="utf-8")
    importer.check(path, VISITS, Wishes(rejects=rejects))
    assert (tmp_path / "rejects.csv~").read_text(encoding="utf-8") == "corrected by hand"


def test_a_row_of_another_width_is_rejected_with_its_surplus(
    importer: "Importer", write: Write, tmp_path: Path
) -> None:
    """
    Cells beyond the header, or missing ones, are never shifted into other columns.
    """
    rejects = tmp_path / "rejects.csv"
    report = importer.check(write([*good(1), "extra"], good(2)[:3]), VISITS, Wishes(rejects=rejects))
    assert (counts(report), rules(report)) == ({"rejected": 2}, {"import.row_width": 2})
    assert "[surplus cells: extra]" in rejects.read_text(encoding="utf-8")


def test_every_finding_can_be_written_to_a_file(importer: "Importer", write: Write, tmp_path: Path) -> None:
    """
    The report keeps five examples of a rule; the file has all of them, in the order of the rows.
    """
    path = tmp_path / "findings.jsonl"
    rows = [[f"V-{number}", "2018-02-29", "site", "1", ""] for number in range(8)]
    report = importer.check(write(*rows), VISITS, Wishes(findings=path))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["row"] for line in lines] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert {line["column"] for line in lines} == {"B date"}
    assert [(rule.count, len(rule.examples)) for rule in report.rules] == [(8, 5)]


def test_rejects_of_a_western_file_keep_their_english_reasons(importer: "Importer", tmp_path: Path) -> None:
    """
    What does not fit the encoding of the source is given up in the reasons, never in the cells.
    """
    path, rejects = tmp_path / "visits.csv", tmp_path / "rejects.csv"
    path.write_bytes(("no,date,kind,cost,note\n" + "V-1,2018-02-29,site,1,Café à Orléans\n").encode("cp1252"))
    importer.check(path, VISITS, Wishes(rejects=rejects), encoding="cp1252")
    text = rejects.read_text(encoding="cp1252")
    assert "Café à Orléans" in text
    assert "no such day in the calendar" in text
