"""
Founding, persons, logins, and what stands in the way of opening.
"""

import ctypes
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from support import BOSS, CHEAP, PASSWORD, QA1, QA2, STAFF, TestClock, visit

from archive_core import Archive, Founder
from archive_core.errors import (
    ArchiveError,
    ConfigMalformed,
    ContentRefused,
    FolderNotEmpty,
    FormatTooNew,
    KeysExposed,
    LoginRefused,
    NotAnArchive,
    OriginMalformed,
    PasswordTooWeak,
    RoleMissing,
    SecondQaMissing,
    SelfApproval,
    UsernameTaken,
)

Open = Callable[[str | None], Archive]
FOUNDER = Founder(username=QA1, name_zh="李华", name_en="Li Hua")
NOBODY = 65534


def found(path: Path, password: str = PASSWORD) -> Archive:
    return Archive.init(
        path, name="新", origin="archive.example/new", founder=FOUNDER, password=password, cost=CHEAP, clock=TestClock()
    )


def test_the_founder_signs_charter_and_types(tmp_path: Path) -> None:
    """
    After founding every installed type is in force, signed, and the ledger verifies.
    """
    with found(tmp_path / "new") as archive:
        assert archive.unregistered_types() == []
        assert archive.show(archive.find("archive_charter", "archive.example/new")).signoffs[0].step == "found"
        assert (archive.verify().flaws, archive.alarm) == ((), None)


def test_nothing_is_taken_before_a_second_qa_person_is_enrolled(tmp_path: Path) -> None:
    """
    With one QA person alone nothing could ever be approved, so the archive asks for a second first.
    """
    with found(tmp_path / "new") as archive:
        with pytest.raises(SecondQaMissing):
            archive.capture("person", {})
        with pytest.raises(SecondQaMissing):
            archive.register_types("person")
        archive.add_person(QA2, name_zh="王伟", name_en="Wang Wei", roles=["qa"], password=PASSWORD)
        archive.login(QA2, PASSWORD)
        archive.add_person(STAFF, name_zh="张三", name_en="Zhang San", roles=["handler"], password=PASSWORD)
        assert archive.verify().flaws == ()


def test_after_the_founding_a_person_needs_another_signature(open_as: Open) -> None:
    """
    A proposed person cannot log in, their author cannot approve them, a second QA person can.
    """
    archive = open_as(QA1)
    record = archive.add_person("sun.li", name_zh="孙丽", name_en="Sun Li", roles=["handler"], password=PASSWORD).record
    with pytest.raises(LoginRefused):
        archive.login("sun.li", PASSWORD)
    with pytest.raises(SelfApproval):
        archive.sign(record)
    archive.login(QA2, PASSWORD)
    archive.sign(record)
    assert archive.login("sun.li", PASSWORD).roles == {"handler"}


def test_only_qa_proposes_persons_and_types(open_as: Open) -> None:
    """
    Staff may not add people or register types.
    """
    archive = open_as(STAFF)
    with pytest.raises(RoleMissing):
        archive.add_person("sun.li", name_zh="孙", name_en="Sun", roles=["qa"], password=PASSWORD)
    with pytest.raises(RoleMissing):
        archive.register_types()


@pytest.mark.parametrize("username", [STAFF, STAFF.upper()])
def test_usernames_are_never_reissued(open_as: Open, username: str) -> None:
    """
    Not even in another case.
    """
    with pytest.raises(UsernameTaken):
        open_as(QA1).add_person(username, name_zh="张", name_en="Z", roles=["handler"], password=PASSWORD)


def test_an_odd_username_is_refused(open_as: Open) -> None:
    """
    Usernames are plain ASCII, so that none looks like another.
    """
    with pytest.raises(ContentRefused, match="username"):
        open_as(QA1).add_person("zhаng", name_zh="张", name_en="Z", roles=["handler"], password=PASSWORD)


@pytest.mark.parametrize(("username", "password"), [("nobody", PASSWORD), (STAFF, "wrong password"), (STAFF, "")])
def test_a_wrong_login_is_refused_alike(folder: Path, username: str, password: str) -> None:
    """
    An unknown username and a wrong password give the same refusal.
    """
    with pytest.raises(LoginRefused) as caught:
        Archive.open(folder, user=username, password=password)
    assert "do not match an active person" in str(caught.value)


def test_a_deactivated_person_cannot_act_and_their_signatures_stand(open_as: Open) -> None:
    """
    Old signatures of a disabled person still show and verify.
    """
    archive = open_as(STAFF)
    record = archive.capture("visit_note", visit()).record
    archive.sign(record)
    archive.login(QA1, PASSWORD)
    person = archive.find("person", STAFF)
    archive.amend(person, {**archive.show(person).fields, "active": False}, reason="离职", seen=1)
    archive.login(QA2, PASSWORD)
    archive.sign(person)
    with pytest.raises(LoginRefused):
        archive.login(STAFF, PASSWORD)
    archive.login(BOSS, PASSWORD)
    archive.sign(record)
    assert [mark.name_zh for mark in archive.show(record).signoffs] == ["张三", "赵敏"]
    assert archive.verify().flaws == ()


