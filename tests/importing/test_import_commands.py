"""
`archive import` as people type it.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support import PASSWORD, STAFF

from archive_core.cli import archive as command
from archive_core.cli.outcome import DONE, REFUSED, WITH_FINDINGS, run

ROWS = """\
编号,日期,方式,费用,手机
V-1,2018-01-02,现场,1.50,13800138000
V-2,2018-02-29,电话,2.50,13800138001
V-3,2018-01-03,电话,3.50,13800138002
V-3,2018-01-03,电话,3.50,13800138002
"""
MAPPING = """\
mapping = 1
record_type = "visit_note"

[columns]
drop = ["手机"]

[fields.visit_no]
column = "编号"

[fields.visited_on]
column = "日期"

[fields.kind]
column = "方式"

[fields.cost]
column = "费用"
"""
Say = Callable[..., tuple[int, str]]


@pytest.fixture
def say(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """
    Run one command line in the test's folder; return its exit code and all it printed.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "visits.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "visits.toml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "pw").write_text(PASSWORD, encoding="utf-8")

    def call(*arguments: str) -> tuple[int, str]:
        code = run(command, ["-C", str(folder), "import", *arguments])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return call


ACTING = ("--user", STAFF, "--password-file", "pw")


def test_a_suggested_mapping_can_be_used_as_it_is(say: Say, tmp_path: Path) -> None:
    """
    Suggest writes a file that check accepts; personal columns are dropped, and an existing file is not overwritten.
    """
    code, told = say("suggest", "visits.csv", "--type", "visit_note", "-o", "made.toml")
    assert (code, "编号 -> visit_no (by title)" in told) == (DONE, True)
    assert 'drop = ["手机"]' in (tmp_path / "made.toml").read_text(encoding="utf-8")
    assert say("check", "visits.csv", "-m", "made.toml")[0] == WITH_FINDINGS
    assert say("suggest", "visits.csv", "--type", "visit_note", "-o", "made.toml")[0] == REFUSED


def test_an_unedited_mapping_of_a_wrong_file_brings_nothing_in(say: Say, tmp_path: Path) -> None:
    """
    What no column fills is told field by field and counted; gaps are declared by people only.
    """
    (tmp_path / "stock.csv").write_text("编号,数量\nA-1,5\nA-2,7\n", encoding="utf-8")
    say("suggest", "stock.csv", "--type", "visit_note", "-o", "made.toml")
    for words in (("check",), ("run", *ACTING)):
        code, told = say(*words, "stock.csv", "-m", "made.toml")
        assert code == REFUSED
        assert "the required field visited_on (日期, Visited on) is neither mapped" in told
        assert "2 required field(s) missing: map what the source has" in told
        assert 'gaps = ["visited_on", "kind"]' in told


def test_a_file_with_titles_alone_is_a_finding(say: Say, tmp_path: Path) -> None:
    """
    Exit 3 with the reason, and no invitation to run the import.
    """
    (tmp_path / "visits.csv").write_text(ROWS.splitlines(keepends=True)[0], encoding="utf-8")
    code, told = say("check", "visits.csv", "-m", "visits.toml")
    assert (code, "no rows below the titles" in told, "next:" in told) == (WITH_FINDINGS, True, False)
    code, told = say("check", "visits.csv", "-m", "visits.toml", "--json")
    assert (code, json.loads(told)["notes"][-1].startswith("there are no rows")) == (WITH_FINDINGS, True)


def test_the_mapping_on_the_screen_can_be_redirected(folder: Path, say: Say) -> None:
    """
    Standard output holds the TOML alone; what is said about it goes to standard error.
    """
    result = CliRunner().invoke(command, ["-C", str(folder), "import", "suggest", "visits.csv", "--type", "visit_note"])
    assert "mapping = 1" in result.stdout
    assert "->" not in result.stdout


