"""
Which file systems an archive may lie on.
"""

from pathlib import Path

import pytest

from archive_core.errors import NetworkFolder
from archive_core.store import filesystem
from archive_core.store.filesystem import kind_of, refuse_network

MOUNTS = r"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:25 / /mnt/share rw,relatime - nfs4 server:/export rw
31 30 0:26 / /mnt/share/local rw - xfs /dev/vdb rw
32 22 0:27 / /mnt/our\040files rw - cifs //server/files rw
33 22 0:28 / /home/me/cloud rw - fuse.sshfs me@server:/ rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/archive", "ext4"),
        ("/mnt/share", "nfs4"),
        ("/mnt/share/archive", "nfs4"),
        ("/mnt/share/local/archive", "xfs"),
        ("/mnt/shared/archive", "ext4"),
        ("/mnt/our files/archive", "cifs"),
        ("/home/me/cloud/archive", "fuse.sshfs"),
    ],
)
def test_the_nearest_mount_decides(folder: str, kind: str) -> None:
    """
    The longest mount point above a path tells its file system; names that only begin alike do not.
    """
    assert kind_of(Path(folder), MOUNTS) == kind


def test_a_network_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    What lies on NFS is refused with the kind of file system; a local folder passes.
    """
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"22 1 0:1 / {tmp_path} rw - nfs server:/ rw\n", encoding="utf-8")
    refuse_network(tmp_path)
    monkeypatch.setattr(filesystem, "MOUNTS", mounts)
    with pytest.raises(NetworkFolder) as caught:
        refuse_network(tmp_path / "archive")
    assert caught.value.kind == "nfs"
