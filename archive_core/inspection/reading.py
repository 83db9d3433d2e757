"""
Questions to a room, asked through Datasette's read-only connection and its time limit.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import orjson
from datasette.database import Database, QueryInterrupted  # type: ignore[import-untyped]

from archive_core.inspection.facts import PROPOSED
from archive_core.model.record_type import RecordType

Row = dict[str, Any]
Params = Mapping[str, object]


@attrs.frozen(kw_only=True)
class Standing:
    """
    What a room says of itself: how far it goes and what the last verification found.

    `verification` is None where nobody has verified since the room was first built.
    """

    name: str
    origin: str
    profile: str
    upto: int
    root: str
    as_of: str
    zone: ZoneInfo
    verification: Mapping[str, Any] | None


@attrs.frozen
class Kind:
    """A record type with the number of its records by state."""

    declared: RecordType
    record: int | None
    is_builtin: bool
    states: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def waiting(self) -> int:
        return self.states.get(PROPOSED, 0)


@attrs.frozen
class Room:
    """Read-only questions; every answer is plain rows or one of the values above."""

    db: Database

    async def rows(self, sql: str, params: Params | None = None, *, limit_ms: int | None = None) -> list[Row]:
        found = await self.db.execute(sql, dict(params or {}), custom_time_limit=limit_ms)
        return [dict(row) for row in found.rows]

    async def row(self, sql: str, params: Params | None = None) -> Row | None:
        found = await self.rows(sql, params)
        return found[0] if found else None

    async def rows_in_time(self, sql: str, params: Params, limit_ms: int) -> list[Row] | None:
        """Return the rows, or None where they would take longer: a count that can be done without."""
        try:
            return await self.rows(sql, params, limit_ms=limit_ms)
        except QueryInterrupted:
            return None

    async def standing(self) -> Standing:
        meta = {row["name"]: row["value"] for row in await self.rows("select name, value from meta")}
        return Standing(
            name=meta["name"], origin=meta["origin"], profile=meta["profile"], upto=int(meta["upto"]),
            root=meta["root"], as_of=meta["as_of"], zone=ZoneInfo(meta["zone"]),
            verification=orjson.loads(meta["verification"]) if meta.get("verification") else None,
        )  # fmt: skip

    async def kinds(self) -> list[Kind]:
        """Return every record type, the archive's own ones last."""
        counts = await self.rows("select type, value, count from facet_count where field = 'state'")
        types = await self.rows("select * from types order by builtin, name")
        return [_kind(row, counts) for row in types]

    async def kind(self, name: str) -> Kind | None:
        return next((kind for kind in await self.kinds() if kind.declared.name == name), None)

    async def definition(self, name: str, version: int) -> RecordType:
        """Return the definition under which a version was captured."""
        row = await self.row(
            "select definition from type_versions where type = :type and version = :version",
            {"type": name, "version": version},
        )
        return RecordType.from_json(orjson.loads((row or {})["definition"]))

    async def record(self, number: int) -> Row | None:
        return await self.row("select * from records where record = :n", {"n": number})

    async def versions(self, number: int) -> list[Row]:
        found = await self.rows("select * from versions where record = :n order by version", {"n": number})
        for row in found:
            row["fields"] = orjson.loads(row["content"]) if row["content"] else None
            row["bound"] = orjson.loads(row["steps"] or "[]")
        return found

    async def signoffs(self, number: int) -> list[Row]:
        return await self.rows("select * from signoffs where record = :n order by seq", {"n": number})

    async def erasures(self, number: int) -> list[Row]:
        return await self.rows("select * from erasures where record = :n order by seq", {"n": number})

    async def names(self, numbers: Sequence[int]) -> dict[int, Row]:
        """Return key, title, type and state of records, by number; unknown ones are absent."""
        sql = "select record, type, key, title, state from records where record in (select value from json_each(:ns))"
        found = await self.rows(sql, {"ns": orjson.dumps(list(numbers)).decode()})
        return {row["record"]: row for row in found}

    async def people(self) -> list[Row]:
        return await self.rows("select * from people order by record")

    async def person_names(self) -> dict[int, Row]:
        return {row["record"]: row for row in await self.people()}

    async def refers_to(self, number: int) -> list[Row]:
        return await self.rows(
            "select refs.field, r.record, r.type, r.key, r.title, r.state from refs"
            " join records r on r.record = refs.target where refs.record = :n order by refs.field, r.record",
            {"n": number},
        )

    async def referred_by(self, number: int, limit: int) -> list[Row]:
        """Return the newest records that refer to a record, one more than `limit` where there are more."""
        return await self.rows(
            "select distinct r.record, r.type, r.key, r.title, r.state from refs"
            " join records r on r.record = refs.record where refs.target = :n order by r.record desc limit :limit",
            {"n": number, "limit": limit + 1},
        )

    async def shown_contents(self, numbers: Sequence[int]) -> dict[int, Row]:
        """Return, by record, the type, type version and fields of the version shown."""
        found = await self.rows(
            "select v.record, v.type, v.type_version, v.content from versions v"
            " join records r on r.record = v.record and r.version = v.version"
            " where r.record in (select value from json_each(:ns))",
            {"ns": orjson.dumps(list(numbers)).decode()},
        )
        return {row["record"]: {**row, "fields": orjson.loads(row["content"] or "{}")} for row in found}

    async def attachment(self, number: int, sha256: str) -> Row | None:
        return await self.row(
            "select * from attachments where record = :n and sha256 = :sha order by version desc limit 1",
            {"n": number, "sha": sha256},
        )

    async def in_force_at(self, type_name: str, moment: str, before: int | None, limit: int) -> list[Row]:
        """Return the versions of a type that were in force at an entry time, newest records first."""
        return await self.rows(
            "select v.*, v.type_version, r.key, r.title from versions v join records r on r.record = v.record"
            " where v.type = :type and v.in_force_from <= :at and (v.in_force_to is null or v.in_force_to > :at)"
            " and not v.withdrawn and (:before is null or v.record < :before)"
            " order by v.record desc limit :limit",
            {"type": type_name, "at": moment, "before": before, "limit": limit},
        )

    async def checkpoints(self, before: int | None, limit: int) -> list[Row]:
        """Return checkpoints, the newest first; with `before`, those over fewer entries."""
        return await self.rows(
            "select * from checkpoints where :before is null or size < :before order by size desc limit :limit",
            {"before": before, "limit": limit},
        )

    async def latest_changes(self, limit: int) -> list[Row]:
        return await self.rows(
            "select v.*, r.key, r.title from versions v join records r on r.record = v.record"
            " join types on types.name = v.type where not types.builtin order by v.seq desc limit :limit",
            {"limit": limit},
        )

    async def waiting(self, limit: int) -> list[Row]:
        """Return records with a version that waits for sign-off, the longest waiting first."""
        return await self.rows(
            "select * from records where state = 'proposed' or pending is not null order by latest_at limit :limit",
            {"limit": limit},
        )

    async def reviewable(self, today: str, limit: int) -> list[Row]:
        """Return records whose time of keeping is over, the earliest first."""
        return await self.rows(
            "select * from records where eligible <= :today and state != 'erased' order by eligible limit :limit",
            {"today": today, "limit": limit},
        )

    async def falling_due(self, until: str, limit: int) -> list[Row]:
        return await self.rows(
            "select due.*, r.type, r.key, r.title, r.state from due join records r on r.record = due.record"
            " where due.day <= :until order by due.day limit :limit",
            {"until": until, "limit": limit},
        )

    async def counts_of_due(self, today: str) -> Row:
        found = await self.row(
            "select (select count(*) from records where state = 'proposed' or pending is not null) as waiting,"
            " (select count(*) from records where eligible <= :today and state != 'erased') as reviewable,"
            " (select count(*) from due where day < :today) as overdue",
            {"today": today},
        )
        return found or {}


def _kind(row: Row, counts: list[Row]) -> Kind:
    states = {count["value"]: int(count["count"]) for count in counts if count["type"] == row["name"]}
    declared = RecordType.from_json(orjson.loads(row["definition"]))
    return Kind(declared, row["record"], bool(row["builtin"]), states)
