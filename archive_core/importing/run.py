"""
Check and run: one path for both, row by row; a run also writes.

Rows are judged outside the writer's lock and written in short transactions (at most 1,000 rows or about 20 ms, then
a rest), so that a person who signs something meanwhile waits milliseconds. What is durable is a prefix of the file:
killed anywhere, the next run of the same plan finds the open batch, recognises the rows that are there and goes on;
the end state is the same.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from itertools import islice
from pathlib import Path
from time import perf_counter, sleep
from zoneinfo import ZoneInfo

import attrs

from archive_core.canonical import Json
from archive_core.clock import local_day
from archive_core.errors import TooManyRejects, TotalsDiffer
from archive_core.hooks.registry import Registry
from archive_core.importing.judge import Judge
from archive_core.importing.kept_source import keep_source
from archive_core.importing.mapping import Totals
from archive_core.importing.outcome import Judged, Outcome, Tally
from archive_core.importing.plan import Plan
from archive_core.importing.rejects import LazyRejects
from archive_core.importing.report import FindingsFile, ImportReport, make_report
from archive_core.importing.shelf import KnownBatch, known_batches, make_shelf, open_batch_of
from archive_core.importing.tables import data_rows
from archive_core.importing.totals import ControlTotals, differences
from archive_core.ledger.appender import Appender
from archive_core.ledger.contract import Reader
from archive_core.ledger.ledger import Ledger
from archive_core.model.content import VersionContent
from archive_core.model.finding import Severity
from archive_core.records.batches import BatchWriter, batch_root, closed_fields
from archive_core.records.definitions import Definitions
from archive_core.records.proposing import Proposal
from archive_core.records.writing import RecordWriter
from archive_core.store.blobs import BlobStore
from archive_core.types.builtin import IMPORT_BATCH

Progress = Callable[[int], None]

MOST_ROWS = 1_000
MOST_ROWS_ALONE = 10_000
FEWEST_ROWS = 100
LONGEST_HOLD = 0.020
REST = 0.002


@attrs.frozen(kw_only=True)
class Desk:
    """
    What an import needs of the archive.

    Args:
        now: the entry time of this moment.
        by: tells the record number of the person who imports, or refuses; a check does not ask.
        require_ready: refuses, by raising, where the archive may not take records yet.
    """

    ledger: Ledger
    registry: Registry
    definitions: Definitions
    blobs: BlobStore
    zone: ZoneInfo
    now: Callable[[], str]
    by: Callable[[], int]
    require_ready: Callable[[Reader], None] = lambda _: None

    def today(self) -> date:
        return local_day(self.now(), self.zone)


@attrs.frozen(kw_only=True)
class Wishes:
    """
    How a check or run is to be done.

    Args:
        rejects: file that receives the rows that could not come in, in the layout of the source.
        findings: file that receives every finding, one JSON object a line; the report itself keeps only examples.
        most_rejects: more rejected rows than this stop a run before anything is written.
        alone: nobody else waits for the archive: longer transactions without rest.
        progress: called with the number of rows done since the last call.
    """

    rejects: Path | None = None
    findings: Path | None = None
    most_rejects: int | None = None
    alone: bool = False
    progress: Progress | None = None


def check_import(plan: Plan, desk: Desk, wishes: Wishes | None = None) -> ImportReport:
    """
    Return what a run would do, without writing anything but the file of rejects.
    """
    return _Pass(plan, desk, wishes or Wishes()).go()


def run_import(plan: Plan, desk: Desk, wishes: Wishes | None = None) -> ImportReport:
    """
    Bring the rows in as one batch that waits for sign-off; return the report.

    Raises:
        TotalsDiffer, TooManyRejects: decided by a check first; nothing was written.
        TypeNotInForce, TypeDiffers: the record type cannot be used now.
        ReadOnly, WriterBusy: the ledger cannot be written; what was written before stays and is found again.
    """
    wished = wishes or Wishes()
    desk.require_ready(desk.ledger.reader)
    desk.definitions.require_in_force(desk.registry.installed(plan.record_type.name), desk.ledger.reader)
    if _has_conditions(plan, wished):
        _require(plan, wished, check_import(plan, desk))
    keep_source(desk.blobs, plan.source, plan.table, plan.mapping.drop)
    writer = _Writer(plan, desk, wished)
    report = _Pass(plan, desk, wished, writer).go()
    return writer.close(report)


def _has_conditions(plan: Plan, wishes: Wishes) -> bool:
    totals = _expected(plan)
    return totals.rows is not None or bool(totals.sums) or wishes.most_rejects is not None


def _expected(plan: Plan) -> Totals:
    # The totals a person typed are those of the whole file, not of the rejects that were corrected later.
    return plan.mapping.totals if plan.original_row is None else Totals()


def _require(plan: Plan, wishes: Wishes, report: ImportReport) -> None:
    found = differences(_expected(plan), report.read, report.totals)
    if found:
        raise TotalsDiffer(str(plan.source.path), found)
    if wishes.most_rejects is not None and report.rejected > wishes.most_rejects:
        raise TooManyRejects(str(plan.source.path), report.rejected, wishes.most_rejects)


class _Pass:
    """
    One pass over the rows: judge, count, hand on what must be written, put rejects aside.
    """

    def __init__(self, plan: Plan, desk: Desk, wishes: Wishes, writer: "_Writer | None" = None) -> None:
        self._plan, self._wishes, self._writer = plan, wishes, writer
        self._judge = Judge(plan, make_shelf(desk.ledger.reader, desk.registry, plan, desk.today()))
        self._tally, self._totals = Tally(), ControlTotals(plan)

    def go(self) -> ImportReport:
        with (
            closing(LazyRejects(self._wishes.rejects, self._plan.source, self._plan.table)) as rejects,
            closing(FindingsFile(self._wishes.findings)) as findings,
        ):
            for chunk in self._chunks():
                for judged in chunk:
                    self._count(judged)
                    findings.add(judged.findings)
                    if judged.outcome is Outcome.REJECTED:
                        rejects.add(judged.reject())
                self._hand_on(chunk)
        return make_report(self._plan, self._tally, self._totals)

    def _chunks(self) -> Iterator[list[Judged]]:
        rows = data_rows(self._plan.source, self._plan.table, self._plan.mapping.source.last_row)
        judged = map(self._judge.judge, rows)
        while chunk := list(islice(judged, self._writer.rows if self._writer else MOST_ROWS)):
            yield chunk

    def _count(self, judged: Judged) -> None:
        self._tally.add(judged)
        self._totals.add(judged.fields, judged.gaps, taken=judged.outcome.taken)

    def _hand_on(self, judged: list[Judged]) -> None:
        if self._writer is not None:
            self._writer.write([each for each in judged if each.outcome in _WRITTEN and not each.written])
        if self._wishes.progress is not None:
            self._wishes.progress(len(judged))


_WRITTEN = (Outcome.CREATED, Outcome.AMENDED)


class _Writer:
    """
    Writes judged rows into the plan's batch; opens the batch before the first of them.
    """

    def __init__(self, plan: Plan, desk: Desk, wishes: Wishes) -> None:
        self._plan, self._desk, self._alone = plan, desk, wishes.alone
        self._batch: KnownBatch | None = open_batch_of(desk.ledger.reader, plan)
        self.rows = MOST_ROWS_ALONE if wishes.alone else MOST_ROWS

    def write(self, judged: list[Judged]) -> None:
        """
        Append the rows in one transaction; then they are durable.
        """
        if not judged:
            return
        started = perf_counter()
        with self._desk.ledger.writing() as tx:
            batch = self._batch or self._open(tx)
            _append(BatchWriter(tx, batch.record, self._desk.by()), [self._row(each, batch.record) for each in judged])
        self._batch = batch
        self._pace(perf_counter() - started)

    def close(self, report: ImportReport) -> ImportReport:
        """
        Add the version of the batch record that people sign; return the report with batch and root.
        """
        batch = self._batch
        if batch is None:
            return attrs.evolve(report, written=True)
        with self._desk.ledger.writing() as tx:
            count, root = batch_root(tx.reader, batch.record, tx.next_seq)
            told = report.batch_fields(dict(_expected(self._plan).sums))
            fields = closed_fields(batch.fields, count, root, told)
            records = self._records(tx)
            records.amend(
                batch.record, fields, reason=f"closed with {report.read} rows read", seen=batch.version, replace=True
            )
        number = str(batch.fields["batch_no"])
        return attrs.evolve(report, written=True, batch=batch.record, batch_no=number, root=root)

    def _open(self, tx: Appender) -> KnownBatch:
        plan = self._plan
        fields: dict[str, Json] = {
            "batch_no": _free_number(tx, plan, self._desk),
            "status": "open",
            "record_type": plan.record_type.name,
            "source_name": plan.source.path.name,
            "source_sha256": plan.source_sha256,
            "source_size": plan.source_size,
            "mapping": plan.mapping_text,
            "mapping_sha256": plan.mapping_sha256,
        }
        captured = self._records(tx).capture(IMPORT_BATCH, fields)
        return KnownBatch(record=captured.record, version=captured.version, fields=dict(fields))

    def _records(self, tx: Appender) -> RecordWriter:
        desk = self._desk
        return RecordWriter(tx, desk.registry, desk.definitions, desk.zone, desk.by())

    def _row(self, judged: Judged, batch: int) -> "_Row":
        proposal = _proposal_of(judged, self._desk, self._plan, batch)
        provenance = _provenance(judged, self._plan)
        warnings = {each.finding.rule for each in judged.findings if each.finding.severity is Severity.WARNING}
        content = VersionContent(
            fields=proposal.fields,
            reason=f"import of {self._plan.source.path.name}" if judged.outcome is Outcome.AMENDED else "",
            gaps=proposal.gaps,
            provenance=provenance,
            raw=judged.raw,
            warnings=tuple(sorted(warnings)),
        )
        return _Row(judged=judged, proposal=proposal, content=content)

    def _pace(self, held: float) -> None:
        if self._alone:
            return
        if held > LONGEST_HOLD:
            self.rows = max(FEWEST_ROWS, self.rows // 2)
        elif held < LONGEST_HOLD / 2:
            self.rows = min(MOST_ROWS, self.rows * 2)
        sleep(REST)


@attrs.frozen(kw_only=True)
class _Row:
    judged: Judged
    proposal: Proposal
    content: VersionContent


def _append(writer: BatchWriter, rows: list[_Row]) -> None:
    writer.add([(row.proposal, row.content) for row in rows if row.judged.record is None])
    for row in rows:
        if row.judged.record is not None:
            writer.amend(row.judged.record, row.judged.version, row.proposal, row.content)


def _proposal_of(judged: Judged, desk: Desk, plan: Plan, batch: int) -> Proposal:
    proposal = judged.proposal
    if proposal is None:
        msg = f"row {judged.row.number} has no proposal to write"
        raise LookupError(msg)
    if not judged.made_key or judged.record is not None:
        return proposal
    fields = {**proposal.fields, judged.made_key: f"LEGACY-{batch}-{judged.number}"}
    key = desk.registry.usable(plan.record_type.name).key_text(fields)
    return attrs.evolve(proposal, fields=fields, key=key)


def _provenance(judged: Judged, plan: Plan) -> dict[str, Json]:
    made: dict[str, Json] = {
        "source": plan.source_sha256,
        "name": plan.source.path.name,
        "sheet": plan.source.sheet,
        "row": judged.number,
    }
    if plan.original_sha256:
        made["original"] = plan.original_sha256
    if judged.kept:
        made["kept"] = judged.kept
    if judged.made_key:
        made["made_key"] = judged.made_key
    return made


def _free_number(tx: Appender, plan: Plan, desk: Desk) -> str:
    stem = f"{desk.today():%Y%m%d}-{plan.digest[:8]}"
    taken = {str(batch.fields["batch_no"]) for batch in known_batches(tx.reader)}
    numbered = (stem, *(f"{stem}-{count}" for count in range(2, len(taken) + 3)))
    return next(number for number in numbered if number not in taken)
