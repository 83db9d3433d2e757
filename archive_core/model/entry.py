"""
Entries of the ledger: the format of a leaf, version 1 (`archive-core/entry/1`).

A leaf is the canonical JSON text of one object (`archive_core.canonical`), stored verbatim and hashed as RFC 6962
section 2.1 prescribes: SHA-256(0x00 || leaf). It is at most 16 KiB long and holds no personal data and no free text:
those live in the content, to which `commit` binds the entry, so that erasing the content leaves every proof intact.

Keys common to the three kinds:

    v        "archive-core/entry/1"
    kind     "version", "signoff" or "erasure"
    at       UTC, 27 characters; never earlier than the entry before
    by       record number of the acting person

`version` - a state of a record was captured:

    record          record number; absent in a first version, whose own index becomes the record number
    version         1, 2, 3 ... within the record
    type            name of the record type
    type_version    version of the type's definition
    commit          commitment to the content (below)
    steps           the sign-off steps this version must pass, in order: objects {step, role, meaning, count, not_by}
    batch           record number of the import batch; absent outside a batch. Such a version has no steps of its
    own: it is
                    signed through the batch record
    withdrawn       true; absent unless the version says that the record is void
    effective_from  time before which the version is not in force even when signed; absent unless stated

`signoff` - a person signed, or refused, one version:

    record, version  what was signed
    leaf             leaf hash of the version entry: a sign-off cannot be moved to another version
    step             name of the step
    decision         "signed" or "rejected"
    key              Ed25519 public key of the signer, 32 bytes
    signature        Ed25519 over the statement (below), 64 bytes
    commit           commitment to the manifestation: printed name, role, meaning, reason (21 CFR 11.50)

`erasure` - content was destroyed under a signed disposition:

    entries      indexes of the entries whose content was destroyed, ascending
    disposition  record number of the disposition

Byte strings are base64url without padding. An optional key that does not apply is absent, never null.

Commitment: SHA-256("archive-core/content/1" LF || salt || SHA-256(content bytes)), salt 32 random bytes kept and
erased with the content.

Statement of a sign-off: "archive-core/signoff/1" LF || canonical JSON of {origin, record, version, leaf, step, meaning,
decision, by, at, commit}; `meaning` is the one in the version's steps.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from hashlib import sha256
from typing import Any, Literal, TypeAlias, cast

import attrs

from archive_core.canonical import Json, decode, encode_trusted
from archive_core.clock import parse_time
from archive_core.errors import EntryMalformed, LeafTooLong, NotCanonical
from archive_core.model.step import Step

ENTRY_FORMAT = "archive-core/entry/1"
CONTENT_DOMAIN = b"archive-core/content/1\n"
SIGNOFF_DOMAIN = b"archive-core/signoff/1\n"
MAX_LEAF = 16 * 1024
SALT_SIZE = 32

Decision = Literal["signed", "rejected"]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")


@attrs.frozen(kw_only=True)
class BoundStep:
    """
    A sign-off step as it binds one version; `meaning` is the English meaning of the signature.
    """

    step: str
    role: str
    meaning: str
    count: int = 1
    not_by: tuple[str, ...] = ()

    @classmethod
    def of(cls, step: Step) -> "BoundStep":
        return cls(step=step.name, role=step.role, meaning=step.en, count=step.count, not_by=step.not_by)


@attrs.frozen(kw_only=True)
class VersionEntry:
    """
    A captured version; `commit` is 32 bytes.
    """

    at: str
    by: int
    version: int
    type: str
    type_version: int
    commit: bytes
    steps: tuple[BoundStep, ...] = ()
    record: int | None = None
    batch: int | None = None
    withdrawn: bool = False
    effective_from: str | None = None


@attrs.frozen(kw_only=True)
class SignOffEntry:
    """
    A signature or refusal; `leaf`, `key` and `commit` are 32 bytes, `signature` 64.
    """

    at: str
    by: int
    record: int
    version: int
    leaf: bytes
    step: str
    decision: Decision
    key: bytes
    signature: bytes
    commit: bytes


@attrs.frozen(kw_only=True)
class ErasureEntry:
    """
    A destruction of content under a disposition.
    """

    at: str
    by: int
    entries: tuple[int, ...]
    disposition: int


Entry: TypeAlias = VersionEntry | SignOffEntry | ErasureEntry


def to_text(data: bytes) -> str:
    """
    Return base64url without padding.
    """
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_text(text: str, size: int) -> bytes:
    """
    Return the bytes of canonical unpadded base64url.

    Raises:
        EntryMalformed: other alphabet, other length, or stray trailing bits.
    """
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Base64Error, ValueError):
        raise EntryMalformed(f"not base64url: {text[:60]!r}") from None
    if len(data) != size or to_text(data) != text:
        raise EntryMalformed(f"expected {size} bytes in base64url, got {text[:90]!r}")
    return data


def commitment(salt: bytes, content_digest: bytes) -> bytes:
    """
    Return the 32-byte commitment to a content from its 32-byte salt and its SHA-256.
    """
    return sha256(CONTENT_DOMAIN + salt + content_digest).digest()


def statement(
    *,
    origin: str,
    record: int,
    version: int,
    leaf: bytes,
    step: str,
    meaning: str,
    decision: Decision,
    by: int,
    at: str,
    commit: bytes,
) -> bytes:
    """
    Return the exact bytes a person signs.
    """
    facts: dict[str, Json] = {
        "origin": origin,
        "record": record,
        "version": version,
        "leaf": to_text(leaf),
        "step": step,
        "meaning": meaning,
        "decision": decision,
        "by": by,
        "at": at,
        "commit": to_text(commit),
    }
    return SIGNOFF_DOMAIN + encode_trusted(facts)


def format_entry(entry: Entry) -> bytes:
    """
    Return the leaf of an entry.

    Raises:
        LeafTooLong: beyond 16 KiB.
    """
    leaf = encode_trusted(_FORMATS[type(entry)](entry))
    if len(leaf) > MAX_LEAF:
        raise LeafTooLong(len(leaf), MAX_LEAF)
    return leaf


def _format_version(entry: VersionEntry) -> dict[str, Json]:
    data: dict[str, Json] = {
        "v": ENTRY_FORMAT,
        "kind": "version",
        "at": entry.at,
        "by": entry.by,
        "version": entry.version,
        "type": entry.type,
        "type_version": entry.type_version,
        "commit": to_text(entry.commit),
        "steps": [_format_step(step) for step in entry.steps],
    }
    if entry.record is not None:
        data["record"] = entry.record
    if entry.batch is not None:
        data["batch"] = entry.batch
    if entry.withdrawn:
        data["withdrawn"] = True
    if entry.effective_from is not None:
        data["effective_from"] = entry.effective_from
    return data


def _format_step(step: BoundStep) -> dict[str, Json]:
    return {
        "step": step.step,
        "role": step.role,
        "meaning": step.meaning,
        "count": step.count,
        "not_by": list(step.not_by),
    }


def _format_signoff(entry: SignOffEntry) -> dict[str, Json]:
    return {
        "v": ENTRY_FORMAT,
        "kind": "signoff",
        "at": entry.at,
        "by": entry.by,
        "record": entry.record,
        "version": entry.version,
        "leaf": to_text(entry.leaf),
        "step": entry.step,
        "decision": entry.decision,
        "key": to_text(entry.key),
        "signature": to_text(entry.signature),
        "commit": to_text(entry.commit),
    }


def _format_erasure(entry: ErasureEntry) -> dict[str, Json]:
    return {
        "v": ENTRY_FORMAT,
        "kind": "erasure",
        "at": entry.at,
        "by": entry.by,
        "entries": list(entry.entries),
        "disposition": entry.disposition,
    }


_FORMATS: dict[type, Any] = {
    VersionEntry: _format_version,
    SignOffEntry: _format_signoff,
    ErasureEntry: _format_erasure,
}


def parse_entry(leaf: bytes) -> Entry:
    """
    Return the entry of a leaf, refusing whatever `format_entry` could not have written.

    Raises:
        EntryMalformed: not canonical, over 16 KiB, an unknown format or kind, a missing, extra or ill-typed key.
    """
    if len(leaf) > MAX_LEAF:
        raise EntryMalformed(f"{len(leaf)} bytes long, at most {MAX_LEAF} are allowed")
    try:
        data = decode(leaf)
    except NotCanonical as error:
        raise EntryMalformed(error.problem) from None
    if not isinstance(data, dict) or data.get("v") != ENTRY_FORMAT:
        raise EntryMalformed("the key v does not say archive-core/entry/1")
    parse = _PARSERS.get(str(data.get("kind")))
    if parse is None:
        raise EntryMalformed(f"unknown kind {data.get('kind')!r}")
    return cast(Entry, parse(_Reader(data)))


class _Reader:
    """
    Takes keys out of a leaf one by one; what is left over at the end is an error.
    """

    def __init__(self, data: dict[str, Json]) -> None:
        self._rest = dict(data)
        del self._rest["v"], self._rest["kind"]

    def take(self, key: str, kind: type) -> Any:
        if key not in self._rest:
            raise EntryMalformed(f"the key {key} is missing")
        value = self._rest.pop(key)
        if type(value) is not kind:
            raise EntryMalformed(f"{key} is {type(value).__name__}, expected {kind.__name__}")
        return value

    def index(self, key: str) -> int:
        value = self.take(key, int)
        if value < 0:
            raise EntryMalformed(f"{key} is negative")
        return cast(int, value)

    def number(self, key: str) -> int:
        value = self.take(key, int)
        if value < 1:
            raise EntryMalformed(f"{key} is {value}; numbers start at 1")
        return cast(int, value)

    def optional_index(self, key: str) -> int | None:
        return self.index(key) if key in self._rest else None

    def name(self, key: str) -> str:
        value = self.take(key, str)
        if not _NAME.match(value):
            raise EntryMalformed(f"{key} is no name: {value[:60]!r}")
        return cast(str, value)

    def time(self, key: str) -> str:
        value = self.take(key, str)
        try:
            parse_time(value)
        except ValueError:
            raise EntryMalformed(f"{key} is no time: {value[:60]!r}") from None
        return cast(str, value)

    def bytes(self, key: str, size: int) -> bytes:
        return from_text(self.take(key, str), size)

    def flag(self, key: str) -> bool:
        if key not in self._rest:
            return False
        if self.take(key, bool) is not True:
            raise EntryMalformed(f"{key} is false; it must be absent instead")
        return True

    def has(self, key: str) -> bool:
        return key in self._rest

    def done(self) -> None:
        if self._rest:
            raise EntryMalformed(f"unknown keys {sorted(self._rest)}")


def _parse_version(data: _Reader) -> VersionEntry:
    entry = VersionEntry(
        at=data.time("at"),
        by=data.index("by"),
        record=data.optional_index("record"),
        version=data.number("version"),
        type=data.name("type"),
        type_version=data.number("type_version"),
        commit=data.bytes("commit", 32),
        batch=data.optional_index("batch"),
        steps=tuple(_parse_step(step) for step in data.take("steps", list)),
        withdrawn=data.flag("withdrawn"),
        effective_from=data.time("effective_from") if data.has("effective_from") else None,
    )
    data.done()
    if (entry.version == 1) != (entry.record is None):
        raise EntryMalformed("only a first version has no record number")
    if entry.batch is not None and entry.steps:
        raise EntryMalformed("a version in a batch has steps of its own")
    return entry


def _parse_step(data: Json) -> BoundStep:
    match data:
        case {
            "step": str(step),
            "role": str(role),
            "meaning": str(meaning),
            "count": int(count),
            "not_by": list(not_by),
        }:
            names = all(type(name) is str and _NAME.match(name) for name in (step, role, *not_by))
            if len(cast(dict[str, Json], data)) == 5 and type(count) is int and count > 0 and names:
                return BoundStep(
                    step=step, role=role, meaning=meaning, count=count, not_by=tuple(cast(list[str], not_by))
                )
    raise EntryMalformed(f"not a step: {data!r}"[:200])


def _parse_signoff(data: _Reader) -> SignOffEntry:
    decision = data.take("decision", str)
    if decision not in ("signed", "rejected"):
        raise EntryMalformed(f"unknown decision {decision!r}")
    entry = SignOffEntry(
        at=data.time("at"),
        by=data.index("by"),
        record=data.index("record"),
        version=data.number("version"),
        leaf=data.bytes("leaf", 32),
        step=data.name("step"),
        decision=cast(Decision, decision),
        key=data.bytes("key", 32),
        signature=data.bytes("signature", 64),
        commit=data.bytes("commit", 32),
    )
    data.done()
    return entry


def _parse_erasure(data: _Reader) -> ErasureEntry:
    entries = data.take("entries", list)
    if not entries or any(type(seq) is not int or seq < 0 for seq in entries) or entries != sorted(set(entries)):
        raise EntryMalformed("entries of an erasure must be ascending indexes")
    entry = ErasureEntry(
        at=data.time("at"), by=data.index("by"), entries=tuple(entries), disposition=data.index("disposition")
    )
    data.done()
    return entry


_PARSERS = {"version": _parse_version, "signoff": _parse_signoff, "erasure": _parse_erasure}
