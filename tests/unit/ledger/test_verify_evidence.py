"""
Every single change of the evidence is found and named, however it was made.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from ledgers import KEY, ORIGIN, append_erasure, open_ledger, open_store, prepared, sign_checkpoint
from support import TestClock

from archive_core.ledger.verify import check_checkpoints, check_entries, check_tree, journal_notes
from archive_core.model.verification import Flaw
from archive_core.store.journal import Journal


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A ledger of 519 entries: two full tiles, two checkpoints, one erased content."""
    folder = tmp_path_factory.mktemp("evidence")
    ledger = open_ledger(folder, TestClock())
    for start, stop in ((0, 300), (300, 518)):
        with ledger.writing() as tx:
            tx.append_prepared([prepared(tx, f"k{number}") for number in range(start, stop)])
        sign_checkpoint(ledger)
    with ledger.writing() as tx:
        append_erasure(tx, 17)
    sign_checkpoint(ledger)
    ledger.close()
    return (folder / "ledger.db").read_bytes() + b"|JOURNAL|" + (folder / "checkpoints.log").read_bytes()


@pytest.fixture
def folder(original: bytes, tmp_path: Path) -> Path:
    database, _, journal = original.rpartition(b"|JOURNAL|")
    (tmp_path / "ledger.db").write_bytes(database)
    (tmp_path / "checkpoints.log").write_bytes(journal)
    return tmp_path


def change(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "ledger.db", isolation_level=None)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)


def flaws_of(folder: Path) -> list[Flaw]:
    store = open_store(folder)
    notes = [("ledger.db", *found) for found in store.reader.checkpoints()]
    notes += journal_notes([Journal(folder / "checkpoints.log")])
    tree = check_tree(store.reader, [size for _, size, _ in notes], lambda *_: None)
    flaws = tree.flaws + check_entries(store.reader, tree.size, lambda *_: None, lambda *_: None)
    flaws += check_checkpoints(notes, tree.roots, KEY, ORIGIN)
    store.close()
    return flaws


def found(folder: Path) -> set[tuple[str, int | None]]:
    return {(flaw.code, flaw.entry) for flaw in flaws_of(folder)}


def test_untouched_evidence_is_clean(folder: Path) -> None:
    """Nothing is found where nothing was changed."""
    assert [] == flaws_of(folder)


@pytest.mark.parametrize(
    ("statement", "code", "entry"),
    [
        ("UPDATE entry SET leaf = CAST(replace(leaf, '\"by\":0', '\"by\":1') AS BLOB) WHERE seq = 5", "tree.leaf", 5),
        (
            "UPDATE entry SET leaf = CAST(replace(leaf, '\"by\":0', '\"by\":1') AS BLOB) WHERE seq = 515",
            "tree.root",
            None,
        ),
        ("UPDATE entry SET leaf = x'00' WHERE seq = 300", "entry.malformed", 300),
        ("DELETE FROM entry WHERE seq = 0", "tree.missing", 0),
        ("DELETE FROM entry WHERE seq = 400", "tree.missing", 400),
        ("DELETE FROM entry WHERE seq = 518", "tree.missing", 518),
        ("INSERT INTO entry SELECT 519, leaf FROM entry WHERE seq = 1", "tree.beyond", 519),
        ("INSERT INTO entry SELECT -1, leaf FROM entry WHERE seq = 1", "tree.beyond", -1),
        ("UPDATE tile SET hashes = zeroblob(8192) WHERE idx = 1", "tree.leaf", 256),
        ("UPDATE tile SET root = zeroblob(32) WHERE idx = 0", "tree.tile_root", None),
        ("DELETE FROM tile WHERE idx = 0", "tree.tile_missing", None),
        ("INSERT INTO tile SELECT 1, 0, root, hashes FROM tile WHERE idx = 0", "tree.tile_stray", None),
        ("UPDATE head SET root = zeroblob(32)", "tree.root", None),
        ("UPDATE head SET size = 518", "tree.beyond", 518),
        ("UPDATE content SET body = CAST('{}' AS BLOB) WHERE seq = 9", "content.changed", 9),
        ("UPDATE content SET salt = zeroblob(32) WHERE seq = 9", "content.changed", 9),
        ("UPDATE content SET sha = zeroblob(32) WHERE seq = 9", "content.changed", 9),
        ("DELETE FROM content WHERE seq = 9", "content.missing", 9),
        ("DELETE FROM content WHERE seq = 517", "content.missing", 517),
        ("INSERT INTO content SELECT 17, salt, sha, body FROM content WHERE seq = 9", "content.not_erased", 17),
        ("INSERT INTO content SELECT 518, salt, sha, body FROM content WHERE seq = 9", "content.stray", 518),
        ("INSERT INTO content SELECT 600, salt, sha, body FROM content WHERE seq = 9", "content.stray", 600),
        ("INSERT INTO content SELECT -1, salt, sha, body FROM content WHERE seq = 9", "content.stray", -1),
        ("UPDATE checkpoint SET note = replace(note, '300', '301') WHERE size = 300", "checkpoint", None),
        ("UPDATE checkpoint SET size = 301 WHERE size = 300", "checkpoint", None),
        ("INSERT INTO checkpoint SELECT 600, note FROM checkpoint WHERE size = 300", "checkpoint", None),
        ("INSERT INTO timestamp_token VALUES (300, x'00')", "token", None),
    ],
)
def test_every_single_change_is_found(folder: Path, statement: str, code: str, entry: int | None) -> None:
    """One changed, missing or added row of any table of evidence is a flaw that names what and where."""
    change(folder, statement)
    assert (code, entry) in found(folder)


def test_swapped_entries_are_found(folder: Path) -> None:
    """Two entries that changed places are named by the first."""
    change(
        folder,
        "UPDATE entry SET seq = 9999 WHERE seq = 3",
        "UPDATE entry SET seq = 3 WHERE seq = 4",
        "UPDATE entry SET seq = 4 WHERE seq = 9999",
    )
    assert {("tree.leaf", 3), ("entry.time", 4)} <= found(folder)


def test_one_damage_does_not_hide_another(folder: Path) -> None:
    """All of several changes are told."""
    change(
        folder,
        "UPDATE content SET body = x'00' WHERE seq = 1",
        "DELETE FROM content WHERE seq = 2",
        "UPDATE tile SET root = zeroblob(32) WHERE idx = 0",
        "UPDATE entry SET leaf = x'00' WHERE seq = 300",
    )
    codes = {code for code, _ in found(folder)}
    assert {"content.changed", "content.missing", "tree.tile_root", "entry.malformed", "tree.root"} <= codes


def test_a_malformed_erasure_covers_nothing(folder: Path) -> None:
    """An entry that only looks like an erasure excuses no missing content."""
    change(folder, 'UPDATE entry SET leaf = CAST(\'{"kind":"erasure"}\' AS BLOB) WHERE seq = 518')
    assert {("entry.malformed", 518), ("content.missing", 17)} <= found(folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"size":300', b'"size":301'),
        (b"example/tests\\n300", b"example/tests\\n301"),
        (b"\xe2\x80\x94 a", b"\xe2\x80\x94 b"),
    ],
)
def test_a_changed_journal_line_is_found(folder: Path, old: bytes, new: bytes) -> None:
    """A line of the journal that was edited no longer verifies, or no longer fits its size."""
    journal = folder / "checkpoints.log"
    assert old in journal.read_bytes()
    journal.write_bytes(journal.read_bytes().replace(old, new))
    assert {"checkpoint"} == {code for code, _ in found(folder)}
