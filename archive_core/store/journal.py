"""
The journal: every checkpoint that was shown to anyone, one canonical JSON object `{"note": ..., "size": ...}` a line.

It lies outside the database, in production on another volume, because it is what tells a stale restore or a
rewritten ledger from the true one. A line is on the disk (fsync) before the checkpoint leaves the archive. A torn
last line is what a crash in the middle of writing leaves behind: it was never shown, so it is dropped when the next
one is written.
"""

import os
from pathlib import Path

import attrs

from archive_core.canonical import decode, encode
from archive_core.errors import JournalUnwritable, NoRights, NotCanonical, StoreDamaged
from archive_core.store.blobs import sync_folder

TAIL = 64 * 1024


@attrs.frozen
class JournalLine:
    """
    One shown checkpoint: tree size and the signed note.
    """

    size: int
    note: str


class Journal:
    """
    One journal file; several may be kept, each is written in full.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, size: int, note: str) -> None:
        """
        Add a checkpoint; durable when this returns.

        Raises:
            NoRights: the file or its folder may not be written.
            JournalUnwritable: the disk is full, or the folder is gone.
        """
        try:
            new = not self.path.exists()
            with self.path.open("ab+") as file:
                self._drop_torn_line(file.fileno())
                file.write(encode({"note": note, "size": size}) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            if new:
                sync_folder(self.path.parent)
        except PermissionError:
            raise NoRights(str(self.path), "write") from None
        except OSError as error:
            raise JournalUnwritable(str(self.path), str(error.strerror)) from None

    def _drop_torn_line(self, handle: int) -> None:
        size = os.fstat(handle).st_size
        start = max(0, size - TAIL)
        tail = os.pread(handle, TAIL, start)
        if tail and not tail.endswith(b"\n"):
            os.ftruncate(handle, start + tail.rfind(b"\n") + 1)

    def newest(self) -> JournalLine | None:
        """
        Return the last complete line, None when the journal is empty or missing.

        Raises:
            StoreDamaged: the line is not one of ours.
            NoRights: the file may not be read.
        """
        try:
            with self.path.open("rb") as file:
                start = max(0, os.fstat(file.fileno()).st_size - TAIL)
                file.seek(start)
                complete = file.read().rpartition(b"\n")[0]
        except FileNotFoundError:
            return None
        except PermissionError:
            raise NoRights(str(self.path), "read") from None
        if not complete and start:
            raise StoreDamaged(str(self.path), f"its last {TAIL} bytes hold no line")
        return self._parse(complete.rpartition(b"\n")[2]) if complete else None

    def lines(self) -> list[JournalLine]:
        """
        Return every complete line, oldest first.
        """
        if not self.path.exists():
            return []
        return [self._parse(line) for line in self.path.read_bytes().split(b"\n")[:-1]]

    def _parse(self, line: bytes) -> JournalLine:
        try:
            match decode(line):
                case {"size": int(size), "note": str(note), **rest} if type(size) is int and not rest:
                    return JournalLine(size, note)
        except NotCanonical:
            pass
        raise StoreDamaged(str(self.path), f"a line is not a checkpoint: {line[:60]!r}")
