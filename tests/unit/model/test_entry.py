import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs
import pytest

from archive_core.errors import EntryMalformed, LeafTooLong
from archive_core.merkle.hashing import leaf_hash
from archive_core.model.entry import (
    MAX_LEAF,
    BoundStep,
    ErasureEntry,
    SignOffEntry,
    VersionEntry,
    commitment,
    format_entry,
    from_text,
    parse_entry,
    statement,
    to_text,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "entries"
NAMES = sorted(path.stem for path in VECTORS.glob("*.json"))
AT = "2026-11-21T19:39:00.123456Z"
STEPS = (
    BoundStep(step="record", role="handler", meaning="Recorded"),
    BoundStep(step="approve", role="responsible_person", meaning="Approved", count=2, not_by=("author", "record")),
)
JUST_STEPS: dict[str, Any] = {"record": None, "version": 1, "steps": STEPS}
FIRST = {"type": "sterile_device_sales_record", "type_version": 1, "by": 3, "at": AT}
LATER = "2027-01-01T00:00:00.000000Z"


def vector(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def leaf_of(name: str) -> Any:
    return json.loads(vector(name)["leaf"])


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unbase64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def made(name: str) -> VersionEntry:
    facts: dict[str, dict[str, Any]] = {
        "version-first": JUST_STEPS,
        "version-without-steps": {"version": 1},
        "version-amended": {"record": 17, "version": 2, "steps": STEPS},
        "version-withdrawn": {"record": 17, "version": 3, "steps": STEPS, "withdrawn": True},
        "version-effective": {**JUST_STEPS, "effective_from": LATER},
        "version-batch": {"version": 1, "batch": 99},
        "version-all-optional": {
            "record": 17, "version": 4, "batch": 99, "withdrawn": True, "effective_from": LATER,
            "type_version": 2**53 - 1,
        },
    }  # fmt: skip
    return VersionEntry(**{**FIRST, "commit": bytes.fromhex(vector(name)["commitment"]), **facts[name]})


@pytest.mark.parametrize("name", NAMES)
def test_frozen_leaves_are_still_read_and_written_the_same(name: str) -> None:
    """A leaf that people already hold reads as an entry that is written as the very same bytes, with the same hash."""
    leaf = vector(name)["leaf"].encode()
    assert leaf == format_entry(parse_entry(leaf))
    assert vector(name)["leaf_hash"] == leaf_hash(leaf).hex() == sha256(b"\0" + leaf).hexdigest()


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("version")])
def test_every_frozen_version_is_made_from_its_facts(name: str) -> None:
    """Each kind of version, built from what its vector says in words, is the frozen leaf."""
    assert vector(name)["leaf"] == format_entry(made(name)).decode()
    assert made(name) == parse_entry(vector(name)["leaf"].encode())


@pytest.mark.parametrize("decision", ["signed", "rejected"])
def test_every_frozen_signoff_is_made_from_its_facts(decision: Any) -> None:
    """A signature and a refusal, built from their facts, are the frozen leaves."""
    known = vector(f"signoff-{decision}")
    entry = SignOffEntry(
        at=AT,
        by=4,
        record=17,
        version=1,
        leaf=bytes.fromhex(vector("version-first")["leaf_hash"]),
        step="approve",
        decision=decision,
        key=unbase64url(leaf_of(f"signoff-{decision}")["key"]),
        signature=bytes.fromhex(known["signature"]),
        commit=bytes.fromhex(known["commitment"]),
    )
    assert (known["leaf"].encode(), entry) == (format_entry(entry), parse_entry(known["leaf"].encode()))


def test_every_frozen_erasure_is_made_from_its_facts() -> None:
    """An erasure of several contents and one of a single content are the frozen leaves."""
    several = ErasureEntry(at=AT, by=5, entries=(17, 18, 31), disposition=40)
    single = ErasureEntry(at="2056-01-01T00:00:00.000000Z", by=0, entries=(0,), disposition=2**53 - 1)
    assert vector("erasure")["leaf"] == format_entry(several).decode()
    assert vector("erasure-one")["leaf"] == format_entry(single).decode()


