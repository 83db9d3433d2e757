"""
From what happened to what is printed and which number the command ends with.
"""

import json
import sys
from collections.abc import Sequence

import attrs
import click

from archive_core.errors import ArchiveError, NoRights, VerificationError

DONE, REFUSED, USAGE, WITH_FINDINGS, UNVERIFIED = range(5)


def run(command: click.Command, arguments: Sequence[str]) -> int:
    """
    Return the exit code of one command line, after printing whatever must be said.
    """
    as_json = "--json" in arguments
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
    except ArchiveError as error:
        show_error(error, as_json=as_json)
        return UNVERIFIED if isinstance(error, VerificationError) else REFUSED
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except PermissionError as error:
        show_error(NoRights(str(error.filename), "use"), as_json=as_json)
        return REFUSED
    except Exception as error:
        damage = _damage_of(error)
        if damage is None:
            raise
        show_error(damage, as_json=as_json)
        return REFUSED
    return result if isinstance(result, int) else DONE


def show_error(error: ArchiveError, *, as_json: bool) -> None:
    """
    Print one refusal: what, why, and the next command.
    """
    if as_json:
        facts = {name: getattr(error, name) for name in _fields(error)}
        told = {"code": error.code, "message": str(error), "hint": error.hint, **facts}
        click.echo(json.dumps({"error": told}, ensure_ascii=False, default=str))
        return
    click.secho(f"refused: {error}", fg="red", err=True)
    if error.hint:
        click.echo(f"next: {error.hint}", err=True)


def _damage_of(error: Exception) -> ArchiveError | None:
    """
    A page that SQLite cannot read may be met by any command.
    """
    from archive_core.store.connection import damage_of

    return damage_of(error)


def _fields(error: ArchiveError) -> list[str]:
    kind: type = type(error)
    return [attribute.name for attribute in attrs.fields(kind)] if attrs.has(kind) else []
