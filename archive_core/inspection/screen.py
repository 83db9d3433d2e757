"""
What every page has in common: the words in the reader's language, the room's standing, links, errors.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import attrs
import orjson
from datasette import Response  # type: ignore[import-untyped]

from archive_core.inspection.app import ReadingRoom
from archive_core.inspection.guard import ALIAS, Visit
from archive_core.inspection.present import Presenter, cites_company_texts
from archive_core.inspection.reading import Room, Standing
from archive_core.inspection.shape import ROW_COLUMNS, Shape, shape_of
from archive_core.inspection.words import LANGUAGES

_OWN_LABELS: Mapping[str, str] = {"record": "number", "state": "state", "captured_at": "captured_at"}
_MOMENTS = frozenset({"captured_at", "in_force_from"})
_CODED = frozenset({"choice", "decimal"})


@attrs.frozen
class Screen:
    """One request: who reads, in which language, from which room."""

    ds: ReadingRoom
    request: Any

    @property
    def visit(self) -> Visit:
        found: Visit = self.request.scope["visit"]
        return found

    @property
    def language(self) -> str:
        return self.visit.language

    @property
    def room(self) -> Room:
        return Room(self.ds.get_database(ALIAS))

    @property
    def arguments(self) -> dict[str, str]:
        return {name: self.request.args[name] for name in self.request.args}

    def number(self, name: str) -> int:
        return int(self.request.url_vars[name])

    def presenter(self, standing: Standing) -> Presenter:
        return Presenter(language=self.language, masks=self.ds.setup.profile.masks, zone=standing.zone)

    def say(self, key: str, **values: object) -> str:
        return self.ds.words.say(key, self.language, **values)

    def shows(self, *records: int) -> None:
        """Note that these records stand on the page: the access log names them."""
        self.visit.records.update(records)

    async def page(self, template: str, values: Mapping[str, Any], *, status: int = 200) -> Any:
        text = await self.ds.render_template(template, dict(values), request=self.request)
        return Response.html(text, status=status)


async def screen_values(ds: ReadingRoom, request: Any) -> dict[str, Any]:
    """Return what every template may use."""
    screen = Screen(ds, request)
    standing = await screen.room.standing() if screen.visit.visitor else None
    profile = ds.setup.profile
    return {
        "t": screen.say,
        "has_word": ds.words.texts.__contains__,
        "role_name": lambda role: screen.say(f"role_{role}") if f"role_{role}" in ds.words.texts else role,
        "lang": screen.language,
        "other_lang": next(language for language in LANGUAGES if language != screen.language),
        "lang_url": _in_other_language(request, screen.language),
        "visitor": screen.visit.visitor,
        "standing": standing,
        "show": screen.presenter(standing) if standing else None,
        "profile_name": profile.zh if screen.language == "zh" else profile.en,
        "path": request.path,
        "alarm": ds.alarm,
        "link": link,
        "cites_company_texts": cites_company_texts,
        "from_json": lambda text: orjson.loads(text) if text else {},
    }


async def table_values(ds: ReadingRoom, request: Any, table: str) -> dict[str, Any]:
    """Return what a table page of Datasette needs besides: the type it belongs to, its columns' labels and texts."""
    screen = Screen(ds, request)
    show = screen.presenter(await screen.room.standing())
    for kind in await screen.room.kinds():
        shape = shape_of(kind.declared, masking=ds.setup.profile.masks)
        if table == shape.table:
            return {"owner": kind.declared, **_columns(screen, show, shape)}
    return {"owner": None, "column_labels": {}, "hidden_columns": (), "cell_text": lambda _, value: value}


def _columns(screen: Screen, show: Presenter, shape: Shape) -> dict[str, Any]:
    fields = {column.name: column.field for column in shape.columns}
    own = {name: screen.say(key) for name, key in _OWN_LABELS.items()}
    hidden = [name for name in ROW_COLUMNS if name not in _OWN_LABELS]

    def cell_text(column: str, value: Any) -> Any:
        if column == "state":
            return screen.say(f"state_{value}")
        if column in _MOMENTS:
            return show.moment(value if str(value).startswith("2") else None)
        spec = fields.get(column)
        return show.text(spec, value) if spec is not None and spec.kind in _CODED and value else value

    return {
        "column_labels": {**own, **{name: show.labels(spec)[0] for name, spec in fields.items()}},
        "hidden_columns": [*hidden, *(column.name for column in shape.columns if column.part)],
        "cell_text": cell_text,
    }


async def error_page(ds: ReadingRoom, request: Any, status: int, key: str) -> Any:
    screen = Screen(ds, request)
    values = {"status": status, "heading": screen.say(key), "advice": screen.say(f"{key}_advice")}
    return await screen.page("failure.html", values, status=status)


def link(path: str, **arguments: object) -> str:
    """Return an address; arguments that are None or empty are left out."""
    kept = {name: value for name, value in arguments.items() if value not in {None, ""}}
    return quote(path, safe="/,") + (f"?{urlencode(kept)}" if kept else "")


def _in_other_language(request: Any, language: str) -> str:
    other = next(tag for tag in LANGUAGES if tag != language)
    kept = [(name, value) for name in request.args for value in request.args.getlist(name)]
    return f"{request.path}?{urlencode([*kept, ('lang', other)])}"
