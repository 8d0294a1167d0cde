"""Reads a kept mail as the outbox shows it: headers as people read them, both parts, the links, the reader's doors."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from html.parser import HTMLParser
from urllib.parse import urlsplit

from curator.demo.heads import MailHead, mail_head

_TEXT_URL = re.compile(r"https?://[^\s<>\"]+")
# Elements that have no end, so that what stands after them is not inside.
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
WEB_VERSION, CONFIRM, ASKED_FOR = "Web version", "Confirm the sign-up", "What was asked for"
# What the public pages call a reader's own links, by the first part of their path.
_DOORS = {"c": CONFIRM, "d": "Say that it was not me", "p": "Preferences", "u": "Unsubscribe", "get": ASKED_FOR}
_ISSUE_PAGE = re.compile(r"/n/[^/]+/issues/\d+/?")


@dataclass(frozen=True)
class Link:
    """A link of the HTML part, with the words that it stands on. No reader sees a hidden one; scanners follow it."""

    url: str
    words: str
    is_hidden: bool = False


@dataclass(frozen=True)
class ShownMail:
    """A whole mail, taken apart; a part that it does not have is empty.

    `doors` are the pages that are this reader's own (and the issue's public page), with what to call them.
    """

    head: MailHead
    headers: tuple[tuple[str, str], ...]
    html: str
    text: str
    links: tuple[Link, ...]
    doors: tuple[Link, ...]
    unsubscribe_url: str | None
    is_one_click: bool
    bytes: int
    has_images: bool


def shown_mail(content: bytes) -> ShownMail:
    """Returns the mail taken apart."""
    message = BytesParser(policy=default).parsebytes(content)
    html, text = _part(message, "html"), _part(message, "plain")
    links = tuple(_links(html)) if html else tuple(Link(url, url) for url in _urls(text))
    leaving = _unsubscribe_url(str(message.get("List-Unsubscribe", "")))
    return ShownMail(
        head=mail_head(content),
        headers=tuple((name, str(value)) for name, value in message.items()),
        html=html,
        text=text,
        links=links,
        doors=tuple(_doors([*(link.url for link in links), *_urls(text)], leaving)),
        unsubscribe_url=leaving,
        is_one_click="List-Unsubscribe=One-Click" in str(message.get("List-Unsubscribe-Post", "")),
        bytes=len(content),
        has_images="<img" in html.lower(),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return "" if part is None else str(part.get_content())


def _unsubscribe_url(header: str) -> str | None:
    """Returns the web link of a List-Unsubscribe header (RFC 2369)."""
    offered = (piece.strip().strip("<>") for piece in header.split(","))
    return next((url for url in offered if url.startswith(("http://", "https://"))), None)


def _urls(text: str) -> list[str]:
    return list(dict.fromkeys(_TEXT_URL.findall(text)))


def _doors(urls: list[str], leaving: str | None) -> Iterator[Link]:
    """Yields the pages that a mail opens, each once, in the order of `_DOORS`; the issue's own comes first."""
    found: dict[str, str] = {}
    for url in [*urls, *([leaving] if leaving else [])]:
        label = WEB_VERSION if _ISSUE_PAGE.fullmatch(urlsplit(url).path) else _DOORS.get(_first_part(url), "")
        found.setdefault(label, url)
    yield from (Link(found[label], label) for label in (WEB_VERSION, *_DOORS.values()) if label in found)


def _first_part(url: str) -> str:
    return urlsplit(url).path.lstrip("/").partition("/")[0]


def _links(html: str) -> Iterator[Link]:
    """Yields each link once, in the order of the page, with the first words that it stands on."""
    reader = _LinkReader()
    reader.feed(html)
    reader.close()
    found: dict[str, Link] = {}
    for link in reader.found:
        known = found.get(link.url)
        found[link.url] = link if known is None or not known.words else known
    for link in found.values():
        if link.url.startswith(("http://", "https://")):
            yield link if link.words else Link(link.url, link.url, link.is_hidden)


class _LinkReader(HTMLParser):
    """Finds links, their words, and whether anybody sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Link] = []
        self._url: str | None = None
        self._is_hidden = False
        self._words: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_hidden = self._within_hidden() or "display:none" in (given.get("style") or "").replace(" ", "").lower()
        if tag not in _VOID:
            self._open.append((tag, is_hidden))
        if tag == "a":
            self._url, self._is_hidden, self._words = given.get("href"), is_hidden, []
        elif tag == "img" and self._url:
            self._words.append(given.get("alt") or "")

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._url:
            self.found.append(Link(self._url, " ".join(" ".join(self._words).split()), self._is_hidden))
            self._url = None
        if any(name == tag for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def _within_hidden(self) -> bool:
        return bool(self._open) and self._open[-1][1]
