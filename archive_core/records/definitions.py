"""
Definitions of record types as the ledger holds them: which one is in force, and the one a record was captured under.
"""

from hashlib import sha256
from typing import cast

from archive_core.canonical import Json, decode
from archive_core.errors import TypeDiffers, TypeNotInForce
from archive_core.hooks.registry import InstalledType, Registry
from archive_core.ledger.contents import version_content
from archive_core.ledger.contract import Reader
from archive_core.model.record_type import RecordType
from archive_core.model.rows import VersionRow
from archive_core.types.builtin import RECORD_TYPE


class Definitions:
    """
    Reads definition records; parsed definitions are kept, because entries never change.
    """

    def __init__(self, reader: Reader, registry: Registry) -> None:
        self._reader = reader
        self._registry = registry
        self._by_entry: dict[int, tuple[RecordType, str]] = {}
        self._by_version: dict[tuple[str, int], RecordType] = {}

    def require_in_force(self, installed: InstalledType, reader: Reader) -> None:
        """
        Refuse unless the installed declaration is the one in force.

        Raises:
            TypeNotInForce: not registered, or waiting for sign-off, in this version.
            TypeDiffers: registered with another definition under the same version.
        """
        wanted = installed.record_type
        record = reader.find(RECORD_TYPE, wanted.name)
        row = self._row_in_force(reader, record) if record is not None else None
        if row is None:
            raise TypeNotInForce(wanted.name, wanted.version, record)
        definition, digest = self._at(row.seq)
        if definition.version != wanted.version:
            latest = reader.record(row.record)
            waiting = row.record if latest is not None and latest.latest > row.version else None
            raise TypeNotInForce(wanted.name, wanted.version, waiting)
        if digest != installed.definition_sha256:
            raise TypeDiffers(wanted.name, wanted.version, digest, installed.definition_sha256)

    def _row_in_force(self, reader: Reader, record: int) -> VersionRow | None:
        row = reader.record(record)
        if row is None or row.in_force is None or row.withdrawn:
            return None
        return reader.version(record, row.in_force)

    def of(self, type_name: str, type_version: int) -> RecordType:
        """
        Return the definition a version was captured under: from the installed class when it is the same, else from
        the ledger.

        Raises:
            TypeNotInForce: neither the plugins nor the ledger know this version.
        """
        found = self._by_version.get((type_name, type_version))
        if found is None:
            found = self._find(type_name, type_version)
            self._by_version[type_name, type_version] = found
        return found

    def _find(self, type_name: str, type_version: int) -> RecordType:
        record = self._reader.find(RECORD_TYPE, type_name)
        kept = self._kept(record, type_version) if record is not None else None
        installed = self._registry.types.get(type_name)
        same = installed is not None and installed.record_type.version == type_version
        if installed is not None and same and (kept is None or kept[1] == installed.definition_sha256):
            return installed.record_type
        if kept is None:
            raise TypeNotInForce(type_name, type_version, None)
        return kept[0]

    def _kept(self, record: int, type_version: int) -> tuple[RecordType, str] | None:
        for row in self._reader.versions(record):
            definition = self._at(row.seq)
            if definition[0].version == type_version:
                return definition
        return None

    def _at(self, seq: int) -> tuple[RecordType, str]:
        found = self._by_entry.get(seq)
        if found is None:
            content = version_content(self._reader, seq)
            text = cast(str, content.fields["definition"]) if content else ""
            data = cast(dict[str, Json], decode(text.encode()))
            found = (RecordType.from_json(data), sha256(text.encode()).hexdigest())
            self._by_entry[seq] = found
        return found


def definition_fields(installed: InstalledType) -> dict[str, Json]:
    """
    Return the fields of the `record_type` record that registers an installed type.
    """
    declared = installed.record_type
    return {
        "name": declared.name,
        "title_zh": declared.zh,
        "title_en": declared.en,
        "definition_version": declared.version,
        "definition": installed.definition.decode(),
        "definition_sha256": installed.definition_sha256,
        "distribution": installed.origin.distribution,
        "distribution_version": installed.origin.version,
        "source_sha256": installed.source_sha256,
    }
