"""A real archive as its reading rooms show it: captured, signed, imported, verified, read by real accounts."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from archive_core.archive import Archive
from archive_core.cli import archive as command
from archive_core.cli.outcome import run
from archive_core.errors import PasswordTooWeak
from archive_core.inspection import rooms
from archive_core.inspection.finding import find_records
from archive_core.inspection.profile import PROFILES
from archive_core.inspection.projector import read_meta

FULL, MASKED = PROFILES["full"], PROFILES["inspector"]
STAFF, BOSS, QA, WORD = "zhang.san", "zhao.min", "li.hua", "correct horse battery"
OpenAs = Callable[[str | None], Archive]


def visit(number: str, **changes: object) -> dict[str, object]:
    return {"visit_no": number, "visited_on": "2026-11-20", "kind": "site", "note": "讨论手套供应", **changes}


def in_force(archive: Archive, number: str, **changes: object) -> int:
    """Capture a visit note and have it signed by both people it needs."""
    archive.login(STAFF, WORD)
    record = archive.capture("visit_note", visit(number, **changes)).record
    archive.sign(record)
    archive.login(BOSS, WORD)
    archive.sign(record)
    return record


def rows(archive: Archive, sql: str, *values: object) -> list[tuple[Any, ...]]:
    db = sqlite3.connect(rooms.room_path(archive, FULL))
    found = db.execute(sql, values).fetchall()
    db.close()
    return found


def amended(archive: Archive) -> int:
    record = in_force(archive, "V-1", points=[{"topic": "库存", "minutes": 20}])
    archive.login(STAFF, WORD)
    archive.amend(record, visit("V-1", note="改约下周"), reason="更正内容", seen=1)
    return record


def rejected(archive: Archive) -> None:
    archive.login(STAFF, WORD)
    record = archive.capture("visit_note", visit("V-2")).record
    archive.sign(record)
    archive.login(BOSS, WORD)
    archive.reject(record, reason="缺日期")


def withdrawn(archive: Archive) -> None:
    record = in_force(archive, "V-3", follows={"key": "V-1"})
    archive.withdraw(record, reason="重复登记", seen=1)


def enrolled(archive: Archive) -> None:
    archive.login(QA, WORD)
    archive.add_person("new.one", name_zh="钱进", name_en="Qian Jin", roles=["handler"], password=WORD)


def test_a_room_followed_step_by_step_equals_one_built_at_once(open_as: OpenAs, dump: Any) -> None:
    """Capture, amendment, refusal, withdrawal, a new person: after each the live room is what a fresh one would be."""
    archive = open_as(STAFF)
    for profile in (FULL, MASKED):
        rooms.projector(archive, profile).catch_up()
    for step in (amended, rejected, withdrawn, enrolled, lambda archive: archive.checkpoint()):
        step(archive)
        for profile in (FULL, MASKED):
            live = rooms.projector(archive, profile)
            assert not live.catch_up().rebuilt
            standing = dump(live.path)
            live.rebuild()
            assert dump(live.path) == standing


def test_a_room_says_what_the_ledger_says(open_as: OpenAs) -> None:
    """State, versions, names at the time, keys, leaf hashes and retention come from the ledger."""
    archive = open_as(STAFF)
    record = amended(archive)
    rooms.projector(archive, FULL).catch_up()
    view = archive.show(record)
    assert [("in_force", 1, 2, "2031-11-21")] == rows(
        archive, "select state, version, pending, keep_until from records where record = ?", record
    )
    assert [(view.leaf_hash.hex(), "张三")] == rows(
        archive, "select leaf, by_name from versions where record = ? and version = 1", record
    )
    assert [("张三", "经办", "handler"), ("赵敏", "负责人审核", "responsible_person")] == rows(
        archive, "select name, meaning_zh, role from signoffs where record = ? order by seq", record
    )
    assert [("库存", 20)] == rows(archive, "select topic, minutes from visit_note__points where record = ?", record)
    assert {"record_type", "person", "visit_note"} <= {row[0] for row in rows(archive, "select name from types")}


def test_search_without_a_server_finds_the_same(open_as: OpenAs) -> None:
    """The index answers the command line too, narrowed by type."""
    archive = open_as(STAFF)
    record = amended(archive)
    rooms.projector(archive, FULL).catch_up()
    path = rooms.room_path(archive, FULL)
    assert [record] == [row["record"] for row in find_records(path, "手套", limit=5)]
    assert [] == find_records(path, "手套", type_name="person", limit=5)


def test_a_verification_is_told_to_every_room(open_as: OpenAs) -> None:
    """The rooms that exist learn the outcome; those that do not are not made."""
    archive = open_as(STAFF)
    rooms.projector(archive, FULL).catch_up()
    rooms.tell_rooms(archive, archive.verify())
    told = json.loads(read_meta(rooms.room_path(archive, FULL))["verification"])
    assert (True, "signed", 0) == (told["ok"], told["level"], told["count"])
    assert not rooms.room_path(archive, MASKED).exists()


def test_people_and_inspectors_enter_by_their_own_passwords(open_as: OpenAs) -> None:
    """Active persons enter any room; an inspector enters the room of his profile; a wrong password enters none."""
    archive = open_as(QA)
    rooms.add_inspector(
        archive, "Guest.1", name="检查员甲", profile=MASKED, until=date(2026, 12, 1), password="let me read it"
    )
    full, masked = rooms.Accounts(archive, FULL), rooms.Accounts(archive, MASKED)
    guest = masked.verify("guest.1", "let me read it")
    assert ("检查员甲", "inspector", datetime(2026, 12, 1, 15, 59, 59, 999999, tzinfo=UTC)) == (
        guest and (guest.name, guest.kind, guest.until)
    )
    assert None is full.verify("guest.1", "let me read it")
    assert None is masked.verify("guest.1", "let me read it not")
    assert "张三" == getattr(full.verify(STAFF, WORD), "name", None)
    assert None is full.verify(STAFF, "wrong")
    assert None is full.verify("nobody", WORD)


def test_an_account_does_not_shadow_a_person(open_as: OpenAs) -> None:
    """Where an account came to bear a colleague's username, in any case, only the colleague's own password opens."""
    archive = open_as(QA)
    rooms.add_inspector(
        archive, "guest", name="检查员", profile=FULL, until=date(2026, 12, 1), password="let me read it"
    )
    (account,) = archive.keys.accounts()
    archive.keys.put_account(attrs.evolve(account, username=STAFF))
    accounts = rooms.Accounts(archive, FULL)
    assert None is accounts.verify(STAFF, "let me read it")
    assert None is accounts.verify(STAFF.upper(), "let me read it")
    assert "staff" == getattr(accounts.verify(STAFF, WORD), "kind", None)
    assert "inspector" == getattr(accounts.verify("Guest", "let me read it"), "kind", None)


def test_an_inspector_is_out_after_the_last_day(open_as: OpenAs, clock: Any) -> None:
    """The account ends with the day in the archive's time zone."""
    archive = open_as(QA)
    rooms.add_inspector(
        archive, "guest", name="检查员", profile=FULL, until=date(2026, 11, 21), password="let me read it"
    )
    accounts = rooms.Accounts(archive, FULL)
    assert None is not accounts.verify("guest", "let me read it")
    clock.now = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
    assert None is accounts.verify("guest", "let me read it")


