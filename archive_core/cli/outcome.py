"""
From what happened to what is printed and which number the command ends with.
"""

import errno
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from archive_core.errors import ArchiveError

# The error tree is imported only when there is something to refuse, so that `archive --help` stays quick.

DONE, REFUSED, USAGE, WITH_FINDINGS, UNVERIFIED = range(5)


_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def run(command: click.Command, arguments: Sequence[str]) -> int:
    """
    Return the exit code of one command line, after printing whatever must be said.
    """
    try:
        return _run(command, arguments)
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        from archive_core.errors import OutputFailed

        with suppress(OSError):
            show_error(
                OutputFailed((error.strerror or str(error)).lower()), as_json=False, folder=_folder_of(arguments)
            )
        _abandon_output()
        return REFUSED


def _abandon_output() -> None:
    # What is left in the buffers would fail once more, with a traceback, when the process ends.
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _run(command: click.Command, arguments: Sequence[str]) -> int:
    as_json = "--json" in arguments
    folder = _folder_of(arguments)
    try:
        result = command.main(args=list(arguments), prog_name="archive", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return USAGE
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; nothing more was written", err=True)
        return REFUSED
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except Exception as error:  # noqa: BLE001 - what is no refusal is raised again
        return _refused(error, as_json=as_json, folder=folder)
    return result if isinstance(result, int) else DONE


def _folder_of(arguments: Sequence[str]) -> str | None:
    """
    Return the DIR of a leading `-C DIR`, None without one.
    """
    if not arguments or not arguments[0].startswith("-C"):
        return None
    return arguments[0].removeprefix("-C") or (arguments[1] if len(arguments) > 1 else None)


def show_error(error: "ArchiveError", *, as_json: bool, folder: str | None = None) -> None:
    """
    Print one refusal: what, why, and the next command, which names `folder` where the person did.
    """
    if as_json:
        facts = {name: getattr(error, name) for name in _fields(error)}
        told = {"code": error.code, "message": str(error), "hint": error.hint, **facts}
        click.echo(json.dumps({"error": told}, ensure_ascii=False, default=str))
        return
    click.secho(f"refused: {error}", fg="red", err=True)
    if error.hint:
        from archive_core.cli.common import in_folder  # which loads the archive: not needed when all is well

        click.echo(f"next: {in_folder(error.hint, folder)}", err=True)


def _refused(error: Exception, *, as_json: bool, folder: str | None) -> int:
    """
    Print a refusal and return its exit code; anything that is none is raised again.
    """
    from archive_core.errors import ArchiveError, NoRights, VerificationError
    from archive_core.store.connection import damage_of

    told = NoRights(str(error.filename), "use") if isinstance(error, PermissionError) else damage_of(error) or error
    if not isinstance(told, ArchiveError):
        raise error
    show_error(told, as_json=as_json, folder=folder)
    return UNVERIFIED if isinstance(told, VerificationError) else REFUSED


def _fields(error: "ArchiveError") -> list[str]:
    import attrs

    kind: type = type(error)
    return [attribute.name for attribute in attrs.fields(kind)] if attrs.has(kind) else []
