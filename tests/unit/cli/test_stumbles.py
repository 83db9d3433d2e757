"""
Where newcomers stumbled: what is printed can be typed, what cannot be done is said.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import BOSS, PASSWORD, QA1, STAFF, visit

from archive_core.cli import archive
from archive_core.cli.common import in_folder
from archive_core.cli.outcome import DONE, REFUSED, USAGE, run
from archive_core.cli.wording import label_of, shown

ARCHIVE = str(Path(sys.executable).with_name("archive"))
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """
    Run one command line in the test's archive, for a person when one is named.
    """
    (tmp_path / "password").write_text(PASSWORD + "\n", encoding="utf-8")

    def call(*arguments: object, user: str | None = None) -> tuple[int, str, str]:
        acting = ["--user", user, "--password-file", str(tmp_path / "password")] if user else []
        capsys.readouterr()
        code = run(archive, ["-C", str(folder), *(str(argument) for argument in arguments), *acting])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


@pytest.fixture
def capture(say: Say, tmp_path: Path) -> Callable[[str], tuple[int, str, str]]:
    """
    Capture a visit note from the text of a file.
    """

    def call(text: str) -> tuple[int, str, str]:
        (tmp_path / "note.json").write_text(text, encoding="utf-8")
        return say("capture", "visit_note", tmp_path / "note.json", "--json", user=STAFF)

    return call


def visit_text(**changes: object) -> str:
    return json.dumps(visit(**changes), ensure_ascii=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "arguments",
    [("retention", "due", "--type", "visit_nota"), ("search", "手套", "--type", "visit_nota"), ("list", "visit_nota")],
)
def test_a_type_nobody_knows_is_refused(say: Say, arguments: tuple[str, ...]) -> None:
    """
    "Nothing is due" and "nothing found" would be true and misleading.
    """
    code, out, err = say(*arguments)
    assert (code, out, "did you mean visit_note?" in err) == (REFUSED, "", True)


def test_the_hint_of_a_refusal_names_the_folder(say: Say, folder: Path) -> None:
    """
    With -C DIR the next command works as printed, and `archive init` stays as it is.
    """
    assert say("show", 99999)[2].endswith(
        f"next: find it first: archive -C {folder} search WORDS, or archive -C {folder} list TYPE\n"
    )
    assert in_folder("archive init DIR", "x") == "archive init DIR"
    assert in_folder("archive show 1", "两 字") == "archive -C '两 字' show 1"


def test_a_day_before_the_record_is_told_as_that_day(say: Say, capture: Callable[[str], tuple[int, str, str]]) -> None:
    """
    Not as the last microsecond of the day in another time zone.
    """
    record = json.loads(capture(visit_text())[1])["record"]
    code, _, err = say("show", record, "--as-of", "2020-01-01")
    assert (code, f"record {record} had no version in force on 2020-01-01\n" in err) == (REFUSED, True)


def test_choices_and_items_are_shown_with_their_labels(
    say: Say, capture: Callable[[str], tuple[int, str, str]]
) -> None:
    """
    show prints what the reading room prints: labels, with the stored value beside a choice.
    """
    points = [{"topic": "价格", "minutes": 5}, {"topic": "交期"}]
    record = json.loads(capture(visit_text(points=points))[1])["record"]
    out = say("show", record)[1]
    assert "  方式 Kind: 现场 On site (site)\n" in out
    assert "  要点 Points: [1] 主题 Topic: 价格, 分钟 Minutes: 5; [2] 主题 Topic: 交期\n" in out


def test_a_changed_item_is_previewed_with_its_labels(
    say: Say, capture: Callable[[str], tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The preview before a signature names the item, counted from 1, and its field.
    """
    import io

    record = json.loads(capture(visit_text(points=[{"topic": "价格"}]))[1])["record"]
    for user in (STAFF, BOSS):
        assert say("sign", record, "--yes", user=user)[0] == DONE
    (tmp_path / "next.json").write_text(visit_text(points=[{"topic": "交期"}], kind="call"), encoding="utf-8")
    assert say("amend", record, tmp_path / "next.json", "--reason", "更正", user=STAFF)[0] == DONE
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    out = say("sign", record, user=STAFF)[1]
    assert "  方式 Kind: 现场 On site (site) -> 电话 Call (call)\n" in out
    assert "  要点 Points [1] 主题 Topic: 价格 -> 交期\n" in out


def test_a_path_the_type_does_not_know_stays_a_path() -> None:
    """
    Old contents may have fields that the definition at hand lacks.
    """
    assert label_of((), "$.gone[0].name") == ("gone[0].name", None)
    assert shown(None, ["x"]) == '["x"]'


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ('"visit_no": 12.5', "$.visit_no"),
        ('"visit_no": 1e5', "$.visit_no"),
        ('"cost": 1e5', "$.cost"),
        ('"cost": 1e999999999', "$.cost"),
        ('"paid": 1.0, "cost": 1', "$.paid"),
        ('"points": [{"topic": 1.50}]', "$.points[0].topic"),
        ('"follows": 1.5', "$.follows"),
        ('"nothing": 1.5', "$.nothing"),
    ],
)
def test_a_number_with_a_point_is_no_text(
    capture: Callable[[str], tuple[int, str, str]], field: str, told: str
) -> None:
    """
    Only decimals take it; anywhere else the type refuses, as it does for whole numbers.
    """
    code, out, _ = capture(visit_text()[:-1] + ", " + field + "}" if "visit_no" not in field else "{" + field + "}")
    error = json.loads(out)["error"]
    assert (code, any(told in line for line in error["findings"])) == (REFUSED, True)


def test_a_decimal_keeps_every_digit(say: Say, capture: Callable[[str], tuple[int, str, str]]) -> None:
    """
    The zeros that were typed are there, and no binary fraction comes near.
    """
    record = json.loads(capture(visit_text()[:-1] + ', "cost": 12345678901234567.10}')[1])["record"]
    assert json.loads(say("show", record, "--json")[1])["fields"]["cost"] == "12345678901234567.10"


def test_without_a_terminal_the_option_is_named(folder: Path, tmp_path: Path) -> None:
    """
    A real process without a terminal: a usage error for each password, and one for the username.
    """
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-8")
    inspector = ["inspector", "add", "guest", "--name", "G", "--user", QA1, "--password-file", "password"]
    for words, sentence in (
        (["queue", "--user", STAFF], "no terminal to ask for the password: give --password-file FILE"),
        (inspector, "no terminal to ask for the password: give --new-password-file FILE"),
        (["queue"], "no terminal to ask for the username: give --user NAME"),
    ):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ARCHIVE_")}
        done = subprocess.run(
            [ARCHIVE, "-C", str(folder), *words],
            stdin=subprocess.DEVNULL, start_new_session=True, capture_output=True, text=True, check=False,
            cwd=tmp_path, env={**environment, "LANG": "C.UTF-8"},
        )  # fmt: skip
        assert (done.returncode, sentence in done.stderr, "Warning" in done.stderr) == (USAGE, True, False)


def test_output_to_a_full_device_is_one_sentence(folder: Path) -> None:
    """
    A real process that writes to /dev/full: refused in words, also when nothing at all can be said.
    """
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        command = [ARCHIVE, "-C", str(folder), "status"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert (done.returncode, done.stderr.splitlines()) == (
            REFUSED,
            [
                "refused: what the command had to say could not be written: no space left on device",
                f"next: make room or write elsewhere; see how far it came: archive -C {folder} status",
            ],
        )
        assert subprocess.run(command, stdout=full, stderr=full, check=False).returncode == REFUSED
