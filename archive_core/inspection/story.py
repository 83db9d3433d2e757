"""
The story of one record as its page tells it: is it proven, where does it stand, what happened when.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from archive_core.inspection.facts import ERASED, IN_FORCE, PROPOSED, REJECTED, SUPERSEDED, WITHDRAWN
from archive_core.inspection.reading import Row, Standing

GOOD, WARN, BAD, NEUTRAL = "good", "warn", "bad", "neutral"
TONES: Mapping[str, str] = {
    IN_FORCE: GOOD,
    PROPOSED: WARN,
    REJECTED: BAD,
    WITHDRAWN: BAD,
    ERASED: NEUTRAL,
    SUPERSEDED: NEUTRAL,
    "replaced": NEUTRAL,
}


@attrs.frozen(kw_only=True)
class Banner:
    """
    What the last verification means for one record: `word` names the sentence, `values` fill it.
    """

    tone: str
    word: str
    values: Mapping[str, Any]
    problems: tuple[Mapping[str, Any], ...] = ()


@attrs.frozen(kw_only=True)
class Stage:
    """A station of a version's life: `label` is a word of the catalogue, or empty where zh and en are given."""

    label: str = ""
    zh: str = ""
    en: str = ""
    is_done: bool
    is_current: bool = False
    tone: str = NEUTRAL


@attrs.frozen(kw_only=True)
class Event:
    """One entry of the ledger in the timeline: `kind` is captured, signed, rejected or erased."""

    kind: str
    seq: int
    at: str
    version: int
    who: str
    who_en: str = ""
    row: Row


def banner_of(
    standing: Standing, record: int, versions: Sequence[Row], signoffs: Sequence[Row], through_batch: Sequence[Row] = ()
) -> Banner:
    """
    Return in one sentence whether the record is proven, as of which moment.

    `through_batch` are the sign-offs of the batches that brought versions in: a newer one changed this record too.
    """
    found = standing.verification
    given = sum(sign["decision"] == "signed" for sign in through_batch)
    counts = {"versions": len(versions), "signoffs": len(signoffs), "through_batch": given}
    if found is None:
        return Banner(tone=WARN, word="proof_none", values=counts)
    values = {**counts, "at": str(found.get("at", "")), "size": found.get("size", 0)}
    if not found.get("ok"):
        return _failed(found, record, values)
    last = max([row["seq"] for row in (*versions, *signoffs, *through_batch)], default=0)
    if last >= int(found.get("size", 0)):
        return Banner(tone=WARN, word="proof_newer", values=values)
    return Banner(tone=GOOD, word="proof_good", values=values)


def _failed(found: Mapping[str, Any], record: int, values: Mapping[str, Any]) -> Banner:
    problems = [item for item in found.get("problems", []) if isinstance(item, dict)]
    mine = tuple(item for item in problems if item.get("record") == record)
    general = tuple(item for item in problems if item.get("record") is None)
    if mine:
        return Banner(tone=BAD, word="proof_bad", values=values, problems=mine)
    if general:
        return Banner(tone=BAD, word="proof_ledger_bad", values=values, problems=general)
    return Banner(tone=WARN, word="proof_elsewhere", values={**values, "count": found.get("count", len(problems))})


def stages_of(version: Row, signoffs: Sequence[Row], state: str) -> tuple[Stage, ...]:
    """
    Return the stations of the version's life, from capture to where it stands.

    A version that came in through a batch is bound by no step of its own: the batch's sign-off is its station.
    """
    marks = [sign for sign in signoffs if sign["version"] == version["version"] and sign["decision"] == "signed"]
    steps = tuple(_stages_of_steps(version["bound"], marks, is_open=version["state"] == PROPOSED))
    if version["batch"] is not None:
        steps = (*steps, _stage_of_batch(version))
    captured = Stage(label="captured", is_done=True, tone=GOOD)
    in_force = Stage(label="state_in_force", is_done=bool(version["in_force_from"]), tone=GOOD)
    end = Stage(label=f"state_{state}", is_done=True, is_current=True, tone=TONES.get(state, NEUTRAL))
    if state == IN_FORCE:
        return (captured, *steps, attrs.evolve(in_force, is_current=True))
    if state == PROPOSED:
        return (captured, *steps, in_force)
    if state == REJECTED:
        return (captured, *steps, end)
    return (captured, *steps, in_force, end)


def _stage_of_batch(version: Row) -> Stage:
    is_signed = bool(version["in_force_from"])
    return Stage(
        label="stage_batch",
        is_done=is_signed,
        is_current=version["state"] == PROPOSED,
        tone=GOOD if is_signed else WARN,
    )


def _stages_of_steps(steps: Sequence[Row], marks: Sequence[Row], *, is_open: bool) -> Iterator[Stage]:
    waiting = is_open
    for step in steps:
        signed = sum(mark["step"] == step["name"] for mark in marks)
        is_done = signed >= step["count"]
        many = f" {signed}/{step['count']}" if step["count"] > 1 else ""
        yield Stage(
            zh=f"{step['zh']}{many}", en=f"{step['en']}{many}", is_done=is_done,
            is_current=waiting and not is_done, tone=GOOD if is_done else WARN,
        )  # fmt: skip
        waiting = waiting and is_done


def events_of(versions: Sequence[Row], signoffs: Sequence[Row], erasures: Sequence[Row]) -> tuple[Event, ...]:
    """Return everything that happened to a record, newest first."""
    found = [
        Event(kind="captured", seq=v["seq"], at=v["at"], version=v["version"], who=v["by_name"], row=v)
        for v in versions
    ]
    found += [
        Event(
            kind=sign["decision"], seq=sign["seq"], at=sign["at"], version=sign["version"], who=sign["name"],
            who_en=sign["name_en"], row=sign,
        )
        for sign in signoffs
    ]  # fmt: skip
    gone = {row["seq"]: row for row in erasures}.values()
    found += [Event(kind="erased", seq=row["seq"], at=row["at"], version=0, who="", row=row) for row in gone]
    return tuple(sorted(found, key=lambda event: -event.seq))


def in_force_on(versions: Sequence[Row], moment: str) -> Row | None:
    """Return the version that was in force at an entry time."""
    standing = [v for v in versions if v["in_force_from"] and v["in_force_from"] <= moment]
    standing = [v for v in standing if v["in_force_to"] is None or v["in_force_to"] > moment]
    return standing[-1] if standing else None