def test_a_weak_password_makes_no_inspector(open_as: OpenAs) -> None:
    """The rule for people holds for inspectors."""
    with pytest.raises(PasswordTooWeak):
        rooms.add_inspector(open_as(QA), "guest", name="x", profile=FULL, until=date(2026, 12, 1), password="short")


def test_a_served_room_shows_what_was_just_signed(open_as: OpenAs) -> None:
    """The page after a commit shows it, without a restart and without building anything by hand."""
    archive = open_as(STAFF)
    room = rooms.open_room(archive, FULL)
    with asyncio.Runner() as runner:
        entered = runner.run(room.client.post("/-/login", data={"username": STAFF, "password": WORD}))
        cookies = {name: entered.cookies[name] for name in entered.cookies}
        record = in_force(archive, "V-77", note="今天刚签核")
        page = runner.run(room.client.get(f"/-/record/{record}", cookies=cookies))
        room.close()
    assert "今天刚签核" in page.text
    assert "赵敏" in page.text


def call(folder: Path, *arguments: str) -> int:
    return run(command, ["-C", str(folder), *arguments])


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(f"{WORD}\n", encoding="utf-8")
    return path


def test_the_commands_build_find_and_admit(folder: Path, secrets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`room build`, `room status`, `search`, `inspector add`: each does its work and says what is next."""
    assert 0 == call(folder, "room", "status")
    assert "archive room build" in capsys.readouterr().out
    assert 0 == call(folder, "room", "build", "--json")
    assert json.loads(capsys.readouterr().out)["rebuilt"]
    assert 0 == call(folder, "room", "build")
    assert "0 record(s) written" in capsys.readouterr().out
    assert 0 == call(folder, "room", "status", "--json")
    assert [0] == [room["behind"] for room in json.loads(capsys.readouterr().out)]
    assert 0 == call(folder, "search", "拜访", "记录", "--json")
    assert ["visit_note"] == [row["key"] for row in json.loads(capsys.readouterr().out)]
    acting = ("--user", QA, "--password-file", str(secrets), "--new-password-file", str(secrets))
    assert 0 == call(folder, "inspector", "add", "guest", "--name", "检查员", "--until", "2030-01-01", *acting)
    assert "archive inspect --profile inspector" in capsys.readouterr().out


def test_only_qa_admits_inspectors(folder: Path, secrets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Anybody else is told which role is missing."""
    acting = ("--user", STAFF, "--password-file", str(secrets), "--new-password-file", str(secrets))
    assert 1 == call(folder, "inspector", "add", "guest", "--name", "x", *acting)
    assert "qa" in capsys.readouterr().err


def test_search_where_the_room_cannot_be_written(
    open_as: OpenAs, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    The room is searched as it stands, and the message says how far it lags.

    What lies in the way of the lock stands for a read-only folder: an administrator may write to those.
    """
    archive = open_as(STAFF)
    rooms.projector(archive, FULL).catch_up()
    lock = folder / "room" / "full.db.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    assert 0 == call(folder, "search", "拜访", "记录", "--json")
    assert "" == capsys.readouterr().err
    archive.capture("visit_note", visit("V-1", note="讨论绷带供应"))
    assert 0 == call(folder, "search", "拜访", "记录", "--json")
    told = capsys.readouterr()
    assert ["visit_note"] == [row["key"] for row in json.loads(told.out)]
    assert "not searched: 1" in told.err


def test_a_replaced_inspector_is_announced(folder: Path, secrets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second account of a username takes the first one's place, and the command says so."""
    acting = ("--user", QA, "--password-file", str(secrets), "--new-password-file", str(secrets))
    assert 0 == call(folder, "inspector", "add", "guest", "--name", "甲", *acting)
    assert "replaced the account" not in capsys.readouterr().out
    assert 0 == call(folder, "inspector", "add", "Guest", "--name", "乙", *acting)
    assert "replaced the account Guest" in capsys.readouterr().out


def test_an_inspector_cannot_take_the_username_of_a_person(
    folder: Path, secrets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The colleague would be shut out, and what the inspector reads would be recorded under their name."""
    acting = ("--user", QA, "--password-file", str(secrets), "--new-password-file", str(secrets))
    assert 1 == call(folder, "inspector", "add", STAFF.upper(), "--name", "x", *acting)
    assert "belongs to person" in capsys.readouterr().err


def test_an_account_that_is_over_is_not_made(folder: Path, secrets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A day in the past is a slip of the pen, not a wish."""
    acting = ("--user", QA, "--password-file", str(secrets), "--new-password-file", str(secrets))
    assert 2 == call(folder, "inspector", "add", "guest", "--name", "x", "--until", "2001-01-01", *acting)
    assert "--until 2001-01-01 is over" in capsys.readouterr().err


def test_a_profile_that_does_not_exist_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message lists the profiles there are."""
    assert 1 == call(folder, "inspect", "--profile", "nobody")
    assert "known are full, inspector" in capsys.readouterr().err


def test_a_taken_port_is_no_traceback(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where another program listens, another port is proposed."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert 1 == call(folder, "inspect", "--port", str(port), "--no-browser")
    assert f"--port {port + 1}" in capsys.readouterr().err


def test_a_room_stays_open_under_alarm_when_the_ledger_contradicts_itself(open_as: OpenAs, folder: Path) -> None:
    """A content that was altered stops the following, not the reading, and the page says which entry it is."""
    archive = open_as(STAFF)
    follower = rooms.Follower(archive, FULL)
    assert "" == follower()
    record = archive.capture("visit_note", visit("V-9")).record
    tamper = sqlite3.connect(folder / "ledger.db")
    for (name,) in tamper.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        tamper.execute(f'drop trigger "{name}"')
    tamper.execute(
        "update content set body = cast(replace(cast(body as text), '手套', '口罩') as blob) where seq = ?", (record,)
    )
    tamper.commit()
    tamper.close()
    assert str(record) in follower()
    assert rooms.room_path(archive, FULL).exists()


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("update visit_note set note = '改过' where key = 'V-1'", "visit_note"),
        ("delete from signoffs where seq = (select max(seq) from signoffs)", "signoffs"),
        ("insert into record_fts (rowid, ids, names, body, kind) values (999, 'x', 'y', 'z', 'k')", "record_fts"),
    ],
)
def test_a_room_that_was_tampered_with_is_found_out(open_as: OpenAs, sql: str, table: str) -> None:
    """Whatever is changed in the file, the comparison with the ledger names the table."""
    archive = open_as(STAFF)
    amended(archive)
    rooms.projector(archive, FULL).catch_up()
    assert () == rooms.check_room(archive, FULL)
    db = sqlite3.connect(rooms.room_path(archive, FULL))
    db.execute(sql)
    db.commit()
    db.close()
    assert (table,) == rooms.check_room(archive, FULL)


def test_room_check_names_what_differs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command ends with 4 and says how to mend it."""
    assert 1 == call(folder, "room", "check")
    assert "not built yet" in capsys.readouterr().err
    assert 0 == call(folder, "room", "build")
    assert 0 == call(folder, "room", "check")
    db = sqlite3.connect(folder / "room" / "full.db")
    db.execute("delete from people where username = 'li.hua'")
    db.commit()
    db.close()
    assert 4 == call(folder, "room", "check")
    assert "differs from the ledger in people" in capsys.readouterr().out
