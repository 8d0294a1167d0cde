"""What an editor's words must be: bounded, with addresses of the web. Complaints name the field of the form. Pure."""

from collections.abc import Iterator, Sequence

from curator.episodes.platforms import Platform
from curator.episodes.timecodes import MAX_S
from curator.episodes.values import (
    MAX_ALT,
    MAX_BIOGRAPHY,
    MAX_CHAPTERS,
    MAX_GUEST_LINKS,
    MAX_GUESTS,
    MAX_LABEL,
    MAX_LINE,
    MAX_LINKS,
    MAX_MENTIONS,
    MAX_NAME,
    MAX_SUMMARY,
    MAX_TOPICS,
    Guest,
    ListeningLink,
    Words,
)
from curator.http.urls import absolute_url

Complaint = tuple[str, str]
"""The form's field, and what is wrong with it."""

NO_ADDRESS = "Give an address that begins with https:// or http://."


def complaints(words: Words) -> Iterator[Complaint]:
    """Yields what is wrong with an editor's words, in the order of the form."""
    yield from _long("title", words.title, MAX_LINE)
    yield from _long("subtitle", words.subtitle, MAX_LINE)
    yield from _long("summary", words.summary, MAX_SUMMARY)
    if words.artwork_url:
        yield from _address("artwork_url", words.artwork_url)
    yield from _long("artwork_alt", words.artwork_alt, MAX_ALT)
    yield from _long("artwork_credit", words.artwork_credit, MAX_ALT)
    yield from _many("guest-name-0", words.guests, MAX_GUESTS, "guests")
    for number, guest in enumerate(words.guests or ()):
        yield from _guest(number, guest)
    yield from _many("topics", words.topics, MAX_TOPICS, "topics")
    for topic in words.topics or ():
        yield from _long("topics", topic, MAX_NAME)
    yield from _mentions(words)
    yield from _chapters(words)


def link_complaints(links: Sequence[ListeningLink]) -> Iterator[Complaint]:
    """Yields what is wrong with listening links; a field is named by its row."""
    yield from _many("link-url-0", links, MAX_LINKS, "links")
    seen: set[tuple[str, str]] = set()
    for number, link in enumerate(links):
        yield from _address(f"link-url-{number}", link.url)
        yield from _long(f"link-label-{number}", link.label, MAX_LABEL)
        if link.platform is Platform.OTHER and not link.label:
            yield f"link-label-{number}", "Say what this place is called."
        place = link.platform.value, link.label.casefold() if link.platform is Platform.OTHER else ""
        if place in seen:
            yield f"link-platform-{number}", f"{link.name} stands here twice; keep one of them."
        seen.add(place)


def _guest(number: int, guest: Guest) -> Iterator[Complaint]:
    if not guest.name:
        yield f"guest-name-{number}", "Give the guest a name, or empty the row."
    yield from _long(f"guest-name-{number}", guest.name, MAX_NAME)
    yield from _long(f"guest-role-{number}", guest.role, MAX_NAME)
    yield from _long(f"guest-biography-{number}", guest.biography, MAX_BIOGRAPHY)
    yield from _many(f"guest-links-{number}", guest.links, MAX_GUEST_LINKS, "links")
    for link in guest.links:
        yield from _address(f"guest-links-{number}", link.url)
        yield from _long(f"guest-links-{number}", link.label, MAX_LABEL)
    if guest.image_url:
        yield from _address(f"guest-image-{number}", guest.image_url)


def _mentions(words: Words) -> Iterator[Complaint]:
    yield from _many("mention-title-0", words.mentions, MAX_MENTIONS, "things")
    for number, mention in enumerate(words.mentions or ()):
        if not mention.title:
            yield f"mention-title-{number}", "Say what was mentioned, or empty the row."
        yield from _long(f"mention-title-{number}", mention.title, MAX_LINE)
        if mention.url:
            yield from _address(f"mention-url-{number}", mention.url)


def _chapters(words: Words) -> Iterator[Complaint]:
    yield from _many("chapters", words.chapters, MAX_CHAPTERS, "chapters")
    for number, chapter in enumerate(words.chapters or (), 1):
        if not chapter.title:
            yield "chapters", f"Chapter {number} has no title."
        if chapter.start_s is not None and not 0 <= chapter.start_s <= MAX_S:
            yield "chapters", f"Chapter {number} begins at a time that no episode has."
        if chapter.url:
            yield from _address("chapters", chapter.url)
        yield from _long("chapters", chapter.title, MAX_NAME)


def _long(field: str, text: str | None, at_most: int) -> Iterator[Complaint]:
    if text and len(text) > at_most:
        yield field, f"This is {len(text):,} characters long; at most {at_most:,} fit."


def _many(field: str, entries: Sequence[object] | None, at_most: int, what: str) -> Iterator[Complaint]:
    if entries and len(entries) > at_most:
        yield field, f"These are {len(entries)} {what}; at most {at_most} fit."


def _address(field: str, url: str) -> Iterator[Complaint]:
    if absolute_url(url) is None:
        yield field, NO_ADDRESS
