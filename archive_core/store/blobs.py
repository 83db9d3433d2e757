"""
Attachments and import sources: files in `blobs/`, named by their SHA-256, written once.

A blob is on the disk before any entry names it (fsync of file and folder), so an entry never points to what is not
there. Blobs that no entry names are harmless left-overs of an interrupted command.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import attrs

from archive_core.errors import BlobMissing, NoRights, WriteFailed

CHUNK = 1 << 20


@attrs.frozen
class Blob:
    """
    A stored file: SHA-256 as 64 hex digits, size in bytes.
    """

    sha256: str
    size: int


class BlobStore:
    """
    Content-addressed files; `blobs/ab/abcdef...` holds the bytes whose SHA-256 is `abcdef...`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, path: Path) -> Blob:
        """
        Copy a file in, streaming; flat memory whatever its size.

        Raises:
            NoRights: the source cannot be read, or blobs/ cannot be written.
            WriteFailed: the source is no file, or the disk is full.
        """
        with _refusing(), path.open("rb") as source:
            return self._take(source)

    def put_bytes(self, data: bytes) -> Blob:
        """
        Keep bytes that are in memory already.

        Raises:
            NoRights, WriteFailed: as `put`.
        """
        with _refusing():
            return self._take(BytesIO(data))

    def _take(self, source: BinaryIO) -> Blob:
        digest, size = sha256(), 0
        with self._fresh() as (target, name):
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                size += target.write(chunk)
            self._finish(target, name, digest.hexdigest())
        return Blob(digest.hexdigest(), size)

    @contextmanager
    def _fresh(self) -> Iterator[tuple[BinaryIO, Path]]:
        self.folder.mkdir(exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".incoming-", dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as target:
                yield target, Path(name)
        finally:
            with suppress(FileNotFoundError):
                Path(name).unlink()

    def _finish(self, target: BinaryIO, name: Path, digest: str) -> None:
        target.flush()
        os.fsync(target.fileno())
        final = self.path(digest)
        final.parent.mkdir(exist_ok=True)
        name.chmod(0o444)
        name.replace(final)
        for folder in (final.parent, self.folder):
            sync_folder(folder)

    def path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def open(self, digest: str) -> BinaryIO:
        """
        Open a blob whose bytes were just checked against its name.

        Raises:
            BlobMissing: it is gone, or its bytes have another digest.
        """
        self.verify(digest)
        return self.path(digest).open("rb")

    def verify(self, digest: str) -> None:
        """
        Read every byte of a blob.

        Raises:
            BlobMissing: it is gone, cannot be read, or its bytes have another digest.
        """
        try:
            with self.path(digest).open("rb") as source:
                found = _digest(source)
        except FileNotFoundError:
            raise BlobMissing(digest, "") from None
        except OSError as error:
            raise BlobMissing(digest, f"unreadable: {error.strerror}") from None
        if found != digest:
            raise BlobMissing(digest, f"another file now, with SHA-256 {found}")


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise NoRights(str(error.filename), "use") from None
    except OSError as error:
        raise WriteFailed(f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror)) from None


def _digest(source: BinaryIO) -> str:
    digest = sha256()
    while chunk := source.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """
    Make a rename or a new file in a folder durable.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
