"""
From the facts of one record to the rows of a room: a pure function, so that a catch-up equals a rebuild.
"""

import zlib
from collections.abc import Iterator, Mapping

import orjson

from archive_core.canonical import Json, encode_trusted
from archive_core.inspection.facts import RecordFacts, VersionFacts
from archive_core.inspection.profile import Profile
from archive_core.inspection.search import segment, suffixes
from archive_core.inspection.shape import Shape, column_value, visible_content, visible_fields
from archive_core.model.fields import FieldSpec, Kind

Cell = str | int | bytes | None
Row = tuple[Cell, ...]
Titles = Mapping[int, str]
TITLE_NAMES = 2


def record_row(facts: RecordFacts, profile: Profile) -> Row:
    shown = facts.shown
    return (
        facts.record, facts.type, key_of(facts, profile), title_of(facts, profile), facts.state,
        shown.version, facts.pending, len(facts.versions), facts.versions[0].at, facts.versions[-1].at,
        int(shown.withdrawn), len(shown.gaps), facts.kept.keep_until, facts.kept.eligible, facts.kept.retention,
        facts.versions[0].batch,
    )  # fmt: skip


def typed_row(facts: RecordFacts, shape: Shape, profile: Profile) -> Row:
    """Return the row of the type's table; its field columns are empty after an erasure."""
    shown = facts.shown
    content = shown.fields or {}
    own = (
        facts.record, key_of(facts, profile), title_of(facts, profile), facts.state, shown.version, shown.at,
        shown.in_force_from, shown.by, ", ".join(shown.gaps), shown.batch,
    )  # fmt: skip
    return (*own, *(column_value(column, content) for column in shape.columns))


def line_rows(facts: RecordFacts, shape: Shape) -> Iterator[tuple[str, Row]]:
    """Yield the line items of the version shown, each with the name of its table."""
    content = facts.shown.fields or {}
    for child in shape.lines:
        for number, line in enumerate(_lines(content.get(child.field.name)), start=1):
            yield child.name, (facts.record, number, *(column_value(column, line) for column in child.columns))


def version_rows(facts: RecordFacts, profile: Profile) -> list[Row]:
    return [_version_row(facts, version, profile) for version in facts.versions]


def signoff_rows(facts: RecordFacts) -> list[Row]:
    return [
        (
            sign.seq, facts.record, sign.version, sign.step, sign.role, sign.meaning_zh, sign.meaning_en,
            sign.decision, sign.by, sign.name, sign.name_en, sign.on_behalf, sign.at, sign.key_id, sign.note,
        )
        for sign in facts.signoffs
    ]  # fmt: skip


def erasure_rows(facts: RecordFacts) -> list[Row]:
    return [(item.seq, facts.record, item.version, item.at, item.by, item.disposition) for item in facts.erasures]


def due_rows(facts: RecordFacts) -> list[Row]:
    return [(facts.record, item.what, item.day, item.zh, item.en) for item in facts.due]


def ref_rows(facts: RecordFacts, profile: Profile) -> list[tuple[int, str, int]]:
    """Return which records the version shown refers to, line items included, each once per field."""
    shown = facts.shown
    fields = visible_fields(shown.declared.fields, masking=profile.masks)
    found = dict.fromkeys(_targets(fields, shown.fields or {}, ""))
    return [(facts.record, field, target) for field, target in found]


def attachment_rows(facts: RecordFacts, profile: Profile) -> list[Row]:
    return [row for version in facts.versions for row in _attachments(facts.record, version, profile)]


def facet_values(facts: RecordFacts, shape: Shape) -> Iterator[tuple[str, str, str]]:
    """Yield (type, column, value) for everything a list can be narrowed by, `state` first."""
    yield facts.type, "state", facts.state
    content = facts.shown.fields or {}
    for column in shape.facets:
        value = column_value(column, content)
        if value is not None:
            yield facts.type, column.name, str(value)


def search_row(facts: RecordFacts, profile: Profile, titles: Titles) -> tuple[str, str, str, str]:
    """Return the four segmented texts of the search index; the last is the type as one word."""
    words: dict[str, list[str]] = {"id": [str(facts.record), key_of(facts, profile)], "name": [], "text": []}
    shown = facts.shown
    for where, text in _searched(shown.declared.fields, shown.fields or {}, profile, titles):
        words[where].append(text)
    ids = " ".join(f"{segment(text)} {suffixes(text)}" for text in words["id"])
    names = segment(" ".join(words["name"]))
    return ids, names, segment(" ".join(words["text"])), kind_word(facts.type)


