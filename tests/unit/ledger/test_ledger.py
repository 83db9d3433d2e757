import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import attrs
import pytest
from ledgers import (
    KEY,
    ORIGIN,
    append_version,
    leaves_of,
    open_ledger,
    open_store,
    prepared,
    sign_checkpoint,
    spec_root,
)
from support import TestClock

from archive_core.errors import (
    ClockWentBack,
    DuplicateKey,
    EntryMalformed,
    HeadMismatch,
    HeadMoved,
    JournalContradicts,
    JournalMissing,
    JournalUnwritable,
    LeafTooLong,
    LedgerError,
    ReadOnly,
    StoreDamaged,
    VerificationError,
)
from archive_core.ledger.appender import Appender, seal
from archive_core.ledger.ledger import Ledger
from archive_core.merkle.checkpoint import parse_checkpoint
from archive_core.merkle.note import open_note
from archive_core.model.entry import BoundStep, VersionEntry, parse_entry
from archive_core.model.rows import Head
from archive_core.store.journal import Journal


@pytest.fixture
def ledger(tmp_path: Path, clock: TestClock) -> Iterator[Ledger]:
    ledger = open_ledger(tmp_path, clock)
    yield ledger
    ledger.close()


def grow(ledger: Ledger, *keys: str) -> None:
    with ledger.writing() as tx:
        for key in keys:
            append_version(tx, key)


def grow_and_fail(ledger: Ledger, failure: BaseException, *keys: str) -> None:
    with ledger.writing() as tx:
        for key in keys:
            append_version(tx, key)
        raise failure