def test_check_shows_counts_by_rule_then_examples_and_exits_with_3(folder: Path, say: Say) -> None:
    """
    Outcomes add up, the rule is named with its rows in both languages, and the next command is told.
    """
    code, told = say("check", "visits.csv", "-m", "visits.toml", "--rejects", "rejects.csv")
    assert code == WITH_FINDINGS
    for line in (
        "新建 created            2",
        "退回 rejected           1",
        "合计 read               4",
        "row 3 B 日期: 日历上没有这一天 no such day in the calendar (2018-02-29)",
        "1 rows are in rejects.csv",
        f"next: archive -C {folder} import run visits.csv -m visits.toml",
    ):
        assert line in told


def test_run_names_the_batch_to_sign_and_list_shows_it(folder: Path, say: Say) -> None:
    """
    After the run the batch waits for QA; a second run finds nothing new.
    """
    code, told = say("run", "visits.csv", "-m", "visits.toml", *ACTING)
    signing = f"next: a person with the role qa signs it: archive -C {folder} sign "
    assert (code, signing in told) == (WITH_FINDINGS, True)
    code, told = say("list", "--json")
    (batch,) = json.loads(told)
    assert (batch["status"], batch["state"], batch["rows_read"], batch["entries"]) == ("closed", "proposed", 4, 2)
    assert "mapping" not in batch
    code, told = say("run", "visits.csv", "-m", "visits.toml", *ACTING)
    assert "nothing new: no batch was opened" in told


def test_json_holds_the_whole_report(say: Say) -> None:
    """
    Machines get outcomes, rules with examples, and totals.
    """
    code, told = say("check", "visits.csv", "-m", "visits.toml", "--json")
    report: dict[str, Any] = json.loads(told)
    assert (code, report["read"], sum(report["outcomes"].values())) == (WITH_FINDINGS, 4, 4)
    assert report["rules"][0]["examples"][0]["column"] == "B 日期"
    assert {"target": "cost", "read": "11", "taken": "5"}.items() <= report["totals"][1].items()


def test_a_mapping_that_contradicts_its_type_is_told_by_line(say: Say, tmp_path: Path) -> None:
    """
    The line, the unknown name, the nearest known one, and what is required and missing.
    """
    (tmp_path / "wrong.toml").write_text(MAPPING.replace("fields.visit_no]", "fields.visit_nr]"), encoding="utf-8")
    code, told = say("check", "visits.csv", "-m", "wrong.toml")
    assert code == REFUSED
    assert "line 7: visit_note has no field visit_nr; did you mean visit_no?" in told
    assert "the required field visit_no (编号, Visit no.) is neither mapped nor declared in gaps" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "nothing.csv", "-m", "visits.toml"), "there is no such file"),
        (("check", "visits.csv", "-m", "nothing.toml"), "No such file"),
        (("check", "visits.csv", "-m", "visits.csv"), "is not a usable mapping"),
        (("check", "visits.csv", "-m", "visits.toml", "--rejects", "no/where.csv"), "no right to write"),
        (("check", "visits.csv", "-m", "visits.toml", "--encoding", "utf-16"), "is not utf-16"),
        (("check", "visits.csv", "-m", "visits.toml", "--encoding", "klingon"), "unknown encoding"),
        (("suggest", "visits.csv", "--type", "visit_nota"), "did you mean visit_note?"),
        (("run", "visits.csv", "-m", "visits.toml", "--max-rejects", "0", *ACTING), "nothing was imported"),
    ],
)
def test_mistakes_are_refused_in_words(say: Say, arguments: tuple[str, ...], message: str) -> None:
    """
    Exit code 1, what was wrong, and never a traceback.
    """
    code, told = say(*arguments)
    assert (code, message in told) == (REFUSED, True)


def test_the_next_command_can_be_pasted(folder: Path, say: Say, tmp_path: Path) -> None:
    """
    Names with a space are quoted, Chinese names without one stay legible.
    """
    (tmp_path / "拜访 旧.csv").write_text(ROWS, encoding="utf-8")
    _, told = say("suggest", "拜访 旧.csv", "--type", "visit_note", "-o", "映射.toml")
    assert f"next: read and correct 映射.toml, then archive -C {folder} import check '拜访 旧.csv' -m 映射.toml" in told
    assert (
        f"next: archive -C {folder} import run '拜访 旧.csv' -m 映射.toml"
        in say("check", "拜访 旧.csv", "-m", "映射.toml")[1]
    )
