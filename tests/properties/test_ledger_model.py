import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from shutil import rmtree

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from ledgers import (
    KEY,
    ORIGIN,
    append_erasure,
    append_version,
    body_of,
    leaves_of,
    open_ledger,
    prepared,
    sign_checkpoint,
    spec_root,
)
from support import TestClock

from archive_core.ledger.ledger import Ledger
from archive_core.ledger.verify import check_checkpoints, check_entries, check_tree, journal_notes
from archive_core.model.rows import Head
from archive_core.store.journal import Journal

counts = st.integers(1, 5) | st.integers(100, 270)


class Stop(Exception):
    """Raised by a test in the middle of a transaction."""


class LedgerAgainstList(RuleBasedStateMachine):
    """
    A ledger does what a plain list of leaves and a dict of contents do, whatever happens to it in between.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="archive-model-"))
        self.clock = TestClock()
        self.ledger: Ledger = open_ledger(self.folder, self.clock)
        self.leaves: list[bytes] = []
        self.contents: dict[int, bytes] = {}
        self.erased: set[int] = set()
        self.shown: dict[int, bytes] = {}
        self.made = 0

    def keys(self, count: int) -> list[str]:
        self.made += count
        return [f"key-{number}" for number in range(self.made - count, self.made)]

    def take_over(self, start: int, keys: list[str]) -> None:
        """The leaves are new random bytes each time, so the model takes them from the ledger, once, right after."""
        self.leaves += [leaf for _, leaf in self.ledger.reader.leaves(start, 2**62)]
        self.contents.update({start + place: body_of(key) for place, key in enumerate(keys)})

    @initialize()
    def begin_empty(self) -> None:
        assert Head(0, spec_root([])) == self.ledger.reader.head()

    @rule(count=counts)
    def append(self, count: int) -> None:
        start, keys = len(self.leaves), self.keys(count)
        with self.ledger.writing() as tx:
            assert list(range(start, start + count)) == [append_version(tx, key) for key in keys]
        self.take_over(start, keys)

    @rule(count=counts)
    def append_prepared(self, count: int) -> None:
        start, keys = len(self.leaves), self.keys(count)
        with self.ledger.writing() as tx:
            assert range(start, start + count) == tx.append_prepared([prepared(tx, key) for key in keys])
        self.take_over(start, keys)

    @rule(count=counts)
    def roll_back(self, count: int) -> None:
        with suppress(Stop), self.ledger.writing() as tx:
            tx.append_prepared([prepared(tx, key) for key in self.keys(count)])
            append_version(tx, "never there")
            raise Stop
        assert None is self.ledger.reader.find("thing", "never there")

    @precondition(lambda self: self.contents)
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sets(st.sampled_from(sorted(self.contents)), min_size=1, max_size=4))
        start = len(self.leaves)
        with self.ledger.writing() as tx:
            append_erasure(tx, *chosen)
        self.take_over(start, [])
        self.erased |= chosen
        for seq in chosen:
            del self.contents[seq]

    @rule(count=st.integers(1, 3))
    def append_through_another_connection(self, count: int) -> None:
        start, keys = len(self.leaves), self.keys(count)
        other = open_ledger(self.folder, self.clock)
        with other.writing() as tx:
            for key in keys:
                append_version(tx, key)
        other.close()
        self.take_over(start, keys)

    @rule()
    def show_a_checkpoint(self) -> None:
        sign_checkpoint(self.ledger)
        self.shown[len(self.leaves)] = spec_root(self.leaves)

    @rule()
    def reopen(self) -> None:
        self.ledger.close()
        self.ledger = open_ledger(self.folder, self.clock)
        assert None is self.ledger.alarm

    @rule(back=st.floats(0, 2))
    def append_while_the_clock_steps_back(self, back: float) -> None:
        # The clock ticks a second before it answers, so the entry is at most a second behind the one before.
        self.clock.now -= timedelta(seconds=back)
        self.append(1)
        self.clock.now += timedelta(seconds=back)

    @precondition(lambda self: self.leaves)
    @rule(data=st.data())
    def look_back(self, data: st.DataObject) -> None:
        size = data.draw(st.integers(0, len(self.leaves)))
        assert spec_root(self.leaves[:size]) == self.ledger.root_at(size)

    @invariant()
    def head_and_leaves_are_the_lists(self) -> None:
        assert Head(len(self.leaves), spec_root(self.leaves)) == self.ledger.reader.head()
        assert self.leaves == leaves_of(self.ledger)

    @invariant()
    def contents_are_the_dicts(self) -> None:
        kept = {seq: content.body for seq, content in self.ledger.reader.contents(0, 2**62)}
        assert self.contents == kept

    def teardown(self) -> None:
        reader, size = self.ledger.reader, len(self.leaves)
        notes = [("ledger.db", *found) for found in reader.checkpoints()]
        notes += journal_notes([Journal(self.folder / "checkpoints.log")])
        tree = check_tree(reader, [found for _, found, _ in notes], lambda *_: None)
        flaws = tree.flaws + check_entries(reader, size, lambda *_: None, lambda *_: None)
        flaws += check_checkpoints(notes, tree.roots, KEY, ORIGIN)
        assert ([], 2 * len(self.shown), len(self.leaves)) == (flaws, len(notes), tree.size)
        assert self.shown == tree.roots
        self.ledger.close()
        rmtree(self.folder)


LedgerAgainstList.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestLedgerAgainstList = LedgerAgainstList.TestCase
