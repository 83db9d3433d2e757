"""
The SQLite ledger: what can be read from `ledger.db`, and the one transaction that writes to it.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, cast

from archive_core.errors import HeadMoved, StoreDamaged
from archive_core.merkle.hashing import EMPTY_ROOT
from archive_core.merkle.tiles import Tile
from archive_core.model.entry import Entry, parse_entry
from archive_core.model.lifecycle import State
from archive_core.model.rows import Head, RecordRow, SignOffRow, StoredContent, VersionRow
from archive_core.store import schema
from archive_core.store.connection import WriterLock, connect_reader, connect_writer, reading, transaction
from archive_core.store.filesystem import refuse_network
from archive_core.store.index import Index

_VERSION_COLUMNS = "record, version, seq, key, state, in_force_from, in_force_to, batch, withdrawn"


class LedgerReader:
    """
    Everything that can be asked of a ledger file; holds a connection that may be read-only.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    # evidence

    def head(self) -> Head:
        row = self._db.execute("SELECT size, root FROM head").fetchone()
        if row is None:
            raise StoreDamaged("ledger.db", "its head is missing")
        return Head(*row)

    def leaf(self, seq: int) -> bytes | None:
        return cast("bytes | None", self._one("SELECT leaf FROM entry WHERE seq = ?", seq))

    def leaves(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        """
        Yield (seq, leaf) in order; gaps show as missing numbers.
        """
        yield from self._db.execute(
            "SELECT seq, leaf FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq", (start, stop)
        )

    def content(self, seq: int) -> StoredContent | None:
        row = self._db.execute("SELECT salt, sha, body FROM content WHERE seq = ?", (seq,)).fetchone()
        return StoredContent(*row) if row else None

    def contents(self, start: int, stop: int) -> Iterator[tuple[int, StoredContent]]:
        """
        Yield (seq, content) of the contents that are present, in order.
        """
        rows = self._db.execute(
            "SELECT seq, salt, sha, body FROM content WHERE seq >= ? AND seq < ? ORDER BY seq", (start, stop)
        )
        for seq, salt, sha, body in rows:
            yield seq, StoredContent(salt, sha, body)

    def tiles(self, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """
        Return the 8192-byte hashes of full tiles by (level, index); unknown ones are left out.
        """
        found = {}
        for level, idx in wanted:
            hashes = self._one("SELECT hashes FROM tile WHERE level = ? AND idx = ?", level, idx)
            if hashes is not None:
                found[level, idx] = hashes
        return found

    def tile_count(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM tile").fetchone()[0])

    def token_sizes(self) -> list[int]:
        """
        Return the tree sizes for which a timestamp token is stored.
        """
        return [row[0] for row in self._db.execute("SELECT size FROM timestamp_token ORDER BY size")]

    def tile_roots(self, level: int, start: int, stop: int) -> list[bytes]:
        """
        Return the roots of full tiles [start, stop) of a level.
        """
        rows = self._db.execute(
            "SELECT root FROM tile WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx", (level, start, stop)
        )
        return [row[0] for row in rows]

    def checkpoints(self) -> Iterator[tuple[int, str]]:
        yield from self._db.execute("SELECT size, note FROM checkpoint ORDER BY size")

    def newest_checkpoint(self) -> tuple[int, str] | None:
        row = self._db.execute("SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()
        return (row[0], row[1]) if row else None

    # the derived index

    def find(self, type_name: str, key: str) -> int | None:
        """
        Return the live record of a type with a business key.
        """
        row = self._one("SELECT record FROM record WHERE type = ? AND key = ? AND live = 1", type_name, key)
        return cast("int | None", row)

    def record(self, record: int) -> RecordRow | None:
        row = self._db.execute("SELECT * FROM record WHERE record = ?", (record,)).fetchone()
        return _record_row(row) if row else None

    def records(self, type_name: str | None = None) -> Iterator[RecordRow]:
        """
        Yield records by ascending number, of one type or all.
        """
        where, values = ("WHERE type = ?", (type_name,)) if type_name else ("", ())
        return (_record_row(row) for row in self._db.execute(f"SELECT * FROM record {where} ORDER BY record", values))

    def version(self, record: int, version: int) -> VersionRow | None:
        return self._versions("record = ? AND version = ?", record, version).first()

    def versions(self, record: int) -> list[VersionRow]:
        return self._versions("record = ? ORDER BY version", record).all()

    def version_in_force(self, record: int, at: str) -> VersionRow | None:
        """
        Return the version in force at a moment (27-character UTC).
        """
        return self._versions(
            "record = ? AND in_force_from <= ? AND (in_force_to IS NULL OR in_force_to > ?)", record, at, at
        ).first()

    def waiting(self) -> list[VersionRow]:
        """
        Return the proposals that wait for sign-off, oldest first; members of a batch wait through the batch record.
        """
        return self._versions("state = 'proposed' AND batch IS NULL ORDER BY seq").all()

    def batch_members(self, batch: int) -> Iterator[VersionRow]:
        return self._versions("batch = ? ORDER BY seq", batch).stream()

    def signoffs(self, record: int, version: int) -> list[SignOffRow]:
        rows = self._db.execute(
            "SELECT record, version, seq, step, by, decision FROM signoff_at"
            " WHERE record = ? AND version = ? ORDER BY seq",
            (record, version),
        )
        return [SignOffRow(*row) for row in rows]

    def erased_by(self, seq: int) -> int | None:
        """
        Return the index of the erasure entry that covers an entry's content.
        """
        return cast("int | None", self._one("SELECT erasure FROM erased WHERE seq = ?", seq))

    def count(self, type_name: str) -> int:
        return int(self._db.execute("SELECT count(*) FROM record WHERE type = ?", (type_name,)).fetchone()[0])

    def index_rows(self, table: str) -> Iterator[tuple[object, ...]]:
        """
        Yield every row of a derived table in order of its primary key, for comparison with a rebuilt index.
        """
        order = "1" if table == "erased" else "1, 2, 3"
        yield from self._db.execute(f"SELECT * FROM {table} ORDER BY {order}")

    def _one(self, sql: str, *values: object) -> Any:
        row = self._db.execute(sql, values).fetchone()
        return row[0] if row else None

    def _versions(self, where: str, *values: object) -> "_Versions":
        return _Versions(self._db.execute(f"SELECT {_VERSION_COLUMNS} FROM version_at WHERE {where}", values))


class _Versions:
    """
    Version rows of one query.
    """

    def __init__(self, rows: sqlite3.Cursor) -> None:
        self._rows = rows

    def stream(self) -> Iterator[VersionRow]:
        for record, version, seq, key, state, since, until, batch, withdrawn in self._rows:
            yield VersionRow(record, version, seq, key, State(state), since, until, batch, bool(withdrawn))

    def all(self) -> list[VersionRow]:
        return list(self.stream())

    def first(self) -> VersionRow | None:
        return next(self.stream(), None)


def _record_row(row: tuple[Any, ...]) -> RecordRow:
    record, type_name, key, live, latest, in_force, withdrawn = row
    return RecordRow(record, type_name, key, bool(live), latest, in_force, bool(withdrawn))


class LedgerWriter(LedgerReader):
    """
    A reader inside a write transaction that also inserts; only `SqliteLedgerStore.writing` makes one.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.index = Index(connection)

    def put_entry(self, seq: int, leaf: bytes) -> None:
        self._db.execute("INSERT INTO entry VALUES (?, ?)", (seq, leaf))

    def put_entries(self, rows: Iterable[tuple[int, bytes]]) -> None:
        self._db.executemany("INSERT INTO entry VALUES (?, ?)", rows)

    def put_content(self, seq: int, content: StoredContent) -> None:
        self._db.execute("INSERT INTO content VALUES (?, ?, ?, ?)", (seq, content.salt, content.sha, content.body))

    def put_contents(self, rows: Iterable[tuple[int, bytes, bytes, bytes]]) -> None:
        """
        Insert many contents: rows of (seq, salt, sha, body).
        """
        self._db.executemany("INSERT INTO content VALUES (?, ?, ?, ?)", rows)

    def erase_content(self, seq: int) -> None:
        """
        Delete one content; the trigger refuses unless an erasure entry covers it.
        """
        self._db.execute("DELETE FROM content WHERE seq = ?", (seq,))

    def put_tiles(self, tiles: Iterable[Tile]) -> None:
        self._db.executemany("INSERT INTO tile VALUES (?, ?, ?, ?)", tiles)

    def swap_head(self, old: Head, new: Head) -> None:
        """
        Replace the head if it is still the expected one.

        Raises:
            HeadMoved: somebody else appended; the transaction must not commit.
        """
        changed = self._db.execute(
            "UPDATE head SET size = ?, root = ? WHERE size = ? AND root = ?", (new.size, new.root, old.size, old.root)
        ).rowcount
        if changed != 1:
            raise HeadMoved(old.size, self.head().size)

    def put_checkpoint(self, size: int, note: str) -> None:
        """
        Store a signed checkpoint; the first one signed at a size stays.
        """
        self._db.execute("INSERT OR IGNORE INTO checkpoint VALUES (?, ?)", (size, note))


class SqliteLedgerStore:
    """
    One `ledger.db`: any number of readers, one writer under the lock file; `alarm` when its schema was changed.
    """

    def __init__(self, path: Path, lock: WriterLock) -> None:
        self.path = path
        self.lock = lock
        self._reading = connect_reader(path)
        self._writing: sqlite3.Connection | None = None
        try:
            self.alarm = schema.check(self._reading, path)
        except BaseException:
            self._reading.close()
            raise
        self.reader = LedgerReader(self._reading)

    @classmethod
    def create(cls, path: Path, lock: WriterLock) -> "SqliteLedgerStore":
        """
        Make a new, empty ledger file.
        """
        with lock.held(), closing(connect_writer(path)) as connection, transaction(connection):
            schema.create(connection)
            connection.execute("INSERT INTO head VALUES (1, 0, ?)", (EMPTY_ROOT,))
        return cls(path, lock)

    def exclusive(self) -> AbstractContextManager[None]:
        """
        Hold the writer's lock without a transaction; `writing` may be used inside.
        """
        return self.lock.held()

    @contextmanager
    def writing(self) -> Iterator[LedgerWriter]:
        """
        Hold the writer's lock and one transaction: all of it is durable afterwards, or nothing.
        """
        with self.lock.held():
            if self._writing is None:
                refuse_network(self.path.parent)
                self._writing = connect_writer(self.path)
            with reading(self.path), transaction(self._writing):
                yield LedgerWriter(self._writing)

    def close(self) -> None:
        # Closing the last connection checkpoints the WAL: that, too, only under the lock.
        self._reading.close()
        if self._writing is not None:
            with self.lock.held():
                self._writing.close()
            self._writing = None


@contextmanager
def rebuild_index(
    leaves: Iterable[tuple[int, bytes]], keys: Callable[[int, Entry], str | None]
) -> Iterator[LedgerReader]:
    """
    Lend a reader over an index rebuilt in memory from entries and the keys in their contents.
    """
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for statement in (schema.EVIDENCE[0], *schema.DERIVED):
            connection.execute(statement)
        _fill_index(connection, leaves, keys)
        yield LedgerReader(connection)


def _fill_index(
    connection: sqlite3.Connection,
    leaves: Iterable[tuple[int, bytes]],
    keys: Callable[[int, Entry], str | None],
) -> None:
    index = Index(connection)
    connection.execute("BEGIN")
    for seq, leaf in leaves:
        connection.execute("INSERT INTO entry VALUES (?, ?)", (seq, leaf))
        entry = parse_entry(leaf)
        index.apply(seq, entry, keys(seq, entry))
    connection.execute("COMMIT")
