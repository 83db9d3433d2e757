import json
import random
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_core.canonical import MAX_INTEGER, Json, decode, encode, encode_trusted
from archive_core.errors import NotCanonical

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXTS
VALUES: st.SearchStrategy[Json] = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=12
)

# Characters on which JSON writers have been known to differ: controls, quotes, line separators, BOM, noncharacters, astral.
ODD = '\x00\x01\x08\t\n\x0b\x0c\r\x1f "\\/\x7f\x80\x9f\xad\u2028\u2029\ufeff\ufffd\uffff\ud7ff\ue000中文é\U0001f602\U0010ffff'


def character(chance: random.Random) -> str:
    if chance.random() < 0.6:
        return chance.choice(ODD)
    return chr(chance.choice([*range(0x20, 0x7F), chance.randrange(0xD800), chance.randrange(0xE000, 0x110000)]))


def some_text(chance: random.Random) -> str:
    return "".join(character(chance) for _ in range(chance.randrange(12)))


def some_key(chance: random.Random) -> str:
    tail = "".join(chance.choice("abz019_") for _ in range(chance.randrange(6)))
    return chance.choice("abyz") + tail


def some_value(chance: random.Random, depth: int) -> Json:
    kind = chance.randrange(4 if depth == 0 else 7)
    if kind == 0:
        return some_text(chance)
    if kind == 1:
        return chance.choice([MAX_INTEGER, -MAX_INTEGER, 0, -1, chance.randrange(-MAX_INTEGER, MAX_INTEGER)])
    if kind == 2:
        return chance.choice([True, False, None])
    if kind == 3:
        return chance.choice(ODD)
    if kind == 4:
        return [some_value(chance, depth - 1) for _ in range(chance.randrange(4))]
    return some_object(chance, depth)


def some_object(chance: random.Random, depth: int) -> dict[str, Json]:
    return {some_key(chance): some_value(chance, depth - 1) for _ in range(chance.randrange(6))}


def compare(seed: int, count: int) -> tuple[int, list[Json]]:
    chance, compared, differing = random.Random(seed), 0, list[Json]()  # noqa: S311 - reproducible, not secret
    for _ in range(count):
        value = some_object(chance, 4)
        expected: Any = rfc8785.dumps(value)
        if expected != encode(value) or decode(expected) != value:
            differing.append(value)
        compared += 1
    return compared, differing


def test_twenty_thousand_objects_are_as_rfc8785_writes_them() -> None:
    """An independent writer of RFC 8785 gives the same bytes for 20,000 random objects of our domain."""
    assert (20_000, []) == compare(8785, 20_000)


@pytest.mark.long
def test_a_hundred_thousand_objects_are_as_rfc8785_writes_them() -> None:
    """The same for 100,000 further objects."""
    assert (100_000, []) == compare(6962, 100_000)


@given(VALUES)
@settings(deadline=None)
def test_decode_is_the_inverse_of_encode(value: Json) -> None:
    """Whatever can be written is read back as the same value of the same types."""
    data = encode(value)
    assert value == decode(data)
    assert [data, data] == [encode(decode(data)), encode_trusted(value)]


@given(VALUES, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_keys_does_not_matter(value: Json, chance: random.Random) -> None:
    """Equal values give equal bytes in whatever order their keys were set."""

    def shuffled(part: Json) -> Json:
        if isinstance(part, dict):
            items = list(part.items())
            chance.shuffle(items)
            return {key: shuffled(item) for key, item in items}
        return [shuffled(item) for item in part] if isinstance(part, list) else part

    assert encode(value) == encode(shuffled(value))


@given(VALUES)
@settings(deadline=None)
def test_other_layouts_of_the_same_value_are_not_read_as_canonical(value: Json) -> None:
    """A JSON text is accepted only if it is byte for byte the canonical one."""
    data = encode(value)
    for other in (json.dumps(value, indent=1), json.dumps(value), json.dumps(value, ensure_ascii=False)):
        if other.encode() == data:
            assert value == decode(other.encode())
        else:
            with pytest.raises(NotCanonical):
                decode(other.encode())
