"""
Batches: many first versions (and amendments) that one `import_batch` record signs for.

A batch is opened as version 1 of its record; rows come in while it is open, each leaf naming the batch; closing adds
the version that people sign, whose content commits to the Merkle root of the batch's leaves in ledger order.
"""

from collections.abc import Mapping, Sequence

from archive_core.canonical import Json
from archive_core.ledger.appender import Appender, PreparedVersion, seal
from archive_core.ledger.contract import Reader
from archive_core.merkle.edge import Edge
from archive_core.merkle.hashing import leaf_hash
from archive_core.model.content import VersionContent
from archive_core.model.entry import VersionEntry, format_entry, to_text
from archive_core.records.proposing import Proposal
from archive_core.records.writing import Captured

CHUNK = 4096


class BatchWriter:
    """
    Brings judged proposals into an open batch, inside one transaction.
    """

    def __init__(self, tx: Appender, batch: int, by: int) -> None:
        self._tx = tx
        self._batch = batch
        self._by = by

    def add(self, rows: Sequence[tuple[Proposal, VersionContent]]) -> range:
        """
        Append new records; return their numbers.

        Raises:
            DuplicateKey: a live record has one of the keys; nothing of this call is kept.
        """
        at = self._tx.stamp()
        return self._tx.append_prepared([self._prepare(proposal, content, at) for proposal, content in rows])

    def amend(self, record: int, latest: int, proposal: Proposal, content: VersionContent) -> Captured:
        """
        Append the next version of a record that exists already; it waits for the batch's sign-off.
        """
        stored, commit = seal(content.to_bytes())
        entry = self._entry(proposal, commit, self._tx.stamp(), record=record, version=latest + 1)
        seq = self._tx.append(entry, stored, key=proposal.key)
        return Captured(
            record=record, version=latest + 1, seq=seq, type=entry.type, key=proposal.key, findings=proposal.findings
        )

    def _prepare(self, proposal: Proposal, content: VersionContent, at: str) -> PreparedVersion:
        stored, commit = seal(content.to_bytes())
        leaf = format_entry(self._entry(proposal, commit, at))
        return PreparedVersion(
            proposal.record_type.name,
            proposal.key,
            self._batch,
            leaf,
            leaf_hash(leaf),
            stored.salt,
            stored.sha,
            stored.body,
        )

    def _entry(
        self, proposal: Proposal, commit: bytes, at: str, record: int | None = None, version: int = 1
    ) -> VersionEntry:
        return VersionEntry(
            at=at,
            by=self._by,
            record=record,
            version=version,
            type=proposal.record_type.name,
            type_version=proposal.record_type.version,
            commit=commit,
            batch=self._batch,
        )


class BatchRoots:
    """
    Grows the tree of each batch's leaves, in ledger order; memory per batch does not follow its size.
    """

    def __init__(self) -> None:
        self._edges: dict[int, Edge] = {}
        self._pending: dict[int, list[bytes]] = {}

    def add(self, batch: int, leaf: bytes) -> None:
        """
        Take the next leaf of a batch.
        """
        pending = self._pending.setdefault(batch, [])
        pending.append(leaf_hash(leaf))
        if len(pending) >= CHUNK:
            self._flush(batch)

    def of(self, batch: int) -> tuple[int, str]:
        """
        Return how many leaves the batch has so far, and their RFC 6962 root (base64url).
        """
        edge = self._flush(batch)
        return edge.size, to_text(edge.root())

    def _flush(self, batch: int) -> Edge:
        edge = self._edges.setdefault(batch, Edge.empty())
        edge.append(self._pending.pop(batch, []))
        return edge


def batch_root(reader: Reader, batch: int, before: int) -> tuple[int, str]:
    """
    Return how many leaves below index `before` name the batch, and their RFC 6962 root (base64url).
    """
    roots = BatchRoots()
    for row in reader.batch_members(batch):
        leaf = reader.leaf(row.seq)
        if leaf is not None and row.seq < before:
            roots.add(batch, leaf)
    return roots.of(batch)


def closed_fields(opened: Mapping[str, Json], entries: int, root: str, report: Mapping[str, Json]) -> dict[str, Json]:
    """
    Return the fields of the version that closes a batch: those of the open one, the report, count and root.
    """
    return {**opened, **report, "status": "closed", "entries": entries, "root": root}
