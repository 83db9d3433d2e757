"""
The tables of a room file, made with sqlite-utils; all STRICT, identifiers plain `[a-z0-9_]`.

    records      one row per record: its number, type, key, title, state, how many versions, until when it is kept
    <type>       one row per record of the type: the version in force, or the latest where none is (see `state`)
    <type>__<f>  the line items of field f
    versions     every version, with its fields as JSON; the fields are NULL after an erasure
    signoffs     every sign-off: who, role, meaning, decision, when, with which key
    refs         which record refers to which, by which field
    attachments  the files named in versions
    erasures     whose content was destroyed, when, under which disposition
    due          what falls due on which day
    type_versions  every definition that some version was captured under
    types, people, checkpoints, facet_count, meta
    record_fts   the search index, contentless, rowid = record number; `record_words` keeps what was indexed,
                 compressed, because a contentless index forgets a row only when told its old words
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from sqlite_utils import Database

from archive_core.inspection.shape import LINE_COLUMNS, ROW_COLUMNS, Column, Shape

ROOM_FORMAT = 2
FTS_COLUMNS = ("ids", "names", "body", "kind")

_TABLES: Mapping[str, tuple[Mapping[str, type], str | tuple[str, ...]]] = {
    "records": (
        {
            "record": int, "type": str, "key": str, "title": str, "state": str, "version": int, "pending": int,
            "versions": int, "first_at": str, "latest_at": str, "withdrawn": int, "gaps": int, "keep_until": str,
            "eligible": str, "retention": str, "batch": int,
        },
        "record",
    ),
    "versions": (
        {
            "record": int, "version": int, "seq": int, "type": str, "type_version": int, "state": str, "at": str,
            "by": int, "by_name": str, "reason": str, "content": str, "provenance": str, "gaps": str,
            "in_force_from": str, "in_force_to": str, "withdrawn": int, "batch": int, "steps": str, "leaf": str,
            "raw": str, "warnings": str,
        },
        ("record", "version"),
    ),
    "signoffs": (
        {
            "seq": int, "record": int, "version": int, "step": str, "role": str, "meaning_zh": str,
            "meaning_en": str, "decision": str, "by": int, "name": str, "name_en": str, "on_behalf": str, "at": str,
            "key_id": str, "note": str,
        },
        "seq",
    ),
    "refs": ({"record": int, "field": str, "target": int}, ("record", "field", "target")),
    "attachments": (
        {
            "record": int, "version": int, "field": str, "name": str, "sha256": str, "size": int, "media_type": str,
        },
        ("record", "version", "field"),
    ),
    "erasures": ({"seq": int, "record": int, "version": int, "at": str, "by": int, "disposition": int},
                 ("seq", "record", "version")),
    "due": ({"record": int, "what": str, "day": str, "zh": str, "en": str}, ("record", "what", "day")),
    "types": (
        {"name": str, "version": int, "zh": str, "en": str, "record": int, "builtin": int, "definition": str},
        "name",
    ),
    "type_versions": ({"type": str, "version": int, "definition": str}, ("type", "version")),
    "people": (
        {"record": int, "username": str, "name": str, "name_en": str, "roles": str, "status": str, "key_id": str},
        "record",
    ),
    "checkpoints": ({"size": int, "root": str, "at": str, "note": str}, "size"),
    "facet_count": ({"type": str, "field": str, "value": str, "count": int}, ("type", "field", "value")),
    "meta": ({"name": str, "value": str}, "name"),
    "record_words": ({"record": int, "words": bytes}, "record"),
}  # fmt: skip
_INDEXES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "records": (("type", "record"), ("type", "key"), ("type", "state"), ("eligible",), ("state", "record")),
    "signoffs": (("record", "version"), ("by",)),
    "versions": (("by",), ("seq",), ("type", "in_force_from")),
    "refs": (("target", "record"),),
    "due": (("day",),),
    "attachments": (("sha256",),),
}
PER_RECORD = ("records", "versions", "signoffs", "refs", "attachments", "erasures", "due", "record_words")


def open_room(path: Path) -> Database:
    """
    Open a room for writing; every statement commits unless a transaction is begun.

    The journal is a rollback journal, not a WAL: a reader with no right to write can open it at any time, and a
    rebuilt file may take its place without a write-ahead log of the old one lying beside it. It is deleted after every
    transaction, so that a room at rest is one file.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma journal_mode = delete")
    connection.execute("pragma synchronous = normal")
    connection.execute("pragma cache_size = -65536")
    return Database(connection)


def create_tables(db: Database) -> None:
    """Create all tables that do not depend on a record type, without their indexes."""
    for name, (columns, key) in _TABLES.items():
        db.table(name).create(dict(columns), pk=key, strict=True)
    db.execute(
        f"create virtual table record_fts using fts5({', '.join(FTS_COLUMNS)}, content='',"
        " tokenize='unicode61 remove_diacritics 2')"
    )


def create_type_tables(db: Database, shape: Shape) -> None:
    """Create the tables of one record type, without their indexes."""
    db.table(shape.table).create({**ROW_COLUMNS, **_types(shape.columns)}, pk="record", strict=True)
    for child in shape.lines:
        db.table(child.name).create({**LINE_COLUMNS, **_types(child.columns)}, pk=("record", "line"), strict=True)


def create_indexes(db: Database, shapes: tuple[Shape, ...]) -> None:
    """Create every index; after a bulk load, because that is several times faster than keeping them."""
    for table, indexes in _INDEXES.items():
        for columns in indexes:
            db.table(table).create_index(columns, if_not_exists=True)
    for shape in shapes:
        for column in ("state", "key", *(facet.name for facet in shape.facets)):
            db.table(shape.table).create_index((column,), if_not_exists=True)


def insert_statement(table: str, columns: tuple[str, ...]) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    return f'insert into "{table}" ({names}) values ({", ".join("?" * len(columns))})'


def columns_of(table: str) -> tuple[str, ...]:
    return tuple(_TABLES[table][0])


def _types(columns: tuple[Column, ...]) -> dict[str, type]:
    return {column.name: column.type for column in columns}
