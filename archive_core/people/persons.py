"""
Persons read from their records in force.
"""

from datetime import date
from zoneinfo import ZoneInfo

import attrs

from archive_core.clock import local_day
from archive_core.errors import LoginRefused, RoleMissing
from archive_core.ledger.contents import version_content
from archive_core.ledger.contract import Reader
from archive_core.model.entry import from_text
from archive_core.types.builtin import PERSON
from archive_core.types.builtin import Person as PersonFields
from archive_core.types.convert import structure


@attrs.frozen(kw_only=True)
class Person:
    """
    A person at one moment; `roles` are those that held on that day, `public_key` is 32 bytes.
    """

    record: int
    username: str
    name_zh: str
    name_en: str
    roles: frozenset[str]
    public_key: bytes
    active: bool

    def require_role(self, role: str, action: str) -> None:
        """
        Refuse unless the person holds a role.

        Raises:
            RoleMissing: the role is not among the person's.
        """
        if role not in self.roles:
            raise RoleMissing(self.username, role, action)


class People:
    """
    Finds persons; `zone` decides which day a moment belongs to.
    """

    def __init__(self, reader: Reader, zone: ZoneInfo) -> None:
        self._reader = reader
        self._zone = zone

    def known(self, username: str) -> int | None:
        """
        Return the record that has a username, whatever its state.
        """
        return self._reader.find(PERSON, username.casefold())

    def active(self, username: str, at: str) -> Person:
        """
        Return the person in force under a username.

        Raises:
            LoginRefused: unknown, not signed off yet, or deactivated.
        """
        record = self.known(username)
        person = self.at(record, at) if record is not None else None
        if person is None or not person.active:
            raise LoginRefused(username)
        return person

    def at(self, record: int, at: str) -> Person | None:
        """
        Return the person as in force at a moment; None before the first sign-off.
        """
        row = self._reader.version_in_force(record, at)
        return self.of_version(record, row.seq, local_day(at, self._zone)) if row else None

    def of_version(self, record: int, seq: int, on: date) -> Person | None:
        """
        Return the person as one version says, in force or not; None when its content is gone.
        """
        content = version_content(self._reader, seq)
        if content is None:
            return None
        fields = structure(PersonFields, content.fields)
        roles = [
            grant.role
            for grant in fields.roles or ()
            if (grant.since is None or grant.since <= on) and (grant.until is None or on <= grant.until)
        ]
        return Person(
            record=record,
            username=fields.username,
            name_zh=fields.name_zh,
            name_en=fields.name_en,
            roles=frozenset(roles),
            public_key=from_text(fields.public_key, 32),
            active=fields.active,
        )
