"""
`archive type`.
"""

import click

from archive_core.cli.common import acting_options, json_option, open_to_act, open_to_read, print_json, print_table
from archive_core.cli.wording import say_signer
from archive_core.hooks.registry import Registry
from archive_core.model.fields import FieldSpec
from archive_core.types.schema import json_schema


@click.group("type")
def type_group() -> None:
    """
    Record types: what is installed, and what is registered in this archive.
    """


@type_group.command("list")
@json_option
@click.pass_context
def list_types(ctx: click.Context, as_json: bool) -> None:
    """
    List the installed record types and whether they can be used.
    """
    archive = open_to_read(ctx)
    found = [
        {
            "name": name,
            "version": installed.record_type.version,
            "zh": installed.record_type.zh,
            "en": installed.record_type.en,
            "plugin": installed.plugin,
            "in_force": archive.type_in_force(installed),
            "records": archive.ledger.reader.count(name),
        }
        for name, installed in archive.registry.types.items()
    ]
    if as_json:
        print_json(found)
        return
    print_table(
        ("name", "v", "名称", "title", "plugin", "state", "records"),
        [
            (
                str(one["name"]),
                str(one["version"]),
                str(one["zh"]),
                str(one["en"]),
                str(one["plugin"]),
                "现行 in force" if one["in_force"] else "未登记 not registered",
                str(one["records"]),
            )
            for one in found
        ],
    )


@type_group.command("show")
@click.argument("name")
@json_option
def show_type(name: str, as_json: bool) -> None:
    """
    Show what a record type asks for.
    """
    installed = Registry.load().installed(name)
    declared = installed.record_type
    if as_json:
        print_json({**declared.to_json(), "definition_sha256": installed.definition_sha256})
        return
    click.secho(f"{declared.zh} {declared.en} ({declared.name} v{declared.version})", bold=True)
    click.echo(f"source: {declared.source}\nkey: {', '.join(declared.key)}")
    for step in declared.sign_off:
        click.echo(f"sign-off: {step.zh} {step.en}, role {step.role}" + (f", {step.count} people" * (step.count > 1)))
    _show_fields(declared.fields, "")


def _show_fields(specs: tuple[FieldSpec, ...], indent: str) -> None:
    for spec in specs:
        mark = "*" if spec.required else " "
        referred = f"key of a {spec.target}" if spec.target else ""
        kind = " | ".join(option.value for option in spec.options) or referred or spec.kind.value
        click.echo(f"{indent}{mark} {spec.name}: {spec.zh} {spec.en} [{kind}]")
        _show_fields(spec.lines, indent + "    ")


@type_group.command()
@click.argument("names", nargs=-1)
@acting_options
@json_option
@click.pass_context
def register(
    ctx: click.Context,
    names: tuple[str, ...],
    user: str | None,
    password_file: str | None,
    as_json: bool,
) -> None:
    """
    Propose the installed definitions NAMES (default: all that are not in force); another QA person signs.
    """
    archive = open_to_act(ctx, user, password_file)
    captured = archive.register_types(*names)
    if as_json:
        print_json([{"name": one.key, "record": one.record, "version": one.version} for one in captured])
        return
    for one in captured:
        click.echo(f"{one.key}: proposed as record {one.record}")
        say_signer(archive, one.record)
    if not captured:
        click.echo("Every installed record type is in force.")


@type_group.command()
@click.argument("name")
def schema(name: str) -> None:
    """
    Print the JSON Schema of a record type.
    """
    print_json(json_schema(Registry.load().installed(name).record_type))
