"""
`archive capture`, `amend`, `withdraw`, `show`, `list`, `history`, `diff`, `attach`.
"""

import json
from datetime import date
from typing import Any

import attrs
import click

from archive_core.archive import Archive
from archive_core.cli.common import (
    Day,
    acting_options,
    json_option,
    local_time,
    open_to_act,
    open_to_read,
    plain,
    print_json,
    print_table,
)
from archive_core.cli.wording import say_signer, shown
from archive_core.errors import InputUnreadable, NotInForce
from archive_core.model.fields import FieldSpec, Kind
from archive_core.records.views import VersionView
from archive_core.records.writing import Captured

STATES = {
    "proposed": "待签核 proposed",
    "in_force": "现行 in force",
    "superseded": "已被取代 superseded",
    "rejected": "已退回 rejected",
    "replaced": "已替换 replaced",
}


class PointNumber(str):
    """
    A JSON number with a point or an exponent, as it is written: no digit is lost on the way to a decimal field.
    """

    __slots__ = ()


def with_exact_decimals(fields: dict[str, Any], specs: tuple[FieldSpec, ...]) -> dict[str, Any]:
    """
    Return the fields with numbers as exact text where a decimal is wanted, and as numbers elsewhere: there the check
    of the type refuses them.
    """
    known = {spec.name: spec for spec in specs}
    return {name: _typed(value, known.get(name)) for name, value in fields.items()}


def _typed(value: Any, spec: FieldSpec | None) -> Any:
    if isinstance(value, PointNumber):
        return str(value) if spec is not None and spec.kind is Kind.DECIMAL else float(value)
    if isinstance(value, list):
        return [_typed(item, spec) for item in value]
    if isinstance(value, dict):
        return with_exact_decimals(value, spec.lines if spec is not None else ())
    return value


def read_fields(path: str) -> dict[str, Any]:
    """
    Return the JSON object in a file, or standard input for "-"; numbers with a point are `PointNumber`.

    Raises:
        InputUnreadable: no such file, not UTF-8, not JSON, or not an object.
    """
    try:
        with click.open_file(path, encoding="utf-8-sig") as file:  # Windows editors begin a file with a mark
            data = json.load(file, parse_float=PointNumber, object_pairs_hook=_without_repeats)
    except UnicodeDecodeError as error:
        raise InputUnreadable(path, f"it is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except RecursionError:
        raise InputUnreadable(path, "it is nested too deeply") from None
    except OSError as error:
        raise InputUnreadable(path, (error.strerror or str(error)).lower()) from None
    except ValueError as error:
        raise InputUnreadable(path, str(error)) from None
    if not isinstance(data, dict):
        raise InputUnreadable(path, "it holds no JSON object")
    return data


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"it gives {', '.join(repeated)} more than once")
    return dict(pairs)


@click.command()
@click.argument("type_name", metavar="TYPE")
@click.argument("file")
@acting_options
@json_option
@click.pass_context
def capture(
    ctx: click.Context,
    type_name: str,
    file: str,
    user: str | None,
    password_file: str | None,
    as_json: bool,
) -> None:
    """
    Bring in a record of TYPE whose fields are in the JSON FILE ("-": standard input).
    """
    fields = read_fields(file)
    archive = open_to_act(ctx, user, password_file)
    typed = with_exact_decimals(fields, archive.registry.installed(type_name).record_type.fields)
    _say_captured(archive, archive.capture(type_name, typed), as_json=as_json)


