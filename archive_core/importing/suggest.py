"""
A first mapping for a file nobody has described: by column titles and by what the values look like, independently.

Where the two contradict each other (a column titled as insurance code that holds registration numbers) the column
is left out and the conflict is told: a person decides. Personal data is proposed to be dropped. Nothing here is
final; the text it makes is meant to be read and edited.
"""

import re
from collections.abc import Iterable

import attrs

from archive_core.importing.mapping import FieldRule, Mapping, SourceRule, spec_of, targets_of
from archive_core.importing.mapping_text import format_mapping
from archive_core.importing.readers import Source
from archive_core.importing.shapes import ColumnProfile, profile_columns
from archive_core.importing.synonyms import alike
from archive_core.importing.tables import Table, data_rows, find_table
from archive_core.importing.text_table import TextSource
from archive_core.model.fields import FieldSpec, Kind
from archive_core.model.record_type import RecordType

_SHAPE_WORDS = {
    "device_registration": ("注册证", "备案", "registration"),
    "drug_approval": ("批准文号", "approval"),
    "uscc": ("信用代码", "uscc", "credit code"),
    "insurance_code": ("医保编码", "医保代码", "统一编码", "insurance"),
    "gtin": ("gtin", "条码", "di"),
}
_CODES = ("insurance_code", "gtin")
_SURE = 60


@attrs.frozen
class Match:
    """
    A column proposed for a field; `by` is "title", "values" or "title and values".
    """

    column: ColumnProfile
    target: str
    by: str


@attrs.frozen
class Conflict:
    """
    A column whose title says one thing and whose values say another; not resolved here.
    """

    column: ColumnProfile
    by_title: str
    by_values: str
    shape: str

    def sentence(self) -> str:
        example = self.column.examples[0] if self.column.examples else ""
        values = f"field {self.by_values}" if self.by_values else "no field of this type"
        seen = f"the values ({self.shape}, e.g. {example}) say {values}"
        return f"{self.column.title}: the title says {self.by_title}, {seen}"


@attrs.frozen
class Suggestion:
    """
    The proposed mapping, and everything a person should see before accepting it.
    """

    mapping: Mapping
    table: Table
    profiles: tuple[ColumnProfile, ...]
    matches: tuple[Match, ...]
    conflicts: tuple[Conflict, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]

    def comments(self) -> tuple[str, ...]:
        """
        Return the lines that stand above the mapping.
        """
        return (
            "Suggested; read it and correct it before use.",
            *(f"CONFLICT, decide: {conflict.sentence()}" for conflict in self.conflicts),
            *(f"NO COLUMN for the required field {name}: map it, or declare it in gaps" for name in self.missing),
            *self.notes,
        )

    def text(self) -> str:
        """
        Return the mapping as TOML, to be read and edited. What has no column is offered as gaps, not declared: only a
        person knows whether the source lacks it or the file is the wrong one.
        """
        return format_mapping(self.mapping, self.comments(), offered_gaps=self.missing)


def suggest_mapping(source: Source, record_type: RecordType, *, header_row: int | None = None) -> Suggestion:
    """
    Return a mapping proposal after reading the whole source once.

    Raises:
        TableNotFound: no header could be told apart.
    """
    table = find_table(source, header_row)
    profiles = profile_columns(table, data_rows(source, table))
    matches, conflicts = _match(profiles, record_type)
    missing = _missing(record_type, matches)
    mapping = attrs.evolve(
        _mapping(profiles, matches),
        record_type=record_type.name,
        title=source.path.name,
        source=_source_rule(source, table),
    )
    title = tuple(f"title block, row {line}" for line in table.title)
    return Suggestion(mapping, table, profiles, matches, conflicts, missing, (*source.notes, *title))


def fits_values(profile: ColumnProfile, spec: FieldSpec) -> bool | None:
    """
    Return whether the values can be this field: True evidence for, False evidence against, None says nothing.
    """
    if not profile.filled:
        return None
    if spec.kind is Kind.DAY:
        return profile.share("date") >= 500
    if spec.kind in (Kind.DECIMAL, Kind.INTEGER):
        return profile.share("number") >= 500
    if spec.kind is Kind.YES_NO:
        return profile.share("yes_no") >= 500 or None
    return _fits_text(profile, spec)


def _fits_text(profile: ColumnProfile, spec: FieldSpec) -> bool | None:
    if spec.kind is Kind.CHOICE:
        names = {name.casefold() for option in spec.options for name in (option.value, option.zh, option.en)}
        return _half(value.casefold() in names for value in profile.sample)
    if spec.pattern and not _half(re.fullmatch(spec.pattern, value) is not None for value in profile.sample):
        return False
    wanted = [shape for shape in _SHAPE_WORDS if _speaks_of(spec, shape)]
    if profile.shape in _SHAPE_WORDS:
        return profile.shape in wanted or (None if profile.shape in _CODES and _is_code(spec) else False)
    if wanted:
        return False if profile.shape in ("text", "date") else None
    return None