def test_the_vectors_cover_every_kind_and_every_optional_key() -> None:
    """No key of the format is left without a known answer."""
    keys = {(leaf_of(name)["kind"], key) for name in NAMES for key in leaf_of(name)}
    version = {attribute.name for attribute in attrs.fields(VersionEntry)}
    signoff = {attribute.name for attribute in attrs.fields(SignOffEntry)}
    erasure = {attribute.name for attribute in attrs.fields(ErasureEntry)}
    assert version | {"v", "kind"} == {key for kind, key in keys if kind == "version"}
    assert signoff | {"v", "kind"} == {key for kind, key in keys if kind == "signoff"}
    assert erasure | {"v", "kind"} == {key for kind, key in keys if kind == "erasure"}


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("erasure")])
def test_the_commitment_is_as_the_format_says(name: str) -> None:
    """The commitment in a leaf is SHA-256 over the domain line, the salt and the digest of the content, and nothing else."""
    known = vector(name)
    salt, content = bytes.fromhex(known["salt"]), known["content"].encode()
    by_hand = sha256(b"archive-core/content/1\n" + salt + sha256(content).digest()).digest()
    assert base64url(by_hand) == leaf_of(name)["commit"]
    assert (by_hand, known["content_sha256"]) == (
        commitment(salt, sha256(content).digest()),
        sha256(content).hexdigest(),
    )


@pytest.mark.parametrize("name", ["signoff-signed", "signoff-rejected"])
def test_the_statement_is_as_the_format_says(name: str) -> None:
    """The signed text is the domain line and the canonical JSON of ten facts; the signature in the leaf is over it."""
    known, leaf = vector(name), leaf_of(name)
    shared = {key: leaf[key] for key in ("record", "version", "leaf", "step", "decision", "by", "at", "commit")}
    by_hand = b"archive-core/signoff/1\n" + canonical(
        {**shared, "origin": known["origin"], "meaning": known["meaning"]}
    )
    entry = parse_entry(known["leaf"].encode())
    assert isinstance(entry, SignOffEntry)
    told = statement(
        origin=known["origin"], record=entry.record, version=entry.version, leaf=entry.leaf, step=entry.step,
        meaning=known["meaning"], decision=entry.decision, by=entry.by, at=entry.at, commit=entry.commit,
    )  # fmt: skip
    assert [by_hand, by_hand] == [told, known["statement"].encode()]


@pytest.mark.parametrize("name", ["signoff-signed", "signoff-rejected"])
def test_the_frozen_signatures_verify(name: str) -> None:
    """Anyone with an Ed25519 library can verify the frozen signature over the frozen statement."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    known, leaf = vector(name), leaf_of(name)
    Ed25519PublicKey.from_public_bytes(unbase64url(leaf["key"])).verify(
        unbase64url(leaf["signature"]), known["statement"].encode()
    )
    again = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(known["seed"])).sign(known["statement"].encode())
    assert leaf["signature"] == base64url(again)


def test_one_change_of_any_fact_changes_the_statement() -> None:
    """None of the ten facts can be exchanged without the signature failing."""
    facts: dict[str, Any] = {
        "origin": "o", "record": 1, "version": 2, "leaf": bytes(32), "step": "a", "meaning": "m", "decision": "signed",
        "by": 3, "at": AT, "commit": bytes(32),
    }  # fmt: skip
    other: dict[str, Any] = {
        "origin": "p", "record": 2, "version": 3, "leaf": b"\1" * 32, "step": "b", "meaning": "n",
        "decision": "rejected", "by": 4, "at": LATER, "commit": b"\1" * 32,
    }  # fmt: skip
    texts = {statement(**facts)} | {statement(**{**facts, key: other[key]}) for key in facts}
    assert len(facts) + 1 == len(texts)


def test_a_version_takes_its_steps_with_the_english_meaning() -> None:
    """What binds a version is the step's name, role, count, exclusions and its meaning in English."""
    from archive_core.model.step import Step

    step = Step("approve", role="qa", zh="审核", en="Approved", count=2, not_by=("author",))
    expected = BoundStep(step="approve", role="qa", meaning="Approved", count=2, not_by=("author",))
    assert expected == BoundStep.of(step)


