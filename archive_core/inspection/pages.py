"""
The pages: one function per address, which asks the room, notes what it shows, and fills a template.
"""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any, TypeAlias

from datasette import NotFound, Response  # type: ignore[import-untyped]

from archive_core.clock import format_time, local_day
from archive_core.inspection import doors, record_pages
from archive_core.inspection.listing import Listing, Page, Query, read_query
from archive_core.inspection.present import Presenter
from archive_core.inspection.reading import Kind, Room, Row, Standing
from archive_core.inspection.screen import Screen
from archive_core.inspection.search import Piece, highlight, snippet

View: TypeAlias = Callable[..., Awaitable[Any]]
LATEST = 8
DUE_ROWS = 100
AHEAD = timedelta(days=90)
OWN_VIEWS = 200
CHECKPOINTS = 100


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
    return await _list(screen, kind)


async def search(datasette: Any, request: Any) -> Any:
    """The search box of every page: one record whose number or key is meant is opened at once."""
    screen = Screen(datasette, request)
    typed = screen.arguments.get("q", "").strip()
    number = int(typed) if typed.isdecimal() and len(typed) < 16 else -1
    found = await screen.room.rows(
        "select record from records where record = :n or (key = :key and key != '') limit 2",
        {"n": number, "key": typed},
    )
    if len(found) == 1 and not screen.arguments.get("type"):
        return Response.redirect(f"/-/record/{found[0]['record']}")
    return await _list(screen, None)


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
    return await screen.page("type.html", {"kind": kind, "masks": datasette.setup.profile.masks})


async def people(datasette: Any, request: Any) -> Any:
    screen = Screen(datasette, request)
    found = await screen.room.people()
    screen.shows(*(row["record"] for row in found))
    return await screen.page("people.html", {"people": found})


async def checkpoints(datasette: Any, request: Any) -> Any:
    screen = Screen(datasette, request)
    return await screen.page("checkpoints.html", {"checkpoints": await screen.room.checkpoints(CHECKPOINTS)})


async def access(datasette: Any, request: Any) -> Any:
    screen = Screen(datasette, request)
    visitor = screen.visit.visitor
    acts = datasette.log.of(visitor.username, OWN_VIEWS) if visitor else []
    return await screen.page("access.html", {"acts": acts, "is_whole": datasette.log.is_whole(), "limit": OWN_VIEWS})


async def to_start() -> Any:
    return Response.redirect("/")


async def to_record(datasette: Any, request: Any) -> Any:
    """Datasette's own row pages lead to the record's page; a line item to the record it belongs to."""
    if request.url_vars["table"] not in datasette.tables:
        raise NotFound(request.path)
    return Response.redirect(f"/-/record/{request.url_vars['n']}")


async def missing(request: Any) -> Any:
    raise NotFound(request.path)


async def _list(screen: Screen, kind: Kind | None) -> Any:
    room, standing = screen.room, await screen.room.standing()
    listing = Listing(room, kind, screen.ds.setup.profile.masks)
    query = read_query(screen.arguments, listing.facet_columns)
    page = await listing.page(query)
    screen.shows(*(row["record"] for row in page.rows))
    show = screen.presenter(standing)
    values = {
        "kind": kind,
        "table_name": listing.shape.table if listing.shape else "",
        "query": query,
        "page": page,
        "items": await _items(room, show, page, query),
        "types": await _types(room),
        "facet_label": _labels(show, listing, page),
    }
    return await screen.page("list.html", values)


async def _items(room: Room, show: Presenter, page: Page, query: Query) -> list[Row]:
    contents = await room.shown_contents([row["record"] for row in page.rows])
    declared = {kind.declared.name: kind.declared for kind in await room.kinds()}
    return [_item(row, show, contents, declared, query.words) for row in page.rows]


def _item(row: Row, show: Presenter, contents: dict[int, Row], declared: dict[str, Any], words: str) -> Row:
    kind, content = declared[row["type"]], contents.get(row["record"], {}).get("fields", {})
    return {
        **row,
        "declared": kind,
        "key_pieces": highlight(row["key"] or "", words),
        "title_pieces": highlight(row["title"] or "", words),
        "facts": show.summary(kind, content),
        "snippet": _best_snippet(show, kind, content, words, row),
    }


def _best_snippet(show: Presenter, kind: Any, content: dict[str, Any], words: str, row: Row) -> tuple[Piece, ...]:
    """Return where the words stand in the record, unless its key or title shows them already."""
    if not words.strip():
        return ()
    found = [snippet(text, words) for text in show.texts(kind.fields, content) if text != row["title"]]
    return max((pieces for pieces in found if pieces), key=_marked, default=())


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
