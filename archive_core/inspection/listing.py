"""
Lists of records: search, narrowing by facets, paging; newest first, because that never has to sort.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from datasette import NotFound  # type: ignore[import-untyped]

from archive_core.clock import day_end
from archive_core.inspection.reading import Kind, Room, Row
from archive_core.inspection.rows import kind_word
from archive_core.inspection.search import match_query
from archive_core.inspection.shape import Shape, shape_of

PAGE = 50
COUNTED = 10_000
FACET_VALUES = 12
FACET_MS = 500
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


@attrs.frozen(kw_only=True)
class Query:
    """
    What was asked for: words, chosen facet values by column, an upper bound of the record number for paging;
    `is_wide` when counting is known to take too long.
    """

    words: str = ""
    chosen: Mapping[str, str] = attrs.field(factory=dict)
    before: int | None = None
    is_wide: bool = False

    @property
    def is_plain(self) -> bool:
        return not self.words.strip() and not self.chosen


@attrs.frozen
class Facet:
    """One way to narrow: the column, its values with counts (None: not counted in time), the value chosen."""

    column: str
    values: tuple[tuple[str, int | None], ...]
    chosen: str | None

    @property
    def is_counted(self) -> bool:
        return all(count is not None for _, count in self.values)


@attrs.frozen(kw_only=True)
class Page:
    """One page of a list; `total` counts to 10 000 only, `next` bounds the following page."""

    rows: tuple[Row, ...]
    total: int
    is_capped: bool
    facets: tuple[Facet, ...]
    next: int | None


@attrs.frozen
class Listing:
    """
    A list of one type, or of all where `kind` is None.
    """

    room: Room
    kind: Kind | None
    masks: bool

    @property
    def shape(self) -> Shape | None:
        return shape_of(self.kind.declared, masking=self.masks) if self.kind else None

    @property
    def facet_columns(self) -> tuple[str, ...]:
        own = tuple(column.name for column in self.shape.facets) if self.shape else ("type",)
        return ("state", *own)

    async def page(self, query: Query) -> Page:
        found = await self._rows(query)
        total = await self._total(query)
        return Page(
            rows=tuple(found[:PAGE]),
            total=min(total, COUNTED),
            is_capped=total > COUNTED,
            facets=await self._facets(query),
            next=found[PAGE - 1]["record"] if len(found) > PAGE else None,
        )

    async def _rows(self, query: Query) -> list[Row]:
        source, params = self._source(query)
        bound = " and t.record < :before" if query.before is not None else ""
        order = "f.rowid" if query.words.strip() else "t.record"
        sql = f"select r.* from {source}{bound} order by {order} desc limit {PAGE + 1}"
        return await self.room.rows(sql, {**params, "before": query.before})

    async def _total(self, query: Query) -> int:
        if query.is_plain and self.kind:
            return self.kind.total
        source, params = self._source(query)
        sql = f"select count(*) as n from (select 1 from {source} limit {COUNTED + 1})"
        found = await self.room.rows_in_time(sql, params, FACET_MS)
        return int(found[0]["n"]) if found else COUNTED + 1

    async def _facets(self, query: Query) -> tuple[Facet, ...]:
        """Count facet by facet; once one takes too long, the others are not counted either."""
        found: list[Facet] = []
        for column in self.facet_columns:
            in_time = all(facet.is_counted for facet in found)
            found.append(await self._facet(column, query if in_time else attrs.evolve(query, is_wide=True)))
        return tuple(found)

    async def _facet(self, column: str, query: Query) -> Facet:
        others = attrs.evolve(query, chosen={name: v for name, v in query.chosen.items() if name != column})
        chosen = query.chosen.get(column)
        if others.is_plain:
            return Facet(column, await self._known(column), chosen)
        source, params = self._source(others)
        sql = (
            f'select t."{column}" as value, count(*) as n from {source} and t."{column}" is not null'
            f" group by 1 order by 2 desc, 1 limit {FACET_VALUES}"
        )
        found = None if query.is_wide else await self.room.rows_in_time(sql, params, FACET_MS)
        if found is None:
            return Facet(column, tuple((value, None) for value, _ in await self._known(column)), chosen)
        return Facet(column, tuple((str(row["value"]), row["n"]) for row in found), chosen)

    async def _known(self, column: str) -> tuple[tuple[str, int | None], ...]:
        """Return the values of a column over the whole list, from the counts that the projector keeps."""
        value, where = ("type", "field = 'state'") if column == "type" else ("value", "field = :field")
        if self.kind:
            where += " and type = :type"
        sql = (
            f"select {value} as value, sum(count) as n from facet_count where {where}"
            f" group by 1 order by 2 desc, 1 limit {FACET_VALUES}"
        )
        found = await self.room.rows(sql, {"field": column, "type": self._name})
        return tuple((str(row["value"]), int(row["n"])) for row in found)

    @property
    def _name(self) -> str:
        return self.kind.declared.name if self.kind else ""

    def _source(self, query: Query) -> tuple[str, dict[str, Any]]:
        """Return FROM and WHERE: `t` holds the facet columns, `r` the record, `f` the words."""
        params: dict[str, Any] = {f"v_{column}": value for column, value in query.chosen.items()}
        table = self.shape.table if self.shape else "records"
        source = f'"{table}" t cross join records r on r.record = t.record where 1'
        if query.words.strip():
            params["words"] = self._match(query.words)
            source = f'record_fts f cross join "{table}" t on t.record = f.rowid cross join records r'
            source += " on r.record = t.record where record_fts match :words"
        return source + "".join(self._conditions(query)), params

    def _match(self, words: str) -> str:
        sought = match_query(words)
        return f'({sought}) AND kind : "{kind_word(self._name)}"' if self.kind else sought

    def _conditions(self, query: Query) -> Iterator[str]:
        for column in query.chosen:
            yield f' and t."{column}" = :v_{column}'


def read_query(args: Mapping[str, str], columns: tuple[str, ...]) -> Query:
    """Return the query of an address; arguments that are no facet of the list, and bad numbers, are ignored."""
    before = args.get("before", "")
    chosen = {column: args[column] for column in columns if args.get(column)}
    return Query(
        words=args.get("q", ""), chosen=chosen, before=int(before) if before.isdecimal() and len(before) < 16 else None
    )


def read_day(text: str) -> str | None:
    return text if _DAY.match(text) else None


def end_of_day(day: str, zone: ZoneInfo) -> str:
    """
    Return the last entry time of a day.

    Raises:
        NotFound: the calendar has no such day.
    """
    try:
        return day_end(date.fromisoformat(day), zone)
    except ValueError:
        raise NotFound(day) from None
