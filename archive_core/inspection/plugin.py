"""
Our side of Datasette: the hooks, each of which answers only for a `ReadingRoom`.

Hooks are looked up by name; `app.check_hooks` refuses to open when one of these names means nothing to the installed
Datasette.
"""

import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator
from inspect import iscoroutine
from typing import Any

import orjson
from datasette import hookimpl  # type: ignore[import-untyped]
from datasette.database import QueryInterrupted  # type: ignore[import-untyped]
from datasette.permissions import PermissionSQL  # type: ignore[import-untyped]
from datasette.utils.asgi import Base400, NotFound  # type: ignore[import-untyped]
from datasette.views.base import DatasetteError  # type: ignore[import-untyped]

from archive_core.inspection import pages
from archive_core.inspection.app import ReadingRoom
from archive_core.inspection.guard import ALIAS, App, Guard
from archive_core.inspection.screen import error_page, screen_values, table_values
from archive_core.inspection.search import match_query

INDEX = "record_fts"
_INSTANCE = frozenset({"view-instance"})
_DATABASE = frozenset({"view-database"})


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Any) -> Callable[[App], App | Guard]:
    return datasette.guard if isinstance(datasette, ReadingRoom) else lambda app: app


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection, datasette: Any) -> None:
    """Last of all plugins, because Datasette's own `escape_fts` must not take the place of ours."""
    if isinstance(datasette, ReadingRoom):
        conn.create_function("escape_fts", 1, match_query, deterministic=True)


@hookimpl  # type: ignore[untyped-decorator]
def permission_resources_sql(datasette: Any, actor: dict[str, Any] | None, action: str) -> Any:
    """Whoever passed the gate may see the tables of record types, and nothing else of the file."""
    if not isinstance(datasette, ReadingRoom) or actor is None:
        return None
    if action in _INSTANCE:
        return PermissionSQL.allow(reason="in the reading room")
    if action in _DATABASE:
        return PermissionSQL(sql=f"select '{ALIAS}' parent, null child, 1 allow, 'the room' reason")
    if action != "view-table":
        return None
    granted = orjson.dumps([*datasette.tables, INDEX]).decode()
    return PermissionSQL(
        sql=f"select '{ALIAS}' parent, value child, 1 allow, 'a record type' reason from json_each(:room_tables)",
        params={"room_tables": granted},
    )


@hookimpl  # type: ignore[untyped-decorator]
def register_routes(datasette: Any) -> list[tuple[str, Any]]:
    return list(pages.ROUTES) if isinstance(datasette, ReadingRoom) else []


@hookimpl  # type: ignore[untyped-decorator]
async def extra_template_vars(datasette: Any, request: Any, table: str | None) -> dict[str, Any] | None:
    if not isinstance(datasette, ReadingRoom) or request is None or "visit" not in request.scope:
        return None
    more = await table_values(datasette, request, table) if table else {}
    return {**await screen_values(datasette, request), **more}


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(datasette: Any, request: Any, row: Any) -> None:
    """Note which records a table page shows; the cell itself stays as it is."""
    if isinstance(datasette, ReadingRoom) and request and "visit" in request.scope:
        request.scope["visit"].records.add(int(row["record"]))


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def forbidden(datasette: Any, request: Any) -> Any:
    return error_page(datasette, request, 403, "error_forbidden") if isinstance(datasette, ReadingRoom) else None


@hookimpl(hookwrapper=True)  # type: ignore[untyped-decorator]
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Iterator[None]:
    """
    Every failure ends on a page in plain words.

    A wrapper, so that Datasette's own handler never runs: it would write local variables, session tokens among them,
    to the server's console.
    """
    outcome: Any = yield
    if not isinstance(datasette, ReadingRoom):
        return
    for other in outcome.get_result():
        if iscoroutine(other):
            other.close()
    status, key = _status_of(exception)
    if status == 500:
        sys.stderr.writelines(traceback.format_exception(exception))
    outcome.force_result([error_page(datasette, request, status, key)])


def _status_of(exception: Exception) -> tuple[int, str]:
    if isinstance(exception, NotFound):
        return 404, "error_missing"
    if isinstance(exception, QueryInterrupted):
        return 503, "error_slow"
    return (400, "error_request") if isinstance(exception, Base400 | DatasetteError) else (500, "error_internal")
