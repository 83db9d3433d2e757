"""
`archive import suggest`, `check`, `run`, `list`.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from archive_core.cli.common import (
    acting_options,
    here,
    json_option,
    next_step,
    open_to_act,
    open_to_read,
    pasted,
    print_json,
    print_table,
)
from archive_core.cli.outcome import DONE, WITH_FINDINGS
from archive_core.cli.wording import signer_of
from archive_core.errors import NoRights, SourceUnusable
from archive_core.importing.outcome import LABELS_ZH, Outcome
from archive_core.importing.report import ImportReport
from archive_core.importing.run import Wishes
from archive_core.importing.shapes import ColumnProfile
from archive_core.importing.shelf import known_batches
from archive_core.importing.suggest import Suggestion
from archive_core.model.finding import Severity

SEVERITIES = {Severity.ERROR: "退回 error", Severity.WARNING: "警告 warning", Severity.INFO: "说明 info"}
SHOWN_EXAMPLES = 3


@click.group("import")
def import_group() -> None:
    """
    Legacy import: suggest a mapping, check a file, run the import; QA signs the batch.
    """


@import_group.command()
@click.argument("file")
@click.option("--type", "type_name", required=True, metavar="TYPE", help="Record type the rows become.")
@click.option("-o", "--output", metavar="MAPPING", help="Write the mapping to this file instead of the screen.")
@click.option("--sheet", metavar="NAME", help="Sheet of a workbook; default: the first visible one with rows.")
@click.option("--encoding", metavar="NAME", help="Encoding of a text file; default: found over the whole file.")
@click.option("--header-row", type=click.IntRange(min=1), metavar="N", help="Row of the column titles.")
@json_option
@click.pass_context
def suggest(
    ctx: click.Context,
    file: str,
    type_name: str,
    output: str | None,
    sheet: str | None,
    encoding: str | None,
    header_row: int | None,
    as_json: bool,
) -> None:
    """
    Propose a mapping for FILE, from column titles and from what the values look like.
    """
    desk = open_to_read(ctx).importing
    found = desk.suggest(Path(file), type_name, sheet=sheet, encoding=encoding, header_row=header_row)
    text = found.text()
    if output is not None:
        _write_new(Path(output), text)
    if as_json:
        print_json(_suggestion_facts(found, text))
        return
    _print_suggestion(found, to_screen=output is None)
    if output is None:
        click.echo(text)
        return
    made = pasted(output)
    next_step(f"read and correct {made}, then archive import check {pasted(file)} -m {made}")


@import_group.command()
@click.argument("file")
@click.option("-m", "--mapping", "mapping_file", required=True, metavar="MAPPING", help="The mapping, a TOML file.")
@click.option("--rejects", metavar="FILE", help="Write the rows that could not come in, with reasons.")
@click.option("--findings", metavar="FILE", help="Write every finding, one JSON object a line.")
@click.option("--encoding", metavar="NAME", help="Encoding of this file, instead of the mapping's.")
@json_option
@click.pass_context
def check(
    ctx: click.Context,
    file: str,
    mapping_file: str,
    rejects: str | None,
    findings: str | None,
    encoding: str | None,
    as_json: bool,
) -> int:
    """
    Say what importing FILE would do, without doing it: the same path as `run`, row by row.
    """
    desk = open_to_read(ctx).importing
    plan = desk.plan(Path(file), Path(mapping_file), encoding=encoding)
    with _progress(plan.rows, hidden=as_json) as progress:
        wishes = Wishes(rejects=_target(rejects), findings=_target(findings), progress=progress)
        report = desk.check(plan, wishes)
    then = "next: " + here(f"archive import run {pasted(file)} -m {pasted(mapping_file)}")
    return _tell(report, rejects, as_json=as_json, then=then)


@import_group.command()
@click.argument("file")
@click.option("-m", "--mapping", "mapping_file", required=True, metavar="MAPPING", help="The mapping, a TOML file.")
@click.option("--rejects", metavar="FILE", help="Write the rows that could not come in, with reasons.")
@click.option("--findings", metavar="FILE", help="Write every finding, one JSON object a line.")
@click.option("--encoding", metavar="NAME", help="Encoding of this file, instead of the mapping's.")
@click.option(
    "--max-rejects", type=click.IntRange(min=0), metavar="N", help="Write nothing if more rows would be rejected."
)
@click.option("--alone", is_flag=True, help="Nobody else works in the archive: longer transactions, no rests.")
@acting_options
@json_option
@click.pass_context
def run(
    ctx: click.Context,
    file: str,
    mapping_file: str,
    rejects: str | None,
    findings: str | None,
    encoding: str | None,
    max_rejects: int | None,
    alone: bool,
    user: str | None,
    password_file: str | None,
    as_json: bool,
) -> int:
    """
    Import FILE as one batch that waits for QA's sign-off; run it again after an interruption to go on.
    """
    archive = open_to_act(ctx, user, password_file)
    desk = archive.importing
    plan = desk.plan(Path(file), Path(mapping_file), encoding=encoding)
    with _progress(plan.rows, hidden=as_json) as progress:
        wishes = Wishes(
            rejects=_target(rejects),
            findings=_target(findings),
            most_rejects=max_rejects,
            alone=alone,
            progress=progress,
        )
        report = desk.run(plan, wishes)
    archive.checkpoint()
    then = "nothing new: no batch was opened"
    if report.batch is not None:
        then = "next: " + here(signer_of(archive, report.batch))
    return _tell(report, rejects, as_json=as_json, then=then)


@import_group.command("list")
@json_option
@click.pass_context
def list_batches(ctx: click.Context, as_json: bool) -> None:
    """
    List the import batches, oldest first.
    """
    archive = open_to_read(ctx)
    batches = [
        {
            "record": batch.record,
            "state": archive.views.version(batch.record, batch.version).state,
            **{name: value for name, value in batch.fields.items() if name != "mapping"},
        }
        for batch in known_batches(archive.ledger.reader)
    ]
    if as_json:
        print_json(batches)
        return
    names = ("record", "batch_no", "status", "state", "record_type", "rows_read", "entries", "source_name")
    print_table(names, [tuple(str(batch.get(name, "")) for name in names) for batch in batches])


# -- helpers --


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise SourceUnusable(str(path), "it exists already and was not overwritten", "name another file") from None
    except OSError:
        raise NoRights(str(path), "write") from None


def _target(name: str | None) -> Path | None:
    if name is None:
        return None
    path = Path(name)
    if not path.parent.is_dir():
        raise NoRights(name, "write")
    return path


@contextmanager
def _progress(rows: int, *, hidden: bool) -> Iterator[Callable[[int], None] | None]:
    if hidden or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=rows, label="rows 行", file=sys.stderr) as bar:
        yield bar.update


def _tell(report: ImportReport, rejects: str | None, *, as_json: bool, then: str) -> int:
    noted = any(rule.severity is not Severity.INFO for rule in report.rules)
    code = WITH_FINDINGS if report.rejected or noted or not report.read else DONE
    if as_json:
        print_json(report.to_json())
        return code
    for note in report.notes:
        click.echo(f"note: {note}")
    _print_outcomes(report)
    _print_rules(report)
    _print_totals(report)
    if rejects is not None and report.rejected:
        click.echo(f"{report.rejected} rows are in {rejects}: correct them there and import it with the same mapping")
    if report.written and report.batch is not None:
        click.echo(f"batch {report.batch_no} is record {report.batch}; root {report.root}")
    if report.read:
        click.echo(then)
    return code


def _print_outcomes(report: ImportReport) -> None:
    click.secho(
        f"{report.source} {report.sheet}".strip() + f" -> {report.record_type}, plan {report.plan[:12]}", bold=True
    )
    rows = [(f"{LABELS_ZH[outcome]} {outcome.value}", f"{report.outcomes[outcome]:>9,}") for outcome in Outcome]
    print_table(("outcome", "     rows"), [*rows, ("合计 read", f"{report.read:>9,}")])


def _print_rules(report: ImportReport) -> None:
    if not report.rules:
        return
    click.echo()
    rows = [(f"{rule.count:>9,}", SEVERITIES[rule.severity], rule.rule) for rule in report.rules]
    print_table(("    count", "severity", "rule"), rows)
    for rule in report.rules:
        if rule.severity is Severity.INFO:
            continue
        click.secho(f"{rule.rule}", bold=True)
        for found in rule.examples[:SHOWN_EXAMPLES]:
            told = found.finding
            shown = f" ({told.value})" if told.value is not None else ""
            click.echo(f"  row {found.row} {found.column}: {told.zh} {told.en}{shown}")
        hint = rule.examples[0].finding
        if hint.hint_en:
            click.echo(f"  -> {hint.hint_zh} {hint.hint_en}")


def _print_totals(report: ImportReport) -> None:
    if report.gaps:
        click.echo()
        click.echo(
            "missing at source 来源缺失: " + ", ".join(f"{name} {count:,}" for name, count in report.gaps.items())
        )
    if report.totals:
        click.echo()
        rows = [(each.target, each.title, each.read, each.taken, each.least, each.greatest) for each in report.totals]
        print_table(("field", "column", "sum read", "sum taken", "least", "greatest"), rows)


def _print_suggestion(found: Suggestion, *, to_screen: bool) -> None:
    # The mapping itself may go to the screen, to be redirected: what is said about it must not mix with it.
    if not to_screen:
        rows = [(each.title, str(each.filled), str(each.distinct), _shape(each)) for each in found.profiles]
        print_table(("column", "filled", "different", "looks like"), rows)
    lines = [*(f"note: {note}" for note in found.notes)]
    lines += [f"{match.column.title} -> {match.target} (by {match.by})" for match in found.matches]
    lines += [f"CONFLICT {conflict.sentence()}" for conflict in found.conflicts]
    lines += [f"no column for the required field {name}" for name in found.missing]
    for line in lines:
        click.echo(line, err=to_screen)


def _shape(profile: ColumnProfile) -> str:
    shapes = ", ".join(f"{name} {share / 10:g} %" for name, share in profile.shapes[:2])
    return f"{shapes} (personal 个人信息)" if profile.personal else f"{shapes}: {' | '.join(profile.examples)[:60]}"


def _suggestion_facts(found: Suggestion, text: str) -> dict[str, object]:
    return {
        "mapping": text,
        "header_row": found.table.header_row,
        "title": list(found.table.title),
        "columns": [_profile_facts(profile) for profile in found.profiles],
        "matches": [{"column": each.column.title, "field": each.target, "by": each.by} for each in found.matches],
        "conflicts": [conflict.sentence() for conflict in found.conflicts],
        "missing": list(found.missing),
        "notes": list(found.notes),
    }


def _profile_facts(profile: ColumnProfile) -> dict[str, object]:
    return {
        "title": profile.title,
        "rows": profile.rows,
        "filled": profile.filled,
        "distinct": profile.distinct,
        "longest": profile.longest,
        "shapes": dict(profile.shapes),
        "personal": profile.personal,
        "examples": [] if profile.personal else list(profile.examples),
    }
