"""
Bringing versions into the ledger: capture, amend, withdraw. Each function works inside a transaction its caller holds.
"""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from archive_core.clock import local_day, parse_time
from archive_core.errors import (
    ContentRefused,
    DuplicateKey,
    ProposalWaiting,
    ReasonMissing,
    RecordWithdrawn,
    StaleVersion,
    UnknownRecord,
)
from archive_core.hooks.registry import Registry
from archive_core.ledger.appender import Appender, seal
from archive_core.ledger.contents import version_content
from archive_core.model.content import VersionContent
from archive_core.model.entry import BoundStep, VersionEntry
from archive_core.model.finding import Finding
from archive_core.model.lifecycle import State
from archive_core.model.rows import RecordRow
from archive_core.model.step import Step, resolve
from archive_core.records.definitions import Definitions
from archive_core.records.proposing import Proposal, Proposer, Statement
from archive_core.records.rule_reader import RuleReader
from archive_core.types.builtin import FOUNDING


@attrs.frozen(kw_only=True)
class Captured:
    """
    A version that is now in the ledger, with the findings that did not refuse it.
    """

    record: int
    version: int
    seq: int
    type: str
    key: str
    findings: tuple[Finding, ...] = ()


class RecordWriter:
    """
    Captures on behalf of one person inside one transaction.
    """

    def __init__(self, tx: Appender, registry: Registry, definitions: Definitions, zone: ZoneInfo, by: int) -> None:
        self._tx = tx
        self._registry = registry
        self._definitions = definitions
        self._zone = zone
        self._by = by

    def capture(
        self, type_name: str, fields: Mapping[str, Any], *, effective_from: str | None = None, founding: bool = False
    ) -> Captured:
        """
        Bring in a new record as version 1.

        Args:
            founding: the version is signed in the founding ceremony; only while the archive is being founded.

        Raises:
            TypeNotInForce, TypeDiffers: the type cannot be used now.
            ContentRefused: with all findings.
            DuplicateKey: a live record has the key.
        """
        _require_moment(type_name, effective_from)
        if not founding:
            self._definitions.require_in_force(self._registry.installed(type_name), self._tx.reader)
        proposal = self._propose(Statement(type=type_name, fields=fields))
        self._require_free(proposal, None)
        steps = (FOUNDING,) if founding else proposal.record_type.sign_off
        content = VersionContent(fields=proposal.fields, warnings=proposal.warnings)
        return self._append(proposal, content, steps, effective_from=effective_from)

    def amend(
        self,
        record: int,
        fields: Mapping[str, Any],
        *,
        reason: str,
        seen: int,
        replace: bool = False,
        gaps: Mapping[str, str] | None = None,
    ) -> Captured:
        """
        Add a version to a record.

        Args:
            fields: all fields of the new version.
            reason: why, in words.
            seen: the latest version number the author looked at.
            replace: take the place of a proposal that still waits.
            gaps: fields the legacy source lacked that still cannot be filled, each with the reason.

        Raises:
            UnknownRecord, RecordWithdrawn, StaleVersion, ProposalWaiting, ReasonMissing, ContentRefused, DuplicateKey.
        """
        row = self._amendable(record, reason, seen, "amend a record", replace=replace)
        self._definitions.require_in_force(self._registry.installed(row.type), self._tx.reader)
        proposal = self._propose(Statement(type=row.type, fields=fields, record=record, gaps=gaps or {}))
        self._require_free(proposal, record)
        content = VersionContent(
            fields=proposal.fields, reason=reason.strip(), gaps=proposal.gaps, warnings=proposal.warnings
        )
        return self._append(proposal, content, proposal.record_type.sign_off, row=row)

    def withdraw(self, record: int, *, reason: str, seen: int, replace: bool = False) -> Captured:
        """
        Add a version that says the record is void; its fields stay those of the latest version.

        Raises:
            As `amend`.
        """
        row = self._amendable(record, reason, seen, "withdraw a record", replace=replace)
        installed = self._registry.installed(row.type)
        self._definitions.require_in_force(installed, self._tx.reader)
        latest = self._tx.reader.version(record, row.in_force or row.latest)
        old = version_content(self._tx.reader, latest.seq) if latest else None
        if latest is None or old is None:
            raise UnknownRecord(str(record))
        content = attrs.evolve(old, reason=reason.strip(), warnings=(), raw={}, provenance={})
        proposal = Proposal(
            record_type=installed.record_type, fields=old.fields, key=latest.key or "", gaps=old.gaps, findings=()
        )
        return self._append(proposal, content, installed.record_type.sign_off, row=row, withdrawn=True)

    def _propose(self, statement: Statement) -> Proposal:
        rules = RuleReader(self._tx.reader, self._registry)
        day = local_day(self._tx.stamp(), self._zone)
        return Proposer(self._registry, rules, day).propose(statement).require_good()

    def _require_free(self, proposal: Proposal, record: int | None) -> None:
        holder = self._tx.reader.find(proposal.record_type.name, proposal.key)
        if holder is not None and holder != record:
            raise DuplicateKey(proposal.record_type.name, proposal.key, holder)

    def _amendable(self, record: int, reason: str, seen: int, action: str, *, replace: bool) -> RecordRow:
        if not reason.strip():
            raise ReasonMissing(action)
        row = self._tx.reader.record(record)
        latest = self._tx.reader.version(record, row.latest) if row else None
        if row is None or latest is None:
            raise UnknownRecord(str(record))
        if row.withdrawn:
            raise RecordWithdrawn(record)
        if seen != row.latest:
            raise StaleVersion(record, seen, row.latest)
        if latest.state is State.PROPOSED and not replace:
            raise ProposalWaiting(record, row.latest)
        return row

    def _append(
        self,
        proposal: Proposal,
        content: VersionContent,
        steps: tuple[Step, ...],
        *,
        row: RecordRow | None = None,
        withdrawn: bool = False,
        effective_from: str | None = None,
    ) -> Captured:
        stored, commit = seal(content.to_bytes())
        bound = steps if steps == (FOUNDING,) else resolve(steps)
        version = row.latest + 1 if row else 1
        entry = VersionEntry(
            at=self._tx.stamp(),
            by=self._by,
            record=row.record if row else None,
            version=version,
            type=proposal.record_type.name,
            type_version=proposal.record_type.version,
            commit=commit,
            steps=tuple(BoundStep.of(step) for step in bound),
            withdrawn=withdrawn,
            effective_from=effective_from,
        )
        seq = self._tx.append(entry, stored, key=proposal.key)
        return Captured(
            record=row.record if row else seq,
            version=version,
            seq=seq,
            type=proposal.record_type.name,
            key=proposal.key,
            findings=proposal.findings,
        )


def _require_moment(type_name: str, stated: str | None) -> None:
    """
    Refuse an `effective_from` that is no entry time, before anything is written.
    """
    try:
        if stated is not None:
            parse_time(stated)
    except ValueError as error:
        raise ContentRefused(type_name, (f"effective_from: {error}",)) from None
