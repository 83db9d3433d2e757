"""
How a field is shown: its label, its text in the reader's language, and whether something is missing or masked.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import attrs

from archive_core.canonical import Json
from archive_core.clock import parse_time
from archive_core.inspection.shape import visible_fields
from archive_core.model.fields import FieldSpec, Kind
from archive_core.model.record_type import RecordType

LONG_TEXT = 80
LONG_LINES = 40
FOLDED = 1500
FOLDED_LINES = 15
NUMBERS = frozenset({Kind.DECIMAL, Kind.INTEGER})
CODES = frozenset({"id"})
COMPANY_TEXT = re.compile(r"\bS[0-4] (?:part|annex|§)")


@attrs.frozen(kw_only=True)
class Fact:
    """
    One field as shown. `state` is "stated", "empty", "gap" (missing at source) or "masked"; `target` is the record
    number a reference leads to.
    """

    name: str
    label: str
    other_label: str
    text: str
    state: str = "stated"
    is_long: bool = False
    is_number: bool = False
    is_code: bool = False
    is_day: bool = False
    target: int | None = None
    sha256: str = ""
    size: int = 0

    @property
    def is_folded(self) -> bool:
        """True for texts that programs read, and for very long ones: shown only when asked for."""
        return len(self.text) > FOLDED or self.text.count("\n") > FOLDED_LINES or self.text.startswith(("{", "["))


@attrs.frozen(kw_only=True)
class LineItems:
    """Line items as a table: the columns' labels, then one tuple of facts per line; unused columns are left out."""

    label: str
    other_label: str
    heads: tuple[Fact, ...]
    rows: tuple[tuple[Fact, ...], ...]
    is_gap: bool


