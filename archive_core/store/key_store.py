"""
`keys.db`: sealed signing keys of people, the ledger's own key, reading-room accounts. Mode 0600, or it is not opened.

Nothing in it is evidence, and nothing of it goes into the ledger, a reading room, a package or a log.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import attrs

from archive_core.errors import FormatTooNew, KeysExposed, NoRights, StoreDamaged
from archive_core.store.connection import WriterLock, connect_reader, connect_writer, reading, transaction

FORMAT = 1
TABLES = (
    (
        "CREATE TABLE sealed_key(person INTEGER NOT NULL, username TEXT NOT NULL, public_key BLOB NOT NULL,"
        " memory_kib INTEGER NOT NULL, passes INTEGER NOT NULL, lanes INTEGER NOT NULL, salt BLOB NOT NULL,"
        " nonce BLOB NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY(person, public_key)) STRICT"
    ),
    "CREATE TABLE ledger_key(name TEXT PRIMARY KEY, private_key BLOB NOT NULL) STRICT",
    (
        "CREATE TABLE room_account(username TEXT PRIMARY KEY, name TEXT NOT NULL, profile TEXT NOT NULL,"
        " verifier TEXT NOT NULL, valid_until TEXT NOT NULL) STRICT"
    ),
)


@attrs.frozen(kw_only=True)
class SealedKey:
    """
    A person's private key, encrypted; `memory_kib`, `passes`, `lanes` and `salt` are the argon2id parameters.
    """

    person: int
    username: str
    public_key: bytes
    memory_kib: int
    passes: int
    lanes: int
    salt: bytes
    nonce: bytes
    sealed: bytes


@attrs.frozen(kw_only=True)
class RoomAccount:
    """
    Somebody who may look, but never sign: an inspector. `verifier` is an argon2id hash, `valid_until` a day.
    """

    username: str
    name: str
    profile: str
    verifier: str
    valid_until: str


class KeyStore:
    """
    Reads and writes `keys.db`; each call opens the file anew, so no key stays behind an idle connection.
    """

    def __init__(self, path: Path, lock: WriterLock) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def create(cls, path: Path, lock: WriterLock) -> "KeyStore":
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with lock.held(), closing(connect_writer(path, wal=False)) as connection, transaction(connection):
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            for statement in TABLES:
                connection.execute(statement)
        return cls(path, lock)

    def check(self) -> None:
        """
        Refuse a file that is missing, that we may not read, or that others may.

        Raises:
            StoreDamaged, NoRights, KeysExposed.
        """
        self._check_file()

    def put_sealed(self, key: SealedKey) -> None:
        with self._writing() as connection:
            connection.execute("INSERT INTO sealed_key VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", attrs.astuple(key))

    def sealed(self, username: str) -> list[SealedKey]:
        """
        Return every key ever sealed for a username (case-folded); the person record says which one is enrolled.
        """
        with self._reading() as connection:
            rows = connection.execute("SELECT * FROM sealed_key WHERE username = ?", (username.casefold(),)).fetchall()
        names = [attribute.name for attribute in attrs.fields(SealedKey)]
        return [SealedKey(**dict(zip(names, row, strict=True))) for row in rows]

    def put_ledger_key(self, name: str, private_key: bytes) -> None:
        with self._writing() as connection:
            connection.execute("INSERT INTO ledger_key VALUES (?, ?)", (name, private_key))

    def ledger_key(self, name: str) -> bytes:
        """
        Return the 32-byte private key that signs checkpoints.

        Raises:
            StoreDamaged: keys.db holds no key of that name.
        """
        with self._reading() as connection:
            row = connection.execute("SELECT private_key FROM ledger_key WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise StoreDamaged(str(self.path), f"it holds no checkpoint key for {name}")
        return bytes(row[0])

    def put_account(self, account: RoomAccount) -> None:
        """
        Add a reading-room account, or replace the one of the same username.
        """
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO room_account VALUES (?, ?, ?, ?, ?)", attrs.astuple(account))

    def accounts(self) -> list[RoomAccount]:
        with self._reading() as connection:
            rows = connection.execute("SELECT * FROM room_account ORDER BY username").fetchall()
        names = [attribute.name for attribute in attrs.fields(RoomAccount)]
        return [RoomAccount(**dict(zip(names, row, strict=True))) for row in rows]

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        self._check_file()
        with closing(connect_reader(self.path)) as connection, reading(self.path):
            self._check_format(connection)
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self._check_file()
        with (
            self._lock.held(),
            closing(connect_writer(self.path, wal=False)) as connection,
            reading(self.path),
            transaction(connection),
        ):
            self._check_format(connection)
            yield connection

    def _check_file(self) -> None:
        if not self.path.exists():
            raise StoreDamaged(str(self.path), "it is missing")
        if not os.access(self.path, os.R_OK):
            raise NoRights(str(self.path), "use")
        mode = self.path.stat().st_mode & 0o777
        if mode & 0o077:
            raise KeysExposed(str(self.path), f"{mode:04o}")

    def _check_format(self, connection: sqlite3.Connection) -> None:
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found > FORMAT:
            raise FormatTooNew(str(self.path), found, FORMAT)
        present = {row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
        if present != set(TABLES):
            raise StoreDamaged(str(self.path), "its tables are not those of a key store")
