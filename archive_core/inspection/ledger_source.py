"""
The archive as the projector reads it: entries, contents and index turned into facts.
"""

from base64 import standard_b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, cast

import orjson

from archive_core.archive import Archive
from archive_core.canonical import Json, decode
from archive_core.inspection.facts import (
    IN_FORCE as STANDS,
)
from archive_core.inspection.facts import (
    CheckpointFacts,
    DueFacts,
    ErasureFacts,
    Head,
    Kept,
    PersonFacts,
    RecordFacts,
    SignoffFacts,
    TypeFacts,
    VersionFacts,
)
from archive_core.ledger.contents import check_content, version_content
from archive_core.merkle.hashing import leaf_hash
from archive_core.model.content import VersionContent
from archive_core.model.entry import ErasureEntry, SignOffEntry, VersionEntry, from_text, parse_entry
from archive_core.model.proposed import Kept as KeptVersion
from archive_core.model.record_type import RecordType
from archive_core.model.retention import CAPTURED, IN_FORCE
from archive_core.model.rows import RecordRow, VersionRow
from archive_core.model.step import Step
from archive_core.retention.schedule import RecordFacts as ScheduleFacts
from archive_core.types.builtin import BUILTIN, FOUNDING, IMPORT_BATCH, PERSON, RECORD_TYPE
from archive_core.types.convert import structure

_UNTOLD: Mapping[str, Any] = MappingProxyType(
    {"role": "", "meaning": {"zh": "", "en": ""}, "name": {"zh": "", "en": ""}}
)
_OWN = frozenset(cls.__archive_type__.name for cls in BUILTIN)  # type: ignore[attr-defined]


