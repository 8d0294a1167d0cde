"""What crosses the transcripts' border: cues as a file names them, turns as they are kept, and what a search finds."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAX_BYTES = 5_000_000
"""A talk of three hours makes 200 kB of text, and 2 MB of JSON with a segment for every word."""

MAX_TURNS = 20_000
"""A turn every four seconds of a day."""

MAX_TURN_CHARACTERS = 20_000
"""20 minutes of one voice; a longer turn is split between sentences."""

MAX_MS = 100 * 3600 * 1000
"""No episode lasts 100 hours: a later time is a broken one."""


class Form(StrEnum):
    """How a transcript is written."""

    VTT = "WebVTT"
    SRT = "SRT"
    JSON = "JSON"
    HTML = "HTML"
    PLAIN = "plain text"


@dataclass(frozen=True)
class Cue:
    """A piece of a transcript as its file has it. A speaker of None is whoever spoke before; "" is somebody else.

    `is_broken` says that a time was written there which nobody can read.
    """

    text: str
    speaker: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    is_broken: bool = False


@dataclass(frozen=True)
class SpokenTurn:
    """What one speaker says in one go; the speaker is "" and a time None where nobody told."""

    speaker: str
    start_ms: int | None
    end_ms: int | None
    text: str


@dataclass(frozen=True)
class Conversation:
    """A transcript, understood: its turns, and in sentences what was not understood."""

    form: Form
    turns: tuple[SpokenTurn, ...]
    notes: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        """How many words are spoken, as far as they are kept apart by spaces."""
        return sum(len(turn.text.split()) for turn in self.turns)

    @property
    def speakers(self) -> tuple[str, ...]:
        """Who speaks, in the order of their first words."""
        return tuple(dict.fromkeys(turn.speaker for turn in self.turns if turn.speaker))


class Source(StrEnum):
    """Where a transcript comes from; no poll replaces an editor's."""

    FEED = "feed"
    EDITOR = "editor"


@dataclass(frozen=True)
class StoredTurn:
    """A turn with its place in the transcript, from 0."""

    position: int
    speaker: str
    start_ms: int | None
    end_ms: int | None
    text: str


@dataclass(frozen=True)
class TranscriptRow:
    """What is known about an episode's transcript; one that could not be read has no turns and says why."""

    item_id: int
    source: Source
    url: str | None
    media_type: str
    language: str | None
    is_ok: bool
    note: str
    content_hash: str
    words: int
    at: datetime


@dataclass(frozen=True)
class Piece:
    """A part of a found passage; `is_hit` marks what was asked for."""

    text: str
    is_hit: bool


@dataclass(frozen=True)
class Found:
    """A turn that a search found, with the passage around the first hit."""

    item_id: int
    episode: str
    show: str
    at: datetime
    position: int
    speaker: str
    start_ms: int | None
    pieces: tuple[Piece, ...]
