"""
The import desk: what the command line and scripts ask of this room, by file names.

    desk = ImportDesk(...)
    suggestion = desk.suggest(Path("sales.xlsx"), "drug_sales_record")
    plan = desk.plan(Path("sales.xlsx"), Path("sales.toml"))
    report = desk.check(plan)
    report = desk.run(plan)
"""

from pathlib import Path

import attrs

from archive_core.errors import SourceUnusable
from archive_core.importing.mapping import Mapping
from archive_core.importing.mapping_text import parse_mapping, require_fitting
from archive_core.importing.plan import Plan, make_plan, open_mapped
from archive_core.importing.readers import open_source
from archive_core.importing.report import ImportReport
from archive_core.importing.run import Desk, Wishes, check_import, run_import
from archive_core.importing.suggest import Suggestion, suggest_mapping


@attrs.frozen
class ImportDesk:
    """
    Suggests, plans, checks and runs imports into one archive.
    """

    desk: Desk

    def suggest(
        self,
        path: Path,
        type_name: str,
        *,
        sheet: str | None = None,
        encoding: str | None = None,
        header_row: int | None = None,
    ) -> Suggestion:
        """
        Return a proposed mapping for a file, with what speaks for and against it.

        Raises:
            UnknownRecordType, SourceUnusable, SheetMissing, BadByteInSource, EncodingUnclear, TableNotFound.
        """
        record_type = self.desk.registry.installed(type_name).record_type
        source = open_source(path, encoding=encoding, sheet=sheet)
        return suggest_mapping(source, record_type, header_row=header_row)

    def plan(self, path: Path, mapping: Path | Mapping, *, encoding: str | None = None) -> Plan:
        """
        Return the plan of one file under a mapping, given as object or as TOML file.

        Raises:
            MappingMalformed: with every mistake and its line.
            SourceDrifted: the file has other columns.
            UnknownRecordType: the mapping's type is not installed.
            SourceUnusable, SheetMissing, BadByteInSource, EncodingUnclear, TableNotFound: the file cannot be read.
        """
        parsed = self._read(mapping) if isinstance(mapping, Path) else mapping
        record_type = self.desk.registry.installed(parsed.record_type).record_type
        return make_plan(open_mapped(path, parsed, encoding), parsed, record_type)

    def check(self, plan: Plan, wishes: Wishes | None = None) -> ImportReport:
        """
        Return what `run` would do, without writing to the ledger.
        """
        return check_import(plan, self.desk, wishes)

    def run(self, plan: Plan, wishes: Wishes | None = None) -> ImportReport:
        """
        Bring the rows in as one batch that waits for sign-off.

        Raises:
            As `archive_core.importing.run.run_import`.
        """
        return run_import(plan, self.desk, wishes)

    def _read(self, path: Path) -> Mapping:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            advice = "name a mapping: a TOML file made by archive import suggest"
            raise SourceUnusable(str(path), str(error), advice) from None
        mapping = parse_mapping(text, str(path))
        require_fitting(mapping, self.desk.registry.installed(mapping.record_type).record_type, text, str(path))
        return mapping
