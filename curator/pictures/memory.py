"""The in-memory twin of the folder of pictures."""

from curator.pictures.values import Kind, PictureStore, name_of


class MemoryPictures(PictureStore):
    """Keeps pictures as long as it lives itself."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put(self, content: bytes, kind: Kind) -> str:
        """Keeps bytes and returns their name."""
        name = name_of(content, kind)
        self._kept[name] = content
        return name

    def get(self, name: str) -> bytes | None:
        """Returns what is kept under a name, None for what is not there."""
        return self._kept.get(name)

    def has(self, name: str) -> bool:
        """Tells whether something is kept under a name."""
        return name in self._kept

    def forget(self, name: str) -> None:
        """Keeps it no longer."""
        self._kept.pop(name, None)
