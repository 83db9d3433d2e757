"""
The archive's folder: where each file lies, and `archive.toml`.

    archive.toml      name, origin, time zone, journals, argon2 cost      blobs/      attachments and import sources
    ledger.db         the evidence                                        types/      TOML record types
    keys.db           sealed keys                                         plugins/    local plugins
    checkpoints.log   the journal                                         room/       reading rooms, rebuildable
"""

import shutil
import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from archive_core.errors import ConfigMalformed, FolderNotEmpty, FormatTooNew, NoRights, NotAnArchive
from archive_core.store.filesystem import refuse_network

CONFIG = "archive.toml"
FORMAT = 1


@attrs.frozen(kw_only=True)
class Config:
    """
    What `archive.toml` says; `argon2_*` is the cost of unsealing a key, never below OWASP's minimum (19 MiB, 2 passes).
    """

    name: str
    origin: str
    time_zone: str = "Asia/Shanghai"
    journals: tuple[str, ...] = ("checkpoints.log",)
    argon2_memory_kib: int = 65536
    argon2_passes: int = 3
    argon2_lanes: int = 4

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@attrs.frozen
class Folder:
    """
    Paths inside one archive.
    """

    root: Path

    @property
    def config(self) -> Path:
        return self.root / CONFIG

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.db"

    @property
    def keys(self) -> Path:
        return self.root / "keys.db"

    @property
    def lock(self) -> Path:
        return self.root / ".writer.lock"

    @property
    def blobs(self) -> Path:
        return self.root / "blobs"

    @property
    def types(self) -> Path:
        return self.root / "types"

    @property
    def plugins(self) -> Path:
        return self.root / "plugins"

    @property
    def room(self) -> Path:
        return self.root / "room"

    @property
    def access(self) -> Path:
        return self.root / "access.db"

    def journals(self, config: Config) -> list[Path]:
        return [self.root / name for name in config.journals]

    @classmethod
    def nearest(cls, start: Path) -> "Folder":
        """
        Return the archive in `start` or the nearest folder above it.

        Raises:
            NotAnArchive: there is none.
            NoRights: the folder may not be entered.
        """
        try:
            for folder in (start.resolve(), *start.resolve().parents):
                if (folder / CONFIG).is_file():
                    return cls(folder)
        except PermissionError as error:
            raise NoRights(str(error.filename), "enter") from None
        raise NotAnArchive(str(start))

    @classmethod
    def found(cls, root: Path, config: Config) -> "Folder":
        """
        Make the folders and `archive.toml` of a new archive.

        Raises:
            FolderNotEmpty: something lies there already.
            NoRights: the folder cannot be made.
        NetworkFolder: it lies on a network file system.
        """
        refuse_network(root)
        try:
            if root.exists() and any(root.iterdir()):
                raise FolderNotEmpty(str(root))
            folder = cls(root.resolve())
            for path in (folder.blobs, folder.types, folder.plugins, folder.room):
                path.mkdir(parents=True, exist_ok=True)
            folder.config.write_text(format_config(config), encoding="utf-8")
        except (PermissionError, FileExistsError, NotADirectoryError) as error:
            raise NoRights(str(error.filename or root), "write") from None
        return folder

    def abandon(self, *, keep: bool) -> None:
        """
        Remove everything that a founding which failed has made.

        Args:
            keep: the folder itself was there before, and stays, empty.
        """
        for path in self.root.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        if not keep:
            self.root.rmdir()


def format_config(config: Config) -> str:
    """
    Return the text of `archive.toml`; inverse of `parse_config`.
    """
    journals = ", ".join(_quote(name) for name in config.journals)
    return f"""\
# This archive's settings. Its records are in ledger.db; point `journals` at another volume in production.
format = {FORMAT}
name = {_quote(config.name)}
origin = {_quote(config.origin)}
time_zone = {_quote(config.time_zone)}
journals = [{journals}]

[argon2]
memory_kib = {config.argon2_memory_kib}
passes = {config.argon2_passes}
lanes = {config.argon2_lanes}
"""


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in escaped) + '"'


def read_config(path: Path) -> Config:
    """
    Return the settings of an archive.

    Raises:
        ConfigMalformed: not TOML, an unknown key, a value of another type, an unknown time zone, a cost below the
        minimum. FormatTooNew: written by a later release.
        NoRights: the file may not be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except PermissionError:
        raise NoRights(str(path), "read") from None
    except UnicodeDecodeError as error:
        raise ConfigMalformed(str(path), f"not UTF-8 at byte {error.start}") from None
    return parse_config(text, path)


def parse_config(text: str, path: Path) -> Config:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigMalformed(str(path), str(error)) from None
    found = data.pop("format", None)
    if type(found) is not int or found < 1:
        raise ConfigMalformed(str(path), f"format must be {FORMAT}, got {found!r}")
    if found > FORMAT:
        raise FormatTooNew(str(path), found, FORMAT)
    argon2 = data.pop("argon2", {})
    if type(argon2) is not dict:
        raise ConfigMalformed(str(path), f"argon2 must be a table, got {argon2!r}")
    for key in data:
        if key.startswith("argon2_"):
            raise ConfigMalformed(str(path), f"unknown key {key}")
    return _config({**data, **{f"argon2_{key}": value for key, value in argon2.items()}}, path)


_KINDS = {
    "name": str,
    "origin": str,
    "time_zone": str,
    "journals": list,
    "argon2_memory_kib": int,
    "argon2_passes": int,
    "argon2_lanes": int,
}


def _config(known: dict[str, Any], path: Path) -> Config:
    for key, value in known.items():
        shown = key.replace("argon2_", "argon2.")
        if key not in _KINDS:
            raise ConfigMalformed(str(path), f"unknown key {shown}")
        if type(value) is not _KINDS[key]:
            raise ConfigMalformed(str(path), f"{shown} must be {_KINDS[key].__name__}, got {value!r}")
    for key in ("name", "origin"):
        if key not in known:
            raise ConfigMalformed(str(path), f"{key} is missing")
    if "journals" in known:
        if not all(type(name) is str and name for name in known["journals"]):
            raise ConfigMalformed(str(path), f"journals must be file names, got {known['journals']!r}")
        known = {**known, "journals": tuple(known["journals"])}
    return _checked(Config(**known), path)


def _checked(config: Config, path: Path) -> Config:
    try:
        ZoneInfo(config.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigMalformed(str(path), f"there is no time zone {config.time_zone}") from None
    if config.argon2_memory_kib < 19456 or config.argon2_passes < 2 or config.argon2_lanes < 1:
        raise ConfigMalformed(str(path), "the argon2 cost must be at least memory_kib 19456, passes 2, lanes 1")
    if not config.journals:
        raise ConfigMalformed(str(path), "at least one journal is needed")
    return config
