from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import attrs
import pytest
from ledgers import append_erasure, append_version, open_ledger
from support import TestClock

from archive_core.errors import ContentMismatch
from archive_core.ledger.appender import seal
from archive_core.ledger.contents import check_content, entry_at, open_content, version_content
from archive_core.ledger.ledger import Ledger
from archive_core.model.entry import VersionEntry, commitment


@pytest.fixture
def ledger(tmp_path: Path, clock: TestClock) -> Iterator[Ledger]:
    ledger = open_ledger(tmp_path, clock)
    with ledger.writing() as tx:
        append_version(tx, "a")
        append_version(tx, "b")
        append_erasure(tx, 1)
    yield ledger
    ledger.close()


def test_a_sealed_content_opens_its_commitment() -> None:
    """seal gives salt, digest and commitment that fit each other, with a fresh salt each time."""
    stored, commit = seal(b"body")
    assert (32, sha256(b"body").digest(), b"body") == (len(stored.salt), stored.sha, stored.body)
    assert commit == commitment(stored.salt, stored.sha)
    assert stored.salt != seal(b"body")[0].salt


@pytest.mark.parametrize("part", ["salt", "sha", "body"])
def test_a_content_with_one_other_byte_is_refused(part: str) -> None:
    """Salt, digest and body are all bound by the commitment; the refusal names the entry and both digests."""
    stored, commit = seal(b"body")
    value: bytes = getattr(stored, part)
    changed = attrs.evolve(stored, **{part: bytes([value[0] ^ 1]) + value[1:]})
    with pytest.raises(ContentMismatch) as refused:
        check_content(7, changed, commit)
    assert (7, False) == (refused.value.entry, refused.value.expected == refused.value.got)


def test_a_content_of_another_entry_is_refused() -> None:
    """A sound content in another entry's place does not open that entry's commitment."""
    stored, _ = seal(b"body")
    _, other = seal(b"body")
    with pytest.raises(ContentMismatch) as refused:
        check_content(7, stored, other)
    assert other.hex() == refused.value.expected


def test_a_content_is_read_through_its_commitment(ledger: Ledger) -> None:
    """What is read back was checked on the way; an erased content is None."""
    entry = entry_at(ledger.reader, 0)
    assert {"fields": {"key": "a"}, "v": "archive-core/content/1"} == open_content(ledger.reader, 0, entry.commit)
    found = version_content(ledger.reader, 0)
    assert (None, {"key": "a"}) == (version_content(ledger.reader, 1), found.fields if found else None)
    with pytest.raises(ContentMismatch):
        open_content(ledger.reader, 0, bytes(32))


@pytest.mark.parametrize("seq", [2, 3, -1])
def test_what_has_no_content_is_told(ledger: Ledger, seq: int) -> None:
    """An erasure, and an entry that is not there, are no version and no sign-off."""
    with pytest.raises(LookupError, match=f"entry {seq} is no version and no sign-off"):
        entry_at(ledger.reader, seq)
    assert isinstance(entry_at(ledger.reader, 0), VersionEntry)