def raw(folder: Path, *statements: str) -> None:
    """Change the file as somebody with a database tool would: triggers first, evidence then."""
    with closing(sqlite3.connect(folder / "ledger.db", isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)


# -- writing ----------------------------------------------------------------------------------------------------------


def test_entries_are_numbered_from_zero_without_gaps(ledger: Ledger) -> None:
    """The indexes of one transaction follow those of the one before."""
    with ledger.writing() as tx:
        assert [0, 0, 1, 1] == [tx.next_seq, append_version(tx, "a"), tx.next_seq, append_version(tx, "b")]
    with ledger.writing() as tx:
        assert range(2, 4) == tx.append_prepared([prepared(tx, "c"), prepared(tx, "d")])
    assert Head(4, spec_root(leaves_of(ledger))) == ledger.reader.head()


def test_a_transaction_sees_what_it_wrote(ledger: Ledger) -> None:
    """Inside the block the reader finds entry, content, record and leaf; outside nobody does until it ends."""
    with ledger.writing() as tx:
        seq = append_version(tx, "a")
        assert [seq, True, 1] == [
            tx.reader.find("thing", "a"),
            tx.reader.content(seq) is not None,
            tx.reader.count("thing"),
        ]
        assert tx.version_entry(seq) == parse_entry(tx.leaf_of(seq))
        assert [None, 0] == [ledger.reader.find("thing", "a"), ledger.reader.head().size]
    assert seq == ledger.reader.find("thing", "a")


@pytest.mark.parametrize("failure", [RuntimeError("stop"), KeyboardInterrupt(), SystemExit(1)])
def test_a_failed_transaction_leaves_nothing(ledger: Ledger, failure: BaseException) -> None:
    """Whatever ends the block early, entries, contents, index and tree are as before, and writing goes on."""
    grow(ledger, "a")
    before = ledger.reader.head()
    with pytest.raises(type(failure)):
        grow_and_fail(ledger, failure, "b", "c")
    assert [before, None, None] == [ledger.reader.head(), ledger.reader.leaf(1), ledger.reader.find("thing", "b")]
    grow(ledger, "c")
    assert Head(2, spec_root(leaves_of(ledger))) == ledger.reader.head()


def test_a_transaction_without_entries_changes_nothing(ledger: Ledger) -> None:
    """Opening a write transaction and leaving it is no event."""
    grow(ledger, "a")
    before = ledger.reader.head()
    grow(ledger)
    assert before == ledger.reader.head()


def test_a_duplicate_key_undoes_the_transaction(ledger: Ledger) -> None:
    """A key that a live record has is refused with that record's number; nothing of the transaction stays."""
    grow(ledger, "a")
    with pytest.raises(DuplicateKey) as refused:
        grow(ledger, "b", "a")
    assert ("thing", "a", 0, 1) == (
        refused.value.record_type, refused.value.key, refused.value.record, ledger.reader.head().size,
    )  # fmt: skip


def test_a_duplicate_in_a_batch_is_named_itself(ledger: Ledger) -> None:
    """Of many rows, the one whose key exists is named, not the first of the batch."""
    grow(ledger, "a", "d")
    with pytest.raises(DuplicateKey) as refused, ledger.writing() as tx:
        tx.append_prepared([prepared(tx, key) for key in ("b", "c", "d")])
    assert ("d", 1) == (refused.value.key, refused.value.record)


@pytest.mark.parametrize("again", [True, False])
def test_a_failed_append_cannot_be_swallowed(ledger: Ledger, again: bool) -> None:
    """Whoever catches the error inside the block and goes on, or just leaves it, commits nothing."""

    def swallow() -> None:
        with ledger.writing() as tx:
            append_version(tx, "b")
            with suppress(DuplicateKey):
                append_version(tx, "a")
            if again:
                append_version(tx, "c")

    grow(ledger, "a")
    with pytest.raises(RuntimeError, match="it cannot go on"):
        swallow()
    assert [1, None] == [ledger.reader.head().size, ledger.reader.leaf(1)]


def test_what_could_not_be_read_back_is_not_written(ledger: Ledger) -> None:
    """An entry that parse_entry would refuse is refused before it is in the ledger for ever."""
    stored, commit = seal(b"{}")
    good = VersionEntry(at="2026-11-21T01:00:00.000000Z", by=0, version=1, type="thing", type_version=1, commit=commit)
    for change in ({"effective_from": "tomorrow"}, {"version": 2}, {"type": "Thing"}, {"by": -1}, {"commit": b"short"}):
        entry = attrs.evolve(good, **change)
        with pytest.raises(EntryMalformed), ledger.writing() as tx:
            tx.append(entry, stored, key="a")
    assert 0 == ledger.reader.head().size


def test_a_leaf_that_is_too_long_is_not_written(ledger: Ledger) -> None:
    """Beyond 16 KiB an entry is refused whole."""
    stored, commit = seal(b"{}")
    steps = (BoundStep(step="a", role="b", meaning="x" * 17_000),)
    with ledger.writing() as tx:
        entry = VersionEntry(at=tx.stamp(), by=0, version=1, type="thing", type_version=1, commit=commit, steps=steps)
        with pytest.raises(LeafTooLong):
            tx.append(entry, stored, key="a")
    assert 0 == ledger.reader.head().size


def test_the_head_moves_by_compare_and_swap(tmp_path: Path, ledger: Ledger) -> None:
    """Whoever expects another head writes nothing, lock or no lock."""
    grow(ledger, "a")
    store = open_store(tmp_path)
    head = store.reader.head()

    def append_to(expected: Head) -> None:
        with store.writing() as writer:
            writer.put_entry(1, b"x")
            writer.swap_head(expected, Head(2, bytes(32)))

    for stale in (Head(0, head.root), Head(1, bytes(32))):
        with pytest.raises(HeadMoved) as refused:
            append_to(stale)
        assert (stale.size, 1) == (refused.value.expected, refused.value.found)
    assert [head, None] == [store.reader.head(), store.reader.leaf(1)]
    store.close()


def test_two_open_ledgers_follow_each_other(tmp_path: Path, clock: TestClock, ledger: Ledger) -> None:
    """What another connection appended is taken over before the next entry."""
    other = open_ledger(tmp_path, clock)
    for round_ in range(6):
        grow(ledger if round_ % 2 else other, f"k{round_}")
    assert [Head(6, spec_root(leaves_of(ledger)))] * 2 == [ledger.reader.head(), other.reader.head()]
    other.close()


def test_reading_what_is_not_there(ledger: Ledger) -> None:
    """A missing entry, or one that is no version, is told by its number."""
    with ledger.writing() as tx:
        with pytest.raises(LookupError, match="there is no entry 5"):
            tx.leaf_of(5)
        with pytest.raises(LedgerError, match="the ledger has 0 entries, fewer than 1"):
            ledger.root_at(1)


# -- time -------------------------------------------------------------------------------------------------------------


def stamps(ledger: Ledger) -> list[str]:
    return [parse_entry(leaf).at for leaf in leaves_of(ledger)]


def test_a_clock_that_went_back_is_refused(ledger: Ledger, clock: TestClock) -> None:
    """More than a second behind the newest entry, nothing is written, and both times are told."""
    grow(ledger, "a")
    clock.now -= timedelta(seconds=2, microseconds=1)
    with pytest.raises(ClockWentBack) as refused:
        grow(ledger, "b")
    assert (stamps(ledger), True) == ([refused.value.newest], refused.value.now < refused.value.newest)
    clock.now += timedelta(minutes=1)
    grow(ledger, "b")
    assert 2 == ledger.reader.head().size


@pytest.mark.parametrize("back", [timedelta(0), timedelta(microseconds=1), timedelta(seconds=1)])
def test_a_small_step_back_stands_still(ledger: Ledger, clock: TestClock, back: timedelta) -> None:
    """Up to a second behind, the newest entry's time is used again: times never decrease."""
    grow(ledger, "a")
    clock.now -= timedelta(seconds=1) + back
    grow(ledger, "b")
    first, second = stamps(ledger)
    assert first == second


def test_times_never_decrease_within_a_transaction(ledger: Ledger, clock: TestClock) -> None:
    """The same holds for entries of one transaction."""
    with ledger.writing() as tx:
        append_version(tx, "a")
        clock.now -= timedelta(seconds=1.5)
        append_version(tx, "b")
        clock.now -= timedelta(seconds=30)
        with pytest.raises(ClockWentBack):
            tx.stamp()
    assert sorted(stamps(ledger)) == stamps(ledger)


# -- checkpoints ------------------------------------------------------------------------------------------------------


def test_a_checkpoint_says_what_is_there(tmp_path: Path, ledger: Ledger) -> None:
    """Origin, size and root are signed, stored and journalled; the note verifies with the public key alone."""
    grow(ledger, "a", "b", "c")
    note = sign_checkpoint(ledger)
    shown = parse_checkpoint(open_note(note, [KEY]).text)
    assert (ORIGIN, 3, spec_root(leaves_of(ledger))) == (shown.origin, shown.size, shown.root)
    assert [[(3, note)], [(3, note)]] == [
        list(ledger.reader.checkpoints()),
        [(line.size, line.note) for line in Journal(tmp_path / "checkpoints.log").lines()],
    ]


def test_an_unchanged_ledger_is_not_signed_anew(tmp_path: Path, ledger: Ledger) -> None:
    """Asking again gives the same note, and one line in the journal."""
    grow(ledger, "a")
    assert sign_checkpoint(ledger) == sign_checkpoint(ledger)
    assert 1 == len(Journal(tmp_path / "checkpoints.log").lines())


def test_an_empty_ledger_has_a_checkpoint(ledger: Ledger) -> None:
    """Size 0 and the root of the empty tree can be shown too."""
    shown = parse_checkpoint(open_note(sign_checkpoint(ledger), [KEY]).text)
    assert (0, spec_root([])) == (shown.size, shown.root)


def test_a_historic_root_is_the_checkpoints(ledger: Ledger) -> None:
    """The root at every size the ledger ever had can be told again."""
    grow(ledger, *(f"k{number}" for number in range(20)))
    leaves = leaves_of(ledger)
    assert [spec_root(leaves[:size]) for size in range(21)] == [ledger.root_at(size) for size in range(21)]


def test_every_journal_is_written_in_full(tmp_path: Path, clock: TestClock) -> None:
    """Two journals both hold every checkpoint; one that comes later begins with the newest of before."""
    for names in (["one"], ["one", "two"], ["two", "one"]):
        ledger = open_ledger(tmp_path, clock, names)
        grow(ledger, f"{names}")
        sign_checkpoint(ledger)
        assert ledger.alarm is None
        ledger.close()
    assert [[1, 2, 3], [1, 2, 3]] == [
        [line.size for line in Journal(tmp_path / name).lines()] for name in ("one", "two")
    ]


def test_a_checkpoint_that_was_not_journalled_is_journalled_next_time(tmp_path: Path, ledger: Ledger) -> None:
    """After a crash between storing and journalling the first checkpoint, the same note is shown later."""
    grow(ledger, "a")
    note = sign_checkpoint(ledger)
    (tmp_path / "checkpoints.log").unlink()
    assert note == sign_checkpoint(ledger)
    assert [note] == [line.note for line in Journal(tmp_path / "checkpoints.log").lines()]


def test_a_checkpoint_that_cannot_be_journalled_is_not_shown(tmp_path: Path, clock: TestClock) -> None:
    """While the journal's volume is gone nothing is signed or shown; entries stand, and with the volume it goes on."""
    (tmp_path / "volume").mkdir()
    ledger = open_ledger(tmp_path, clock, ["volume/log"])
    grow(ledger, "a")
    sign_checkpoint(ledger)
    grow(ledger, "b")
    (tmp_path / "volume").rename(tmp_path / "away")
    with pytest.raises(JournalUnwritable, match="volume/log cannot be written"):
        sign_checkpoint(ledger)
    assert [1] == [size for size, _ in ledger.reader.checkpoints()]
    (tmp_path / "away").rename(tmp_path / "volume")
    note = sign_checkpoint(ledger)
    assert [(2, note)] == [(size, kept) for size, kept in ledger.reader.checkpoints() if size == 2]
    assert [1, 2] == [line.size for line in Journal(tmp_path / "volume" / "log").lines()]
    ledger.close()


# -- the checks at opening --------------------------------------------------------------------------------------------


@pytest.fixture
def lived(tmp_path: Path, clock: TestClock) -> Path:
    """A ledger of four entries with checkpoints at two and four, and beside it a copy from the time of two."""
    ledger = open_ledger(tmp_path, clock)
    for keys in (("a", "b"), ("c", "d")):
        grow(ledger, *keys)
        sign_checkpoint(ledger)
        ledger.close()
        shutil.copy(tmp_path / "ledger.db", tmp_path / f"copy-{keys[0]}.db")
        ledger = open_ledger(tmp_path, clock)
    ledger.close()
    return tmp_path


def alarm_of(folder: Path, clock: TestClock) -> object:
    """What is found at opening; such a ledger is read, but neither written nor signed."""
    ledger = open_ledger(folder, clock)
    try:
        assert ledger.alarm is not None
        for write in (lambda: grow(ledger, "x"), lambda: sign_checkpoint(ledger)):
            with pytest.raises(ReadOnly) as refused:
                write()
            assert str(ledger.alarm) == refused.value.why
        return ledger.alarm
    finally:
        ledger.close()


def test_a_sound_ledger_opens_without_alarm(lived: Path, clock: TestClock) -> None:
    """Nothing is found where nothing was done."""
    ledger = open_ledger(lived, clock)
    grow(ledger, "e")
    assert (None, 5) == (ledger.alarm, ledger.reader.head().size)
    ledger.close()


def test_an_older_copy_is_not_continued(lived: Path, clock: TestClock) -> None:
    """A restored backup contradicts the journal by its size, and can still be read."""
    shutil.copy(lived / "copy-a.db", lived / "ledger.db")
    alarm = alarm_of(lived, clock)
    assert isinstance(alarm, JournalContradicts)
    assert (4, 2) == (alarm.journal_size, alarm.ledger_size)
    ledger = open_ledger(lived, clock)
    assert 0 == ledger.reader.find("thing", "a")
    ledger.close()


def test_a_rewritten_tail_is_found(lived: Path, clock: TestClock) -> None:
    """An older copy grown by other entries has the size, but not the root that was shown."""
    shutil.copy(lived / "copy-a.db", lived / "ledger.db")
    ledger = open_ledger(lived, clock, ["nowhere"])
    grow(ledger, "x", "y", "z")
    ledger.close()
    alarm = alarm_of(lived, clock)
    assert isinstance(alarm, JournalContradicts)
    assert (4, 5, False) == (alarm.journal_size, alarm.ledger_size, alarm.journal_root == alarm.ledger_root)


@pytest.mark.parametrize("content", [None, b"", b"{", b"x" * 200])
def test_a_missing_journal_is_an_alarm(lived: Path, clock: TestClock, content: bytes | None) -> None:
    """Where checkpoints were signed, a journal that is gone, empty or without one whole line is told."""
    (lived / "checkpoints.log").unlink()
    if content is not None:
        (lived / "checkpoints.log").write_bytes(content)
    alarm = alarm_of(lived, clock)
    assert isinstance(alarm, JournalMissing)
    assert (4, (str(lived / "checkpoints.log"),)) == (alarm.size, alarm.journals)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"garbage", StoreDamaged),
        (b"{}", StoreDamaged),
        (b"", StoreDamaged),
        (b'{"note":"x","size":4}', VerificationError),
        (b'{"note":"x\\n4\\nAAAA\\n\\n","size":4}', VerificationError),
    ],
)
def test_a_garbled_journal_is_an_alarm(lived: Path, clock: TestClock, line: bytes, expected: type[Exception]) -> None:
    """A last line that is no checkpoint is told, whether it is no line of ours or no note."""
    with (lived / "checkpoints.log").open("ab") as file:
        file.write(line + b"\n")
    assert isinstance(alarm_of(lived, clock), expected)


