"""
Records as people read them: one version with its fields and sign-offs, the history, the difference of two versions.
"""

from collections.abc import Iterator

import attrs

from archive_core.canonical import Json
from archive_core.errors import ContentErased, NotInForce, UnknownRecord, UnknownVersion
from archive_core.ledger.contents import entry_at, manifestation, version_content
from archive_core.ledger.contract import Reader
from archive_core.merkle.hashing import leaf_hash
from archive_core.model.content import VersionContent
from archive_core.model.entry import BoundStep, SignOffEntry, VersionEntry
from archive_core.model.lifecycle import State
from archive_core.model.rows import RecordRow, SignOffRow, VersionRow


@attrs.frozen(kw_only=True)
class SignOffView:
    """
    A sign-off as it is shown: who, in which role, with which meaning, when (UTC); names are empty after erasure.
    """

    seq: int
    step: str
    decision: str
    by: int
    at: str
    key: bytes
    username: str
    name_zh: str
    name_en: str
    role: str
    meaning_zh: str
    meaning_en: str
    reason: str


@attrs.frozen(kw_only=True)
class VersionView:
    """
    One version of a record; `fields` is empty and `erased` true after a disposition.
    """

    record: int
    version: int
    seq: int
    type: str
    type_version: int
    key: str
    state: State
    at: str
    by: int
    fields: dict[str, Json]
    reason: str
    gaps: dict[str, str]
    provenance: dict[str, Json]
    raw: dict[str, Json]
    warnings: tuple[str, ...]
    withdrawn: bool
    erased: bool
    effective_from: str | None
    in_force_from: str | None
    in_force_to: str | None
    batch: int | None
    steps: tuple[BoundStep, ...]
    signoffs: tuple[SignOffView, ...]
    leaf_hash: bytes


@attrs.frozen(kw_only=True)
class Change:
    """
    One field that differs between two versions, by path; None where it was absent.
    """

    path: str
    old: Json
    new: Json


class RecordViews:
    """
    Reads records of any type, whether its plugin is installed or not.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def record(self, record: int) -> RecordRow:
        """
        Return the index row of a record.

        Raises:
            UnknownRecord: there is none.
        """
        row = self._reader.record(record)
        if row is None:
            raise UnknownRecord(str(record))
        return row

    def version(self, record: int, version: int) -> VersionView:
        """
        Return one version.

        Raises:
            UnknownRecord, UnknownVersion.
        """
        self.record(record)
        row = self._reader.version(record, version)
        if row is None:
            raise UnknownVersion(record, version)
        return self.view(row)

    def as_of(self, record: int, at: str) -> VersionView:
        """
        Return the version that was in force at a moment.

        Raises:
            UnknownRecord: there is no such record.
            NotInForce: nothing was in force then.
        """
        self.record(record)
        row = self._reader.version_in_force(record, at)
        if row is None:
            raise NotInForce(record, at)
        return self.view(row)

    def history(self, record: int) -> list[VersionView]:
        """
        Return every version, oldest first.

        Raises:
            UnknownRecord: there is no such record.
        """
        self.record(record)
        return [self.view(row) for row in self._reader.versions(record)]

    def in_force(self, type_name: str, at: str) -> Iterator[VersionView]:
        """
        Yield the versions of a type in force at a moment, void records left out.
        """
        for record in self._reader.records(type_name):
            row = self._reader.version_in_force(record.record, at)
            if row is not None and not row.withdrawn:
                yield self.view(row)

    def view(self, row: VersionRow) -> VersionView:
        leaf = self._reader.leaf(row.seq)
        entry = entry_at(self._reader, row.seq)
        if leaf is None or not isinstance(entry, VersionEntry):
            raise UnknownVersion(row.record, row.version)
        content = version_content(self._reader, row.seq, entry)
        return _version_view(row, entry, content, self._signoffs(row), leaf_hash(leaf))

    def _signoffs(self, row: VersionRow) -> tuple[SignOffView, ...]:
        return tuple(self._signoff(mark) for mark in self._reader.signoffs(row.record, row.version))

    def _signoff(self, mark: SignOffRow) -> SignOffView:
        entry = entry_at(self._reader, mark.seq)
        if not isinstance(entry, SignOffEntry):
            raise UnknownVersion(mark.record, mark.version)
        shown = manifestation(self._reader, mark.seq, entry)
        return SignOffView(
            seq=mark.seq,
            step=entry.step,
            decision=entry.decision,
            by=entry.by,
            at=entry.at,
            key=entry.key,
            username=shown.username if shown else "",
            name_zh=shown.name_zh if shown else "",
            name_en=shown.name_en if shown else "",
            role=shown.role if shown else "",
            meaning_zh=shown.meaning_zh if shown else "",
            meaning_en=shown.meaning_en if shown else "",
            reason=shown.reason if shown else "",
        )

    def diff(self, record: int, old: int, new: int) -> list[Change]:
        """
        Return the fields that differ between two versions, in order of their paths.

        Raises:
            UnknownRecord, UnknownVersion.
            ContentErased: one of the contents was destroyed.
        """
        before, after = self.version(record, old), self.version(record, new)
        for view in (before, after):
            if view.erased:
                raise ContentErased(record, view.version)
        return changes(before.fields, after.fields)


def _version_view(
    row: VersionRow,
    entry: VersionEntry,
    content: VersionContent | None,
    signoffs: tuple[SignOffView, ...],
    digest: bytes,
) -> VersionView:
    told = content or VersionContent(fields={})
    return VersionView(
        record=row.record,
        version=row.version,
        seq=row.seq,
        type=entry.type,
        type_version=entry.type_version,
        key=row.key or "",
        state=row.state,
        at=entry.at,
        by=entry.by,
        fields=told.fields,
        reason=told.reason,
        gaps=told.gaps,
        provenance=told.provenance,
        raw=told.raw,
        warnings=told.warnings,
        withdrawn=entry.withdrawn,
        erased=content is None,
        effective_from=entry.effective_from,
        in_force_from=row.in_force_from,
        in_force_to=row.in_force_to,
        batch=row.batch,
        steps=entry.steps,
        signoffs=signoffs,
        leaf_hash=digest,
    )


def changes(old: Json, new: Json, path: str = "$") -> list[Change]:
    """
    Return what differs between two wire values; objects and lists are compared item by item.
    """
    if old == new:
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        names = [*old, *(name for name in new if name not in old)]
        return [change for name in names for change in changes(old.get(name), new.get(name), f"{path}.{name}")]
    if isinstance(old, list) and isinstance(new, list):
        length = max(len(old), len(new))
        padded = [(_item(old, index), _item(new, index), f"{path}[{index}]") for index in range(length)]
        return [change for before, after, place in padded for change in changes(before, after, place)]
    return [Change(path=path, old=old, new=new)]


def _item(values: list[Json], index: int) -> Json:
    return values[index] if index < len(values) else None
