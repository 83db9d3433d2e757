"""
The judge: one row in, one outcome out. Check and run ask the same judge; nothing here writes.

Order of questions: is it a row at all (blank, total)? Has it the width of the table? Does it repeat an earlier row
cell by cell? Can every cell be read? Do type, rules and plugins accept it? Has its key been met, in the file or in
the archive?
"""

from collections.abc import Callable, Mapping
from hashlib import blake2b

import attrs

from archive_core.canonical import Json, encode_trusted
from archive_core.importing.draft import Draft, Drafter, RowFinding, missing
from archive_core.importing.outcome import Judged, Outcome
from archive_core.importing.plan import Plan
from archive_core.importing.rows import Cell, Row, cell_text
from archive_core.importing.rules import finding
from archive_core.importing.tables import is_total
from archive_core.importing.text_table import TextSource
from archive_core.model.fields import Kind
from archive_core.model.finding import Finding, Severity
from archive_core.records.proposing import Proposal, Statement

_DIGEST = 16
# Takes the place of a key that is made when the row is written, because only then its batch has a number.
PLACEHOLDER = "LEGACY-0-0"


@attrs.frozen(kw_only=True)
class OnFile:
    """
    A live record that a row met, as its newest version is: `waiting` while that one is not signed off, `batch` where an
    import brought it. `same_row`: this very row of this very source became the record in an earlier run.
    """

    record: int
    version: int
    fields: dict[str, Json]
    waiting: bool
    batch: int | None = None
    same_row: bool = False


@attrs.frozen(kw_only=True)
class Shelf:
    """
    What the judge may ask of the archive.

    Args:
        propose: judges a statement by type, rules and plugins.
        key_text: the business key of fields as one text.
        by_key: the live record under a business key.
        by_row: the live record that this row of this source became in an earlier run.
        batch: record number of an interrupted batch that is being resumed.
    """

    propose: Callable[[Statement], Proposal]
    key_text: Callable[[Mapping[str, Json]], str]
    by_key: Callable[[str], OnFile | None]
    by_row: Callable[[int], OnFile | None]
    batch: int | None = None


