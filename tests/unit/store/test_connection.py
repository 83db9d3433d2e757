import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from children import end, line_of, start_child

from archive_core.errors import StoreDamaged, WriteFailed, WriterBusy
from archive_core.store.connection import WriterLock, connect_reader, connect_writer, reading, transaction


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "a b%20#?.db"
    with closing(connect_writer(made)) as connection, transaction(connection):
        connection.execute("CREATE TABLE thing(name TEXT PRIMARY KEY)")
        connection.execute("INSERT INTO thing VALUES ('one')")
    return made


def names(path: Path) -> list[str]:
    with closing(connect_reader(path)) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM thing ORDER BY name")]


def test_a_reader_reads(path: Path) -> None:
    """What was committed is there, in a file with the oddest of names."""
    assert ["one"] == names(path)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO thing VALUES ('two')",
        "DELETE FROM thing",
        "DROP TABLE thing",
        "CREATE TABLE other(x)",
        "PRAGMA user_version = 7",
        "PRAGMA journal_mode = DELETE",
        "VACUUM",
    ],
)
def test_a_reader_cannot_write(path: Path, statement: str) -> None:
    """No statement changes a byte through a reader's connection."""
    before = path.read_bytes()
    with closing(connect_reader(path)) as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute(statement)
    assert before == path.read_bytes()


def test_a_writer_is_durable_and_thorough(path: Path) -> None:
    """The writer's connection syncs fully, logs ahead, and overwrites what it deletes."""
    with closing(connect_writer(path)) as connection:
        found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
        assert ["wal", 2, 1, 0] == [
            *found,
            connection.execute("PRAGMA secure_delete").fetchone()[0],
            connection.execute("PRAGMA trusted_schema").fetchone()[0],
        ]


def test_what_is_deleted_is_gone_from_the_file(tmp_path: Path) -> None:
    """Nothing of a deleted row stays in the file's free pages."""
    path = tmp_path / "x.db"
    with closing(connect_writer(path)) as connection:
        connection.execute("CREATE TABLE thing(name TEXT)")
        connection.execute("INSERT INTO thing VALUES (?)", ("confidential" * 2000,))
        connection.execute("DELETE FROM thing")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"confidential" not in path.read_bytes()


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to be looked at " * 40])
def test_what_is_no_database_cannot_be_written_to(tmp_path: Path, content: bytes) -> None:
    """Another file is refused as damaged and left as it is; an empty one is an empty database."""
    path = tmp_path / "x.db"
    path.write_bytes(content)
    if content:
        with pytest.raises(StoreDamaged, match="not a database"):
            connect_writer(path)
        with pytest.raises(StoreDamaged, match="not a database"):
            connect_reader(path)
        assert content == path.read_bytes()
    else:
        connect_reader(path).close()


def test_damage_is_not_taken_for_missing_rights(path: Path) -> None:
    """A destroyed file beside a log is damaged, whatever the log holds."""
    path.write_bytes(b"x" * 5000)
    path.with_name(path.name + "-wal").write_bytes(b"y" * 5000)
    with pytest.raises(StoreDamaged):
        connect_reader(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A reader never makes a file."""
    with pytest.raises(StoreDamaged, match=r"gone\.db cannot be used: it is missing"):
        connect_reader(tmp_path / "gone.db")
    assert [] == list(tmp_path.iterdir())


def test_a_transaction_is_all_or_nothing(path: Path) -> None:
    """What raises inside leaves nothing behind, whatever it raises."""

    def write_and_fail(connection: sqlite3.Connection, failure: BaseException) -> None:
        with transaction(connection):
            connection.execute("INSERT INTO thing VALUES ('two')")
            raise failure

    for failure in (RuntimeError("stop"), KeyboardInterrupt()):
        with closing(connect_writer(path)) as connection:
            with pytest.raises(type(failure)):
                write_and_fail(connection, failure)
            assert not connection.in_transaction
    assert ["one"] == names(path)


def test_what_sqlite_cannot_write_is_said_in_our_words(path: Path) -> None:
    """A database that is full refuses the whole transaction."""
    rows = [("two",), ("x" * 100_000,)]
    with closing(connect_writer(path)) as connection:
        connection.execute("PRAGMA max_page_count = 4")
        with pytest.raises(WriteFailed, match="full"), transaction(connection):
            connection.executemany("INSERT INTO thing VALUES (?)", rows)
    assert ["one"] == names(path)


def test_a_transaction_that_cannot_begin_is_said_in_our_words(path: Path) -> None:
    """Where SQLite refuses the very start, the caller hears it as any other failure to write."""
    with closing(connect_reader(path)) as connection, pytest.raises(WriteFailed), transaction(connection):
        connection.execute("INSERT INTO thing VALUES ('two')")
    assert ["one"] == names(path)


def test_a_damaged_page_is_said_in_our_words(path: Path) -> None:
    """SQLite's complaint about a file becomes ours; a fault of the program stays what it is."""
    with pytest.raises(StoreDamaged, match="malformed"), reading(path):
        raise sqlite3.DatabaseError("database disk image is malformed")
    with pytest.raises(sqlite3.IntegrityError), reading(path):
        raise sqlite3.IntegrityError("UNIQUE constraint failed")


HOLD = """
import sys
from pathlib import Path
from archive_core.store.connection import WriterLock
with WriterLock(Path(sys.argv[1])).held():
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_writers_take_turns_across_processes(tmp_path: Path) -> None:
    """While another process holds the lock we wait as long as told, then say so; afterwards it is ours."""
    lock = WriterLock(tmp_path / ".lock", patience=0.05)
    with start_child(HOLD, tmp_path / ".lock") as child:
        assert "held" == line_of(child)
        with pytest.raises(WriterBusy) as refused, lock.held():
            pass
        assert 0.05 == refused.value.seconds
        end(child)
    with lock.held():
        assert (tmp_path / ".lock").exists()


def test_a_killed_process_lets_the_lock_go(tmp_path: Path) -> None:
    """A crash does not leave the archive locked."""
    with start_child(HOLD, tmp_path / ".lock") as child:
        assert "held" == line_of(child)
        child.kill()
        child.communicate(timeout=10)
    with WriterLock(tmp_path / ".lock", patience=5).held():
        assert (tmp_path / ".lock").exists()


def test_the_lock_is_reentrant_within_a_process(tmp_path: Path) -> None:
    """Whoever holds the lock may ask for it again, and holds it until the outermost end."""
    lock, other = WriterLock(tmp_path / ".lock"), WriterLock(tmp_path / ".lock", patience=0.05)
    with lock.held():
        with lock.held():
            pass
        with pytest.raises(WriterBusy), other.held():
            pass
    with other.held():
        assert (tmp_path / ".lock").exists()
