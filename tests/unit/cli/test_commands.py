"""
The command line as people and scripts meet it: one sentence and the next command for each refusal, and its exit code.
"""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import attrs
import click
import pytest
from support import BOSS, PASSWORD, QA1, QA2, STAFF, visit

from archive_core.cli import archive
from archive_core.cli.outcome import DONE, REFUSED, UNVERIFIED, USAGE, run


@attrs.frozen
class Told:
    code: int
    out: str
    err: str

    @property
    def json(self) -> object:
        return json.loads(self.out)


Run = Callable[..., Told]


@pytest.fixture
def call(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """
    Run one command line against the test's archive, for a person when one is named.
    """
    (tmp_path / "password").write_text(PASSWORD + "\n", encoding="utf-8")

    def call_archive(*arguments: object, user: str | None = None) -> Told:
        words = ["-C", str(folder), *(str(argument) for argument in arguments)]
        if user is not None:
            words += ["--user", user, "--password-file", str(tmp_path / "password")]
        capsys.readouterr()
        code = run(archive, words)
        printed = capsys.readouterr()
        return Told(code, printed.out, printed.err)

    return call_archive


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """
    A JSON file with a good visit note.
    """
    path = tmp_path / "note.json"
    path.write_text(json.dumps(visit(), ensure_ascii=False), encoding="utf-8")
    return path


def captured(call: Run, note: Path) -> int:
    told = call("capture", "visit_note", note, "--json", user=STAFF)
    assert isinstance(told.json, dict)
    return int(told.json["record"])


def test_a_record_goes_from_file_to_in_force(call: Run, note: Path, folder: Path) -> None:
    """
    capture, sign, sign, show: each prints the next command, and the record is in force.
    """
    told = call("capture", "visit_note", note, user=STAFF)
    record = int(told.out.split()[1])
    following = f"next: a person with the role handler signs it: archive -C {folder} sign {record} --user NAME\n"
    assert (told.code, following in told.out) == (DONE, True)
    told = call("sign", record, "--yes", user=STAFF)
    assert "waits for the next step" in told.out
    assert told.out.endswith(following.replace("role handler", "role responsible_person"))
    assert "in force now" in call("sign", record, "--yes", user=BOSS).out
    shown = call("show", record).out
    assert "拜访记录 Visit note  V-1" in shown
    assert "赵敏 Zhao Min, responsible_person, 负责人审核 Approved, 2026-" in shown


def test_signing_shows_what_is_signed_and_asks(call: Run, note: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Before it signs, the difference is shown; "no" signs nothing.
    """
    import io

    record = captured(call, note)
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    told = call("sign", record, user=STAFF)
    assert told.code == REFUSED
    assert "  方式 Kind: 现场 On site (site)\n  内容 Note: 讨论手套供应\n" in told.out
    assert call("show", record, "--json").json["signoffs"] == []  # type: ignore[index]


@pytest.mark.parametrize(
    ("arguments", "user", "sentence", "following"),
    [
        (("show", 99999), None, "there is no record 99999", "archive search WORDS"),
        (("show", 0, "--version", 7), None, "has no version 7", "archive history 0"),
        (("list", "visit_nota"), None, "did you mean visit_note?", "archive type list"),
        (("sign", 0, "--yes"), QA2, "no version of record 0 waits", "archive queue"),
        (("reject", 0, "--reason", " "), QA2, "say why", "--reason TEXT"),
        (("capture", "visit_note", "missing.json"), STAFF, "cannot be read as a record", "archive type show"),
        (("person", "show", "nobody"), None, "no record person nobody", "archive search"),
        (("queue",), "nobody", "do not match an active person", "archive person show"),
    ],
)
def test_a_refusal_is_one_sentence_and_the_next_command(
    call: Run, arguments: tuple[object, ...], user: str | None, sentence: str, following: str
) -> None:
    """
    Exit 1, the sentence and the hint on standard error, nothing on standard output.
    """
    told = call(*arguments, user=user)
    assert (told.code, told.out) == (REFUSED, "")
    assert sentence in told.err
    assert following in told.err
    assert "Traceback" not in told.err


def test_a_refusal_as_json_has_code_and_facts(call: Run) -> None:
    """
    With --json the refusal is one JSON object with a stable code.
    """
    told = call("show", 99999, "--json")
    assert told.json == {
        "error": {
            "code": "record.unknown",
            "message": "there is no record 99999",
            "hint": "find it first: archive search WORDS, or archive list TYPE",
            "record": "99999",
        }
    }


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"visit_no": "V-1", "cost": NaN}', "\ufeff{}", '{"a": ' * 100_000], ids=range(6)
)
def test_a_file_that_is_no_record_is_refused(call: Run, tmp_path: Path, text: str) -> None:
    """
    Whatever the file holds, the answer is a refusal.
    """
    path = tmp_path / "odd.json"
    path.write_text(text, encoding="utf-8")
    told = call("capture", "visit_note", path, user=STAFF)
    assert (told.code, "Traceback" in told.err) == (REFUSED, False)


def test_wrong_usage_is_exit_2(call: Run) -> None:
    """
    Unknown commands, options and values that are no day or number.
    """
    codes = [call(*words).code for words in (["shwo"], ["show"], ["show", "x"], ["show", "0", "--as-of", "yesterday"])]
    assert codes == [USAGE] * 4


def test_a_stale_amendment_names_both_versions(call: Run, note: Path) -> None:
    """
    The message says what was seen, what is there, and how to look at the difference.
    """
    record = captured(call, note)
    call("amend", record, note, "--reason", "笔误", "--replace", user=STAFF)
    told = call("amend", record, note, "--reason", "笔误", "--seen", 1, "--replace", user=STAFF)
    assert told.code == REFUSED
    assert "you saw version 1, the latest is 2" in told.err
    assert f"archive diff {record} 1 2" in told.err


def test_a_partial_amendment_changes_only_its_fields(call: Run, note: Path, tmp_path: Path) -> None:
    """
    --partial merges into the version seen; null removes a field.
    """
    record = captured(call, note)
    change = tmp_path / "change.json"
    change.write_text('{"cost": 3.50, "note": null}', encoding="utf-8")
    call("amend", record, change, "--partial", "--reason", "补充", "--replace", user=STAFF)
    told = call("diff", record, 1, 2, "--json").json
    assert told == [
        {"path": "$.note", "old": "讨论手套供应", "new": None},
        {"path": "$.cost", "old": None, "new": "3.50"},
    ]


def test_history_tells_every_version_and_hand(call: Run, note: Path) -> None:
    """
    Author, reason, refusal and its reason are there.
    """
    record = captured(call, note)
    call("reject", record, "--reason", "日期不符", user=STAFF)
    call("amend", record, note, "--reason", "更正日期", user=STAFF)
    told = call("history", record).out
    assert "version 1  已退回 rejected" in told
    assert "日期不符" in told
    assert "by 张三 Zhang San: 更正日期" in told


def test_the_queue_is_mine_or_everybodys(call: Run, note: Path) -> None:
    """
    `queue` needs a login; `queue --all` does not.
    """
    record = captured(call, note)
    mine = call("queue", "--json", user=BOSS).json
    everybody = call("queue", "--all", "--json").json
    assert (mine, [one["record"] for one in everybody]) == ([], [record])  # type: ignore[attr-defined]


def test_verify_is_exit_4_and_names_the_record(call: Run, note: Path, folder: Path) -> None:
    """
    After a change with plain SQL the report names record and version.
    """
    record = captured(call, note)
    assert call("verify").code == DONE
    connection = sqlite3.connect(folder / "ledger.db")
    connection.execute("DROP TRIGGER content_no_update")
    connection.execute("UPDATE content SET salt = zeroblob(32) WHERE seq = ?", (record,))
    connection.commit()
    connection.close()
    told = call("verify")
    assert told.code == UNVERIFIED
    assert f"record {record}, version 1, entry {record}" in told.out
    report = call("verify", "--json")
    assert report.code == UNVERIFIED
    assert report.json["assurance"] == "broken"  # type: ignore[index]


def test_verify_of_a_torn_database_is_exit_4(call: Run, folder: Path) -> None:
    """
    A file that SQLite cannot read is a failed verification, said plainly.
    """
    data = bytearray((folder / "ledger.db").read_bytes())
    data[4096 * 3 : 4096 * 9] = b"\xff" * (4096 * 6)
    for path in folder.glob("ledger.db*"):
        path.unlink()
    (folder / "ledger.db").write_bytes(data)
    told = call("verify")
    assert (told.code, "Traceback" in told.err) == (UNVERIFIED, False)


def test_a_person_is_proposed_and_signed(call: Run, tmp_path: Path) -> None:
    """
    person add says which record waits; after QA's signature the person is listed.
    """
    (tmp_path / "new").write_text("a long password\n", encoding="utf-8")
    words = ["person", "add", "sun.li", "--name-zh", "孙丽", "--name-en", "Sun Li", "--role", "handler"]
    told = call(*words, "--new-password-file", tmp_path / "new", "--json", user=QA1)
    assert isinstance(told.json, dict)
    assert told.json["state"] == "proposed"
    assert call("sign", told.json["record"], "--yes", user=QA2).code == DONE
    names = [one["username"] for one in call("person", "list", "--json").json]  # type: ignore[attr-defined]
    assert "sun.li" in names


def test_types_can_be_listed_shown_and_described(call: Run) -> None:
    """
    type list, show and schema work for a pack's type; the archive's own local type is in the list.
    """
    names = {one["name"]: one["in_force"] for one in call("type", "list", "--json").json}  # type: ignore[attr-defined]
    assert (names["visit_note"], names["quality_feedback"]) == (True, True)
    assert "质量信息反馈处理表" in call("type", "show", "quality_feedback").out
    schema = call("type", "schema", "quality_feedback").json
    assert schema["additionalProperties"] is False  # type: ignore[index]


def test_a_misspelt_role_is_pointed_out(call: Run, tmp_path: Path) -> None:
    """
    Roles are free words, but one that no step asks for is usually a misspelling.
    """
    (tmp_path / "new").write_text("a long password\n", encoding="utf-8")
    words = ["person", "add", "sun.li", "--name-zh", "孙丽", "--name-en", "Sun Li", "--role", "handlr"]
    told = call(*words, "--new-password-file", tmp_path / "new", user=QA1)
    assert told.code == DONE
    assert "did you mean handler?" in told.err


def test_status_tells_that_nobody_could_sign(call: Run, folder: Path) -> None:
    """
    keys.db that others can read, or that is gone, is an attention line, and not "all checks passed".
    """
    assert "all checks at opening passed" in call("status").out
    (folder / "keys.db").chmod(0o644)
    told = call("status")
    assert ("chmod 600" in told.err, "all checks" in told.out) == (True, False)
    (folder / "keys.db").unlink()
    assert "it is missing" in call("status").err


def test_a_checkpoint_is_printed_whole(call: Run) -> None:
    """
    Origin, size, root, and the signature line.
    """
    lines = call("checkpoint").out.splitlines()
    assert lines[0] == "archive.example/tests"
    assert lines[1].isdigit()
    assert lines[4].startswith("— archive.example/tests ")


def test_a_kept_checkpoint_proves_continuation(call: Run, note: Path, folder: Path, tmp_path: Path) -> None:
    """
    verify --since passes while the ledger only grew, and fails for a card whose root is another, or of another archive.
    """
    card = tmp_path / "card.txt"
    card.write_text(call("checkpoint").out, encoding="utf-8")
    captured(call, note)
    assert call("verify", "--since", card).code == DONE
    lines = card.read_text(encoding="utf-8").splitlines(keepends=True)
    card.write_text("".join([*lines[:2], "A" * 43 + "=\n", *lines[3:]]), encoding="utf-8")
    told = call("verify", "--since", card)
    assert (told.code, "your card" in told.out) == (UNVERIFIED, True)
    card.write_text("not a card", encoding="utf-8")
    assert (call("verify", "--since", card).code, call("verify", "--since", folder / "none").code) == (REFUSED, REFUSED)


def test_retention_due_lists_what_is_over(call: Run, note: Path) -> None:
    """
    A record captured in 2026 is due for review five years later, not a day earlier.
    """
    record = captured(call, note)
    call("sign", record, "--yes", user=STAFF)
    call("sign", record, "--yes", user=BOSS)
    keep_until = call("retention", "due", "--all", "--type", "visit_note", "--json").json
    assert isinstance(keep_until, dict)
    last = keep_until["items"][0]["keep_until"]
    assert call("retention", "due", "--on", last, "--type", "visit_note").out.startswith("record")
    assert "0 due for review" in call("retention", "due", "--on", last, "--type", "visit_note").out
    after = f"{int(last[:4])}-12-31"
    assert "1 due for review" in call("retention", "due", "--on", after, "--type", "visit_note").out


def test_no_archive_here_says_how_to_found_one(tmp_path: Path) -> None:
    """
    A real process, outside any archive: one sentence, exit 1, no traceback.
    """
    command = [str(Path(sys.executable).with_name("archive")), "-C", str(tmp_path), "status"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LANG": "C.UTF-8"})
    assert done.returncode == REFUSED
    assert "there is no archive in" in done.stderr
    assert "archive init DIR" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_archive_is_founded_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], call: Run
) -> None:
    """
    init prints the first checkpoint and the next command; a second init in the same folder is refused.
    """
    del call
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-8")
    words = [
        "init", str(tmp_path / "new"), "--name", "新档案", "--origin", "archive.example/new", "--name-zh", "李华",
        "--name-en", "Li Hua", "--user", "li.hua", "--password-file", str(tmp_path / "password"),
    ]  # fmt: skip
    assert run(archive, words) == DONE
    told = capsys.readouterr().out
    assert "The archive 新档案 is founded" in told
    assert "person add USERNAME --name-zh 姓名 --name-en NAME --role qa" in told
    assert run(archive, words) == REFUSED
    assert "is not empty" in capsys.readouterr().err


def test_a_field_given_twice_is_refused(call: Run, tmp_path: Path) -> None:
    """
    JSON would let the last one win without a word; the archive names the field instead.
    """
    (tmp_path / "twice.json").write_text('{"visit_no": "V-1", "visit_no": "V-2"}', encoding="utf-8")
    told = call("capture", "visit_note", tmp_path / "twice.json", user=STAFF)
    assert (told.code, "it gives visit_no more than once" in told.err) == (REFUSED, True)


def test_a_file_from_a_windows_editor_is_read(call: Run, note: Path) -> None:
    """
    The mark at the beginning, which such editors write, is no part of the record.
    """
    note.write_text(note.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert captured(call, note) > 0


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"visit_no": "\xb0\xa1"}', "it is not UTF-8 text (byte 14); save it as UTF-8"),
        (b"[" * 100_000, "it is nested too deeply"),
        (None, "no such file or directory"),
    ],
)
def test_an_unreadable_file_is_described_in_words(
    call: Run, tmp_path: Path, content: bytes | None, problem: str
) -> None:
    """
    The reason comes without error numbers, codecs and recursion.
    """
    path = tmp_path / "fields.json"
    if content is not None:
        path.write_bytes(content)
    told = call("capture", "visit_note", path, user=STAFF)
    assert (told.code, f"{path} cannot be read as a record: {problem}\n" in told.err) == (REFUSED, True)


def test_version_0_is_not_the_latest(call: Run, note: Path) -> None:
    """
    `--seen 0` is a version nobody can have looked at, not a missing option.
    """
    record = captured(call, note)
    for words in (("amend", record, note, "--replace"), ("withdraw", record)):
        told = call(*words, "--reason", "again", "--seen", 0, user=STAFF)
        assert (told.code, "you saw version 0, the latest is 1" in told.err) == (REFUSED, True)


def test_a_password_file_that_cannot_be_used_is_named(call: Run, note: Path, tmp_path: Path) -> None:
    """
    A missing file is not called a missing right, and one that is not text shows no traceback.
    """
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name, problem in (("nowhere", "there is no password file"), ("binary", "is not UTF-8 text")):
        told = call("capture", "visit_note", note, "--user", STAFF, "--password-file", tmp_path / name)
        assert (told.code, problem in told.err) == (USAGE, True)


def test_an_unknown_time_zone_founds_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    It is a usage error, found before the folder is made.
    """
    words = [
        "init", str(tmp_path / "new"), "--name", "x", "--origin", "archive.example/new", "--name-zh", "李华",
        "--name-en", "Li Hua", "--user", "li.hua", "--time-zone", "Asia/Nowhere",
    ]  # fmt: skip
    assert run(archive, words) == USAGE
    assert "there is no time zone 'Asia/Nowhere'" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_the_next_command_after_init_can_be_pasted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    A folder with a space in its name is quoted.
    """
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-8")
    words = [
        "init", str(tmp_path / "两 字"), "--name", "x", "--origin", "archive.example/new", "--name-zh", "李华",
        "--name-en", "Li Hua", "--user", "li.hua", "--password-file", str(tmp_path / "password"),
    ]  # fmt: skip
    assert run(archive, words) == DONE
    assert f"next: archive -C '{tmp_path / '两 字'}' person add" in capsys.readouterr().out


def test_verify_does_its_work_where_rooms_cannot_be_written(call: Run, folder: Path) -> None:
    """
    A copy on a read-only medium is what an inspector verifies: that its rooms cannot be told is only mentioned.
    """
    assert call("room", "build").code == DONE
    (folder / "room" / "full.db.lock").unlink(missing_ok=True)
    (folder / "room" / "full.db.lock").mkdir()
    told = call("verify")
    assert (told.code, "verified" in told.out) == (DONE, True)
    assert "the reading rooms do not show this outcome" in told.err


def test_a_missing_right_is_told_wherever_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    """
    A file that no room of the core looks after, like the lock of a reading room, is named without a traceback.
    """

    @click.command()
    def locked() -> None:
        raise PermissionError(13, "Permission denied", "room/full.db.lock")

    assert run(locked, []) == REFUSED
    assert "refused: no right to use room/full.db.lock\nnext: " in capsys.readouterr().err
