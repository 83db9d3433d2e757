"""
The queue: what waits for whose signature, and since when.
"""

import attrs

from archive_core.errors import SignOffError
from archive_core.ledger.contents import entry_at
from archive_core.ledger.contract import Reader
from archive_core.model.entry import VersionEntry
from archive_core.people.persons import Person
from archive_core.signoffs.signing import OpenStep, step_of


@attrs.frozen(kw_only=True)
class Waiting:
    """
    One version that waits: at which step, for which role, since when (UTC).
    """

    record: int
    version: int
    type: str
    key: str
    step: str
    role: str
    meaning: str
    since: str
    author: int
    withdrawn: bool


def waiting(reader: Reader, person: Person | None = None) -> list[Waiting]:
    """
    Return what waits for a person's signature, or for anybody's; oldest first.
    """
    found = []
    for row in reader.waiting():
        entry = entry_at(reader, row.seq)
        if isinstance(entry, VersionEntry):
            at_step = step_of(reader, row, entry)
            if at_step is not None and (person is None or _may(at_step, person)):
                found.append(_waiting(at_step))
    return found


def _may(at_step: OpenStep, person: Person) -> bool:
    try:
        at_step.refuse(person)
    except SignOffError:
        return False
    return True


def _waiting(at_step: OpenStep) -> Waiting:
    row, entry, step = at_step.row, at_step.entry, at_step.step
    return Waiting(
        record=row.record,
        version=row.version,
        type=entry.type,
        key=row.key or "",
        step=step.step,
        role=step.role,
        meaning=step.meaning,
        since=entry.at,
        author=entry.by,
        withdrawn=entry.withdrawn,
    )