def test_one_contradicting_journal_is_enough(lived: Path, clock: TestClock) -> None:
    """Of several journals, each has to agree."""
    shutil.copy(lived / "copy-a.db", lived / "ledger.db")
    first = Journal(lived / "checkpoints.log").lines()[0]
    (lived / "checkpoints.log").rename(lived / "true.log")
    Journal(lived / "false.log").append(first.size, first.note)
    ledger = open_ledger(lived, clock, ["false.log", "true.log"])
    assert isinstance(ledger.alarm, JournalContradicts)
    ledger.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE head SET root = zeroblob(32)",
        "UPDATE head SET size = size - 1",
        "UPDATE head SET size = size + 1",
        "UPDATE head SET size = 300",
        "UPDATE entry SET leaf = x'00' WHERE seq = 3",
        "DELETE FROM entry WHERE seq = 3",
        "DELETE FROM entry WHERE seq = 0",
    ],
)
def test_a_head_that_does_not_fit_is_found(lived: Path, clock: TestClock, statement: str) -> None:
    """A changed head, a changed or missing entry near the end is found at opening."""
    raw(lived, statement)
    assert isinstance(alarm_of(lived, clock), HeadMismatch)


def test_a_missing_head_is_an_alarm(lived: Path, clock: TestClock) -> None:
    """A ledger without its head row opens read-only."""
    raw(lived, "DELETE FROM head")
    assert isinstance(alarm_of(lived, clock), StoreDamaged)