class Judge:
    """
    Judges the rows of one plan in order; remembers about a third of a kilobyte for every row.
    """

    def __init__(self, plan: Plan, shelf: Shelf) -> None:
        self.shelf = shelf
        self._plan = plan
        self._drafter = Drafter(plan)
        self._declared = frozenset(plan.mapping.gaps)
        self._seen: dict[bytes, int] = {}
        self._keys: dict[bytes, tuple[int, bytes]] = {}
        self._missing_key = self._key_to_make()
        self._key_made = finding("key_made")
        self._has_references = any(spec.kind in (Kind.REF, Kind.LINES) for spec in plan.record_type.fields)

    def judge(self, row: Row) -> Judged:
        """
        Return the outcome of one row below the titles.
        """
        if row.blank:
            return self._without(row, Outcome.SKIPPED, finding("blank_row"))
        if self._plan.mapping.source.total_rows == "skip" and is_total(row):
            return self._without(row, Outcome.SKIPPED, finding("total_row"))
        if self._repeats_titles(row):
            return self._without(row, Outcome.SKIPPED, finding("repeated_titles"))
        if self._odd_width(row):
            found = finding("row_width", found=len(row.cells), expected=self._plan.table.width)
            return self._without(row, Outcome.REJECTED, found)
        first = self._first_like(row)
        draft = self._drafter.draft(row)
        if first is not None:
            judged = self._without(row, Outcome.DUPLICATE, finding("identical_row", first=first))
            return attrs.evolve(judged, fields=draft.fields)
        return self._judge_draft(draft)

    def _without(self, row: Row, outcome: Outcome, found: Finding) -> Judged:
        return Judged(row=row, number=self._number(row), outcome=outcome, findings=(self._drafter.place(row, found),))

    def _repeats_titles(self, row: Row) -> bool:
        titles = self._plan.table.header
        return row.cells[: len(titles)] == titles

    def _odd_width(self, row: Row) -> bool:
        width = self._plan.table.width + (0 if self._plan.original_row is None else 4)
        if any(cell_text(cell).strip() for cell in row.cells[width:]):
            return True
        return isinstance(self._plan.source, TextSource) and len(row.cells) < width

    def _first_like(self, row: Row) -> int | None:
        if self._plan.mapping.identical != "duplicate":
            return None
        digest = _digest("\x1f".join(_typed(cell) for cell in row.cells[: self._plan.table.width]).encode())
        first = self._seen.setdefault(digest, row.number)
        return None if first == row.number else first

    # -- good cells --

    def _judge_draft(self, draft: Draft) -> Judged:
        gaps = tuple(name for name in self._plan.mapping.gaps if name not in draft.fields)
        findings = draft.findings + self._unfilled(draft)
        if any(found.finding.refuses for found in findings):
            return self._rejected(draft, findings, gaps)
        fields, made_key, on_file = self._with_key(draft)
        proposal = self._propose(fields, on_file)
        findings += tuple(self._drafter.place(draft.row, self._softened(found)) for found in proposal.findings)
        if made_key:
            findings += (self._drafter.place(draft.row, self._key_made),)
        if any(found.finding.refuses for found in findings):
            return self._rejected(draft, findings, gaps)
        judged = Judged(
            row=draft.row, number=self._number(draft.row), outcome=Outcome.CREATED, findings=findings,
            fields=proposal.fields, proposal=proposal, raw=draft.raw, kept=draft.kept, gaps=gaps,
            made_key=made_key,
        )  # fmt: skip
        return self._met(judged, proposal, on_file)

    def _number(self, row: Row) -> int:
        index = self._plan.original_row
        text = cell_text(row.cells[index]) if index is not None and index < len(row.cells) else ""
        return int(text) if text.isdigit() else row.number

    def _unfilled(self, draft: Draft) -> tuple[RowFinding, ...]:
        # A cell that could not be read has its own finding; that the field is empty then needs no second one.
        told = {found.finding.path.removeprefix("$.").partition("[")[0] for found in draft.findings}
        return tuple(
            self._drafter.place(draft.row, missing(spec.name))
            for spec in self._plan.record_type.fields
            if spec.required
            and spec.name not in draft.fields
            and spec.name not in self._declared
            and spec.name not in told
        )

    def _rejected(self, draft: Draft, findings: tuple[RowFinding, ...], gaps: tuple[str, ...]) -> Judged:
        return Judged(
            row=draft.row,
            number=self._number(draft.row),
            outcome=Outcome.REJECTED,
            findings=findings,
            fields=draft.fields,
            gaps=gaps,
        )

    def _propose(self, fields: dict[str, Json], on_file: OnFile | None) -> Proposal:
        statement = Statement(
            type=self._plan.record_type.name,
            fields=fields,
            record=on_file.record if on_file else None,
            batch=self.shelf.batch or 0,
            gaps=dict.fromkeys(self._plan.mapping.gaps, ""),
        )
        return self.shelf.propose(statement)

    def _softened(self, found: Finding) -> Finding:
        if found.refuses and found.rule in self._plan.mapping.warn:
            return attrs.evolve(found, severity=Severity.WARNING)
        return found

    # -- keys --

    def _key_to_make(self) -> str:
        for name in self._plan.record_type.key:
            spec = self._plan.record_type.field(name)
            if name in self._declared and spec is not None and spec.kind is Kind.TEXT:
                return name
        return ""

    def _with_key(self, draft: Draft) -> tuple[dict[str, Json], str, OnFile | None]:
        name = self._missing_key
        earlier = self.shelf.by_row(self._number(draft.row))
        if not name or name in draft.fields:
            return draft.fields, "", earlier or self.shelf.by_key(self.shelf.key_text(draft.fields))
        made = earlier.fields.get(name) if earlier is not None else PLACEHOLDER
        return {**draft.fields, name: made}, name, earlier

    def _met(self, judged: Judged, proposal: Proposal, on_file: OnFile | None) -> Judged:
        if not judged.made_key:
            repeated = self._repeated(judged, proposal)
            if repeated is not None:
                return repeated
        if on_file is None:
            return judged
        if on_file.batch is not None and on_file.batch == self.shelf.batch:
            outcome = Outcome.CREATED if on_file.version == 1 else Outcome.AMENDED
            return attrs.evolve(judged, outcome=outcome, record=on_file.record, written=True)
        return self._compared(judged, proposal, on_file)

    def _repeated(self, judged: Judged, proposal: Proposal) -> Judged | None:
        content = _digest(encode_trusted(self._comparable(proposal.fields)))
        number = judged.row.number
        first, seen = self._keys.setdefault(_digest(proposal.key.encode()), (number, content))
        if first == number:
            return None
        if seen == content:
            note = self._drafter.place(judged.row, finding("identical_row", first=first))
            return attrs.evolve(judged, outcome=Outcome.DUPLICATE, findings=(*judged.findings, note))
        note = self._drafter.place(judged.row, finding("key_repeated", key=proposal.key, first=first))
        return attrs.evolve(judged, outcome=Outcome.REJECTED, findings=(*judged.findings, note))

    def _compared(self, judged: Judged, proposal: Proposal, on_file: OnFile) -> Judged:
        met = attrs.evolve(judged, record=on_file.record, version=on_file.version)
        if self._comparable(on_file.fields) == self._comparable(proposal.fields):
            return attrs.evolve(met, outcome=Outcome.UNCHANGED)
        if on_file.same_row and on_file.batch is None:
            return self._noted(met, Outcome.SKIPPED, finding("amended_since", record=on_file.record))
        policy, key, record = self._plan.mapping.existing, proposal.key, on_file.record
        if policy == "skip":
            return self._noted(met, Outcome.SKIPPED, finding("key_kept", key=key, record=record))
        if policy == "amend" and not on_file.waiting:
            return attrs.evolve(met, outcome=Outcome.AMENDED)
        rule = "proposal_waiting" if policy == "amend" else "key_exists"
        return self._noted(met, Outcome.REJECTED, finding(rule, key=key, record=record))

    def _comparable(self, fields: dict[str, Json]) -> Json:
        return without_numbers(fields) if self._has_references else fields

    def _noted(self, judged: Judged, outcome: Outcome, found: Finding) -> Judged:
        placed = self._drafter.place(judged.row, found)
        return attrs.evolve(judged, outcome=outcome, findings=(*judged.findings, placed))


def without_numbers(value: Json) -> Json:
    """
    Return fields without the record numbers of references: a partner who came on file since does not change a row.
    """
    if isinstance(value, dict):
        if set(value) == {"key", "record"}:
            return {"key": value["key"]}
        return {name: without_numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without_numbers(item) for item in value]
    return value


def _typed(cell: Cell) -> str:
    return cell if isinstance(cell, str) else f"{type(cell).__name__}\x1e{cell!r}"


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=_DIGEST).digest()
