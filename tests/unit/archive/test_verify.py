"""
What `verify` finds: every stored value of `ledger.db` is changed with plain SQL, and each change is named.
"""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from support import BOSS, PASSWORD, QA1, STAFF, visit

from archive_core import Archive
from archive_core.errors import BatchDiffers, ReadOnly
from archive_core.model.verification import Assurance, Report

Open = Callable[[str | None], Archive]


@pytest.fixture
def lived_in(open_as: Open, folder: Path) -> Path:
    """
    An archive with a record in force, an amendment waiting, and 300 more entries, so that full tiles exist.
    """
    archive = open_as(STAFF)
    record = archive.capture("visit_note", visit()).record
    archive.sign(record)
    archive.login(BOSS, PASSWORD)
    archive.sign(record)
    archive.login(STAFF, PASSWORD)
    for number in range(270):
        archive.capture("visit_note", visit(f"W-{number}"))
    archive.amend(record, visit(note="更正"), reason="笔误", seen=1)
    archive.checkpoint()
    archive.close()
    return folder


def tamper(folder: Path, *statements: str) -> None:
    """
    Change the ledger as somebody with the file would: triggers dropped, and put back.
    """
    connection = sqlite3.connect(folder / "ledger.db", isolation_level=None)
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        assert connection.execute(statement).rowcount != 0, statement
    for _, sql in triggers:
        connection.execute(sql)
    connection.close()


def verify(folder: Path) -> Report:
    with Archive.open(folder) as archive:
        return archive.verify()


def test_an_untouched_archive_is_signed(lived_in: Path) -> None:
    """
    Nothing is found, and the newest checkpoint covers everything.
    """
    report = verify(lived_in)
    assert (report.flaws, report.assurance) == ((), Assurance.SIGNED)
    assert report.counts["entries"] == report.size > 300


def test_entries_after_the_checkpoint_are_only_intact(lived_in: Path) -> None:
    """
    What no checkpoint covers yet is not called signed.
    """
    with Archive.open(lived_in, user=STAFF, password=PASSWORD) as archive:
        archive.capture("visit_note", visit("V-9"))
        assert archive.verify().assurance is Assurance.INTACT