def test_a_changed_schema_is_an_alarm(lived: Path, clock: TestClock) -> None:
    """A ledger whose schema was changed opens read-only, too."""
    raw(lived, "CREATE TABLE extra(x)")
    assert isinstance(alarm_of(lived, clock), StoreDamaged)


def test_the_journal_is_asked_again_before_signing(lived: Path, clock: TestClock) -> None:
    """A checkpoint that contradicts one shown meanwhile is never signed, though nothing was wrong at opening."""
    ledger = open_ledger(lived, clock)
    line = Journal(lived / "checkpoints.log").lines()[1]
    forged = line.note.replace(line.note.split("\n")[2], "A" * 43 + "=")
    Journal(lived / "checkpoints.log").append(line.size, forged)
    grow(ledger, "e")
    with pytest.raises(JournalContradicts):
        sign_checkpoint(ledger)
    assert [2, 4] == [size for size, _ in ledger.reader.checkpoints()]
    ledger.close()


def test_a_tree_changed_behind_our_back_is_not_continued(lived: Path, clock: TestClock) -> None:
    """If the head's root changes under an open ledger without its size, the next write finds the contradiction."""
    ledger = open_ledger(lived, clock)
    grow(ledger, "e")
    raw(lived, "UPDATE head SET root = zeroblob(32)")
    with pytest.raises(HeadMismatch):
        grow(ledger, "f")
    assert (5, None) == (ledger.reader.head().size, ledger.reader.leaf(5))
    ledger.close()


def test_the_appender_is_of_one_transaction(ledger: Ledger) -> None:
    """What was appended in a block that failed is not in the next block's numbering."""
    lent: list[Appender] = []

    def fail() -> None:
        with ledger.writing() as tx:
            lent.append(tx)
            append_version(tx, "a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with ledger.writing() as tx:
        assert [0, 1] == [tx.next_seq, lent[0].next_seq]
