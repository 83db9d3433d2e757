"""
The pages: one function per address, which asks the room, notes what it shows, and fills a template.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any, TypeAlias

from datasette import NotFound, Response  # type: ignore[import-untyped]

from archive_core.clock import format_time, local_day
from archive_core.inspection import doors, record_pages
from archive_core.inspection.listing import Listing, Page, Query, end_of_day, read_day, read_query
from archive_core.inspection.present import Presenter, sources_of
from archive_core.inspection.reading import Kind, Room, Row, Standing
from archive_core.inspection.screen import Screen
from archive_core.inspection.search import Piece, highlight, snippet

View: TypeAlias = Callable[..., Awaitable[Any]]
LATEST = 8
SNIPPETS = 2
LISTED = 50
DUE_ROWS = 100
AHEAD = timedelta(days=90)
OWN_VIEWS = 100
CHAINED = 2000
CHECKPOINTS = 20


async def start(datasette: Any, request: Any) -> Any:
    screen = Screen(datasette, request)
    room = screen.room
    standing, kinds = await room.standing(), await room.kinds()
    today = _today(screen, standing).isoformat()
    latest = await room.latest_changes(LATEST)
    screen.shows(*(row["record"] for row in latest))
    values = {
        "kinds": [kind for kind in kinds if not kind.is_builtin],
        "own_kinds": [kind for kind in kinds if kind.is_builtin],
        "counts": await room.counts_of_due(today),
        "latest": latest,
        "types": {kind.declared.name: kind.declared for kind in kinds},
    }
    return await screen.page("start.html", values)


async def all_records(datasette: Any, request: Any) -> Any:
    return await _list(Screen(datasette, request), None)


async def records_of_type(datasette: Any, request: Any) -> Any:
    screen = Screen(datasette, request)
    kind = await screen.room.kind(request.url_vars["type"])
    if kind is None:
        raise NotFound(request.path)
    day = read_day(screen.arguments.get("as_of", ""))
    return await _list_as_of(screen, kind, day) if day else await _list(screen, kind)


async def search(datasette: Any, request: Any) -> Any:
    """The search box of every page: a whole key opens its record; a number is offered beside what was found."""
    screen = Screen(datasette, request)
    typed = screen.arguments.get("q", "").strip()
    found = await screen.room.rows("select record from records where key = :key and key != '' limit 2", {"key": typed})
    if len(found) == 1:
        return Response.redirect(f"/-/record/{found[0]['record']}")
    number = typed.lstrip("#")
    meant = await screen.room.record(int(number)) if number.isdecimal() and len(number) < 16 else None
    if meant is not None and typed.startswith("#"):
        return Response.redirect(f"/-/record/{meant['record']}")
    return await _list(screen, None, meant)


async def due(datasette: Any, request: Any) -> Any:
    screen = Screen(datasette, request)
    room, standing = screen.room, await screen.room.standing()
    today = _today(screen, standing)
    lists = {
        "falling": await room.falling_due((today + AHEAD).isoformat(), DUE_ROWS),
        "waiting": await room.waiting(DUE_ROWS),
        "reviewable": await room.reviewable(today.isoformat(), DUE_ROWS),
    }
    screen.shows(*(row["record"] for rows in lists.values() for row in rows))
    values = {**lists, "today": today.isoformat(), "types": await _types(room), "limit": DUE_ROWS}
    return await screen.page("due.html", values)


async def types(datasette: Any, request: Any) -> Any:
    screen = Screen(datasette, request)
    return await screen.page("types.html", {"kinds": await screen.room.kinds()})


async def type_page(datasette: Any, request: Any) -> Any:
    screen = Screen(datasette, request)
    kind = await screen.room.kind(request.url_vars["type"])
    if kind is None:
        raise NotFound(request.path)
    values = {"kind": kind, "masks": datasette.setup.profile.masks, "sources": tuple(sources_of(kind.declared.fields))}
    return await screen.page("type.html", values)


async def people(datasette: Any, request: Any) -> Any:
    screen = Screen(datasette, request)
    found = await screen.room.people()
    screen.shows(*(row["record"] for row in found))
    return await screen.page("people.html", {"people": found})


async def checkpoints(datasette: Any, request: Any) -> Any:
    screen = Screen(datasette, request)
    before = read_query(screen.arguments, ()).before
    found = await screen.room.checkpoints(before, CHECKPOINTS + 1)
    shown = found[:CHECKPOINTS]
    following = shown[-1]["size"] if len(found) > CHECKPOINTS else None
    return await screen.page("checkpoints.html", {"checkpoints": shown, "before": before, "next": following})


async def access(datasette: Any, request: Any) -> Any:
    screen = Screen(datasette, request)
    visitor = screen.visit.visitor
    acts = datasette.log.of(visitor.username, OWN_VIEWS) if visitor else []
    values = {"acts": acts, "is_whole": datasette.log.is_whole(CHAINED), "limit": OWN_VIEWS}
    return await screen.page("access.html", values)


async def to_start() -> Any:
    return Response.redirect("/")


async def to_record(datasette: Any, request: Any) -> Any:
    """Datasette's own row pages lead to the record's page; a line item to the record it belongs to."""
    if request.url_vars["table"] not in datasette.tables:
        raise NotFound(request.path)
    return Response.redirect(f"/-/record/{request.url_vars['n']}")


async def missing(request: Any) -> Any:
    raise NotFound(request.path)


async def _list(screen: Screen, kind: Kind | None, meant: Row | None = None) -> Any:
    room, standing = screen.room, await screen.room.standing()
    listing = Listing(room, kind, screen.ds.setup.profile.masks)
    query = read_query(screen.arguments, listing.facet_columns)
    page = await listing.page(query)
    screen.shows(*(row["record"] for row in page.rows))
    show = screen.presenter(standing)
    values = {
        "kind": kind,
        "meant": meant,
        "table_name": listing.shape.table if listing.shape else "",
        "query": query,
        "page": page,
        "items": await _items(room, show, page, query),
        "types": await _types(room),
        "facet_label": _labels(show, listing, page),
    }
    return await screen.page("list.html", values)


async def _list_as_of(screen: Screen, kind: Kind, day: str) -> Any:
    """The records of a type as they were in force at the end of a day, each under its definition of that time."""
    room, standing = screen.room, await screen.room.standing()
    show, before = screen.presenter(standing), read_query(screen.arguments, ()).before
    found = await room.in_force_at(kind.declared.name, end_of_day(day, standing.zone), before, LISTED + 1)
    rows = [await _item_as_of(room, show, row) for row in found[:LISTED]]
    screen.shows(*(row["record"] for row in rows))
    following = rows[-1]["record"] if len(found) > LISTED else None
    return await screen.page("as_of.html", {"kind": kind, "day": day, "rows": rows, "next": following})


async def _item_as_of(room: Room, show: Presenter, row: Row) -> Row:
    declared = await room.definition(row["type"], row["type_version"])
    return {**row, "facts": show.summary(declared, json.loads(row["content"] or "{}"))}


async def _items(room: Room, show: Presenter, page: Page, query: Query) -> list[Row]:
    contents = await room.shown_contents([row["record"] for row in page.rows])
    declared = await _types(room)
    items = [_item(row, show, contents, declared) for row in page.rows]
    names = await room.names([fact.target for item in items for fact in item["facts"] if fact.target is not None])
    return [{**item, "names": names, **_hits(item, show, query.words, names)} for item in items]


def _item(row: Row, show: Presenter, contents: dict[int, Row], declared: dict[str, Any]) -> Row:
    kind, content = declared[row["type"]], contents.get(row["record"], {}).get("fields", {})
    return {**row, "declared": kind, "content": content, "facts": show.summary(kind, content)}


def _hits(item: Row, show: Presenter, words: str, names: dict[int, Row]) -> Row:
    """Return key and title with the words marked, and where else in the record they stand."""
    return {
        "key_pieces": highlight(item["key"] or "", words),
        "title_pieces": highlight(item["title"] or "", words),
        "snippets": () if _says_all(item, words) else _snippets(item, show, words, names),
    }


def _says_all(item: Row, words: str) -> bool:
    """True where key and title together show every word already, or nothing was looked for."""
    heading = f"{item['key']} {item['title']}"
    return all(any(piece.hit for piece in highlight(heading, word)) for word in words.split())


def _snippets(item: Row, show: Presenter, words: str, names: dict[int, Row]) -> tuple[tuple[str, Any], ...]:
    """Return the best places, at most two, by label; a text that key, title or facts show already is none."""
    texts = dict.fromkeys(show.texts(item["declared"].fields, item["content"]))
    texts.update(
        dict.fromkeys((fact.label, names[fact.target]["title"]) for fact in item["facts"] if fact.target in names)
    )
    cut = ((label, snippet(text, words)) for label, text in texts if text not in {item["title"], item["key"]})
    found = sorted(((label, pieces) for label, pieces in cut if pieces), key=lambda hit: -_marked(hit[1]))
    return tuple(found[:SNIPPETS])


def _marked(pieces: tuple[Piece, ...]) -> int:
    return sum(len(piece.text) for piece in pieces if piece.hit)


def _labels(show: Presenter, listing: Listing, page: Page) -> dict[str, Any]:
    """Return for every facet column its label, and how its values are written."""
    shape = listing.shape
    columns = {column.name: column.field for column in shape.facets} if shape else {}
    return {
        facet.column: {
            "label": show.labels(columns[facet.column])[0] if facet.column in columns else "",
            "texts": {value: _facet_text(show, columns.get(facet.column), value) for value, _ in facet.values},
            "chosen": _facet_text(show, columns.get(facet.column), facet.chosen or ""),
        }
        for facet in page.facets
    }


def _facet_text(show: Presenter, field: Any, value: str) -> str:
    if field is None:
        return value
    return show.text(field, value == "1") if field.kind == "yes_no" else show.text(field, value)


async def _types(room: Room) -> dict[str, Any]:
    return {kind.declared.name: kind.declared for kind in await room.kinds()}


def _today(screen: Screen, standing: Standing) -> date:
    return local_day(format_time(screen.ds.setup.clock()), standing.zone)


ROUTES: tuple[tuple[str, View], ...] = (
    (r"^/$", start),
    (r"^/-/login$", doors.login),
    (r"^/-/logout$", doors.logout),
    (r"^/-/missing$", missing),
    (r"^/-/records$", all_records),
    (r"^/-/records/(?P<type>[a-z0-9_]+)$", records_of_type),
    (r"^/-/search$", search),
    (r"^/-/record/(?P<n>\d+)$", record_pages.record),
    (r"^/-/record/(?P<n>\d+)/v/(?P<v>\d+)$", record_pages.version),
    (r"^/-/record/(?P<n>\d+)/diff/(?P<a>\d+)/(?P<b>\d+)$", record_pages.diff),
    (r"^/-/record/(?P<n>\d+)/file/(?P<sha>[0-9a-f]{64})$", record_pages.file),
    (r"^/-/due$", due),
    (r"^/-/types$", types),
    (r"^/-/type/(?P<type>[a-z0-9_]+)$", type_page),
    (r"^/-/people$", people),
    (r"^/-/checkpoints$", checkpoints),
    (r"^/-/access$", access),
    (r"^/room$", to_start),
    (r"^/room/(?P<table>[a-z0-9_]+)/(?P<n>\d+)(,\d+)?$", to_record),
)
