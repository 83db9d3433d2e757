"""
What the reference pages and the golden files say about commands, errors and hooks, read from the code itself.

`uv run cog -r -I . docs/cli.md docs/errors.md docs/hooks.md` writes the pages anew.
"""

import inspect
import itertools
import re
import types
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin

import attrs
import click

from archive_core import errors
from archive_core.cli import archive
from archive_core.hooks import specs

WIDTH = 100


# -- commands ---------------------------------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, click.Context]]:
    """
    Yield every command, groups before their members, by full name.
    """
    root = click.Context(archive, info_name="archive", terminal_width=WIDTH, help_option_names=["-h", "--help"])
    yield "archive", root
    yield from _below("archive", root)


def _below(name: str, context: click.Context) -> Iterator[tuple[str, click.Context]]:
    group = context.command
    if not isinstance(group, click.Group):
        return
    for short in group.list_commands(context):
        command = group.get_command(context, short)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=short, parent=context)
        yield f"{name} {short}", inner
        yield from _below(f"{name} {short}", inner)


def command_pages() -> str:
    """
    Return a section per command: what it does, how it is called, its options.
    """
    return "\n".join(_command(name, context) for name, context in commands() if name != "archive")


def _command(name: str, context: click.Context) -> str:
    level = "##" if name.count(" ") == 1 else "###"
    usage = " ".join(context.command.collect_usage_pieces(context))
    said = inspect.cleandoc(context.command.help or "")
    options = [option for option in context.command.get_params(context) if isinstance(option, click.Option)]
    lines = [f"{level} {name}", "", said, "", "```text", f"{name} {usage}".rstrip(), "```", ""]
    records = [
        record for option in options if (record := option.get_help_record(context)) and "--help" not in record[0]
    ]
    told = [
        f"- `{flags}`" + (f": {help_text}" if help_text else "")
        for flags, help_text in records
        if "--help" not in flags
    ]
    return "\n".join([*lines, *told, ""] if told else lines)


# -- errors -----------------------------------------------------------------------------------------------------------


def error_classes() -> list[type[errors.ArchiveError]]:
    """
    Return every error a user can meet, in the order of the source; families are left out.
    """
    found = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, errors.ArchiveError)]
    return [cls for cls in found if "__str__" in vars(cls)]


def families() -> list[type[errors.ArchiveError]]:
    """
    Return the classes that only group others.
    """
    return [cls for cls in errors.ArchiveError.__subclasses__() if "__str__" not in vars(cls)]


def variants(cls: type[errors.ArchiveError]) -> list[errors.ArchiveError]:
    """
    Return the error filled with placeholders, once for each way its sentence or hint can be built.
    """
    ways = itertools.product((False, True), (False, True), (False, True))
    made = [_filled(cls, empty=empty, descending=descending, absent=absent) for empty, absent, descending in ways]
    return list({_shape(cls, error): error for error in reversed(made)}.values())[::-1]


def _filled(cls: type[errors.ArchiveError], *, empty: bool, descending: bool, absent: bool) -> errors.ArchiveError:
    fields = attrs.fields(cls) if attrs.has(cls) else ()
    places = reversed(range(len(fields))) if descending else range(len(fields))
    return cls(
        *(
            _placeholder(field.type, field.name, number + 1, empty=empty, absent=absent)
            for field, number in zip(fields, places, strict=True)
        )
    )


def _placeholder(kind: Any, name: str, number: int, *, empty: bool, absent: bool) -> Any:
    if get_origin(kind) in {Union, types.UnionType}:
        rest = [one for one in get_args(kind) if one is not type(None)]
        return None if absent else _placeholder(rest[0], name, number, empty=empty, absent=absent)
    if get_origin(kind) is tuple:
        inner = [one for one in get_args(kind) if one is not ...]
        return tuple(_placeholder(one, name, number, empty=empty, absent=absent) for one in inner)
    if kind is str:
        return "" if empty else name.upper()
    return kind(number)


def _shape(cls: type[errors.ArchiveError], error: errors.ArchiveError) -> str:
    text = f"{error}\n{error.hint}"
    for field in attrs.fields(cls) if attrs.has(cls) else ():
        text = text.replace(field.name.upper(), "")
    return re.sub(r"[0-9a-f]*\d[0-9a-f]*", "#", text)


def error_sections() -> str:
    """
    Return a section per family and, in it, one per error: when it comes, what it says, what to do.
    """
    return "\n".join(_family(family) for family in families())


def _family(family: type[errors.ArchiveError]) -> str:
    members = [cls for cls in error_classes() if issubclass(cls, family)]
    head = [f"## {family.__name__}", "", inspect.cleandoc(family.__doc__ or ""), ""]
    return "\n".join(head + [_error(cls) for cls in members])


def _error(cls: type[errors.ArchiveError]) -> str:
    lines = [f"### {cls.code}", "", inspect.cleandoc(cls.__doc__ or ""), ""]
    for error in variants(cls):
        told = f"refused: {error}" + (f"\nnext: {error.hint}" if error.hint else "")
        lines += ["```text", told, "```", ""]
    return "\n".join(lines)


# -- hooks ------------------------------------------------------------------------------------------------------------


def hooks() -> dict[str, Any]:
    """
    Return the hook specifications by name.
    """
    return {name: value for name, value in vars(specs).items() if name.startswith("archive_") and callable(value)}


def signature(function: Any) -> str:
    """
    Return the definition line of a hook, as an implementation writes it.
    """
    names = {name: parameter.annotation.__name__ for name, parameter in inspect.signature(function).parameters.items()}
    asked = ", ".join(f"{name}: {kind}" for name, kind in names.items())
    answer = re.sub(r"[a-z_]+(?:\.[a-z_]+)*\.", "", inspect.formatannotation(function.__annotations__["return"]))
    return f"def {function.__name__}({asked}) -> {answer}: ..."


def hook_sections() -> str:
    """
    Return a section per hook: exact signature and contract.
    """
    return "\n".join(
        f"## {name}\n\n```text\n{signature(function)}\n```\n\n{inspect.cleandoc(function.__doc__ or '')}\n"
        for name, function in hooks().items()
    )
