"""Where the files of an installation lie that no table can make again, and what they are called in a backup."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from curator.settings import Settings
from curator.settings.keys import dkim_dir

KEY = "keys/secret.key"
DATABASE = "database.sqlite3"
ROWS = "rows"


@dataclass(frozen=True)
class Kept:
    """A file that goes into a backup: its name there, and where it lies."""

    name: str
    path: Path


def folders(settings: Settings) -> dict[str, Path]:
    """Returns the folders by what they are called in a backup. Their files are written once and never changed."""
    return {
        "pictures": settings.pictures_dir or settings.data_dir / "pictures",
        "files": settings.files_dir or settings.data_dir / "files",
        "dkim": dkim_dir(settings.data_dir),
    }


def kept(settings: Settings) -> Iterator[Kept]:
    """Yields every file in order; one that is just being written has a name that begins with a dot, and waits."""
    seen = set()
    for name, folder in folders(settings).items():
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and not path.is_symlink() and not any(part.startswith(".") for part in inside.parts):
                seen.add(path.resolve())
                yield Kept(f"{name}/{inside.as_posix()}", path)
    for key in settings.dkim_keys:
        # Wherever an operator keeps it, it comes back under the name by which it is found without a setting.
        if key.path.is_file() and key.path.resolve() not in seen:
            yield Kept(f"dkim/{key.selector}._domainkey.{key.domain}.pem", key.path)


def place_of(settings: Settings, name: str) -> Path | None:
    """Returns where a member of a backup belongs, None for one that is no such file."""
    first, _, rest = name.partition("/")
    folder = folders(settings).get(first)
    return folder / rest if folder is not None and rest else None


def sizes(found: Sequence[Kept]) -> int:
    """Returns how large files are together."""
    return sum(each.path.stat().st_size for each in found)
