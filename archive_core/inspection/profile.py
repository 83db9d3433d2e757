"""
Profiles: who sees what. A profile decides what is physically in its file.
"""

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from archive_core.errors import UnknownProfile


@attrs.frozen(kw_only=True)
class Profile:
    """
    A named set of limits; `masks` leaves out every field declared as masked, from history and search too.
    """

    name: str
    zh: str
    en: str
    masks: bool


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            Profile(name="full", zh="完整", en="Full", masks=False),
            Profile(name="inspector", zh="检查", en="Inspection", masks=True),
        )
    }
)


def profile_named(name: str) -> Profile:
    """
    Return a profile.

    Raises:
        UnknownProfile: there is no profile of that name.
    """
    found = PROFILES.get(name)
    if found is None:
        raise UnknownProfile(name, tuple(PROFILES))
    return found
