"""Where the files of an installation lie that no table can make again, and what they are called in a backup."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from curator.backup.archive import is_name
from curator.backup.keys import Bundle
from curator.backup.values import FOLDERS
from curator.settings import Settings
from curator.settings.keys import dkim_dir, dkim_key_files

KEYS = "keys.sealed"
DATABASE = "database.sqlite3"
ROWS = "rows"
# What an upload is called until it is whole.
_ARRIVING = "arriving-"


@dataclass(frozen=True)
class Kept:
    """A file that goes into a backup: its name there, where it lies, and how large it was when it was looked for."""

    name: str
    path: Path
    bytes: int


def folders(settings: Settings) -> dict[str, Path]:
    """Returns the folders by what they are called in a backup. Their files are written once and never changed."""
    given = (settings.pictures_dir, settings.files_dir, settings.imports_dir)
    return {name: path or settings.data_dir / name for name, path in zip(FOLDERS, given, strict=True)}


def kept(settings: Settings) -> Iterator[Kept]:
    """Yields every file in order; one that is just being written has a name that begins with a dot, and waits."""
    for name, folder in folders(settings).items():
        for path in sorted(folder.rglob("*")):
            named = f"{name}/{path.relative_to(folder).as_posix()}"
            if not is_name(named) or path.name.startswith(_ARRIVING) or path.is_symlink() or not path.is_file():
                continue
            try:
                yield Kept(named, path, path.stat().st_size)
            except FileNotFoundError:  # an import that ended this very moment
                continue


def place_of(settings: Settings, name: str) -> Path | None:
    """Returns where a member of a backup belongs, None for one that is no such file."""
    first, _, rest = name.partition("/")
    folder = folders(settings).get(first)
    return folder / rest if folder is not None and rest else None


def sizes(found: Sequence[Kept]) -> int:
    """Returns how large files are together."""
    return sum(each.bytes for each in found)


def bundle(settings: Settings) -> Bundle:
    """Returns the installation's keys; a DKIM key comes under the name by which it is found without a setting."""
    files = [*dkim_key_files(settings.data_dir), *settings.dkim_keys]
    dkim = {each.file_name: each.path.read_text() for each in files if each.path.is_file()}
    return Bundle(secrets(settings), dkim)


def secrets(settings: Settings) -> tuple[str, ...]:
    """Returns the installation's secrets in the order of their numbers; the last one signs."""
    return (*settings.old_secret_keys, settings.secret_key)


def dkim_place(settings: Settings, file_name: str) -> Path:
    """Returns where a DKIM key of this name lies."""
    return dkim_dir(settings.data_dir) / file_name
