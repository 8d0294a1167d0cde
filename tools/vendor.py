"""Takes the browser's libraries into the repository: single files of npm packages, with their licences and hashes.

python tools/vendor.py            fetch what vendor.json names (needs npm) and write vendor.lock
python tools/vendor.py --check    compare the files with vendor.lock, offline
"""

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# What no browser of a reader or editor asks for lies elsewhere: vendor.json says so by "place".
PLACE = "curator/web/static/vendor"
WANTED = ROOT / "vendor.json"
LOCK = ROOT / "vendor.lock"


def take() -> None:
    """Fetches every package and writes the lock."""
    for package, told in json.loads(WANTED.read_text()).items():
        place = _place(told)
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            spec = f"{package}@{told['version']}"
            command = ["npm", "pack", "--silent", spec, "--pack-destination", folder]
            subprocess.run(command, check=True)  # noqa: S603 - what vendor.json names, by hand
            with tarfile.open(next(Path(folder).iterdir())) as tar:
                for inside, name in told["files"].items():
                    member = tar.extractfile(f"package/{inside}")
                    if member is None:
                        sys.exit(f"{spec} has no file {inside}.")
                    (place / name).write_bytes(member.read())
    LOCK.write_text("".join(f"{found}  {name}\n" for name, found in _hashes().items()))


def trouble() -> str | None:
    """Returns what differs from the lock, None when all is as it was taken."""
    locked = dict(reversed(line.split("  ", 1)) for line in LOCK.read_text().splitlines())
    found = _hashes()
    differing = sorted(name for name in locked.keys() | found.keys() if locked.get(name) != found.get(name))
    return f"Not as vendor.lock says: {', '.join(differing)}. Run tools/vendor.py." if differing else None


def _hashes() -> dict[str, str]:
    packages = json.loads(WANTED.read_text()).values()
    places = {_place(told) for told in packages}
    wanted = {_place(told) / name for told in packages for name in told["files"].values()}
    there = {path for place in places if place.is_dir() for path in place.iterdir()}
    found = sorted((path for path in wanted | there if path.exists()), key=lambda path: path.name)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def _place(told: dict[str, Any]) -> Path:
    return ROOT / str(told.get("place", PLACE))


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(trouble())
    take()
