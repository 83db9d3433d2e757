"""
JSON Schema (draft 2020-12) of a record type: the wire form, for people who build forms and interfaces.

The schema is generated from the declaration, committed as `schemas/<type>/v<N>.json` and frozen once released.
"""

from collections.abc import Callable

from archive_core.canonical import Json
from archive_core.model.fields import FieldSpec, Kind
from archive_core.model.record_type import RecordType

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(record_type: RecordType) -> dict[str, Json]:
    """
    Return the schema of the `fields` object of a record's content.
    """
    return {
        "$schema": DIALECT,
        "$id": f"urn:archive-core:{record_type.name}:v{record_type.version}",
        "title": record_type.en,
        "description": f"{record_type.zh}. {record_type.source}".strip(),
        **_object(record_type.fields),
    }


def _object(specs: tuple[FieldSpec, ...]) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {spec.name: _property(spec) for spec in specs},
        "required": [spec.name for spec in specs if spec.required],
        "additionalProperties": False,
    }


def _property(spec: FieldSpec) -> dict[str, Json]:
    labels: dict[str, Json] = {"title": spec.en, "description": " ".join(filter(None, [spec.zh, spec.source]))}
    return {**labels, **_SHAPES[spec.kind](spec)}


def _text(spec: FieldSpec) -> dict[str, Json]:
    shape: dict[str, Json] = {"type": "string", "minLength": 1, "maxLength": spec.max_length}
    if spec.pattern:
        shape["pattern"] = f"^(?:{spec.pattern})$"
    return shape


def _integer(spec: FieldSpec) -> dict[str, Json]:
    shape: dict[str, Json] = {"type": "integer"}
    if spec.minimum:
        shape["minimum"] = int(spec.minimum)
    if spec.maximum:
        shape["maximum"] = int(spec.maximum)
    return shape


def _decimal(spec: FieldSpec) -> dict[str, Json]:
    digits = "{1,12}" if spec.scale is None else f"{{1,{spec.scale}}}"
    point = "" if spec.scale == 0 else rf"(\.[0-9]{digits})?"
    return {"type": ["string", "integer"], "pattern": rf"^-?(0|[1-9][0-9]{{0,17}}){point}$"}


def _day(spec: FieldSpec) -> dict[str, Json]:
    if spec.month:
        return {"type": "string", "pattern": r"^\d{4}-\d{2}(-\d{2})?$"}
    return {"type": "string", "format": "date"}


def _ref(spec: FieldSpec) -> dict[str, Json]:
    reference: dict[str, Json] = {
        "type": "object",
        "properties": {"key": {"type": "string", "minLength": 1}, "record": {"type": "integer", "minimum": 0}},
        "required": ["key"],
        "additionalProperties": False,
    }
    return {"anyOf": [{"type": "string", "minLength": 1}, reference], "x-record-type": spec.target}


def _attachment(_: FieldSpec) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "size": {"type": "integer", "minimum": 0},
            "media_type": {"type": "string"},
        },
        "required": ["name", "sha256", "size", "media_type"],
        "additionalProperties": False,
    }


_SHAPES: dict[Kind, Callable[[FieldSpec], dict[str, Json]]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.DAY: _day,
    Kind.YES_NO: lambda _: {"type": "boolean"},
    Kind.CHOICE: lambda spec: {"enum": [option.value for option in spec.options]},
    Kind.REF: _ref,
    Kind.ATTACHMENT: _attachment,
    Kind.LINES: lambda spec: {"type": "array", "minItems": 1, "items": _object(spec.lines)},
}
