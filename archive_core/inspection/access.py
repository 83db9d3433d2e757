"""
Who looked at what: an insert-only, hash-chained table in `access.db`.

A row is committed before the page it speaks of is sent; where it cannot be written, the page is not shown. Each row's
hash covers the row before it, so that a removed or altered row breaks the chain: SHA-256 over
`archive-core/access/1` LF, the previous hash (32 bytes, noughts for the first row) and the row's canonical JSON.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from archive_core.canonical import encode
from archive_core.clock import Clock, format_time, system_clock

DOMAIN = b"archive-core/access/1\n"
FIRST = bytes(32)
_SCHEMA = """
create table if not exists access (
    seq integer primary key, at text not null, act text not null, who text not null, address text not null,
    path text not null, query text not null, status integer not null, records text not null, hash blob not null
) strict;
create index if not exists access_who on access (who, seq);
create index if not exists access_act on access (act, at);
create trigger if not exists access_no_update before update on access
begin select raise(abort, 'the access log is insert-only'); end;
create trigger if not exists access_no_delete before delete on access
begin select raise(abort, 'the access log is insert-only'); end;
"""
_COLUMNS = "at, act, who, address, path, query, status, records"


@attrs.frozen(kw_only=True)
class Access:
    """
    One act: `view`, `refused`, `login`, `login_failed`, `login_throttled` or `logout`.

    `who` is a username, empty where nobody was logged in; `records` are the record numbers shown.
    """

    act: str
    who: str
    address: str
    path: str = ""
    query: str = ""
    status: int = 200
    records: tuple[int, ...] = ()
    at: str = ""

    def cells(self) -> tuple[str | int, ...]:
        shown = " ".join(map(str, self.records))
        return self.at, self.act, self.who, self.address, self.path, self.query, self.status, shown


class AccessLog:
    """The log of one archive; several processes may write to it."""

    def __init__(self, path: Path, clock: Clock = system_clock) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._clock = clock
        self._db.execute("pragma synchronous = full")
        self._db.executescript(_SCHEMA)

    def write(self, access: Access) -> None:
        """
        Append one act, stamped now; durable on return.

        Raises:
            sqlite3.Error: it could not be written; what it speaks of must not be shown.
        """
        with self._transaction():
            stamped = attrs.evolve(access, at=format_time(self._clock()))
            sql = f"insert into access ({_COLUMNS}, hash) values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            self._db.execute(sql, (*stamped.cells(), _chain(self._last(), stamped)))

    def of(self, who: str, limit: int) -> list[Access]:
        """Return what a person did, newest first."""
        sql = f"select {_COLUMNS} from access where who = ? order by seq desc limit ?"
        return [_read(row) for row in self._db.execute(sql, (who, limit))]

    def count(self, act: str, since: str, *, who: str | None = None, address: str | None = None) -> int:
        """Return how often an act happened since a moment, by a person or from an address."""
        sql = (
            "select count(*) from access where act = ? and at >= ?"
            " and (? is null or who = ?) and (? is null or address = ?)"
        )
        found: tuple[int] = self._db.execute(sql, (act, since, who, who, address, address)).fetchone()
        return found[0]

    def is_whole(self, newest: int | None = None) -> bool:
        """True if every row's hash is that of the row and its predecessor; of all rows, or the `newest` ones."""
        start = 0 if newest is None else max(self._count() - newest, 0)
        row = self._db.execute("select hash from access where seq = ?", (start,)).fetchone()
        before = bytes(row[0]) if row else FIRST
        sql = f"select {_COLUMNS}, hash from access where seq > ? order by seq"
        for *cells, stored in self._db.execute(sql, (start,)):
            before = _chain(before, _read(tuple(cells)))
            if before != stored:
                return False
        return True

    def close(self) -> None:
        self._db.close()

    def _count(self) -> int:
        found: tuple[int] = self._db.execute("select coalesce(max(seq), 0) from access").fetchone()
        return found[0]

    def _last(self) -> bytes:
        row = self._db.execute("select hash from access order by seq desc limit 1").fetchone()
        return bytes(row[0]) if row else FIRST

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")


def _chain(before: bytes, access: Access) -> bytes:
    return hashlib.sha256(DOMAIN + before + encode(list(access.cells()))).digest()


def _read(row: tuple[str | int, ...]) -> Access:
    at, act, who, address, path, query, status, records = row
    shown = tuple(map(int, str(records).split()))
    return Access(
        at=str(at), act=str(act), who=str(who), address=str(address), path=str(path), query=str(query),
        status=int(status), records=shown,
    )  # fmt: skip
