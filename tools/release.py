"""Builds the release: one archive of what an installation needs to run, the same bytes each time, and its checksum.

    python -m tools.release [FOLDER]

What goes in is what git keeps of it, as it lies in the work tree. Times are those of the commit, owners nobody's.
"""

import gzip
import hashlib
import io
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parent.parent
TAKEN = ("curator/", "migrations/", "templates/", "docs/", "deploy/")
TAKEN_FILES = (
    *(
        "config.py",
        "wsgi.py",
        "pyproject.toml",
        "requirements.lock",
        "requirements-scaled.lock",
        "requirements-build.in",
    ),
    *("README.md", "CHANGELOG.md", "LICENSE", "Makefile"),
)
_VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)


def version() -> str:
    """Returns what the code says of itself: the one place that says it."""
    found = _VERSION.search((ROOT / "curator" / "__init__.py").read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def taken() -> list[str]:
    """Returns the files of a release, in order."""
    tracked = _git("ls-files", "-z").split("\0")
    return sorted(name for name in tracked if name.startswith(TAKEN) or name in TAKEN_FILES)


def archive(names: Iterable[str], *, prefix: str, at: int) -> bytes:
    """Returns a tar.gz of these files; the same files at the same moment are the same bytes."""
    packed = io.BytesIO()
    # Python writes no name and, told so, no time into the gzip's head.
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="") as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name in names:
            content = (ROOT / name).read_bytes()
            member = tarfile.TarInfo(f"{prefix}/{name}")
            member.size, member.mtime = len(content), at
            member.mode = 0o755 if (ROOT / name).stat().st_mode & 0o100 else 0o644
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def build(folder: Path) -> Path:
    """Writes the archive and its checksum into a folder and returns the archive's path."""
    prefix = f"curator-{version()}"
    content = archive(taken(), prefix=prefix, at=int(_git("log", "-1", "--format=%ct")))
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"{prefix}.tar.gz"
    made.write_bytes(content)
    made.with_name(f"{made.name}.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  {made.name}\n")
    return made


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    built = build(Path(sys.argv[1] if len(sys.argv) > 1 else "dist"))
    print(f"{built} ({built.stat().st_size:,} bytes)")
