"""
Runs over small files: outcomes, repetition, interruption, keys, totals, rejects.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
from support import PASSWORD, QA1, STAFF, TestClock

from archive_core import Archive
from archive_core.errors import MappingMalformed, SourceDrifted, TooManyRejects, TotalsDiffer
from archive_core.importing.report import ImportReport
from archive_core.importing.run import Wishes
from archive_core.model.lifecycle import State

if TYPE_CHECKING:
    from importing.conftest import Importer

HEADER = ["no", "date", "kind", "cost", "note"]
VISITS = (Path(__file__).parent / "mappings" / "visits.toml").read_text(encoding="utf-8")
KEYLESS = VISITS.replace('record_type = "visit_note"', 'record_type = "visit_note"\ngaps = ["visit_no"]')
Write = Callable[..., Path]


def good(number: int, note: str = "说明") -> list[str]:
    return [f"V-{number}", "2018-01-02", "现场", f"{number}.50", note]


def keyless(number: int) -> list[str]:
    return ["", "2018-01-02", "call", f"{number}.50", "旧记录"]


def counts(report: ImportReport) -> dict[str, int]:
    return {name: rows for name, rows in report.outcomes.items() if rows}


def rules(report: ImportReport) -> dict[str, int]:
    return {rule.rule: rule.count for rule in report.rules}


def test_rows_become_records_that_wait_for_the_batch(importer: "Importer", write: Write) -> None:
    """
    Fields are converted, provenance names file, sheet and row, and nothing is in force before the batch is signed.
    """
    path = write(good(1), ["V-2", "2018年1月3日", "电话", "￥1,200.00", ""])
    report = importer.run(path, VISITS)
    assert (counts(report), report.read) == ({"created": 2}, 2)
    view = importer.archive.show(importer.archive.find("visit_note", "V-2"))
    assert view.fields == {"visit_no": "V-2", "visited_on": "2018-01-03", "kind": "call", "cost": "1200.00"}
    assert view.raw == {"visited_on": "2018年1月3日", "kind": "电话", "cost": "￥1,200.00"}
    assert (view.provenance["name"], view.provenance["row"], view.batch) == ("visits.csv", 3, report.batch)
    assert view.state is State.PROPOSED


def test_one_signature_on_the_batch_puts_its_records_in_force(
    importer: "Importer", write: Write, open_as: Callable[[str | None], Archive]
) -> None:
    """
    QA signs the batch record; every record of the batch is in force, and everything verifies.
    """
    report = importer.run(write(good(1), good(2)), VISITS)
    archive = open_as(QA1)
    archive.sign(report.batch or 0)
    assert [view.key for view in archive.list("visit_note")] == ["V-1", "V-2"]
    assert archive.verify().flaws == ()


def test_the_batch_record_tells_counts_totals_and_root(importer: "Importer", write: Write) -> None:
    """
    Rows read are the sum of the outcomes, and the root is that of the report.
    """
    report = importer.run(write(good(1), good(2), good(2), ["V-4", "2018-02-29", "call", "1", ""]), VISITS)
    fields = importer.archive.show(report.batch or 0).fields
    kept = {line["outcome"]: line["rows"] for line in fields["outcomes"] if line["rows"]}  # type: ignore[union-attr, index, call-overload]
    assert kept == {"created": 2, "duplicate": 1, "rejected": 1}
    assert (fields["rows_read"], fields["entries"], fields["root"], fields["status"]) == (4, 2, report.root, "closed")
    assert sha256(str(fields["mapping"]).encode()).hexdigest() == fields["mapping_sha256"]
    assert {"column": "D cost", "field": "cost", "total": "4", "least": "1.5", "greatest": "2.5"} in fields["totals"]  # type: ignore[operator]


def test_a_check_foretells_the_run_and_writes_nothing(importer: "Importer", write: Write) -> None:
    """
    Check and run of one file give the same report, but for what only a run can know.
    """
    path = write(good(1), good(1), [], ["V-3", "2018-02-29", "site", "1", ""], ["V-4", "2018-01-01", "site", "1,5", ""])
    before = importer.archive.ledger.reader.head()
    checked = importer.check(path, VISITS)
    assert importer.archive.ledger.reader.head() == before
    done = importer.run(path, VISITS)
    assert attrs.evolve(done, written=False, batch=None, batch_no="", root="") == checked
    assert counts(checked) == {"created": 1, "duplicate": 1, "rejected": 2, "skipped": 1}


def test_the_same_file_again_changes_nothing(importer: "Importer", write: Write) -> None:
    """
    A second run finds every row unchanged, with and without keys, and opens no batch.
    """
    for mapping, rows in ((VISITS, [good(1), good(2)]), (KEYLESS, [keyless(1), keyless(2)])):
        path = write(*rows)
        importer.run(path, mapping)
        before = importer.archive.ledger.reader.head()
        again = importer.run(path, mapping)
        assert (counts(again), again.batch) == ({"unchanged": 2}, None)
        assert importer.archive.ledger.reader.head() == before


def test_a_missing_key_is_made_of_batch_and_row_under_a_declared_gap(importer: "Importer", write: Write) -> None:
    """
    The made key is marked as such; without the declaration the row is rejected.
    """
    path = write(keyless(1), good(2))
    assert rules(importer.check(path, VISITS))["import.missing"] == 1
    report = importer.run(path, KEYLESS)
    key = f"LEGACY-{report.batch}-2"
    assert sorted(importer.fields("visit_note")) == [key, "V-2"]
    made = importer.archive.show(importer.archive.find("visit_note", key))
    assert made.provenance["made_key"] == "visit_no"


DEVICE_SALES = """
mapping = 1
record_type = "device_sales_record"
gaps = ["sale_no", "line_no", "batch_no", "expiry_date", {gaps}]

