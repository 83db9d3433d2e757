"""
`archive retention`.
"""

from datetime import date, timedelta

import click

from archive_core.cli.common import Day, json_option, open_to_read, print_json, print_table, require_type
from archive_core.clock import local_day
from archive_core.retention.schedule import DueItem


@click.group()
def retention() -> None:
    """
    Retention schedules: what is due for review. Nothing here destroys anything.
    """


@retention.command()
@click.option("--on", type=Day(), help="Day to judge by; default: today.")
@click.option(
    "--within", type=click.IntRange(min=0), default=0, metavar="DAYS", help="Also what falls due in DAYS days."
)
@click.option("--type", "type_name", metavar="TYPE", help="Only this record type.")
@click.option("--all", "everything", is_flag=True, help="Every record, with what keeps it.")
@json_option
@click.pass_context
def due(
    ctx: click.Context,
    on: date | None,
    within: int,
    type_name: str | None,
    everything: bool,
    as_json: bool,
) -> None:
    """
    List records whose retention period has ended, and those whose trigger is not known.
    """
    archive = open_to_read(ctx)
    if type_name is not None:
        require_type(archive, type_name)
    today = on or local_day(archive.now(), archive.config.zone)
    limit = today + timedelta(days=within)
    items = [item for item in archive.due(type_name) if everything or item.is_due(limit) or item.verdict.missing]
    if as_json:
        print_json({"on": today, "within_days": within, "items": [_facts(item, today) for item in items]})
        return
    print_table(
        ("record", "type", "key", "keep until", "state"),
        [
            (str(item.record), item.type, item.key, str(item.verdict.keep_until or ""), _state(item, today))
            for item in items
        ],
    )
    overdue = sum(item.is_due(today) for item in items)
    click.echo(
        f"{overdue} due for review on {today}, {sum(bool(item.verdict.missing) for item in items)} without trigger"
    )


def _state(item: DueItem, today: date) -> str:
    if item.verdict.permanent:
        return "永久 permanent"
    if item.verdict.missing:
        return f"触发缺失 trigger missing: {', '.join(item.verdict.missing)}"
    return "到期 due for review" if item.is_due(today) else "保管中 kept"


def _facts(item: DueItem, today: date) -> dict[str, object]:
    return {
        "record": item.record,
        "type": item.type,
        "key": item.key,
        "keep_until": item.verdict.keep_until,
        "eligible": item.verdict.eligible,
        "permanent": item.verdict.permanent,
        "missing": list(item.verdict.missing),
        "due": item.is_due(today),
        "basis": item.basis,
        "withdrawn": item.withdrawn,
    }
