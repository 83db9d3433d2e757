from hashlib import sha256
from pathlib import Path

import pytest
from children import end, line_of, start_child

from archive_core.errors import BlobMissing, WriteFailed
from archive_core.store.blobs import CHUNK, Blob, BlobStore

EMPTY = sha256(b"").hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def digest_of(data: bytes) -> str:
    return sha256(data).hexdigest()


def files(store: BlobStore) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("data", [b"", b"x", bytes(range(256)), b"y" * (CHUNK + 1), b"z" * (2 * CHUNK)])
def test_a_file_comes_back_byte_for_byte(store: BlobStore, tmp_path: Path, data: bytes) -> None:
    """Whatever the size, around the boundary of a chunk too, a file lies under its digest and reads as it was."""
    source = tmp_path / "扫描 1.pdf"
    source.write_bytes(data)
    assert Blob(digest_of(data), len(data)) == store.put(source) == store.put_bytes(data)
    with store.open(digest_of(data)) as kept:
        assert data == kept.read()
    assert [store.path(digest_of(data))] == files(store)


def test_a_blob_lies_where_the_folder_says(store: BlobStore) -> None:
    """blobs/ab/abcdef... holds the bytes whose digest is abcdef..., and nobody may write to it."""
    blob = store.put_bytes(b"x")
    path = store.folder / blob.sha256[:2] / blob.sha256
    assert (path, 0o444) == (store.path(blob.sha256), path.stat().st_mode & 0o777)


def test_a_kept_file_is_kept_once(store: BlobStore, tmp_path: Path) -> None:
    """The same bytes under another name are the same blob; the source stays where it was."""
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"same")
        store.put(tmp_path / name)
    assert [store.path(digest_of(b"same"))] == files(store)
    assert [b"same", b"same"] == [(tmp_path / name).read_bytes() for name in ("a", "b")]


@pytest.mark.parametrize("change", [b"", b"X", b"xx", b"x\n"])
def test_a_changed_blob_is_not_opened(store: BlobStore, change: bytes) -> None:
    """Bytes with another digest are never handed out; the finding names both digests."""
    blob = store.put_bytes(b"x")
    store.path(blob.sha256).chmod(0o644)
    store.path(blob.sha256).write_bytes(change)
    for read in (store.verify, store.open):
        with pytest.raises(BlobMissing) as found:
            read(blob.sha256)
        assert (blob.sha256, True) == (found.value.sha256, digest_of(change) in found.value.found)


def test_a_missing_blob_is_named(store: BlobStore) -> None:
    """What is gone is told by its digest."""
    with pytest.raises(BlobMissing, match=f"blob {EMPTY} is missing"):
        store.verify(EMPTY)


def test_what_lies_in_a_blobs_place_is_no_blob(store: BlobStore) -> None:
    """A folder under a blob's name cannot be read as one."""
    store.path(EMPTY).mkdir(parents=True)
    with pytest.raises(BlobMissing, match="unreadable"):
        store.open(EMPTY)


def test_a_changed_blob_is_repaired_by_bringing_it_in_again(store: BlobStore, tmp_path: Path) -> None:
    """Capturing the original file anew puts the right bytes back."""
    (tmp_path / "a").write_bytes(b"x")
    blob = store.put(tmp_path / "a")
    store.path(blob.sha256).chmod(0o644)
    store.path(blob.sha256).write_bytes(b"broken")
    store.put(tmp_path / "a")
    store.verify(blob.sha256)
    assert b"x" == store.path(blob.sha256).read_bytes()


@pytest.mark.parametrize("name", ["gone.pdf", "folder"])
def test_what_is_no_file_cannot_be_attached(store: BlobStore, tmp_path: Path, name: str) -> None:
    """A missing file or a folder is refused by name, and nothing is left behind."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(WriteFailed, match=name):
        store.put(tmp_path / name)
    assert not store.folder.exists() or [] == files(store)


def test_nothing_is_left_of_a_file_that_did_not_come_in(store: BlobStore, tmp_path: Path) -> None:
    """If the copy fails half-way, the temporary file goes away."""
    store.folder.mkdir()
    store.folder.joinpath("ba").write_bytes(b"in the way of blobs/ba/")
    (tmp_path / "a").write_bytes(b"abc")
    with pytest.raises(WriteFailed):
        store.put(tmp_path / "a")
    assert [store.folder / "ba"] == files(store)


FILL = """
import resource, sys
from pathlib import Path
from archive_core.errors import WriteFailed
from archive_core.store.blobs import BlobStore
store, source = BlobStore(Path(sys.argv[1])), Path(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
for call in (lambda: store.put(source), lambda: store.put_bytes(source.read_bytes())):
    try:
        print(call())
    except WriteFailed as error:
        print(error)
print("done", flush=True)
sys.stdin.readline()
"""


def test_a_full_disk_is_said_in_our_words(store: BlobStore, tmp_path: Path) -> None:
    """A file that does not fit is refused, and no torn blob remains."""
    (tmp_path / "large").write_bytes(b"x" * 20_000)
    with start_child(FILL, store.folder, tmp_path / "large") as child:
        assert ["nothing was written: File too large"] * 2 + ["done"] == [line_of(child) for _ in range(3)]
        end(child)
    assert [] == files(store)


TAKE = """
import sys
from pathlib import Path
from archive_core.store.blobs import BlobStore
class Slow:
    def __init__(self): self.first = True
    def read(self, size):
        if self.first:
            self.first = False
            return b"half"
        print("half", flush=True)
        sys.stdin.readline()
        return b""
BlobStore(Path(sys.argv[1]))._take(Slow())
"""


def test_a_killed_copy_leaves_no_torn_blob(store: BlobStore) -> None:
    """Whoever is killed while copying leaves a temporary file that no record can name, and the next copy is whole."""
    with start_child(TAKE, store.folder) as child:
        assert "half" == line_of(child)
        child.kill()
        child.communicate(timeout=10)
    assert [True] == [path.name.startswith(".incoming-") for path in files(store)]
    blob = store.put_bytes(b"half and half")
    store.verify(blob.sha256)
    assert 2 == len(files(store))


def test_a_symlink_is_kept_as_its_bytes(store: BlobStore, tmp_path: Path) -> None:
    """What is kept are the bytes, not a pointer to where they were."""
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    blob = store.put(tmp_path / "link")
    (tmp_path / "a").unlink()
    with store.open(blob.sha256) as kept:
        assert b"x" == kept.read()
