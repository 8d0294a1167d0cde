"""Writes requirements-scaled.lock: what `curator[scaled]` needs besides, in the developers' versions."""

import re
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
_PINNED = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[.*\])?==")
_WANTED = "celery"


def locked(name: str) -> dict[str, list[str]]:
    """Returns a lock's lines by package, without comments."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if begins := _PINNED.match(line):
            lines = found.setdefault(_key(begins[1]), [])
        if not line.lstrip().startswith("#"):
            lines.append(line)
    return found


def needed(wanted: str) -> set[str]:
    """Returns a package with all that it needs on this machine."""
    found: set[str] = set()
    todo = [wanted]
    while todo:
        name = _key(todo.pop())
        if name not in found:
            found.add(name)
            asked = [Requirement(each) for each in requires(name) or []]
            todo += [each.name for each in asked if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    known, have = locked("requirements-dev.lock"), locked("requirements.lock")
    written = [line for name in sorted(needed(_WANTED) - have.keys()) for line in known[name]]
    (ROOT / "requirements-scaled.lock").write_text("\n".join(written) + "\n", encoding="utf-8")
