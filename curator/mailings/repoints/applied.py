"""A document as the web shows it once links of it lead elsewhere. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from html import escape, unescape

from curator.issues.values import Document, DocumentEntry, DocumentItem, Link

_HREF = re.compile(r'(<a\b[^>]*?\bhref=")([^"]*)(")')
# What may stand right before or behind an address in plain words, and is no part of it.
_ALONE = r"(?<![^\s(<\[]){}(?![^\s)>\].,;:!?])"


def applied(document: Document, now_at: Mapping[str, str]) -> Document:
    """Returns a document in which what led to a key of `now_at` leads to its value; the mail that left stays."""
    if not now_at:
        return document
    sections = (
        replace(section, entries=tuple(_entry(entry, now_at) for entry in section.entries))
        for section in document.sections
    )
    return replace(document, sections=tuple(sections))


def links(given: Iterable[Link], now_at: Mapping[str, str]) -> list[Link]:
    """Returns a revision's links with the targets that they have by now."""
    return [replace(link, url=now_at.get(link.url, link.url)) for link in given]


def text(words: str, now_at: Mapping[str, str]) -> str:
    """Returns plain words in which each address that leads elsewhere by now is the new one; in one pass."""
    if not now_at:
        return words
    any_of = "|".join(re.escape(url) for url in sorted(now_at, key=len, reverse=True))
    return re.sub(_ALONE.format(f"(?:{any_of})"), lambda found: now_at[found.group()], words)


def _entry(entry: DocumentEntry, now_at: Mapping[str, str]) -> DocumentEntry:
    return replace(
        entry,
        link=None if entry.link is None else now_at.get(entry.link, entry.link),
        body_html=_html(entry.body_html, now_at),
        body_text=text(entry.body_text, now_at),
        listen=tuple(replace(each, url=now_at.get(each.url, each.url)) for each in entry.listen),
        items=_items(entry.items, now_at),
        episodes=_items(entry.episodes, now_at),
    )


def _items(items: Iterable[DocumentItem], now_at: Mapping[str, str]) -> tuple[DocumentItem, ...]:
    return tuple(replace(item, url=now_at.get(item.url, item.url)) for item in items)


def _html(safe: str, now_at: Mapping[str, str]) -> str:
    def pointed(found: re.Match[str]) -> str:
        url = now_at.get(unescape(found.group(2)))
        return found.group() if url is None else f"{found.group(1)}{escape(url)}{found.group(3)}"

    return _HREF.sub(pointed, safe)
