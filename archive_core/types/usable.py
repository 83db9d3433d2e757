"""
A record type ready for use: its checker, its class conversion and its own rules in one object.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from archive_core.canonical import Json
from archive_core.errors import RuleFailed
from archive_core.model.finding import Finding
from archive_core.model.record_type import RecordType
from archive_core.types.check import Checked, FieldChecker, key_text
from archive_core.types.convert import structure


def all_findings(found: Iterable[object] | None) -> tuple[Finding, ...]:
    """
    Return what a rule found; None is nothing.

    Raises:
        TypeError: the rule returned something else than findings.
    """
    findings: list[Finding] = []
    for finding in found or ():
        if not isinstance(finding, Finding):
            msg = f"expected findings, got {type(finding).__name__}"
            raise TypeError(msg)
        findings.append(finding)
    return tuple(findings)


class UsableType:
    """
    Judges contents of one record type by its fields and its own rules (`check` of its class).
    """

    def __init__(self, record_type: RecordType, plugin: str = "") -> None:
        self.record_type = record_type
        self._plugin = plugin or record_type.name
        self._checker = FieldChecker(record_type)
        self._rules = callable(getattr(record_type.cls, "check", None))

    def check(self, fields: Mapping[str, Json], gaps: frozenset[str] = frozenset()) -> tuple[Checked, Any]:
        """
        Return the checked fields with all findings, and the object (None where a field is wrong or no class is
        installed).

        Raises:
            RuleFailed: the class's own rules raised; the content is refused, never passed.
        """
        checked = self._checker.check(fields, gaps)
        if not checked.good or self.record_type.cls is None:
            return checked, None
        value: Any = structure(self.record_type.cls, checked.fields)
        return Checked(checked.fields, (*checked.findings, *self._own(value))), value

    def _own(self, value: Any) -> tuple[Finding, ...]:
        if not self._rules:
            return ()
        try:
            return all_findings(value.check())
        except Exception as error:
            raise RuleFailed(self._plugin, f"{type(error).__name__}: {error}") from error

    def key_text(self, fields: Mapping[str, Json]) -> str:
        return key_text(self.record_type, fields)

    def load(self, fields: Mapping[str, Json]) -> Any:
        """
        Return the object of fields already kept under this very definition, None where no class is installed.
        """
        return None if self.record_type.cls is None else structure(self.record_type.cls, fields)
