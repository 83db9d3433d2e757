"""
A record type: an attrs class plus what the archive must know of it.

`record_type` turns a plain class with field declarations into a frozen attrs class and attaches the `RecordType`.
The same `RecordType` can be rebuilt from its definition (JSON) alone, without the class: then its rules are not
available, but its records are still readable, searchable and verifiable.
"""

import re
from collections.abc import Callable
from typing import TypeVar, cast, dataclass_transform

import attrs

from archive_core.canonical import Json
from archive_core.errors import TypeMalformed
from archive_core.model.fields import METADATA_KEY, FieldSpec, Kind
from archive_core.model.retention import EachLine, Longest, Rule, When, rule_from_json, triggers
from archive_core.model.step import AUTHOR, Step

T = TypeVar("T", bound=type)
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
DEFINITION_FORMAT = "archive-core/definition/1"
RESERVED = frozenset({"record", "version", "state", "seq", "recorded_at", "recorded_by", "operator", "captured_at"})


@attrs.frozen(kw_only=True)
class RecordType:
    """
    What the archive knows of a type; `cls` is None when only the definition is at hand.

    `key`: names of the fields that together are the business key.
    `source`: legal or house source of the record kind.
    """

    name: str
    version: int
    zh: str
    en: str
    key: tuple[str, ...]
    fields: tuple[FieldSpec, ...]
    sign_off: tuple[Step, ...]
    retention: Rule
    source: str = ""
    basis: str = ""
    cls: type | None = attrs.field(default=None, eq=False)

    def field(self, name: str) -> FieldSpec | None:
        return next((spec for spec in self.fields if spec.name == name), None)

    def to_json(self) -> dict[str, Json]:
        """
        Return the definition: all that is needed to read a record of this type in thirty years.
        """
        return {
            "format": DEFINITION_FORMAT,
            "name": self.name,
            "version": self.version,
            "zh": self.zh,
            "en": self.en,
            "key": list(self.key),
            "fields": [spec.to_json() for spec in self.fields],
            "sign_off": [step.to_json() for step in self.sign_off],
            "retention": self.retention.to_json(),
            "source": self.source,
            "basis": self.basis,
        }

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> "RecordType":
        return cls(
            name=cast(str, data["name"]),
            version=cast(int, data["version"]),
            zh=cast(str, data["zh"]),
            en=cast(str, data["en"]),
            key=tuple(cast(list[str], data["key"])),
            fields=tuple(FieldSpec.from_json(spec) for spec in cast(list[dict[str, Json]], data["fields"])),
            sign_off=tuple(Step.from_json(step) for step in cast(list[dict[str, Json]], data["sign_off"])),
            retention=rule_from_json(data["retention"]),
            source=cast(str, data["source"]),
            basis=cast(str, data["basis"]),
        )


@dataclass_transform(kw_only_default=True, frozen_default=True)
def record_type(
    name: str,
    *,
    version: int,
    zh: str,
    en: str,
    key: str | tuple[str, ...],
    sign_off: list[Step] | tuple[Step, ...],
    retention: Rule,
    source: str = "",
    basis: str = "",
) -> Callable[[T], T]:
    """
    Return a class decorator that makes a record type of a class with field declarations.

    Args:
        name: `[a-z][a-z0-9_]*`, at most 60 characters; also the table name in reading rooms.
        version: raised by one with every change of the declaration.
        key: the field, or fields, of the business key; text, integer, day or reference.
        sign_off: steps in order; empty means in force as captured.
        source: where the record kind comes from.
        basis: the legal basis of the retention rule.

    Raises:
        TypeMalformed: the declaration contradicts itself; the sentence says how.
    """

    def decorate(cls: T) -> T:
        made = line_item(cls)
        declared = RecordType(
            name=name,
            version=version,
            zh=zh,
            en=en,
            key=(key,) if isinstance(key, str) else key,
            fields=made.__archive_fields__,  # type: ignore[attr-defined]
            sign_off=tuple(sign_off),
            retention=retention,
            source=source,
            basis=basis,
            cls=made,
        )
        check_declaration(declared)
        made.__archive_type__ = declared  # type: ignore[attr-defined]
        return made

    return decorate


