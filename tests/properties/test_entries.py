import json
from typing import Any, Literal

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_core.canonical import MAX_INTEGER
from archive_core.clock import format_time
from archive_core.errors import EntryMalformed
from archive_core.model.entry import (
    BoundStep,
    Entry,
    ErasureEntry,
    SignOffEntry,
    VersionEntry,
    format_entry,
    from_text,
    parse_entry,
    to_text,
)

indexes = st.integers(0, MAX_INTEGER)
numbers = st.integers(1, MAX_INTEGER)
names = st.from_regex(r"[a-z][a-z0-9_]{0,59}", fullmatch=True)
stamps = st.datetimes(timezones=st.timezones()).filter(lambda moment: 2 < moment.year < 9998).map(format_time)
digests = st.binary(min_size=32, max_size=32)
decisions: st.SearchStrategy[Literal["signed", "rejected"]] = st.sampled_from(["signed", "rejected"])
meanings = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
steps = st.builds(
    BoundStep, step=names, role=names, meaning=meanings, count=numbers, not_by=st.lists(names, max_size=3).map(tuple)
)
bare = st.builds(
    VersionEntry, at=stamps, by=indexes, version=st.just(1), type=names, type_version=numbers, commit=digests,
    effective_from=st.none() | stamps, withdrawn=st.booleans(),
)  # fmt: skip


@st.composite
def versions(draw: st.DrawFn) -> VersionEntry:
    entry = draw(bare)
    if draw(st.booleans()):
        entry = attrs.evolve(entry, record=draw(indexes), version=draw(st.integers(2, MAX_INTEGER)))
    if draw(st.booleans()):
        return attrs.evolve(entry, batch=draw(indexes))
    return attrs.evolve(entry, steps=tuple(draw(st.lists(steps, max_size=4))))


signoffs = st.builds(
    SignOffEntry, at=stamps, by=indexes, record=indexes, version=numbers, leaf=digests, step=names, decision=decisions,
    key=digests, signature=st.binary(min_size=64, max_size=64), commit=digests,
)  # fmt: skip
erasures = st.builds(
    ErasureEntry, at=stamps, by=indexes, disposition=indexes,
    entries=st.sets(indexes, min_size=1, max_size=50).map(lambda found: tuple(sorted(found))),
)  # fmt: skip
entries: st.SearchStrategy[Entry] = versions() | signoffs | erasures


@given(entries)
@settings(deadline=None)
def test_every_entry_reads_back_as_itself(entry: Entry) -> None:
    """format_entry and parse_entry are inverse, in values and in bytes."""
    leaf = format_entry(entry)
    assert (entry, leaf) == (parse_entry(leaf), format_entry(parse_entry(leaf)))


@given(entries)
@settings(deadline=None)
def test_absent_keys_are_absent(entry: Entry) -> None:
    """A leaf never says null, false or another kind of nothing."""
    found: dict[str, Any] = json.loads(format_entry(entry))
    assert [] == [key for key, value in found.items() if value is None or value is False]


@given(entries, st.data())
@settings(deadline=None, max_examples=200)
def test_no_single_changed_byte_goes_unseen(entry: Entry, data: st.DataObject) -> None:
    """A leaf with one other byte is no entry, or another one: never the same entry in another text."""
    leaf = format_entry(entry)
    place = data.draw(st.integers(0, len(leaf) - 1))
    other = leaf[:place] + bytes([leaf[place] ^ data.draw(st.integers(1, 255))]) + leaf[place + 1 :]
    try:
        found = parse_entry(other)
    except EntryMalformed:
        return
    assert (True, other) == (found != entry, format_entry(found))


@given(st.binary(max_size=80))
def test_text_of_bytes_reads_back(data: bytes) -> None:
    """Every byte string has one text without padding, and the text gives it back."""
    assert data == from_text(to_text(data), len(data))
    with pytest.raises(EntryMalformed):
        from_text(to_text(data) + "=", len(data))
