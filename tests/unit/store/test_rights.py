import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from children import run_child

from archive_core.store.connection import WriterLock, connect_writer
from archive_core.store.folder import Config, Folder
from archive_core.store.key_store import KeyStore
from archive_core.store.ledger_store import SqliteLedgerStore

# Everything is imported as root, then the rights are laid down, then each call is tried.
TRY = """
import json, sys
from pathlib import Path
from archive_core.errors import ArchiveError
from archive_core.store.blobs import BlobStore
from archive_core.store.connection import WriterLock, connect_reader, connect_writer
from archive_core.store.folder import Config, Folder, read_config
from archive_core.store.journal import Journal
from archive_core.store.key_store import KeyStore
from archive_core.store.ledger_store import SqliteLedgerStore

root = Path(sys.argv[1])
config = Config(name="n", origin="o")
lock = WriterLock(root / "free.lock")
CALLS = {
    "reader of a private ledger": lambda: connect_reader(root / "private" / "ledger.db"),
    "writer of a private ledger": lambda: connect_writer(root / "private" / "ledger.db"),
    "writer in a closed folder": lambda: connect_writer(root / "closed" / "ledger.db"),
    "new file in a closed folder": lambda: connect_writer(root / "closed" / "new.db"),
    "reader in a closed folder": lambda: SqliteLedgerStore(root / "closed" / "ledger.db", lock).reader.head().size,
    "reader beside newer pages": lambda: connect_reader(root / "logged" / "ledger.db"),
    "lock in a closed folder": lambda: WriterLock(root / "closed" / ".lock").held().__enter__(),
    "private settings": lambda: read_config(root / "private" / "archive.toml"),
    "archive in a shut folder": lambda: Folder.nearest(root / "shut" / "inner"),
    "new archive in a closed folder": lambda: Folder.found(root / "closed" / "new", config),
    "private keys": lambda: KeyStore(root / "private" / "keys.db", lock).accounts(),
    "private journal read": lambda: Journal(root / "private" / "journal").newest(),
    "private journal written": lambda: Journal(root / "private" / "journal").append(1, "x"),
    "journal in a closed folder": lambda: Journal(root / "closed" / "journal").append(1, "x"),
    "private attachment": lambda: BlobStore(root / "open").put(root / "private" / "scan.pdf"),
    "attachment into a closed folder": lambda: BlobStore(root / "closed").put(root / "scan.pdf"),
    "bytes into a closed folder": lambda: BlobStore(root / "closed").put_bytes(b"x"),
}
give_up_rights()
told = {}
for name, call in CALLS.items():
    try:
        told[name] = repr(call())
    except ArchiveError as error:
        told[name] = str(error).replace(str(root) + "/", "")
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told() -> Iterator[dict[str, str]]:
    root = Path(tempfile.mkdtemp(prefix="archive-rights-"))  # pytest's own folders are shut to other users
    try:
        lay_out(root)
        yield json.loads(run_child(TRY, root))
    finally:
        for path in root.iterdir():
            path.chmod(0o755)
        shutil.rmtree(root)


def lay_out(root: Path) -> None:
    root.chmod(0o755)
    for name in ("private", "closed", "logged", "open", "shut"):
        (root / name).mkdir()
    lock = WriterLock(root / "free.lock")
    with lock.held():
        (root / "free.lock").chmod(0o666)
    SqliteLedgerStore.create(root / "ledger.db", lock).close()
    for name in ("private", "closed"):
        shutil.copy(root / "ledger.db", root / name)
    with closing(connect_writer(root / "ledger.db")) as connection:
        connection.execute("CREATE TABLE more(x)")
        for suffix in ("", "-wal"):
            shutil.copy(root / f"ledger.db{suffix}", root / "logged")
    Folder.found(root / "made", Config(name="n", origin="o"))
    shutil.copy(root / "made" / "archive.toml", root / "private")
    KeyStore.create(root / "private" / "keys.db", lock)
    (root / "private" / "journal").write_text("")
    for path in (root / "scan.pdf", root / "private" / "scan.pdf"):
        path.write_bytes(b"%PDF")
    for path in (root / "private").iterdir():
        path.chmod(0o000)
    (root / "shut" / "inner").mkdir()
    for name, mode in {"closed": 0o555, "logged": 0o555, "open": 0o777, "private": 0o555, "shut": 0o000}.items():
        (root / name).chmod(mode)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("reader of a private ledger", "no right to read private/ledger.db"),
        ("writer of a private ledger", "no right to write in private"),
        ("writer in a closed folder", "no right to write in closed"),
        ("new file in a closed folder", "no right to write in closed"),
        ("reader in a closed folder", "0"),
        ("reader beside newer pages", "no right to write in logged"),
        ("lock in a closed folder", "no right to write closed/.lock"),
        ("private settings", "no right to read private/archive.toml"),
        ("archive in a shut folder", "no right to enter shut/inner/archive.toml"),
        ("new archive in a closed folder", "no right to write closed/new"),
        ("private keys", "no right to use private/keys.db"),
        ("private journal read", "no right to read private/journal"),
        ("private journal written", "no right to write private/journal"),
        ("journal in a closed folder", "no right to write closed/journal"),
        ("private attachment", "no right to use private/scan.pdf"),
    ],
)
def test_a_missing_right_is_named(told: dict[str, str], name: str, expected: str) -> None:
    """Whoever lacks a right hears which one, on which file; reading works wherever reading is allowed."""
    assert expected == told[name]


@pytest.mark.parametrize("name", ["attachment into a closed folder", "bytes into a closed folder"])
def test_an_attachment_cannot_come_into_a_closed_folder(told: dict[str, str], name: str) -> None:
    """The temporary file that could not be made is named."""
    assert told[name].startswith("no right to use closed/.incoming-")
