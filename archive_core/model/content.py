"""
Contents: the erasable part of an entry, format `archive-core/content/1`.

A content is canonical JSON. Of a version:

    v           "archive-core/content/1"
    fields      the record's fields in wire form (`archive_core.model.fields`)
    reason      why it was amended or withdrawn; absent in a first version
    gaps        names of required fields that the legacy source lacks: {name: why}; empty text in a batch, where
                the batch record's sign-off acknowledges them; in an amendment that cannot fill them, the reason
    provenance  where an imported record comes from: {source, name, sheet, row}; `source` is the SHA-256 of the kept
                file, `original` that of the untouched one where columns were dropped, `made_key` the key field that
                the archive made up, `kept` other columns as [{column, letter, value}]
    raw         source values that were read differently than written, by field
    warnings    rules that warned when it was captured

Of a sign-off, the manifestation that 21 CFR 11.50 asks for:

    v, name {zh, en}, username, role, meaning {zh, en}, reason
"""

from typing import cast

import attrs

from archive_core.canonical import Json, check, encode, encode_trusted

CONTENT_FORMAT = "archive-core/content/1"


@attrs.frozen(kw_only=True)
class VersionContent:
    """
    The content of a version, absent parts empty.
    """

    fields: dict[str, Json]
    reason: str = ""
    gaps: dict[str, str] = attrs.field(factory=dict)
    provenance: dict[str, Json] = attrs.field(factory=dict)
    raw: dict[str, Json] = attrs.field(factory=dict)
    warnings: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """
        Return the canonical bytes; the fields are trusted to be in checked wire form.

        Raises:
            NotCanonical: another part, or a text, has no canonical form.
        """
        data: dict[str, Json] = {}
        if self.reason:
            data["reason"] = self.reason
        if self.gaps:
            data["gaps"] = dict(self.gaps)
        if self.provenance:
            data["provenance"] = self.provenance
        if self.raw:
            data["raw"] = self.raw
        if self.warnings:
            data["warnings"] = list(self.warnings)
        check(data)
        return encode_trusted({"v": CONTENT_FORMAT, "fields": self.fields, **data})

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> "VersionContent":
        return cls(
            fields=cast(dict[str, Json], data["fields"]),
            reason=cast(str, data.get("reason", "")),
            gaps=cast(dict[str, str], data.get("gaps", {})),
            provenance=cast(dict[str, Json], data.get("provenance", {})),
            raw=cast(dict[str, Json], data.get("raw", {})),
            warnings=tuple(cast(list[str], data.get("warnings", []))),
        )


@attrs.frozen(kw_only=True)
class Manifestation:
    """
    What a signature shows: printed name, role, meaning (21 CFR 11.50(a)); `reason` when a version was refused.
    """

    username: str
    name_zh: str
    name_en: str
    role: str
    meaning_zh: str
    meaning_en: str
    reason: str = ""

    def to_bytes(self) -> bytes:
        data: dict[str, Json] = {
            "v": CONTENT_FORMAT,
            "username": self.username,
            "name": {"zh": self.name_zh, "en": self.name_en},
            "role": self.role,
            "meaning": {"zh": self.meaning_zh, "en": self.meaning_en},
        }
        if self.reason:
            data["reason"] = self.reason
        return encode(data)

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> "Manifestation":
        name, meaning = cast(dict[str, str], data["name"]), cast(dict[str, str], data["meaning"])
        return cls(
            username=cast(str, data["username"]),
            name_zh=name["zh"],
            name_en=name["en"],
            role=cast(str, data["role"]),
            meaning_zh=meaning["zh"],
            meaning_en=meaning["en"],
            reason=cast(str, data.get("reason", "")),
        )
