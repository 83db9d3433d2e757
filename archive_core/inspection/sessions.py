"""
Who is in the reading room: logins, their limits, and the sessions they open.

A session is a random token in an HttpOnly, SameSite=Strict cookie; what it stands for is kept in the server's memory
as the token's hash only. It ends by logout, after 15 idle minutes, after 8 hours, or with the server.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

import attrs

from archive_core.clock import Clock, format_time, system_clock
from archive_core.inspection.access import Access, AccessLog

COOKIE = "archive_room"
IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=8)
WINDOW = timedelta(minutes=15)
TRIES_PER_NAME_AND_ADDRESS = 5
TRIES_PER_NAME = 50
TRIES_PER_ADDRESS = 30
LONGEST_NAME = 60


@attrs.frozen(kw_only=True)
class Visitor:
    """
    A person let in. `kind` is "inspector" or "staff"; `until` is the last moment of the account, if it ends.
    """

    username: str
    name: str
    kind: str = "staff"
    until: datetime | None = None


VerifyLogin = Callable[[str, str], Visitor | None]


@attrs.define
class _Session:
    visitor: Visitor
    opened: datetime
    seen: datetime


class Throttled(Exception):
    """Too many wrong passwords lately; nobody looks at another one for a while."""


class Door:
    """
    Lets people in and knows who is inside.

    Args:
        verify: tells whether username and password belong to an account that may read now.
        log: where every attempt is written; the limits count its rows, so a restart does not reset them.
    """

    def __init__(self, verify: VerifyLogin, log: AccessLog, clock: Clock = system_clock) -> None:
        self._verify = verify
        self._log = log
        self._clock = clock
        self._sessions: dict[str, _Session] = {}

    def enter(self, username: str, password: str, address: str) -> str | None:
        """
        Return a new session's token, or None where username and password do not belong together.

        Raises:
            Throttled: within 15 minutes five wrong passwords for the name from this address, thirty from this address,
                or fifty for the name from anywhere. Five from elsewhere must not shut a colleague out.
        """
        who = username.strip()[:LONGEST_NAME]
        if self._is_throttled(who, address):
            self._log.write(Access(act="login_throttled", who=who.casefold(), address=address, status=429))
            raise Throttled
        visitor = self._verify(who, password)
        if visitor is None:
            self._log.write(Access(act="login_failed", who=who.casefold(), address=address, status=403))
            return None
        self._log.write(Access(act="login", who=visitor.username, address=address))
        return self._open(visitor)

    def visitor(self, token: str | None) -> Visitor | None:
        """Return who holds a session, and note that he is still there."""
        name = _hash(token or "")
        session = self._sessions.get(name)
        if session is None:
            return None
        if self._has_ended(session):
            del self._sessions[name]
            return None
        session.seen = self._clock()
        return session.visitor

    def leave(self, token: str | None, address: str) -> None:
        session = self._sessions.pop(_hash(token or ""), None)
        if session is not None:
            self._log.write(Access(act="logout", who=session.visitor.username, address=address))

    def _open(self, visitor: Visitor) -> str:
        self._sessions = {name: kept for name, kept in self._sessions.items() if not self._has_ended(kept)}
        token, now = secrets.token_urlsafe(32), self._clock()
        self._sessions[_hash(token)] = _Session(visitor, now, now)
        return token

    def _has_ended(self, session: _Session) -> bool:
        now, until = self._clock(), session.visitor.until
        return now - session.seen > IDLE or now - session.opened > ABSOLUTE or (until is not None and now > until)

    def _is_throttled(self, who: str, address: str) -> bool:
        """Usernames are the same in every case, so the tries are counted in one."""
        since, name = format_time(self._clock() - WINDOW), who.casefold()
        here = self._log.count("login_failed", since, who=name, address=address)
        wrong_place = self._log.count("login_failed", since, address=address)
        wrong_name = self._log.count("login_failed", since, who=name)
        return here >= TRIES_PER_NAME_AND_ADDRESS or wrong_place >= TRIES_PER_ADDRESS or wrong_name >= TRIES_PER_NAME


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
