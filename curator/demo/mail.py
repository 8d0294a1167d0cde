"""Reads a kept mail as the outbox shows it: headers as people read them, both parts, and the links."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from html.parser import HTMLParser

# A mail's headers end long before this; a list page reads no further.
_HEAD_BYTES = 16_384


@dataclass(frozen=True)
class Link:
    """A link of the HTML part, with the words that it stands on."""

    url: str
    words: str


@dataclass(frozen=True)
class MailHead:
    """What a list says of a mail. `recipient` is the envelope's, which decides who gets it."""

    subject: str
    recipient: str
    name: str
    date: str


@dataclass(frozen=True)
class ShownMail:
    """A whole mail, taken apart; a part that it does not have is empty."""

    head: MailHead
    headers: tuple[tuple[str, str], ...]
    html: str
    text: str
    links: tuple[Link, ...]
    unsubscribe_url: str | None
    bytes: int


def mail_head(content: bytes) -> MailHead:
    """Returns what a list needs; only the headers are read."""
    return _head(BytesParser(policy=default).parsebytes(content[:_HEAD_BYTES], headersonly=True))


def shown_mail(content: bytes) -> ShownMail:
    """Returns the mail taken apart."""
    message = BytesParser(policy=default).parsebytes(content)
    html = _part(message, "html")
    return ShownMail(
        head=_head(message),
        headers=tuple((name, str(value)) for name, value in message.items()),
        html=html,
        text=_part(message, "plain"),
        links=tuple(_links(html)),
        unsubscribe_url=_unsubscribe_url(str(message.get("List-Unsubscribe", ""))),
        bytes=len(content),
    )


def _head(message: EmailMessage) -> MailHead:
    to = message["To"]
    names = [address.display_name for address in to.addresses] if to is not None else []
    return MailHead(
        subject=str(message.get("Subject", "")),
        recipient=str(message.get("Delivered-To", "")),
        name=names[0] if names else "",
        date=str(message.get("Date", "")),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return "" if part is None else str(part.get_content())


def _unsubscribe_url(header: str) -> str | None:
    """Returns the web link of a List-Unsubscribe header (RFC 2369)."""
    offered = (piece.strip().strip("<>") for piece in header.split(","))
    return next((url for url in offered if url.startswith(("http://", "https://"))), None)


def _links(html: str) -> Iterator[Link]:
    """Yields each link once, in the order of the page, with the first words that it stands on."""
    reader = _LinkReader()
    reader.feed(html)
    reader.close()
    words: dict[str, str] = {}
    for url, text in reader.found:
        words[url] = words.get(url) or text
    yield from (Link(url, text or url) for url, text in words.items() if url.startswith(("http://", "https://")))


class _LinkReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._url: str | None = None
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._url = dict(attrs).get("href")
            self._words = []
        elif tag == "img" and self._url:
            self._words.append(dict(attrs).get("alt") or "")

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._url:
            self.found.append((self._url, " ".join(" ".join(self._words).split())))
            self._url = None
