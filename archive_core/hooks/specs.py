"""
The plugin contract: every hook, its arguments and what it returns.

A plugin is a module (entry point group `archive_core`, or a file in the archive's `plugins/`) with functions marked
`hookimpl`. Results are sorted by name before anything is stored or hashed, so the order of installation never matters.

Commands are not a hook: a plugin names them in the entry point group `archive_core.commands` (`demo =
"my_pack.command:demo"`, a click command), so that `archive --help` lists them without importing any plugin.
"""

from collections.abc import Iterable

import pluggy

from archive_core.model.due import FallsDue
from archive_core.model.finding import Finding
from archive_core.model.proposed import Kept, Proposed, Reader

GROUP = "archive_core"
hookspec = pluggy.HookspecMarker(GROUP)


@hookspec
def archive_record_types() -> Iterable[type]:  # type: ignore[empty-body]
    """
    Return the classes made with `record_type` that this plugin brings.
    """


@hookspec
def archive_check(proposed: Proposed, reader: Reader) -> Iterable[Finding]:  # type: ignore[empty-body]
    """
    Judge a proposed version against other records; return findings, of which an ERROR refuses it.

    Called for every version of every type after its fields and its own rules were found good. An exception refuses the
    version in the plugin's name.
    """


@hookspec
def archive_due(kept: Kept) -> Iterable[FallsDue]:  # type: ignore[empty-body]
    """
    Return what falls due about a version in force, past days included: licences that end, reviews that come round.

    Called for every version in force of every type when the reading room is written.
    """
