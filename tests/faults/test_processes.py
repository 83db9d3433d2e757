"""
Several processes at one ledger: nothing is lost, nothing is shown out of order.
"""

from pathlib import Path

import pytest
from children import line_of, start_child
from ledgers import KEY, ORIGIN, leaves_of, open_ledger, spec_root
from support import ROOT, TestClock

from archive_core.clock import system_clock
from archive_core.ledger.verify import check_checkpoints, check_entries, check_tree, journal_notes
from archive_core.merkle.checkpoint import parse_checkpoint
from archive_core.merkle.note import open_note
from archive_core.model.rows import Head
from archive_core.store.journal import Journal

APPEND = """
import sys
from pathlib import Path
from archive_core.clock import system_clock
from ledgers import append_version, open_ledger, sign_checkpoint
folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
ledger = open_ledger(folder, system_clock)
print("ready", flush=True)
sys.stdin.readline()
for number in range(count):
    with ledger.writing() as tx:
        seq = append_version(tx, f"{name}-{number}")
        if number % 3 == 0:
            append_version(tx, f"{name}-{number}-more")
    print(seq, f"{name}-{number}", flush=True)
    if number % 4 == 0:
        sign_checkpoint(ledger)
ledger.close()
"""
TESTS = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}


def run_together(folder: Path, names: list[str], count: int) -> dict[int, str]:
    """Let processes append at the same time; return what each was told, by index."""
    children = [start_child(APPEND, folder, name, count, environment=TESTS) for name in names]
    for child in children:
        assert "ready" == line_of(child)
    told: dict[int, str] = {}
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    for child in children:
        printed, complaints = child.communicate(timeout=120)
        assert 0 == child.returncode, complaints
        acknowledged = [line.split() for line in printed.splitlines()]
        assert [] == [seq for seq, _ in acknowledged if int(seq) in told]
        told.update({int(seq): key for seq, key in acknowledged})
    return told


@pytest.mark.parametrize("names", [["a", "b"], ["a", "b", "c", "d"]])
def test_processes_that_append_at_once_lose_nothing(tmp_path: Path, names: list[str]) -> None:
    """Every acknowledged entry stands where its process was told, the tree is whole, the journal grows only."""
    open_ledger(tmp_path, system_clock).close()
    told = run_together(tmp_path, names, 24)
    ledger = open_ledger(tmp_path, system_clock)
    total = len(names) * (24 + 8)
    assert (None, Head(total, spec_root(leaves_of(ledger)))) == (ledger.alarm, ledger.reader.head())
    assert told == {seq: key for seq, key in told.items() if ledger.reader.find("thing", key) == seq}
    assert len(names) * 24 == len(told)
    journal = Journal(tmp_path / "checkpoints.log")
    sizes = [line.size for line in journal.lines()]
    assert sorted(set(sizes)) == sizes
    notes = [*(("ledger.db", *found) for found in ledger.reader.checkpoints()), *journal_notes([journal])]
    tree = check_tree(ledger.reader, [size for _, size, _ in notes], lambda *_: None)
    flaws = tree.flaws + check_entries(ledger.reader, total, lambda *_: None, lambda *_: None)
    assert [] == flaws + check_checkpoints(notes, tree.roots, KEY, ORIGIN)
    ledger.close()


CHECKPOINT = """
import sys
from pathlib import Path
from archive_core.clock import system_clock
from ledgers import open_ledger, sign_checkpoint
ledger = open_ledger(Path(sys.argv[1]), system_clock)
print(repr(sign_checkpoint(ledger)), flush=True)
ledger.close()
"""


def test_another_process_shows_the_same_checkpoint(tmp_path: Path, clock: TestClock) -> None:
    """Two processes asked for a checkpoint of the same ledger give the very same note."""
    open_ledger(tmp_path, clock).close()
    told = set()
    for _ in range(2):
        with start_child(CHECKPOINT, tmp_path, environment=TESTS) as child:
            told.add(line_of(child))
            child.communicate(timeout=60)
    (note,) = told
    assert 0 == parse_checkpoint(open_note(note[1:-1].replace("\\n", "\n"), [KEY]).text).size