@click.command()
@click.argument("record", type=int)
@click.argument("file")
@click.option("--reason", required=True, help="Why, in words.")
@click.option("--seen", type=int, help="Version you looked at; default: the latest now.")
@click.option("--replace", is_flag=True, help="Take the place of a proposal that still waits.")
@click.option("--partial", is_flag=True, help="FILE holds only the fields that change; null removes one.")
@click.option(
    "--gap", "gaps", multiple=True, metavar="FIELD=WHY", help="A field missing at source that cannot be filled."
)
@acting_options
@json_option
@click.pass_context
def amend(
    ctx: click.Context,
    record: int,
    file: str,
    reason: str,
    seen: int | None,
    replace: bool,
    partial: bool,
    gaps: tuple[str, ...],
    user: str | None,
    password_file: str | None,
    as_json: bool,
) -> None:
    """
    Add a version to RECORD, with the fields in the JSON FILE.
    """
    stated = read_fields(file)
    archive = open_to_act(ctx, user, password_file)
    row = archive.views.record(record)
    looked_at = row.latest if seen is None else seen
    fields = with_exact_decimals(stated, archive.registry.installed(row.type).record_type.fields)
    if partial:
        merged = {**archive.show(record, version=looked_at).fields, **fields}
        fields = {name: value for name, value in merged.items() if value is not None}
    why = dict(gap.partition("=")[::2] for gap in gaps)
    captured = archive.amend(record, fields, reason=reason, seen=looked_at, replace=replace, gaps=why)
    _say_captured(archive, captured, as_json=as_json)


@click.command()
@click.argument("record", type=int)
@click.option("--reason", required=True, help="Why the record is void.")
@click.option("--seen", type=int, help="Version you looked at; default: the latest now.")
@acting_options
@json_option
@click.pass_context
def withdraw(
    ctx: click.Context,
    record: int,
    reason: str,
    seen: int | None,
    user: str | None,
    password_file: str | None,
    as_json: bool,
) -> None:
    """
    Propose that RECORD is void; it stays readable for ever.
    """
    archive = open_to_act(ctx, user, password_file)
    looked_at = archive.views.record(record).latest if seen is None else seen
    _say_captured(archive, archive.withdraw(record, reason=reason, seen=looked_at), as_json=as_json)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--media-type", default="application/octet-stream", show_default=True)
@click.pass_context
def attach(ctx: click.Context, file: str, media_type: str) -> None:
    """
    Store FILE under its SHA-256 and print the value for an attachment field.
    """
    print_json(attrs.asdict(open_to_read(ctx).attach(file, media_type=media_type)))


def _say_captured(archive: Archive, captured: Captured, *, as_json: bool) -> None:
    if as_json:
        told = attrs.asdict(captured, recurse=False)
        print_json({**told, "findings": [finding.line() for finding in captured.findings]})
        return
    click.echo(f"record {captured.record} version {captured.version} ({captured.type} {captured.key}) is captured")
    for finding in captured.findings:
        click.echo(f"  {finding.severity}: {finding.line()}")
    say_signer(archive, captured.record)


@click.command()
@click.argument("record", type=int)
@click.option("--version", type=int, help="This version.")
@click.option("--as-of", type=Day(), help="As it was in force on that day.")
@json_option
@click.pass_context
def show(
    ctx: click.Context,
    record: int,
    version: int | None,
    as_of: date | None,
    as_json: bool,
) -> None:
    """
    Show RECORD: the version in force, one version, or as of a day.
    """
    archive = open_to_read(ctx)
    view = _view(archive, record, version, as_of)
    if as_json:
        print_json(version_facts(view))
    else:
        _print_version(archive, view)


def _view(archive: Archive, record: int, version: int | None, as_of: date | None) -> VersionView:
    try:
        return archive.show(record, version=version, as_of=as_of)
    except NotInForce as error:
        # The last moment of the day was asked for; people asked for the day.
        raise NotInForce(record, str(as_of or error.as_of)) from None


def version_facts(view: VersionView) -> dict[str, object]:
    """
    Return a version as JSON values; bytes in hex.
    """
    facts = attrs.asdict(view, recurse=True)
    facts["leaf_hash"] = view.leaf_hash.hex()
    for mark, one in zip(facts["signoffs"], view.signoffs, strict=True):
        mark["key"] = one.key.hex()
    return facts


