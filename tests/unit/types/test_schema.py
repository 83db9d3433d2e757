import json
import re
from datetime import date
from typing import Any

import pytest

from archive_core import (
    Option,
    Permanent,
    attachment,
    choice,
    day,
    decimal,
    integer,
    line_item,
    lines,
    record_type,
    ref,
    text,
    type_of,
    yes_no,
)
from archive_core.types.builtin import BUILTIN
from archive_core.types.check import FieldChecker
from archive_core.types.schema import json_schema

FILE = {"name": "a.pdf", "sha256": "ab" * 32, "size": 3, "media_type": "application/pdf"}


@line_item
class Line:
    batch_no: str = text(zh="批号", en="Batch no.")
    quantity: Any = decimal(zh="数量", en="Quantity", required=False)


@record_type("sample", version=2, zh="样品", en="Sample", key="number", sign_off=[], retention=Permanent(), source="S")
class Sample:
    number: str = text(zh="编号", en="Number", max_length=10, source="art. 1")
    code: Any = text(zh="代码", en="Code", required=False, pattern="[A-Z]{2}|X")
    count: Any = integer(zh="数", en="Count", required=False, minimum=1, maximum=9)
    free: Any = integer(zh="任意", en="Free", required=False)
    price: Any = decimal(zh="价", en="Price", required=False, scale=2)
    whole: Any = decimal(zh="整", en="Whole", required=False, scale=0)
    on: Any = day(zh="日", en="On", required=False)
    expires: Any = day(zh="有效期", en="Expires", required=False, month=True)
    paid: Any = yes_no(zh="付", en="Paid", required=False)
    kind: Any = choice(Option("a", "甲", "A"), Option("b", "乙", "B"), zh="类", en="Kind", required=False)
    buyer: Any = ref("purchaser", zh="购方", en="Buyer", required=False)
    scan: Any = attachment(zh="扫描", en="Scan")
    items: Any = lines(Line, zh="明细", en="Lines", required=False)


SCHEMA: Any = json_schema(type_of(Sample))
CHECKER = FieldChecker(type_of(Sample))
KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "boolean": (bool,), "object": (dict,), "array": (list,)
}  # fmt: skip


def is_of(kind: str, value: Any) -> bool:
    return type(value) in KINDS[kind]


def is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def fits(shape: Any, value: Any) -> bool:
    """The keywords that our schemas use, judged as draft 2020-12 says; an unknown one fails the test by KeyError."""
    known = shape.get("properties", {})
    foreign = type(value) is dict and "additionalProperties" in shape and value.keys() - known.keys()
    keywords = [key for key in shape if key != "additionalProperties" and key not in LABELS]
    return not foreign and all(KEYWORDS[key](shape[key], value) for key in keywords)


def on(kind: type, judge: Any) -> Any:
    return lambda wanted, value: type(value) is not kind or judge(wanted, value)


LABELS = {"$schema", "$id", "title", "description", "x-record-type"}
KEYWORDS: dict[str, Any] = {
    "type": lambda wanted, value: any(is_of(kind, value) for kind in ([wanted] if type(wanted) is str else wanted)),
    "properties": on(dict, lambda wanted, value: all(fits(wanted[k], value[k]) for k in wanted.keys() & value.keys())),
    "required": on(dict, lambda wanted, value: set(wanted) <= value.keys()),
    "minLength": on(str, lambda wanted, value: len(value) >= wanted),
    "maxLength": on(str, lambda wanted, value: len(value) <= wanted),
    "pattern": on(str, lambda wanted, value: bool(re.search(wanted, value))),
    "format": on(str, lambda wanted, value: wanted == "date" and is_day(value)),
    "minimum": on(int, lambda wanted, value: value >= wanted),
    "maximum": on(int, lambda wanted, value: value <= wanted),
    "enum": lambda wanted, value: value in wanted,
    "anyOf": lambda wanted, value: any(fits(one, value) for one in wanted),
    "minItems": on(list, lambda wanted, value: len(value) >= wanted),
    "items": on(list, lambda wanted, value: all(fits(wanted, item) for item in value)),
}

