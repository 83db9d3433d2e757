"""
Versioned, signed-off records whose history an inspector can prove unaltered.

These are the public names; plugins and scripts import nothing else. They are loaded when first used, so that
`import archive_core` stays quick.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archive_core.archive import Archive as Archive
    from archive_core.canonical import Json as Json
    from archive_core.clock import system_clock as system_clock
    from archive_core.errors import ArchiveError as ArchiveError
    from archive_core.founding import Founder as Founder
    from archive_core.hooks.manager import hookimpl as hookimpl
    from archive_core.model.due import FallsDue as FallsDue
    from archive_core.model.fields import Option as Option
    from archive_core.model.fields import attachment as attachment
    from archive_core.model.fields import choice as choice
    from archive_core.model.fields import day as day
    from archive_core.model.fields import decimal as decimal
    from archive_core.model.fields import integer as integer
    from archive_core.model.fields import lines as lines
    from archive_core.model.fields import ref as ref
    from archive_core.model.fields import text as text
    from archive_core.model.fields import yes_no as yes_no
    from archive_core.model.finding import Finding as Finding
    from archive_core.model.finding import Severity as Severity
    from archive_core.model.proposed import Kept as Kept
    from archive_core.model.proposed import Proposed as Proposed
    from archive_core.model.proposed import Reader as Reader
    from archive_core.model.record_type import line_item as line_item
    from archive_core.model.record_type import record_type as record_type
    from archive_core.model.record_type import type_of as type_of
    from archive_core.model.retention import CAPTURED as CAPTURED
    from archive_core.model.retention import CLOSED as CLOSED
    from archive_core.model.retention import IN_FORCE as IN_FORCE
    from archive_core.model.retention import After as After
    from archive_core.model.retention import EachLine as EachLine
    from archive_core.model.retention import Longest as Longest
    from archive_core.model.retention import Permanent as Permanent
    from archive_core.model.retention import When as When
    from archive_core.model.retention import add_period as add_period
    from archive_core.model.step import AUTHOR as AUTHOR
    from archive_core.model.step import Step as Step
    from archive_core.model.values import Attachment as Attachment
    from archive_core.model.values import Month as Month
    from archive_core.model.values import Ref as Ref
    from archive_core.model.values import last_day as last_day
    from archive_core.people.sealing import Cost as Cost
    from archive_core.types.validators import gtin_check_digit as gtin_check_digit
    from archive_core.types.validators import id_check_character as id_check_character
    from archive_core.types.validators import organisation_check_character as organisation_check_character
    from archive_core.types.validators import registered_class as registered_class
    from archive_core.types.validators import registered_year as registered_year
    from archive_core.types.validators import uscc_check_character as uscc_check_character
    from archive_core.types.validators import validator as validator

_HOMES = {
    "archive": ("Archive",),
    "canonical": ("Json",),
    "clock": ("system_clock",),
    "errors": ("ArchiveError",),
    "founding": ("Founder",),
    "hooks.manager": ("hookimpl",),
    "model.due": ("FallsDue",),
    "model.fields": (
        "Option", "attachment", "choice", "day", "decimal", "integer", "lines", "ref", "text", "yes_no",
    ),
    "model.finding": ("Finding", "Severity"),
    "model.proposed": ("Kept", "Proposed", "Reader"),
    "model.record_type": ("line_item", "record_type", "type_of"),
    "model.retention": (
        "CAPTURED", "CLOSED", "IN_FORCE", "After", "EachLine", "Longest", "Permanent", "When", "add_period",
    ),
    "model.step": ("AUTHOR", "Step"),
    "model.values": ("Attachment", "Month", "Ref", "last_day"),
    "people.sealing": ("Cost",),
    "types.validators": (
        "gtin_check_digit", "id_check_character", "organisation_check_character", "registered_class", "registered_year",
        "uscc_check_character", "validator",
    ),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605 - the names are those above; tests/architecture compares both lists
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOME_OF:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"archive_core.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
