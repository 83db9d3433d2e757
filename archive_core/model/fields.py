"""
Field declarations: what one field of a record type is, in one line of code.

Each helper returns an attrs field that carries a `FieldSpec`; `record_type` collects them. The wire form is what
stands in the record's content (canonical JSON): decimals and dates are strings.

    helper         Python value        wire form
    text, choice   str                 string
    integer        int                 integer
    decimal        Decimal             string "12.50"
    day            date                string "2026-11-21"
    day (month)    date | Month        string "2026-11-21" or "2026-11"
    yes_no         bool                true, false
    ref            Ref                 {"key": ..., "record": ...}
    attachment     Attachment          {"name": ..., "sha256": ..., "size": ..., "media_type": ...}
    lines          tuple of a class    array of objects
"""

from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, cast

import attrs

from archive_core.canonical import Json

METADATA_KEY = "archive_core"
Search = Literal["", "text", "name", "id"]


class Kind(StrEnum):
    """
    What a field holds.
    """

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DAY = "day"
    YES_NO = "yes_no"
    CHOICE = "choice"
    REF = "ref"
    ATTACHMENT = "attachment"
    LINES = "lines"


@attrs.frozen
class Option:
    """
    One admitted value of a choice, with its labels.
    """

    value: str
    zh: str
    en: str

    def to_json(self) -> dict[str, Json]:
        return {"value": self.value, "zh": self.zh, "en": self.en}


@attrs.frozen(kw_only=True)
class FieldSpec:
    """
    All that the archive knows of a field; bounds of decimals are exact decimal text.

    `search`: "" not searched, "text" words, "name" a title or party, "id" an identifier found by any part of it.
    `masked`: personal or confidential, absent from reading rooms of restricted profiles.
    `check`: names of validators (`archive_core.types.validators`).
    """

    name: str
    kind: Kind
    zh: str
    en: str
    required: bool = True
    search: Search = ""
    facet: bool = False
    masked: bool = False
    check: tuple[str, ...] = ()
    pattern: str = ""
    max_length: int = 400
    multiline: bool = False
    minimum: str = ""
    above: str = ""
    maximum: str = ""
    scale: int | None = None
    month: bool = False
    options: tuple[Option, ...] = ()
    target: str = ""
    lines: tuple["FieldSpec", ...] = ()
    source: str = ""

    def to_json(self) -> dict[str, Json]:
        """
        Return the definition form: `name`, `kind`, labels, and whatever differs from the default.
        """
        data: dict[str, Json] = {"name": self.name, "kind": self.kind.value, "zh": self.zh, "en": self.en}
        for attribute in attrs.fields(FieldSpec):
            value = getattr(self, attribute.name)
            if attribute.name not in data and value != attribute.default:
                data[attribute.name] = _plain(value)
        return data

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> "FieldSpec":
        known: dict[str, Any] = dict(data)
        known["kind"] = Kind(known["kind"])
        known["check"] = tuple(known.get("check", ()))
        known["options"] = tuple(Option(**option) for option in known.get("options", ()))
        known["lines"] = tuple(cls.from_json(line) for line in known.get("lines", ()))
        return cls(**known)


def _plain(value: object) -> Json:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Option | FieldSpec):
        return value.to_json()
    return cast(Json, value)


def _field(spec: FieldSpec) -> Any:
    # None stands for "not stated" even on required fields: a legacy source may lack them (declared gaps), and
    # requiredness is judged with all other checks, not one exception at a time.
    return attrs.field(default=None, kw_only=True, metadata={METADATA_KEY: spec})


def _number(value: Decimal | int | str | None) -> str:
    return "" if value is None else str(value)


