"""
What every ledger store must do, as the ledger asks it (`archive_core.ledger.contract`); a store's test inherits this.
"""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from ledgers import body_of

from archive_core.errors import DuplicateKey, HeadMoved
from archive_core.ledger.appender import seal
from archive_core.ledger.contract import Store, Writer
from archive_core.merkle.hashing import EMPTY_ROOT
from archive_core.merkle.tiles import Tile
from archive_core.model.entry import BoundStep, Decision, ErasureEntry, SignOffEntry, VersionEntry, format_entry
from archive_core.model.lifecycle import State
from archive_core.model.rows import Head, RecordRow, SignOffRow, StoredContent

HANDLE = BoundStep(step="record", role="handler", meaning="Recorded")
APPROVE = BoundStep(step="approve", role="qa", meaning="Approved")
TILES = [Tile(0, index, bytes([index]) * 32, bytes([index]) * 8192) for index in range(3)] + [
    Tile(1, 0, b"r" * 32, b"h" * 8192)
]


def moment(second: int) -> str:
    return f"2026-11-21T01:00:{second:02}.000000Z"


class Filling:
    """
    Puts entries into a writer one after the other, a second apart, and keeps the index in step.
    """

    def __init__(self, writer: Writer, seq: int = 0) -> None:
        self.writer = writer
        self.seq = seq

    def put(self, entry: VersionEntry | SignOffEntry | ErasureEntry, key: str | None = None) -> int:
        self.writer.put_entry(self.seq, format_entry(entry))
        self.writer.index.apply(self.seq, entry, key)
        self.seq += 1
        return self.seq - 1

    def version(
        self, key: str, *steps: BoundStep, record: int | None = None, number: int = 1, batch: int | None = None,
        withdrawn: bool = False, effective_from: str | None = None,
    ) -> int:  # fmt: skip
        content, commit = seal(body_of(key))
        self.writer.put_content(self.seq, content)
        entry = VersionEntry(
            at=moment(self.seq), by=0, record=record, version=number, type="thing", type_version=1, commit=commit,
            steps=steps, batch=batch, withdrawn=withdrawn, effective_from=effective_from,
        )  # fmt: skip
        return self.put(entry, key)

    def signoff(self, record: int, number: int, step: str, by: int, decision: Decision = "signed") -> int:
        return self.put(
            SignOffEntry(
                at=moment(self.seq), by=by, record=record, version=number, leaf=bytes(32), step=step,
                decision=decision, key=bytes(32), signature=bytes(64), commit=bytes(32),
            )
        )  # fmt: skip

    def erasure(self, *seqs: int) -> int:
        return self.put(ErasureEntry(at=moment(self.seq), by=0, entries=seqs, disposition=0))


