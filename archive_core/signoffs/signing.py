"""
The act of signing: one signature for one step of one version, or a refusal with a reason.
"""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import attrs

from archive_core.clock import local_day
from archive_core.errors import (
    BatchDiffers,
    BatchOpen,
    KeyNotEnrolled,
    NothingToSign,
    ReasonMissing,
    SelfApproval,
    SignedAlready,
    StepNotOpen,
    UnknownRecord,
)
from archive_core.ledger.appender import Appender, seal
from archive_core.ledger.contents import version_content
from archive_core.ledger.contract import Reader
from archive_core.merkle.hashing import leaf_hash
from archive_core.model.content import Manifestation
from archive_core.model.entry import BoundStep, Decision, SignOffEntry, VersionEntry, statement
from archive_core.model.lifecycle import Signed, State, excluded_by, open_step
from archive_core.model.rows import StoredContent, VersionRow
from archive_core.people.keyring import Unlocked
from archive_core.people.persons import People, Person
from archive_core.records.batches import batch_root
from archive_core.types.builtin import FOUNDING, IMPORT_BATCH

MeaningOf = Callable[[VersionEntry, str], str]


@attrs.frozen(kw_only=True)
class SignedOff:
    """
    A sign-off that is now in the ledger; `done` when the version entered into force or was rejected by it.
    """

    record: int
    version: int
    seq: int
    step: str
    decision: Decision
    state: State


@attrs.frozen(kw_only=True)
class OpenStep:
    """
    The step a waiting version is at, and the signatures given so far.
    """

    row: VersionRow
    entry: VersionEntry
    step: BoundStep
    signed: tuple[Signed, ...]

    def refuse(self, person: Person) -> None:
        """
        Refuse a person who may not sign this step.

        Raises:
            StepNotOpen, SignedAlready, SelfApproval.
        """
        record, step = self.row.record, self.step
        if step.role not in person.roles:
            raise StepNotOpen(record, step.step, step.role, person.username)
        if Signed(step.step, person.record) in self.signed:
            raise SignedAlready(record, step.step, person.username)
        barrier = excluded_by(step, person.record, self.entry.by, self.signed)
        if barrier is not None:
            did = "the version is their own" if barrier == "author" else f"they signed step {barrier}"
            raise SelfApproval(record, step.step, person.username, did)


def step_of(reader: Reader, row: VersionRow, entry: VersionEntry) -> OpenStep | None:
    """
    Return the open step of a proposed version; None when nothing is open.
    """
    marks = reader.signoffs(row.record, row.version)
    signed = tuple(Signed(mark.step, mark.by) for mark in marks if mark.decision == "signed")
    step = open_step(entry.steps, signed)
    return OpenStep(row=row, entry=entry, step=step, signed=signed) if step else None


class SignOffWriter:
    """
    Signs on behalf of one unlocked person inside one transaction.
    """

    def __init__(self, tx: Appender, unlocked: Unlocked, *, origin: str, zone: ZoneInfo, meaning_zh: MeaningOf) -> None:
        self._tx = tx
        self._unlocked = unlocked
        self._origin = origin
        self._zone = zone
        self._meaning_zh = meaning_zh

    def sign(self, record: int) -> SignedOff:
        """
        Sign the open step of a record's waiting version.

        Raises:
            UnknownRecord, NothingToSign, BatchOpen, BatchDiffers, KeyNotEnrolled, StepNotOpen, SignedAlready,
            SelfApproval.
        """
        return self._decide(record, "signed", "")

    def reject(self, record: int, reason: str) -> SignedOff:
        """
        Refuse a record's waiting version; it goes back to its author with the reason.

        Raises:
            ReasonMissing, and as `sign`.
        """
        if not reason.strip():
            raise ReasonMissing("reject a version")
        return self._decide(record, "rejected", reason.strip())

    def _decide(self, record: int, decision: Decision, reason: str) -> SignedOff:
        waiting = self._waiting(record)
        at = self._tx.stamp()
        self._require_enrolled(waiting, at)
        waiting.refuse(self._unlocked.person)
        entry, content = self._entry(waiting, decision, reason, at)
        seq = self._tx.append(entry, content)
        after = self._tx.reader.version(record, waiting.row.version)
        return SignedOff(
            record=record,
            version=waiting.row.version,
            seq=seq,
            step=waiting.step.step,
            decision=decision,
            state=after.state if after else State.PROPOSED,
        )

    def _waiting(self, record: int) -> OpenStep:
        reader = self._tx.reader
        row = reader.record(record)
        if row is None:
            raise UnknownRecord(str(record))
        version = reader.version(record, row.latest)
        if version is None or version.state is not State.PROPOSED or version.batch is not None:
            raise NothingToSign(record)
        entry = self._tx.version_entry(version.seq)
        if entry.type == IMPORT_BATCH:
            self._require_closed(record, version.seq)
        found = step_of(reader, version, entry)
        if found is None:
            raise NothingToSign(record)
        return found

    def _require_closed(self, record: int, seq: int) -> None:
        content = version_content(self._tx.reader, seq)
        if content is None or content.fields.get("status") != "closed":
            raise BatchOpen(record)
        entries, root = batch_root(self._tx.reader, record, seq)
        stated = (content.fields.get("entries"), content.fields.get("root"))
        if stated != (entries, root):
            raise BatchDiffers(record, f"{stated[0]} entries, root {stated[1]}", f"{entries} entries, root {root}")

    def _require_enrolled(self, waiting: OpenStep, at: str) -> None:
        person = self._unlocked.person
        people = People(self._tx.reader, self._zone)
        enrolled = people.at(person.record, at)
        if enrolled is None and is_founding_step(waiting.entry):
            # The founder signs the record that makes them a person: it is not in force yet.
            first = self._tx.reader.version(person.record, 1)
            enrolled = people.of_version(person.record, first.seq, local_day(at, self._zone)) if first else None
        if enrolled is None or not enrolled.active or enrolled.public_key != person.public_key:
            raise KeyNotEnrolled(person.username)

    def _entry(self, waiting: OpenStep, decision: Decision, reason: str, at: str) -> tuple[SignOffEntry, StoredContent]:
        person, step = self._unlocked.person, waiting.step
        shown = Manifestation(
            username=person.username,
            name_zh=person.name_zh,
            name_en=person.name_en,
            role=step.role,
            meaning_zh=self._meaning_zh(waiting.entry, step.step),
            meaning_en=step.meaning,
            reason=reason,
        )
        content, commit = seal(shown.to_bytes())
        leaf = leaf_hash(self._tx.leaf_of(waiting.row.seq))
        signature = self._unlocked.sign(
            statement(
                origin=self._origin,
                record=waiting.row.record,
                version=waiting.row.version,
                leaf=leaf,
                step=step.step,
                meaning=step.meaning,
                decision=decision,
                by=person.record,
                at=at,
                commit=commit,
            )
        )
        entry = SignOffEntry(
            at=at,
            by=person.record,
            record=waiting.row.record,
            version=waiting.row.version,
            leaf=leaf,
            step=step.step,
            decision=decision,
            key=person.public_key,
            signature=signature,
            commit=commit,
        )
        return entry, content


def is_founding_step(entry: VersionEntry) -> bool:
    """
    Tell whether a version was signed in the founding ceremony.
    """
    return len(entry.steps) == 1 and entry.steps[0] == BoundStep.of(FOUNDING)
