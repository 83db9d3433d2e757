"""
The rooms of one archive: where they lie, bringing them up to date, who may come in, opening one to readers.
"""

import sqlite3
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import attrs
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError as WrongPassword

from archive_core.archive import Archive
from archive_core.canonical import Json
from archive_core.clock import day_end, parse_time
from archive_core.errors import ArchiveError, LoginRefused, RoomMissing, UsernameTaken
from archive_core.inspection.app import ReadingRoom, Setup, build_app
from archive_core.inspection.compare import differing_tables
from archive_core.inspection.ledger_source import LedgerSource
from archive_core.inspection.profile import PROFILES, Profile
from archive_core.inspection.projector import SMALL_DELTA, Projector, read_meta, record_verification
from archive_core.inspection.sessions import Visitor
from archive_core.model.verification import Report
from archive_core.people.sealing import check_password
from archive_core.store.key_store import RoomAccount

SHOWN_FLAWS = 50


def room_path(archive: Archive, profile: Profile) -> Path:
    return archive.folder.room / f"{profile.name}.db"


def projector(archive: Archive, profile: Profile) -> Projector:
    return Projector(path=room_path(archive, profile), profile=profile, source=LedgerSource(archive))


def catch_up_or_lag(archive: Archive, profile: Profile) -> int:
    """
    Bring a room to the ledger's head; return 0, or how many entries it lags where its folder cannot be written.

    Raises:
        OSError, sqlite3.OperationalError: it cannot be written, and was not built before either.
    """
    live = projector(archive, profile)
    try:
        live.catch_up()
    except (OSError, sqlite3.OperationalError):
        meta = read_meta(live.path)
        if not meta:
            raise
        return archive.ledger.reader.head().size - int(meta["upto"])
    return 0


def check_room(archive: Archive, profile: Profile) -> tuple[str, ...]:
    """
    Return the tables in which a room, once it has caught up, differs from one built from the ledger alone.

    Raises:
        RoomMissing: there is no room to check.
    """
    live = projector(archive, profile)
    if not live.path.exists():
        raise RoomMissing(profile.name, str(live.path))
    live.catch_up()
    with TemporaryDirectory(dir=live.path.parent) as folder:
        fresh = attrs.evolve(live, path=Path(folder) / live.path.name)
        fresh.rebuild()
        return differing_tables(live.path, fresh.path)


def tell_rooms(archive: Archive, report: Report) -> None:
    """Let every room that exists show the outcome of a verification."""
    problems: list[Json] = [
        {"record": flaw.record, "what": flaw.zh, "what_en": flaw.en} for flaw in report.flaws[:SHOWN_FLAWS]
    ]
    result: dict[str, Json] = {
        "ok": report.good,
        "at": report.at,
        "size": report.size,
        "level": report.assurance.value,
        "count": len(report.flaws),
        "problems": problems,
    }
    for profile in PROFILES.values():
        record_verification(room_path(archive, profile), result)


def add_inspector(archive: Archive, username: str, *, name: str, profile: Profile, until: date, password: str) -> bool:
    """
    Let somebody read until the end of a day; return whether this replaced an account of the same username.

    Raises:
        PasswordTooWeak: choose a longer password.
        UsernameTaken: it is a person's, who would be shut out and blamed for what the inspector reads.
    """
    taken_by = archive.people.known(username.casefold())
    if taken_by is not None:
        raise UsernameTaken(username, taken_by)
    check_password(username, password)
    account = RoomAccount(
        username=username.casefold(), name=name, profile=profile.name, verifier=_hasher(archive).hash(password),
        valid_until=until.isoformat(),
    )  # fmt: skip
    is_replaced = _account(archive, username) is not None
    archive.keys.put_account(account)
    return is_replaced


@attrs.frozen
class Accounts:
    """
    Who may enter one room: every active person, and the inspectors of its profile until their day is over.

    A username that is a person's opens with that person's password only, even where an account of an older date bears
    it: nobody may read under a colleague's name.
    """

    archive: Archive
    profile: Profile

    def verify(self, username: str, password: str) -> Visitor | None:
        account = _account(self.archive, username)
        if account is None or self.archive.people.known(username) is not None:
            return self._person(username, password)
        return self._inspector(account, password)

    def _inspector(self, account: RoomAccount, password: str) -> Visitor | None:
        until = parse_time(day_end(date.fromisoformat(account.valid_until), self.archive.config.zone))
        if not _is_password(self.archive, account.verifier, password):
            return None
        if account.profile != self.profile.name or parse_time(self.archive.now()) > until:
            return None
        return Visitor(username=account.username, name=account.name, kind="inspector", until=until)

    def _person(self, username: str, password: str) -> Visitor | None:
        """The archive is opened anew, so that no unsealed key outlives the check."""
        try:
            with Archive.open(self.archive.folder.root, user=username, password=password) as proven:
                person = proven.acting
        except LoginRefused:
            return None
        return Visitor(username=person.username, name=person.name_zh) if person else None


class Follower:
    """
    Keeps a served room at the ledger's head: small steps before a page is drawn, great ones behind the readers' backs.
    """

    def __init__(self, archive: Archive, profile: Profile) -> None:
        self._archive = archive
        self._projector = projector(archive, profile)
        self._profile = profile
        self._covered = int(read_meta(self._projector.path).get("upto", 0))
        self._thread: Thread | None = None

    def __call__(self) -> str:
        """
        Follow, and return what is wrong: why the archive is read-only, or why the room cannot follow it.

        A ledger that contradicts itself must not make the room vanish: it stays as it was, under the alarm.
        """
        try:
            self._follow()
        except ArchiveError as error:
            return f"{error}"
        return self._archive.alarm or ""

    def _follow(self) -> None:
        size = self._archive.ledger.reader.head().size
        if size == self._covered:
            return
        if self._projector.pending() <= SMALL_DELTA:
            self._covered = self._projector.catch_up().upto
        elif self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._run, daemon=True)
            self._thread.start()

    def _run(self) -> None:
        with Archive.open(self._archive.folder.root) as archive:
            self._covered = projector(archive, self._profile).catch_up().upto


def open_room(archive: Archive, profile: Profile) -> ReadingRoom:
    """
    Bring a room up to date and return its application.

    Raises:
        ReadingRoomMismatch: the installed Datasette lacks a hook that we rely on.
        VerificationError: a content does not match its entry; run `archive verify`.
    """
    projector(archive, profile).catch_up()
    return build_app(
        Setup(
            room=room_path(archive, profile),
            access=archive.folder.access,
            profile=profile,
            verify=Accounts(archive, profile).verify,
            file=archive.blobs.path,
            follow=Follower(archive, profile),
        )
    )


def _account(archive: Archive, username: str) -> RoomAccount | None:
    return next((one for one in archive.keys.accounts() if one.username == username.casefold()), None)


def _hasher(archive: Archive) -> PasswordHasher:
    config = archive.config
    return PasswordHasher(
        time_cost=config.argon2_passes, memory_cost=config.argon2_memory_kib, parallelism=config.argon2_lanes
    )


def _is_password(archive: Archive, verifier: str, password: str) -> bool:
    try:
        return _hasher(archive).verify(verifier, password)
    except WrongPassword:
        return False