[columns]
keep = ["no", "date", "kind", "cost", "note"]
"""


def test_a_part_missing_beside_a_made_key_leaves_no_slash(importer: "Importer", write: Write) -> None:
    """
    The made part is unique by itself; the archive verifies, so the key is found again from the content.
    """
    declared = importer.archive.registry.installed("device_sales_record").record_type
    others = ", ".join(f'"{spec.name}"' for spec in declared.fields if spec.required and spec.name not in declared.key)
    report = importer.run(write(good(1), good(2)), DEVICE_SALES.replace("{gaps}", others))
    assert sorted(importer.fields("device_sales_record")) == [f"LEGACY-{report.batch}-{row}" for row in (2, 3)]
    assert importer.archive.verify().flaws == ()


def test_a_key_repeated_with_other_content_is_rejected(importer: "Importer", write: Write) -> None:
    """
    The first row of a key stands; the later one names it.
    """
    report = importer.check(write(good(1), good(1, "anders")), VISITS)
    assert (counts(report), rules(report)) == ({"created": 1, "rejected": 1}, {"import.key_repeated": 1})


@pytest.mark.parametrize(("policy", "outcome"), [("refuse", "rejected"), ("skip", "skipped"), ("amend", "amended")])
def test_a_key_on_file_is_treated_as_the_mapping_says(
    importer: "Importer", write: Write, open_as: Callable[[str | None], Archive], policy: str, outcome: str
) -> None:
    """
    Other content under a known key is refused, left alone or amended, never overwritten.
    """
    first = importer.run(write(good(1)), VISITS)
    open_as(QA1).sign(first.batch or 0)
    path = write(good(1, "neu"), name="later.csv")
    report = importer.run(path, f'{VISITS}\n[key]\nexisting = "{policy}"\n')
    assert counts(report) == {outcome: 1}
    history = importer.archive.history(importer.archive.find("visit_note", "V-1"))
    assert [view.fields["note"] for view in history] == (["说明", "neu"] if policy == "amend" else ["说明"])


def test_what_a_person_amended_since_is_left_alone(
    importer: "Importer", write: Write, open_as: Callable[[str | None], Archive]
) -> None:
    """
    The same file again never undoes a correction, not even where the mapping says amend.
    """
    path, mapping = write(good(1), good(2)), f'{VISITS}\n[key]\nexisting = "amend"\n'
    open_as(QA1).sign(importer.run(path, mapping).batch or 0)
    record = importer.archive.find("visit_note", "V-1")
    fields = {**importer.archive.show(record).fields, "note": "更正"}
    importer.archive.amend(record, fields, reason="抄写错误", seen=1)
    report = importer.run(path, mapping)
    assert (counts(report), rules(report)) == ({"unchanged": 1, "skipped": 1}, {"import.amended_since": 1})


def test_a_record_that_waits_is_not_amended_by_an_import(importer: "Importer", write: Write) -> None:
    """
    Only one proposal at a time, in an import too.
    """
    importer.run(write(good(1)), VISITS)
    report = importer.run(write(good(1, "neu"), name="later.csv"), f'{VISITS}\n[key]\nexisting = "amend"\n')
    assert rules(report) == {"import.proposal_waiting": 1}


class Interrupted(Exception):
    """
    The user pressed the key.
    """


def stop_after(chunks: int) -> Callable[[int], None]:
    left: Iterator[int] = iter(range(chunks))

    def progress(_: int) -> None:
        if next(left, None) is None:
            raise Interrupted

    return progress


@pytest.mark.parametrize("mapping", [VISITS, KEYLESS])
def test_an_interrupted_run_goes_on_and_ends_as_if_it_had_not_been(
    importer: "Importer", write: Write, mapping: str
) -> None:
    """
    After a stop in the middle, the next run of the same plan reports and leaves the same as an undisturbed one.
    """
    make = good if mapping == VISITS else keyless
    path = write(*(make(number) for number in range(1, 1301)), *([make(7)] * 2), ["V-9", "2018-02-29", "site", "", ""])
    foretold = importer.check(path, mapping)
    with pytest.raises(Interrupted):
        importer.run(path, mapping, Wishes(progress=stop_after(0)))
    there = len(importer.fields("visit_note"))
    assert 0 < there < 1300
    done = importer.run(path, mapping)
    assert attrs.evolve(done, written=False, batch=None, batch_no="", root="") == foretold
    assert len(importer.fields("visit_note")) == 1300
    batches = list(importer.archive.ledger.reader.records("import_batch"))
    assert [importer.archive.show(row.record).fields["entries"] for row in batches] == [1300]


KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from archive_core import Archive
from archive_core.importing.mapping_text import parse_mapping
from archive_core.importing.plan import make_plan, open_mapped
from archive_core.importing.run import Wishes, run_import

folder, source, mapping, user, password, now = sys.argv[1:]
archive = Archive.open(folder, user=user, password=password, clock=lambda: datetime.fromisoformat(now))
parsed = parse_mapping(Path(mapping).read_text())
record_type = archive.registry.installed(parsed.record_type).record_type
plan = make_plan(open_mapped(Path(source), parsed), parsed, record_type)
die = lambda rows: os.kill(os.getpid(), signal.SIGKILL)
run_import(plan, archive.importing.desk, Wishes(progress=die))
"""


