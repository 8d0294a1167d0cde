"""Which of a feed's transcripts is fetched first, and when a fetch that failed is tried again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from curator.episodes.transcripts.read import told_form
from curator.episodes.transcripts.values import Form
from curator.feeds.values import TranscriptLink

# The first have times and speakers.
_ORDER = (Form.VTT, Form.JSON, Form.SRT, Form.HTML, Form.PLAIN)

GIVEN_UP_AFTER = timedelta(days=8)
"""An episode that the feed has not touched for so long is not asked for by itself any more."""


def preferred(links: Sequence[TranscriptLink], *, language: str | None) -> list[TranscriptLink]:
    """Returns the links in the order in which they are tried: the show's language first, then the best form."""
    return sorted(links, key=lambda link: (not _speaks(link, language), _rank(link)))


def try_number(since: datetime, *, now: datetime) -> int:
    """Returns which try is due, so long after the feed named the transcript: 0 at once, then at 1, 2, 4 ... hours.

    Each number is tried once, so the pauses double without anybody counting failures.
    """
    hours = int(max(now - since, timedelta(0)) / timedelta(hours=1))
    return hours.bit_length()


def _speaks(link: TranscriptLink, language: str | None) -> bool:
    if not link.language or not language:
        return True
    return link.language.partition("-")[0].lower() == language.partition("-")[0].lower()


def _rank(link: TranscriptLink) -> int:
    form = told_form(link.media_type, link.url.partition("?")[0])
    return len(_ORDER) if form is None else _ORDER.index(form)
