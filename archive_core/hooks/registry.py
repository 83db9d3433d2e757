"""
What plugins brought, frozen after loading: record types by name, and the rules that judge proposed versions.
"""

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import attrs
import pluggy

from archive_core.canonical import encode
from archive_core.errors import PluginFailed, RuleFailed, TypeClaimedTwice, UnknownRecordType
from archive_core.hooks.manager import Origin, Plugins, load_plugins
from archive_core.model.due import FallsDue
from archive_core.model.finding import Finding
from archive_core.model.proposed import Kept, Proposed, Reader
from archive_core.model.record_type import RecordType, type_of
from archive_core.types.builtin import BUILTIN
from archive_core.types.usable import UsableType, all_findings

if TYPE_CHECKING:
    from pathlib import Path

CORE = "archive-core"


@attrs.frozen(slots=False)
class InstalledType:
    """
    A declared type and where its code comes from; digests are SHA-256 in hex.
    """

    record_type: RecordType
    plugin: str
    origin: Origin

    @cached_property
    def definition(self) -> bytes:
        """
        Canonical bytes of the definition.
        """
        return encode(self.record_type.to_json())

    @property
    def definition_sha256(self) -> str:
        return sha256(self.definition).hexdigest()

    @property
    def source_sha256(self) -> str:
        """
        Digest of the source file that declares the type.
        """
        cls = self.record_type.cls
        module = inspect.getmodule(cls) if cls else None
        source = inspect.getsource(module) if module else ""
        return sha256(source.encode()).hexdigest()


class Registry:
    """
    Record types and rules of all plugins.
    """

    def __init__(self, types: Mapping[str, InstalledType], manager: pluggy.PluginManager) -> None:
        self.types = MappingProxyType(dict(sorted(types.items())))
        self._rules = _implementations(manager.hook.archive_check)
        self._due = _implementations(manager.hook.archive_due)
        self._usable: dict[str, UsableType] = {}

    @classmethod
    def load(cls, local: "Path | None" = None) -> "Registry":
        """
        Load every plugin and collect what it brings.

        Raises:
            PluginError: any of the refusals of `load_plugins`, or a type name claimed twice.
        """
        plugins = load_plugins(local)
        return cls(_collect(plugins), plugins.manager)

    def installed(self, name: str) -> InstalledType:
        """
        Return the installed declaration of a type.

        Raises:
            UnknownRecordType: no plugin brings it.
        """
        found = self.types.get(name)
        if found is None:
            near = difflib.get_close_matches(name, self.types, n=1)
            raise UnknownRecordType(name, near[0] if near else "")
        return found

    def usable(self, name: str) -> UsableType:
        """
        Return the checker of an installed type; built once.
        """
        if name not in self._usable:
            installed = self.installed(name)
            self._usable[name] = UsableType(installed.record_type, installed.plugin)
        return self._usable[name]

    def check(self, proposed: Proposed, reader: Reader) -> list[Finding]:
        """
        Ask every plugin's cross-record rules about a proposed version.

        Raises:
            RuleFailed: a rule raised; the version is refused, never passed.
        """
        findings: list[Finding] = []
        for plugin, rule in self._rules:
            try:
                findings += all_findings(rule(proposed=proposed, reader=reader))
            except Exception as error:
                raise RuleFailed(plugin, f"{type(error).__name__}: {error}") from error
        return findings

    def falling_due(self, kept: Kept) -> list[FallsDue]:
        """
        Ask every plugin what falls due about a version in force; in order of days.

        Raises:
            PluginFailed: a plugin raised.
        """
        found: list[FallsDue] = []
        for plugin, ask in self._due:
            try:
                found += ask(kept=kept)
            except Exception as error:
                raise PluginFailed(plugin, f"archive_due: {type(error).__name__}: {error}") from error
        return sorted(found, key=lambda one: (one.day, one.what))


class _Implementation:
    """
    A plugin's hook implementation, called with the arguments it declares.
    """

    def __init__(self, function: Callable[..., Any], argnames: Iterable[str]) -> None:
        self._function = function
        self._argnames = tuple(argnames)

    def __call__(self, **arguments: object) -> Any:
        return self._function(**{name: arguments[name] for name in self._argnames}) or ()


def _implementations(caller: pluggy.HookCaller) -> tuple[tuple[str, _Implementation], ...]:
    found = [
        (impl.plugin_name, _Implementation(cast(Any, impl.function), impl.argnames)) for impl in caller.get_hookimpls()
    ]
    return tuple(sorted(found, key=lambda one: one[0]))


def _collect(plugins: Plugins) -> dict[str, InstalledType]:
    core = Origin(CORE, version(CORE))
    found = {type_of(cls).name: InstalledType(type_of(cls), CORE, core) for cls in BUILTIN}
    for impl in plugins.manager.hook.archive_record_types.get_hookimpls():
        for cls in _brought(impl.plugin_name, cast(Any, impl.function)):
            declared = type_of(cls)
            if declared.name in found:
                raise TypeClaimedTwice(declared.name, found[declared.name].plugin, impl.plugin_name)
            found[declared.name] = InstalledType(declared, impl.plugin_name, plugins.origins[impl.plugin_name])
    return found


def _brought(plugin: str, function: Callable[[], Iterable[type]]) -> list[type]:
    try:
        return sorted(function(), key=lambda cls: cls.__name__)
    except Exception as error:
        raise PluginFailed(plugin, f"archive_record_types: {type(error).__name__}: {error}") from error