def text(
    *,
    zh: str,
    en: str,
    required: bool = True,
    search: Search | bool = "",
    facet: bool = False,
    masked: bool = False,
    check: str | tuple[str, ...] = (),
    pattern: str = "",
    max_length: int = 400,
    multiline: bool = False,
    source: str = "",
) -> Any:
    """
    Text of 1 to `max_length` characters; codes and numbers with leading zeros are text.

    Args:
        check: names of validators, e.g. "uscc".
        pattern: regular expression the whole text must match.
        multiline: line breaks are allowed.
        search: True is "text".
    """
    found: Search = "text" if search is True else (search or "")
    checks = (check,) if isinstance(check, str) else check
    return _field(
        FieldSpec(
            name="", kind=Kind.TEXT, zh=zh, en=en, required=required, search=found, facet=facet, masked=masked,
            check=checks, pattern=pattern, max_length=max_length, multiline=multiline, source=source,
        )
    )  # fmt: skip


def integer(
    *,
    zh: str,
    en: str,
    required: bool = True,
    minimum: int | None = None,
    maximum: int | None = None,
    source: str = "",
) -> Any:
    """
    A whole number within 2^53 - 1; bounds are inclusive.
    """
    return _field(
        FieldSpec(
            name="", kind=Kind.INTEGER, zh=zh, en=en, required=required,
            minimum=_number(minimum), maximum=_number(maximum), source=source,
        )
    )  # fmt: skip


def decimal(
    *,
    zh: str,
    en: str,
    required: bool = True,
    above: Decimal | int | str | None = None,
    minimum: Decimal | int | str | None = None,
    maximum: Decimal | int | str | None = None,
    scale: int | None = None,
    source: str = "",
) -> Any:
    """
    An exact decimal number.

    Args:
        above: exclusive lower bound; `minimum` and `maximum` are inclusive.
        scale: at most this many digits after the point.
    """
    return _field(
        FieldSpec(
            name="", kind=Kind.DECIMAL, zh=zh, en=en, required=required, above=_number(above),
            minimum=_number(minimum), maximum=_number(maximum), scale=scale, source=source,
        )
    )  # fmt: skip


def day(*, zh: str, en: str, required: bool = True, month: bool = False, facet: bool = False, source: str = "") -> Any:
    """
    A calendar day; with `month` a month alone is admitted and stays a month (its last day counts).
    """
    return _field(
        FieldSpec(name="", kind=Kind.DAY, zh=zh, en=en, required=required, month=month, facet=facet, source=source)
    )


def yes_no(*, zh: str, en: str, required: bool = True, facet: bool = False, source: str = "") -> Any:
    """
    Yes or no; never a default: what was not stated is absent.
    """
    return _field(FieldSpec(name="", kind=Kind.YES_NO, zh=zh, en=en, required=required, facet=facet, source=source))


def choice(*options: Option, zh: str, en: str, required: bool = True, facet: bool = True, source: str = "") -> Any:
    """
    One of the options' values.
    """
    return _field(
        FieldSpec(
            name="",
            kind=Kind.CHOICE,
            zh=zh,
            en=en,
            required=required,
            options=options,
            facet=facet,
            source=source,
        )
    )


def ref(target: str, *, zh: str, en: str, required: bool = True, facet: bool = False, source: str = "") -> Any:
    """
    A reference to a record of type `target`, stated by its key and resolved when captured.
    """
    return _field(
        FieldSpec(
            name="",
            kind=Kind.REF,
            zh=zh,
            en=en,
            required=required,
            target=target,
            search="name",
            facet=facet,
            source=source,
        )
    )


def attachment(*, zh: str, en: str, required: bool = False, masked: bool = False, source: str = "") -> Any:
    """
    A file kept byte for byte in blobs/.
    """
    return _field(
        FieldSpec(name="", kind=Kind.ATTACHMENT, zh=zh, en=en, required=required, masked=masked, source=source)
    )


def lines(item: type, *, zh: str, en: str, required: bool = True, source: str = "") -> Any:
    """
    Line items of a class made with `line_item`; at least one when required.
    """
    specs = cast(tuple[FieldSpec, ...], item.__archive_fields__)  # type: ignore[attr-defined]
    return _field(FieldSpec(name="", kind=Kind.LINES, zh=zh, en=en, required=required, lines=specs, source=source))