CHANGES = {
    "leaf": (("UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'visit_note', 'visit_nota') AS BLOB) WHERE seq = 40"), "tree.leaf", 40),
    "leaf deleted": ("DELETE FROM entry WHERE seq = 45", "tree.missing", 45),
    "newest leaf deleted": ("DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)", "verification.head_mismatch", None),
    "leaf inserted beyond": ("INSERT INTO entry SELECT seq + 1, leaf FROM entry ORDER BY seq DESC LIMIT 1", "tree.beyond", None),
    "content body": ("UPDATE content SET body = CAST(replace(CAST(body AS TEXT), '讨论', '谈论') AS BLOB) WHERE seq = 60", "content.changed", 60),
    "content salt": ("UPDATE content SET salt = zeroblob(32) WHERE seq = 60", "content.changed", 60),
    "content digest": ("UPDATE content SET sha = zeroblob(32) WHERE seq = 60", "content.changed", 60),
    "content deleted": ("DELETE FROM content WHERE seq = 60", "content.missing", 60),
    "content inserted": ("INSERT INTO content SELECT 1000000, salt, sha, body FROM content LIMIT 1", "content.stray", 1000000),
    "tile hashes": ("UPDATE tile SET hashes = CAST(substr(hashes, 33) || substr(hashes, 1, 32) AS BLOB)", "tree.leaf", 0),
    "tile root": ("UPDATE tile SET root = zeroblob(32)", "tree.tile_root", None),
    "tile inserted": ("INSERT INTO tile SELECT 7, 7, root, hashes FROM tile", "tree.tile_stray", None),
    "tile deleted": ("DELETE FROM tile", "tree.tile_missing", None),
    "head size": ("UPDATE head SET size = size - 1", "verification.head_mismatch", None),
    "head root": ("UPDATE head SET root = zeroblob(32)", "tree.root", None),
    "checkpoint note": ("UPDATE checkpoint SET note = replace(note, 'tests', 'texts') WHERE size > 40", "checkpoint", None),
    "checkpoint size": ("UPDATE checkpoint SET size = size + 1000000 WHERE size > 40", "checkpoint", None),
    "record type": ("UPDATE record SET type = 'person' WHERE record = 60", "index", None),
    "record key": ("UPDATE record SET key = 'X' WHERE record = 60", "index", None),
    "record live": ("UPDATE record SET live = 0 WHERE record = 60", "index", None),
    "record latest": ("UPDATE record SET latest = 9 WHERE record = 60", "index", None),
    "record in force": ("UPDATE record SET in_force = 1 WHERE record = 60", "index", None),
    "record withdrawn": ("UPDATE record SET withdrawn = 1 WHERE record = 60", "index", None),
    "version seq": ("UPDATE version_at SET seq = 61 WHERE record = 60", "index", None),
    "version key": ("UPDATE version_at SET key = 'X' WHERE record = 60", "index", None),
    "version state": ("UPDATE version_at SET state = 'in_force' WHERE record = 60", "index", None),
    "version from": ("UPDATE version_at SET in_force_from = '2020' WHERE record = 60", "index", None),
    "version to": ("UPDATE version_at SET in_force_to = '2020' WHERE record = 60", "index", None),
    "version batch": ("UPDATE version_at SET batch = 3 WHERE record = 60", "index", None),
    "version withdrawn": ("UPDATE version_at SET withdrawn = 1 WHERE record = 60", "index", None),
    "sign-off step": ("UPDATE signoff_at SET step = 'x'", "index", None),
    "sign-off person": ("UPDATE signoff_at SET by = 99", "index", None),
    "sign-off decision": ("UPDATE signoff_at SET decision = 'rejected'", "index", None),
    "sign-off deleted": ("DELETE FROM signoff_at", "index", None),
    "erasure invented": ("INSERT INTO erased VALUES (60, 61)", "index", None),
    "token invented": ("INSERT INTO timestamp_token VALUES (5, zeroblob(9))", "token", None),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_with_plain_sql_is_found(lived_in: Path, name: str) -> None:
    """
    Each stored value, once changed, gives at least one flaw of the expected kind, with the entry where it is known.
    """
    statement, code, entry = CHANGES[name]
    tamper(lived_in, statement)
    report = verify(lived_in)
    assert report.assurance is Assurance.BROKEN
    found = {(flaw.code, flaw.entry) for flaw in report.flaws}
    assert any(got == code and entry in (None, where) for got, where in found), found


def test_a_content_flaw_names_record_and_version(lived_in: Path) -> None:
    """
    The finding says which record and which version it concerns.
    """
    tamper(lived_in, "UPDATE content SET salt = zeroblob(32) WHERE seq = (SELECT max(seq) FROM content)")
    flaw = next(flaw for flaw in verify(lived_in).flaws if flaw.code == "content.changed")
    assert (flaw.record is not None, flaw.version) == (True, 2)


def test_a_batch_that_states_another_root_is_neither_signed_nor_passed(open_as: Open) -> None:
    """
    What QA signs for a batch is the root of its leaves; a batch record that says otherwise is refused and found.
    """
    archive = open_as(STAFF)
    fields = {
        "batch_no": "B-1", "status": "closed", "record_type": "visit_note", "source_name": "x.csv",
        "source_sha256": archive.blobs.put_bytes(b"x").sha256, "source_size": 1, "mapping": "none",
        "mapping_sha256": "0" * 64, "rows_read": 5, "outcomes": [{"outcome": "created", "rows": 5}], "entries": 5,
        "root": "A" * 43,
    }  # fmt: skip
    record = archive.capture("import_batch", fields).record
    archive.login(QA1, PASSWORD)
    with pytest.raises(BatchDiffers):
        archive.sign(record)
    assert [(flaw.code, flaw.record) for flaw in archive.verify().flaws] == [("batch.root", record)]


def test_a_dropped_trigger_is_an_alarm(lived_in: Path) -> None:
    """
    A ledger whose append-only triggers are gone is opened read-only, and verify says so.
    """
    connection = sqlite3.connect(lived_in / "ledger.db")
    connection.execute("DROP TRIGGER entry_no_update")
    connection.commit()
    connection.close()
    with Archive.open(lived_in, user=STAFF, password=PASSWORD) as archive:
        assert archive.alarm is not None
        with pytest.raises(ReadOnly):
            archive.capture("visit_note", visit("V-9"))
        assert archive.verify().assurance is Assurance.BROKEN


def test_an_older_copy_is_opened_read_only(open_as: Open, folder: Path, tmp_path: Path) -> None:
    """
    A restored older ledger contradicts the journal: it can be read, not continued.
    """
    archive = open_as(STAFF)
    archive.capture("visit_note", visit("V-1"))
    archive.checkpoint()
    archive.close()
    shutil.copy(folder / "ledger.db", tmp_path / "older.db")
    newer = open_as(STAFF)
    newer.capture("visit_note", visit("V-2"))
    newer.checkpoint()
    newer.close()
    for path in folder.glob("ledger.db*"):
        path.unlink()
    shutil.copy(tmp_path / "older.db", folder / "ledger.db")
    with Archive.open(folder, user=STAFF, password=PASSWORD) as stale:
        assert "already shown" in (stale.alarm or "")
        with pytest.raises(ReadOnly):
            stale.capture("visit_note", visit("V-3"))
        assert stale.verify().assurance is Assurance.BROKEN


def test_an_insider_who_recomputes_everything_is_found_by_the_journal(lived_in: Path) -> None:
    """
    Leaf, tiles and head rewritten consistently still contradict the checkpoint that was shown.
    """
    from archive_core.ledger.ledger import load_edge
    from archive_core.merkle.edge import Edge
    from archive_core.merkle.hashing import leaf_hashes
    from archive_core.model.rows import Head
    from archive_core.store.ledger_store import LedgerReader

    tamper(lived_in, CHANGES["leaf"][0])
    connection = sqlite3.connect(lived_in / "ledger.db", isolation_level=None)
    reader = LedgerReader(connection)
    size = reader.head().size
    edge = Edge.empty()
    (tile,) = edge.append(leaf_hashes([leaf for _, leaf in reader.leaves(0, size)]))
    connection.execute("DROP TRIGGER tile_no_update")
    connection.execute("UPDATE tile SET hashes = ?, root = ?", (tile.hashes, tile.root))
    connection.execute("UPDATE head SET root = ?", (edge.root(),))
    sql = "CREATE TRIGGER tile_no_update BEFORE UPDATE ON tile  BEGIN SELECT RAISE(ABORT, 'tile is append-only'); END"
    connection.execute(sql)
    assert load_edge(reader, Head(size, edge.root())).size == size
    connection.close()
    report = verify(lived_in)
    codes = {flaw.code for flaw in report.flaws}
    assert {"verification.journal_contradicts", "checkpoint"} <= codes
    assert not codes & {"tree.leaf", "tree.root", "tree.tile"}


def test_a_sign_off_cannot_be_forged_by_editing_its_manifestation(lived_in: Path) -> None:
    """
    The printed name is committed to: another name in the content is found.
    """
    tamper(
        lived_in,
        "UPDATE content SET body = CAST(replace(CAST(body AS TEXT), '赵敏', '钱某') AS BLOB)"
        " WHERE CAST(body AS TEXT) LIKE '%赵敏%' AND CAST(body AS TEXT) LIKE '%meaning%'",
    )
    assert [flaw.code for flaw in verify(lived_in).flaws] == ["content.changed"]
