"""
The schedule applied to records: triggers are read from the version in force, days from the ledger.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo

import attrs

from archive_core.canonical import Json
from archive_core.clock import local_day
from archive_core.ledger.contents import entry_at, version_content
from archive_core.ledger.contract import Reader
from archive_core.model.record_type import RecordType
from archive_core.model.retention import CAPTURED, IN_FORCE, Facts, Verdict
from archive_core.model.rows import RecordRow, VersionRow
from archive_core.model.values import Month

DefinitionOf = Callable[[str, int], RecordType]


@attrs.frozen
class RecordFacts:
    """
    The facts of one record: wire-form fields, and the local days the ledger knows.
    """

    fields: Mapping[str, Json]
    days: Mapping[str, date]

    def day(self, trigger: str) -> date | Month | None:
        if trigger.startswith("@"):
            return self.days.get(trigger)
        stated = self.fields.get(trigger)
        if not isinstance(stated, str):
            return None
        return Month.parse(stated) if len(stated) == 7 else date.fromisoformat(stated)

    def flag(self, field: str) -> bool | None:
        stated = self.fields.get(field)
        return stated if isinstance(stated, bool) else None

    def lines(self, field: str) -> tuple[Facts, ...]:
        stated = self.fields.get(field)
        rows = stated if isinstance(stated, list) else []
        return tuple(RecordFacts(row, self.days) for row in rows if isinstance(row, dict))


@attrs.frozen(kw_only=True)
class DueItem:
    """
    One record and its verdict; `eligible` on or before the asked day means due for review.
    """

    record: int
    type: str
    key: str
    verdict: Verdict
    basis: str
    withdrawn: bool

    def is_due(self, on: date) -> bool:
        return self.verdict.eligible is not None and self.verdict.eligible <= on


class Schedules:
    """
    Judges records by the retention rule of the definition they were captured under.
    """

    def __init__(self, reader: Reader, definition_of: DefinitionOf, zone: ZoneInfo) -> None:
        self._reader = reader
        self._definition_of = definition_of
        self._zone = zone

    def items(self, type_name: str | None = None) -> Iterator[DueItem]:
        """
        Yield every record that has a version in force or had one, with its verdict.
        """
        for row in self._reader.records(type_name):
            item = self.item(row)
            if item is not None:
                yield item

    def item(self, row: RecordRow) -> DueItem | None:
        """
        Return the verdict on one record; None while nothing of it is in force, or when its content was destroyed.
        """
        if row.in_force is None:
            return None
        version = self._reader.version(row.record, row.in_force)
        return self._judge(row, version) if version else None

    def _judge(self, row: RecordRow, version: VersionRow) -> DueItem | None:
        content = version_content(self._reader, version.seq)
        if content is None:
            return None
        definition = self._definition(version)
        facts = RecordFacts(content.fields, self._days(row, version))
        return DueItem(
            record=row.record,
            type=row.type,
            key=row.key or "",
            verdict=definition.retention.judge(facts),
            basis=definition.basis,
            withdrawn=row.withdrawn,
        )

    def _definition(self, version: VersionRow) -> RecordType:
        entry = entry_at(self._reader, version.seq)
        return self._definition_of(getattr(entry, "type", ""), getattr(entry, "type_version", 0))

    def _days(self, row: RecordRow, version: VersionRow) -> dict[str, date]:
        days = {CAPTURED: local_day(entry_at(self._reader, row.record).at, self._zone)}
        if version.in_force_from:
            days[IN_FORCE] = local_day(version.in_force_from, self._zone)
        return days
