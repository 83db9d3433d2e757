"""
The archive as the projector reads it: entries, contents and index turned into facts.
"""

from base64 import standard_b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import cast

from archive_core.archive import Archive
from archive_core.canonical import Json, decode
from archive_core.clock import local_day
from archive_core.inspection.facts import (
    IN_FORCE as STANDS,
)
from archive_core.inspection.facts import (
    CheckpointFacts,
    ErasureFacts,
    Head,
    Kept,
    PersonFacts,
    RecordFacts,
    SignoffFacts,
    TypeFacts,
    VersionFacts,
)
from archive_core.ledger.contents import version_content
from archive_core.model.entry import BoundStep, ErasureEntry, SignOffEntry, VersionEntry, parse_entry
from archive_core.model.record_type import RecordType
from archive_core.model.retention import CAPTURED, IN_FORCE
from archive_core.model.rows import RecordRow, VersionRow
from archive_core.model.step import Step
from archive_core.records.views import SignOffView, VersionView
from archive_core.retention.schedule import RecordFacts as ScheduleFacts
from archive_core.types.builtin import BUILTIN, FOUNDING, IMPORT_BATCH, PERSON, RECORD_TYPE

_OWN = frozenset(cls.__archive_type__.name for cls in BUILTIN)  # type: ignore[attr-defined]


class LedgerSource:
    """
    Facts of one archive; names and definitions once read are kept, because versions never change.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._reader = archive.ledger.reader
        self._names: dict[int, str] = {}
        self._types: dict[int, RecordType] = {}

    # the Source protocol

    def head(self) -> Head:
        head, config = self._reader.head(), self._archive.config
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

    def numbers(self, types: frozenset[str] | None = None) -> Iterator[int]:
        names: Sequence[str | None] = [None] if types is None else sorted(types)
        found = [row.record for name in names for row in self._reader.records(name)]
        return iter(sorted(found))

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
        views = self._archive.views.history(number)
        versions = tuple(self._version(view) for view in views)
        return RecordFacts(
            record=number,
            type=row.type,
            key=row.key or "",
            versions=versions,
            signoffs=tuple(self._signoff(view, sign) for view in views for sign in view.signoffs),
            erasures=tuple(self._erasures(views)),
            kept=self._kept(versions),
        )

    def _version(self, view: VersionView) -> VersionFacts:
        declared = self._archive.definitions.of(view.type, view.type_version)
        return VersionFacts(
            version=view.version, seq=view.seq, state=view.state.value, at=view.at, by=view.by, declared=declared,
            fields=None if view.erased else view.fields, by_name=self._name_at(view.by, view.at),
            reason=view.reason, provenance=view.provenance or None, gaps=tuple(view.gaps), raw=view.raw or None,
            warnings=view.warnings, in_force_from=view.in_force_from, in_force_to=view.in_force_to,
            withdrawn=view.withdrawn, batch=view.batch, leaf=view.leaf_hash.hex(),
            steps=tuple(_step(declared, bound) for bound in view.steps),
        )  # fmt: skip

    def _signoff(self, view: VersionView, sign: SignOffView) -> SignoffFacts:
        return SignoffFacts(
            seq=sign.seq, version=view.version, step=sign.step, role=sign.role, meaning_zh=sign.meaning_zh,
            meaning_en=sign.meaning_en, decision=sign.decision, by=sign.by, name=sign.name_zh,
            name_en=sign.name_en, at=sign.at, key_id=sign.key.hex(), note=sign.reason,
        )  # fmt: skip

    def _erasures(self, views: Sequence[VersionView]) -> Iterator[ErasureFacts]:
        for view in views:
            seq = self._reader.erased_by(view.seq)
            entry = parse_entry(self._reader.leaf(seq) or b"") if seq is not None else None
            if seq is not None and isinstance(entry, ErasureEntry):
                yield ErasureFacts(
                    seq=seq, version=view.version, at=entry.at, by=entry.by, disposition=entry.disposition
                )

    def _kept(self, versions: Sequence[VersionFacts]) -> Kept:
        """Return until when the version in force must be kept; a record without one is not yet counted."""
        standing = next((version for version in versions if version.state == STANDS), None)
        if standing is None or standing.fields is None:
            return Kept(retention="none")
        facts = ScheduleFacts(dict(standing.fields), self._days(versions[0], standing))
        verdict = standing.declared.retention.judge(facts)
        if verdict.permanent:
            return Kept(retention="permanent")
        if verdict.keep_until is None or verdict.eligible is None:
            return Kept(retention="unknown")
        return Kept(retention="until", keep_until=verdict.keep_until.isoformat(), eligible=verdict.eligible.isoformat())

    def _days(self, first: VersionFacts, standing: VersionFacts) -> Mapping[str, date]:
        zone = self._archive.config.zone
        days = {CAPTURED: local_day(first.at, zone)}
        if standing.in_force_from:
            days[IN_FORCE] = local_day(standing.in_force_from, zone)
        return days

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
        version = self._reader.version_in_force(person, at) or self._reader.version(person, 1)
        if version is None:
            return ""
        if version.seq not in self._names:
            content = version_content(self._reader, version.seq)
            self._names[version.seq] = str(content.fields.get("name_zh", "")) if content else ""
        return self._names[version.seq]

    def _time_of(self, seq: int) -> str:
        return parse_entry(self._reader.leaf(seq) or b"").at


def _step(declared: RecordType, bound: BoundStep) -> Step:
    named = next((step for step in (*declared.sign_off, FOUNDING) if step.name == bound.step), None)
    zh = named.zh if named else bound.meaning
    return Step(bound.step, role=bound.role, zh=zh, en=bound.meaning, count=bound.count, not_by=bound.not_by)


def _roles(grants: Json) -> Iterator[str]:
    for grant in grants if isinstance(grants, list) else []:
        if isinstance(grant, dict):
            span = [str(grant.get("since") or ""), str(grant.get("until") or "")]
            yield str(grant["role"]) + (f" ({span[0]}/{span[1]})" if any(span) else "")