# -- refusals ---------------------------------------------------------------------------------------------------------

REQUIRED = {
    "version-first": ["at", "by", "version", "type", "type_version", "commit", "steps"],
    "signoff-signed": ["at", "by", "record", "version", "leaf", "step", "decision", "key", "signature", "commit"],
    "erasure": ["at", "by", "entries", "disposition"],
}
OPTIONAL = {
    "version-amended": ["record"],
    "version-all-optional": ["record", "batch", "withdrawn", "effective_from"],
}
COMMON = ["v", "kind"]


def refused(leaf: bytes) -> str:
    with pytest.raises(EntryMalformed) as error:
        parse_entry(leaf)
    return error.value.problem


def changed(name: str, change: Callable[[dict[str, Any]], None]) -> bytes:
    data = leaf_of(name)
    change(data)
    return canonical(data)


@pytest.mark.parametrize(("name", "key"), [(name, key) for name, keys in REQUIRED.items() for key in keys])
def test_a_missing_key_is_named(name: str, key: str) -> None:
    """No key of the format can be left out."""
    assert f"the key {key} is missing" == refused(changed(name, lambda data: data.pop(key)))


@pytest.mark.parametrize(("name", "key"), [(name, key) for name in REQUIRED for key in COMMON])
def test_format_and_kind_cannot_be_left_out(name: str, key: str) -> None:
    """A text without format or kind is no entry."""
    assert refused(changed(name, lambda data: data.pop(key))) in {
        "the key v does not say archive-core/entry/1",
        "unknown kind None",
    }


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", ["seq", "z", "a", "reason", "title"])
def test_an_extra_key_is_named(name: str, key: str) -> None:
    """A leaf holds nothing but what the format says: no free text, no own index."""
    assert f"unknown keys ['{key}']" == refused(changed(name, lambda data: data.update({key: 1})))


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for source in (REQUIRED, OPTIONAL) for name, keys in source.items() for key in keys]
)
@pytest.mark.parametrize("value", [None, {}, {"a": 1}, 0.5, ["x"]])
def test_a_value_of_a_foreign_type_is_refused(name: str, key: str, value: Any) -> None:
    """Null, objects, lists of text and floats stand nowhere in an entry at the top."""
    with pytest.raises(EntryMalformed):
        parse_entry(changed(name, lambda data: data.update({key: value})))


INTEGERS = [
    ("version-all-optional", ["by", "record", "version", "type_version", "batch"]),
    ("signoff-signed", ["by", "record", "version"]),
    ("erasure", ["by", "disposition"]),
]
TEXTS = [
    ("version-effective", ["at", "type", "commit", "effective_from"]),
    ("signoff-signed", ["at", "leaf", "step", "decision", "key", "signature", "commit"]),
    ("erasure", ["at"]),
]


@pytest.mark.parametrize(("name", "key"), [(name, key) for name, keys in INTEGERS for key in keys])
@pytest.mark.parametrize("value", ["1", True, False, -1, "", 2**53])
def test_what_is_no_index_is_refused(name: str, key: str, value: Any) -> None:
    """A number is a number: not its text, not true, not negative, not beyond 2^53 - 1."""
    with pytest.raises(EntryMalformed):
        parse_entry(changed(name, lambda data: data.update({key: value})))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("version-amended", "version"),
        ("version-amended", "type_version"),
        ("version-first", "version"),
        ("signoff-signed", "version"),
    ],
)
def test_numbers_start_at_one(name: str, key: str) -> None:
    """There is no version 0, of a record or of a type."""
    assert f"{key} is 0; numbers start at 1" == refused(changed(name, lambda data: data.update({key: 0})))


