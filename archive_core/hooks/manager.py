"""
Loading plugins: entry points of the group `archive_core`, then files in the archive's own `plugins/`.
"""

import difflib
import importlib.util
import sys
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

import attrs
import pluggy

from archive_core.errors import HookUnknown, PluginFailed
from archive_core.hooks import specs

hookimpl = pluggy.HookimplMarker(specs.GROUP)
PREFIX = "archive_"


@attrs.frozen
class Origin:
    """
    The distribution a plugin came with; a file in the archive's own folder comes with none.
    """

    distribution: str
    version: str


LOCAL = Origin("local", "0")


@attrs.frozen
class Plugins:
    """
    The loaded plugins, and where each came from by plugin name.
    """

    manager: pluggy.PluginManager
    origins: Mapping[str, Origin]


def load_plugins(local: Path | None = None) -> Plugins:
    """
    Load every installed plugin, in order of their names, then the local ones.

    Args:
        local: folder whose `*.py` files are plugins too.

    Raises:
        PluginFailed: a plugin does not import or register.
        HookUnknown: a plugin implements a hook that does not exist.
    """
    manager = pluggy.PluginManager(specs.GROUP)
    manager.add_hookspecs(specs)
    origins: dict[str, Origin] = {}
    for point in sorted(entry_points(group=specs.GROUP), key=lambda point: point.name):
        _register(manager, point.name, _load_point(point))
        origins[point.name] = Origin(point.dist.name, point.dist.version) if point.dist else LOCAL
    for path in sorted(local.glob("*.py")) if local and local.is_dir() else ():
        _register(manager, path.stem, _load_file(path))
        origins[path.stem] = LOCAL
    _check_hooks(manager)
    return Plugins(manager, origins)


def _load_point(point: EntryPoint) -> object:
    try:
        return point.load()
    except (Exception, SystemExit) as error:
        raise PluginFailed(point.name, f"{type(error).__name__}: {error}") from error


def _load_file(path: Path) -> ModuleType:
    name = f"archive_core_local_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PluginFailed(path.stem, "it is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # attrs resolves annotations through sys.modules
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise PluginFailed(path.stem, f"{type(error).__name__}: {error}") from error
    return module


def _register(manager: pluggy.PluginManager, name: str, plugin: object) -> None:
    try:
        manager.register(plugin, name=name)
    except Exception as error:
        raise PluginFailed(name, str(error)) from error


def _check_hooks(manager: pluggy.PluginManager) -> None:
    known = [name for name in vars(specs) if name.startswith(PREFIX)]
    for name, plugin in manager.list_name_plugin():
        for attribute in dir(plugin):
            function = getattr(plugin, attribute, None)
            marked = hasattr(function, f"{specs.GROUP}_impl")
            if (marked or attribute.startswith(PREFIX)) and callable(function) and attribute not in known:
                near = difflib.get_close_matches(attribute, known, n=1)
                raise HookUnknown(name, attribute, near[0] if near else "")
            if attribute in known and callable(function) and not marked:
                raise PluginFailed(name, f"{attribute} is not marked with @hookimpl")
