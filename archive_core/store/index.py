"""
The derived index: what each entry does to `record`, `version_at`, `signoff_at` and `erased`.

The same code applies entries when they are appended and when the index is rebuilt for comparison, inside whichever
database it is given. Keys come from contents, so they are handed in; everything else is in the entry.
"""

import sqlite3
from collections.abc import Iterable, Sequence

from archive_core.errors import DuplicateKey, EntryMalformed
from archive_core.model.entry import Entry, ErasureEntry, SignOffEntry, VersionEntry, parse_entry
from archive_core.model.lifecycle import Signed, State, open_step


class Index:
    """
    Applies entries, in order of their seq, to the derived tables of one database.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def apply(self, seq: int, entry: Entry, key: str | None = None) -> None:
        """
        Bring the tables up to date with one entry.

        Args:
            seq: index of the entry.
            entry: the entry itself.
            key: business key of a version's content; None when the content is erased.

        Raises:
            DuplicateKey: a live record of the type has the key.
        """
        match entry:
            case VersionEntry():
                self._version(seq, entry, key)
            case SignOffEntry():
                self._signoff(seq, entry)
            case ErasureEntry():
                self._erasure(seq, entry)

    def apply_first_versions(self, rows: Sequence[tuple[int, str, int | None, str]]) -> None:
        """
        Bring in many first versions that wait for a batch's sign-off: rows of (seq, type, batch, key).

        Raises:
            DuplicateKey: a live record of the type has one of the keys.
        """
        try:
            self._db.executemany(
                "INSERT INTO record VALUES (?, ?, ?, 1, 1, NULL, 0)",
                [(seq, type_name, key) for seq, type_name, _, key in rows],
            )
        except sqlite3.IntegrityError:
            self._name_duplicate((seq, type_name, key) for seq, type_name, _, key in rows)
        self._db.executemany(
            "INSERT INTO version_at VALUES (?, 1, ?, ?, 'proposed', NULL, NULL, ?, 0)",
            [(seq, seq, key, batch) for seq, _, batch, key in rows],
        )

    def _version(self, seq: int, entry: VersionEntry, key: str | None) -> None:
        record = seq if entry.record is None else entry.record
        self._put_record(record, entry, key)
        self._db.execute(
            "UPDATE version_at SET state = 'replaced' WHERE record = ? AND version = ? AND state = 'proposed'",
            (record, entry.version - 1),
        )
        self._db.execute(
            "INSERT INTO version_at VALUES (?, ?, ?, ?, 'proposed', NULL, NULL, ?, ?)",
            (record, entry.version, seq, key, entry.batch, entry.withdrawn),
        )
        if not entry.steps and entry.batch is None:
            self._enter_force(record, entry.version, entry, entry.at)

    def _put_record(self, record: int, entry: VersionEntry, key: str | None) -> None:
        try:
            if entry.record is None:
                self._db.execute(
                    "INSERT INTO record VALUES (?, ?, ?, 1, 1, NULL, 0)",
                    (record, entry.type, key),
                )
            else:
                # The key in force stays the record's until another one is: a refused amendment must find it unclaimed.
                self._db.execute(
                    "UPDATE record SET latest = ?, key = iif(in_force IS NULL, ?, key), live = 1 WHERE record = ?",
                    (entry.version, key, record),
                )
        except sqlite3.IntegrityError:
            self._name_duplicate([(record, entry.type, key or "")])

    def _name_duplicate(self, keys: Iterable[tuple[int, str, str]]) -> None:
        for record, type_name, key in keys:
            # of a batch, the rows before the duplicate are in the table already
            row = self._db.execute(
                "SELECT record FROM record WHERE type = ? AND key = ? AND live = 1 AND record <> ?",
                (type_name, key, record),
            ).fetchone()
            if row is not None:
                raise DuplicateKey(type_name, key, row[0])
        msg = "the index refused a record whose key is unknown to it"
        raise EntryMalformed(msg)

    def _signoff(self, seq: int, entry: SignOffEntry) -> None:
        self._db.execute(
            "INSERT INTO signoff_at VALUES (?, ?, ?, ?, ?, ?)",
            (entry.record, entry.version, seq, entry.step, entry.by, entry.decision),
        )
        version_seq, state = self._db.execute(
            "SELECT seq, state FROM version_at WHERE record = ? AND version = ?", (entry.record, entry.version)
        ).fetchone()
        if state != State.PROPOSED:
            return
        if entry.decision == "rejected":
            self._reject(entry.record, entry.version, version_seq)
        else:
            self._progress(entry, version_seq)

    def _progress(self, entry: SignOffEntry, version_seq: int) -> None:
        version = self._version_entry(version_seq)
        marks = self._db.execute(
            "SELECT step, by FROM signoff_at WHERE record = ? AND version = ? AND decision = 'signed'",
            (entry.record, entry.version),
        )
        if open_step(version.steps, [Signed(*mark) for mark in marks]) is None:
            self._enter_force(entry.record, entry.version, version, entry.at)
            self._batch_enters_force(entry.record, version_seq, entry.at)

    def _version_entry(self, seq: int) -> VersionEntry:
        leaf = self._db.execute("SELECT leaf FROM entry WHERE seq = ?", (seq,)).fetchone()[0]
        entry = parse_entry(leaf)
        if not isinstance(entry, VersionEntry):
            raise EntryMalformed(f"entry {seq} is no version")
        return entry

    def _enter_force(self, record: int, number: int, entry: VersionEntry, at: str) -> None:
        since = max(at, entry.effective_from or at)
        self._db.execute(
            "UPDATE version_at SET state = 'superseded', in_force_to = ? WHERE record = ? AND state = 'in_force'",
            (since, record),
        )
        self._db.execute(
            "UPDATE version_at SET state = 'in_force', in_force_from = ? WHERE record = ? AND version = ?",
            (since, record, number),
        )
        self._db.execute(
            "UPDATE record SET in_force = ?, withdrawn = ?, live = ? WHERE record = ?",
            (number, entry.withdrawn, not entry.withdrawn, record),
        )
        self._take_keys("v.record = ? AND v.version = ?", (record, number))

    def _take_keys(self, which: str, bounds: tuple[int, ...]) -> None:
        rows = self._db.execute(
            "SELECT v.record, r.type, v.key FROM version_at v JOIN record r ON r.record = v.record"
            f" WHERE {which} AND v.key IS NOT r.key",
            bounds,
        ).fetchall()
        try:
            self._db.executemany(
                "UPDATE record SET key = ? WHERE record = ?", [(key, record) for record, _, key in rows]
            )
        except sqlite3.IntegrityError:
            self._name_duplicate(rows)

    def _batch_enters_force(self, batch: int, before: int, at: str) -> None:
        """
        The batch record's signature puts every version in force that the batch brought before it was summed up.
        """
        waiting = "SELECT record, version FROM version_at WHERE batch = ? AND seq < ? AND state = 'proposed'"
        bounds = (batch, before)
        if self._db.execute(f"{waiting} LIMIT 1", bounds).fetchone() is None:
            return
        self._db.execute(
            "UPDATE version_at SET state = 'superseded', in_force_to = ?"
            f" WHERE state = 'in_force' AND record IN (SELECT record FROM ({waiting}) WHERE version > 1)",
            (at, *bounds),
        )
        self._db.execute(
            "UPDATE record SET in_force = latest"
            " WHERE record IN (SELECT record FROM version_at WHERE batch = ? AND seq < ? AND state = 'proposed')",
            bounds,
        )
        self._take_keys("v.batch = ? AND v.seq < ? AND v.state = 'proposed' AND v.version > 1", bounds)
        self._db.execute(
            "UPDATE version_at SET state = 'in_force', in_force_from = ?"
            " WHERE batch = ? AND seq < ? AND state = 'proposed'",
            (at, *bounds),
        )

    def _reject(self, record: int, version: int, seq: int) -> None:
        self._db.execute("UPDATE version_at SET state = 'rejected' WHERE record = ? AND version = ?", (record, version))
        self._fall_back(" WHERE record = ?", (record,))
        bounds = (record, seq)
        members = " WHERE batch = ? AND seq < ? AND state = 'proposed'"
        self._fall_back(f" WHERE record IN (SELECT record FROM version_at{members})", bounds)
        self._db.execute(f"UPDATE version_at SET state = 'rejected'{members}", bounds)

    def _fall_back(self, where: str, bounds: tuple[int, ...]) -> None:
        """
        A refused first proposal frees its key; a record with a version in force keeps that version's.
        """
        self._db.execute("UPDATE record SET live = (in_force IS NOT NULL AND NOT withdrawn)" + where, bounds)

    def _erasure(self, seq: int, entry: ErasureEntry) -> None:
        rows = [(erased, seq) for erased in entry.entries]
        self._db.executemany("INSERT OR IGNORE INTO erased VALUES (?, ?)", rows)
        for erased in entry.entries:
            self._db.execute("UPDATE version_at SET key = NULL WHERE seq = ?", (erased,))
            self._db.execute(
                "UPDATE record SET key = NULL WHERE record IN"
                " (SELECT record FROM version_at WHERE seq = ? AND version = COALESCE(record.in_force, record.latest))",
                (erased,),
            )
