"""
A bare ledger for tests: entries without record types or people, and the tree as RFC 6962 defines it.
"""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from archive_core.clock import Clock
from archive_core.ledger.appender import Appender, PreparedVersion, seal
from archive_core.ledger.keys import public_key, signer
from archive_core.ledger.ledger import Ledger
from archive_core.merkle.hashing import leaf_hash
from archive_core.merkle.note import NoteKey
from archive_core.model.content import VersionContent
from archive_core.model.entry import ErasureEntry, VersionEntry, format_entry
from archive_core.store.connection import WriterLock
from archive_core.store.journal import Journal
from archive_core.store.ledger_store import SqliteLedgerStore

ORIGIN = "archive.example/tests"
PRIVATE = bytes(range(32))
KEY = NoteKey(ORIGIN, public_key(PRIVATE))


def spec_root(leaves: Sequence[bytes]) -> bytes:
    """
    Return the tree hash exactly as RFC 6962 section 2.1 writes it down.
    """
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + spec_root(leaves[:split]) + spec_root(leaves[split:])).digest()


def open_store(folder: Path) -> SqliteLedgerStore:
    path, lock = folder / "ledger.db", WriterLock(folder / ".lock")
    return SqliteLedgerStore(path, lock) if path.exists() else SqliteLedgerStore.create(path, lock)


def open_ledger(folder: Path, clock: Clock, journals: Sequence[str] = ("checkpoints.log",)) -> Ledger:
    """
    Open the ledger in a folder, making it if there is none.
    """
    return Ledger(
        open_store(folder), origin=ORIGIN, clock=clock, journals=[Journal(folder / name) for name in journals]
    )


def sign_checkpoint(ledger: Ledger) -> str:
    return ledger.checkpoint(KEY, signer(PRIVATE))


def body_of(key: str) -> bytes:
    return VersionContent(fields={"key": key}).to_bytes()


def append_version(tx: Appender, key: str, *, record: int | None = None, version: int = 1) -> int:
    """
    Append a version without steps whose content holds its key.
    """
    stored, commit = seal(body_of(key))
    entry = VersionEntry(
        at=tx.stamp(), by=0, record=record, version=version, type="thing", type_version=1, commit=commit
    )
    return tx.append(entry, stored, key=key)


def append_erasure(tx: Appender, *seqs: int) -> int:
    """
    Append an erasure and delete the contents it covers.
    """
    seq = tx.append(ErasureEntry(at=tx.stamp(), by=0, entries=tuple(sorted(seqs)), disposition=0))
    tx.erase(seqs)
    return seq


def prepared(tx: Appender, key: str, batch: int = 0) -> PreparedVersion:
    """
    Make a batch's version as a worker process would.
    """
    stored, commit = seal(body_of(key))
    entry = VersionEntry(at=tx.stamp(), by=0, version=1, type="thing", type_version=1, commit=commit, batch=batch)
    leaf = format_entry(entry)
    return PreparedVersion("thing", key, batch, leaf, leaf_hash(leaf), stored.salt, stored.sha, stored.body)


def leaves_of(ledger: Ledger) -> list[bytes]:
    return [leaf for _, leaf in ledger.reader.leaves(0, 2**62)]