def test_a_killed_process_leaves_a_batch_that_can_be_finished(
    importer: "Importer", folder: Path, write: Write, tmp_path: Path, clock: TestClock
) -> None:
    """
    Killed without any chance to tidy up, the archive verifies and the next run completes the batch.
    """
    path, mapping = write(*(good(number) for number in range(1, 1101))), tmp_path / "visits.toml"
    mapping.write_text(VISITS, encoding="utf-8")
    arguments: list[str | Path] = [folder, path, mapping, STAFF, PASSWORD, clock.now.isoformat()]
    ended = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, capture_output=True)
    assert ended.returncode == -9
    assert 0 < len(importer.fields("visit_note")) < 1100
    assert importer.archive.verify().flaws == ()
    assert counts(importer.run(path, VISITS)) == {"created": 1100}
    assert importer.archive.verify().flaws == ()


def test_expected_totals_decide_before_anything_is_written(importer: "Importer", write: Write) -> None:
    """
    A sum that is not the one a person typed stops the run; the right one is kept with the batch.
    """
    path = write(good(1), good(2))
    before = importer.archive.ledger.reader.head()
    with pytest.raises(TotalsDiffer) as caught:
        importer.run(path, f'{VISITS}\n[totals]\nrows = 3\nsums = {{ cost = "4.01" }}\n')
    assert caught.value.differences == ("rows: expected 3, read 2", "sum of cost: expected 4.01, read 4")
    assert importer.archive.ledger.reader.head() == before
    report = importer.run(path, f'{VISITS}\n[totals]\nrows = 2\nsums = {{ cost = "4.00" }}\n')
    assert counts(report) == {"created": 2}


