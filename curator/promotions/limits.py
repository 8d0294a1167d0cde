"""Decides whether a promotion's words fit their slot and are safe to keep. Pure."""

import re
from urllib.parse import urlsplit

from curator.errors import InvalidError
from curator.languages import msgid
from curator.promotions.values import Slot, Words

MAX_TITLE = 200
MAX_TEXT = 2000
MAX_URL = 2000
MAX_ALT = 300

# Controls of direction, too: left open, one turns what stands behind it on the page.
_NOT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def fitting(words: Words, slot: Slot | None = None) -> Words:
    """Returns the words cleaned of what is no text; raises InvalidError for the first that is not fit.

    Without a slot they need only fit the columns; with one there must be a title, and a link to follow.
    """
    title = _bounded("title", _line(words.title), slot.max_title if slot else MAX_TITLE)
    text = _bounded("text", _plain(words.text).strip(), slot.max_text if slot else MAX_TEXT)
    link, image_url = _url("link", words.link), _url("image_url", words.image_url)
    image_alt = _bounded("image_alt", _line(words.image_alt), MAX_ALT)
    if slot is not None and not title:
        raise InvalidError("title", msgid("Give it a title: readers see it first."))
    if slot is not None and not link:
        raise InvalidError("link", msgid("Give the page that readers come to, such as https://example.org/offer."))
    if image_url and not image_alt:
        raise InvalidError("image_alt", msgid("Say in words what the picture shows: many readers do not see it."))
    return Words(title, text, link, image_url, image_alt if image_url else "")


def is_web_address(url: str) -> bool:
    """Tells whether a URL leads to a site by http or https, without a name or password in it."""
    try:
        parts = urlsplit(url)
        host, user = parts.hostname, parts.username
        _ = parts.port
    except ValueError:
        return False
    is_plain = url.isprintable() and not any(sign in url for sign in " <>\"'\\`{}")
    return is_plain and parts.scheme in ("http", "https") and bool(host) and user is None and "." in (host or "")


def _url(field: str, url: str) -> str:
    line = _bounded(field, _line(url), MAX_URL)
    if line and not is_web_address(line):
        raise InvalidError(field, msgid("The address must begin with https:// or http:// and name a site."))
    return line


def _bounded(field: str, text: str, characters: int) -> str:
    if len(text) > characters:
        message = msgid("This has %(characters)s characters; at most %(most)s fit.")
        raise InvalidError(field, message, characters=len(text), most=characters)
    return text


def _plain(text: str) -> str:
    return _NOT_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _line(text: str) -> str:
    return " ".join(_plain(text).split())
