"""
`archive room`, `archive inspect`, `archive inspector`, `archive search`.
"""

import socket
import webbrowser
from collections.abc import Callable
from datetime import date, timedelta
from threading import Timer
from typing import TYPE_CHECKING, Any

import click

from archive_core.archive import Archive
from archive_core.cli.common import (
    Day,
    acting_options,
    here,
    json_option,
    local_time,
    next_step,
    open_to_act,
    open_to_read,
    print_json,
    print_table,
    read_password,
    require_type,
)
from archive_core.cli.outcome import DONE, UNVERIFIED
from archive_core.clock import local_day
from archive_core.errors import LoginNeeded, PortTaken
from archive_core.inspection.profile import PROFILES, profile_named
from archive_core.model.verification import Report
from archive_core.types.builtin import QA

if TYPE_CHECKING:
    from archive_core.inspection.projector import Outcome

OPENS_AFTER = 1.0  # seconds, for the server to listen
INSPECTION_DAYS = 14

profile_option = click.option(
    "--profile",
    default="full",
    show_default=True,
    metavar="NAME",
    help=f"Who sees what: {', '.join(PROFILES)}.",
)


def tell_rooms(archive: Archive, report: Report) -> None:
    """
    Let the reading rooms that were built show the outcome of a verification.
    """
    if not any(archive.folder.room.glob("*.db")):
        return
    from archive_core.inspection import rooms

    rooms.tell_rooms(archive, report)


@click.group()
def room() -> None:
    """
    Reading rooms: rebuildable files that Datasette shows.
    """


@room.command()
@profile_option
@click.option("--fresh", is_flag=True, help="Build it anew from the first entry, not only what is missing.")
@json_option
@click.pass_context
def build(ctx: click.Context, profile: str, fresh: bool, as_json: bool) -> None:
    """
    Bring a reading room to the ledger's head.
    """
    from archive_core.inspection import rooms

    chosen = profile_named(profile)
    archive = open_to_read(ctx)
    projector = rooms.projector(archive, chosen)
    outcome = projector.rebuild() if fresh else projector.catch_up()
    path = rooms.room_path(archive, chosen)
    if as_json:
        print_json({"profile": profile, "path": str(path), **_facts(outcome)})
        return
    done = "built anew" if outcome.rebuilt else "caught up"
    click.echo(f"reading room {profile} {done}: {outcome.records} record(s) written, {outcome.upto} entries covered")
    next_step("archive inspect")


@room.command()
@profile_option
@json_option
@click.pass_context
def check(ctx: click.Context, profile: str, as_json: bool) -> int:
    """
    Compare a reading room, table by table, with one built from the ledger; exit 4 names what differs.
    """
    from archive_core.inspection import rooms

    found = rooms.check_room(open_to_read(ctx), profile_named(profile))
    if as_json:
        print_json({"profile": profile, "differs": list(found)})
    elif found:
        click.secho(f"reading room {profile} differs from the ledger in {', '.join(found)}", fg="red")
        next_step(f"archive room build --profile {profile} --fresh")
    else:
        click.secho(f"reading room {profile} says what the ledger says", fg="green")
    return UNVERIFIED if found else DONE


@room.command()
@json_option
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """
    Show which rooms there are and how far behind the ledger they stand.
    """
    from archive_core.inspection import rooms
    from archive_core.inspection.projector import read_meta

    archive = open_to_read(ctx)
    size = archive.ledger.reader.head().size
    metas = {name: read_meta(rooms.room_path(archive, profile)) for name, profile in PROFILES.items()}
    found = [
        {"profile": name, "upto": int(meta["upto"]), "behind": size - int(meta["upto"]), "built_at": meta["built_at"]}
        for name, meta in metas.items()
        if meta
    ]
    if as_json:
        print_json(found)
    elif not found:
        click.echo(here("no reading room was built yet; next: archive room build"))
    else:
        rows = [[str(one["profile"]), str(one["upto"]), str(one["behind"])] for one in found]
        times = [local_time(archive, str(one["built_at"])) for one in found]
        print_table(("profile", "entries", "behind", "brought up"), [[*r, t] for r, t in zip(rows, times, strict=True)])