def test_too_many_rejects_decide_before_anything_is_written(importer: "Importer", write: Write) -> None:
    """
    The limit holds for the whole file, not from the row on where it is passed.
    """
    path = write(good(1), ["V-2", "2018-02-29", "site", "1", ""])
    before = importer.archive.ledger.reader.head()
    with pytest.raises(TooManyRejects):
        importer.run(path, VISITS, Wishes(most_rejects=0))
    assert importer.archive.ledger.reader.head() == before
    assert counts(importer.run(path, VISITS, Wishes(most_rejects=1))) == {"created": 1, "rejected": 1}


def test_a_drifted_header_reads_nothing(importer: "Importer", write: Write) -> None:
    """
    The file must have the columns the mapping was made for.
    """
    path = write(good(1))
    path.write_text(path.read_text(encoding="utf-8").replace("cost", "amount", 1), encoding="utf-8")
    with pytest.raises(SourceDrifted, match="column D: expected 'cost', found 'amount'"):
        importer.plan(path, VISITS)


def test_every_column_is_settled_by_the_mapping(importer: "Importer", write: Write) -> None:
    """
    A column that is neither mapped, kept nor dropped is a mistake in the mapping.
    """
    unsettled = VISITS.replace('[fields.note]\ncolumn = "note"\n', "")
    with pytest.raises(MappingMalformed, match="column E note is neither mapped nor listed in keep or drop"):
        importer.plan(write(good(1)), unsettled)


def test_kept_columns_stand_beside_the_record_and_dropped_ones_nowhere(
    importer: "Importer", write: Write, folder: Path
) -> None:
    """
    A dropped column is in no record and in no file of the archive; the kept source is a copy without it.
    """
    mapping = VISITS.replace('[fields.cost]\ncolumn = "cost"\n\n', "").replace('[fields.note]\ncolumn = "note"\n', "")
    path = write(["V-1", "2018-01-02", "site", "kept-value", "secret-4711"])
    report = importer.run(path, f'{mapping}\n[columns]\nkeep = ["cost"]\ndrop = ["note"]\n')
    view = importer.archive.show(importer.archive.find("visit_note", "V-1"))
    assert view.provenance["kept"] == [{"column": "cost", "letter": "D", "value": "kept-value"}]
    held = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert (b"secret-4711" in held, b"kept-value" in held, counts(report)) == (False, True, {"created": 1})
    assert importer.archive.verify().flaws == ()


def test_titles_repeated_on_every_printed_page_are_skipped(importer: "Importer", write: Write) -> None:
    """
    The header once more in the middle of the rows is no record.
    """
    report = importer.check(write(good(1), HEADER, good(2), ["合计", "", "", "4.00", ""]), VISITS)
    assert counts(report) == {"created": 2, "skipped": 2}
    assert rules(report) == {"import.repeated_titles": 1, "import.total_row": 1}


def test_rules_named_in_the_mapping_warn_instead_of_refusing(importer: "Importer", write: Write) -> None:
    """
    Old rows may break a rule of today where the mapping says so; the record carries the warning.
    """
    mapping = VISITS.replace('[fields.note]\ncolumn = "note"', '[columns]\nkeep = ["note"]')
    paid = f"{mapping}\n[fields.paid]\nconstant = true\n"
    path = write(["V-1", "2018-01-02", "site", "", ""])
    assert rules(importer.check(path, paid)) == {"visit.paid": 1}
    importer.run(path, f'{paid}\n[rules]\nwarn = ["visit.paid"]\n')
    view = importer.archive.show(importer.archive.find("visit_note", "V-1"))
    assert view.warnings == ("visit.paid",)


def test_lines_of_a_record_come_from_columns(importer: "Importer", write: Write) -> None:
    """
    A row is a record with one line item; its fields are named lines.field.
    """
    mapping = VISITS.replace("[fields.note]", '[fields."points.topic"]')
    importer.run(write(good(1, "价格")), mapping)
    assert importer.fields("visit_note")["V-1"]["points"] == [{"topic": "价格"}]