@attrs.frozen(kw_only=True)
class Presenter:
    """Shows values in one language, to one profile, in one time zone."""

    language: str
    masks: bool
    zone: ZoneInfo

    def facts(
        self, fields: tuple[FieldSpec, ...], content: Mapping[str, Json], gaps: frozenset[str] = frozenset()
    ) -> tuple[Fact, ...]:
        """Return every plain field: also those that were not filled."""
        plain = (spec for spec in fields if spec.kind is not Kind.LINES)
        return tuple(self.fact(spec, content.get(spec.name), is_gap=spec.name in gaps) for spec in plain)

    def line_items(
        self, fields: tuple[FieldSpec, ...], content: Mapping[str, Json], gaps: frozenset[str] = frozenset()
    ) -> tuple[LineItems, ...]:
        tables = (spec for spec in fields if spec.kind is Kind.LINES)
        return tuple(self._table(spec, content.get(spec.name), is_gap=spec.name in gaps) for spec in tables)

    def fact(self, spec: FieldSpec, value: Json, *, is_gap: bool = False) -> Fact:
        label, other = self.labels(spec)
        shown = Fact(
            name=spec.name, label=label, other_label=other, text=self.text(spec, value),
            is_number=spec.kind in NUMBERS, is_code=spec.search in CODES, is_day=spec.kind is Kind.DAY,
        )  # fmt: skip
        if self.masks and spec.masked:
            return attrs.evolve(shown, state="masked", text="")
        if value is None:
            return attrs.evolve(shown, state="gap" if is_gap else "empty")
        is_long = len(shown.text) > (LONG_LINES if spec.multiline else LONG_TEXT) or "\n" in shown.text
        return _linked(attrs.evolve(shown, is_long=is_long), spec, value)

    def text(self, spec: FieldSpec, value: Json) -> str:
        if value is None:
            return ""
        if isinstance(value, dict):
            return str(value.get("name" if spec.kind is Kind.ATTACHMENT else "key", ""))
        if isinstance(value, bool):
            return _pick(self.language, *(("是", "Yes") if value else ("否", "No")))
        if spec.kind is Kind.CHOICE:
            found = next((option for option in spec.options if option.value == value), None)
            return _pick(self.language, found.zh, found.en) if found else str(value)
        return group_digits(str(value)) if spec.kind in NUMBERS else str(value)

    def labels(self, spec: FieldSpec) -> tuple[str, str]:
        return (spec.zh, spec.en) if self.language == "zh" else (spec.en, spec.zh)

    def name(self, declared: RecordType) -> str:
        return _pick(self.language, declared.zh, declared.en)

    def pick(self, zh: str, en: str) -> str:
        return _pick(self.language, zh, en)

    def moment(self, stamp: str | None) -> str:
        """Return an entry time as `2026-11-21 19:39:00` in the archive's zone; empty for none."""
        return "" if not stamp else self._local(stamp).strftime("%Y-%m-%d %H:%M:%S")

    def day(self, stamp: str | None) -> str:
        return "" if not stamp else self._local(stamp).strftime("%Y-%m-%d")

    def summary(self, declared: RecordType, content: Mapping[str, Json], limit: int = 5) -> tuple[Fact, ...]:
        """Return the few short facts that tell records of a type apart in a list."""
        skipped = {spec.name for spec in declared.fields if spec.search == "name" and spec.kind is Kind.TEXT}
        skipped |= set(declared.key)
        fields = visible_fields(declared.fields, masking=self.masks)
        chosen = [spec for spec in fields if spec.name not in skipped and not spec.multiline]
        stated = (fact for fact in self.facts(tuple(chosen), content) if fact.state == "stated" and not fact.is_long)
        return tuple(fact for _, fact in zip(range(limit), stated, strict=False))

    def texts(self, fields: tuple[FieldSpec, ...], content: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
        """Yield label and text of everything stated, line items too: where a search may have hit."""
        for spec in visible_fields(fields, masking=self.masks):
            value = content.get(spec.name)
            if isinstance(value, list):
                for line in value:
                    yield from self.texts(spec.lines, line if isinstance(line, dict) else {})
            elif value is not None:
                yield self.labels(spec)[0], self.text(spec, value)

    def _local(self, stamp: str) -> datetime:
        return parse_time(stamp).astimezone(self.zone)

    def _table(self, spec: FieldSpec, value: Json, *, is_gap: bool) -> LineItems:
        label, other = self.labels(spec)
        lines = [line for line in value if isinstance(line, dict)] if isinstance(value, list) else []
        used = tuple(column for column in spec.lines if any(column.name in line for line in lines))
        shown = tuple(column for column in spec.lines if column in used or (self.masks and column.masked))
        return LineItems(
            label=label, other_label=other, heads=self.facts(shown, {}), is_gap=is_gap,
            rows=tuple(self.facts(shown, line) for line in lines),
        )  # fmt: skip


def group_digits(number: str) -> str:
    """Return a decimal text with thin spaces between thousands, as ISO 80000-1 writes it; the digits stay exact."""
    whole, point, rest = number.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    if not digits.isdigit() or len(digits) <= 4:
        return number
    head = len(digits) % 3
    groups = [digits[:head]] if head else []
    groups += [digits[start : start + 3] for start in range(head, len(digits), 3)]
    return sign + "\u202f".join(groups) + point + rest


def sources_of(fields: tuple[FieldSpec, ...]) -> Iterator[str]:
    """Yield the source that each field states, those of line items too."""
    for spec in fields:
        yield spec.source or ""
        yield from sources_of(spec.lines)


def cites_company_texts(*texts: str) -> bool:
    """True where a text cites a house rule by its short name, as in `S3 part 4`: readers are owed a legend."""
    return any(COMPANY_TEXT.search(text) for text in texts)


def _linked(fact: Fact, spec: FieldSpec, value: Json) -> Fact:
    if not isinstance(value, dict):
        return fact
    if spec.kind is Kind.ATTACHMENT:
        return attrs.evolve(fact, sha256=str(value["sha256"]), size=int(str(value["size"])))
    target = value.get("record")
    return attrs.evolve(fact, target=target if isinstance(target, int) else None)


def _pick(language: str, zh: str, en: str) -> str:
    return zh if language == "zh" else en
