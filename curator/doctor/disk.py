"""Judges the disk that a database lies on, from what the system says about it. Pure."""

from pathlib import PurePath

from curator.findings import Finding, Level

_FAR = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "vboxsf", "virtiofs"}
)
# With less, the next backup or a day's mailings fill it: 100,000 deliveries with their batches take about 30 MB.
_LITTLE_BYTES = 1_000_000_000
_TOO_LITTLE_BYTES = 100_000_000


def filesystem_of(path: PurePath, mounts: str) -> str:
    """Returns the kind of file system under an absolute path; `mounts` is /proc/mounts, "" where there is none."""
    kind, depth = "", -1
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        place = PurePath(_unescaped(fields[1]))
        if path.is_relative_to(place) and len(place.parts) >= depth:
            kind, depth = fields[2], len(place.parts)
    return kind


def is_far(kind: str) -> bool:
    """Tells whether a file system lies on another machine: SQLite's locks do not hold there."""
    return kind.removeprefix("fuse.") in _FAR or kind in ("fuse.sshfs", "fuse.s3fs", "fuse.rclone")


def room(free_bytes: int, folder: PurePath) -> Finding:
    """Judges how much fits on the disk yet."""
    what = f"{free_bytes / 1e9:,.1f} GB are free at {folder}."
    if free_bytes < _TOO_LITTLE_BYTES:
        return Finding(Level.WRONG, "disk", what, "Make room: a full disk stops the sending.")
    if free_bytes < _LITTLE_BYTES:
        return Finding(Level.LOOK, "disk", what, "Make room before it is full.")
    return Finding(Level.OK, "disk", what)


def _unescaped(text: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text
