"""What kind of file system the outbox is on."""

import os
from pathlib import Path

from gateway.outbox.unusable import OutboxUnusable

_MOUNTS = Path("/proc/self/mountinfo")

_NETWORK = frozenset(
    {
        "9p",
        "acfs",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "gfs",
        "gfs2",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "orangefs",
        "smb3",
        "smbfs",
        "vboxsf",
        "fuse.ceph-fuse",
        "fuse.cifs",
        "fuse.glusterfs",
        "fuse.gcsfuse",
        "fuse.goofys",
        "fuse.juicefs",
        "fuse.mount-s3",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
    }
)


def check(directory: Path, mounts: Path = _MOUNTS) -> None:
    """Refuse a network file system.

    SQLite's WAL needs memory that all processes share, and locks and syncs that do what they say;
    on file systems of several machines these are promised at best. Not known to be one is taken.

    Raises:
        OutboxUnusable: it is one.
    """
    kind = _kind_of(directory, mounts)
    if kind in _NETWORK:
        raise OutboxUnusable(
            directory, f"it is on a network file system ({kind}); the outbox needs a local one"
        )


def _kind_of(directory: Path, mounts: Path) -> str | None:
    """Return the type of a folder's file system; None where the system does not say."""
    device = directory.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        # 36 35 98:0 /root /mount rw,noatime shared:1 - ext3 /dev/root rw,errors=continue
        fields, _, rest = line.partition(" - ")
        if fields.split()[2] == wanted:
            return rest.split()[0]
    return None
