"""
Facts that the store keeps beside the entries: the head of the ledger, contents, and the derived index.
"""

import attrs

from archive_core.model.lifecycle import State


@attrs.frozen
class Head:
    """
    Size and 32-byte root of the ledger.
    """

    size: int
    root: bytes


@attrs.frozen
class StoredContent:
    """
    A present content: 32-byte salt, SHA-256 of the body, the body.
    """

    salt: bytes
    sha: bytes
    body: bytes


@attrs.frozen
class RecordRow:
    """
    One record in the index; `live` while a version is proposed or in force and the record is not withdrawn.
    """

    record: int
    type: str
    key: str | None
    live: bool
    latest: int
    in_force: int | None
    withdrawn: bool


@attrs.frozen
class VersionRow:
    """
    One version in the index; in force during [in_force_from, in_force_to), open-ended while `in_force_to` is None.
    """

    record: int
    version: int
    seq: int
    key: str | None
    state: State
    in_force_from: str | None
    in_force_to: str | None
    batch: int | None
    withdrawn: bool


@attrs.frozen
class SignOffRow:
    """
    One sign-off in the index.
    """

    record: int
    version: int
    seq: int
    step: str
    by: int
    decision: str
