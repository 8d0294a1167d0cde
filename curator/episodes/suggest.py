"""What the feed's text seems to say: topics in a list, things mentioned as links, guests. An editor decides. Pure."""

import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import urlsplit

from curator.episodes.merge import feeds_guests, guest_of
from curator.episodes.platforms import Platform, platform_of
from curator.episodes.values import EpisodeView, Guest, Mention, MentionKind
from curator.http.urls import absolute_url

MAX_SUGGESTIONS = 20
_WORDS = 200
_TOPICS = re.compile(r"\b(?:topics?|in this episode|we (?:talk|speak|discuss)|we cover)\b", re.IGNORECASE)
_BLOCKS = frozenset({"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "br", "blockquote", "td"})
_BOOK_HOSTS = ("goodreads.com", "bookshop.org", "openlibrary.org", "books.google.com", "worldcat.org")
_PAPER_HOSTS = ("arxiv.org", "doi.org", "openreview.net", "aclanthology.org", "biorxiv.org", "jmlr.org")
_VIDEO_HOSTS = ("vimeo.com", "ted.com")


@dataclass(frozen=True)
class Suggestions:
    """What an editor may take over with one press; nothing that the episode has already.

    `people` are heard in the episode too and might be guests: many feeds call everybody a host.
    """

    guests: tuple[Guest, ...]
    people: tuple[Guest, ...]
    topics: tuple[str, ...]
    mentions: tuple[Mention, ...]


def suggestions(view: EpisodeView) -> Suggestions:
    """Returns what the feed offers for the lists that it has no fields for."""
    text = _Text()
    text.feed(view.told.summary_html)
    text.close()
    return Suggestions(_guests(view), _people(view), _topics(text, view), _mentions(text, view))


@dataclass
class _Text(HTMLParser):
    """Reads the items of the list that stands under a line about topics, and every link with its words."""

    topics: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    _line: str = ""
    _href: str = ""
    _words: str = ""
    _item: str | None = None
    _depth: int = 0
    _is_about_topics: bool = False

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("ul", "ol"):
            self._is_about_topics = self._is_about_topics if self._depth else bool(_TOPICS.search(self._line))
            self._depth += 1
        if tag == "li":
            self._end_item()
            self._item = ""
        if tag == "a":
            self._href, self._words = dict(attrs).get("href") or "", ""
        if tag in _BLOCKS - {"br"}:
            self._line = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href:
            self.links.append((self._href, _folded(self._words)))
            self._href = ""
        if tag == "li":
            self._end_item()
        if tag in ("ul", "ol"):
            self._end_item()
            self._depth = max(self._depth - 1, 0)
            self._line = ""

    def handle_data(self, data: str) -> None:
        self._line += data
        self._words += data
        if self._item is not None:
            self._item += data

    def _end_item(self) -> None:
        words = _folded(self._item or "")
        if words and self._is_about_topics and self._depth == 1:
            self.topics.append(words)
        self._item = None


def _guests(view: EpisodeView) -> tuple[Guest, ...]:
    """Those whom the feed calls guests and the editor's list does not have."""
    have = {guest.name.casefold() for guest in view.guests}
    named = [guest for guest in feeds_guests(view.told.people) if guest.name.casefold() not in have]
    return tuple(named[:MAX_SUGGESTIONS])


def _people(view: EpisodeView) -> tuple[Guest, ...]:
    """Where nobody is a guest yet. Their role in making the show says nothing of who they are."""
    if view.guests:
        return ()
    cast = (person for person in view.crew if person.group.casefold() == "cast")
    return tuple(replace(guest_of(person), role="") for person in cast)[:MAX_SUGGESTIONS]


def _topics(text: _Text, view: EpisodeView) -> tuple[str, ...]:
    have = {topic.casefold() for topic in view.topics}
    found = {topic.casefold(): topic for topic in text.topics if topic.casefold() not in have}
    return tuple(found.values())[:MAX_SUGGESTIONS]


def _mentions(text: _Text, view: EpisodeView) -> tuple[Mention, ...]:
    have = {mention.url for mention in view.mentions} | {view.told.url, view.told.audio_url, view.told.show_site}
    have |= {link.url for guest in view.guests for link in guest.links}
    found: dict[str, Mention] = {}
    for href, words in text.links:
        url = absolute_url(href)
        kind = None if url is None or url in have else _kind(url)
        if url is not None and kind is not None:
            found.setdefault(url, Mention(kind, _title(words, url), url))
    return tuple(found.values())[:MAX_SUGGESTIONS]


def _kind(url: str) -> MentionKind | None:
    """A place to listen is no thing that was mentioned, unless it is one video."""
    parts = urlsplit(url)
    host, path = (parts.hostname or "").removeprefix("www."), parts.path
    match platform_of(url):
        case Platform.YOUTUBE:
            return MentionKind.VIDEO if path == "/watch" or host == "youtu.be" else None
        case Platform.OTHER:
            pass
        case _:
            return None
    if host.endswith(_PAPER_HOSTS) or path.lower().endswith(".pdf"):
        return MentionKind.PAPER
    if host.endswith(_BOOK_HOSTS):
        return MentionKind.BOOK
    return MentionKind.VIDEO if host.endswith(_VIDEO_HOSTS) else MentionKind.SITE


def _title(words: str, url: str) -> str:
    if words and not words.lower().startswith(("http:", "https:", "www.")):
        return words
    parts = urlsplit(url)
    return ((parts.hostname or "").removeprefix("www.") + parts.path.rstrip("/"))[:_WORDS]


def _folded(text: str) -> str:
    return " ".join(text.split())[:_WORDS].strip(" .;,")
