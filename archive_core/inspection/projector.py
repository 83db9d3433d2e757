"""
The projector: keeps a room equal to the ledger, bit by bit or all at once.

What a record looks like in the room is a function of that record's facts and of the titles of the records it refers
to. So a catch-up replaces the records that new entries touch, and those that refer to a record with a new title; a
rebuild writes all records into a fresh file, which takes the old one's place in one step. Either may be interrupted
at any moment: the room then stands where it stood before.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

import attrs
from sqlite_utils import Database

from archive_core.canonical import Json, encode_trusted
from archive_core.clock import Clock, format_time, system_clock
from archive_core.inspection.facts import Head, RecordFacts, Source, TypeFacts
from archive_core.inspection.lock import held
from archive_core.inspection.profile import Profile
from archive_core.inspection.rows import ref_rows, title_of
from archive_core.inspection.schema import (
    ROOM_FORMAT,
    create_indexes,
    create_tables,
    create_type_tables,
    open_room,
)
from archive_core.inspection.search import SEGMENTATION
from archive_core.inspection.shape import Shape, shape_of
from archive_core.inspection.writer import RoomWriter
from archive_core.model.fields import FieldSpec

CHUNK = 1000
SMALL_DELTA = 5000
REBUILD_SHARE = 10
VERIFICATION = "verification"
PERSON = "person"


@attrs.frozen
class Outcome:
    """What a run did: entries now covered, records written, and whether the file was made anew."""

    upto: int
    records: int
    rebuilt: bool


@attrs.frozen(kw_only=True)
class Projector:
    """
    One room: `path` is its file, `source` the ledger's facts; up to `patience` entries or records, or a tenth of all,
    are followed one by one.
    """

    path: Path
    profile: Profile
    source: Source
    clock: Clock = system_clock
    patience: int = SMALL_DELTA

    def catch_up(self) -> Outcome:
        """
        Bring the room to the ledger's head; builds it where it is missing, of another form, or far behind.

        Each thousand records are one transaction, so that readers wait milliseconds.
        """
        with held(self.path):
            head, types = self.source.head(), tuple(self.source.types())
            since = self._standing(types)
            if since is None or self._is_far(head.size, head.size - since):
                return self._rebuild(head, types)
            return self._advance(head, types, since)

    def pending(self) -> int:
        """Return about how many records a catch-up would write; one sign-off of a batch may stand for thousands."""
        head = self.source.head()
        since = self._standing(tuple(self.source.types()))
        if since is None or self._is_far(head.size, head.size - since):
            return head.size
        return len(self.source.touched(since, head.size))

    def rebuild(self) -> Outcome:
        """Build the room anew beside the old one and let it take its place; a stored verification is carried over."""
        with held(self.path):
            return self._rebuild(self.source.head(), tuple(self.source.types()))

    def _standing(self, types: Sequence[TypeFacts]) -> int | None:
        """Return how many entries the room covers; None where it cannot be continued."""
        meta = read_meta(self.path)
        same = all(meta.get(name) == value for name, value in self._form(types).items())
        return int(meta["upto"]) if same else None

    def _form(self, types: Sequence[TypeFacts]) -> dict[str, str]:
        return {
            "format": str(ROOM_FORMAT),
            "segmentation": str(SEGMENTATION),
            "profile": self.profile.name,
            "origin": self.source.head().origin,
            "types": _digest(types),
        }

    def _advance(self, head: Head, types: Sequence[TypeFacts], since: int) -> Outcome:
        numbers = self.source.touched(since, head.size)
        if self._is_far(head.size, len(numbers)):
            return self._rebuild(head, types)
        with closing(open_room(self.path)) as db:
            writer = self._writer(db, types)
            for chunk in _chunks(iter(numbers), CHUNK):
                with _transaction(db):
                    self._replace(writer, chunk)
            with _transaction(db):
                if writer.holds_any(PERSON, numbers):
                    writer.write_people(self.source.people())
                self._write_rest(writer, head)
        return Outcome(head.size, len(numbers), rebuilt=False)

    def _replace(self, writer: RoomWriter, numbers: Sequence[int]) -> None:
        before = _titles(writer.db, numbers)
        for number in numbers:
            writer.remove(number)
        batch = list(self.source.facts(numbers))
        writer.add(batch)
        renamed = [f.record for f in batch if before.get(f.record, "") != title_of(f, self.profile)]
        others = [number for number in _referrers(writer.db, renamed) if number not in set(numbers)]
        for number in others:
            writer.forget_words(number)
        again = [*batch, *self.source.facts(others)]
        writer.add_words(again, _titles(writer.db, _targets_of(writer.db, [f.record for f in again])))
        writer.write_counts()

    def _rebuild(self, head: Head, types: Sequence[TypeFacts]) -> Outcome:
        fresh = self.path.with_name(f"{self.path.name}.new")
        for leftover in (fresh, _journal(fresh)):
            leftover.unlink(missing_ok=True)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(open_room(fresh)) as db:
            count = self._fill(db, head, types)
        _flush(fresh)
        _settle(self.path)
        fresh.replace(self.path)
        _flush(self.path.parent)
        return Outcome(head.size, count, rebuilt=True)

    def _fill(self, db: Database, head: Head, types: Sequence[TypeFacts]) -> int:
        db.execute("pragma synchronous = off")
        writer = self._writer(db, types)
        with _transaction(db):
            create_tables(db)
            for shape in writer.shapes.values():
                create_type_tables(db, shape)
            count = self._add_all(writer, types)
            create_indexes(db, tuple(writer.shapes.values()))
            db.execute("insert into record_fts (record_fts) values ('optimize')")
            writer.write_counts()
            writer.write_types(types)
            writer.write_people(self.source.people())
            self._write_rest(writer, head)
            writer.write_meta({**self._form(types), VERIFICATION: _last_verification(self.path)})
        db.execute("analyze")
        return count

    def _add_all(self, writer: RoomWriter, types: Sequence[TypeFacts]) -> int:
        """
        Write every record once, upwards.

        What a record refers to was nearly always captured before it, so its title is known by then; a record that an
        amendment made refer to a later one gets its words at the end.
        """
        referred = _referred_types(types)
        titles: dict[int, str] = {}
        later: list[int] = []
        count = 0
        for numbers in _chunks(self.source.numbers(), CHUNK):
            batch = list(self.source.facts(numbers))
            titles.update((f.record, title_of(f, self.profile)) for f in batch if f.type in referred)
            ready = [facts for facts in batch if self._is_known(facts, numbers[-1])]
            later += [facts.record for facts in batch if not self._is_known(facts, numbers[-1])]
            writer.add(batch)
            writer.add_words(ready, titles)
            count += len(batch)
        writer.add_words(self.source.facts(later), titles)
        return count

    def _is_known(self, facts: RecordFacts, last: int) -> bool:
        return all(target <= last for _, _, target in ref_rows(facts, self.profile))

    def _write_rest(self, writer: RoomWriter, head: Head) -> None:
        writer.write_checkpoints(self.source.checkpoints(writer.last_checkpoint()))
        writer.write_meta(
            {
                "upto": str(head.size),
                "root": head.root,
                "as_of": head.at,
                "name": head.name,
                "zone": head.zone,
                "built_at": format_time(self.clock()),
            }
        )

    def _is_far(self, size: int, behind: int) -> bool:
        """True for a room that a rebuild brings up sooner, and for one ahead of the ledger: that is another ledger."""
        return behind < 0 or behind > max(self.patience, size // REBUILD_SHARE)

    def _writer(self, db: Database, types: Sequence[TypeFacts]) -> RoomWriter:
        return RoomWriter(db, self.profile, shapes_of(types, self.profile))


def shapes_of(types: Sequence[TypeFacts], profile: Profile) -> dict[str, Shape]:
    ordered = sorted(types, key=lambda found: found.declared.name)
    return {found.declared.name: shape_of(found.declared, masking=profile.masks) for found in ordered}


def read_meta(path: Path) -> Mapping[str, str]:
    """Return what a room says of itself; empty where there is none, or none that can be read."""
    if not path.exists():
        return {}
    with closing(open_room(path)) as db:
        known = db.table("meta").exists()
        return dict(db.execute("select name, value from meta").fetchall()) if known else {}


def record_verification(path: Path, result: Mapping[str, Json]) -> None:
    """
    Keep the result of a verification in a room, for its pages to show; no room, nothing kept.

    Args:
        result: `at` (entry time), `ok`, `level` (broken, intact, signed, anchored), `size`, `count` of problems,
            `problems`: the first of them, objects of `record` (or null), `what` and `what_en`.
    """
    if read_meta(path):
        with held(path), closing(open_room(path)) as db:
            db.execute(
                "insert or replace into meta values (?, ?)", (VERIFICATION, encode_trusted(dict(result)).decode())
            )


def _last_verification(path: Path) -> str:
    """Return what the old file says, or, where the room is new, what the room beside it says: it is one ledger."""
    for known in (path, *sorted(path.parent.glob("*.db"))):
        found = read_meta(known).get(VERIFICATION)
        if found:
            return found
    return ""


def _digest(types: Sequence[TypeFacts]) -> str:
    text = [[found.declared.to_json(), found.builtin] for found in sorted(types, key=lambda t: t.declared.name)]
    return hashlib.sha256(encode_trusted(text)).hexdigest()  # type: ignore[arg-type]


def _referred_types(types: Sequence[TypeFacts]) -> frozenset[str]:
    return frozenset(name for found in types for name in _targets(found.declared.fields))


def _targets(fields: tuple[FieldSpec, ...]) -> Iterator[str]:
    for spec in fields:
        if spec.target:
            yield spec.target
        yield from _targets(spec.lines)


def _titles(db: Database, numbers: Sequence[int]) -> dict[int, str]:
    wanted = encode_trusted(list(numbers)).decode()
    sql = "select record, title from records where record in (select value from json_each(?))"
    return dict(db.execute(sql, (wanted,)).fetchall())


def _referrers(db: Database, numbers: Sequence[int]) -> list[int]:
    wanted = encode_trusted(list(numbers)).decode()
    sql = "select distinct record from refs where target in (select value from json_each(?)) order by record"
    return [row[0] for row in db.execute(sql, (wanted,))]


def _targets_of(db: Database, numbers: Sequence[int]) -> list[int]:
    wanted = encode_trusted(list(numbers)).decode()
    sql = "select distinct target from refs where record in (select value from json_each(?))"
    return [row[0] for row in db.execute(sql, (wanted,))]


def _chunks(numbers: Iterator[int], size: int) -> Iterator[list[int]]:
    while chunk := list(islice(numbers, size)):
        yield chunk


@contextmanager
def _transaction(db: Database) -> Iterator[None]:
    db.execute("begin immediate")
    try:
        yield
    except BaseException:
        db.execute("rollback")
        raise
    db.execute("commit")


def _settle(path: Path) -> None:
    """Let SQLite roll back what a killed writer left: its journal must not meet the file that comes now."""
    if path.exists():
        read_meta(path)
    _journal(path).unlink(missing_ok=True)


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
