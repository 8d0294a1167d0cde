"""Which disk a database lies on, and how much fits on it."""

from pathlib import PurePosixPath

import pytest

from curator.doctor.disk import filesystem_of, is_far, room
from curator.findings import Level

MOUNTS = r"""/dev/sda1 / ext4 rw 0 0
server:/export /srv/news nfs4 rw 0 0
tmpfs /srv/news/cache tmpfs rw 0 0
host:/x /mnt/with\040space fuse.sshfs rw 0 0
overlay
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/curator", "ext4"),
        ("/srv/news", "nfs4"),
        ("/srv/news/var/curator.sqlite3", "nfs4"),
        ("/srv/newsletter", "ext4"),
        ("/srv/news/cache/x", "tmpfs"),
        ("/mnt/with space/x", "fuse.sshfs"),
    ],
)
def test_the_deepest_mount_tells_the_file_system(path: str, kind: str) -> None:
    assert filesystem_of(PurePosixPath(path), MOUNTS) == kind


def test_a_later_mount_lies_over_an_earlier_one_and_without_a_table_nothing_is_known() -> None:
    assert filesystem_of(PurePosixPath("/a"), f"{MOUNTS}\nother / btrfs rw 0 0") == "btrfs"
    assert filesystem_of(PurePosixPath("/a"), "") == ""


@pytest.mark.parametrize(
    ("kind", "far"),
    [("ext4", False), ("", False), ("fuse.mergerfs", False), ("nfs4", True), ("fuse.sshfs", True), ("fuse.ceph", True)],
)
def test_a_disk_of_another_machine_is_told_from_one_here(kind: str, far: bool) -> None:
    assert is_far(kind) is far


@pytest.mark.parametrize(("free", "level"), [(2 * 10**9, Level.OK), (9 * 10**8, Level.LOOK), (10**7, Level.WRONG)])
def test_a_disk_that_fills_up_is_told_in_time(free: int, level: Level) -> None:
    assert room(free, PurePosixPath("/srv")).level is level
