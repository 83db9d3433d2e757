"""
Write facts into a room: one record at a time over what is there, or many into an empty file.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs
from sqlite_utils import Database

from archive_core.canonical import encode_trusted
from archive_core.inspection.facts import CheckpointFacts, PersonFacts, RecordFacts, TypeFacts
from archive_core.inspection.profile import Profile
from archive_core.inspection.rows import (
    Cell,
    Row,
    attachment_rows,
    due_rows,
    erasure_rows,
    facet_values,
    line_rows,
    pack_words,
    record_row,
    ref_rows,
    search_row,
    signoff_rows,
    typed_row,
    unpack_words,
    version_rows,
)
from archive_core.inspection.schema import FTS_COLUMNS, PER_RECORD, columns_of, insert_statement
from archive_core.inspection.shape import LINE_COLUMNS, ROW_COLUMNS, Shape

Facet = tuple[str, str, str]
_FTS_INSERT = insert_statement("record_fts", ("rowid", *FTS_COLUMNS))
_FTS_FORGET = insert_statement("record_fts", ("record_fts", "rowid", *FTS_COLUMNS))
_COUNT = (
    "insert into facet_count (type, field, value, count) values (?, ?, ?, ?)"
    " on conflict (type, field, value) do update set count = count + excluded.count"
)


@attrs.frozen
class RoomWriter:
    """
    Rows in, nothing out; the caller holds the transaction. `shapes` by type name.
    """

    db: Database
    profile: Profile
    shapes: Mapping[str, Shape]
    tally: Counter[Facet] = attrs.field(factory=Counter)

    def add(self, batch: Sequence[RecordFacts]) -> None:
        """Insert records that the room does not hold yet, without their words."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for facts in batch:
            for table, row in self._rows(facts):
                rows[table].append(row)
            self.tally.update(facet_values(facts, self.shapes[facts.type]))
        self._add_definitions(batch)
        for table, found in rows.items():
            self.db.conn.executemany(insert_statement(table, self._columns(table)), found)

    def add_words(self, batch: Iterable[RecordFacts], titles: Mapping[int, str]) -> None:
        """Insert the words of records into the search index."""
        words = [(facts.record, search_row(facts, self.profile, titles)) for facts in batch]
        self.db.conn.executemany(_FTS_INSERT, [(number, *found) for number, found in words])
        kept = [(number, pack_words(found)) for number, found in words]
        self.db.conn.executemany(insert_statement("record_words", columns_of("record_words")), kept)

    def remove(self, number: int) -> None:
        """Forget a record; nothing happens where the room does not hold it."""
        found = self.db.execute("select type, state from records where record = ?", (number,)).fetchone()
        if found is None:
            return
        self.forget_words(number)
        shape = self.shapes[found[0]]
        self.tally.subtract(self._counted(number, *found))
        for table in (shape.table, *(child.name for child in shape.lines), *PER_RECORD):
            self.db.execute(f'delete from "{table}" where record = ?', (number,))

    def forget_words(self, number: int) -> None:
        found = self.db.execute("select words from record_words where record = ?", (number,)).fetchone()
        if found is not None:
            self.db.execute(_FTS_FORGET, ("delete", number, *unpack_words(found[0])))
            self.db.execute("delete from record_words where record = ?", (number,))

    def write_counts(self) -> None:
        """Add the tally to the facet counts and empty it; a count of nought leaves no row."""
        changed = [(*facet, count) for facet, count in sorted(self.tally.items()) if count]
        self.db.conn.executemany(_COUNT, changed)
        self.db.execute("delete from facet_count where count = 0")
        self.tally.clear()

    def write_people(self, people: Iterable[PersonFacts]) -> None:
        rows: list[Row] = [
            (p.record, p.username, p.name, p.name_en, ", ".join(p.roles), p.status, p.key_id) for p in people
        ]
        self._replace("people", rows)

    def write_checkpoints(self, checkpoints: Iterable[CheckpointFacts]) -> None:
        """Add checkpoints that the room does not hold yet; a checkpoint never changes."""
        rows = [(c.size, c.root, c.at, c.note) for c in checkpoints]
        self.db.conn.executemany(insert_statement("checkpoints", columns_of("checkpoints")), rows)

    def last_checkpoint(self) -> int:
        found: tuple[int] = self.db.execute("select coalesce(max(size), -1) from checkpoints").fetchone()
        return found[0]

    def holds_any(self, type_name: str, numbers: Sequence[int]) -> bool:
        """Return whether any of the records is of the type."""
        wanted = encode_trusted(list(numbers)).decode()
        sql = "select 1 from records where type = ? and record in (select value from json_each(?)) limit 1"
        return self.db.execute(sql, (type_name, wanted)).fetchone() is not None

    def write_types(self, types: Iterable[TypeFacts]) -> None:
        self._replace("types", type_rows(types))

    def write_meta(self, values: Mapping[str, str]) -> None:
        self.db.conn.executemany("insert or replace into meta values (?, ?)", sorted(values.items()))

    def _replace(self, table: str, rows: list[Row]) -> None:
        self.db.execute(f'delete from "{table}"')
        self.db.conn.executemany(insert_statement(table, columns_of(table)), rows)

    def _rows(self, facts: RecordFacts) -> Iterator[tuple[str, Row]]:
        shape = self.shapes[facts.type]
        yield "records", record_row(facts, self.profile)
        yield shape.table, typed_row(facts, shape, self.profile)
        yield from line_rows(facts, shape)
        yield from (("versions", row) for row in version_rows(facts, self.profile))
        yield from (("signoffs", row) for row in signoff_rows(facts))
        yield from (("refs", row) for row in ref_rows(facts, self.profile))
        yield from (("attachments", row) for row in attachment_rows(facts, self.profile))
        yield from (("erasures", row) for row in erasure_rows(facts))
        yield from (("due", row) for row in due_rows(facts))

    def _add_definitions(self, batch: Sequence[RecordFacts]) -> None:
        used = {(v.declared.name, v.declared.version): v.declared for facts in batch for v in facts.versions}
        self.db.conn.executemany(
            "insert or ignore into type_versions values (?, ?, ?)",
            [(*name, encode_trusted(declared.to_json()).decode()) for name, declared in used.items()],
        )

    def _columns(self, table: str) -> tuple[str, ...]:
        for shape in self.shapes.values():
            if table == shape.table:
                return (*ROW_COLUMNS, *(column.name for column in shape.columns))
            for child in shape.lines:
                if table == child.name:
                    return (*LINE_COLUMNS, *(column.name for column in child.columns))
        return columns_of(table)

    def _counted(self, number: int, type_name: str, state: str) -> Iterator[Facet]:
        yield type_name, "state", state
        shape = self.shapes[type_name]
        names = [column.name for column in shape.facets]
        if not names:
            return
        wanted = ", ".join(f'"{name}"' for name in names)
        cells: tuple[Cell, ...] = self.db.execute(
            f'select {wanted} from "{shape.table}" where record = ?', (number,)
        ).fetchone()
        yield from ((type_name, name, str(cell)) for name, cell in zip(names, cells, strict=True) if cell is not None)


def type_rows(types: Iterable[TypeFacts]) -> list[Row]:
    """Return the rows of `types`, by name; a definition names masked fields, because hiding that they exist lies."""
    return [_type_row(found) for found in sorted(types, key=lambda found: found.declared.name)]


def _type_row(found: TypeFacts) -> Row:
    declared = found.declared
    definition = encode_trusted(declared.to_json()).decode()
    return (
        declared.name, declared.version, declared.zh, declared.en, found.record, int(found.builtin), definition,
    )  # fmt: skip
