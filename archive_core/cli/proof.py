"""
`archive checkpoint`, `archive verify`.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import click

from archive_core.archive import Archive
from archive_core.cli.common import here, json_option, open_to_read, print_json
from archive_core.cli.outcome import DONE, UNVERIFIED
from archive_core.errors import CardUnreadable, CheckpointMalformed, StoreDamaged
from archive_core.model.verification import Report
from archive_core.verification import card_size

SHOWN = 20


@click.command()
@json_option
@click.pass_context
def checkpoint(ctx: click.Context, as_json: bool) -> None:
    """
    Sign and print a checkpoint: keep it, and nothing it covers can be rewritten unnoticed.
    """
    note = open_to_read(ctx).checkpoint()
    if as_json:
        print_json({"checkpoint": note})
    else:
        click.echo(note, nl=False)


@click.command()
@click.option("--since", type=click.Path(dir_okay=False), metavar="CARD", help="File with a checkpoint you kept.")
@json_option
@click.pass_context
def verify(ctx: click.Context, since: str | None, as_json: bool) -> int:
    """
    Re-read every byte and check every rule; exit 4 names the record and what is wrong.

    With --since, the ledger must be a continuation of the one your CARD was signed over: nothing it covers was
    rewritten.
    """
    card = _read_card(since) if since else ""
    try:
        archive = open_to_read(ctx)
        report = _run(archive, card)
    except StoreDamaged as damage:
        _say_damaged(damage, as_json=as_json)
        return UNVERIFIED
    _on_verified(archive, report)
    if as_json:
        print_json(_facts(report))
    else:
        _print(report, since)
    return DONE if report.good else UNVERIFIED


def _on_verified(archive: Archive, report: Report) -> None:
    """
    Let the reading rooms show the outcome; on a medium that cannot be written they stay as they are.
    """
    from archive_core.cli.room import tell_rooms

    try:
        tell_rooms(archive, report)
    except OSError as error:
        click.secho(f"attention: the reading rooms do not show this outcome: {error}", fg="yellow", err=True)


def _read_card(path: str) -> str:
    try:
        card = Path(path).read_text(encoding="utf-8")
        card_size(card)
    except (OSError, UnicodeDecodeError, CheckpointMalformed) as error:
        raise CardUnreadable(path, str(error)) from None
    return card


def _run(archive: Archive, card: str) -> Report:
    screen = sys.stderr
    with click.progressbar(length=1000, label="verifying", file=screen, hidden=not screen.isatty()) as bar:
        return archive.verify(_moves(bar.update), since=card)


def _moves(update: Callable[[int], None]) -> Callable[[str, int, int], None]:
    """
    Map the phases onto one bar of a thousand: tree 400, contents 500, index 50, attachments 50.
    """
    spans: dict[str, tuple[int, int]] = {
        "tree": (0, 400),
        "contents": (400, 500),
        "index": (900, 50),
        "attachments": (950, 50),
    }
    at = [0]

    def progress(phase: str, done: int, total: int) -> None:
        start, length = spans.get(phase, (0, 0))
        now = start + (length * done // total if total else length)
        if now > at[0]:
            update(now - at[0])
            at[0] = now

    return progress


def _say_damaged(damage: StoreDamaged, *, as_json: bool) -> None:
    if as_json:
        print_json({"assurance": "broken", "flaws": [{"code": damage.code, "en": str(damage)}]})
    else:
        click.secho(f"verification failed: {damage}", fg="red", err=True)
        click.echo(f"next: {here(damage.hint)}", err=True)


def _facts(report: Report) -> dict[str, object]:
    return {
        "assurance": report.assurance,
        "size": report.size,
        "root": report.root.hex(),
        "at": report.at,
        "counts": report.counts,
        "flaws": [
            {"code": f.code, "entry": f.entry, "record": f.record, "version": f.version, "en": f.en, "zh": f.zh}
            for f in report.flaws
        ],
    }


def _print(report: Report, card: str | None) -> None:
    counted = ", ".join(f"{count} {what}" for what, count in report.counts.items())
    if report.good:
        click.secho(f"verified 验证通过: {counted}", fg="green")
        click.echo(f"assurance: {report.assurance}; root {report.root.hex()}")
        if card:
            click.echo(f"This proves: nothing covered by the checkpoint in {card} was rewritten.")
        else:
            click.echo("Everything fits together. To prove that nothing was rewritten: archive verify --since CARD")
        return
    click.secho(f"verification failed 验证未通过: {len(report.flaws)} finding(s)", fg="red")
    for flaw in report.flaws[:SHOWN]:
        click.echo(f"  {flaw.line()}; {flaw.zh} [{flaw.code}]")
    if len(report.flaws) > SHOWN:
        click.echo(f"  and {len(report.flaws) - SHOWN} more: archive verify --json")
