"""
What an import sees of the archive: rules, live records by key, and the rows that earlier runs of the same file
brought.
"""

from collections.abc import Iterator
from datetime import date
from typing import cast

import attrs
import orjson

from archive_core.canonical import Json
from archive_core.hooks.registry import Registry
from archive_core.importing.judge import OnFile, Shelf
from archive_core.importing.plan import Plan
from archive_core.ledger.contents import version_content
from archive_core.ledger.contract import Reader
from archive_core.model.lifecycle import State
from archive_core.model.rows import VersionRow
from archive_core.records.proposing import Proposer
from archive_core.records.rule_reader import RuleReader
from archive_core.types.builtin import IMPORT_BATCH


@attrs.frozen(kw_only=True)
class KnownBatch:
    """
    A batch in the archive: its record number, the fields of its newest version, and that version's number.
    """

    record: int
    version: int
    fields: dict[str, Json]

    @property
    def open(self) -> bool:
        return self.fields.get("status") == "open"


def known_batches(reader: Reader) -> Iterator[KnownBatch]:
    """
    Yield the import batches that are not withdrawn, oldest first.
    """
    for row in reader.records(IMPORT_BATCH):
        newest = reader.version(row.record, row.latest)
        content = version_content(reader, newest.seq) if newest is not None and not row.withdrawn else None
        if content is not None:
            yield KnownBatch(record=row.record, version=row.latest, fields=dict(content.fields))


def open_batch_of(reader: Reader, plan: Plan) -> KnownBatch | None:
    """
    Return the batch that an interrupted run of this very plan left open, None when there is none.
    """
    wanted = {
        "source_sha256": plan.source_sha256,
        "mapping_sha256": plan.mapping_sha256,
        "record_type": plan.record_type.name,
    }
    return next(
        (batch for batch in known_batches(reader) if batch.open and wanted.items() <= batch.fields.items()), None
    )


def make_shelf(reader: Reader, registry: Registry, plan: Plan, day: date) -> Shelf:
    """
    Return the archive as a judge may ask it, on one day and as the ledger is now.
    """
    resumed = open_batch_of(reader, plan)
    usable = registry.usable(plan.record_type.name)
    rows = _rows_on_file(reader, plan)
    return Shelf(
        propose=Proposer(registry, RuleReader(reader, registry), day).propose,
        key_text=usable.key_text,
        by_key=lambda key: _by_key(reader, plan.record_type.name, key),
        by_row=lambda number: _on_file(reader, rows[number], same_row=True) if number in rows else None,
        batch=resumed.record if resumed else None,
    )


def _by_key(reader: Reader, type_name: str, key: str) -> OnFile | None:
    record = reader.find(type_name, key) if key else None
    return _on_file(reader, record) if record is not None else None


def _on_file(reader: Reader, record: int, *, same_row: bool = False) -> OnFile | None:
    row = reader.record(record)
    newest = reader.version(record, row.latest) if row is not None and not row.withdrawn else None
    content = _content(reader, newest.seq) if newest is not None else None
    if newest is None or content is None:
        return None
    return OnFile(
        record=record,
        version=newest.version,
        fields=cast(dict[str, Json], content["fields"]),
        waiting=newest.state is State.PROPOSED,
        batch=newest.batch,
        same_row=same_row,
    )


def _rows_on_file(reader: Reader, plan: Plan) -> dict[int, int]:
    found: dict[int, int] = {}
    for batch in known_batches(reader):
        fields = batch.fields
        if fields.get("source_sha256") == plan.source_sha256 and fields.get("record_type") == plan.record_type.name:
            found |= dict(_rows_of(reader, batch.record, plan.source.sheet))
    return found


def _rows_of(reader: Reader, batch: int, sheet: str) -> Iterator[tuple[int, int]]:
    for member in reader.batch_members(batch):
        row = _row_of(_content(reader, member.seq), sheet)
        if row is not None and _is_live(reader, member):
            yield row, member.record


def _content(reader: Reader, seq: int) -> dict[str, Json] | None:
    # Asked once for every row: the content is not opened against its commitment here, `verify` does that.
    stored = reader.content(seq)
    return None if stored is None else cast(dict[str, Json], orjson.loads(stored.body))


def _row_of(content: dict[str, Json] | None, sheet: str) -> int | None:
    provenance = cast(dict[str, Json], (content or {}).get("provenance", {}))
    if provenance.get("sheet", "") != sheet or "row" not in provenance:
        return None
    return cast(int, provenance["row"])


def _is_live(reader: Reader, member: VersionRow) -> bool:
    row = reader.record(member.record)
    return row is not None and row.live
