"""What crosses the episodes' border: an episode as pages and mail read it, and what an editor writes of one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from curator.episodes.platforms import SIGNS, Platform, icon
from curator.feeds.values import Chapter, Person


class MentionKind(StrEnum):
    """What was mentioned in an episode."""

    BOOK = "book"
    VIDEO = "video"
    SITE = "site"
    PAPER = "paper"
    OTHER = "other"


@dataclass(frozen=True)
class WebLink:
    """An address with the words that it stands on; without words it stands on its host."""

    url: str
    label: str = ""


@dataclass(frozen=True)
class Guest:
    """Somebody who talks in an episode; `role` is what they are ("database researcher"), empty where nobody said."""

    name: str
    role: str = ""
    biography: str = ""
    links: tuple[WebLink, ...] = ()
    image_url: str | None = None


@dataclass(frozen=True)
class Mention:
    """A thing that was mentioned: a book, a video, a site, a paper."""

    kind: MentionKind
    title: str
    url: str | None = None


@dataclass(frozen=True)
class ListeningLink:
    """Where a show or an episode can be listened to. `label` is the editor's own name for the place."""

    platform: Platform
    url: str
    label: str = ""

    @property
    def name(self) -> str:
        """What the place is called."""
        return self.label or SIGNS[self.platform].name

    @property
    def alt(self) -> str:
        """What stands before the name for whoever does not see the icon: "Listen on"."""
        return SIGNS[self.platform].alt

    @property
    def icon(self) -> str:
        """The static file with the icon."""
        return icon(self.platform)


@dataclass(frozen=True)
class Artwork:
    """An episode's picture, with what it shows in words and whose it is."""

    url: str
    alt: str = ""
    credit: str = ""


@dataclass(frozen=True)
class Words:
    """What an editor wrote about an episode, field by field. None: the feed's word stands, today's and later ones."""

    title: str | None = None
    subtitle: str | None = None
    summary: str | None = None
    artwork_url: str | None = None
    artwork_alt: str | None = None
    artwork_credit: str | None = None
    guests: tuple[Guest, ...] | None = None
    topics: tuple[str, ...] | None = None
    mentions: tuple[Mention, ...] | None = None
    chapters: tuple[Chapter, ...] | None = None


@dataclass(frozen=True)
class Told:
    """What the feed says of an episode, as far as pages and mail show it; `summary_html` is safe HTML."""

    item_id: int
    feed_id: int
    show: str
    show_site: str | None
    url: str | None
    audio_url: str | None
    title: str
    subtitle: str
    summary_html: str
    summary: str
    image_url: str | None
    people: tuple[Person, ...]
    chapters: tuple[Chapter, ...]
    published_at: datetime | None
    at: datetime
    duration_s: int | None
    season: int | None
    number: int | None
    language: str | None = None


@dataclass(frozen=True)
class EpisodeView:
    """An episode as pages and mail read it: the editor's words over the feed's, retired platforms left out.

    `summary_html` is the feed's safe HTML, and empty when `summary` is an editor's (plain text with small Markdown).
    `words` are the editor's alone and `own_links` the episode's own: what an editing page must tell from the feed's.
    `version` is 0 before the first edit.
    """

    told: Told
    words: Words
    title: str
    subtitle: str
    summary: str
    summary_html: str
    guests: tuple[Guest, ...]
    topics: tuple[str, ...]
    mentions: tuple[Mention, ...]
    chapters: tuple[Chapter, ...]
    artwork: Artwork | None
    links: tuple[ListeningLink, ...]
    own_links: tuple[ListeningLink, ...]
    version: int

    @property
    def item_id(self) -> int:
        """The item that it is."""
        return self.told.item_id

    @property
    def crew(self) -> tuple[Person, ...]:
        """Whom the feed names beside the guests: hosts, editors, composers."""
        names = {guest.name.casefold() for guest in self.guests}
        return tuple(one for one in self.told.people if one.name.casefold() not in names and not is_guest(one))


@dataclass(frozen=True)
class ShowRow:
    """A show of one's own as the desk lists it; `links` are all that are written down, retired ones among them."""

    feed_id: int
    title: str
    site_url: str | None
    episodes: int
    newest_at: datetime | None
    links: tuple[ListeningLink, ...]


def is_guest(person: Person) -> bool:
    """Tells whether the feed calls somebody a guest."""
    return "guest" in person.role.casefold()


MAX_LINE = 500
"""Characters of a title or subtitle: what the columns hold."""

MAX_NAME = 200
MAX_ALT = 300
MAX_SUMMARY = 20_000
MAX_BIOGRAPHY = 3_000
MAX_LABEL = 100
MAX_GUESTS = 20
MAX_GUEST_LINKS = 8
MAX_TOPICS = 40
MAX_MENTIONS = 60
MAX_CHAPTERS = 200
MAX_LINKS = 30