def _is_code(spec: FieldSpec) -> bool:
    # A field for codes in general neither asks for one shape of them nor speaks against it.
    return spec.kind is Kind.TEXT and ("编码" in spec.zh or "code" in spec.name.split("_"))


def _half(answers: Iterable[bool]) -> bool:
    said = list(answers)
    return sum(said) * 2 >= len(said)


def _speaks_of(spec: FieldSpec, shape: str) -> bool:
    said = " ".join((spec.name, spec.zh, spec.en, *spec.check)).casefold()
    return any(word in said for word in _SHAPE_WORDS[shape])


def _match(
    profiles: tuple[ColumnProfile, ...], record_type: RecordType
) -> tuple[tuple[Match, ...], tuple[Conflict, ...]]:
    specs = {target: spec for target in targets_of(record_type) if (spec := spec_of(record_type, target))}
    titled = _by_title(profiles, specs)
    shaped = _by_values(profiles, specs)
    matches, conflicts, taken = [], [], set[str]()
    for profile in profiles:
        target, meant = titled.get(profile.index, ""), shaped.get(profile.index, "")
        fits = fits_values(profile, specs[target]) if target else None
        if target and fits is False:
            conflicts.append(Conflict(profile, target, meant, profile.shape or "mixed"))
        elif target and target not in taken:
            matches.append(Match(profile, target, "title and values" if fits else "title"))
            taken.add(target)
    for profile in profiles:
        meant = shaped.get(profile.index, "")
        contested = any(conflict.column is profile for conflict in conflicts)
        if meant and meant not in taken and profile.index not in titled and not contested:
            matches.append(Match(profile, meant, "values"))
            taken.add(meant)
    return tuple(matches), tuple(conflicts)


def _by_title(profiles: tuple[ColumnProfile, ...], specs: dict[str, FieldSpec]) -> dict[int, str]:
    scored = sorted(
        (
            (
                -alike(profile.title, (spec.name, spec.zh, spec.en)),
                -(fits_values(profile, spec) is True),
                profile.index,
                target,
            )
            for profile in profiles
            for target, spec in specs.items()
        ),
    )
    found: dict[int, str] = {}
    for score, _, index, target in scored:
        if -score >= _SURE and index not in found and target not in found.values():
            found[index] = target
    return found


def _by_values(profiles: tuple[ColumnProfile, ...], specs: dict[str, FieldSpec]) -> dict[int, str]:
    found: dict[int, str] = {}
    for profile in profiles:
        fitting = [target for target, spec in specs.items() if _can_only_be(profile, spec)]
        if len(fitting) == 1:
            found[profile.index] = fitting[0]
    texts = [profile.index for profile in profiles if profile.shape == "text"]
    names = [target for target, spec in specs.items() if _speaks_of_name(spec)]
    if len(texts) == len(names) == 1:
        found[texts[0]] = names[0]
    return found


def _can_only_be(profile: ColumnProfile, spec: FieldSpec) -> bool:
    return profile.shape in _SHAPE_WORDS and fits_values(profile, spec) is True


def _speaks_of_name(spec: FieldSpec) -> bool:
    return spec.kind is Kind.TEXT and ("名称" in spec.zh or "name" in spec.name.split("_"))


def _missing(record_type: RecordType, matches: tuple[Match, ...]) -> tuple[str, ...]:
    filled = {match.target.partition(".")[0] for match in matches}
    return tuple(spec.name for spec in record_type.fields if spec.required and spec.name not in filled)


def _mapping(profiles: tuple[ColumnProfile, ...], matches: tuple[Match, ...]) -> Mapping:
    mapped = {match.column.index for match in matches}
    rest = [profile for profile in profiles if profile.index not in mapped and profile.title]
    return Mapping(
        record_type="",
        fields=tuple(_field_rule(match) for match in sorted(matches, key=lambda match: match.column.index)),
        keep=tuple(profile.title for profile in rest if not profile.personal),
        drop=tuple(profile.title for profile in rest if profile.personal),
    )


def _source_rule(source: Source, table: Table) -> SourceRule:
    text = source if isinstance(source, TextSource) else None
    return SourceRule(
        kind=source.kind,
        encoding=text.encoding.codec if text else "",
        delimiter=text.dialect.delimiter if text else "",
        sheet=source.sheet,
        header_row=table.header_row,
        header=table.header,
    )


def _field_rule(match: Match) -> FieldRule:
    rule = FieldRule(target=match.target, column=match.column.title, position=match.column.index + 1)
    return attrs.evolve(rule, order=match.column.order) if match.column.order else rule
