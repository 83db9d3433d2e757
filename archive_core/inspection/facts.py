"""
What the projector knows of one record: plain values, taken from the ledger or made up by a test.

Times are entry times (UTC, 27 characters), days are ISO days, persons are record numbers.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import attrs

from archive_core.canonical import Json
from archive_core.model.record_type import RecordType
from archive_core.model.step import Step

IN_FORCE = "in_force"
PROPOSED = "proposed"
REJECTED = "rejected"
REPLACED = "replaced"
SUPERSEDED = "superseded"
WITHDRAWN = "withdrawn"
ERASED = "erased"


@attrs.frozen(kw_only=True)
class VersionFacts:
    """
    One version. `fields` is None after an erasure; `leaf` is the leaf hash in hex; `steps` bind this version.
    """

    version: int
    seq: int
    state: str
    at: str
    by: int
    declared: RecordType
    fields: Mapping[str, Json] | None
    by_name: str = ""
    reason: str = ""
    provenance: Mapping[str, Json] | None = None
    gaps: tuple[str, ...] = ()
    in_force_from: str | None = None
    in_force_to: str | None = None
    withdrawn: bool = False
    batch: int | None = None
    steps: tuple[Step, ...] = ()
    raw: Mapping[str, Json] | None = None
    warnings: tuple[str, ...] = ()
    leaf: str = ""


@attrs.frozen(kw_only=True)
class SignoffFacts:
    """
    One sign-off; `name` is the printed name at that moment, `decision` is "signed" or "rejected".
    """

    seq: int
    version: int
    step: str
    role: str
    meaning_zh: str
    meaning_en: str
    decision: str
    by: int
    name: str
    at: str
    name_en: str = ""
    on_behalf: str = ""
    key_id: str = ""
    note: str = ""


@attrs.frozen(kw_only=True)
class ErasureFacts:
    """Content of one version was destroyed under a disposition, a record itself."""

    seq: int
    version: int
    at: str
    by: int
    disposition: int


@attrs.frozen(kw_only=True)
class Kept:
    """Until when a record must be kept; `retention` is "until", "permanent" or "unknown"."""

    retention: str = "unknown"
    keep_until: str | None = None
    eligible: str | None = None


@attrs.frozen(kw_only=True)
class DueFacts:
    """Something that falls due on a day."""

    what: str
    day: str
    zh: str
    en: str


@attrs.frozen(kw_only=True)
class RecordFacts:
    """One record with its whole history, versions and sign-offs in order."""

    record: int
    type: str
    key: str
    versions: tuple[VersionFacts, ...]
    signoffs: tuple[SignoffFacts, ...] = ()
    erasures: tuple[ErasureFacts, ...] = ()
    due: tuple[DueFacts, ...] = ()
    kept: Kept = Kept()

    @property
    def shown(self) -> VersionFacts:
        """The version in force; where none is, the latest."""
        standing = [version for version in self.versions if version.state == IN_FORCE]
        return standing[-1] if standing else self.versions[-1]

    @property
    def pending(self) -> int | None:
        """The version that waits for sign-off while another is in force."""
        last = self.versions[-1]
        return last.version if last.state == PROPOSED and last is not self.shown else None

    @property
    def state(self) -> str:
        shown = self.shown
        if shown.fields is None:
            return ERASED
        return WITHDRAWN if shown.withdrawn and shown.state == IN_FORCE else shown.state


@attrs.frozen(kw_only=True)
class PersonFacts:
    """A person as shown: `status` is "active", "disabled" or "proposed"."""

    record: int
    username: str
    name: str
    name_en: str = ""
    roles: tuple[str, ...] = ()
    status: str = "active"
    key_id: str = ""


@attrs.frozen(kw_only=True)
class CheckpointFacts:
    """A signed tree head: the note is the whole text an inspector keeps; `root` in base64."""

    size: int
    root: str
    at: str
    note: str


@attrs.frozen(kw_only=True)
class TypeFacts:
    """A record type in force; `record` is the number of its definition's record, None for a built-in one."""

    declared: RecordType
    record: int | None = None
    builtin: bool = False


@attrs.frozen(kw_only=True)
class Head:
    """How far the ledger goes: number of entries, their root in base64, time of the last; `origin` names the log."""

    size: int
    root: str
    at: str
    origin: str
    name: str
    zone: str


class Source(Protocol):
    """
    What a projector reads; the archive is one, a test keeps another in memory.
    """

    def head(self) -> Head: ...

    def types(self) -> Sequence[TypeFacts]:
        """
        Return every record type that any record has, in the definition in force.
        """

    def people(self) -> Sequence[PersonFacts]: ...

    def checkpoints(self, after: int) -> Sequence[CheckpointFacts]:
        """
        Return the checkpoints over more than `after` entries, upwards.
        """

    def numbers(self) -> Iterator[int]:
        """
        Yield every record number, upwards.
        """

    def touched(self, since: int, size: int) -> Sequence[int]:
        """
        Return the records, upwards, to which entries `since <= seq < size` belong.
        """

    def facts(self, numbers: Sequence[int]) -> Iterator[RecordFacts]:
        """
        Yield the records asked for, in the order asked.
        """
