"""
Conversion between a record's content (wire form) and its class, strict in both directions.

cattrs turns 5 into '5' and 'no' into True without a word; here every scalar has an exact structure function, and
unknown keys are refused. `FieldChecker` has found all problems before, so a failure here is a fault of the program,
not of the data.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, cast

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override

from archive_core.canonical import Json
from archive_core.model.values import Attachment, Month, Ref

T = TypeVar("T")

_PLAIN = frozenset({str, int, bool, type(None)})


def structure(cls: type[T], fields: Mapping[str, Json]) -> T:
    """
    Return an instance of a record type's class from its checked wire form; absent fields are None.
    """
    return _converter().structure(fields, cls)


def unstructure(value: object) -> dict[str, Json]:
    """
    Return the wire form of an instance of a record type's class; fields that are None are left out.
    """
    return cast(dict[str, Json], _converter().unstructure(value))


def to_wire(value: object) -> Json:
    """
    Return the wire form of Python values inside a content given as a dict: Decimal, date, Month, Ref, Attachment,
    tuples.
    """
    if type(value) in _PLAIN:
        return cast(Json, value)
    if isinstance(value, Mapping):
        return {str(key): to_wire(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_wire(item) for item in value]
    return cast(Json, _converter().unstructure(value))


@cache
def _converter() -> Converter:
    made = Converter(forbid_extra_keys=True)
    for kind in (str, int, bool):
        made.register_structure_hook(kind, _exactly(kind))
    made.register_structure_hook(Decimal, _decimal)
    made.register_structure_hook(date, _day)
    made.register_structure_hook(Month, lambda value, _: Month.parse(_text(value)))
    made.register_structure_hook(cast(Any, date | Month), _day_or_month)
    made.register_structure_hook(cast(Any, date | Month | None), _day_or_month)
    made.register_unstructure_hook(Decimal, lambda value: format(value, "f"))
    made.register_unstructure_hook(date, lambda value: value.isoformat())
    made.register_unstructure_hook(Month, str)
    made.register_unstructure_hook(cast(Any, date | Month), str)
    made.register_unstructure_hook(cast(Any, date | Month | None), lambda value: None if value is None else str(value))
    made.register_unstructure_hook(Ref, _ref_to_wire)
    made.register_unstructure_hook(Attachment, attrs.asdict)
    made.register_unstructure_hook_factory(_is_record_class, _omit_none(made))
    return made


def _is_record_class(cls: Any) -> bool:
    return hasattr(cls, "__archive_fields__")


def _omit_none(converter: Converter) -> Callable[[type], Callable[[Any], dict[str, Any]]]:
    def factory(cls: type) -> Callable[[Any], dict[str, Any]]:
        attributes = attrs.fields(attrs.resolve_types(cls))
        overrides = {attribute.name: override(omit_if_default=True) for attribute in attributes}
        return make_dict_unstructure_fn(cls, converter, **overrides)  # type: ignore[arg-type]

    return factory


def _exactly(kind: type) -> Callable[[Any, Any], Any]:
    def check(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            msg = f"expected {kind.__name__}, got {type(value).__name__}"
            raise TypeError(msg)
        return value

    return check


def _text(value: Any) -> str:
    return cast(str, _exactly(str)(value, str))


def _decimal(value: Any, _: Any) -> Decimal:
    text = _text(value)
    number = Decimal(text)
    if not number.is_finite() or format(number, "f") != text:
        msg = f"not a decimal in wire form: {text!r}"
        raise ValueError(msg)
    return number


def _day(value: Any, _: Any) -> date:
    text = _text(value)
    found = date.fromisoformat(text)
    if found.isoformat() != text:
        msg = f"not a day in wire form: {text!r}"
        raise ValueError(msg)
    return found


def _day_or_month(value: Any, _: Any) -> date | Month | None:
    if value is None:
        return None
    text = _text(value)
    return Month.parse(text) if len(text) == 7 else _day(text, date)


def _ref_to_wire(value: Ref) -> dict[str, Json]:
    return {"key": value.key} if value.record is None else {"key": value.key, "record": value.record}