@pytest.mark.parametrize(("name", "key"), [(name, key) for name, keys in TEXTS for key in keys])
@pytest.mark.parametrize("value", [1, True, "", " ", "中", "a b", "x" * 61, "é" * 43])
def test_what_is_no_text_of_its_kind_is_refused(name: str, key: str, value: Any) -> None:
    """A time is a time, a name a name, bytes are bytes."""
    with pytest.raises(EntryMalformed):
        parse_entry(changed(name, lambda data: data.update({key: value})))


@pytest.mark.parametrize(
    ("name", "key"),
    [("version-first", "commit")] + [("signoff-signed", key) for key in ("leaf", "key", "signature", "commit")],
)
def test_base64_has_one_form(name: str, key: str) -> None:
    """Padding, the other alphabet, white space, stray bits and other lengths are refused: each byte string has one text."""
    good = leaf_of(name)[key]
    size = len(unbase64url(good))
    stray = good[:-1] + chr(ord(good[-1]) + 1)
    other = base64url(b"\xfb" * size).replace("-", "+").replace("_", "/")
    for text in (
        good + "=",
        good + "==",
        good + "\n",
        " " + good,
        good[:20] + "\n" + good[20:],
        stray,
        other,
        base64url(bytes(size - 1)),
        base64url(bytes(size + 1)),
        good[:-1],
    ):
        with pytest.raises(EntryMalformed):
            parse_entry(changed(name, lambda data, text=text: data.update({key: text})))  # type: ignore[misc]


@pytest.mark.parametrize(
    "steps",
    [
        {},
        "approve",
        [None],
        ["approve"],
        [{}],
        [{"step": "a", "role": "b", "meaning": "c", "count": 1}],
        [{"step": "a", "role": "b", "meaning": "c", "count": 1, "not_by": [], "x": 1}],
        [{"step": "a", "role": "b", "meaning": "c", "count": 0, "not_by": []}],
        [{"step": "a", "role": "b", "meaning": "c", "count": -1, "not_by": []}],
        [{"step": "a", "role": "b", "meaning": "c", "count": True, "not_by": []}],
        [{"step": "a", "role": "b", "meaning": "c", "count": "1", "not_by": []}],
        [{"step": "a", "role": "b", "meaning": "c", "count": None, "not_by": []}],
        [{"step": "a", "role": "b", "meaning": "c", "count": 1, "not_by": "author"}],
        [{"step": "a", "role": "b", "meaning": "c", "count": 1, "not_by": [1]}],
        [{"step": "a", "role": "b", "meaning": "c", "count": 1, "not_by": ["张三"]}],
        [{"step": 1, "role": "b", "meaning": "c", "count": 1, "not_by": []}],
        [{"step": "", "role": "b", "meaning": "c", "count": 1, "not_by": []}],
        [{"step": "a b", "role": "b", "meaning": "c", "count": 1, "not_by": []}],
        [{"step": "a", "role": "张三", "meaning": "c", "count": 1, "not_by": []}],
        [{"step": "a", "role": None, "meaning": "c", "count": 1, "not_by": []}],
        [{"step": "a", "role": "b", "meaning": 3, "count": 1, "not_by": []}],
    ],
)
def test_a_malformed_step_is_refused(steps: Any) -> None:
    """Each step has exactly its five keys, with names, a meaning and a positive count."""
    with pytest.raises(EntryMalformed):
        parse_entry(changed("version-first", lambda data: data.update(steps=steps)))


