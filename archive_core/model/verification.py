"""
What a verification reports: findings that name the record and what is wrong, counts, and an assurance level.
"""

from enum import StrEnum

import attrs


class Assurance(StrEnum):
    """
    How much a clean verification proves.

    INTACT: everything fits together. SIGNED: and the newest checkpoint's signature covers it. ANCHORED: and somebody
    outside vouches for a checkpoint. BROKEN: something does not fit.
    """

    BROKEN = "broken"
    INTACT = "intact"
    SIGNED = "signed"
    ANCHORED = "anchored"


@attrs.frozen(kw_only=True)
class Flaw:
    """
    One thing that does not hold; `entry`, `record` and `version` where they are known.
    """

    code: str
    en: str
    zh: str
    entry: int | None = None
    record: int | None = None
    version: int | None = None

    def line(self, language: str = "en") -> str:
        place = [f"record {self.record}"] if self.record is not None else []
        place += [f"version {self.version}"] if self.version is not None else []
        place += [f"entry {self.entry}"] if self.entry is not None else []
        text = self.zh if language == "zh" else self.en
        return f"{', '.join(place)}: {text}" if place else text


@attrs.frozen(kw_only=True)
class Report:
    """
    The outcome of a verification over `size` entries with `root`; `counts` says what was checked, how often.
    """

    size: int
    root: bytes
    flaws: tuple[Flaw, ...]
    counts: dict[str, int]
    assurance: Assurance
    at: str

    @property
    def good(self) -> bool:
        return not self.flaws
