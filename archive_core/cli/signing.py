"""
`archive queue`, `archive sign`, `archive reject`.
"""

import attrs
import click

from archive_core.archive import Archive
from archive_core.cli.common import (
    acting_options,
    json_option,
    local_time,
    open_to_act,
    open_to_read,
    print_json,
    print_table,
)
from archive_core.cli.wording import label_of, say_signers, shown
from archive_core.model.lifecycle import State
from archive_core.records.views import changes


@click.command()
@click.option("--all", "everybody", is_flag=True, help="What waits for anybody; needs no login.")
@acting_options
@json_option
@click.pass_context
def queue(
    ctx: click.Context,
    everybody: bool,
    user: str | None,
    password_file: str | None,
    as_json: bool,
) -> None:
    """
    Show what waits for your signature, oldest first.
    """
    archive = open_to_read(ctx) if everybody else open_to_act(ctx, user, password_file)
    found = archive.queue(everybody=everybody)
    if as_json:
        print_json([attrs.asdict(one) for one in found])
        return
    if not found:
        click.echo("Nothing waits.")
        return
    print_table(
        ("record", "v", "type", "key", "step", "role", "since"),
        [
            (
                str(one.record),
                str(one.version),
                one.type,
                one.key,
                one.meaning,
                one.role,
                local_time(archive, one.since),
            )
            for one in found
        ],
    )


@click.command()
@click.argument("records", nargs=-1, type=int, required=True, metavar="RECORD...")
@click.option("--yes", is_flag=True, help="Do not show what is signed and ask first.")
@acting_options
@json_option
@click.pass_context
def sign(
    ctx: click.Context,
    records: tuple[int, ...],
    yes: bool,
    user: str | None,
    password_file: str | None,
    as_json: bool,
) -> None:
    """
    Sign the open step of the waiting version of each RECORD: all or none.

    Shows exactly what is signed, as a difference against the version in force, and asks before it signs.
    """
    archive = open_to_act(ctx, user, password_file)
    if not yes and not as_json:
        for record in records:
            _show_waiting(archive, record)
        click.confirm(f"Sign {len(records)} record(s) 签核", abort=True, err=True)
    done = archive.sign(*records)
    if as_json:
        print_json([attrs.asdict(one) for one in done])
        return
    for one in done:
        state = {
            State.IN_FORCE: "is in force now 已生效",
            State.PROPOSED: "waits for the next step 待下一步签核",
        }.get(one.state, one.state)
        click.echo(f"record {one.record} version {one.version}: step {one.step} signed; it {state}")
    say_signers(archive, tuple(one.record for one in done))


@click.command()
@click.argument("record", type=int)
@click.option("--reason", required=True, help="Why; it goes back to the author.")
@acting_options
@json_option
@click.pass_context
def reject(
    ctx: click.Context,
    record: int,
    reason: str,
    user: str | None,
    password_file: str | None,
    as_json: bool,
) -> None:
    """
    Refuse the waiting version of RECORD.
    """
    done = open_to_act(ctx, user, password_file).reject(record, reason=reason)
    if as_json:
        print_json(attrs.asdict(done))
    else:
        click.echo(f"record {record} version {done.version} is rejected")


def _show_waiting(archive: Archive, record: int) -> None:
    row = archive.views.record(record)
    proposed = archive.views.version(record, row.latest)
    old = archive.views.version(record, row.in_force).fields if row.in_force else {}
    title = f"record {record}, {proposed.type} {proposed.key}, version {proposed.version}"
    click.secho(title + (" WITHDRAWS THE RECORD 作废" if proposed.withdrawn else ""), bold=True)
    if proposed.reason:
        click.echo(f"  reason 理由: {proposed.reason}")
    fields = archive.definitions.of(proposed.type, proposed.type_version).fields
    for change in changes(old, proposed.fields):
        label, spec = label_of(fields, change.path)
        before = f"{shown(spec, change.old)} -> " if row.in_force else ""
        click.echo(f"  {label}: {before}{shown(spec, change.new)}")