@click.command()
@profile_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8001, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser window.")
@click.pass_context
def inspect(ctx: click.Context, profile: str, host: str, port: int, no_browser: bool) -> None:
    """
    Serve the reading room, read-only, until stopped with Ctrl-C.

    Who may log in: every active person, and the inspectors added for the profile. Every page shown is recorded.
    """
    from archive_core.inspection import rooms

    chosen = profile_named(profile)
    archive = open_to_read(ctx)
    _require_free(host, port)
    reading_room = rooms.open_room(archive, chosen)
    url = f"http://{host}:{port}/"
    click.echo(f"reading room {profile}: {url}  (Ctrl-C stops it)")
    click.echo(f"who may log in 可登录：{_who(archive, profile)}")
    if not no_browser:
        _later(lambda: webbrowser.open(url))
    _serve(reading_room, host, port)


def _who(archive: Archive, profile: str) -> str:
    today = local_day(archive.now(), archive.config.zone).isoformat()
    accounts = [a for a in archive.keys.accounts() if a.profile == profile and a.valid_until >= today]
    guests = ", ".join(f"{account.username} (until {account.valid_until})" for account in accounts)
    return "every active person" + (f"; inspectors {guests}" if guests else "; no inspector: archive inspector add")


def _require_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PortTaken(host, port) from None


def _later(call: Callable[[], Any]) -> None:
    timer = Timer(OPENS_AFTER, call)
    timer.daemon = True
    timer.start()


def _serve(reading_room: Any, host: str, port: int) -> None:
    import uvicorn

    try:
        uvicorn.run(reading_room.app(), host=host, port=port, log_level="warning", server_header=False)
    finally:
        reading_room.close()


@click.group()
def inspector() -> None:
    """
    Inspectors: people who may read in a reading room until a day, and never sign.
    """


@inspector.command("add")
@click.argument("username")
@click.option("--name", required=True, help="Name as the reading room shows it.")
@click.option("--profile", default="inspector", show_default=True, help=f"One of {', '.join(PROFILES)}.")
@click.option("--until", type=Day(), help=f"Last day of the account.  [default: {INSPECTION_DAYS} days from today]")
@click.option("--new-password-file", type=click.Path(dir_okay=False), help="File with the inspector's password.")
@acting_options
@json_option
@click.pass_context
def add_inspector(
    ctx: click.Context,
    username: str,
    name: str,
    profile: str,
    until: date | None,
    new_password_file: str | None,
    user: str | None,
    password_file: str | None,
    as_json: bool,
) -> None:
    """
    Let an inspector read until the end of a day; only QA may.
    """
    from archive_core.inspection import rooms

    chosen = profile_named(profile)
    archive = open_to_act(ctx, user, password_file)
    if archive.acting is None:
        raise LoginNeeded("add an inspector")
    archive.acting.require_role(QA, "add an inspector")
    prompt = f"Password of {username} 密码"
    password = read_password(new_password_file, prompt, confirm=True, option="--new-password-file")
    today = local_day(archive.now(), archive.config.zone)
    if until is not None and until < today:
        raise click.UsageError(f"--until {until} is over; today is {today}")
    last = until or today + timedelta(days=INSPECTION_DAYS)
    replaced = rooms.add_inspector(archive, username, name=name, profile=chosen, until=last, password=password)
    if as_json:
        print_json({"username": username, "profile": profile, "until": last.isoformat(), "replaced": replaced})
        return
    if replaced:
        click.echo(f"replaced the account {username}: name, profile, password and last day are the new ones")
    click.echo(f"{username} may read in the {profile} room until {last}")
    next_step(f"archive inspect --profile {profile}")


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--type", "type_name", default="", help="Only records of this type.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500), help="At most so many.")
@json_option
@click.pass_context
def search(ctx: click.Context, words: tuple[str, ...], type_name: str, limit: int, as_json: bool) -> None:
    """
    Find records by words, newest first: names, text, keys, or any part of a lot number.
    """
    from archive_core.inspection import rooms
    from archive_core.inspection.finding import find_records

    archive = open_to_read(ctx)
    if type_name:
        require_type(archive, type_name)
    full = PROFILES["full"]
    lag = rooms.catch_up_or_lag(archive, full)
    if lag:
        click.echo(f"the reading room cannot be written here; newest ledger entries not searched: {lag}", err=True)
    found = find_records(rooms.room_path(archive, full), " ".join(words), type_name=type_name, limit=limit)
    if as_json:
        print_json(found)
    elif not found:
        click.echo("nothing found 没有找到")
    else:
        columns = ("record", "type", "key", "state", "title")
        print_table(columns, [[str(row[name] or "") for name in columns] for row in found])


def _facts(outcome: "Outcome") -> dict[str, object]:
    return {"upto": outcome.upto, "records": outcome.records, "rebuilt": outcome.rebuilt}
