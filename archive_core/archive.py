"""
`Archive`: the one object that introduces the rooms to each other; every front (CLI, reading room, scripts) uses only
this.

    with Archive.open("my-archive", user="li.hua", password="...") as archive:
        captured = archive.capture("quality_feedback", {...})
        archive.sign(captured.record)
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from archive_core.canonical import Json
from archive_core.clock import Clock, day_end, format_time, system_clock
from archive_core.errors import (
    LoginNeeded,
    RoleMissing,
    TypeNotInForce,
    UnknownRecord,
    UsernameTaken,
)
from archive_core.founding import (
    FOUNDER,
    Founder,
    capture_founding,
    check_origin,
    founding_is_open,
    founding_person,
    person_fields,
    require_founded,
    sign_founding,
)
from archive_core.hooks.registry import InstalledType, Registry
from archive_core.ledger.appender import Appender
from archive_core.ledger.ledger import Ledger
from archive_core.ledger.verify import Progress, silent
from archive_core.model.entry import VersionEntry
from archive_core.model.values import Attachment
from archive_core.model.verification import Report
from archive_core.people.keyring import NewKey, Unlocked, new_key
from archive_core.people.persons import People, Person
from archive_core.people.sealing import Cost
from archive_core.records.definitions import Definitions, definition_fields
from archive_core.records.views import Change, RecordViews, VersionView
from archive_core.records.writing import Captured, RecordWriter
from archive_core.retention.schedule import DueItem, Schedules
from archive_core.signoffs.queue import Waiting, waiting
from archive_core.signoffs.signing import SignedOff, SignOffWriter
from archive_core.store.blobs import BlobStore
from archive_core.store.connection import WriterLock, reading
from archive_core.store.folder import Config, Folder, read_config
from archive_core.store.journal import Journal
from archive_core.store.key_store import KeyStore
from archive_core.store.ledger_store import SqliteLedgerStore, rebuild_index
from archive_core.types.builtin import FOUNDING, PERSON, QA, RECORD_TYPE
from archive_core.vault import Vault
from archive_core.verification import Verification

if TYPE_CHECKING:
    from archive_core.importing.desk import ImportDesk
    from archive_core.importing.report import ImportReport
    from archive_core.importing.run import Wishes


class Archive:
    """
    An open archive, acting for the person who logged in, or for nobody (then it only reads).
    """

    def __init__(self, folder: Folder, config: Config, store: SqliteLedgerStore, clock: Clock) -> None:
        self.folder = folder
        self.config = config
        self.registry = Registry.load(folder.plugins)
        self.blobs = BlobStore(folder.blobs)
        self.keys = KeyStore(folder.keys, store.lock)
        self._vault = Vault(self.keys, config.origin)
        self._clock = clock
        self._journals = [Journal(path) for path in folder.journals(config)]
        self.ledger = Ledger(store, origin=config.origin, clock=clock, journals=self._journals)
        self.definitions = Definitions(self.ledger.reader, self.registry)
        self.views = RecordViews(self.ledger.reader)
        self.people = People(self.ledger.reader, config.zone)
        self._acting: Unlocked | None = None

    # opening and closing

    @classmethod
    def init(
        cls,
        path: Path | str,
        *,
        name: str,
        origin: str,
        founder: Founder,
        password: str,
        time_zone: str = "Asia/Shanghai",
        cost: Cost | None = None,
        clock: Clock = system_clock,
    ) -> Self:
        """
        Found an archive in a new or empty folder and return it, acting for the founder.

        Args:
            origin: name of the ledger in its checkpoints, like `archive.example.com/records`; never changed later.
            cost: argon2id cost of every password check; the default needs 64 MiB.

        Raises:
            FolderNotEmpty, NoRights: the folder cannot be used.
            PasswordTooWeak, OriginMalformed, ContentRefused: choose better; nothing was made.
            PluginError: an installed plugin does not load.
        """
        spent = cost or Cost(memory_kib=65536, passes=3, lanes=4)
        config = Config(
            name=name,
            origin=origin,
            time_zone=time_zone,
            argon2_memory_kib=spent.memory_kib,
            argon2_passes=spent.passes,
            argon2_lanes=spent.lanes,
        )
        check_origin(origin)
        key = new_key(founder.username, password, spent)
        existed = Path(path).exists()
        folder = Folder.found(Path(path), config)
        try:
            lock = WriterLock(folder.lock)
            KeyStore.create(folder.keys, lock)
            archive = cls._over(folder, config, SqliteLedgerStore.create(folder.ledger, lock), clock)
            with archive._closed_on_failure():  # noqa: SLF001 - our own
                archive._found(founder, key, password)  # noqa: SLF001 - our own
        except BaseException:
            folder.abandon(keep=existed)
            raise
        return archive

    @contextmanager
    def _closed_on_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    def _found(self, founder: Founder, key: NewKey, password: str) -> None:
        checkpoint_key = self._vault.make_checkpoint_key()
        self._vault.add(FOUNDER, key)
        unlocked = self._vault.unlock(founding_person(founder, key), password)
        charter: dict[str, Json] = {
            "origin": self.config.origin,
            "name": self.config.name,
            "time_zone": self.config.time_zone,
            "vkey": checkpoint_key.vkey(),
        }
        with self.ledger.writing() as tx:
            records = capture_founding(self._record_writer(tx, 0), self.registry, founder, key, charter)
            sign_founding(self._signoff_writer(tx, unlocked), records)
        self.checkpoint()
        self._acting = unlocked

    @classmethod
    def open(
        cls, path: Path | str, *, user: str | None = None, password: str | None = None, clock: Clock = system_clock
    ) -> Self:
        """
        Open the archive in a folder, or the nearest folder above it.

        Without `user` it only reads. If a check at opening fails, it is open read-only and `alarm` says why.

        Raises:
            NotAnArchive, NoRights, ConfigMalformed, FormatTooNew, StoreDamaged: it cannot be opened at all.
            LoginRefused: username and password do not match.
        """
        folder = Folder.nearest(Path(path))
        config = read_config(folder.config)
        with reading(folder.ledger):
            archive = cls._over(folder, config, SqliteLedgerStore(folder.ledger, WriterLock(folder.lock)), clock)
        if user is not None:
            with archive._closed_on_failure():  # noqa: SLF001 - our own
                archive.login(user, password or "")
        return archive

    @classmethod
    def _over(cls, folder: Folder, config: Config, store: SqliteLedgerStore, clock: Clock) -> Self:
        try:
            return cls(folder, config, store, clock)
        except BaseException:
            store.close()
            raise

    def close(self) -> None:
        self.ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def alarm(self) -> str | None:
        """
        Why the archive is open read-only, None when it is not.
        """
        return str(self.ledger.alarm) if self.ledger.alarm else None

    # who acts

    def login(self, username: str, password: str) -> Person:
        """
        Act for a person from now on.

        Raises:
            LoginRefused: unknown, not active, or the wrong password.
        """
        person = self.people.active(username, self.now())
        self._acting = self._vault.unlock(person, password)
        return person

    @property
    def acting(self) -> Person | None:
        return self._acting.person if self._acting else None

    def _require(self, action: str) -> Unlocked:
        if self._acting is None:
            raise LoginNeeded(action)
        return self._acting

    def _require_qa(self, action: str) -> Unlocked:
        acting = self._require(action)
        if QA not in acting.person.roles:
            raise RoleMissing(acting.person.username, QA, action)
        return acting

    def now(self) -> str:
        return format_time(self._clock())

    # writing

    @contextmanager
    def _writing(self, action: str) -> Iterator[RecordWriter]:
        acting = self._require(action)
        with self.ledger.writing() as tx:
            require_founded(tx.reader, self.config.zone)
            yield self._record_writer(tx, acting.person.record)

    def _record_writer(self, tx: Appender, by: int) -> RecordWriter:
        return RecordWriter(tx, self.registry, self.definitions, self.config.zone, by)

    def capture(self, type_name: str, fields: Mapping[str, Any], *, effective_from: str | None = None) -> Captured:
        """
        Bring in a record.

        Args:
            fields: wire form, or Python values (Decimal, date, Month, Ref, Attachment).
            effective_from: entry time before which it is not in force even when signed.

        Raises:
            ContentRefused: with all findings; nothing was captured.
            DuplicateKey, TypeNotInForce, TypeDiffers, UnknownRecordType, LoginNeeded.
        """
        with self._writing("capture a record") as writer:
            return writer.capture(type_name, fields, effective_from=effective_from)

    def amend(
        self,
        record: int,
        fields: Mapping[str, Any],
        *,
        reason: str,
        seen: int,
        replace: bool = False,
        gaps: Mapping[str, str] | None = None,
    ) -> Captured:
        """
        Add a version to a record: `fields` are all fields of the new version, `seen` the latest version looked at.

        Raises:
            StaleVersion, ProposalWaiting, ReasonMissing, RecordWithdrawn, UnknownRecord, and as `capture`.
        """
        with self._writing("amend a record") as writer:
            return writer.amend(record, fields, reason=reason, seen=seen, replace=replace, gaps=gaps)

    def withdraw(self, record: int, *, reason: str, seen: int, replace: bool = False) -> Captured:
        """
        Add a version that says the record is void; it takes effect when signed.

        Raises:
            As `amend`.
        """
        with self._writing("withdraw a record") as writer:
            return writer.withdraw(record, reason=reason, seen=seen, replace=replace)

    def sign(self, *records: int) -> list[SignedOff]:
        """
        Sign the open step of each record's waiting version, all or none, and sign a checkpoint over them.

        Raises:
            NothingToSign, StepNotOpen, SelfApproval, SignedAlready, BatchOpen, KeyNotEnrolled, LoginNeeded.
        """
        acting = self._require("sign")
        with self.ledger.writing() as tx:
            signing = self._signoff_writer(tx, acting)
            done = [signing.sign(record) for record in records]
        self.checkpoint()
        return done

    def reject(self, record: int, *, reason: str) -> SignedOff:
        """
        Refuse a record's waiting version.

        Raises:
            ReasonMissing, and as `sign`.
        """
        acting = self._require("reject a version")
        with self.ledger.writing() as tx:
            done = self._signoff_writer(tx, acting).reject(record, reason)
        self.checkpoint()
        return done

    def _signoff_writer(self, tx: Appender, unlocked: Unlocked) -> SignOffWriter:
        return SignOffWriter(
            tx, unlocked, origin=self.config.origin, zone=self.config.zone, meaning_zh=self._meaning_zh
        )

    def _meaning_zh(self, entry: VersionEntry, step_name: str) -> str:
        steps = (FOUNDING, *self.definitions.of(entry.type, entry.type_version).sign_off)
        return next((step.zh for step in steps if step.name == step_name), step_name)

    # legacy import

    @cached_property
    def importing(self) -> "ImportDesk":
        """
        The import desk, acting for whoever is logged in when it runs: `suggest`, `plan`, `check`, `run`.
        """
        from archive_core.importing.desk import ImportDesk
        from archive_core.importing.run import Desk

        zone = self.config.zone
        return ImportDesk(
            Desk(
                ledger=self.ledger,
                registry=self.registry,
                definitions=self.definitions,
                blobs=self.blobs,
                zone=zone,
                now=self.now,
                by=lambda: self._require("import").person.record,
                require_ready=lambda reader: require_founded(reader, zone),
            )
        )

    def check_import(self, source: Path | str, mapping: Path | str) -> "ImportReport":
        """
        Return what `run_import` would do, row by row, without doing it.

        Raises:
            ImportingError: the file or the mapping cannot be used; see `ImportDesk.plan`.
        """
        return self.importing.check(self.importing.plan(Path(source), Path(mapping)))

    def run_import(self, source: Path | str, mapping: Path | str, wishes: "Wishes | None" = None) -> "ImportReport":
        """
        Bring a file in as one batch that waits for its sign-off; run again after an interruption, it goes on.

        Raises:
            ImportingError, TypeNotInForce, LoginNeeded: nothing was written.
        """
        report = self.importing.run(self.importing.plan(Path(source), Path(mapping)), wishes)
        self.checkpoint()
        return report

    def attach(self, path: Path | str, *, media_type: str = "application/octet-stream") -> Attachment:
        """
        Store a file under its SHA-256; put the result into an attachment field.
        """
        blob = self.blobs.put(Path(path))
        return Attachment(Path(path).name, blob.sha256, blob.size, media_type)

    # people and types

    def add_person(
        self,
        username: str,
        *,
        name_zh: str,
        name_en: str,
        roles: Sequence[str],
        password: str,
        identity_check: str = "",
    ) -> Captured:
        """
        Propose a person with a fresh signing key; another QA person signs before they can log in.

        While the founding ceremony is open (nothing but its own entries is in the ledger) the founder enrols
        colleagues in it: they can log in at once. The archive asks for a second QA person before it takes anything
        else.

        Raises:
            UsernameTaken, PasswordTooWeak, ContentRefused, RoleMissing, LoginNeeded.
        """
        acting = self._require_qa("add a person")
        self._require_new_username(username)
        cost = Cost(
            memory_kib=self.config.argon2_memory_kib, passes=self.config.argon2_passes, lanes=self.config.argon2_lanes
        )
        key = new_key(username, password, cost)
        fields = person_fields(
            username=username,
            name_zh=name_zh,
            name_en=name_en,
            roles=roles,
            public_key=key.public_key,
            identity_check=identity_check,
        )
        with self.ledger.writing() as tx:
            founding = acting.person.record == FOUNDER and founding_is_open(tx.reader)
            captured = self._record_writer(tx, acting.person.record).capture(PERSON, fields, founding=founding)
            if founding:
                self._signoff_writer(tx, acting).sign(captured.record)
            self._vault.add(captured.record, key)
        if founding:
            self.checkpoint()
        return captured

    def _require_new_username(self, username: str) -> None:
        for row in self.ledger.reader.records(PERSON):
            if row.key is not None and row.key.casefold() == username.casefold():
                raise UsernameTaken(username, row.record)

    def register_types(self, *names: str) -> list[Captured]:
        """
        Propose the installed definitions of some types, or of all that are not in force as installed.

        Raises:
            UnknownRecordType, ProposalWaiting, RoleMissing, LoginNeeded.
        """
        acting = self._require_qa("register a record type")
        wanted = [self.registry.installed(name) for name in names] or self.unregistered_types()
        with self.ledger.writing() as tx:
            require_founded(tx.reader, self.config.zone)
            writer = self._record_writer(tx, acting.person.record)
            return [self._register(writer, tx, installed) for installed in wanted]

    def _register(self, writer: RecordWriter, tx: Appender, installed: InstalledType) -> Captured:
        fields = definition_fields(installed)
        record = tx.reader.find(RECORD_TYPE, installed.record_type.name)
        row = tx.reader.record(record) if record is not None else None
        if row is None:
            return writer.capture(RECORD_TYPE, fields)
        reason = f"definition version {installed.record_type.version}"
        return writer.amend(row.record, fields, reason=reason, seen=row.latest)

    def unregistered_types(self) -> list[InstalledType]:
        """
        Return the installed types whose definition is not in force.
        """
        return [installed for installed in self.registry.types.values() if not self.type_in_force(installed)]

    def type_in_force(self, installed: InstalledType) -> bool:
        try:
            self.definitions.require_in_force(installed, self.ledger.reader)
        except TypeNotInForce:
            return False
        return True

    # reading

    def find(self, type_name: str, key: str) -> int:
        """
        Return the number of the live record of a type with a business key.

        Raises:
            UnknownRecord: there is none.
        """
        record = self.ledger.reader.find(type_name, key)
        if record is None:
            raise UnknownRecord(f"{type_name} {key}")
        return record

    def show(self, record: int, *, version: int | None = None, as_of: date | None = None) -> VersionView:
        """
        Return a version: the named one, the one in force on a day, else the one in force now, else the latest.

        Raises:
            UnknownRecord, UnknownVersion, NotInForce.
        """
        if version is not None:
            return self.views.version(record, version)
        if as_of is not None:
            return self.views.as_of(record, day_end(as_of, self.config.zone))
        row = self.views.record(record)
        standing = self.ledger.reader.version_in_force(record, self.now())
        return self.views.version(record, standing.version if standing else row.latest)

    def list(self, type_name: str, *, as_of: date | None = None) -> Iterator[VersionView]:
        """
        Yield the versions of a type that are, or were on a day, in force.

        Raises:
            UnknownRecordType: neither installed nor registered.
        """
        if type_name not in self.registry.types and self.ledger.reader.find(RECORD_TYPE, type_name) is None:
            self.registry.installed(type_name)
        moment = day_end(as_of, self.config.zone) if as_of else self.now()
        return self.views.in_force(type_name, moment)

    def history(self, record: int) -> Sequence[VersionView]:
        return self.views.history(record)

    def diff(self, record: int, old: int, new: int) -> Sequence[Change]:
        return self.views.diff(record, old, new)

    def queue(self, *, everybody: bool = False) -> Sequence[Waiting]:
        """
        Return what waits for the acting person's signature, or for anybody's.

        Raises:
            LoginNeeded: nobody acts and not everybody's queue was asked for.
        """
        person = None if everybody else self._require("see your queue").person
        return waiting(self.ledger.reader, person)

    def due(self, type_name: str | None = None) -> Iterator[DueItem]:
        """
        Yield the retention verdict of every record with a version in force.
        """
        return Schedules(self.ledger.reader, self.definitions.of, self.config.zone).items(type_name)

    # proof

    def checkpoint(self) -> str:
        """
        Return a signed checkpoint over everything in the ledger, after journalling it.

        Raises:
            ReadOnly, JournalContradicts: the ledger must not sign.
        """
        return self.ledger.checkpoint(*self._vault.checkpoint_key)

    def verify(self, progress: Progress = silent, *, since: str = "") -> Report:
        """
        Re-read every byte and check every rule.

        Args:
            progress: called with (phase, done, total) now and then.
            since: a checkpoint kept from an earlier visit; the ledger must still be its continuation.

        Raises:
            StoreDamaged: SQLite cannot read a page of the file.
            CheckpointMalformed: `since` is no checkpoint.
        """
        with reading(self.folder.ledger):
            return Verification(
                self.ledger.reader,
                origin=self.config.origin,
                zone=self.config.zone,
                journals=list(self._journals),
                blobs=self.blobs,
                definition_of=self.definitions.of,
                rebuild_index=rebuild_index,
                clock=self._clock,
                progress=progress,
                card=since,
            ).run(self.ledger.alarm)
