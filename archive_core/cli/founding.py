"""
`archive init`, `archive status`.
"""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from archive_core.archive import Archive
from archive_core.cli.common import (
    acting_options,
    ask_username,
    json_option,
    local_time,
    open_to_read,
    pasted,
    print_json,
    read_password,
    warn_of_unknown_roles,
)
from archive_core.errors import ArchiveError
from archive_core.founding import Founder


class TimeZone(click.ParamType[str]):
    """
    The name of a time zone, like Asia/Shanghai.
    """

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return ZoneInfo(str(value)).key
        except (OSError, ValueError, KeyError):
            self.fail(f"there is no time zone {value!r}; one is Asia/Shanghai", param, ctx)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", required=True, help="What the archive is called.")
@click.option("--origin", required=True, help="Name in checkpoints, like archive.example.com/records; never changed.")
@click.option("--name-zh", required=True, help="Chinese name of the first QA person.")
@click.option("--name-en", required=True, help="English name of the first QA person.")
@click.option("--role", "roles", multiple=True, help="A further role of that person; repeatable.")
@click.option("--time-zone", type=TimeZone(), metavar="NAME", default="Asia/Shanghai", show_default=True)
@acting_options
@json_option
def init(
    folder: Path,
    name: str,
    origin: str,
    name_zh: str,
    name_en: str,
    roles: tuple[str, ...],
    time_zone: str,
    user: str | None,
    password_file: str | None,
    as_json: bool,
) -> None:
    """
    Found a new archive in FOLDER.

    The person named by --user becomes the first QA person, registers the installed record types and signs them.
    Enrol a second QA person next, and then the others: nobody may approve what they propose.

    archive person add USERNAME --name-zh 姓名 --name-en NAME --role qa
    """
    username = user or ask_username("Username of the first QA person 用户名")
    password = read_password(password_file, f"Password of {username} 密码", confirm=True)
    founder = Founder(username=username, name_zh=name_zh, name_en=name_en, roles=roles)
    with Archive.init(
        folder, name=name, origin=origin, founder=founder, password=password, time_zone=time_zone
    ) as archive:
        registry = archive.registry
        types = list(registry.types)
        note = archive.checkpoint()
    if as_json:
        print_json({"folder": str(folder), "types": types, "checkpoint": note})
        return
    warn_of_unknown_roles(registry, roles)
    click.echo(f"The archive {name} is founded in {folder}, with {len(types)} record types.")
    click.echo(f"First checkpoint, to be kept elsewhere:\n\n{note}")
    click.echo(
        f"next: archive -C {pasted(folder)} person add USERNAME"
        f" --name-zh 姓名 --name-en NAME --role qa --user {username}"
    )


@click.command()
@json_option
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """
    Show what the archive holds, what waits, and whether its checks at opening passed.
    """
    archive = open_to_read(ctx)
    reader = archive.ledger.reader
    newest = reader.newest_checkpoint()
    counts = {name: reader.count(name) for name in archive.registry.types}
    facts = {
        "folder": str(archive.folder.root),
        "name": archive.config.name,
        "origin": archive.config.origin,
        "entries": reader.head().size,
        "newest_checkpoint": newest[0] if newest else None,
        "waiting": len(archive.queue(everybody=True)),
        "records": {name: count for name, count in counts.items() if count},
        "alarm": archive.alarm,
        "keys": _keys_problem(archive),
        "now": archive.now(),
    }
    if as_json:
        print_json(facts)
        return
    click.secho(f"{archive.config.name}  ({archive.config.origin})", bold=True)
    click.echo(f"{facts['entries']} entries, checkpoint at {facts['newest_checkpoint']}, {facts['waiting']} waiting")
    for name, count in counts.items():
        if count:
            declared = archive.registry.installed(name).record_type
            click.echo(f"  {count:>8}  {declared.zh} {declared.en} ({name})")
    if facts["keys"]:
        click.secho(f"attention: {facts['keys']}", fg="yellow", err=True)
    good = not archive.alarm and not facts["keys"]
    click.echo(f"as of {local_time(archive, archive.now())}" + ("; all checks at opening passed" if good else ""))


def _keys_problem(archive: Archive) -> str | None:
    """
    Return what is wrong with keys.db: nobody could sign, or others could read the sealed keys.
    """
    try:
        archive.keys.check()
    except ArchiveError as error:
        return f"{error}; next: {error.hint}" if error.hint else str(error)
    return None