def test_a_short_password_is_refused_and_nothing_is_made(tmp_path: Path) -> None:
    """
    The founder's password is judged before any file is written.
    """
    with pytest.raises(PasswordTooWeak):
        found(tmp_path / "new", password="short")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("founder", "origin", "refusal"),
    [
        (FOUNDER, "has a space", OriginMalformed),
        (FOUNDER, "archive-core/entry/1", OriginMalformed),
        (Founder(username="Li Hua", name_zh="李华", name_en="Li Hua"), "archive.example/new", ContentRefused),
        (Founder(username=QA1, name_zh="", name_en="Li Hua"), "archive.example/new", ContentRefused),
    ],
)
def test_a_founding_that_fails_leaves_nothing(
    tmp_path: Path, founder: Founder, origin: str, refusal: type[ArchiveError]
) -> None:
    """
    Whatever is refused, the folder is as it was: absent, or there and empty.
    """
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "new", tmp_path / "empty"):
        with pytest.raises(refusal):
            Archive.init(path, name="新", origin=origin, founder=founder, password=PASSWORD, cost=CHEAP)
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    """
    An archive is founded only in an empty or new folder.
    """
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FolderNotEmpty):
        found(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_opening_finds_the_nearest_archive(folder: Path) -> None:
    """
    From a folder inside the archive the archive above is opened.
    """
    with Archive.open(folder / "blobs") as archive:
        assert archive.folder.root == folder


def test_no_archive_is_said_plainly(tmp_path: Path) -> None:
    """
    Where there is no archive.toml here or above, the refusal says so.
    """
    with pytest.raises(NotAnArchive):
        Archive.open(tmp_path)


def test_a_newer_ledger_is_not_read(folder: Path) -> None:
    """
    A format above ours is refused before anything is read.
    """
    import sqlite3

    connection = sqlite3.connect(folder / "ledger.db")
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(FormatTooNew) as caught:
        Archive.open(folder)
    assert (caught.value.found, caught.value.known) == (2, 1)


def test_a_newer_config_is_not_read(folder: Path) -> None:
    """
    The same for archive.toml; an unreadable one is named.
    """
    text = (folder / "archive.toml").read_text(encoding="utf-8")
    (folder / "archive.toml").write_text(text.replace("format = 1", "format = 7"), encoding="utf-8")
    with pytest.raises(FormatTooNew):
        Archive.open(folder)
    (folder / "archive.toml").write_text(text + "\nunknown = 1\n", encoding="utf-8")
    with pytest.raises(ConfigMalformed):
        Archive.open(folder)


def test_exposed_keys_are_not_used(folder: Path) -> None:
    """
    keys.db that others can read stops the login.
    """
    (folder / "keys.db").chmod(0o644)
    with pytest.raises(KeysExposed):
        Archive.open(folder, user=STAFF, password=PASSWORD)


def test_keys_are_sealed_and_private(folder: Path) -> None:
    """
    keys.db has mode 0600 and holds no password and no person's private key in the clear.
    """
    from archive_core.ledger.keys import public_key
    from archive_core.people.sealing import Cost, Sealed, open_key

    with Archive.open(folder) as archive:
        (kept,) = archive.keys.sealed(STAFF)
    cost = Cost(memory_kib=kept.memory_kib, passes=kept.passes, lanes=kept.lanes)
    sealed = Sealed(cost=cost, salt=kept.salt, nonce=kept.nonce, sealed=kept.sealed)
    bound = b"archive-core/sealed-key/1\n" + STAFF.encode() + b"\n" + kept.public_key
    private = open_key(sealed, PASSWORD, bound, STAFF)
    assert public_key(private) == kept.public_key
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert (private in stored, PASSWORD.encode() in stored) == (False, False)
    assert stat.S_IMODE((folder / "keys.db").stat().st_mode) == 0o600


def test_the_archive_reads_without_write_rights(folder: Path) -> None:
    """
    Somebody who may only read the folder can show and verify, and is told plainly when they try to write.
    """
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        copy = Path(shutil.copytree(folder, Path(name) / "archive"))
        for path in (Path(name), copy, *copy.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        (copy / "keys.db").chmod(0o600)
        if os.geteuid() == 0:
            for path in (Path(name), copy, *copy.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
        told = _as_nobody(lambda: _read_and_try_to_write(copy))
        for path in (Path(name), copy, *copy.rglob("*")):
            path.chmod(0o755)
    assert told == "nothing found; refused: NoRights"


def _read_and_try_to_write(folder: Path) -> str:
    with Archive.open(folder) as archive:
        found = "nothing found" if archive.verify().flaws == () else "flaws found"
        try:
            archive.login(STAFF, PASSWORD)
        except ArchiveError as error:
            return f"{found}; refused: {type(error).__name__}"
    return f"{found}; not refused"


def _as_nobody(act: Callable[[], str]) -> str:
    """
    Call something in a child process without root's rights, and return what it said.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if os.geteuid() == 0:
                _give_up_capabilities()
            said = act()
        except BaseException as error:  # noqa: BLE001 - the child must report, not raise
            said = repr(error)
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(pid, 0)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        return pipe.read()


def _give_up_capabilities() -> None:
    """
    Make root an ordinary user, who still may read root's own files: Python may be installed in root's home.
    """
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    nothing = (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(header, nothing) != 0:
        raise OSError(ctypes.get_errno(), "capset")
