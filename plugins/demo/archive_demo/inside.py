"""
The one module of the pack that reaches behind `Archive`, as the commands do: import a table, let an inspector in,
make ready what they will see.
"""

from datetime import date
from pathlib import Path

from archive_core import Archive
from archive_core.importing.report import ImportReport
from archive_core.importing.run import Wishes
from archive_core.model.verification import Report
from archive_demo.cast import Colleague


def bring_in(archive: Archive, path: Path, mapping: Path) -> ImportReport:
    """
    Import a table as one batch that waits for its sign-off; return the report.
    """
    return archive.run_import(path, mapping, Wishes(alone=True))


def let_in(archive: Archive, inspector: Colleague, *, until: date) -> None:
    """
    Let an inspector read in the `inspector` reading room until the end of a day.
    """
    from archive_core.inspection.profile import profile_named
    from archive_core.inspection.rooms import add_inspector

    add_inspector(
        archive,
        inspector.username,
        name=inspector.name_zh,
        profile=profile_named("inspector"),
        until=until,
        password=inspector.password,
    )


def make_ready(folder: Path) -> Report:
    """
    Build the full reading room, verify the archive and let the room show the outcome.
    """
    from archive_core.inspection.profile import profile_named
    from archive_core.inspection.rooms import projector, tell_rooms

    with Archive.open(folder) as archive:
        projector(archive, profile_named("full")).catch_up()
        report = archive.verify()
        tell_rooms(archive, report)
    return report
