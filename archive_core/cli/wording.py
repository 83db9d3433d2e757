"""
How a record's content and the next step are put into words.
"""

import re

from archive_core.archive import Archive
from archive_core.canonical import Json
from archive_core.cli.common import next_step, plain
from archive_core.ledger.contents import entry_at
from archive_core.model.entry import VersionEntry
from archive_core.model.fields import FieldSpec, Kind
from archive_core.signoffs.signing import step_of


def label_of(fields: tuple[FieldSpec, ...], path: str) -> tuple[str, FieldSpec | None]:
    """
    Return both labels of a path like `$.points[0].topic`, items counted from 1, and the field; the path itself where
    the type does not know it.
    """
    known, words, spec = fields, [], None
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        if index:
            words.append(f"[{int(index) + 1}]")
            continue
        spec = next((one for one in known if one.name == name), None)
        if spec is None:
            return path.removeprefix("$."), None
        words.append(f"{spec.zh} {spec.en}")
        known = spec.lines
        if spec.kind in (Kind.REF, Kind.ATTACHMENT):
            break
    return " ".join(words), spec


def shown(spec: FieldSpec | None, value: Json) -> str:
    """
    Return a value on one line: choices by their labels, line items with the labels of their fields.
    """
    if spec is None or value is None:
        return plain(value)
    if spec.kind is Kind.CHOICE:
        return next((f"{one.zh} {one.en} ({one.value})" for one in spec.options if one.value == value), plain(value))
    if spec.kind is Kind.LINES and isinstance(value, list):
        return "; ".join(f"[{number}] {shown(spec, item)}" for number, item in enumerate(value, start=1))
    if spec.kind is Kind.LINES and isinstance(value, dict):
        told = [(inner, value[inner.name]) for inner in spec.lines if inner.name in value]
        return ", ".join(f"{inner.zh} {inner.en}: {shown(inner, item)}" for inner, item in told)
    return plain(value)


def signer_of(archive: Archive, record: int) -> str:
    """
    Return who signs the waiting version of a record next, and how; empty when nothing waits.
    """
    reader = archive.ledger.reader
    row = reader.version(record, archive.views.record(record).latest)
    entry = entry_at(reader, row.seq) if row is not None and row.state == "proposed" else None
    open_step = step_of(reader, row, entry) if row is not None and isinstance(entry, VersionEntry) else None
    if open_step is None:
        return ""
    return f"a person with the role {open_step.step.role} signs it: archive sign {record} --user NAME"


def say_signer(archive: Archive, record: int) -> None:
    """
    Print the next command after something was brought in or signed.
    """
    next_step(signer_of(archive, record) or f"archive show {record}")


def say_signers(archive: Archive, records: tuple[int, ...]) -> None:
    """
    Print one line for each record that still waits.
    """
    for waiting in filter(None, (signer_of(archive, record) for record in records)):
        next_step(waiting)
