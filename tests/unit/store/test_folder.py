from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_core.errors import ConfigMalformed, FolderNotEmpty, FormatTooNew, NoRights, NotAnArchive
from archive_core.store.folder import Config, Folder, format_config, parse_config, read_config

HERE = Path("archive.toml")
GOOD = Config(name="测试档案", origin="archive.example/tests")
texts = st.text(st.characters(exclude_categories=["Cs"]))
configs = st.builds(
    Config,
    name=texts,
    origin=texts,
    time_zone=st.sampled_from(sorted(available_timezones() - {"localtime"})),
    journals=st.lists(texts.filter(bool), min_size=1).map(tuple),
    argon2_memory_kib=st.integers(19456, 2**31),
    argon2_passes=st.integers(2, 100),
    argon2_lanes=st.integers(1, 100),
)


@given(configs)
def test_settings_round_trip(config: Config) -> None:
    """Whatever the settings, their text reads back as the same settings."""
    assert config == parse_config(format_config(config), HERE)


def test_the_text_is_for_people() -> None:
    """archive.toml names each setting on a line of its own."""
    lines = format_config(GOOD).splitlines()
    assert {'name = "测试档案"', "format = 1", 'journals = ["checkpoints.log"]', "[argon2]"} <= set(lines)


def changed(old: str, new: str) -> str:
    text = format_config(GOOD)
    assert 1 == text.count(old)
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name = ", "Invalid value"),
        ("", "format must be 1, got None"),
        (changed("format = 1", ""), "format must be 1, got None"),
        (changed("format = 1", "format = 0"), "format must be 1, got 0"),
        (changed("format = 1", "format = true"), "format must be 1, got True"),
        (changed("format = 1", 'format = "1"'), "format must be 1, got '1'"),
        (changed('name = "测试档案"', ""), "name is missing"),
        (changed('origin = "archive.example/tests"', ""), "origin is missing"),
        (changed('name = "测试档案"', "name = 5"), "name must be str, got 5"),
        (changed('name = "测试档案"', 'nmae = "x"'), "unknown key nmae"),
        (changed("passes = 3", 'passes = "3"'), "argon2.passes must be int, got '3'"),
        (changed("passes = 3", "passes = true"), "argon2.passes must be int, got True"),
        (changed("passes = 3", "pases = 3"), "unknown key argon2.pases"),
        (changed("format = 1", "format = 1\nargon2_passes = 3"), "unknown key argon2_passes"),
        (changed("[argon2]", "[argon3]"), "unknown key argon3"),
        ('format = 1\nname = "n"\norigin = "o"\nargon2 = 5', "argon2 must be a table, got 5"),
        (changed("passes = 3", "passes = 1"), "the argon2 cost must be at least"),
        (changed("memory_kib = 65536", "memory_kib = 19455"), "the argon2 cost must be at least"),
        (changed("lanes = 4", "lanes = 0"), "the argon2 cost must be at least"),
        (changed('["checkpoints.log"]', "[]"), "at least one journal is needed"),
        (changed('["checkpoints.log"]', "[5]"), "journals must be file names, got [5]"),
        (changed('["checkpoints.log"]', '[""]'), "journals must be file names, got ['']"),
        (changed('["checkpoints.log"]', '"checkpoints.log"'), "journals must be list"),
        (changed("Asia/Shanghai", "Asia/Peking"), "there is no time zone Asia/Peking"),
        (changed("Asia/Shanghai", "Asia"), "there is no time zone Asia"),
        (changed("Asia/Shanghai", "../etc/passwd"), "there is no time zone ../etc/passwd"),
        (changed("Asia/Shanghai", ""), "there is no time zone"),
    ],
)
def test_every_mistake_is_named(text: str, problem: str) -> None:
    """A mistake in archive.toml is told with the key and what stands there."""
    with pytest.raises(ConfigMalformed) as refused:
        parse_config(text, HERE)
    assert (str(HERE), True) == (refused.value.path, refused.value.problem.startswith(problem))


def test_a_newer_format_is_not_read() -> None:
    """Settings of a later release are refused, unknown keys and all."""
    with pytest.raises(FormatTooNew) as refused:
        parse_config("format = 2\nsomething = 1", HERE)
    assert (2, 1) == (refused.value.found, refused.value.known)


def test_settings_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """A file in another encoding is told by the byte where it stops making sense."""
    path = tmp_path / "archive.toml"
    path.write_bytes(b'name = "' + "测试".encode("gb18030"))
    with pytest.raises(ConfigMalformed, match="not UTF-8 at byte 8"):
        read_config(path)


def test_what_is_not_said_has_a_default() -> None:
    """Name and origin are enough; the rest is Shanghai, one journal and the full cost."""
    config = parse_config('format = 1\nname = "n"\norigin = "o"\n', HERE)
    assert (Config(name="n", origin="o"), ZoneInfo("Asia/Shanghai")) == (config, config.zone)
    assert (65536, 3, 4, ("checkpoints.log",)) == (
        config.argon2_memory_kib, config.argon2_passes, config.argon2_lanes, config.journals,
    )  # fmt: skip


def test_a_founded_folder_is_found_from_below(tmp_path: Path) -> None:
    """The nearest archive.toml above counts, from the folder itself or from deep inside."""
    folder = Folder.found(tmp_path / "new" / "archive", GOOD)
    deep = folder.root / "room" / "deep"
    deep.mkdir()
    assert [folder, folder] == [Folder.nearest(folder.root), Folder.nearest(deep)]
    assert GOOD == read_config(folder.config)
    assert ["archive.toml", "blobs", "plugins", "room", "types"] == sorted(path.name for path in folder.root.iterdir())


def test_inner_archives_come_first(tmp_path: Path) -> None:
    """An archive inside another's folder is itself."""
    Folder.found(tmp_path / "outer", GOOD)
    inner = Folder.found(tmp_path / "outer" / "room" / "inner", GOOD)
    assert inner == Folder.nearest(inner.root)


def test_outside_of_any_archive_there_is_none(tmp_path: Path) -> None:
    """Where no archive.toml lies, or only a folder of that name, the folder asked for is named."""
    (tmp_path / "archive.toml").mkdir()
    with pytest.raises(NotAnArchive, match=f"there is no archive in {tmp_path} or above it"):
        Folder.nearest(tmp_path)


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    """Founding touches nothing that was there."""
    (tmp_path / ".hidden").write_text("x")
    with pytest.raises(FolderNotEmpty):
        Folder.found(tmp_path, GOOD)
    assert [".hidden"] == [path.name for path in tmp_path.iterdir()]


def test_a_file_is_no_place_for_an_archive(tmp_path: Path) -> None:
    """A file in the way is told, and stays."""
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(NoRights):
            Folder.found(path, GOOD)
    assert "x" == (tmp_path / "file").read_text()


def test_journals_may_lie_anywhere(tmp_path: Path) -> None:
    """A relative journal lies in the archive, an absolute one where it says."""
    config = Config(name="n", origin="o", journals=("checkpoints.log", "/mnt/worm/log"))
    assert [tmp_path / "checkpoints.log", Path("/mnt/worm/log")] == Folder(tmp_path).journals(config)
