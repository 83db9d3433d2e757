"""
Sign-off steps: what must be signed, by whom, before a version is in force (21 CFR 11.10(f), (g); 11.50).
"""

from typing import cast

import attrs

from archive_core.canonical import Json

AUTHOR = "author"


@attrs.frozen
class Step:
    """
    One sign-off step.

    Args:
        name: `[a-z][a-z0-9_]*`, unique within the type.
        role: the role a signer must hold.
        zh: the meaning of the signature in Chinese (21 CFR 11.50(a)(3)).
        en: the same in English; it is part of the signed statement.
        count: how many different people must sign (N of M).
        not_by: names of earlier steps, or `author`: who did those may not sign this one.
    """

    name: str
    role: str = attrs.field(kw_only=True)
    zh: str = attrs.field(kw_only=True)
    en: str = attrs.field(kw_only=True)
    count: int = attrs.field(default=1, kw_only=True)
    not_by: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    def to_json(self) -> dict[str, Json]:
        return {
            "name": self.name,
            "role": self.role,
            "zh": self.zh,
            "en": self.en,
            "count": self.count,
            "not_by": list(self.not_by),
        }

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> "Step":
        return cls(
            cast(str, data["name"]),
            role=cast(str, data["role"]),
            zh=cast(str, data["zh"]),
            en=cast(str, data["en"]),
            count=cast(int, data["count"]),
            not_by=tuple(cast(list[str], data["not_by"])),
        )


def resolve(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """
    Return the steps as they bind one version: self-approval of the last step is always excluded.
    """
    if not steps or AUTHOR in steps[-1].not_by:
        return steps
    last = attrs.evolve(steps[-1], not_by=(AUTHOR, *steps[-1].not_by))
    return (*steps[:-1], last)
