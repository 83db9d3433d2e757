"""
Check of every sign-off: signature, role, order, separation of duties, and the founding ceremony.
"""

from zoneinfo import ZoneInfo

import attrs

from archive_core.clock import local_day
from archive_core.ledger.contract import Reader
from archive_core.ledger.keys import is_signed
from archive_core.merkle.hashing import leaf_hash
from archive_core.model.entry import BoundStep, Entry, SignOffEntry, VersionEntry, statement
from archive_core.model.lifecycle import Signed, excluded_by, open_step
from archive_core.model.verification import Flaw
from archive_core.people.persons import People, Person
from archive_core.signoffs.signing import is_founding_step


@attrs.define
class _Progress:
    """
    One version's signatures so far, as the audit has read them.
    """

    entry: VersionEntry
    leaf: bytes
    signed: list[Signed]


class SignOffAudit:
    """
    Is shown every entry in order; collects what does not hold in `flaws`.

    Keeps only versions that wait for signatures, so memory follows the queue, not the ledger.
    """

    def __init__(self, reader: Reader, origin: str, zone: ZoneInfo) -> None:
        self._reader = reader
        self._people = People(reader, zone)
        self._origin = origin
        self._zone = zone
        self._waiting: dict[tuple[int, int], _Progress] = {}
        self._founding = True
        self.flaws: list[Flaw] = []
        self.checked = 0

    def visit(self, seq: int, entry: Entry, leaf: bytes) -> None:
        """
        Take the next entry into account.
        """
        if isinstance(entry, VersionEntry):
            self._version(seq, entry, leaf)
        elif isinstance(entry, SignOffEntry):
            self._signoff(seq, entry)
        else:
            self._founding = False

    def _version(self, seq: int, entry: VersionEntry, leaf: bytes) -> None:
        record = seq if entry.record is None else entry.record
        if not (is_founding_step(entry) and entry.by == 0):
            self._founding = False
        elif not self._founding:
            self._flaw(
                seq,
                (record, entry.version),
                ("signoff.founding", "a founding step after the founding ceremony", "创建仪式之后出现创建签核"),
            )
        self._waiting.pop((record, entry.version - 1), None)  # a later proposal replaces it
        if entry.steps:
            self._waiting[record, entry.version] = _Progress(entry, leaf_hash(leaf), [])

    def _signoff(self, seq: int, entry: SignOffEntry) -> None:
        self.checked += 1
        progress = self._waiting.get((entry.record, entry.version))
        if progress is None:
            self._flaw(
                seq,
                (entry.record, entry.version),
                ("signoff.not_waiting", "the version did not wait for a sign-off", "该版本当时不待签核"),
            )
            return
        if not is_founding_step(progress.entry):
            self._founding = False
        for problem in self._problems(entry, progress):
            self._flaw(seq, (entry.record, entry.version), problem)
        progress.signed += [Signed(entry.step, entry.by)] if entry.decision == "signed" else []
        if entry.decision == "rejected" or open_step(progress.entry.steps, progress.signed) is None:
            del self._waiting[entry.record, entry.version]

    def _problems(self, entry: SignOffEntry, progress: _Progress) -> list[tuple[str, str, str]]:
        if entry.leaf != progress.leaf:
            return [
                (
                    "signoff.moved",
                    "it was made for another version, or the version was changed",
                    "签核对应的不是此版本，或版本被改动",
                )
            ]
        step = open_step(progress.entry.steps, progress.signed)
        if step is None or step.step != entry.step:
            return [("signoff.order", f"step {entry.step} was not the open one", "签核步骤顺序不符")]
        found = self._person_problems(entry, step, progress)
        if not is_signed(entry.key, entry.signature, self._statement(entry, step)):
            found.append(("signoff.signature", "the signature does not verify", "签名无效"))
        return found

    def _person_problems(self, entry: SignOffEntry, step: BoundStep, progress: _Progress) -> list[tuple[str, str, str]]:
        person = self._signer(entry, progress)
        if person is None or not person.active:
            return [("signoff.person", "the signer was no active person then", "签署人当时不是有效人员")]
        found = []
        if person.public_key != entry.key:
            found.append(
                ("signoff.key", "the key is not the signer's key of that time", "密钥不是签署人当时登记的密钥")
            )
        if step.role not in person.roles:
            found.append(
                ("signoff.role", f"the signer did not hold the role {step.role}", f"签署人当时无 {step.role} 角色")
            )
        if Signed(step.step, entry.by) in progress.signed:
            found.append(("signoff.twice", "the signer signed this step before", "同一步骤重复签署"))
        if excluded_by(step, entry.by, progress.entry.by, progress.signed) is not None:
            found.append(("signoff.duties", "separation of duties was not kept", "未做到职责分离"))
        return found

    def _signer(self, entry: SignOffEntry, progress: _Progress) -> Person | None:
        if is_founding_step(progress.entry) and self._founding:
            first = self._reader.version(entry.by, 1)
            on = local_day(entry.at, self._zone)
            return self._people.of_version(entry.by, first.seq, on) if first else None
        return self._people.at(entry.by, entry.at)

    def _statement(self, entry: SignOffEntry, step: BoundStep) -> bytes:
        return statement(
            origin=self._origin,
            record=entry.record,
            version=entry.version,
            leaf=entry.leaf,
            step=entry.step,
            meaning=step.meaning,
            decision=entry.decision,
            by=entry.by,
            at=entry.at,
            commit=entry.commit,
        )

    def _flaw(self, seq: int, version: tuple[int, int], problem: tuple[str, str, str]) -> None:
        code, en, zh = problem
        self.flaws.append(Flaw(code=code, entry=seq, record=version[0], version=version[1], en=en, zh=zh))
