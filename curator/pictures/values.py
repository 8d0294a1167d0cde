"""What crosses the pictures' border: where one is from, what became of it, and the port that keeps bytes."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from curator.errors import CuratorError

MAX_BYTES = 10_000_000
"""What a picture's file may weigh: ten photographs' worth, and far more than artwork has."""

_NAME = re.compile(r"[0-9a-f]{32}\.(?:jpg|png)")


class PictureError(CuratorError):
    """A file cannot be shown as a picture; `retry_in` is set where another try may bring a better one."""

    def __init__(self, reason: str, *, retry_in: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_in = retry_in


class Use(StrEnum):
    """How a picture is shown. ARTWORK: a small square. WIDE: as wide as the words. LOGO: at the head of the mail."""

    ARTWORK = "artwork"
    WIDE = "wide"
    LOGO = "logo"


class PictureState(StrEnum):
    """What became of a picture. FAILED: nothing is there to show, and the note says why."""

    WAITING = "waiting"
    STORED = "stored"
    FAILED = "failed"


class Kind(StrEnum):
    """The two forms in which pictures are kept, by the ending of their address."""

    JPEG = "jpg"
    PNG = "png"

    @property
    def media_type(self) -> str:
        """The type that the web calls it by."""
        return "image/jpeg" if self is Kind.JPEG else "image/png"


@dataclass(frozen=True)
class Source:
    """A picture elsewhere, and how it is to be shown here."""

    url: str
    use: Use


@dataclass(frozen=True)
class Made:
    """A picture ready to be kept. Width and height are CSS pixels: how large it is shown; it may have twice as many."""

    content: bytes
    kind: Kind
    width: int
    height: int


@dataclass(frozen=True)
class Picture:
    """A picture that is kept. Width and height are CSS pixels."""

    name: str
    width: int
    height: int
    bytes: int

    @property
    def path(self) -> str:
        """Where this site serves it."""
        return path_of(self.name)


@dataclass(frozen=True)
class PictureRow:
    """What is known of a picture elsewhere.

    `picture` is there once it was had, since `stored_at`. `next_try_at` None: nobody asks for it any more.
    """

    id: int
    source: Source
    state: PictureState
    picture: Picture | None
    note: str
    tries: int
    next_try_at: datetime | None
    tried_at: datetime | None
    stored_at: datetime | None


@dataclass(frozen=True)
class Logo:
    """A newsletter's logo with the words for whoever does not see it."""

    newsletter_id: int
    picture: Picture
    alt: str
    uploaded_at: datetime


class PictureStore(Protocol):
    """Keeps pictures by their content's hash; the same bytes are kept once."""

    def put(self, content: bytes, kind: Kind) -> str:
        """Keeps bytes and returns their name. Raises StorageError where they cannot be kept."""
        ...

    def get(self, name: str) -> bytes | None:
        """Returns what is kept under a name; None for what is not there, or is no name."""
        ...

    def has(self, name: str) -> bool:
        """Tells whether something is kept under a name."""
        ...

    def forget(self, name: str) -> None:
        """Keeps it no longer; what is not there is no error. Raises StorageError where it cannot be removed."""
        ...


def name_of(content: bytes, kind: Kind) -> str:
    """Returns the name of bytes: 128 bits of their SHA-256, short enough for thirty addresses in a mail."""
    return f"{hashlib.sha256(content).hexdigest()[:32]}.{kind}"


def is_name(text: str) -> bool:
    """Tells whether a text is a picture's name."""
    return _NAME.fullmatch(text) is not None


def kind_of(name: str) -> Kind:
    """Returns the form of a picture by its name."""
    return Kind(name.rpartition(".")[2])


def path_of(name: str) -> str:
    """Returns where this site serves a picture."""
    return f"/pictures/{name}"


def is_path(text: str) -> bool:
    """Tells whether an address is one of our own pictures, without the site before it."""
    return text.startswith("/pictures/") and is_name(text.removeprefix("/pictures/"))
