"""
Killed in the middle of work, or out of disk: what was acknowledged is there, everything verifies, work goes on.
"""

import random
import time
from datetime import timedelta
from pathlib import Path

import pytest
from children import line_of, run_child, start_child
from support import BOSS, PASSWORD, QA1, ROOT, STAFF, TestClock, visit

from archive_core import Archive
from archive_core.model.lifecycle import State
from archive_core.model.verification import Assurance

TESTS = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
WORK = """
import sys
from datetime import datetime
from archive_core import Archive
from support import BOSS, PASSWORD, STAFF, TestClock, visit
folder, name, clock = sys.argv[1], sys.argv[2], TestClock()
clock.now = datetime.fromisoformat(sys.argv[3])
staff = Archive.open(folder, user=STAFF, password=PASSWORD, clock=clock)
boss = Archive.open(folder, user=BOSS, password=PASSWORD, clock=clock)
print("ready", flush=True)
for number in range(1_000_000):
    key = f"{name}-{number}"
    record = staff.capture("visit_note", visit(key)).record
    print("captured", record, key, flush=True)
    staff.sign(record)
    print("recorded", record, key, flush=True)
    boss.sign(record)
    print("in_force", record, key, flush=True)
    if number % 5 == 4:
        staff.amend(record, visit(key, note="更正"), reason="更正", seen=1)
        print("amended", record, key, flush=True)
"""


def killed(folder: Path, name: str, clock: TestClock, seconds: float) -> list[tuple[str, int, str]]:
    """Let a process work for a while, kill it, and return what it had acknowledged."""
    clock.now += timedelta(hours=1)
    with start_child(WORK, folder, name, clock.now.isoformat(), environment=TESTS) as child:
        assert "ready" == line_of(child), child.communicate(timeout=10)
        time.sleep(seconds)
        child.send_signal(9)
        printed, _ = child.communicate(timeout=30)
    clock.now += timedelta(hours=1)
    whole = printed.rpartition("\n")[0].splitlines()
    return [(what, int(record), key) for what, record, key in (line.split() for line in whole)]


def check(folder: Path, clock: TestClock, told: list[tuple[str, int, str]]) -> None:
    """Reopen: every acknowledged record is there in at least the state that was told, and verification is clean."""
    with Archive.open(folder, user=STAFF, password=PASSWORD, clock=clock) as archive:
        assert archive.alarm is None
        for what, record, key in told:
            history = archive.history(record)
            assert record == archive.find("visit_note", key)
            signed = {mark.step for mark in history[0].signoffs}
            assert {"recorded": {"record"}, "captured": set()}.get(what, {"record", "approve"}) <= signed
            assert what != "amended" or len(history) == 2
            assert what != "in_force" or history[0].state is State.IN_FORCE
        report = archive.verify()
        assert () == report.flaws
        archive.capture("visit_note", visit(f"after-{clock.now:%Y%m%d%H%M%S}"))
        archive.checkpoint()
        assert Assurance.SIGNED is archive.verify().assurance


def kill_often(folder: Path, clock: TestClock, rounds: int, seed: int) -> int:
    chance = random.Random(seed)  # noqa: S311 - when to strike, not a secret
    told: list[tuple[str, int, str]] = []
    for round_ in range(rounds):
        told += killed(folder, f"{seed}-{round_}", clock, chance.uniform(0.0, 0.25))
        check(folder, clock, told)
    return len(told)


def test_ten_killed_processes_lose_nothing(folder: Path, clock: TestClock) -> None:
    """Killed at any moment of capturing, signing and amending, ten times over, the archive is whole each time."""
    clock.now += timedelta(hours=2)
    assert 10 < kill_often(folder, clock, 10, 1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 7))
def test_fifty_killed_processes_lose_nothing(folder: Path, clock: TestClock, seed: int) -> None:
    """The same fifty times more."""
    clock.now += timedelta(hours=2)
    assert 10 < kill_often(folder, clock, 10, seed)


FULL = """
import resource, sys
from datetime import datetime
from archive_core import Archive
from archive_core.errors import ArchiveError
from support import PASSWORD, STAFF, TestClock, visit
folder, clock = sys.argv[1], TestClock()
clock.now = datetime.fromisoformat(sys.argv[2])
archive = Archive.open(folder, user=STAFF, password=PASSWORD, clock=clock)
limit = archive.folder.ledger.stat().st_size + int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
for number in range(200):
    try:
        record = archive.capture("visit_note", visit(f"full-{number}", note="x" * 1500)).record
        print("captured", record, f"full-{number}", flush=True)
    except ArchiveError as error:
        print("refused", type(error).__name__, str(error).split(":")[0], sep="|", flush=True)
        break
sys.stdout.flush()
import os
os._exit(0)
"""


@pytest.mark.parametrize("room", [-200_000, 0, 50_000, 200_000])
def test_a_full_disk_refuses_and_loses_nothing(folder: Path, clock: TestClock, room: int) -> None:
    """When no more fits, the capture is refused in our words; what was acknowledged stays, and with room work goes on."""
    clock.now += timedelta(hours=3)
    printed = run_child(FULL, folder, clock.now.isoformat(), room, environment=TESTS)
    *lines, refusal = printed.splitlines()
    assert "refused|WriteFailed|nothing was written" == refusal
    assert lines or room < 200_000
    clock.now += timedelta(hours=1)
    check(folder, clock, [(what, int(record), key) for what, record, key in (line.split() for line in lines)])


HOLD = """
import sys
from archive_core.store.connection import WriterLock
from pathlib import Path
with WriterLock(Path(sys.argv[1]) / ".writer.lock").held():
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_readers_do_not_wait_for_a_writer(folder: Path, clock: TestClock) -> None:
    """While another process holds the writer's lock, records are read and verified as ever."""
    clock.now += timedelta(hours=3)
    with start_child(HOLD, folder) as child:
        assert "held" == line_of(child)
        with Archive.open(folder, clock=clock) as archive:
            assert () == archive.verify().flaws
            assert QA1 == archive.show(0).key
        child.kill()
        child.communicate(timeout=10)


def test_a_killed_writer_leaves_the_lock_free(folder: Path, clock: TestClock) -> None:
    """After a crash nobody has to remove a lock file by hand."""
    clock.now += timedelta(hours=3)
    with start_child(HOLD, folder) as child:
        assert "held" == line_of(child)
        child.kill()
        child.communicate(timeout=10)
    assert -9 == child.returncode
    with Archive.open(folder, user=BOSS, password=PASSWORD, clock=clock) as archive:
        assert archive.capture("visit_note", visit("free")).record > 0
