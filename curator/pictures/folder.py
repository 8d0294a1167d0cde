"""Keeps pictures as files in a folder, 256 folders by the first two signs of their names."""

from pathlib import Path

from curator.errors import StorageError
from curator.files import put_whole
from curator.pictures.values import Kind, PictureStore, is_name, name_of


class FolderPictures(PictureStore):
    """Pictures as files. One is written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes, kind: Kind) -> str:
        """Keeps bytes and returns their name; those that are there already stay."""
        name = name_of(content, kind)
        path = self._path(name)
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                put_whole(path, content)
        except OSError as error:
            raise StorageError(f"The picture cannot be kept in {self._folder}: {error.strerror}.") from error
        return name

    def get(self, name: str) -> bytes | None:
        """Returns a file's bytes; None for what is not there, or cannot be read."""
        if not is_name(name):
            return None
        try:
            return self._path(name).read_bytes()
        except OSError:
            return None

    def has(self, name: str) -> bool:
        """Tells whether a file is there."""
        return is_name(name) and self._path(name).is_file()

    def forget(self, name: str) -> None:
        """Removes a file; one that is not there is no error."""
        if not is_name(name):
            return
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"The picture {name} cannot be removed: {error.strerror}.") from error

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name