@pytest.mark.parametrize("entries", [[], [3, 2], [2, 2], [-1], [True], ["1"], [None], [1.5], {}, "1", [[1]], [1, "2"]])
def test_erased_indexes_are_ascending(entries: Any) -> None:
    """An erasure names at least one entry, each once, in order."""
    with pytest.raises(EntryMalformed):
        parse_entry(changed("erasure", lambda data: data.update(entries=entries)))


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("version-first", {"record": 17}),
        ("version-first", {"version": 2}),
        ("version-amended", {"version": 1}),
        ("version-first", {"batch": 3}),
        ("version-withdrawn", {"withdrawn": False}),
        ("version-withdrawn", {"withdrawn": 1}),
        ("version-withdrawn", {"withdrawn": "true"}),
        ("version-effective", {"effective_from": "2027-01-01"}),
        ("version-effective", {"effective_from": AT[:-1]}),
        ("signoff-signed", {"decision": "approved"}),
        ("signoff-signed", {"decision": "Signed"}),
        ("version-first", {"kind": "signoff"}),
        ("version-first", {"kind": "snapshot"}),
        ("version-first", {"kind": None}),
        ("version-first", {"kind": ["version"]}),
        ("version-first", {"v": "archive-core/entry/2"}),
        ("version-first", {"v": None}),
        ("version-first", {"type": "Sterile"}),
        ("version-first", {"type": "1a"}),
    ],
)
def test_contradictions_are_refused(name: str, facts: dict[str, Any]) -> None:
    """What no archive of this format can have written is not an entry."""
    with pytest.raises(EntryMalformed):
        parse_entry(changed(name, lambda data: data.update(facts)))


@pytest.mark.parametrize("name", NAMES)
def test_any_other_layout_of_a_leaf_is_refused(name: str) -> None:
    """The same facts in another order, with spaces, or with escapes are not the leaf."""
    data = leaf_of(name)
    for text in (
        json.dumps(data, sort_keys=True, indent=1),
        json.dumps(data, sort_keys=True),
        json.dumps(dict(reversed(data.items())), separators=(",", ":")),
        vector(name)["leaf"].replace("archive-core", "archive\\u002dcore"),
        vector(name)["leaf"] + "\n",
        vector(name)["leaf"][:-1],
        "[" + vector(name)["leaf"] + "]",
    ):
        with pytest.raises(EntryMalformed):
            parse_entry(text.encode())


@pytest.mark.parametrize("leaf", [b"", b"null", b"[]", b"1", b'"v"', b"{}", b"\xff\xfe", b"[" * 8_000 + b"]" * 8_000])
def test_what_is_no_object_is_no_entry(leaf: bytes) -> None:
    """Other JSON values, and bytes that are no JSON, are refused as entries."""
    assert refused(leaf)


def version_with(meanings: int, length: int) -> VersionEntry:
    steps = tuple(BoundStep(step=f"s{number}", role="qa", meaning="x" * length) for number in range(meanings))
    return attrs.evolve(made("version-first"), steps=steps)


def test_a_leaf_holds_at_most_16_kib() -> None:
    """The limit is inclusive: 16,384 bytes are written and read, one more is neither."""
    base = len(format_entry(version_with(1, 0)))
    full = format_entry(version_with(1, MAX_LEAF - base))
    assert (MAX_LEAF, full) == (len(full), format_entry(parse_entry(full)))
    with pytest.raises(LeafTooLong) as error:
        format_entry(version_with(1, MAX_LEAF - base + 1))
    assert (MAX_LEAF + 1, MAX_LEAF) == (error.value.size, error.value.limit)
    longer = full.replace(b"xx", b"xxx", 1)
    assert f"{MAX_LEAF + 1} bytes long, at most {MAX_LEAF} are allowed" == refused(longer)


def test_byte_strings_are_pairs() -> None:
    """Text made of bytes gives the bytes back, and only for the length asked for."""
    data = bytes(range(32))
    assert data == from_text(to_text(data), 32)
    with pytest.raises(EntryMalformed):
        from_text(to_text(data), 31)