class LedgerSource:
    """
    Facts of one archive. Definitions once read are kept, because versions never change; names until the ledger grows.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._reader = archive.ledger.reader
        self._names: dict[int, list[tuple[str | None, str | None, str]]] = {}
        self._size = -1
        self._types: dict[int, RecordType] = {}

    # the Source protocol

    def head(self) -> Head:
        head, config = self._reader.head(), self._archive.config
        if head.size != self._size:
            self._names, self._size = {}, head.size
        at = self._time_of(head.size - 1) if head.size else self._archive.now()
        root = standard_b64encode(head.root).decode()
        return Head(size=head.size, root=root, at=at, origin=config.origin, name=config.name, zone=config.time_zone)

    def types(self) -> list[TypeFacts]:
        rows = self._reader.records(RECORD_TYPE)
        found = (self._type(row) for row in list(rows))
        return [declared for declared in found if declared is not None]

    def people(self) -> list[PersonFacts]:
        return [self._person(row) for row in list(self._reader.records(PERSON))]

    def checkpoints(self, after: int) -> list[CheckpointFacts]:
        found = [(size, note) for size, note in self._reader.checkpoints() if size > after]
        return [
            CheckpointFacts(size=size, root=note.split("\n")[2], at=self._time_of(size - 1), note=note)
            for size, note in found
        ]

    def numbers(self) -> Iterator[int]:
        return iter([row.record for row in self._reader.records()])

    def touched(self, since: int, size: int) -> list[int]:
        found: set[int] = set()
        for seq, leaf in list(self._reader.leaves(since, size)):
            found.update(self._touched_by(seq, leaf))
        return sorted(found)

    def facts(self, numbers: Sequence[int]) -> Iterator[RecordFacts]:
        return (self._facts(number) for number in numbers)

    # one record

    def _facts(self, number: int) -> RecordFacts:
        row = cast(RecordRow, self._reader.record(number))
        rows = self._reader.versions(number)
        versions = tuple(self._version(found) for found in rows)
        return RecordFacts(
            record=number,
            type=row.type,
            key=row.key or "",
            versions=versions,
            signoffs=tuple(sign for found in rows for sign in self._signoffs(found)),
            erasures=tuple(self._erasures(versions)),
            due=tuple(self._due(row, versions)),
            kept=self._kept(versions),
        )

    def _version(self, row: VersionRow) -> VersionFacts:
        leaf = self._reader.leaf(row.seq) or b""
        entry = orjson.loads(leaf)
        declared = self._archive.definitions.of(entry["type"], entry["type_version"])
        body = self._content(row.seq, entry["commit"])
        told = VersionContent.from_json(body) if body else VersionContent(fields={})
        return VersionFacts(
            version=row.version, seq=row.seq, state=row.state.value, at=entry["at"], by=entry["by"],
            declared=declared, fields=told.fields if body else None, by_name=self._name_at(entry["by"], entry["at"]),
            reason=told.reason, provenance=told.provenance or None, gaps=tuple(told.gaps), raw=told.raw or None,
            warnings=told.warnings, in_force_from=row.in_force_from, in_force_to=row.in_force_to,
            withdrawn=row.withdrawn, batch=row.batch, leaf=leaf_hash(leaf).hex(),
            steps=tuple(_step(declared, bound) for bound in entry["steps"]),
        )  # fmt: skip

    def _signoffs(self, row: VersionRow) -> Iterator[SignoffFacts]:
        for mark in self._reader.signoffs(row.record, row.version):
            entry = orjson.loads(self._reader.leaf(mark.seq) or b"")
            told = self._content(mark.seq, entry["commit"]) or _UNTOLD
            yield SignoffFacts(
                seq=mark.seq, version=row.version, step=mark.step, role=told["role"],
                meaning_zh=told["meaning"]["zh"], meaning_en=told["meaning"]["en"], decision=mark.decision,
                by=mark.by, name=told["name"]["zh"], name_en=told["name"]["en"], at=entry["at"],
                key_id=from_text(entry["key"], 32).hex(), note=told.get("reason", ""),
            )  # fmt: skip

    def _content(self, seq: int, commit: str) -> dict[str, Any] | None:
        """
        Return what an entry's content says, None when it was erased.

        Checked against its commitment, but not for canonical form: that is what `archive verify` is for, and it would
        take longer than all the rest.

        Raises:
            ContentMismatch: the stored content does not open the entry's commitment.
        """
        stored = self._reader.content(seq)
        if stored is None:
            return None
        check_content(seq, stored, from_text(commit, 32))
        return cast(dict[str, Any], orjson.loads(stored.body))

    def _erasures(self, versions: Sequence[VersionFacts]) -> Iterator[ErasureFacts]:
        for version in versions:
            seq = self._reader.erased_by(version.seq) if version.fields is None else None
            entry = parse_entry(self._reader.leaf(seq) or b"") if seq is not None else None
            if seq is not None and isinstance(entry, ErasureEntry):
                yield ErasureFacts(
                    seq=seq, version=version.version, at=entry.at, by=entry.by, disposition=entry.disposition
                )

    def _due(self, row: RecordRow, versions: Sequence[VersionFacts]) -> Iterator[DueFacts]:
        """Yield what plugins say falls due about the version in force; nothing for void records and absent plugins."""
        standing = next((version for version in versions if version.state == STANDS), None)
        if standing is None or standing.fields is None or standing.withdrawn or standing.declared.cls is None:
            return
        kept = KeptVersion(
            record=row.record,
            version=standing.version,
            type=row.type,
            key=row.key or "",
            value=structure(standing.declared.cls, standing.fields),
            fields=dict(standing.fields),
        )
        for one in self._archive.registry.falling_due(kept):
            yield DueFacts(what=one.what, day=one.day.isoformat(), zh=one.zh, en=one.en)

    def _kept(self, versions: Sequence[VersionFacts]) -> Kept:
        """Return until when the version in force must be kept; a record without one is not yet counted."""
        standing = next((version for version in versions if version.state == STANDS), None)
        if standing is None or standing.fields is None:
            return Kept(retention="none")
        facts = ScheduleFacts(standing.fields, self._days(versions[0], standing))
        verdict = standing.declared.retention.judge(facts)
        if verdict.permanent:
            return Kept(retention="permanent")
        if verdict.keep_until is None or verdict.eligible is None:
            return Kept(retention="unknown")
        return Kept(retention="until", keep_until=verdict.keep_until.isoformat(), eligible=verdict.eligible.isoformat())

    def _days(self, first: VersionFacts, standing: VersionFacts) -> Mapping[str, date]:
        days = {CAPTURED: self._day(first.at)}
        if standing.in_force_from:
            days[IN_FORCE] = self._day(standing.in_force_from)
        return days

    def _day(self, stamp: str) -> date:
        return datetime.fromisoformat(stamp).astimezone(self._archive.config.zone).date()

    # what an entry touches

    def _touched_by(self, seq: int, leaf: bytes) -> Iterator[int]:
        match parse_entry(leaf):
            case VersionEntry() as entry:
                yield seq if entry.record is None else entry.record
            case SignOffEntry() as entry:
                yield entry.record
                yield from self._members(entry.record)
            case ErasureEntry() as entry:
                for erased in entry.entries:
                    yield self._record_of(erased)

    def _members(self, record: int) -> Iterator[int]:
        """A sign-off of an import batch changes the state of every record that the batch brought."""
        row = self._reader.record(record)
        if row is not None and row.type == IMPORT_BATCH:
            yield from [member.record for member in self._reader.batch_members(record)]

    def _record_of(self, seq: int) -> int:
        entry = parse_entry(self._reader.leaf(seq) or b"")
        if isinstance(entry, SignOffEntry):
            return entry.record
        return seq if not isinstance(entry, VersionEntry) or entry.record is None else entry.record

    # types and people

    def _type(self, row: RecordRow) -> TypeFacts | None:
        """Return the definition in force, or the last that was; None before the first sign-off."""
        version = self._reader.version(row.record, row.in_force) if row.in_force else None
        declared = self._definition(version) if version else None
        return TypeFacts(declared=declared, record=row.record, builtin=declared.name in _OWN) if declared else None

    def _definition(self, version: VersionRow) -> RecordType | None:
        if version.seq not in self._types:
            content = version_content(self._reader, version.seq)
            if content is None:
                return None
            text = str(content.fields["definition"]).encode()
            self._types[version.seq] = RecordType.from_json(cast(dict[str, Json], decode(text)))
        return self._types[version.seq]

    def _person(self, row: RecordRow) -> PersonFacts:
        version = cast(VersionRow, self._reader.version(row.record, row.in_force or row.latest))
        content = version_content(self._reader, version.seq)
        fields = content.fields if content else {}
        status = ("active" if fields.get("active") else "disabled") if row.in_force else "proposed"
        return PersonFacts(
            record=row.record, username=row.key or "", name=str(fields.get("name_zh", "")),
            name_en=str(fields.get("name_en", "")), roles=tuple(_roles(fields.get("roles"))), status=status,
            key_id=str(fields.get("public_key", "")),
        )  # fmt: skip

    def _name_at(self, person: int, at: str) -> str:
        """Return the printed name as it was when the person acted; the founder acted before being in force."""
        known = self._names_of(person)
        for since, until, name in known:
            if since is not None and since <= at and (until is None or at < until):
                return name
        return known[0][2]

    def _names_of(self, person: int) -> list[tuple[str | None, str | None, str]]:
        if person not in self._names:
            rows = self._reader.versions(person)
            self._names[person] = [(row.in_force_from, row.in_force_to, self._name_in(row)) for row in rows]
        return self._names[person]

    def _name_in(self, row: VersionRow) -> str:
        content = version_content(self._reader, row.seq)
        return str(content.fields.get("name_zh", "")) if content else ""

    def _time_of(self, seq: int) -> str:
        return parse_entry(self._reader.leaf(seq) or b"").at


def _step(declared: RecordType, bound: Mapping[str, Any]) -> Step:
    named = next((step for step in (*declared.sign_off, FOUNDING) if step.name == bound["step"]), None)
    return Step(
        bound["step"], role=bound["role"], zh=named.zh if named else bound["meaning"], en=bound["meaning"],
        count=bound["count"], not_by=tuple(bound["not_by"]),
    )  # fmt: skip


def _roles(grants: Json) -> Iterator[str]:
    for grant in grants if isinstance(grants, list) else []:
        if isinstance(grant, dict):
            span = [str(grant.get("since") or ""), str(grant.get("until") or "")]
            yield str(grant["role"]) + (f" ({span[0]}/{span[1]})" if any(span) else "")
