"""
`verify`: re-reads every byte and every rule, collects what does not hold, and says how much a clean result proves.

Promises: nothing is taken from the derived index without comparing it with one rebuilt from the entries; one damaged
entry does not hide another.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Protocol, cast
from zoneinfo import ZoneInfo

from archive_core.canonical import Json, decode_trusted
from archive_core.clock import Clock, format_time
from archive_core.errors import ArchiveError, BlobMissing, StoreError, VerificationError
from archive_core.ledger.contents import version_content
from archive_core.ledger.contract import Journal, Reader
from archive_core.ledger.verify import Progress, check_checkpoints, check_entries, check_tree, journal_notes
from archive_core.merkle.checkpoint import parse_checkpoint
from archive_core.merkle.note import NoteKey, parse_vkey
from archive_core.model.content import VersionContent
from archive_core.model.entry import Entry, VersionEntry
from archive_core.model.fields import FieldSpec, Kind
from archive_core.model.record_type import RecordType
from archive_core.model.rows import StoredContent
from archive_core.model.verification import Assurance, Flaw, Report
from archive_core.records.batches import BatchRoots
from archive_core.signoffs.verify import SignOffAudit
from archive_core.types.builtin import CHARTER, IMPORT_BATCH
from archive_core.types.check import key_text

_MAY_ATTACH = frozenset({Kind.ATTACHMENT, Kind.LINES})
INDEX_TABLES = ("record", "version_at", "signoff_at", "erased")

RebuildIndex = Callable[
    [Iterator[tuple[int, bytes]], Callable[[int, Entry], str | None]], AbstractContextManager[Reader]
]
DefinitionOf = Callable[[str, int], RecordType]


class Blobs(Protocol):
    """
    Where attachments lie.
    """

    def verify(self, digest: str) -> None: ...


class Verification:
    """
    One run over one archive.
    """

    def __init__(
        self,
        reader: Reader,
        *,
        origin: str,
        zone: ZoneInfo,
        journals: list[Journal],
        blobs: Blobs,
        definition_of: DefinitionOf,
        rebuild_index: RebuildIndex,
        clock: Clock,
        progress: Progress,
        card: str = "",
    ) -> None:
        self._reader = reader
        self._origin = origin
        self._zone = zone
        self._journals = journals
        self._blobs = blobs
        self._definition_of = definition_of
        self._rebuild_index = rebuild_index
        self._clock = clock
        self._progress = progress
        self._card = card
        self._flaws: list[Flaw] = []
        self._counts: dict[str, int] = {}
        self._keys: dict[int, str | None] = {}
        self._digests: dict[str, int] = {}
        self._batches = BatchRoots()

    def run(self, alarm: ArchiveError | None = None) -> Report:
        """
        Return the report; `alarm` is what was found at opening.
        """
        head = self._reader.head()
        if alarm is not None:
            self._flaws.append(Flaw(code=alarm.code, en=str(alarm), zh=f"打开时发现：{alarm}"))
        newest = self._tree_and_checkpoints()
        self._entries(head.size)
        self._index(head.size)
        self._attachments()
        return Report(
            size=head.size,
            root=head.root,
            flaws=tuple(self._flaws),
            counts=self._counts,
            assurance=self._assurance(newest, head.size),
            at=format_time(self._clock()),
        )

    def _assurance(self, newest_checkpoint: int, size: int) -> Assurance:
        if self._flaws:
            return Assurance.BROKEN
        return Assurance.SIGNED if newest_checkpoint == size else Assurance.INTACT

    def _tree_and_checkpoints(self) -> int:
        notes = [("ledger.db", size, note) for size, note in self._reader.checkpoints()]
        try:
            notes += journal_notes(self._journals)
        except StoreError as error:
            self._flaws.append(Flaw(code="journal", en=str(error), zh="检查点日志损坏"))
        if self._card:
            notes.append(("your card", card_size(self._card), self._card))
        tree = check_tree(self._reader, [size for _, size, _ in notes], self._progress)
        self._flaws += tree.flaws
        self._counts.update(entries=tree.size, checkpoints=len(notes))
        key = self._checkpoint_key()
        if key is not None:
            self._flaws += check_checkpoints(notes, tree.roots, key, self._origin)
        return max((size for _, size, _ in notes), default=-1)

    def _checkpoint_key(self) -> NoteKey | None:
        try:
            record = self._reader.find(CHARTER, self._origin)
            row = self._reader.record(record) if record is not None else None
            version = self._reader.version(row.record, row.in_force or 1) if row else None
            content = version_content(self._reader, version.seq) if version else None
            if content is not None:
                return parse_vkey(cast(str, content.fields["vkey"]))
        except (ArchiveError, LookupError) as error:
            self._flaws.append(Flaw(code="charter", en=f"the charter cannot be read: {error}", zh="档案章程无法读取"))
            return None
        self._flaws.append(
            Flaw(code="charter", en=f"no charter in force names {self._origin}", zh=f"没有现行章程对应 {self._origin}")
        )
        return None

    def _entries(self, size: int) -> None:
        audit = SignOffAudit(self._reader, self._origin, self._zone)
        self._counts["contents"] = 0

        def visit(seq: int, entry: Entry, leaf: bytes, stored: StoredContent | None) -> None:
            try:
                audit.visit(seq, entry, leaf)
                if isinstance(entry, VersionEntry) and entry.batch is not None:
                    self._batches.add(entry.batch, leaf)
                self._content(seq, entry, stored)
            except VerificationError:
                return  # the content's own flaw is reported by check_entries
            except (ArchiveError, LookupError, ValueError, TypeError) as error:
                what = f"it cannot be read: {type(error).__name__}: {error}"
                self._flaws.append(Flaw(code="entry.unreadable", entry=seq, en=what, zh="无法读取"))

        self._flaws += check_entries(self._reader, size, self._progress, visit)
        self._flaws += audit.flaws
        self._counts["signoffs"] = audit.checked

    def _content(self, seq: int, entry: Entry, stored: StoredContent | None) -> None:
        if not isinstance(entry, VersionEntry) or stored is None:
            return
        content = VersionContent.from_json(cast(dict[str, Json], decode_trusted(stored.body)))
        self._counts["contents"] += 1
        definition = self._definition_of(entry.type, entry.type_version)
        self._keys[seq] = key_text(definition, content.fields)
        if entry.type == IMPORT_BATCH and content.fields.get("status") == "closed":
            self._batch(seq, entry, content.fields)
        for digest in _digests(definition, content.fields):
            self._digests.setdefault(digest, seq)

    def _batch(self, seq: int, entry: VersionEntry, fields: dict[str, Json]) -> None:
        record = seq if entry.record is None else entry.record
        entries, root = self._batches.of(record)
        if (fields.get("entries"), fields.get("root")) != (entries, root):
            self._flaws.append(
                Flaw(
                    code="batch.root",
                    entry=seq,
                    record=record,
                    version=entry.version,
                    en=f"the batch says {fields.get('entries')} entries with root {fields.get('root')}, "
                    f"the ledger has {entries} with root {root}",
                    zh="导入批次的条目数或默克尔根与账本不符",
                )
            )

    def _index(self, size: int) -> None:
        self._progress("index", 0, size)
        with ExitStack() as stack:
            try:
                index = self._rebuild_index(self._reader.leaves(0, size), lambda seq, _: self._keys.get(seq))
                rebuilt = stack.enter_context(index)
            except (ArchiveError, LookupError, TypeError) as error:
                self._flaws.append(Flaw(code="index", en=f"it cannot be rebuilt: {error}", zh="索引无法重建"))
                return
            for table in INDEX_TABLES:
                self._compare(table, self._reader.index_rows(table), rebuilt.index_rows(table))
        self._progress("index", size, size)

    def _compare(self, table: str, stored: Iterator[tuple[object, ...]], rebuilt: Iterator[tuple[object, ...]]) -> None:
        while True:
            found, expected = next(stored, None), next(rebuilt, None)
            if found is None and expected is None:
                return
            if found != expected:
                record = cast(int, (expected or found or (0,))[0])
                self._flaws.append(
                    Flaw(
                        code="index",
                        record=record,
                        en=f"the index table {table} says {found}, the entries say {expected}",
                        zh=f"索引表 {table} 与账本不符",
                    )
                )
                return

    def _attachments(self) -> None:
        self._counts["attachments"] = len(self._digests)
        for done, (digest, seq) in enumerate(sorted(self._digests.items())):
            self._progress("attachments", done, len(self._digests))
            try:
                self._blobs.verify(digest)
            except BlobMissing as error:
                self._flaws.append(
                    Flaw(code="attachment", entry=seq, en=str(error), zh=f"附件 {digest[:12]} 缺失或被改动")
                )


def card_size(card: str) -> int:
    """
    Return the tree size a kept checkpoint states, before its signature is checked.

    Raises:
        CheckpointMalformed: the text is no checkpoint.
    """
    return parse_checkpoint(card.partition("\n\n")[0] + "\n").size


def _digests(definition: RecordType, fields: dict[str, Json]) -> Iterator[str]:
    if definition.name == IMPORT_BATCH:
        yield cast(str, fields["source_sha256"])
    yield from _attached(definition.fields, fields)


def _attached(specs: tuple[FieldSpec, ...], fields: dict[str, Json]) -> Iterator[str]:
    for spec in specs:
        if spec.kind not in _MAY_ATTACH:
            continue
        match spec.kind, fields.get(spec.name):
            case Kind.ATTACHMENT, {"sha256": str(digest)}:
                yield digest
            case Kind.LINES, list(rows):
                for row in rows:
                    yield from _attached(spec.lines, cast(dict[str, Json], row))
