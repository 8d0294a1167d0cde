"""Keeps files for readers in a folder, 256 folders by the first two signs of their names."""

import hashlib
import re
from pathlib import Path

from curator.downloads.values import FileStore
from curator.errors import StorageError
from curator.files import put_whole

_NAME = re.compile(r"[0-9a-f]{32}")


class FolderFiles(FileStore):
    """Files by their content's hash. One is written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keeps bytes and returns their name; those that are there already stay."""
        name = name_of(content)
        path = self._folder / name[:2] / name
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                put_whole(path, content)
        except OSError as error:
            raise StorageError(f"The file cannot be kept in {self._folder}: {error.strerror}.") from error
        return name

    def get(self, name: str) -> bytes | None:
        """Returns a file's bytes; None for what is not there, or cannot be read."""
        if _NAME.fullmatch(name) is None:
            return None
        try:
            return (self._folder / name[:2] / name).read_bytes()
        except OSError:
            return None


class MemoryFiles(FileStore):
    """The twin of the folder, for tests and for whoever serves no readers."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        """Keeps bytes and returns their name."""
        name = name_of(content)
        self._kept[name] = content
        return name

    def get(self, name: str) -> bytes | None:
        """Returns the bytes of a name."""
        return self._kept.get(name)


def name_of(content: bytes) -> str:
    """Returns the name of bytes: 128 bits of their SHA-256."""
    return hashlib.sha256(content).hexdigest()[:32]
