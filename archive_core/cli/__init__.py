"""
The command line: parse, call `Archive`, print, exit. No rule of the archive lives here.

Exit codes: 0 done; 1 refused (the message says what, why, and the next command); 2 usage; 3 done with findings or
rejects; 4 verification failed. A user's mistake never shows a traceback.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

# name -> (module, attribute, one line of help): a command's module is imported only when the command runs, so that
# `archive --help` stays quick.
COMMANDS = {
    "init": ("founding", "init", "Found a new archive: first QA person, charter, record types."),
    "status": ("founding", "status", "Show what the archive holds and whether it is well."),
    "person": ("people", "person", "Persons: add, list, show."),
    "type": ("types", "type_group", "Record types: list, show, register, schema."),
    "capture": ("records", "capture", "Bring a record in from a JSON file."),
    "amend": ("records", "amend", "Add a version to a record."),
    "withdraw": ("records", "withdraw", "Say that a record is void; takes effect when signed."),
    "show": ("records", "show", "Show a record: now, as of a day, or one version."),
    "list": ("records", "list_records", "List the records of a type in force."),
    "history": ("records", "history", "Show every version and sign-off of a record."),
    "diff": ("records", "diff", "Show what differs between two versions."),
    "attach": ("records", "attach", "Store a file and print the value for an attachment field."),
    "search": ("room", "search", "Find records by words, in Chinese or English."),
    "queue": ("signing", "queue", "Show what waits for your signature."),
    "sign": ("signing", "sign", "Sign waiting versions."),
    "reject": ("signing", "reject", "Refuse a waiting version, with a reason."),
    "import": ("importing", "import_group", "Legacy import: suggest, check, run, list."),
    "retention": ("retention", "retention", "Retention: what is due for review."),
    "room": ("room", "room", "Reading rooms: build, status."),
    "inspect": ("room", "inspect", "Open the reading room in the browser."),
    "inspector": ("room", "inspector", "Inspectors: who may look, until when."),
    "checkpoint": ("proof", "checkpoint", "Sign and print a checkpoint: three lines to keep."),
    "verify": ("proof", "verify", "Re-read every byte and check every rule."),
    "plugin": ("plugins", "plugin", "Plugins: list what is installed."),
}


class LazyGroup(click.Group):
    """
    Imports a command's module on use; commands of plugins come after the built-in ones.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [*COMMANDS, *_plugin_commands()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        if cmd_name in COMMANDS:
            module, attribute, _ = COMMANDS[cmd_name]
            command: click.Command = getattr(import_module(f"archive_core.cli.{module}"), attribute)
            return command
        point = _plugin_commands().get(cmd_name)
        return point.load() if point else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        rows = [(name, line) for name, (_, _, line) in COMMANDS.items()]
        rows += [(name, _summary(point)) for name, point in _plugin_commands().items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _plugin_commands() -> "dict[str, EntryPoint]":
    """
    Return the commands of plugins by name, without importing any of them.
    """
    from importlib.metadata import entry_points

    return {point.name: point for point in sorted(entry_points(group="archive_core.commands"))}


def _summary(point: "EntryPoint") -> str:
    summary = point.dist.metadata["Summary"] if point.dist else ""
    return summary or point.value


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("-C", "folder", metavar="DIR", default=".", help="The archive; default: the nearest folder with one.")
@click.version_option(package_name="archive-core", message="%(version)s")
@click.pass_context
def archive(ctx: click.Context, folder: str) -> None:
    """
    Versioned, signed-off records whose history an inspector can prove unaltered.
    """
    ctx.obj = folder


def main() -> None:
    """
    Run the command line; the only place that turns errors into messages and exit codes.
    """
    from archive_core.cli.outcome import run

    sys.exit(run(archive, sys.argv[1:]))
