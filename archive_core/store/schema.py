"""
Tables of `ledger.db`, format 1.

Evidence: `entry`, `tile`, `checkpoint`, `timestamp_token` are insert-only; `content` is the only table with DELETE,
and only of entries that an erasure entry covers; `head` is one row, changed by compare-and-swap. Triggers stop
accidents, not intruders: the proof is the tree.

Derived, rebuilt from the entries by `Index`: `record`, `version_at`, `signoff_at`, `erased`.
"""

import sqlite3
from pathlib import Path

from archive_core.errors import FormatTooNew, StoreDamaged

APPLICATION_ID = 0x41524331  # "ARC1"
FORMAT = 1

EVIDENCE = (
    "CREATE TABLE entry(seq INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT",
    "CREATE TABLE content(seq INTEGER PRIMARY KEY, salt BLOB NOT NULL, sha BLOB NOT NULL, body BLOB NOT NULL) STRICT",
    (
        "CREATE TABLE tile(level INTEGER NOT NULL, idx INTEGER NOT NULL, root BLOB NOT NULL, hashes BLOB NOT NULL,"
        " PRIMARY KEY(level DESC, idx)) STRICT, WITHOUT ROWID"
    ),
    "CREATE TABLE head(one INTEGER PRIMARY KEY CHECK(one = 1), size INTEGER NOT NULL, root BLOB NOT NULL) STRICT",
    "CREATE TABLE checkpoint(size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT",
    "CREATE TABLE timestamp_token(size INTEGER NOT NULL, token BLOB NOT NULL, PRIMARY KEY(size, token)) STRICT",
)

DERIVED = (
    (
        "CREATE TABLE record(record INTEGER PRIMARY KEY, type TEXT NOT NULL, key TEXT, live INTEGER NOT NULL,"
        " latest INTEGER NOT NULL, in_force INTEGER, withdrawn INTEGER NOT NULL) STRICT"
    ),
    "CREATE UNIQUE INDEX record_key ON record(type, key) WHERE live = 1",
    (
        "CREATE TABLE version_at(record INTEGER NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL, key TEXT,"
        " state TEXT NOT NULL, in_force_from TEXT, in_force_to TEXT, batch INTEGER, withdrawn INTEGER NOT NULL,"
        " PRIMARY KEY(record, version)) STRICT, WITHOUT ROWID"
    ),
    "CREATE INDEX version_waiting ON version_at(seq) WHERE state = 'proposed' AND batch IS NULL",
    "CREATE INDEX version_batch ON version_at(batch, seq) WHERE batch IS NOT NULL",
    (
        "CREATE TABLE signoff_at(record INTEGER NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL,"
        " step TEXT NOT NULL, by INTEGER NOT NULL, decision TEXT NOT NULL,"
        " PRIMARY KEY(record, version, seq)) STRICT, WITHOUT ROWID"
    ),
    "CREATE TABLE erased(seq INTEGER PRIMARY KEY, erasure INTEGER NOT NULL) STRICT",
)


def _refuse(table: str, action: str, condition: str = "") -> str:
    return (
        f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} {condition}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


TRIGGERS = (
    *(
        _refuse(table, action)
        for table in ("entry", "tile", "checkpoint", "timestamp_token")
        for action in ("UPDATE", "DELETE")
    ),
    _refuse("content", "UPDATE"),
    _refuse("content", "DELETE", "WHEN NOT EXISTS (SELECT 1 FROM erased WHERE seq = OLD.seq)"),
    _refuse("head", "DELETE"),
)


def create(connection: sqlite3.Connection) -> None:
    """
    Make the tables of an empty ledger in a new file.
    """
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    for statement in (*EVIDENCE, *DERIVED, *TRIGGERS):
        connection.execute(statement)


def check(connection: sqlite3.Connection, path: Path) -> StoreDamaged | None:
    """
    Return what is wrong with the tables, triggers and indexes: they must be exactly those of format 1.

    Raises:
        FormatTooNew: written by a later release.
        StoreDamaged: not a ledger at all.
    """
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > FORMAT:
        raise FormatTooNew(str(path), found, FORMAT)
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreDamaged(str(path), "it is not the ledger of an archive")
    present = {row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
    expected = {*EVIDENCE, *DERIVED, *TRIGGERS}
    if present == expected:
        return None
    changed = sorted(_title(sql) for sql in present ^ expected)
    return StoreDamaged(str(path), f"its schema was changed: {', '.join(changed[:3])}")


def _title(sql: str) -> str:
    return " ".join(sql.partition("(")[0].split()[:4])
