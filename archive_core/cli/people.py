"""
`archive person`.
"""

import click

from archive_core.cli.common import (
    acting_options,
    json_option,
    open_to_act,
    open_to_read,
    print_json,
    print_table,
    read_password,
    warn_of_unknown_roles,
)
from archive_core.cli.wording import say_signer
from archive_core.errors import UnknownRecord
from archive_core.people.persons import Person
from archive_core.types.builtin import PERSON


@click.group()
def person() -> None:
    """
    Persons: who may act, in which roles.
    """


@person.command()
@click.argument("username")
@click.option("--name-zh", required=True, help="Chinese name, as printed beside signatures.")
@click.option("--name-en", required=True, help="English name.")
@click.option("--role", "roles", multiple=True, required=True, help="A role; repeatable.")
@click.option("--identity-check", default="", help="Who checked which document, when (21 CFR 11.100(b)).")
@click.option("--new-password-file", type=click.Path(dir_okay=False), help="File with the new person's first password.")
@acting_options
@json_option
@click.pass_context
def add(
    ctx: click.Context,
    username: str,
    name_zh: str,
    name_en: str,
    roles: tuple[str, ...],
    identity_check: str,
    new_password_file: str | None,
    user: str | None,
    password_file: str | None,
    as_json: bool,
) -> None:
    """
    Propose a person; another QA person signs before they can act.

    Until the archive holds anything else than its founding, the founder enrols colleagues in the founding ceremony:
    they can act at once. The first other entry ends it.
    """
    archive = open_to_act(ctx, user, password_file)
    warn_of_unknown_roles(archive.registry, roles)
    password = read_password(
        new_password_file, f"First password of {username} 初始密码", confirm=True, option="--new-password-file"
    )
    captured = archive.add_person(
        username, name_zh=name_zh, name_en=name_en, roles=roles, password=password, identity_check=identity_check
    )
    state = archive.show(captured.record).state
    if as_json:
        print_json({"record": captured.record, "username": username, "state": state})
    elif state == "in_force":
        click.echo(f"{username} is enrolled (record {captured.record}) in the founding ceremony and can act now.")
    else:
        click.echo(f"{username} is proposed (record {captured.record})")
        say_signer(archive, captured.record)


@person.command("list")
@json_option
@click.pass_context
def list_persons(ctx: click.Context, as_json: bool) -> None:
    """
    List persons in force.
    """
    archive = open_to_read(ctx)
    found = [
        shown
        for row in archive.ledger.reader.records(PERSON)
        if (shown := archive.people.at(row.record, archive.now())) is not None
    ]
    if as_json:
        print_json([_facts(shown) for shown in found])
        return
    print_table(
        ("record", "username", "姓名", "name", "roles"),
        [(str(one.record), one.username, one.name_zh, one.name_en, ", ".join(sorted(one.roles))) for one in found],
    )


@person.command("show")
@click.argument("username")
@json_option
@click.pass_context
def show_person(ctx: click.Context, username: str, as_json: bool) -> None:
    """
    Show one person as in force.
    """
    archive = open_to_read(ctx)
    record = archive.people.known(username)
    shown = archive.people.at(record, archive.now()) if record is not None else None
    if shown is None:
        raise UnknownRecord(f"person {username} in force")
    if as_json:
        print_json(_facts(shown))
        return
    click.secho(f"{shown.name_zh} {shown.name_en} ({shown.username}), record {shown.record}", bold=True)
    click.echo(f"roles: {', '.join(sorted(shown.roles)) or 'none'}; {'active' if shown.active else 'not active'}")


def _facts(shown: Person) -> dict[str, object]:
    return {
        "record": shown.record,
        "username": shown.username,
        "name": {"zh": shown.name_zh, "en": shown.name_en},
        "roles": sorted(shown.roles),
        "active": shown.active,
        "public_key": shown.public_key.hex(),
    }