@dataclass_transform(kw_only_default=True, frozen_default=True)
def line_item(cls: T) -> T:
    """
    Make a frozen attrs class of a class with field declarations, for use in `lines`.
    """
    made = attrs.frozen(cls, kw_only=True, slots=False)
    specs = tuple(
        attrs.evolve(attribute.metadata[METADATA_KEY], name=attribute.name)
        for attribute in attrs.fields(made)
        if METADATA_KEY in attribute.metadata
    )
    made.__archive_fields__ = specs  # type: ignore[attr-defined]
    return made


def type_of(cls: type) -> RecordType:
    """
    Return the record type declared on a class.

    Raises:
        TypeMalformed: the class was not made with `record_type`.
    """
    declared = getattr(cls, "__archive_type__", None)
    if not isinstance(declared, RecordType):
        raise TypeMalformed(cls.__name__, "the class is not decorated with @record_type")
    return declared


def check_declaration(declared: RecordType) -> None:
    """
    Refuse a declaration that contradicts itself.

    Raises:
        TypeMalformed: a name, key, step or retention trigger is not as it must be.
    """
    for problem in _problems(declared):
        raise TypeMalformed(declared.name, problem)


def _problems(declared: RecordType) -> list[str]:
    names = [spec.name for spec in declared.fields]
    inner = [line.name for spec in declared.fields for line in spec.lines]
    found = [f"{name!r} is not a name" for name in (declared.name, *names, *inner) if not NAME.match(name)]
    found += [f"the field name {name} is reserved" for name in names if name in RESERVED]
    found += [f"the key names {name}, which is no field" for name in declared.key if name not in names]
    found += [problem for spec in _all_fields(declared) for problem in _field_problems(spec)]
    found += _key_problems(declared) + _step_problems(declared.sign_off) + _retention_problems(declared)
    if declared.version < 1:
        found.append("versions start at 1")
    return found


def _all_fields(declared: RecordType) -> list[FieldSpec]:
    return [field for spec in declared.fields for field in (spec, *spec.lines)]


def _field_problems(spec: FieldSpec) -> list[str]:
    found = []
    try:
        re.compile(spec.pattern)
    except re.error as error:
        found.append(f"the pattern of {spec.name} is no regular expression: {error}")
    values = [option.value for option in spec.options]
    if spec.kind is Kind.CHOICE and (not values or len(set(values)) < len(values)):
        found.append(f"the choice {spec.name} needs options, each once")
    return found


def _key_problems(declared: RecordType) -> list[str]:
    admitted = {Kind.TEXT, Kind.INTEGER, Kind.DAY, Kind.REF}
    specs = [spec for spec in declared.fields if spec.name in declared.key]
    if not declared.key:
        return ["a key is needed"]
    return [f"the key field {spec.name} must be required" for spec in specs if not spec.required] + [
        f"a {spec.kind} cannot be part of the key" for spec in specs if spec.kind not in admitted
    ]


def _step_problems(steps: tuple[Step, ...]) -> list[str]:
    found, earlier = [], {AUTHOR}
    for step in steps:
        if not NAME.match(step.name) or step.name in earlier:
            found.append(f"the step name {step.name!r} is not a name or stands twice")
        if not NAME.match(step.role):
            found.append(f"the role {step.role!r} of step {step.name} is not a name")
        if step.count < 1:
            found.append(f"step {step.name} needs at least one signature")
        found += [
            f"step {step.name} excludes {other}, which is no earlier step"
            for other in step.not_by
            if other not in earlier
        ]
        earlier.add(step.name)
    return found


def _retention_problems(declared: RecordType) -> list[str]:
    names = {spec.name for spec in declared.fields}
    unknown = [name for name in triggers(declared.retention) if not name.startswith("@") and name not in names]
    found = [f"the retention rule asks for {name}, which is no field" for name in unknown]
    if _says_nothing(declared.retention):
        found.append("the retention rule has a longest of nothing")
    if isinstance(declared.retention, EachLine):
        spec = declared.field(declared.retention.field)
        if spec is not None and spec.kind is not Kind.LINES:
            found.append(f"the retention rule goes over {spec.name}, which has no lines")
    return found


def _says_nothing(rule: Rule) -> bool:
    match rule:
        case Longest(rules):
            return not rules or any(_says_nothing(part) for part in rules)
        case When(_, yes, no):
            return _says_nothing(yes) or _says_nothing(no)
        case EachLine(_, part):
            return _says_nothing(part)
        case _:
            return False
