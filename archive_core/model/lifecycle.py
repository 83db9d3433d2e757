"""
States of a version, and which sign-off step is open: pure functions over what the ledger says.

    proposed   waits for sign-off              in_force    all steps done, not yet superseded
    rejected   a signer refused it             superseded  a later version is in force
    replaced   a later proposal took its place

Nothing here asks a plugin or a content: a version's steps are in its own entry, so its state can be told from the
ledger alone, and a changed policy never reaches back.
"""

from collections.abc import Iterable
from enum import StrEnum

import attrs

from archive_core.model.entry import BoundStep
from archive_core.model.step import AUTHOR


class State(StrEnum):
    """
    State of one version.
    """

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    REPLACED = "replaced"


@attrs.frozen
class Signed:
    """
    One given signature: which step, by whom (person's record number).
    """

    step: str
    by: int


def open_step(steps: tuple[BoundStep, ...], signed: Iterable[Signed]) -> BoundStep | None:
    """
    Return the first step that still lacks signatures; None when all are done.
    """
    given = list(signed)
    for step in steps:
        people = {mark.by for mark in given if mark.step == step.step}
        if len(people) < step.count:
            return step
    return None


def excluded_by(step: BoundStep, person: int, author: int, signed: Iterable[Signed]) -> str | None:
    """
    Return what bars a person from a step (`author` or an earlier step's name), None when nothing does.
    """
    if AUTHOR in step.not_by and person == author:
        return AUTHOR
    return next((mark.step for mark in signed if mark.by == person and mark.step in step.not_by), None)
