"""An archive to import into, and the real files where they are at hand."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from support import SHARED, STAFF

from archive_core import Archive
from archive_core.importing.mapping_text import parse_mapping
from archive_core.importing.plan import Plan, make_plan, open_mapped
from archive_core.importing.report import ImportReport
from archive_core.importing.run import Wishes, check_import, run_import

# Real files may not be passed on with the project: their tests run where the files are at hand.
collect_ignore = [] if SHARED.is_dir() else ["test_real_files.py"]

VISIT_COLUMNS = ["no", "date", "kind", "cost", "note"]


class Importer:
    """
    One open archive and what is asked of it here: plan, check and run of a file under the text of a mapping.
    """

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.desk = archive.importing.desk

    def plan(self, path: Path, mapping: str, encoding: str | None = None) -> Plan:
        parsed = parse_mapping(mapping)
        record_type = self.archive.registry.installed(parsed.record_type).record_type
        return make_plan(open_mapped(path, parsed, encoding), parsed, record_type)

    def check(
        self, path: Path, mapping: str, wishes: Wishes | None = None, encoding: str | None = None
    ) -> ImportReport:
        return check_import(self.plan(path, mapping, encoding), self.desk, wishes)

    def run(self, path: Path, mapping: str, wishes: Wishes | None = None) -> ImportReport:
        return run_import(self.plan(path, mapping), self.desk, wishes)

    def fields(self, type_name: str) -> dict[str, dict[str, object]]:
        """
        Return the fields of every record of a type, newest version, by key.
        """
        rows = self.archive.ledger.reader.records(type_name)
        views = (self.archive.views.version(row.record, row.latest) for row in rows)
        return {view.key: dict(view.fields) for view in views}


@pytest.fixture
def importer(open_as: Callable[[str | None], Archive]) -> Importer:
    """
    An importer acting for a member of staff.
    """
    return Importer(open_as(STAFF))


@pytest.fixture
def mapping_of() -> Callable[[str], str]:
    """
    Return the text of a mapping kept beside the tests.
    """
    return lambda name: (Path(__file__).parent / "mappings" / f"{name}.toml").read_text(encoding="utf-8")


@pytest.fixture
def real() -> Callable[[str, str], Path]:
    """
    Find a real file by the beginning of its folder's name and a pattern.
    """
    return lambda folder, pattern: next(SHARED.glob(f"data/{folder}*/{pattern}"))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """
    Write rows under the header of the visits as CSV; return the file.
    """

    def write_rows(*rows: list[str], name: str = "visits.csv") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([VISIT_COLUMNS, *rows])
        return path

    return write_rows
