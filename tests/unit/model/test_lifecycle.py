from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_core.model.entry import BoundStep
from archive_core.model.lifecycle import Signed, excluded_by, open_step
from archive_core.model.step import AUTHOR, Step, resolve

RECORD = BoundStep(step="record", role="handler", meaning="Recorded")
CHECK = BoundStep(step="check", role="qa", meaning="Checked", count=2)
APPROVE = BoundStep(step="approve", role="boss", meaning="Approved", not_by=("author", "record"))
STEPS = (RECORD, CHECK, APPROVE)
LI, WANG, ZHAO = 1, 2, 3


@pytest.mark.parametrize(
    ("signed", "expected"),
    [
        ([], RECORD),
        ([("record", LI)], CHECK),
        ([("record", LI), ("check", LI)], CHECK),
        ([("record", LI), ("check", LI), ("check", LI)], CHECK),
        ([("record", LI), ("check", LI), ("check", WANG)], APPROVE),
        ([("record", LI), ("check", LI), ("check", WANG), ("approve", ZHAO)], None),
        ([("approve", ZHAO), ("check", LI), ("check", WANG)], RECORD),
        ([("found", LI)], RECORD),
    ],
)
def test_the_open_step_is_the_first_that_lacks_people(
    signed: list[tuple[str, int]], expected: BoundStep | None
) -> None:
    """Steps are passed in order; a step that needs two people needs two different ones; foreign steps count nothing."""
    assert expected == open_step(STEPS, [Signed(*mark) for mark in signed])


def test_without_steps_nothing_is_open() -> None:
    """A version without steps waits for nobody."""
    assert open_step((), []) is None


def test_the_order_of_signatures_does_not_matter_for_what_is_open() -> None:
    """What is open depends on who signed what, not on when."""
    marks = [Signed("record", LI), Signed("check", LI), Signed("check", WANG)]
    assert {APPROVE} == {open_step(STEPS, order) for order in permutations(marks)}


@given(st.lists(st.builds(Signed, st.sampled_from(["record", "check", "approve"]), st.integers(0, 3))))
def test_signatures_only_bring_a_version_forward(marks: list[Signed]) -> None:
    """No further signature ever opens an earlier step again."""
    places = [STEPS.index(step) if (step := open_step(STEPS, marks[:end])) else 3 for end in range(len(marks) + 1)]
    assert sorted(places) == places


@pytest.mark.parametrize(
    ("person", "author", "signed", "expected"),
    [
        (LI, WANG, [], None),
        (LI, LI, [], AUTHOR),
        (LI, WANG, [("record", LI)], "record"),
        (LI, WANG, [("record", ZHAO)], None),
        (LI, WANG, [("check", LI)], None),
        (LI, LI, [("record", LI)], AUTHOR),
    ],
)
def test_who_did_an_earlier_part_is_barred(
    person: int, author: int, signed: list[tuple[str, int]], expected: str | None
) -> None:
    """Separation of duties bars the author and the signers of the named steps, and nobody else."""
    assert expected == excluded_by(APPROVE, person, author, [Signed(*mark) for mark in signed])


def test_a_step_without_exclusions_bars_nobody() -> None:
    """Only what the step itself names is excluded."""
    assert excluded_by(RECORD, LI, LI, [Signed("check", LI)]) is None


def test_the_last_step_never_admits_the_author() -> None:
    """Resolving adds the author to the exclusions of the last step, and leaves the others as declared."""
    record = Step("record", role="handler", zh="经办", en="Recorded")
    approve = Step("approve", role="qa", zh="审核", en="Approved", not_by=("record",))
    excluded = [step.not_by for step in resolve((record, approve))]
    assert [(), (AUTHOR, "record")] == excluded
    assert resolve(resolve((record, approve))) == resolve((record, approve))
    assert () == resolve(())


@given(
    st.builds(
        Step, st.text(), role=st.text(), zh=st.text(), en=st.text(), count=st.integers(),
        not_by=st.lists(st.text()).map(tuple),
    )
)  # fmt: skip
def test_steps_round_trip_as_json(step: Step) -> None:
    """A step in a definition reads back as itself."""
    assert step == Step.from_json(step.to_json())
