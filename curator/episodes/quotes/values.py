"""What crosses the quotes' border: a quote with everything that a mail or a page says of it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class QuotedTurn:
    """Words of one speaker, "" where nobody told whose."""

    speaker: str
    text: str


@dataclass(frozen=True)
class QuoteView:
    """A quote beside its episode. `audio_url` and `url` are the episode's; `blocks` in how many issues it stands."""

    id: int
    item_id: int
    first_position: int
    last_position: int
    start_ms: int | None
    turns: tuple[QuotedTurn, ...]
    taken_at: datetime
    episode: str
    show: str
    url: str | None
    audio_url: str | None

    @property
    def speaker(self) -> str:
        """Whose words they are: whoever says most of them."""
        return max(self.turns, key=lambda turn: len(turn.text)).speaker if self.turns else ""

    @property
    def link(self) -> str | None:
        """Where to hear it: the audio at its second (W3C Media Fragments), or without a time the episode's page.

        A page knows nothing of `#t=` unless its player does, so the audio goes first where there is a time.
        """
        if self.start_ms is None:
            return self.url or self.audio_url
        address = self.audio_url or self.url
        return None if address is None else f"{address.partition('#')[0]}#t={self.start_ms // 1000}"