def _print_version(archive: Archive, view: VersionView) -> None:
    definition = archive.definitions.of(view.type, view.type_version)
    click.secho(f"{definition.zh} {definition.en}  {view.key}", bold=True)
    state = STATES[view.state] + (" 作废 withdrawn" if view.withdrawn else "")
    click.echo(f"record {view.record}, version {view.version}, {state}")
    if view.erased:
        click.secho("the content was destroyed under a signed disposition 内容已按处置销毁", fg="yellow")
    for spec in definition.fields:
        if spec.name in view.gaps:
            click.echo(f"  {spec.zh} {spec.en}: 来源缺失 missing at source {view.gaps[spec.name]}".rstrip())
        elif spec.name in view.fields:
            click.echo(f"  {spec.zh} {spec.en}: {shown(spec, view.fields[spec.name])}")
    if view.reason:
        click.echo(f"reason 理由: {view.reason}")
    _print_origin(view)
    for mark in view.signoffs:
        click.echo(
            f"{mark.decision}: {mark.name_zh} {mark.name_en}, {mark.role}, {mark.meaning_zh} {mark.meaning_en},"
            f" {local_time(archive, mark.at)}" + (f", {mark.reason}" if mark.reason else "")
        )


def _print_origin(view: VersionView) -> None:
    named = (("name", ""), ("sheet", ""), ("row", "row "))
    place = ", ".join(word + str(view.provenance[part]) for part, word in named if view.provenance.get(part))
    if place:
        click.echo(f"source 来源: {place}")
    if view.batch is not None:
        click.echo(f"batch 批次: record {view.batch}")


@click.command("list")
@click.argument("type_name", metavar="TYPE")
@click.option("--as-of", type=Day(), help="As in force on that day.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@json_option
@click.pass_context
def list_records(
    ctx: click.Context,
    type_name: str,
    as_of: date | None,
    limit: int,
    as_json: bool,
) -> None:
    """
    List the records of TYPE that are in force.
    """
    archive = open_to_read(ctx)
    views = archive.list(type_name, as_of=as_of)
    shown = [view for view, _ in zip(views, range(limit), strict=False)]
    if as_json:
        print_json([version_facts(view) for view in shown])
        return
    print_table(
        ("record", "v", "key", "in force since"),
        [(str(view.record), str(view.version), view.key, local_time(archive, view.in_force_from)) for view in shown],
    )
    if len(shown) == limit:
        click.echo(f"the first {limit}; more: --limit N")


@click.command()
@click.argument("record", type=int)
@json_option
@click.pass_context
def history(ctx: click.Context, record: int, as_json: bool) -> None:
    """
    Show every version and sign-off of RECORD.
    """
    archive = open_to_read(ctx)
    views = archive.history(record)
    if as_json:
        print_json([version_facts(view) for view in views])
        return
    for view in views:
        # The founder acted before their own record was in force: then the name of today is shown.
        author = archive.people.at(view.by, view.at) or archive.people.at(view.by, archive.now())
        name = f"{author.name_zh} {author.name_en}" if author else f"person {view.by}"
        click.secho(f"version {view.version}  {STATES[view.state]}", bold=True)
        click.echo(
            f"  captured 登记 {local_time(archive, view.at)} by {name}" + (f": {view.reason}" if view.reason else "")
        )
        for mark in view.signoffs:
            click.echo(
                f"  {mark.decision} {local_time(archive, mark.at)} by {mark.name_zh} {mark.name_en} ({mark.role}):"
                f" {mark.meaning_zh} {mark.meaning_en}" + (f", {mark.reason}" if mark.reason else "")
            )


@click.command()
@click.argument("record", type=int)
@click.argument("old", type=int)
@click.argument("new", type=int)
@json_option
@click.pass_context
def diff(ctx: click.Context, record: int, old: int, new: int, as_json: bool) -> None:
    """
    Show what differs between versions OLD and NEW of RECORD.
    """
    found = open_to_read(ctx).diff(record, old, new)
    if as_json:
        print_json([attrs.asdict(change) for change in found])
        return
    for change in found:
        click.echo(f"{change.path.removeprefix('$.')}")
        click.secho(f"  - {plain(change.old)}", fg="red")
        click.secho(f"  + {plain(change.new)}", fg="green")
    if not found:
        click.echo("no field differs")
