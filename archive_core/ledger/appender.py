"""
One write to the ledger: entries are appended in order, and the tree grows with them.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256

import attrs

from archive_core.clock import MAX_DRIFT, Clock, format_time, parse_time
from archive_core.errors import ClockWentBack, EntryMalformed
from archive_core.ledger.contract import Reader, Writer
from archive_core.merkle.edge import Edge
from archive_core.merkle.hashing import leaf_hash, leaf_hashes
from archive_core.model.entry import SALT_SIZE, Entry, VersionEntry, commitment, format_entry, parse_entry
from archive_core.model.rows import Head, StoredContent


def seal(body: bytes) -> tuple[StoredContent, bytes]:
    """
    Return a content with a fresh salt, and the 32-byte commitment to it.
    """
    salt, digest = secrets.token_bytes(SALT_SIZE), sha256(body).digest()
    return StoredContent(salt, digest, body), commitment(salt, digest)


@attrs.frozen
class PreparedVersion:
    """
    A first version made elsewhere (a worker process): its leaf with hash, content and key.
    """

    type: str
    key: str
    batch: int | None
    leaf: bytes
    leaf_hash: bytes
    salt: bytes
    sha: bytes
    body: bytes


class Appender:
    """
    Appends entries inside one write transaction; `reader` sees what was appended so far.
    """

    def __init__(self, writer: Writer, edge: Edge, head: Head, clock: Clock) -> None:
        self._writer = writer
        self._edge = edge
        self._old_head = head
        self._clock = clock
        self._hashes: list[bytes] = []
        self._torn = False
        self._newest = _newest_time(writer, head.size)

    @property
    def reader(self) -> Reader:
        return self._writer

    @property
    def next_seq(self) -> int:
        """
        Index that the next appended entry will have.
        """
        return self._old_head.size + len(self._hashes)

    def stamp(self) -> str:
        """
        Return the time for the next entry: the clock's, but never earlier than the newest entry's.

        Raises:
            ClockWentBack: the clock is more than a second behind the newest entry.
        """
        now = self._clock()
        text = format_time(now)
        if self._newest and text < self._newest:
            if parse_time(self._newest) - now > MAX_DRIFT:
                raise ClockWentBack(text, self._newest)
            return self._newest
        self._newest = text
        return text

    def append(self, entry: Entry, content: StoredContent | None = None, *, key: str | None = None) -> int:
        """
        Append one entry with its content; return its index.

        Args:
            entry: made with `stamp()` of this transaction.
            content: what `entry.commit` commits to; None for an erasure.
            key: business key of a version, for the index.

        Raises:
            EntryMalformed: the entry could not be read back; what cannot be read must never be in the ledger.
        """
        seq, leaf = self.next_seq, format_entry(entry)
        if parse_entry(leaf) != entry:
            raise EntryMalformed(f"it would be read back as another entry: {leaf[:120]!r}")
        with self._whole():
            self._writer.put_entry(seq, leaf)
            if content is not None:
                self._writer.put_content(seq, content)
            self._writer.index.apply(seq, entry, key)
            self._hashes.append(leaf_hash(leaf))
        return seq

    @contextmanager
    def _whole(self) -> Iterator[None]:
        # An append that failed half-way has left rows behind: whoever swallows its error must not commit them.
        if self._torn:
            msg = "an append of this transaction failed; it cannot go on"
            raise RuntimeError(msg)
        self._torn = True
        yield
        self._torn = False

    def append_prepared(self, versions: Sequence[PreparedVersion]) -> range:
        """
        Append many first versions that wait for a batch's sign-off; return their indexes.
        """
        seqs = range(self.next_seq, self.next_seq + len(versions))
        with self._whole():
            self._writer.put_entries(zip(seqs, (version.leaf for version in versions), strict=True))
            self._writer.put_contents(
                (seq, version.salt, version.sha, version.body) for seq, version in zip(seqs, versions, strict=True)
            )
            self._writer.index.apply_first_versions(
                [(seq, version.type, version.batch, version.key) for seq, version in zip(seqs, versions, strict=True)]
            )
            self._hashes += [version.leaf_hash for version in versions]
        return seqs

    def erase(self, seqs: Iterable[int]) -> None:
        """
        Delete contents that an erasure entry appended before covers.
        """
        for seq in seqs:
            self._writer.erase_content(seq)

    def leaf_of(self, seq: int) -> bytes:
        """
        Return a leaf that is in the ledger, or was appended in this transaction.
        """
        leaf = self._writer.leaf(seq)
        if leaf is None:
            msg = f"there is no entry {seq}"
            raise LookupError(msg)
        return leaf

    def version_entry(self, seq: int) -> VersionEntry:
        entry = parse_entry(self.leaf_of(seq))
        if isinstance(entry, VersionEntry):
            return entry
        msg = f"entry {seq} is no version"
        raise LookupError(msg)

    def finish(self) -> None:
        """
        Write the tiles that became full and the new head; the transaction may commit now.
        """
        with self._whole():
            self._finish()

    def _finish(self) -> None:
        if not self._hashes:
            return
        self._writer.put_tiles(self._edge.append(self._hashes))
        self._writer.swap_head(self._old_head, Head(self._edge.size, self._edge.root()))


def append_leaves(writer: Writer, edge: Edge, head: Head, leaves: Sequence[bytes]) -> None:
    """
    Append bare leaves without content or index: what replication and the append benchmark measure.
    """
    writer.put_entries(enumerate(leaves, head.size))
    writer.put_tiles(edge.append(leaf_hashes(leaves)))
    writer.swap_head(head, Head(edge.size, edge.root()))


def _newest_time(reader: Reader, size: int) -> str:
    leaf = reader.leaf(size - 1) if size else None
    return parse_entry(leaf).at if leaf else ""
