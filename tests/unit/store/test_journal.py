from pathlib import Path

import pytest
from children import run_child
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_core.errors import JournalUnwritable, StoreDamaged
from archive_core.store.journal import TAIL, Journal, JournalLine

NOTE = "archive.example/tests\n3\nroot\n\n— archive.example/tests signature=\n"


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "checkpoints.log")


def test_a_journal_starts_empty(journal: Journal) -> None:
    """Without a file, or with an empty one, nothing was shown."""
    assert (None, []) == (journal.newest(), journal.lines())
    journal.path.write_bytes(b"")
    assert (None, []) == (journal.newest(), journal.lines())


def test_lines_come_back_oldest_first(journal: Journal) -> None:
    """Every shown checkpoint stands in the journal, in order; the newest is the last."""
    shown = [JournalLine(size, f"{NOTE}{size}") for size in (1, 3, 300)]
    for line in shown:
        journal.append(line.size, line.note)
    assert (shown, shown[-1]) == (journal.lines(), journal.newest())


def test_a_line_is_canonical_json(journal: Journal) -> None:
    """A line can be read by anyone, in thirty years, without this program."""
    journal.append(3, "a\n\n— b\n")
    assert '{"note":"a\\n\\n— b\\n","size":3}\n'.encode() == journal.path.read_bytes()


@pytest.mark.parametrize("torn", [b"{", b'{"note":"x', b'{"note":"x","size":9}', b"\x00" * 512, b"{" * (TAIL - 200)])
def test_a_torn_last_line_was_never_shown(journal: Journal, torn: bytes) -> None:
    """What a crash left of a line is not read, and makes way for the next."""
    journal.append(1, NOTE)
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole + torn)
    assert [JournalLine(1, NOTE)] == [journal.newest()] == journal.lines()
    journal.append(2, NOTE)
    assert [1, 2] == [line.size for line in journal.lines()]
    assert journal.path.read_bytes().startswith(whole)


def test_much_that_is_no_line_is_damage(journal: Journal) -> None:
    """Garbage longer than any line is not taken for a torn one: it would hide what was shown."""
    journal.append(1, NOTE)
    journal.path.write_bytes(journal.path.read_bytes() + b"{" * TAIL)
    with pytest.raises(StoreDamaged, match="hold no line"):
        journal.newest()


@pytest.mark.parametrize("torn", [b"{", b'{"note":"x","size":9}'])
def test_a_torn_only_line_was_never_shown(journal: Journal, torn: bytes) -> None:
    """The same holds for the very first line."""
    journal.path.write_bytes(torn)
    assert (None, []) == (journal.newest(), journal.lines())
    journal.append(2, NOTE)
    assert [JournalLine(2, NOTE)] == journal.lines()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"x",
        b"[]",
        b"3",
        b"null",
        b"{}",
        b'{"size":1}',
        b'{"note":"x"}',
        b'{"note":1,"size":1}',
        b'{"note":"x","size":"1"}',
        b'{"note":"x","size":true}',
        b'{"note":"x","size":null}',
        b'{"more":1,"note":"x","size":1}',
        b'{"size":1,"note":"x"}',
        b'{"note": "x", "size": 1}',
        b"\xff\xfe",
    ],
)
def test_a_garbled_line_is_damage(journal: Journal, line: bytes) -> None:
    """A complete line that is none of ours is told, never skipped."""
    journal.append(1, NOTE)
    journal.path.write_bytes(journal.path.read_bytes() + line + b"\n")
    for read in (journal.newest, journal.lines):
        with pytest.raises(StoreDamaged, match="a line is not a checkpoint"):
            read()


def test_the_newest_line_is_found_in_a_long_journal(journal: Journal) -> None:
    """Thirty years of checkpoints do not hide the last one, wherever the tail begins."""
    journal.append(1, NOTE)
    filler = journal.path.read_bytes()
    for extra in range(5):
        journal.path.write_bytes(filler * (TAIL // len(filler) + extra))
        journal.append(7, NOTE)
        assert JournalLine(7, NOTE) == journal.newest()


def test_a_journal_whose_volume_is_gone_is_told(tmp_path: Path) -> None:
    """If the folder is not there, the checkpoint cannot be shown, and the file is named."""
    journal = Journal(tmp_path / "volume" / "checkpoints.log")
    with pytest.raises(JournalUnwritable, match=r"volume/checkpoints\.log cannot be written: No such file"):
        journal.append(1, NOTE)
    assert journal.newest() is None


FILL = """
import resource, sys
from pathlib import Path
from archive_core.errors import JournalUnwritable
from archive_core.store.journal import Journal
journal = Journal(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (450, 450))
for size in range(1, 9):
    try:
        journal.append(size, "x" * 100)
        print(size)
    except JournalUnwritable as error:
        print(error.problem)
        break
"""


def test_a_full_disk_leaves_the_journal_whole(journal: Journal) -> None:
    """What was shown stays; the line that did not fit is torn, and gone when there is room again."""
    assert ["1", "2", "3", "File too large"] == run_child(FILL, journal.path).split("\n")[:-1]
    assert [1, 2, 3] == [line.size for line in journal.lines()]
    journal.append(4, NOTE)
    assert [1, 2, 3, 4] == [line.size for line in journal.lines()]


@given(st.lists(st.tuples(st.integers(0, 2**53 - 1), st.text(st.characters(exclude_categories=["Cs"])))), st.data())
@settings(deadline=None, max_examples=40)
def test_whatever_is_cut_off_only_the_end_is_lost(
    tmp_path_factory: pytest.TempPathFactory, shown: list[tuple[int, str]], data: st.DataObject
) -> None:
    """Cut anywhere, a journal reads as the lines that were complete."""
    journal = Journal(tmp_path_factory.mktemp("journal") / "log")
    for line in shown:
        journal.append(*line)
    whole = journal.path.read_bytes() if shown else b""
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    journal.path.write_bytes(cut)
    expected = [JournalLine(*line) for line in shown[: cut.count(b"\n")]]
    assert (expected, expected[-1] if expected else None) == (journal.lines(), journal.newest())
