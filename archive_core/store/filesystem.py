"""
Where an archive may lie: SQLite's locks and its write-ahead log cannot be trusted on network file systems.
"""

from pathlib import Path

from archive_core.errors import NetworkFolder

MOUNTS = Path("/proc/self/mountinfo")
NETWORKED = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "9p", "ceph", "glusterfs", "lustre", "beegfs", "gpfs"}
)
NETWORKED_FUSE = frozenset({"fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "fuse.davfs"})


def refuse_network(folder: Path) -> None:
    """
    Refuse a folder on a network file system; where the system does not tell (no `/proc`), nothing is refused.

    Raises:
        NetworkFolder: the folder's file system is one of those named above.
    """
    try:
        kind = kind_of(folder.resolve(), MOUNTS.read_text(encoding="utf-8", errors="surrogateescape"))
    except OSError:
        return
    if kind in NETWORKED | NETWORKED_FUSE:
        raise NetworkFolder(str(folder), kind)


def kind_of(folder: Path, mounts: str) -> str:
    """
    Return the type of the file system that holds an absolute path, empty when unknown.

    Args:
        mounts: text of `/proc/self/mountinfo`; a later mount on the same point hides the earlier one.
    """
    best, kind = -1, ""
    for line in mounts.splitlines():
        point, _, rest = line.partition(" - ")
        fields = point.split()
        if len(fields) < 5 or not rest:
            continue
        place = Path(fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
        if folder.is_relative_to(place) and len(place.parts) >= best:
            best, kind = len(place.parts), rest.split()[0]
    return kind
