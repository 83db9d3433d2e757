"""
The reading room as a web application: a Datasette that opens one room file, read-only, behind our gate.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import attrs
import orjson
from datasette import __version__, hookspecs  # type: ignore[import-untyped]
from datasette.app import Datasette  # type: ignore[import-untyped]
from datasette.database import Database  # type: ignore[import-untyped]
from datasette.plugins import pm  # type: ignore[import-untyped]

from archive_core.clock import Clock, system_clock
from archive_core.errors import ReadingRoomMismatch, RoomMissing
from archive_core.inspection.access import AccessLog
from archive_core.inspection.config import config_folder, load_catalogue, load_settings
from archive_core.inspection.guard import ALIAS, App, Guard
from archive_core.inspection.profile import Profile
from archive_core.inspection.sessions import Door, VerifyLogin
from archive_core.inspection.shape import shape_of
from archive_core.inspection.words import Words
from archive_core.model.record_type import RecordType

PLUGIN = "archive_core.inspection"


_SEARCHED = MappingProxyType({"fts_table": "record_fts", "fts_pk": "record", "sort_desc": "record"})


def all_well() -> str:
    """A room that nobody writes to has nothing to follow and nothing to fear."""
    return ""


def no_file(_sha256: str) -> Path | None:
    return None


@attrs.frozen(kw_only=True)
class Setup:
    """
    What a reading room is made of.

    `room` is the profile's file, `access` the log of readings, `verify` tells who may come in, `file` finds an
    attachment by its SHA-256, `follow` brings the room to the ledger's head before every page
    and returns what is wrong with the archive, empty when nothing is.
    """

    room: Path
    access: Path
    profile: Profile
    verify: VerifyLogin
    file: Callable[[str], Path | None] = no_file
    follow: Callable[[], str] = all_well
    clock: Clock = system_clock


class ReadingRoom(Datasette):  # type: ignore[misc]
    """A Datasette that knows its room; our hooks answer only to this class."""

    def __init__(self, setup: Setup) -> None:
        folder = config_folder()
        super().__init__(
            settings=load_settings(),
            config={"databases": {ALIAS: {"tables": {}}}},
            template_dir=str(folder / "templates"),
            static_mounts=[("assets", str(folder / "static"))],
            default_deny=True,
            memory=False,
        )
        self.setup = setup
        self.words: Words = load_catalogue()
        self.log = AccessLog(setup.access, setup.clock)
        self.door = Door(setup.verify, self.log, setup.clock)
        self.tables: tuple[str, ...] = ()
        self.alarm = ""
        self._file = -1
        self.refresh()

    def refresh(self) -> None:
        """Open the room's file again where a rebuild has put another in its place; a file that is gone stays open."""
        self.alarm = self.setup.follow()
        number = _file_number(self.setup.room, self._file)
        if number == self._file:
            return
        if ALIAS in self.databases:
            self.remove_database(ALIAS)
        self.add_database(Database(self, path=str(self.setup.room), mode="ro"), name=ALIAS)
        self._file = number
        self.tables = _offered_tables(self.setup.room, self.setup.profile)
        self.config["databases"][ALIAS]["tables"] = {table: _SEARCHED for table in self.tables if "__" not in table}

    def guard(self, app: App) -> Guard:
        return Guard(app, self.door, self.log, self.refresh, lambda table: table in self.tables)

    def close(self) -> None:
        self.log.close()
        super().close()


def build_app(setup: Setup) -> ReadingRoom:
    """
    Return the reading room, ready to serve: `build_app(...).app()` is the ASGI application.

    Raises:
        RoomMissing: the room was not built yet.
        ReadingRoomMismatch: the installed Datasette lacks a hook that we rely on.
    """
    from archive_core.inspection import plugin

    check_hooks(plugin)
    if not setup.room.exists():
        raise RoomMissing(setup.profile.name, str(setup.room))
    if not pm.has_plugin(PLUGIN):
        pm.register(plugin, PLUGIN)
    return ReadingRoom(setup)


def check_hooks(plugin: Any) -> None:
    """
    Refuse to open where Datasette would silently ignore one of our hooks.

    Raises:
        ReadingRoomMismatch: a hook we implement does not exist.
    """
    ours = [name for name in dir(plugin) if hasattr(getattr(plugin, name), "datasette_impl")]
    lost = tuple(name for name in ours if not hasattr(hookspecs, name))
    if lost:
        raise ReadingRoomMismatch(__version__, lost)


def _file_number(path: Path, otherwise: int) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return otherwise


def _offered_tables(path: Path, profile: Profile) -> tuple[str, ...]:
    """Return the tables that table pages may show: those of the record types."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as db:
        rows = db.execute("select definition from types order by name").fetchall()
    shapes = [shape_of(RecordType.from_json(orjson.loads(row[0])), masking=profile.masks) for row in rows]
    return tuple(name for shape in shapes for name in (shape.table, *(child.name for child in shape.lines)))
