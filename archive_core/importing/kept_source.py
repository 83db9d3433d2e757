"""
The source as it is kept: the very file, or, where columns must not be kept, a copy of the table without them.

The copy is a UTF-8 text table with one record per row of the sheet, from the first row on, so that row numbers stay
those of the original. It is made the same way every time: the same file and the same dropped columns give the same
digest, and that digest is what batch and records name as their source; the digest of the untouched file stands
beside it.
"""

import csv
import io
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from archive_core.importing.readers import Source
from archive_core.importing.rows import cell_text
from archive_core.importing.tables import Table
from archive_core.store.blobs import BlobStore

_BLOCK = 1 << 20


def file_digest(path: Path) -> tuple[str, int]:
    """
    Return SHA-256 in hex and the size in bytes of a file, reading it in blocks.
    """
    with path.open("rb") as file:
        return _digest(iter(lambda: file.read(_BLOCK), b""))


def kept_digest(source: Source, table: Table, drop: tuple[str, ...]) -> tuple[str, int]:
    """
    Return SHA-256 and size of what `keep_source` will keep.
    """
    return _digest(_without(source, table, drop)) if drop else file_digest(source.path)


def keep_source(blobs: BlobStore, source: Source, table: Table, drop: tuple[str, ...]) -> str:
    """
    Put the source, or its copy without the dropped columns, into blobs/; return its SHA-256.

    Raises:
        NoRights: it cannot be read or written.
    """
    if not drop:
        return blobs.put(source.path).sha256
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.csv"
        with copy.open("wb") as file:
            file.writelines(_without(source, table, drop))
        return blobs.put(copy).sha256


def _digest(parts: Iterator[bytes]) -> tuple[str, int]:
    digest, size = sha256(), 0
    for part in parts:
        digest.update(part)
        size += len(part)
    return digest.hexdigest(), size


def _without(source: Source, table: Table, drop: tuple[str, ...]) -> Iterator[bytes]:
    hidden = {index for index, title in enumerate(table.header) if title in drop}
    for row in source.rows():
        line = io.StringIO()
        shown = [cell_text(cell) for index, cell in enumerate(row.cells) if index not in hidden]
        csv.writer(line, lineterminator="\n").writerow(shown)
        yield line.getvalue().encode()