EXAMPLES: list[tuple[str, Any, bool]] = [
    ("number", "N-1", True), ("number", "", False), ("number", "x" * 10, True), ("number", "x" * 11, False),
    ("number", 5, False), ("number", True, False), ("number", None, False),
    ("code", "AB", True), ("code", "X", True), ("code", "ABX", False), ("code", "XX", True), ("code", "x", False),
    ("count", 1, True), ("count", 9, True), ("count", 0, False), ("count", 10, False), ("count", "5", False),
    ("count", True, False), ("count", 5.0, False), ("free", -(10**9), True), ("free", None, False),
    ("price", "12.50", True), ("price", 5, True), ("price", "5", True), ("price", "-0.01", True), ("price", 1.5, False),
    ("price", "1.234", False), ("price", "1,5", False), ("price", "1e3", False), ("price", "01", False),
    ("price", ".5", False), ("price", True, False), ("price", "", False),
    ("whole", "3", True), ("whole", "3.0", False), ("whole", "3.", False),
    ("on", "2026-11-21", True), ("on", "2026-02-30", False), ("on", "2026-11", False), ("on", 20261121, False),
    ("expires", "2026-11-21", True), ("expires", "2026-11", True), ("expires", "2026", False), ("expires", 5, False),
    ("paid", True, True), ("paid", False, True), ("paid", 1, False), ("paid", "true", False),
    ("kind", "a", True), ("kind", "c", False), ("kind", "甲", False), ("kind", 1, False),
    ("buyer", "B", True), ("buyer", {"key": "B"}, True), ("buyer", {"key": "B", "record": 3}, True), ("buyer", "", False),
    ("buyer", {"key": ""}, False), ("buyer", {"record": 3}, False), ("buyer", {"key": "B", "x": 1}, False),
    ("buyer", {"key": "B", "record": None}, False), ("buyer", {"key": "B", "record": -1}, False), ("buyer", 5, False),
    ("scan", FILE, True), ("scan", {**FILE, "size": -1}, False), ("scan", {**FILE, "x": 1}, False), ("scan", "a", False),
    ("scan", {**FILE, "sha256": "AB" * 32}, False), ("scan", {**FILE, "size": True}, False),
    ("scan", {**FILE, "name": ""}, False), ("scan", {"name": "a"}, False),
    ("items", [{"batch_no": "L"}], True), ("items", [{"batch_no": "L", "quantity": 5}], True), ("items", [], False),
    ("items", [{}], False), ("items", [{"batch_no": "L", "x": 1}], False), ("items", {"batch_no": "L"}, False),
    ("items", ["L"], False), ("items", [{"batch_no": 1}], False),
    ("other", "x", False), ("record", 5, False),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "good"), EXAMPLES)
def test_schema_and_check_agree(field: str, value: Any, *, good: bool) -> None:
    """What a form built from the schema lets through is what the archive takes, and the other way round."""
    fields = {"number": "N-1", field: value}
    assert [good, good] == [fits(SCHEMA, fields), CHECKER.check(fields).good]


def test_a_missing_required_field_fits_neither() -> None:
    """Requiredness is in the schema too."""
    assert [False, False] == [fits(SCHEMA, {}), CHECKER.check({}).good]


def test_the_schema_names_type_version_and_labels() -> None:
    """A schema says which type and version it describes, and each field in both languages with its source."""
    assert ("urn:archive-core:sample:v2", "Sample", "样品. S") == (
        SCHEMA["$id"], SCHEMA["title"], SCHEMA["description"],
    )  # fmt: skip
    assert ("Number", "编号 art. 1") == (
        SCHEMA["properties"]["number"]["title"], SCHEMA["properties"]["number"]["description"],
    )  # fmt: skip


@pytest.mark.parametrize("cls", BUILTIN)
def test_every_built_in_type_has_a_schema_of_known_keywords(cls: type) -> None:
    """The schemas of the archive's own types refuse an empty object, and use no keyword that was not meant."""
    shape: Any = json_schema(type_of(cls))
    assert [False, False] == [fits(shape, {}), fits(shape, dict.fromkeys(shape["required"]))]
    assert shape == json.loads(json.dumps(shape))
