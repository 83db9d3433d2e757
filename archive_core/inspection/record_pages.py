"""
One record: its page, a version of it, two versions compared, a file attached to it.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from datasette import NotFound, Response  # type: ignore[import-untyped]
from datasette.utils.asgi import asgi_send_file  # type: ignore[import-untyped]

from archive_core.inspection.diff import Change, compare_fields
from archive_core.inspection.facts import PROPOSED
from archive_core.inspection.listing import end_of_day, read_day
from archive_core.inspection.present import Presenter
from archive_core.inspection.reading import Row, Standing
from archive_core.inspection.screen import Screen
from archive_core.inspection.shape import visible_fields
from archive_core.inspection.story import TONES, banner_of, events_of, in_force_on, stages_of
from archive_core.model.record_type import RecordType

RELATED = 20


async def record(datasette: Any, request: Any) -> Any:
    """The record as it stands; with `as_of`, the version that was in force at the end of that day."""
    screen = Screen(datasette, request)
    row, versions = await _record(screen)
    standing = await screen.room.standing()
    asked = read_day(screen.arguments.get("as_of", ""))
    if asked:
        found = in_force_on(versions, end_of_day(asked, standing.zone))
        place = f"/-/record/{row['record']}" + (f"/v/{found['version']}" if found else "")
        return Response.redirect(f"{place}?{'on' if found else 'none_on'}={asked}")
    shown = next(version for version in versions if version["version"] == row["version"])
    values = await _values(screen, standing, row, versions, shown)
    return await screen.page("record.html", {**values, "none_on": read_day(screen.arguments.get("none_on", ""))})


async def version(datasette: Any, request: Any) -> Any:
    screen = Screen(datasette, request)
    row, versions = await _record(screen)
    wanted = _numbered(versions, screen.number("v"))
    values = await _values(screen, await screen.room.standing(), row, versions, wanted)
    return await screen.page("version.html", {**values, "on": read_day(screen.arguments.get("on", ""))})


async def diff(datasette: Any, request: Any) -> Any:
    """Two versions compared under the newer one's definition; fields that it lost are shown under the older's."""
    screen = Screen(datasette, request)
    row, versions = await _record(screen)
    older, newer = (_numbered(versions, screen.number(name)) for name in ("a", "b"))
    show = screen.presenter(await screen.room.standing())
    declared = await screen.room.definition(row["type"], newer["type_version"])
    former = await screen.room.definition(row["type"], older["type_version"])
    changes = _changes(declared, former, older, newer, masks=show.masks)
    values = {
        "record": row,
        "versions": versions,
        "older": older,
        "newer": newer,
        "declared": declared,
        "people": await screen.room.person_names(),
        "changes": [change for change in changes if change.kind != "same"],
        "same": [change for change in changes if change.kind == "same"],
        "erased": older["fields"] is None or newer["fields"] is None,
    }
    return await screen.page("diff.html", values)


async def file(datasette: Any, request: Any, send: Any) -> Any:
    """An attachment, byte for byte; one whose bytes no longer have its name is not handed out."""
    screen = Screen(datasette, request)
    row, _ = await _record(screen)
    named = await screen.room.attachment(row["record"], request.url_vars["sha"])
    path = datasette.setup.file(request.url_vars["sha"]) if named else None
    if named is None or path is None or not path.is_file():
        raise NotFound(request.path)
    if _digest(path) != named["sha256"]:
        values = {"status": 410, "heading": screen.say("file_damaged"), "advice": screen.say("file_damaged_advice")}
        return await screen.page("failure.html", values, status=410)
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(named['name'], safe='')}"}
    await asgi_send_file(send, path, content_type="application/octet-stream", headers=headers)
    return None


async def _record(screen: Screen) -> tuple[Row, list[Row]]:
    number = screen.number("n")
    row = await screen.room.record(number)
    if row is None:
        raise NotFound(screen.request.path)
    screen.shows(number)
    return row, await screen.room.versions(number)


async def _values(screen: Screen, standing: Standing, row: Row, versions: list[Row], shown: Row) -> dict[str, Any]:
    room, number = screen.room, row["record"]
    signoffs, erasures = await room.signoffs(number), await room.erasures(number)
    declared = await room.definition(row["type"], shown["type_version"])
    is_current = shown["version"] == row["version"]
    referring = await room.referred_by(number, RELATED)
    batches = {version["batch"] for version in versions if version["batch"] is not None}
    through = [sign for batch in sorted(batches) for sign in await room.signoffs(batch)]
    refers_to = await room.refers_to(number)
    return {
        "record": row,
        "declared": declared,
        "shown": shown,
        "versions": versions,
        "signoffs": signoffs,
        "erasures": erasures,
        "state": row["state"] if is_current else shown["state"],
        "tones": TONES,
        "banner": banner_of(standing, number, versions, signoffs, through),
        "stages": stages_of(shown, signoffs, row["state"] if is_current else shown["state"]),
        "events": events_of(versions, signoffs, erasures),
        "people": await room.person_names(),
        "names": {found["record"]: found for found in refers_to},
        "refers_to": list({found["record"]: found for found in refers_to}.values()),
        "referring": referring[:RELATED],
        "more_referring": len(referring) > RELATED,
        "types": {kind.declared.name: kind.declared for kind in await room.kinds()},
        "batch_signoffs": [sign for sign in through if sign["record"] == shown["batch"]],
        "waiting_step": _waiting_step(versions, signoffs),
        **_content(screen.presenter(standing), declared, shown),
    }


def _content(show: Presenter, declared: RecordType, shown: Row) -> dict[str, Any]:
    gaps = frozenset(filter(None, (shown["gaps"] or "").split(", ")))
    content: Mapping[str, Any] = shown["fields"] or {}
    facts = show.facts(declared.fields, content, gaps)
    return {
        "facts": [fact for fact in facts if not fact.is_long],
        "long_facts": [fact for fact in facts if fact.is_long],
        "tables": show.line_items(declared.fields, content, gaps),
        "gaps": sorted(gaps),
        "labels": {spec.name: show.labels(spec)[0] for spec in declared.fields},
    }


def _waiting_step(versions: list[Row], signoffs: list[Row]) -> Row | None:
    """Return the step that the latest version waits for, if it waits."""
    last = versions[-1]
    if last["state"] != PROPOSED:
        return None
    given = [sign["step"] for sign in signoffs if sign["version"] == last["version"]]
    return next((step for step in last["bound"] if given.count(step["name"]) < step["count"]), None)


def _changes(declared: RecordType, former: RecordType, older: Row, newer: Row, *, masks: bool) -> tuple[Change, ...]:
    known = {spec.name for spec in declared.fields}
    lost = tuple(spec for spec in former.fields if spec.name not in known)
    fields = visible_fields((*declared.fields, *lost), masking=masks)
    return compare_fields(fields, older["fields"] or {}, newer["fields"] or {})


def _numbered(versions: list[Row], number: int) -> Row:
    found = next((version for version in versions if version["version"] == number), None)
    if found is None:
        raise NotFound(f"version {number}")
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
