"""
Connections to SQLite files: one writer at a time behind a lock file, readers with `mode=ro`.

SQLite before 3.51.3 can lose commits when two connections write or checkpoint at the same instant, so every write
transaction, every `wal_checkpoint` and the closing of the writing connection happen under the lock.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from filelock import FileLock, Timeout

from archive_core.errors import NoRights, StoreDamaged, WriteFailed, WriterBusy

LOCK_PATIENCE = 30.0  # seconds
LOCK_POLL = 0.002


def connect_reader(path: Path) -> sqlite3.Connection:
    """
    Return a connection that cannot write.

    Raises:
        NoRights: the file may not be read.
        StoreDamaged: the file is missing or not SQLite.
    """
    _require(path, os.R_OK, "read")
    try:
        return _open(f"file:{quote(str(path))}?mode=ro", path)
    except StoreDamaged:
        return _open_frozen(path)


def _open_frozen(path: Path) -> sqlite3.Connection:
    """
    Open a WAL database in a folder without write rights: possible only when no `-wal` holds newer pages.
    """
    wal = path.with_name(path.name + "-wal")
    if not os.access(path.parent, os.W_OK) and wal.exists() and wal.stat().st_size:
        raise NoRights(str(path.parent), "write in")
    return _open(f"file:{quote(str(path))}?mode=ro&immutable=1", path)


def connect_writer(path: Path, *, wal: bool = True) -> sqlite3.Connection:
    """
    Return a connection with full durability and secure deletion; hold the lock while using it.

    Args:
        wal: write-ahead log, so that readers never wait; small files that are rarely written do without.

    Raises:
        NoRights: the file or its folder may not be written.
        StoreDamaged: the file is not SQLite.
    """
    _require(path.parent, os.W_OK, "write in")
    if path.exists():
        _require(path, os.W_OK, "write")
    connection = _open(f"file:{quote(str(path))}?mode=rwc", path)
    try:
        connection.execute(f"PRAGMA journal_mode = {'WAL' if wal else 'DELETE'}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA secure_delete = ON")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StoreDamaged(str(path), str(error)) from None
    return connection


def _open(uri: str, path: Path) -> sqlite3.Connection:
    connection = _connect(uri, path)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StoreDamaged(str(path), str(error)) from None
    return connection


def _connect(uri: str, path: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=LOCK_PATIENCE, check_same_thread=False)
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(str(path), str(error)) from None


def _require(path: Path, right: int, action: str) -> None:
    if not path.exists():
        raise StoreDamaged(str(path), "it is missing")
    if not os.access(path, right):
        raise NoRights(str(path), action)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """
    Commit what is done inside, or nothing of it.

    Raises:
        WriteFailed: the disk is full, or SQLite cannot write.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        _rollback(connection)
        raise WriteFailed(str(error)) from None
    except BaseException:
        _rollback(connection)
        raise


def _rollback(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


class WriterLock:
    """
    The lock file that makes writers take turns, across processes; reentrant within one.
    """

    def __init__(self, path: Path, patience: float = LOCK_PATIENCE) -> None:
        self._lock = FileLock(path, timeout=patience)
        self._patience = patience

    @contextmanager
    def held(self) -> Iterator[None]:
        """
        Hold the lock.

        Raises:
            WriterBusy: another process did not let go in time.
            NoRights: the lock file cannot be made.
        """
        try:
            self._lock.acquire(poll_interval=LOCK_POLL)
        except Timeout:
            raise WriterBusy(self._patience) from None
        except PermissionError:
            raise NoRights(self._lock.lock_file, "write") from None
        try:
            yield
        finally:
            self._lock.release()


def damage_of(error: BaseException, path: Path | str = "the archive") -> StoreDamaged | None:
    """
    Return what a stray SQLite error says of a damaged file as our own error, None for any other exception.
    """
    return StoreDamaged(str(path), str(error)) if isinstance(error, sqlite3.DatabaseError) else None


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """
    Turn what SQLite says of a damaged file into our own error.

    Raises:
        StoreDamaged: a page of the file cannot be read.
    """
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # a fault of the program, not of the file
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(str(path), str(error)) from None