def kind_word(type_name: str) -> str:
    """Return the type as one token; it begins with a private character, which no query can hold."""
    return "\ue000" + type_name.replace("_", "0")


def pack_words(words: tuple[str, ...]) -> bytes:
    return zlib.compress(encode_trusted(list(words)), 1)


def unpack_words(packed: bytes) -> tuple[str, ...]:
    return tuple(orjson.loads(zlib.decompress(packed)))


def key_of(facts: RecordFacts, profile: Profile) -> str:
    """Return the business key; empty where the profile masks a field that is part of it."""
    declared = facts.shown.declared
    masked = {spec.name for spec in declared.fields if spec.masked} if profile.masks else set()
    return "" if masked & set(declared.key) else facts.key


def title_of(facts: RecordFacts, profile: Profile) -> str:
    """Return the first two different names in the version shown; empty where the type has none that may be seen."""
    shown = facts.shown
    fields = visible_fields(shown.declared.fields, masking=profile.masks)
    named = [spec.name for spec in fields if spec.search == "name" and spec.kind is Kind.TEXT]
    content = shown.fields or {}
    names = dict.fromkeys(str(content[name]) for name in named if content.get(name))
    return " · ".join(list(names)[:TITLE_NAMES])


def _version_row(facts: RecordFacts, version: VersionFacts, profile: Profile) -> Row:
    content = None
    if version.fields is not None:
        content = _text(visible_content(version.declared.fields, version.fields, masking=profile.masks))
    provenance = None if version.provenance is None else _text(version.provenance)
    raw = None if not version.raw or profile.masks else _text(version.raw)
    steps = _text([step.to_json() for step in version.steps])
    return (
        facts.record, version.version, version.seq, facts.type, version.declared.version, version.state,
        version.at, version.by, version.by_name, version.reason, content, provenance, ", ".join(version.gaps),
        version.in_force_from, version.in_force_to, int(version.withdrawn), version.batch, steps, version.leaf,
        raw, ", ".join(version.warnings),
    )  # fmt: skip


def _text(value: object) -> str:
    return orjson.dumps(value).decode()


def _lines(value: Json) -> list[dict[str, Json]]:
    return [line for line in value if isinstance(line, dict)] if isinstance(value, list) else []


def _targets(fields: tuple[FieldSpec, ...], content: Mapping[str, Json], prefix: str) -> Iterator[tuple[str, int]]:
    for spec in fields:
        value = content.get(spec.name)
        if spec.kind is Kind.REF and isinstance(value, dict) and isinstance(value.get("record"), int):
            yield prefix + spec.name, int(str(value["record"]))
        for line in _lines(value) if spec.kind is Kind.LINES else ():
            yield from _targets(spec.lines, line, f"{prefix}{spec.name}.")


def _attachments(record: int, version: VersionFacts, profile: Profile) -> Iterator[Row]:
    content = version.fields or {}
    for spec in visible_fields(version.declared.fields, masking=profile.masks):
        value = content.get(spec.name)
        if spec.kind is Kind.ATTACHMENT and isinstance(value, dict):
            file = (str(value["name"]), str(value["sha256"]), int(str(value["size"])), str(value["media_type"]))
            yield (record, version.version, spec.name, *file)


def _searched(
    fields: tuple[FieldSpec, ...], content: Mapping[str, Json], profile: Profile, titles: Titles
) -> Iterator[tuple[str, str]]:
    for spec in visible_fields(fields, masking=profile.masks):
        value = content.get(spec.name)
        if value is None:
            continue
        if spec.kind is Kind.LINES:
            for line in _lines(value):
                yield from _searched(spec.lines, line, profile, titles)
        elif isinstance(value, dict):
            yield from _searched_reference(spec, value, titles)
        elif spec.kind is Kind.CHOICE:
            yield from (("text", f"{item.zh} {item.en}") for item in spec.options if item.value == value)
        elif spec.search:
            yield spec.search, str(value)


def _searched_reference(spec: FieldSpec, value: dict[str, Json], titles: Titles) -> Iterator[tuple[str, str]]:
    if spec.kind is Kind.ATTACHMENT:
        yield "text", str(value["name"])
        return
    yield "id", str(value["key"])
    target = value.get("record")
    if isinstance(target, int) and titles.get(target):
        yield "name", titles[target]
