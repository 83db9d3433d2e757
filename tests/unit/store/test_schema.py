import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archive_core.errors import FormatTooNew, StoreDamaged
from archive_core.model.rows import Head
from archive_core.store.connection import WriterLock
from archive_core.store.ledger_store import SqliteLedgerStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.db"
    SqliteLedgerStore.create(path, WriterLock(tmp_path / ".lock")).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO entry VALUES (0, x'00'), (1, x'01')")
        connection.execute("INSERT INTO content VALUES (0, x'00', x'00', x'00'), (1, x'01', x'01', x'01')")
        connection.execute("INSERT INTO tile VALUES (0, 0, x'00', x'00')")
        connection.execute("INSERT INTO checkpoint VALUES (1, 'note')")
        connection.execute("INSERT INTO timestamp_token VALUES (1, x'00')")
        connection.execute("INSERT INTO erased VALUES (1, 5)")
    return path


@pytest.fixture
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def reopened(path: Path) -> str:
    store = SqliteLedgerStore(path, WriterLock(path.with_name(".lock")))
    try:
        return str(store.alarm).partition("cannot be used: ")[2] if store.alarm else ""
    finally:
        store.close()


@pytest.mark.parametrize(
    ("table", "column"),
    [("entry", "leaf"), ("tile", "hashes"), ("checkpoint", "note"), ("timestamp_token", "token"), ("content", "body")],
)
def test_evidence_is_never_updated(raw: sqlite3.Connection, table: str, column: str) -> None:
    """Even by hand, no row of evidence can be changed by accident."""
    with pytest.raises(sqlite3.IntegrityError, match=f"{table} is append-only"):
        raw.execute(f"UPDATE {table} SET {column} = {column}")


@pytest.mark.parametrize("table", ["entry", "tile", "checkpoint", "timestamp_token", "head", "content"])
def test_evidence_is_never_deleted(raw: sqlite3.Connection, table: str) -> None:
    """Nor can a row be removed; a content that no erasure covers least of all."""
    before = raw.execute(f"SELECT count(*) FROM {table}").fetchone()
    with pytest.raises(sqlite3.IntegrityError, match=f"{table} is append-only"):
        raw.execute(f"DELETE FROM {table}")
    assert before == raw.execute(f"SELECT count(*) FROM {table}").fetchone()


def test_only_a_covered_content_can_be_deleted(raw: sqlite3.Connection) -> None:
    """The content that an erasure names goes; the other stays."""
    raw.execute("DELETE FROM content WHERE seq = 1")
    assert [(0,)] == raw.execute("SELECT seq FROM content").fetchall()


@pytest.mark.parametrize("table", ["entry", "content", "checkpoint", "head"])
def test_evidence_is_not_replaced(raw: sqlite3.Connection, table: str) -> None:
    """A second row under the same number is refused."""
    with pytest.raises(sqlite3.IntegrityError):
        raw.execute(f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1")


@pytest.mark.parametrize("table", ["entry", "content", "tile", "checkpoint", "head", "record", "version_at", "erased"])
def test_columns_hold_only_their_type(raw: sqlite3.Connection, table: str) -> None:
    """Every table is STRICT: text in a number's place is refused."""
    (sql,) = raw.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    assert re.search(r"\) STRICT(, WITHOUT ROWID)?$", sql)


def test_an_untouched_schema_raises_no_alarm(path: Path) -> None:
    """Reopening what was created finds nothing."""
    assert "" == reopened(path)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("DROP TRIGGER entry_no_update", "CREATE TRIGGER entry_no_update"),
        ("DROP TRIGGER content_no_delete", "CREATE TRIGGER content_no_delete"),
        ("DROP INDEX record_key", "CREATE UNIQUE INDEX record_key"),
        ("DROP TABLE timestamp_token", "CREATE TABLE timestamp_token"),
        ("CREATE TABLE extra(x)", "CREATE TABLE extra"),
        ("CREATE VIEW peek AS SELECT * FROM content", "CREATE VIEW peek AS"),
        ("CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM erased; END", "CREATE TRIGGER t AFTER"),
        ("ALTER TABLE record ADD COLUMN note TEXT", "CREATE TABLE record"),
        ("CREATE INDEX more ON entry(leaf)", "CREATE INDEX more ON"),
    ],
)
def test_a_changed_schema_is_an_alarm(path: Path, raw: sqlite3.Connection, statement: str, named: str) -> None:
    """Whatever is added to, taken from or changed in the schema is named when the ledger is opened."""
    raw.execute(statement)
    alarm = reopened(path)
    assert ("its schema was changed", True) == (alarm.partition(": ")[0], named in alarm)


def test_a_trigger_of_the_same_name_that_does_nothing_is_an_alarm(path: Path, raw: sqlite3.Connection) -> None:
    """It is the text of the schema that counts, not its names."""
    raw.execute("DROP TRIGGER entry_no_update")
    raw.execute("CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry BEGIN SELECT 1; END")
    assert "its schema was changed" == reopened(path).partition(": ")[0]


def test_a_newer_format_is_not_read(path: Path, raw: sqlite3.Connection) -> None:
    """A ledger of a later release is refused before anything is read from it."""
    raw.execute("PRAGMA user_version = 2")
    with pytest.raises(FormatTooNew) as refused:
        reopened(path)
    assert (str(path), 2, 1) == (refused.value.path, refused.value.found, refused.value.known)


def test_another_database_is_no_ledger(tmp_path: Path) -> None:
    """An SQLite file of another program is told from a damaged ledger."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE entry(seq INTEGER)")
    with pytest.raises(StoreDamaged, match="it is not the ledger of an archive"):
        reopened(path)


def test_a_missing_head_is_told(path: Path, raw: sqlite3.Connection) -> None:
    """Without its head row a ledger cannot be read, and says so."""
    raw.execute("DROP TRIGGER head_no_delete")
    raw.execute("DELETE FROM head")
    store = SqliteLedgerStore(path, WriterLock(path.with_name(".lock")))
    with pytest.raises(StoreDamaged, match="its head is missing"):
        store.reader.head()
    store.close()


def test_a_new_ledger_is_empty(tmp_path: Path) -> None:
    """A fresh ledger has no entries and the published root of the empty tree."""
    store = SqliteLedgerStore.create(tmp_path / "new.db", WriterLock(tmp_path / ".lock"))
    empty = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    assert (Head(0, empty), None, []) == (store.reader.head(), store.alarm, list(store.reader.leaves(0, 10)))
    store.close()
