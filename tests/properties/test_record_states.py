"""
Random lives of records against a plain model: states, what is in force, who holds a key; and the index equals its rebuild.
"""

import shutil
import tempfile
from pathlib import Path

import attrs
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from support import BOSS, PASSWORD, STAFF, TestClock, visit

from archive_core import Archive
from archive_core.errors import (
    ArchiveError,
    DuplicateKey,
    NothingToSign,
    ProposalWaiting,
    RecordWithdrawn,
    StepNotOpen,
)

KEYS = st.sampled_from(["V-1", "V-2", "V-3"])


@attrs.define
class ModelVersion:
    key: str
    withdrawn: bool = False
    state: str = "proposed"
    signed: int = 0


@attrs.define
class ModelRecord:
    versions: list[ModelVersion]

    @property
    def latest(self) -> ModelVersion:
        return self.versions[-1]

    @property
    def in_force(self) -> ModelVersion | None:
        return next((version for version in self.versions if version.state == "in_force"), None)

    @property
    def void(self) -> bool:
        return self.in_force is not None and self.in_force.withdrawn

    @property
    def live_key(self) -> str | None:
        """
        The key this record holds: of what is in force, else of its waiting proposal; none when void or refused.
        """
        if self.void:
            return None
        holder = self.in_force or (self.latest if self.latest.state == "proposed" else None)
        return holder.key if holder else None


class RecordLives(RuleBasedStateMachine):
    """
    Two people act at random on at most a handful of records.
    """

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        folder = Path(shutil.copytree(self.template, self.home / "archive"))
        clock = TestClock()
        clock.now = clock.now.replace(hour=9)
        self.staff = Archive.open(folder, user=STAFF, password=PASSWORD, clock=clock)
        self.boss = Archive.open(folder, user=BOSS, password=PASSWORD, clock=clock)
        self.model: dict[int, ModelRecord] = {}

    def teardown(self) -> None:
        flaws = self.staff.verify().flaws
        self.staff.close()
        self.boss.close()
        shutil.rmtree(self.home)
        assert flaws == ()

    def holder(self, key: str) -> int | None:
        return next((number for number, record in self.model.items() if record.live_key == key), None)

    @rule(key=KEYS)
    def capture(self, key: str) -> None:
        if self.holder(key) is not None:
            with pytest.raises(DuplicateKey):
                self.staff.capture("visit_note", visit(key))
            return
        self.model[self.staff.capture("visit_note", visit(key)).record] = ModelRecord([ModelVersion(key)])

    @precondition(lambda self: self.model)
    @rule(data=st.data(), key=KEYS, replace=st.booleans())
    def amend(self, data: st.DataObject, key: str, replace: bool) -> None:
        number = data.draw(st.sampled_from(sorted(self.model)))
        self._add(number, ModelVersion(key), replace, withdraw=False)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), replace=st.booleans())
    def withdraw(self, data: st.DataObject, replace: bool) -> None:
        number = data.draw(st.sampled_from(sorted(self.model)))
        record = self.model[number]
        kept = record.in_force or record.latest
        self._add(number, ModelVersion(kept.key, withdrawn=True), replace, withdraw=True)

    def _add(self, number: int, version: ModelVersion, replace: bool, *, withdraw: bool) -> None:
        record, seen = self.model[number], len(self.model[number].versions)

        def act() -> None:
            if withdraw:
                self.staff.withdraw(number, reason="作废", seen=seen, replace=replace)
            else:
                self.staff.amend(number, visit(version.key), reason="更正", seen=seen, replace=replace)

        refusal = self._refusal(number, version.key, replace)
        if refusal is not None:
            with pytest.raises(refusal):
                act()
            return
        act()
        if record.latest.state == "proposed":
            record.latest.state = "replaced"
        record.versions.append(version)

    def _refusal(self, number: int, key: str, replace: bool) -> type[ArchiveError] | None:
        record = self.model[number]
        if record.void:
            return RecordWithdrawn
        if record.latest.state == "proposed" and not replace:
            return ProposalWaiting
        return DuplicateKey if self.holder(key) not in (None, number) else None

    @precondition(lambda self: self.model)
    @rule(data=st.data(), by_boss=st.booleans())
    def sign(self, data: st.DataObject, by_boss: bool) -> None:
        number = data.draw(st.sampled_from(sorted(self.model)))
        record, person = self.model[number], self.boss if by_boss else self.staff
        if record.latest.state != "proposed":
            with pytest.raises(NothingToSign):
                person.sign(number)
        elif by_boss != (record.latest.signed == 1):
            with pytest.raises(StepNotOpen):
                person.sign(number)
        elif by_boss and not record.latest.withdrawn and self.holder(record.latest.key) not in (None, number):
            with pytest.raises(DuplicateKey):  # the key was taken while the amendment waited
                person.sign(number)
        else:
            person.sign(number)
            self._signed(record)

    def _signed(self, record: ModelRecord) -> None:
        record.latest.signed += 1
        if record.latest.signed == 2:
            if record.in_force is not None:
                record.in_force.state = "superseded"
            record.latest.state = "in_force"

    @precondition(lambda self: any(record.latest.state == "proposed" for record in self.model.values()))
    @rule(data=st.data())
    def reject(self, data: st.DataObject) -> None:
        waiting = [number for number, record in self.model.items() if record.latest.state == "proposed"]
        number = data.draw(st.sampled_from(sorted(waiting)))
        record = self.model[number]
        person = self.boss if record.latest.signed else self.staff
        person.reject(number, reason="不符")
        record.latest.state = "rejected"

    @invariant()
    def states_agree(self) -> None:
        for number, record in self.model.items():
            found = [(view.state.value, view.withdrawn, view.key) for view in self.staff.history(number)]
            assert found == [(version.state, version.withdrawn, version.key) for version in record.versions]
            assert self.staff.views.record(number).withdrawn == record.void

    @invariant()
    def keys_agree(self) -> None:
        reader = self.staff.ledger.reader
        for key in ("V-1", "V-2", "V-3"):
            assert reader.find("visit_note", key) == self.holder(key)


@pytest.mark.parametrize("examples", [12, pytest.param(150, marks=pytest.mark.long)])
def test_records_live_as_the_model_says(template: Path, examples: int) -> None:
    """
    After every act the archive's states, keys and refusals are the model's; at the end everything verifies.
    """
    RecordLives.template = template
    chosen = settings(
        max_examples=examples, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(RecordLives, settings=chosen)
