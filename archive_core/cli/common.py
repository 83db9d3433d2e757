"""
What commands share: who acts, which archive, how results are printed.
"""

import difflib
import json
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from archive_core.archive import Archive
from archive_core.canonical import Json
from archive_core.clock import parse_time
from archive_core.errors import NoRights
from archive_core.hooks.registry import Registry
from archive_core.types.builtin import QA

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON value instead of text.")


def acting_options(function: F) -> F:
    """
    Add `--user` and `--password-file`; both may come from ARCHIVE_USER and ARCHIVE_PASSWORD_FILE.
    """
    user = click.option("--user", metavar="NAME", envvar="ARCHIVE_USER", help="Who acts. [env: ARCHIVE_USER]")
    password = click.option(
        "--password-file",
        type=click.Path(dir_okay=False),
        envvar="ARCHIVE_PASSWORD_FILE",
        help="File whose first line is the password. [env: ARCHIVE_PASSWORD_FILE]",
    )
    return user(password(function))


def open_to_read(ctx: click.Context) -> Archive:
    """
    Open the archive without acting for anybody; warns when it is read-only for a reason.
    """
    archive = ctx.with_resource(Archive.open(_folder(ctx)))
    if archive.alarm:
        click.secho(f"attention: {archive.alarm}", fg="yellow", err=True)
    return archive


def open_to_act(ctx: click.Context, user: str | None, password_file: str | None) -> Archive:
    """
    Open the archive for a person; asks for what was not given.

    Raises:
        LoginRefused: wrong username or password.
    """
    archive = ctx.with_resource(Archive.open(_folder(ctx)))
    name = user or ask_username("Username 用户名")
    archive.login(name, read_password(password_file, f"Password of {name} 密码"))
    return archive


def in_folder(text: str, folder: str | None) -> str:
    """
    Return a sentence whose commands name the archive's folder as the person did (`-C DIR`); None: they did not.
    """
    if folder is None:
        return text
    from archive_core.cli import COMMANDS  # which imports the modules of the commands only on use

    names = "|".join(name for name in COMMANDS if name != "init")
    return re.sub(rf"\barchive (?=(?:{names})\b)", lambda _: f"archive -C {pasted(folder)} ", text)


def next_step(text: str) -> None:
    """
    Print what to do next; its commands can be pasted as they stand.
    """
    click.echo(f"next: {here(text)}")


def here(text: str) -> str:
    """
    Return a sentence with its commands as they work where the running command was typed.
    """
    root = click.get_current_context().find_root()
    given = root.get_parameter_source("folder") is click.core.ParameterSource.COMMANDLINE
    return in_folder(text, root.obj if given else None)


def require_type(archive: Archive, type_name: str) -> None:
    """
    Refuse a record type that the archive has never known, before "nothing found" says something else.

    Raises:
        UnknownRecordType: neither installed nor registered.
    """
    archive.list(type_name)  # refuses at once, reads nothing before it is iterated


def _folder(ctx: click.Context) -> Path:
    return Path(ctx.find_root().obj or ".")


def read_password(
    password_file: str | None, prompt: str, *, confirm: bool = False, option: str = "--password-file"
) -> str:
    """
    Return the first line of a file, or what is typed unseen.

    Raises:
        click.UsageError: no file is given and nobody can be asked, or the file is none.
        NoRights: the file cannot be read.
    """
    if password_file is None:
        _require_terminal("password", f"{option} FILE")
        return str(click.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True))
    try:
        return Path(password_file).read_text(encoding="utf-8").partition("\n")[0]
    except FileNotFoundError:
        raise click.UsageError(f"there is no password file {password_file}") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"the password file {password_file} is not UTF-8 text") from None
    except OSError:
        raise NoRights(password_file, "read") from None


def ask_username(prompt: str) -> str:
    """
    Return the name that is typed.

    Raises:
        click.UsageError: nobody can be asked.
    """
    _require_terminal("username", "--user NAME")
    return str(click.prompt(prompt, err=True))


def _require_terminal(what: str, option: str) -> None:
    # A record may come in by a pipe while the terminal is there for questions.
    if not (sys.stdin.isatty() or _has_terminal()):
        raise click.UsageError(f"no terminal to ask for the {what}: give {option}")


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return False
    return True


class Day(click.ParamType[date]):
    """
    A calendar day, 2026-11-21.
    """

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day like 2026-11-21", param, ctx)


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, default=str, indent=2))


def local_time(archive: Archive, stamp: str | None) -> str:
    """
    Return an entry time as people read it: the archive's time zone, with its offset.
    """
    if not stamp:
        return ""
    return parse_time(stamp).astimezone(archive.config.zone).strftime("%Y-%m-%d %H:%M:%S %z")


def pasted(path: Path | str) -> str:
    """
    Return a path as it may be pasted into a shell: quoted only where it must be, so that 档案.csv stays legible.
    """
    return shlex.quote(str(path)) if re.search(r"[^\w./@%+=:,-]", str(path)) else str(path)


def width(text: str) -> int:
    """
    Return the number of terminal columns: Chinese characters take two.
    """
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def print_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """
    Print aligned columns; the last one may be of any length.
    """
    table = [list(headers), *[list(row) for row in rows]]
    widths = [max(width(row[column]) for row in table) for column in range(len(headers))]
    for number, row in enumerate(table):
        cells = [text + " " * (widths[column] - width(text)) for column, text in enumerate(row)]
        line = "  ".join(cells).rstrip()
        click.secho(line, bold=number == 0)


def plain(value: Json) -> str:
    """
    Return a wire value on one line.
    """
    match value:
        case None:
            return ""
        case bool():
            return "是 yes" if value else "否 no"
        case {"key": str(key), **rest} if set(rest) <= {"record"}:
            return f"{key} (record {rest['record']})" if "record" in rest else key
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
    return str(value)


def warn_of_unknown_roles(registry: Registry, roles: Iterable[str]) -> None:
    """
    Say which roles no sign-off step asks for: usually a misspelling, and then the person could sign nothing.
    """
    known = sorted({QA} | {step.role for one in registry.types.values() for step in one.record_type.sign_off})
    for role in roles:
        if role not in known:
            near = difflib.get_close_matches(role, known, n=1)
            meant = f"; did you mean {near[0]}?" if near else f"; the steps ask for {', '.join(known)}"
            click.secho(f"attention: no sign-off step asks for the role {role}{meant}", fg="yellow", err=True)
