"""
The text form of a mapping: TOML, small enough to be written by hand and compared line by line.

    mapping = 1                            # format of this file
    record_type = "drug_sales_record"
    gaps = ["buyer"]                       # required fields the source never had

    [source]      kind, encoding, delimiter, sheet, header_row, header_rows, header, last_row, total_rows
    [columns]     keep = [...] kept as notes beside the record, drop = [...] read by nobody and stored nowhere
    [key]         existing = "refuse" | "skip" | "amend"
    [rows]        identical = "duplicate" | "keep"
    [fields.NAME] column, position, parse, null, values, default, constant, order, century, serial, decimal, unit,
    factor, one_line [totals]      rows = 6578, sums = { amount = "331966.20" }

Promise: `parse_mapping(format_mapping(m)) == m`; every mistake is told at once, with its line and the nearest known
word.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable
from typing import Any

import attrs

from archive_core.errors import MappingMalformed
from archive_core.importing.dates import ORDERS
from archive_core.importing.mapping import (
    EXISTING,
    IDENTICAL,
    PARSERS,
    FieldRule,
    Mapping,
    SourceRule,
    Totals,
    check_mapping,
)
from archive_core.model.record_type import RecordType

FORMAT = 1
_TABLES = ("source", "columns", "key", "rows", "rules", "fields", "totals")
_TOP = ("mapping", "record_type", "title", "gaps", *_TABLES)
_CHOICES = {
    "parse": ("", *PARSERS),
    "order": ("", *ORDERS),
    "decimal": ("", ".", ","),
    "existing": EXISTING,
    "identical": IDENTICAL,
    "total_rows": ("skip", "keep"),
    "kind": ("", "text", "xlsx", "xls"),
}
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_STRING, _WHOLE, _TRUTH, _STRINGS, _TABLE, _SCALAR = (
    "text",
    "a whole number",
    "true or false",
    "a list of texts",
    "a table",
    "a value",
)
_SHAPES = {
    "header": _STRINGS, "null": _STRINGS, "keep": _STRINGS, "drop": _STRINGS, "gaps": _STRINGS, "warn": _STRINGS,
    "header_row": _WHOLE, "header_rows": _WHOLE, "last_row": _WHOLE, "position": _WHOLE, "century": _WHOLE,
    "mapping": _WHOLE, "serial": _TRUTH, "one_line": _TRUTH, "values": _TABLE, "sums": _TABLE,
    "default": _SCALAR, "constant": _SCALAR,
}  # fmt: skip


def parse_mapping(text: str, path: str = "mapping.toml") -> Mapping:
    """
    Return the mapping of a TOML text.

    Raises:
        MappingMalformed: with every mistake and its line.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingMalformed(path, (str(error),)) from None
    problems = [_at(text, place, sentence) for place, sentence in _problems(data)]
    if problems:
        raise MappingMalformed(path, tuple(problems))
    return _build(data)


def format_mapping(mapping: Mapping, comments: Iterable[str] = (), offered_gaps: tuple[str, ...] = ()) -> str:
    """
    Return the TOML text; `comments` become the first lines, `offered_gaps` a line that declares them once uncommented.
    """
    lines = [f"# {comment}" for comment in comments]
    lines += [
        f"mapping = {FORMAT}",
        *_pairs({"record_type": mapping.record_type, "title": mapping.title, "gaps": mapping.gaps}),
    ]
    if offered_gaps:
        lines.append(f"# gaps = {_value(offered_gaps)}  # uncomment what the source really lacks")
    lines += _section("source", _changed(mapping.source))
    lines += _section("columns", {"keep": mapping.keep, "drop": mapping.drop})
    lines += _section("key", {"existing": mapping.existing} if mapping.existing != "refuse" else {})
    lines += _section("rows", {"identical": mapping.identical} if mapping.identical != "duplicate" else {})
    lines += _section("rules", {"warn": mapping.warn})
    for rule in mapping.fields:
        lines += _section(f"fields.{_key(rule.target)}", _changed(rule, skip=("target",)), empty=True)
    lines += _section("totals", _changed(mapping.totals))
    return "\n".join(lines) + "\n"


def require_fitting(mapping: Mapping, record_type: RecordType, text: str, path: str) -> None:
    """
    Refuse a mapping that contradicts its record type, with the lines of its text.

    Raises:
        MappingMalformed: with every contradiction.
    """
    problems = check_mapping(mapping, record_type)
    if problems:
        raise MappingMalformed(path, tuple(_at(text, place, sentence) for place, sentence in problems))


def line_of(text: str, place: str) -> int:
    """
    Return the line on which a dotted place (`fields.sold_on.order`) stands, or its table; 1 when it is not written.
    """
    parts = place.split(".")
    lines = text.splitlines()
    start = _table_line(lines, parts)
    if start is None:
        start = _table_line(lines, parts[:-1]) if len(parts) > 1 else 0
        found = _key_line(lines, parts[-1], start or 0)
        return found or (start or 0) + 1
    return start + 1


# -- checking
# ---------------------------------------------------------------------------------------------------------


def _problems(data: dict[str, Any]) -> list[tuple[str, str]]:
    found = _table(data, "", _TOP)
    if data.get("mapping") != FORMAT:
        found.append(("mapping", f"the first line must be: mapping = {FORMAT}"))
    if not data.get("record_type"):
        found.append(("record_type", "record_type is missing"))
    for name, known in _sections().items():
        found += _table(data.get(name, {}), name, known)
    fields = data.get("fields", {})
    if not isinstance(fields, dict):
        return [*found, ("fields", "fields must be a table: [fields.NAME]")]
    for target, rule in fields.items():
        found += _field(target, rule)
    return found


