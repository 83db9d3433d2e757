"""
`archive demo`: make the demo archive, say who may log in, open its reading room.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import click

from archive_core import system_clock
from archive_demo.cast import EVERYBODY, INSPECTOR, ZONE
from archive_demo.inside import make_ready
from archive_demo.story import Told, tell_story

INSPECTION = timedelta(days=14)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default="demo-archive")
@click.option("--no-serve", is_flag=True, help="Only make the archive; do not open its reading room.")
@click.option(
    "--port", default=8001, show_default=True, type=click.IntRange(1, 65535), help="Port of the reading room."
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser window.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON value and do not open the reading room.")
@click.pass_context
def demo(ctx: click.Context, /, folder: Path, *, no_serve: bool, port: int, no_browser: bool, as_json: bool) -> None:
    """
    Make a demo archive in FOLDER (default: demo-archive) and open its reading room.

    Nine people, 320 purchasers and three years of generated sales: imported, captured, signed, amended, refused and
    waiting. Passwords are printed; nothing in it is real, and its earlier entry times are made up.
    """
    started = monotonic()
    told = tell_story(
        folder, system_clock().astimezone(ZONE).date(), _progress if _is_seen(as_json=as_json) else _silent
    )
    if as_json:
        click.echo(json.dumps(_facts(folder, told), ensure_ascii=False, indent=2))
        return
    _print(folder, told, monotonic() - started)
    if no_serve:
        click.echo(f"next: archive -C {folder} inspect")
    else:
        click.echo("\nbuilding the reading room and verifying the archive ...")
        report = make_ready(folder)
        click.echo(f"verified 已验证: {report.counts['entries']} entries, assurance: {report.assurance}")
        _serve(ctx, folder, port=port, no_browser=no_browser)


def _serve(ctx: click.Context, folder: Path, *, port: int, no_browser: bool) -> None:
    root = ctx.find_root()
    root.obj = str(folder)
    inspect = root.command.get_command(root, "inspect") if isinstance(root.command, click.Group) else None
    if inspect is not None:
        ctx.invoke(inspect, port=port, no_browser=no_browser)


def _is_seen(*, as_json: bool) -> bool:
    return not as_json and sys.stderr.isatty()


def _silent(scene: str, done: int, total: int) -> None:
    """
    Take no notice: nobody watches.
    """


def _progress(scene: str, done: int, total: int) -> None:
    share = f"{done * 100 // total} %" if total > 1 else ""
    click.echo(f"\r\x1b[K{scene} {share}", nl=False, err=True)


def _print(folder: Path, told: Told, seconds: float) -> None:
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    click.secho(f"The demo archive is in {folder}: {told.total} records in force, made in {seconds:.0f} s.", bold=True)
    click.echo("\nWho may log in 可登录 (demo passwords are no secret):")
    for person in (*EVERYBODY, INSPECTOR):
        roles = ", ".join(person.roles)
        click.echo(f"  {person.username:<12} {person.password:<24} {person.name_zh} {person.name_en}: {roles}")
    click.echo("\nWorth a look 值得一看:")
    for one in told.incidents:
        place = f"record {one.record}" if one.record is not None else "refused"
        click.echo(f"  {place:<12} {one.zh}; {one.en}")
    click.echo(
        f"\n{told.waiting} versions wait for a signature: archive -C {folder} queue --user {EVERYBODY[1].username}"
    )
    click.echo(f"as an inspector sees it: archive -C {folder} inspect --profile inspector --port 8002")


def _facts(folder: Path, told: Told) -> dict[str, Any]:
    people = [
        {
            "username": person.username,
            "password": person.password,
            "name_zh": person.name_zh,
            "name_en": person.name_en,
            "roles": list(person.roles),
        }
        for person in (*EVERYBODY, INSPECTOR)
    ]
    incidents = [{"record": one.record, "zh": one.zh, "en": one.en} for one in told.incidents]
    return {
        "folder": str(folder),
        "records": told.records,
        "waiting": told.waiting,
        "people": people,
        "incidents": incidents,
    }
