"""The demo archive is built through the front door, verifies, and has something of everything to look at."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from archive_demo.cast import EVERYBODY, INSPECTOR, ZONE
from archive_demo.story import Told, tell_story
from click.testing import CliRunner
from support import CHEAP

from archive_core import Archive, system_clock
from archive_core.cli import archive as command_line
from archive_core.cli.outcome import run
from archive_core.errors import FolderNotEmpty

TODAY = system_clock().astimezone(ZONE).date()
SMALL = {
    "purchaser_count": 24,
    "sterile_count": 150,
    "device_count": 20,
    "drug_count": 20,
    "feedback_count": 8,
    "log_count": 6,
}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Told, list[str]]:
    """A demo archive with little trade and cheap passwords: its folder, what was told, and the scenes in order."""
    folder = tmp_path_factory.mktemp("demo") / "archive"
    scenes: list[str] = []
    told = tell_story(
        folder,
        TODAY,
        lambda scene, _done, _total: scenes.append(scene),
        cost=CHEAP,
        **SMALL,
    )
    return folder, told, list(dict.fromkeys(scenes))


def test_the_demo_archive_verifies(story: tuple[Path, Told, list[str]]) -> None:
    """Everything the story left behind holds, for somebody who opens the archive afterwards."""
    with Archive.open(story[0]) as archive:
        report = archive.verify()
        assert (archive.alarm, report.flaws) == (None, ())


def test_every_scene_is_told(story: tuple[Path, Told, list[str]]) -> None:
    """Whoever waits sees how far it is."""
    scenes = [scene for scene in story[2] if not scene.endswith(("_record", "_file", "_log", "_feedback"))]
    assert scenes == ["founding", "people", "old sales", "daily work", "incidents"]


def test_what_is_told_is_what_is_there(story: tuple[Path, Told, list[str]]) -> None:
    """The counts of records in force are those of the archive."""
    folder, told, _ = story
    with Archive.open(folder) as archive:
        assert told.records == {name: sum(1 for _ in archive.list(name)) for name in told.records}
        assert told.waiting == len(archive.queue(everybody=True))


def test_everybody_may_log_in_with_the_printed_password(story: tuple[Path, Told, list[str]]) -> None:
    """Each colleague's username and password open the archive in their roles."""
    for person in EVERYBODY:
        with Archive.open(story[0], user=person.username, password=person.password) as archive:
            assert archive.acting is not None
            assert set(person.roles) == archive.acting.roles


def test_old_sales_came_in_by_import_and_new_ones_by_hand(story: tuple[Path, Told, list[str]]) -> None:
    """Sales of before the founding belong to a batch with its source; later ones have an author and two signers."""
    with Archive.open(story[0]) as archive:
        sales = list(archive.list("sterile_device_sales_record"))
        founded = str(TODAY - timedelta(days=54))
        imported = [sale for sale in sales if sale.batch is not None and sale.version == 1]
        by_hand = [sale for sale in sales if sale.batch is None and sale.version == 1]
        assert {str(sale.fields["sale_date"]) <= founded for sale in imported} == {True}
        assert {len({signed.by for signed in sale.signoffs}) for sale in by_hand} == {2}
        assert {sale.provenance["name"] for sale in imported} == {"一次性无菌器械销售台账.csv"}


def test_expired_licence_and_stopped_lot_were_refused(story: tuple[Path, Told, list[str]]) -> None:
    """Two sales were tried that no rule lets pass, and nothing was captured of them."""
    refused = [one.en for one in story[1].incidents if one.record is None]
    assert [("[X1." in refused[0]), ("[X7.blocked]" in refused[1]), len(refused)] == [True, True, 2]
    with Archive.open(story[0]) as archive:
        keys = [sale.key for sale in archive.list("sterile_device_sales_record")]
        assert [key for key in keys if "-X" in key] == []


def test_there_is_one_of_each_incident(story: tuple[Path, Told, list[str]]) -> None:
    """An amendment in force, a refused one, a withdrawn record and a waiting one can all be found."""
    found = set()
    with Archive.open(story[0]) as archive:
        for one in story[1].incidents:
            if one.record is not None:
                versions = archive.history(one.record)
                found.add((versions[-1].state.value, versions[-1].withdrawn, versions[-1].reason != ""))
    assert found == {
        ("in_force", False, True),
        ("rejected", False, True),
        ("in_force", True, True),
        ("proposed", False, True),
    }


def test_the_story_takes_weeks_and_ends_now(story: tuple[Path, Told, list[str]]) -> None:
    """Entry times begin eight weeks ago and end today, so that asking as of a day has different answers."""
    with Archive.open(story[0]) as archive:
        before, early, now = (TODAY - timedelta(days=days) for days in (57, 50, 0))
        counts = [sum(1 for _ in archive.list("purchaser_file", as_of=day)) for day in (before, early, now)]
        moved = story[1].incidents[0].record or 0
        versions = [archive.show(moved, as_of=day).version for day in (early, now)]
        assert (counts, versions) == ([0, 24, 24], [1, 2])


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    """The demo refuses a folder that holds anything, and changes nothing in it."""
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(FolderNotEmpty):
        tell_story(tmp_path, date(2026, 11, 21), lambda *_: None)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_command_refuses_politely(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`archive demo` on a folder in use ends with 1, a sentence and the next step."""
    (tmp_path / "mine.txt").write_text("keep")
    code = run(command_line, ["demo", str(tmp_path), "--no-serve"])
    told = capsys.readouterr().err
    assert (code, f"refused: {tmp_path} is not empty" in told, "next: name a new folder" in told) == (1, True, True)


def test_help_says_what_the_demo_does() -> None:
    """The command is listed and explained."""
    shown = CliRunner().invoke(command_line, ["demo", "--help"])
    assert (shown.exit_code, "--no-serve" in shown.output, "--port" in shown.output) == (0, True, True)


@pytest.mark.long
def test_the_command_prints_who_may_log_in(tmp_path: Path) -> None:
    """With --json the full demo is made and its people are listed for a script."""
    made = CliRunner().invoke(command_line, ["demo", str(tmp_path / "archive"), "--json"])
    facts = json.loads(made.stdout)
    assert [person["username"] for person in facts["people"]] == [who.username for who in (*EVERYBODY, INSPECTOR)]
    assert facts["records"]["purchaser_file"] == 320
