"""
From stated fields to a proposed version: checked, references resolved, judged by all rules, as bytes.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import attrs

from archive_core.canonical import Json
from archive_core.errors import ContentRefused
from archive_core.hooks.registry import Registry
from archive_core.model.fields import FieldSpec, Kind
from archive_core.model.finding import Finding, Severity
from archive_core.model.proposed import Proposed
from archive_core.model.record_type import RecordType
from archive_core.records.rule_reader import RuleReader
from archive_core.types.convert import to_wire


@attrs.frozen(kw_only=True)
class Statement:
    """
    What somebody states about a record: fields in wire form or as Python values, and where that comes from.

    `gaps` names required fields the source lacks, each with a reason (empty inside a batch).
    """

    type: str
    fields: Mapping[str, Any]
    record: int | None = None
    batch: int | None = None
    gaps: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Proposal:
    """
    A judged statement: its final fields, key and all findings; `good` when nothing refuses it.
    """

    record_type: RecordType
    fields: dict[str, Json]
    key: str
    gaps: dict[str, str]
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        return not any(finding.refuses for finding in self.findings)

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(sorted({finding.rule for finding in self.findings if finding.severity is Severity.WARNING}))

    def require_good(self) -> "Proposal":
        """
        Return itself.

        Raises:
            ContentRefused: with every finding that refuses.
        """
        if not self.good:
            raise ContentRefused(self.record_type.name, tuple(f.line() for f in self.findings if f.refuses))
        return self


class Proposer:
    """
    Judges statements against one state of the ledger, on one day.
    """

    def __init__(self, registry: Registry, rules: RuleReader, day: date) -> None:
        self._registry = registry
        self._rules = rules
        self._day = day

    def propose(self, statement: Statement) -> Proposal:
        """
        Return the judged statement; field checks first, then references, then the type's own and all plugins' rules.

        Raises:
            UnknownRecordType: no plugin brings the type.
            RuleFailed: a rule raised.
        """
        usable = self._registry.usable(statement.type)
        declared = usable.record_type
        fields = _wire(statement.fields)
        findings = list(self._resolve(declared.fields, fields, "$", statement.batch))
        checked, value = usable.check(fields, frozenset(statement.gaps))
        findings += checked.findings
        key = usable.key_text(checked.fields)
        if not any(finding.refuses for finding in findings):
            findings += self._registry.check(
                self._proposed(declared, statement, checked.fields, value, key), self._rules
            )
        gaps = {name: why for name, why in statement.gaps.items() if name not in checked.fields}
        return Proposal(record_type=declared, fields=checked.fields, key=key, gaps=gaps, findings=tuple(findings))

    def _proposed(
        self, declared: RecordType, statement: Statement, fields: dict[str, Json], value: Any, key: str
    ) -> Proposed:
        return Proposed(
            record_type=declared,
            value=value,
            fields=fields,
            key=key,
            day=self._day,
            record=statement.record,
            batch=statement.batch,
            gaps=frozenset(name for name in statement.gaps if name not in fields),
        )

    def _resolve(
        self, specs: tuple[FieldSpec, ...], fields: dict[str, Json], path: str, batch: int | None
    ) -> list[Finding]:
        findings: list[Finding] = []
        for spec in specs:
            value = fields.get(spec.name)
            if value is None:
                continue
            if spec.kind is Kind.REF:
                findings += self._resolve_one(spec, fields, f"{path}.{spec.name}", batch)
            elif spec.kind is Kind.LINES and isinstance(value, list):
                for index, line in enumerate(value):
                    if isinstance(line, dict):
                        findings += self._resolve(spec.lines, line, f"{path}.{spec.name}[{index}]", batch)
        return findings

    def _resolve_one(self, spec: FieldSpec, fields: dict[str, Json], path: str, batch: int | None) -> list[Finding]:
        stated = fields[spec.name]
        key = stated if isinstance(stated, str) else stated.get("key") if isinstance(stated, dict) else None
        if not isinstance(key, str) or not key:
            return []
        record = self._rules.find(spec.target, key)
        if record is None:
            fields[spec.name] = {"key": key}
            return [_unknown_reference(spec, path, key, batch)]
        fields[spec.name] = {"key": key, "record": record}
        return []


def _wire(fields: Mapping[str, Any]) -> dict[str, Json]:
    made = to_wire(dict(fields))
    return made if isinstance(made, dict) else {}


def _unknown_reference(spec: FieldSpec, path: str, key: str, batch: int | None) -> Finding:
    return Finding(
        rule="reference.unknown",
        path=path,
        zh=f"{spec.zh}：没有编号为此的 {spec.target} 记录",
        en=f"{spec.en}: there is no {spec.target} with this key",
        severity=Severity.ERROR if batch is None else Severity.WARNING,
        value=key,
    )
