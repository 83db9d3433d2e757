import sqlite3
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from archive_core.errors import FormatTooNew, KeysExposed, StoreDamaged
from archive_core.store.connection import WriterLock
from archive_core.store.key_store import KeyStore, RoomAccount, SealedKey

KEY = SealedKey(
    person=3, username="li.hua", public_key=bytes(32), memory_kib=19456, passes=2, lanes=1, salt=b"s" * 16,
    nonce=b"n" * 12, sealed=b"c" * 48,
)  # fmt: skip
INSPECTOR = RoomAccount(
    username="jian.cha", name="检查员", profile="inspector", verifier="$argon2id$...", valid_until="2026-12-01"
)


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore.create(tmp_path / "keys.db", WriterLock(tmp_path / ".lock"))


def test_keys_are_made_for_the_owner_alone(store: KeyStore) -> None:
    """The file is 0600 from its first byte, and no file beside it shows more."""
    store.put_sealed(KEY)
    assert ["keys.db", 0o600] == [
        *(path.name for path in store.path.parent.glob("keys*")),
        store.path.stat().st_mode & 0o777,
    ]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o666, 0o700 | 0o010, 0o601])
def test_exposed_keys_are_not_opened(store: KeyStore, mode: int) -> None:
    """Anything that lets others read, write or enter is refused, with the command that mends it."""
    store.path.chmod(mode)
    calls = (
        lambda: store.put_sealed(KEY),
        lambda: store.sealed("li.hua"),
        lambda: store.ledger_key("o"),
        store.accounts,
    )
    for call in calls:
        with pytest.raises(KeysExposed) as refused:
            call()
        assert (f"{mode:04o}", f"chmod 600 {store.path}") == (refused.value.mode, refused.value.hint)


def test_sealed_keys_come_back_by_username(store: KeyStore) -> None:
    """All keys ever sealed for a username are found, whatever its case; others' are not."""
    newer = attrs.evolve(KEY, public_key=b"\1" * 32)
    for key in (KEY, newer, attrs.evolve(KEY, person=4, username="wang.wei")):
        store.put_sealed(key)
    assert [KEY, newer] == store.sealed("LI.Hua")
    assert [] == store.sealed("nobody")


def test_a_sealed_key_is_never_replaced(store: KeyStore) -> None:
    """The same key of the same person cannot be stored twice: what is kept stays."""
    store.put_sealed(KEY)
    with pytest.raises(sqlite3.IntegrityError):
        store.put_sealed(attrs.evolve(KEY, sealed=b"other"))
    assert [KEY] == store.sealed("li.hua")


def test_the_ledgers_key_comes_back(store: KeyStore) -> None:
    """The key that signs checkpoints is found by the origin; another name is told to be missing."""
    store.put_ledger_key("archive.example/tests", bytes(range(32)))
    assert bytes(range(32)) == store.ledger_key("archive.example/tests")
    with pytest.raises(StoreDamaged, match=r"holds no checkpoint key for archive\.example/other"):
        store.ledger_key("archive.example/other")


def test_accounts_are_replaced_by_username(store: KeyStore) -> None:
    """An inspector's account can be renewed; all are listed by name."""
    later = attrs.evolve(INSPECTOR, valid_until="2027-01-01")
    other = attrs.evolve(INSPECTOR, username="an.quan")
    for account in (INSPECTOR, other, later):
        store.put_account(account)
    assert [other, later] == store.accounts()


def test_keys_survive_reopening(store: KeyStore) -> None:
    """What was stored is in the file, not in a connection."""
    store.put_sealed(KEY)
    assert [KEY] == KeyStore(store.path, WriterLock(store.path.with_name(".lock"))).sealed("li.hua")


def test_an_existing_file_is_not_taken_over(store: KeyStore) -> None:
    """Founding never overwrites keys."""
    with pytest.raises(FileExistsError):
        KeyStore.create(store.path, WriterLock(store.path.with_name(".lock")))


def test_a_newer_format_is_not_opened(store: KeyStore) -> None:
    """Keys of a later release are refused."""
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(FormatTooNew):
        store.accounts()


@pytest.mark.parametrize("content", [b"", b"no database" * 200])
def test_what_holds_no_keys_is_told(store: KeyStore, content: bytes) -> None:
    """An empty or foreign file in the place of keys.db is damage, not an empty store."""
    store.path.write_bytes(content)
    for call in (store.accounts, lambda: store.put_sealed(KEY)):
        with pytest.raises(StoreDamaged):
            call()
    assert content == store.path.read_bytes()


def test_missing_keys_are_told(store: KeyStore) -> None:
    """Without keys.db nobody can sign, and the file is named."""
    store.path.unlink()
    with pytest.raises(StoreDamaged, match=r"keys\.db cannot be used: it is missing"):
        store.accounts()
    assert not store.path.exists()
