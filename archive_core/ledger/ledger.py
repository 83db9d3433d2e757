"""
The ledger: opens with its checks, lends out write transactions, signs checkpoints.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from archive_core.clock import Clock
from archive_core.errors import (
    HeadMismatch,
    JournalContradicts,
    JournalMissing,
    LedgerError,
    ReadOnly,
    StoreError,
    VerificationError,
)
from archive_core.ledger.appender import Appender
from archive_core.ledger.contract import Journal, Reader, Store
from archive_core.ledger.keys import Sign
from archive_core.merkle.checkpoint import Checkpoint, parse_checkpoint
from archive_core.merkle.edge import Edge
from archive_core.merkle.hashing import leaf_hash
from archive_core.merkle.note import NoteKey, sign_note
from archive_core.merkle.proofs import tree_root
from archive_core.merkle.reader import TileHashReader
from archive_core.merkle.tiles import TILE_HEIGHT, TILE_WIDTH
from archive_core.model.rows import Head


class Ledger:
    """
    One ledger over a store.

    `alarm` is None, or why the ledger was opened read-only: its head does not match its entries, or it contradicts a
    journal.
    """

    def __init__(self, store: Store, *, origin: str, clock: Clock, journals: Sequence[Journal]) -> None:
        self.origin = origin
        self._store = store
        self._clock = clock
        self._journals = journals
        self._edge: Edge | None = None
        self.alarm: VerificationError | StoreError | None = store.alarm
        self._check_at_open()

    @property
    def reader(self) -> Reader:
        return self._store.reader

    def _check_at_open(self) -> None:
        try:
            edge = load_edge(self.reader, self.reader.head())
            self._check_journals(self.reader, edge)
            self._edge = edge
        except (VerificationError, StoreError) as alarm:
            self.alarm = self.alarm or alarm

    def _check_journals(self, reader: Reader, edge: Edge) -> None:
        for journal in self._journals:
            check_journal(reader, edge, journal)
        # A crash right after the first checkpoint leaves one that no journal has; two without a journal are no
        # accident.
        signed = [size for size, _ in islice(reader.checkpoints(), 2)]
        if len(signed) == 2 and all(journal.newest() is None for journal in self._journals):
            raise JournalMissing(max(signed), tuple(str(journal.path) for journal in self._journals))

    @contextmanager
    def writing(self) -> Iterator[Appender]:
        """
        Lend an appender; when the block ends everything appended is durable, or nothing is.

        Raises:
            ReadOnly: a check at opening failed.
            WriterBusy: another process kept the lock.
            ClockWentBack: see `Appender.stamp`.
        """
        if self.alarm is not None:
            raise ReadOnly(str(self.alarm))
        try:
            with self._store.writing() as writer:
                head = writer.head()
                appender = Appender(writer, self._edge_at(head, writer), head, self._clock)
                yield appender
                appender.finish()
        except BaseException:
            self._edge = None  # it may have grown by leaves that were rolled back
            raise

    def _edge_at(self, head: Head, reader: Reader) -> Edge:
        if self._edge is None or Head(self._edge.size, self._edge.root()) != head:
            self._edge = load_edge(reader, head)
        return self._edge

    def checkpoint(self, key: NoteKey, sign: Sign) -> str:
        """
        Sign the present head, store it, journal it, and only then return the note.

        Signs anew only when the ledger has grown since the newest checkpoint. The journals are compared again before: a
        checkpoint that contradicts one already shown is never signed.

        Raises:
            ReadOnly, JournalContradicts: the ledger must not sign.
            NoRights: a journal cannot be written; the checkpoint was not shown.
        """
        if self.alarm is not None:
            raise ReadOnly(str(self.alarm))
        with self._store.exclusive():  # from signing to journalling no other process may sign
            head, note = self._sign_head(key, sign)
            self._publish(head.size, note)
        return note

    def _sign_head(self, key: NoteKey, sign: Sign) -> tuple[Head, str]:
        with self._store.writing() as writer:
            head = writer.head()
            edge = self._edge_at(head, writer)
            self._check_journals(writer, edge)
            newest = writer.newest_checkpoint()
            if newest is not None:
                self._publish(*newest)  # a crash may have come between signing and journalling
                if newest[0] == head.size:
                    return head, newest[1]
            text = Checkpoint(self.origin, head.size, head.root).format()
            note = sign_note(text, key.name, key.public, sign)
            writer.put_checkpoint(head.size, note)
        return head, note

    def _publish(self, size: int, note: str) -> None:
        for journal in self._journals:
            newest = journal.newest()
            if newest is None or newest.size < size:
                journal.append(size, note)

    def root_at(self, size: int) -> bytes:
        """
        Return the root the tree had at a historic size.

        Raises:
            LedgerError: the ledger is shorter.
        """
        edge = self._edge_at(self.reader.head(), self.reader)
        if size > edge.size:
            msg = f"the ledger has {edge.size} entries, fewer than {size}"
            raise LedgerError(msg)
        return root_at(self.reader, edge, size)

    def close(self) -> None:
        self._store.close()


def load_edge(reader: Reader, head: Head) -> Edge:
    """
    Rebuild the right edge from the newest entries and tile roots; at most 255 hashes a level.

    Raises:
        HeadMismatch: entries or tiles are missing, or do not give the head's root.
    """
    partial: list[list[bytes]] = []
    first = head.size // TILE_WIDTH * TILE_WIDTH
    partial.append([leaf_hash(leaf) for _, leaf in reader.leaves(first, head.size)])
    nodes = head.size >> TILE_HEIGHT
    while nodes:
        start = nodes // TILE_WIDTH * TILE_WIDTH
        partial.append(reader.tile_roots(len(partial) - 1, start, nodes))
        nodes >>= TILE_HEIGHT
    try:
        edge = Edge.load(head.size, partial)
    except ValueError as error:
        raise HeadMismatch(head.size, head.root.hex(), str(error)) from None
    if edge.root() != head.root:
        raise HeadMismatch(head.size, head.root.hex(), edge.root().hex())
    return edge


def root_at(reader: Reader, edge: Edge, size: int) -> bytes:
    return tree_root(size, TileHashReader(reader.tiles, edge))


def check_journal(reader: Reader, edge: Edge, journal: Journal) -> None:
    """
    Compare the ledger with the newest checkpoint shown.

    Raises:
        JournalContradicts: the ledger is older than that, or its root at that size is another.
    """
    newest = journal.newest()
    if newest is None:
        return
    shown = parse_checkpoint(newest.note.partition("\n\n")[0] + "\n")
    if shown.size > edge.size:
        raise JournalContradicts(shown.size, shown.root.hex(), edge.size, edge.root().hex())
    root = root_at(reader, edge, shown.size)
    if root != shown.root:
        raise JournalContradicts(shown.size, shown.root.hex(), edge.size, root.hex())
