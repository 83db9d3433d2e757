"""
What changed between two versions: field by field, and within a long text character by character.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

import attrs

from archive_core.canonical import Json
from archive_core.model.fields import FieldSpec, Kind

_TOKEN = re.compile(r"[^\W_\u2e80-\U0003ffff]+|\s+|.", re.DOTALL)
LONGEST_COMPARED = 20_000


@attrs.frozen
class Stretch:
    """A stretch of text: `same`, `gone` (only in the older) or `new` (only in the newer)."""

    kind: str
    text: str


@attrs.frozen
class Change:
    """
    One field in two versions; `line` counts line items from 1, 0 is the record itself.

    `old` and `new` are wire values, None where absent; the stretches are filled for texts present in both.
    """

    spec: FieldSpec
    parent: FieldSpec | None
    line: int
    old: Json
    new: Json
    stretches: tuple[Stretch, ...] = ()

    @property
    def kind(self) -> str:
        if self.old == self.new:
            return "same"
        if self.old is None:
            return "added"
        return "removed" if self.new is None else "changed"


def compare_fields(
    fields: tuple[FieldSpec, ...], old: Mapping[str, Json], new: Mapping[str, Json]
) -> tuple[Change, ...]:
    """Return every field that stands in either version, in the order of the definition, line items after it."""
    return tuple(_compare(fields, old, new, None, 0))


def compare_text(old: str, new: str) -> tuple[Stretch, ...]:
    """
    Return the newer text with what went and what came; one Han character is one step, a word of letters is one.

    Texts beyond 20 000 characters are compared as a whole.
    """
    if len(old) + len(new) > LONGEST_COMPARED:
        return Stretch("gone", old), Stretch("new", new)
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return tuple(_stretches(matcher, before, after))


def _stretches(matcher: SequenceMatcher[str], before: list[str], after: list[str]) -> Iterator[Stretch]:
    for step, a, b, c, d in matcher.get_opcodes():
        if step == "equal":
            yield Stretch("same", "".join(after[c:d]))
            continue
        if b > a:
            yield Stretch("gone", "".join(before[a:b]))
        if d > c:
            yield Stretch("new", "".join(after[c:d]))


def _compare(
    fields: tuple[FieldSpec, ...],
    old: Mapping[str, Json],
    new: Mapping[str, Json],
    parent: FieldSpec | None,
    line: int,
) -> Iterator[Change]:
    for spec in fields:
        before, after = old.get(spec.name), new.get(spec.name)
        if spec.kind is Kind.LINES:
            yield from _compare_lines(spec, before, after)
        elif before is not None or after is not None:
            yield Change(spec, parent, line, before, after, _text_change(spec, before, after))


def _compare_lines(spec: FieldSpec, old: Json, new: Json) -> Iterator[Change]:
    before, after = _lines(old), _lines(new)
    for number in range(max(len(before), len(after))):
        was = before[number] if number < len(before) else {}
        now = after[number] if number < len(after) else {}
        yield from _compare(spec.lines, was, now, spec, number + 1)


def _lines(value: Json) -> list[dict[str, Json]]:
    return [line for line in value if isinstance(line, dict)] if isinstance(value, list) else []


def _text_change(spec: FieldSpec, old: Json, new: Json) -> tuple[Stretch, ...]:
    is_text = spec.kind is Kind.TEXT and isinstance(old, str) and isinstance(new, str) and old != new
    return compare_text(str(old), str(new)) if is_text else ()
