"""
Contents as the rooms above read them: opened against their commitment, decoded.
"""

from hashlib import sha256
from typing import cast

from archive_core.canonical import Json, decode_trusted
from archive_core.errors import ContentMismatch
from archive_core.ledger.contract import Reader
from archive_core.model.content import Manifestation, VersionContent
from archive_core.model.entry import SignOffEntry, VersionEntry, commitment, parse_entry
from archive_core.model.rows import StoredContent


def entry_at(reader: Reader, seq: int) -> VersionEntry | SignOffEntry:
    """
    Return the version or sign-off at an index.

    Raises:
        LookupError: there is none.
    """
    leaf = reader.leaf(seq)
    entry = parse_entry(leaf) if leaf is not None else None
    if isinstance(entry, VersionEntry | SignOffEntry):
        return entry
    msg = f"entry {seq} is no version and no sign-off"
    raise LookupError(msg)


def open_content(reader: Reader, seq: int, commit: bytes) -> dict[str, Json] | None:
    """
    Return the decoded content of an entry, None when it is gone.

    Raises:
        ContentMismatch: the stored content does not open the entry's commitment.
    """
    stored = reader.content(seq)
    if stored is None:
        return None
    check_content(seq, stored, commit)
    return cast(dict[str, Json], decode_trusted(stored.body))


def check_content(seq: int, stored: StoredContent, commit: bytes) -> None:
    """
    Refuse a content whose bytes or salt are not those the entry commits to.

    Raises:
        ContentMismatch: either digest differs.
    """
    digest = sha256(stored.body).digest()
    if digest != stored.sha:
        raise ContentMismatch(seq, stored.sha.hex(), digest.hex())
    opened = commitment(stored.salt, digest)
    if opened != commit:
        raise ContentMismatch(seq, commit.hex(), opened.hex())


def version_content(reader: Reader, seq: int, entry: VersionEntry | None = None) -> VersionContent | None:
    """
    Return the content of the version at an index, None when it was erased.
    """
    found = entry or entry_at(reader, seq)
    data = open_content(reader, seq, found.commit)
    return VersionContent.from_json(data) if data else None


def manifestation(reader: Reader, seq: int, entry: SignOffEntry) -> Manifestation | None:
    """
    Return what the sign-off at an index shows, None when it was erased.
    """
    data = open_content(reader, seq, entry.commit)
    return Manifestation.from_json(data) if data else None
