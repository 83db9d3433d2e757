"""
The read-only view that plugins' rules get: answers are cached, so a rule may ask for every row of a batch.
"""

from typing import Any

from archive_core.hooks.registry import Registry
from archive_core.ledger.contents import version_content
from archive_core.ledger.contract import Reader
from archive_core.model.proposed import Kept
from archive_core.model.values import Ref
from archive_core.types.convert import structure


class RuleReader:
    """
    Implements `archive_core.model.proposed.Reader` over one state of the ledger; make a new one per capture or batch.
    """

    def __init__(self, reader: Reader, registry: Registry) -> None:
        self._reader = reader
        self._registry = registry
        self._records: dict[tuple[str, str], int | None] = {}
        self._kept: dict[int, Kept | None] = {}

    def find(self, type_name: str, key: str) -> int | None:
        """
        Return the live record under a key, in force or proposed.
        """
        if (type_name, key) not in self._records:
            self._records[type_name, key] = self._reader.find(type_name, key)
        return self._records[type_name, key]

    def in_force(self, type_name: str, key: str) -> Kept | None:
        record = self.find(type_name, key)
        return self._record_in_force(record) if record is not None else None

    def resolve(self, reference: Ref) -> Kept | None:
        return self._record_in_force(reference.record) if reference.record is not None else None

    def _record_in_force(self, record: int) -> Kept | None:
        if record not in self._kept:
            self._kept[record] = self._load(record)
        return self._kept[record]

    def _load(self, record: int) -> Kept | None:
        row = self._reader.record(record)
        if row is None or row.in_force is None or row.withdrawn:
            return None
        version = self._reader.version(record, row.in_force)
        content = version_content(self._reader, version.seq) if version else None
        if version is None or content is None:
            return None
        return Kept(
            record=record,
            version=version.version,
            type=row.type,
            key=version.key or "",
            value=self._value(row.type, content.fields),
            fields=content.fields,
        )

    def _value(self, type_name: str, fields: dict[str, Any]) -> Any:
        installed = self._registry.types.get(type_name)
        return structure(installed.record_type.cls, fields) if installed and installed.record_type.cls else None