def _sections() -> dict[str, tuple[str, ...]]:
    return {
        "source": tuple(attribute.name for attribute in attrs.fields(SourceRule)),
        "columns": ("keep", "drop"),
        "key": ("existing",),
        "rows": ("identical",),
        "rules": ("warn",),
        "totals": ("rows", "sums"),
    }


def _field(target: str, rule: object) -> list[tuple[str, str]]:
    known = tuple(attribute.name for attribute in attrs.fields(FieldRule) if attribute.name != "target")
    found = _table(rule, f"fields.{target}", known)
    if not found and isinstance(rule, dict):
        from_column = bool(rule.get("column")) or rule.get("position") is not None
        if from_column == ("constant" in rule):
            found.append((f"fields.{target}", f"{target} needs either a column or a constant"))
        found += _factor(target, rule)
    return found


def _factor(target: str, rule: dict[str, Any]) -> list[tuple[str, str]]:
    if rule.get("factor") and not re.fullmatch(r"\d+(\.\d+)?", rule["factor"]):
        return [(f"fields.{target}.factor", 'factor must be a decimal number as text, like "10000"')]
    return []


def _table(value: object, place: str, known: tuple[str, ...]) -> list[tuple[str, str]]:
    if not isinstance(value, dict):
        return [(place, f"{place} must be a table")]
    found: list[tuple[str, str]] = []
    for name, item in value.items():
        where = f"{place}.{name}" if place else name
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            found.append((where, f"unknown word {name!r}" + (f"; did you mean {near[0]}?" if near else "")))
        elif problem := _shape(name, item, place):
            found.append((where, problem))
    return found


def _shape(name: str, value: object, place: str) -> str:
    if not place and name in _TABLES:
        return "" if isinstance(value, dict) else f"{name} must be a table"
    wanted = _WHOLE if (place, name) == ("totals", "rows") else _SHAPES.get(name, _STRING)
    if not _has_shape(value, wanted):
        return f"{name} must be {wanted}"
    if name in _CHOICES and value not in _CHOICES[name]:
        near = difflib.get_close_matches(str(value), _CHOICES[name], n=1)
        shown = ", ".join(choice for choice in _CHOICES[name] if choice)
        return f"{name} is {value!r}, must be one of {shown}" + (f"; did you mean {near[0]}?" if near else "")
    return ""


def _has_shape(value: object, wanted: str) -> bool:
    if wanted == _STRINGS:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if wanted == _WHOLE:
        return type(value) is int and value >= 0
    if wanted == _TRUTH:
        return isinstance(value, bool)
    if wanted == _TABLE:
        return isinstance(value, dict) and all(isinstance(item, str | int) for item in value.values())
    return isinstance(value, str | int if wanted == _SCALAR else str)


# -- building
# ---------------------------------------------------------------------------------------------------------


def _build(data: dict[str, Any]) -> Mapping:
    columns = data.get("columns", {})
    totals = data.get("totals", {})
    return Mapping(
        record_type=data["record_type"],
        title=data.get("title", ""),
        gaps=tuple(data.get("gaps", ())),
        source=SourceRule(**_tuples(data.get("source", {}))),
        fields=tuple(FieldRule(target=target, **_tuples(rule)) for target, rule in data.get("fields", {}).items()),
        keep=tuple(columns.get("keep", ())),
        drop=tuple(columns.get("drop", ())),
        existing=data.get("key", {}).get("existing", "refuse"),
        identical=data.get("rows", {}).get("identical", "duplicate"),
        warn=tuple(data.get("rules", {}).get("warn", ())),
        totals=Totals(
            rows=totals.get("rows"), sums={name: str(value) for name, value in totals.get("sums", {}).items()}
        ),
    )


def _tuples(table: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}


# -- writing
# ----------------------------------------------------------------------------------------------------------


def _changed(part: Any, skip: tuple[str, ...] = ()) -> dict[str, Any]:
    found = {}
    for attribute in attrs.fields(type(part)):
        value = getattr(part, attribute.name)
        default = attribute.default.factory() if isinstance(attribute.default, attrs.Factory) else attribute.default  # type: ignore[arg-type]
        if attribute.name not in skip and value != default:
            found[attribute.name] = value
    return found


def _section(name: str, values: dict[str, Any], *, empty: bool = False) -> list[str]:
    pairs = _pairs(values)
    return ["", f"[{name}]", *pairs] if pairs or empty else []


def _pairs(values: dict[str, Any]) -> list[str]:
    return [
        f"{_key(name)} = {_value(value)}"
        for name, value in values.items()
        if value is not None and value not in ("", ())
    ]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(name)} = {_value(item)}" for name, item in value.items()) + " }"
    return _quote(str(value))


def _key(name: str) -> str:
    return name if _BARE.match(name) else _quote(name)


def _quote(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\u{ord(match[0]):04x}", plain) + '"'


# -- finding lines
# ----------------------------------------------------------------------------------------------------


def _at(text: str, place: str, sentence: str) -> str:
    return f"line {line_of(text, place)}: {sentence}"


def _table_line(lines: list[str], parts: list[str]) -> int | None:
    wanted = {".".join(parts), ".".join([*parts[:1], f'"{".".join(parts[1:])}"'])}
    for index, line in enumerate(lines):
        match = re.match(r"\s*\[([^\]]+)\]", line)
        if match and match[1].replace(" ", "") in wanted:
            return index
    return None


def _key_line(lines: list[str], name: str, start: int) -> int | None:
    pattern = re.compile(rf"""\s*["']?{re.escape(name)}["']?\s*=""")
    for index in range(start, len(lines)):
        if index > start and lines[index].lstrip().startswith("["):
            return None
        if pattern.match(lines[index]):
            return index + 1
    return None
