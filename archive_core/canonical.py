"""
Canonical JSON: the one way from a value to the bytes that are hashed and signed.

Format (`RFC 8785 <https://www.rfc-editor.org/rfc/rfc8785>`_ by construction): within the value domain below,
orjson's sorted output is byte for byte what RFC 8785 prescribes, because the two differ only on floats, on integers
beyond 2^53 - 1 and on the order of keys outside ASCII, none of which is admitted.

- objects: keys match ``[a-z][a-z0-9_]*``
- arrays, strings without lone surrogates, true, false, null
- integers with ``|n| <= 2**53 - 1``; no floats: decimals and dates are strings

Promises: equal values give equal bytes on every platform and Python version; `encode` refuses everything else.
Must not know: what the bytes are for.
"""

import re
from typing import TypeAlias

import orjson

from archive_core.errors import NotCanonical

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"

MAX_INTEGER = 2**53 - 1
_KEY = re.compile(r"[a-z][a-z0-9_]*\Z")
_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def encode(value: Json) -> bytes:
    """
    Return the canonical bytes, UTF-8 without BOM or white space.

    Raises:
        NotCanonical: the value lies outside the admitted domain.
    """
    try:
        _check(value, "$")
    except RecursionError:
        raise NotCanonical("nested too deeply") from None
    return encode_trusted(value)


def encode_trusted(value: Json) -> bytes:
    """
    Return the canonical bytes of a value whose keys are known to be identifiers and which holds no float.

    About four times as fast as `encode`; only for values the archive built itself.

    Raises:
        NotCanonical: orjson refuses the value (lone surrogate, integer beyond 2^53 - 1, foreign type).
    """
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except (TypeError, RecursionError) as error:
        raise NotCanonical(str(error)) from None


def decode(data: bytes) -> Json:
    """
    Return the value of canonical bytes.

    Raises:
        NotCanonical: the bytes are not JSON, or not in canonical form.
    """
    value = decode_trusted(data)
    if encode(value) != data:
        raise NotCanonical("the JSON text is not in canonical form")
    return value


def decode_trusted(data: bytes) -> Json:
    """
    Return the value of bytes whose digest was held against a commitment; their form is not checked again.

    Raises:
        NotCanonical: the bytes are not JSON.
    """
    try:
        value: Json = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise NotCanonical(str(error)) from None
    return value


def check(value: Json) -> None:
    """
    Refuse a value outside the admitted domain; lone surrogates are refused only when it is encoded.

    Raises:
        NotCanonical: a float, a large integer, a foreign type, or a key that is no identifier; names its place.
    """
    _check(value, "$")


def _check(value: object, path: str) -> None:
    kind = type(value)
    if kind is dict:
        for key, item in value.items():  # type: ignore[attr-defined]
            if type(key) is not str or not _KEY.match(key):
                raise NotCanonical(f"key {key!r} at {path}")
            _check(item, f"{path}.{key}")
    elif kind is list:
        for index, item in enumerate(value):  # type: ignore[arg-type]
            _check(item, f"{path}[{index}]")
    elif kind is int:
        if abs(value) > MAX_INTEGER:  # type: ignore[arg-type]
            raise NotCanonical(f"integer beyond 2^53 - 1 at {path}")
    elif value is not None and kind not in (str, bool):
        raise NotCanonical(f"{kind.__name__} at {path}")
