import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any

import attrs
import pytest
from support import ROOT

from archive_core.canonical import MAX_INTEGER, decode, encode, encode_trusted
from archive_core.errors import NotCanonical

VECTORS = ROOT / "tests" / "vectors" / "jcs"
NAMES = ["arrays", "french", "structures", "unicode", "values", "weird"]


class Colour(StrEnum):
    RED = "red"


class Number(Enum):
    ONE = 1


class Text(str):
    __slots__ = ()


@attrs.frozen
class Point:
    x: int = 1


def published(name: str) -> bytes:
    return bytes.fromhex((VECTORS / "outhex" / f"{name}.txt").read_text())


def stated(name: str) -> Any:
    return json.loads((VECTORS / "input" / f"{name}.json").read_text(encoding="utf-8"))


def parts(value: Any) -> Iterator[Any]:
    yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from parts(child)


def admitted(value: Any) -> bool:
    if isinstance(value, dict):
        return all(key.isascii() and key.islower() and admitted(item) for key, item in value.items())
    return all(map(admitted, value)) if isinstance(value, list) else not isinstance(value, float)


INSIDE = [(name, part) for name in NAMES for part in parts(stated(name)) if admitted(part)]


@pytest.mark.parametrize("name", NAMES)
def test_published_inputs_outside_the_domain_are_refused(name: str) -> None:
    """Every published input holds a float or a key that is no identifier; whole, it is refused."""
    with pytest.raises(NotCanonical):
        encode(stated(name))


@pytest.mark.parametrize(("name", "part"), INSIDE)
def test_admitted_parts_have_the_published_bytes(name: str, part: Any) -> None:
    """Whatever part of a published input lies inside our domain is written exactly as published."""
    assert encode(part) in published(name)


def test_enough_parts_of_the_published_inputs_are_admitted() -> None:
    """The known answers above cover strings with every kind of escape, literals, integers, lists and objects."""
    shown = {encode(part) for _, part in INSIDE}
    assert {b"null", b"true", b"false", b"56", b"{}", b"[]", b"[null,true,false]"} <= shown
    assert '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode() in shown


@pytest.mark.parametrize("name", ["arrays", "french", "unicode"])
def test_ordering_is_as_published(name: str) -> None:
    """Where a published input is refused only for its keys, the bytes without that check are the published ones."""
    assert published(name) == encode_trusted(stated(name))


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (1.5, "float at $"),
        (1.0, "float at $"),
        (float("nan"), "float at $"),
        (2**53, "integer beyond 2^53 - 1 at $"),
        (-(2**53), "integer beyond 2^53 - 1 at $"),
        (10**40, "integer beyond 2^53 - 1 at $"),
        ((1, 2), "tuple at $"),
        ({1}, "set at $"),
        (b"x", "bytes at $"),
        (bytearray(b"x"), "bytearray at $"),
        (Decimal(1), "Decimal at $"),
        (datetime(2026, 1, 1, tzinfo=UTC), "datetime at $"),
        (date(2026, 1, 1), "date at $"),
        (Colour.RED, "Colour at $"),
        (Number.ONE, "Number at $"),
        (Text("x"), "Text at $"),
        (Point(), "Point at $"),
        ({"A": 1}, "key 'A' at $"),
        ({"": 1}, "key '' at $"),
        ({"1a": 1}, "key '1a' at $"),
        ({"a-b": 1}, "key 'a-b' at $"),
        ({"a\n": 1}, "key 'a\\n' at $"),
        ({"é": 1}, "key 'é' at $"),
        ({1: 1}, "key 1 at $"),
        ({None: 1}, "key None at $"),
        ({Colour.RED: 1}, "key <Colour.RED: 'red'> at $"),
        ({"a": [0, {"b": [None, 0.5]}]}, "float at $.a[1].b[1]"),
        ({"a": {"b": {"C": 1}}}, "key 'C' at $.a.b"),
    ],
)
def test_what_has_no_canonical_form_is_refused_with_its_place(value: Any, problem: str) -> None:
    """Foreign types, large integers and foreign keys are refused wherever they stand, and the place is named."""
    with pytest.raises(NotCanonical) as refused:
        encode(value)
    assert problem == refused.value.problem


@pytest.mark.parametrize("text", ["\ud800", "a\udfff", "\udc00\ud800"])
def test_lone_surrogates_are_refused(text: str) -> None:
    """Text that has no UTF-8 form is refused, as value and inside."""
    values: list[Any] = [text, {"a": [text]}]
    for value in values:
        with pytest.raises(NotCanonical):
            encode(value)


@pytest.mark.parametrize("depth", [300, 1_000, 5_000])
def test_nesting_without_end_is_refused(depth: int) -> None:
    """Nesting too deep to be written is refused as a value, not as a fault of the program."""
    value: Any = []
    for _ in range(depth):
        value = {"a": [value]}
    with pytest.raises(NotCanonical):
        encode(value)


def test_a_value_that_holds_itself_is_refused() -> None:
    """A list inside itself has no bytes."""
    value: list[Any] = []
    value.append(value)
    with pytest.raises(NotCanonical):
        encode(value)


@pytest.mark.parametrize("number", [MAX_INTEGER, -MAX_INTEGER, 0, -1])
def test_integers_up_to_the_bound_are_written(number: int) -> None:
    """The largest integers that every JSON reader keeps exact are admitted."""
    assert str(number).encode() == encode(number)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"{",
        b"nul",
        b"\xff",
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b"\xef\xbb\xbf{}",
        b" {}",
        b"{}\n",
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"A":1}',
        b'"\\u0041"',
        b'"\\/"',
        b'"\\u00e9"',
        b"9007199254740992",
        b"[" * 2_000 + b"]" * 2_000,
        b"[" * 1_000 + b"]" * 1_000,
        b"[" * 500 + b"]" * 500,
    ],
)
def test_text_in_any_other_form_is_refused(data: bytes) -> None:
    """A JSON text that `encode` would have written differently, or not at all, is not read."""
    with pytest.raises(NotCanonical):
        decode(data)


def test_trusted_and_checked_encoding_are_one() -> None:
    """Skipping the check changes the speed, never the bytes; keys come out sorted, white space is absent."""
    value: Any = {"b": [True, None, -5], "a_1": {"z": "中\u2028\x7f\x00", "y": []}}
    assert b'{"a_1":{"y":[],"z":"\xe4\xb8\xad\xe2\x80\xa8\x7f\\u0000"},"b":[true,null,-5]}' == encode(value)
    assert encode(value) == encode_trusted(value)


@pytest.mark.parametrize("value", [2**53, "\ud800", {"a": b"x"}, datetime(2026, 1, 1, tzinfo=UTC), Text("x")])
def test_trusted_encoding_refuses_in_our_words(value: Any) -> None:
    """What orjson itself refuses comes out as our own error."""
    with pytest.raises(NotCanonical):
        encode_trusted(value)
