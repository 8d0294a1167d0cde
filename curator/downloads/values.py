"""What crosses the downloads' border: what readers can get, who may get it, and who asked for it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class DownloadKind(StrEnum):
    """What a download is: the transcript of an episode, or a file that an editor uploaded."""

    TRANSCRIPT = "transcript"
    FILE = "file"


class Access(StrEnum):
    """Who gets it: anybody at once, whoever fills in the form, or nobody yet."""

    OPEN = "open"
    GATED = "gated"
    OFF = "off"


class Standing(StrEnum):
    """What a reader meets. WANTED: it is not there (yet), and can be asked for."""

    OPEN = "open"
    GATED = "gated"
    WANTED = "wanted"


class Layout(StrEnum):
    """The files that a transcript comes as."""

    HTML = "html"
    TEXT = "txt"


@dataclass(frozen=True)
class Download:
    """Something that readers can get: an episode's transcript by the item's id, a file by its own."""

    kind: DownloadKind
    id: int


@dataclass(frozen=True)
class Funnel:
    """How many came how far: saw it, asked, came back by the letter's link, downloaded, asked for the newsletter.

    `wishes` are those who asked without an address for what was not there.
    """

    views: int = 0
    wishes: int = 0
    requests: int = 0
    confirmed: int = 0
    downloads: int = 0
    sign_ups: int = 0

    @property
    def asked(self) -> int:
        """How many want it, with an address or without."""
        return self.requests + self.wishes


@dataclass(frozen=True)
class ShowForm:
    """What holds for all transcripts of a show: who gets them, and the line at their end."""

    access: Access = Access.GATED
    credit: str = ""


@dataclass(frozen=True)
class TranscriptOffer:
    """An episode's transcript as readers may get it: `chosen` is the episode's own access, None: the show's."""

    item_id: int
    feed_id: int
    show_access: Access
    chosen: Access | None
    has_transcript: bool
    is_in_work: bool
    funnel: Funnel

    @property
    def download(self) -> Download:
        """What it is."""
        return Download(DownloadKind.TRANSCRIPT, self.item_id)

    @property
    def access(self) -> Access:
        """Who gets it once it is there."""
        return self.chosen or self.show_access

    @property
    def standing(self) -> Standing:
        """What a reader meets."""
        if self.access is Access.OFF or not self.has_transcript:
            return Standing.WANTED
        return Standing.OPEN if self.access is Access.OPEN else Standing.GATED


@dataclass(frozen=True)
class FileForm:
    """What an editor says of a file."""

    title: str
    about: str
    access: Access


@dataclass(frozen=True)
class StoredFile:
    """A file that is kept: its name is its content's, `file_name` what readers save it as."""

    name: str
    file_name: str
    kind: str
    bytes: int


@dataclass(frozen=True)
class FileOffer:
    """A file that readers may get with an episode, or with a newsletter."""

    id: int
    item_id: int | None
    newsletter_id: int | None
    form: FileForm
    stored: StoredFile
    is_removed: bool
    version: int
    funnel: Funnel

    @property
    def download(self) -> Download:
        """What it is."""
        return Download(DownloadKind.FILE, self.id)

    @property
    def standing(self) -> Standing | None:
        """What a reader meets; None: it is not shown."""
        if self.is_removed or self.form.access is Access.OFF:
            return None
        return Standing.OPEN if self.form.access is Access.OPEN else Standing.GATED


@dataclass(frozen=True)
class Agreed:
    """What somebody agreed to: from which page, under which words."""

    place: str
    words: str


@dataclass(frozen=True)
class Request:
    """Somebody's request, with the one record of what they agreed to: the first time that they asked.

    `written_at` is when the newest letter with a link was written, None while it waits. `confirmed_at` is the first
    download, which proves that the mailbox asked.
    """

    id: int
    download: Download
    address: str
    address_key: str
    name: str
    asked_at: datetime
    agreed: Agreed
    written_at: datetime | None
    confirmed_at: datetime | None
    downloads: int


class FileStore(Protocol):
    """Keeps files by their content's hash; the same bytes are kept once."""

    def put(self, content: bytes) -> str:
        """Keeps bytes and returns their name. Raises StorageError where they cannot be kept."""
        ...

    def get(self, name: str) -> bytes | None:
        """Returns what is kept under a name; None for what is not there, or is no name."""
        ...


MAX_FILE_BYTES = 10_000_000
"""What a file may weigh: as much as any upload to the desk."""

MAX_TITLE = 200
MAX_ABOUT = 1_000
MAX_CREDIT = 300
MAX_FILE_NAME = 120