class StoreContract:
    """
    Inherit, and give the fixture `store`: a new, empty store; `reopened` is the same one opened anew.
    """

    @pytest.fixture
    def store(self) -> Iterator[Store]:
        raise NotImplementedError

    def reopened(self, store: Store) -> Store:
        raise NotImplementedError

    # evidence

    def test_a_new_store_is_empty(self, store: Store) -> None:
        """No entries, no checkpoints, the root of the empty tree, no alarm."""
        reader = store.reader
        assert (Head(0, EMPTY_ROOT), None, None) == (reader.head(), reader.newest_checkpoint(), store.alarm)
        assert [[], [], 0, []] == [
            list(reader.leaves(0, 9)), list(reader.contents(0, 9)), reader.tile_count(), list(reader.records()),
        ]  # fmt: skip

    def test_entries_come_back_in_order(self, store: Store) -> None:
        """Leaves are kept byte for byte, in any half-open range; a missing one is None."""
        with store.writing() as writer:
            writer.put_entries([(1, b"one"), (2, b"two")])
            writer.put_entry(0, b"\x00zero")
        reader = store.reader
        assert [(0, b"\x00zero"), (1, b"one"), (2, b"two")] == list(reader.leaves(0, 9))
        assert ([(1, b"one")], b"two", None) == (list(reader.leaves(1, 2)), reader.leaf(2), reader.leaf(3))

    def test_contents_come_back(self, store: Store) -> None:
        """Salt, digest and body are kept as they were given; absent ones are passed over."""
        one, two = StoredContent(b"s", b"d", b"body"), StoredContent(b"t", b"e", b"")
        with store.writing() as writer:
            writer.put_content(4, one)
            writer.put_contents([(7, two.salt, two.sha, two.body)])
        assert [(4, one), (7, two)] == list(store.reader.contents(0, 9))
        assert [one, None, [(7, two)]] == [
            store.reader.content(4),
            store.reader.content(5),
            list(store.reader.contents(5, 8)),
        ]

    def test_tiles_come_back(self, store: Store) -> None:
        """Tiles are found by level and index, unknown ones left out; their roots come in order."""
        with store.writing() as writer:
            writer.put_tiles(TILES)
        reader = store.reader
        assert {(0, 1): TILES[1].hashes, (1, 0): TILES[3].hashes} == reader.tiles([(1, 0), (0, 1), (0, 9), (2, 0)])
        assert [[TILES[1].root, TILES[2].root], [], [TILES[3].root]] == [
            reader.tile_roots(0, 1, 9), reader.tile_roots(2, 0, 9), reader.tile_roots(1, 0, 1),
        ]  # fmt: skip
        assert len(TILES) == reader.tile_count()

    def test_the_head_is_swapped_only_for_the_expected_one(self, store: Store) -> None:
        """A stale size or root changes nothing and is told; the right one is replaced."""
        with store.writing() as writer:
            writer.swap_head(Head(0, EMPTY_ROOT), Head(1, b"r" * 32))
        for stale in (Head(0, EMPTY_ROOT), Head(1, b"x" * 32)):
            with pytest.raises(HeadMoved), store.writing() as writer:
                writer.swap_head(stale, Head(2, b"q" * 32))
        assert Head(1, b"r" * 32) == store.reader.head()

    def test_the_first_checkpoint_of_a_size_stays(self, store: Store) -> None:
        """A size is signed once; the newest is the largest."""
        with store.writing() as writer:
            for size, note in ((5, "five"), (2, "two"), (5, "other")):
                writer.put_checkpoint(size, note)
        assert ([(2, "two"), (5, "five")], (5, "five")) == (
            list(store.reader.checkpoints()), store.reader.newest_checkpoint(),
        )  # fmt: skip

    def test_a_transaction_is_all_or_nothing(self, store: Store) -> None:
        """Nothing of a failed transaction is seen, by this store or by one opened anew."""

        def fail() -> None:
            with store.writing() as writer:
                Filling(writer).version("a")
                writer.put_tiles(TILES)
                writer.put_checkpoint(1, "one")
                writer.swap_head(writer.head(), Head(1, b"r" * 32))
                raise KeyboardInterrupt

        with suppress(KeyboardInterrupt):
            fail()
        again = self.reopened(store)
        for reader in (store.reader, again.reader):
            assert [Head(0, EMPTY_ROOT), None, None, None, 0] == [
                reader.head(), reader.leaf(0), reader.content(0), reader.newest_checkpoint(), reader.tile_count(),
            ]  # fmt: skip
        again.close()

    def test_readers_see_what_was_committed_and_nothing_else(self, store: Store) -> None:
        """While a transaction is open its writer sees its rows, others do not; afterwards all do."""
        other = self.reopened(store)
        with store.writing() as writer:
            Filling(writer).version("a")
            assert [0, None, None] == [
                writer.find("thing", "a"), store.reader.find("thing", "a"), other.reader.find("thing", "a"),
            ]  # fmt: skip
        assert [0, 0] == [store.reader.find("thing", "a"), other.reader.find("thing", "a")]
        other.close()

    def test_everything_survives_reopening(self, store: Store) -> None:
        """What was committed is there when the store is opened anew."""
        with store.writing() as writer:
            Filling(writer).version("a")
            writer.swap_head(writer.head(), Head(1, b"r" * 32))
        again = self.reopened(store)
        assert (Head(1, b"r" * 32), 0) == (again.reader.head(), again.reader.find("thing", "a"))
        again.close()

    def test_a_content_goes_only_under_an_erasure(self, store: Store) -> None:
        """The content an erasure covers can be deleted, and its key is forgotten; any other stays."""
        with store.writing() as writer:
            filling = Filling(writer)
            filling.version("a")
            filling.version("b")
            filling.erasure(0)
            writer.erase_content(0)
        with pytest.raises(Exception, match="append-only"), store.writing() as writer:
            writer.erase_content(1)
        reader = store.reader
        assert [[1], 2, None] == [[seq for seq, _ in reader.contents(0, 9)], reader.erased_by(0), reader.erased_by(1)]
        assert [None, 1, None] == [reader.find("thing", "a"), reader.find("thing", "b"), reader.versions(0)[0].key]

    # the index

    def states(self, store: Store, record: int) -> list[str]:
        return [row.state.value for row in store.reader.versions(record)]

    def test_without_steps_a_version_is_in_force_at_once(self, store: Store) -> None:
        """Captured is in force, from its own time on."""
        with store.writing() as writer:
            Filling(writer).version("a")
        row = store.reader.record(0)
        assert RecordRow(0, "thing", "a", True, 1, 1, False) == row
        (version,) = store.reader.versions(0)
        assert (State.IN_FORCE, moment(0), None) == (version.state, version.in_force_from, version.in_force_to)

    def test_a_version_comes_into_force_with_its_last_signature(self, store: Store) -> None:
        """One step signed is not enough; the last one's time is when it holds from."""
        with store.writing() as writer:
            filling = Filling(writer)
            filling.version("a", HANDLE, APPROVE)
            filling.signoff(0, 1, "record", 5)
            assert [State.PROPOSED] == [row.state for row in writer.waiting()]
            filling.signoff(0, 1, "approve", 6)
        assert ([], ["in_force"]) == (store.reader.waiting(), self.states(store, 0))
        assert [moment(2), [SignOffRow(0, 1, 1, "record", 5, "signed"), SignOffRow(0, 1, 2, "approve", 6, "signed")]] == [
            store.reader.versions(0)[0].in_force_from, store.reader.signoffs(0, 1),
        ]  # fmt: skip

    def test_an_amendment_supersedes_when_signed(self, store: Store) -> None:
        """Until then the old version holds; afterwards each moment has exactly one version in force."""
        with store.writing() as writer:
            filling = Filling(writer)
            filling.version("a")
            filling.version("a2", APPROVE, record=0, number=2)
            assert ["in_force", "proposed"] == [row.state.value for row in writer.versions(0)]
            filling.signoff(0, 2, "approve", 6)
        reader = store.reader
        assert ["superseded", "in_force"] == self.states(store, 0)
        found = [reader.version_in_force(0, moment(second)) for second in range(4)]
        assert [1, 1, 2, 2] == [row.version if row else None for row in found]
        assert [None, 0] == [reader.find("thing", "a"), reader.find("thing", "a2")]

    def test_a_refusal_gives_the_key_back(self, store: Store) -> None:
        """A refused first version frees its key; a refused amendment leaves the record its old one."""
        with store.writing() as writer:
            filling = Filling(writer)
            filling.version("a", APPROVE)
            filling.signoff(0, 1, "approve", 6, "rejected")
            filling.version("a")
            filling.version("b", APPROVE, record=2, number=2)
            filling.signoff(2, 2, "approve", 6, "rejected")
        assert [["rejected"], ["in_force", "rejected"]] == [self.states(store, 0), self.states(store, 2)]
        assert [2, None] == [store.reader.find("thing", "a"), store.reader.find("thing", "b")]

    def test_a_key_in_force_stays_claimed_while_another_is_proposed(self, store: Store) -> None:
        """Nobody takes the key of a version in force, though its record is about to have another; refusing is safe."""
        with store.writing() as writer:
            filling = Filling(writer)
            filling.version("a")
            filling.version("b", APPROVE, record=0, number=2)
        with pytest.raises(DuplicateKey) as refused, store.writing() as writer:
            Filling(writer, 2).version("a")
        assert 0 == refused.value.record
        with store.writing() as writer:
            Filling(writer, 2).signoff(0, 2, "approve", 6, "rejected")
        assert [0, None] == [store.reader.find("thing", "a"), store.reader.find("thing", "b")]

    def test_a_proposed_key_that_was_taken_cannot_come_into_force(self, store: Store) -> None:
        """Whoever captures the key first has it; signing the amendment is refused with that record's number."""
        with store.writing() as writer:
            filling = Filling(writer)
            filling.version("a")
            filling.version("b", APPROVE, record=0, number=2)
            filling.version("b")
        with pytest.raises(DuplicateKey) as refused, store.writing() as writer:
            Filling(writer, 3).signoff(0, 2, "approve", 6)
        assert ("b", 2) == (refused.value.key, refused.value.record)
        assert [0, 2] == [store.reader.find("thing", "a"), store.reader.find("thing", "b")]

    def test_a_batch_takes_its_keys_when_it_comes_into_force(self, store: Store) -> None:
        """An amendment that came in by a batch changes the key with the batch's signature."""
        with store.writing() as writer:
            filling = Filling(writer)
            filling.version("a")
            filling.version("batch", APPROVE)
            filling.version("a2", record=0, number=2, batch=1)
            filling.version("batch", APPROVE, record=1, number=2)
            assert [0, None] == [writer.find("thing", "a"), writer.find("thing", "a2")]
            filling.signoff(1, 2, "approve", 6)
        assert [None, 0] == [store.reader.find("thing", "a"), store.reader.find("thing", "a2")]

    def test_a_proposal_can_be_replaced(self, store: Store) -> None:
        """A later proposal takes the earlier one's place; signatures on the earlier do not count for it."""
        with store.writing() as writer:
            filling = Filling(writer)
            filling.version("a", HANDLE, APPROVE)
            filling.signoff(0, 1, "record", 5)
            filling.version("a", HANDLE, APPROVE, record=0, number=2)
            filling.signoff(0, 2, "approve", 6)
        assert ["replaced", "proposed"] == self.states(store, 0)

    def test_a_withdrawn_record_frees_its_key(self, store: Store) -> None:
        """Once the withdrawal is in force, another record may bear the key; the old one is still read."""
        with store.writing() as writer:
            filling = Filling(writer)
            filling.version("a")
            filling.version("a", record=0, number=2, withdrawn=True)
            filling.version("a")
        assert [2, True, False] == [
            store.reader.find("thing", "a"), (store.reader.record(0) or _none()).withdrawn, (store.reader.record(0) or _none()).live,
        ]  # fmt: skip

    def test_a_version_may_take_effect_later(self, store: Store) -> None:
        """Before the stated time it is not in force, though signed."""
        with store.writing() as writer:
            Filling(writer).version("a", effective_from=moment(30))
        found = [store.reader.version_in_force(0, moment(second)) for second in (0, 29, 30, 31)]
        assert [None, None, 1, 1] == [row.version if row else None for row in found]

    def test_a_live_key_is_unique_within_its_type(self, store: Store) -> None:
        """A second record with the key is refused with the number of the first."""
        with store.writing() as writer:
            Filling(writer).version("a", APPROVE)
        with pytest.raises(DuplicateKey) as refused, store.writing() as writer:
            Filling(writer, 1).version("a")
        assert 0 == refused.value.record

    def test_a_batch_waits_for_its_records_signature(self, store: Store) -> None:
        """Members come into force together when the batch record is signed; later members do not slip in."""
        with store.writing() as writer:
            filling = Filling(writer)
            filling.version("batch", APPROVE)
            for key in ("a", "b"):
                filling.version(key, batch=0)
            filling.version("batch", APPROVE, record=0, number=2)
            filling.version("late", batch=0)
            assert [0] == [row.record for row in writer.waiting()]
            filling.signoff(0, 2, "approve", 6)
        assert [["in_force"], ["in_force"], ["proposed"]] == [self.states(store, seq) for seq in (1, 2, 4)]
        assert [1, 2, 4] == [row.record for row in store.reader.batch_members(0)]

    def test_a_refused_batch_takes_its_members_along(self, store: Store) -> None:
        """Members of a refused batch are refused, and their keys are free."""
        with store.writing() as writer:
            filling = Filling(writer)
            filling.version("batch", APPROVE)
            filling.version("a", batch=0)
            filling.version("batch", APPROVE, record=0, number=2)
            filling.signoff(0, 2, "approve", 6, "rejected")
        assert [["rejected"], None] == [self.states(store, 1), store.reader.find("thing", "a")]

    def test_many_first_versions_are_as_if_brought_one_by_one(self, store: Store) -> None:
        """The quick way into the index leaves the same rows."""
        with store.writing() as writer:
            filling = Filling(writer)
            filling.version("batch", APPROVE)
            filling.version("a", batch=0)
            writer.index.apply_first_versions([(2, "thing", 0, "b")])
        slow, quick = store.reader.versions(1)[0], store.reader.versions(2)[0]
        assert (slow.state, slow.batch, slow.version, slow.withdrawn) == (
            quick.state,
            quick.batch,
            quick.version,
            quick.withdrawn,
        )
        assert [RecordRow(seq, "thing", key, True, 1, None, False) for seq, key in ((1, "a"), (2, "b"))] == [
            row for row in store.reader.records("thing") if row.record
        ]


def _none() -> RecordRow:
    raise AssertionError("the record is not in the index")
