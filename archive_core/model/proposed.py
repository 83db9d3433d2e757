"""
What a cross-record rule is given: the proposed version, and a way to read what is in force.
"""

from datetime import date
from typing import Any, Protocol

import attrs

from archive_core.canonical import Json
from archive_core.model.record_type import RecordType
from archive_core.model.values import Ref


@attrs.frozen(kw_only=True)
class Proposed:
    """
    A version about to be captured.

    `value` is an instance of the type's class, or None where only the definition is installed; `record` is None for
    a first version; `day` is the day of capture in the archive's time zone; `gaps` are required fields that a legacy
    source lacks.
    """

    record_type: RecordType
    value: Any
    fields: dict[str, Json]
    key: str
    day: date
    record: int | None = None
    batch: int | None = None
    gaps: frozenset[str] = frozenset()


@attrs.frozen(kw_only=True)
class Kept:
    """
    A version in force, as a rule sees it; `value` as in `Proposed`.
    """

    record: int
    version: int
    type: str
    key: str
    value: Any
    fields: dict[str, Json]


class Reader(Protocol):
    """
    Read-only view for rules; answers are cached for the length of one capture or batch, so asking per row is cheap.
    """

    def in_force(self, type_name: str, key: str) -> Kept | None:
        """
        Return the version in force under a business key, or None.
        """

    def resolve(self, reference: Ref) -> Kept | None:
        """
        Return the version in force that a reference field points to, or None.
        """
