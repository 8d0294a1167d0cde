"""Puts what belongs there into the slots of a rendered revision, whoever it is for. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from curator.errors import RenderError
from curator.issues.values import (
    PREFERENCES_SLOT,
    READER_SLOT,
    UNSUBSCRIBE_SLOT,
    WEB_VERSION_SLOT,
    Link,
    RenderedRevision,
)

_LINK_SLOT = re.compile(r"https://link-(\d{1,6})\.slot\.invalid/")
_SLOT_MARK = "slot.invalid"


@dataclass(frozen=True)
class SlotValues:
    """What stands in the slots of one person's copy. `links` holds the address of each link by its number."""

    reader: str
    unsubscribe: str
    preferences: str
    web_version: str
    links: dict[int, str]


def harmless(reader: str, *, newsletter_url: str, issue_url: str, links: Iterable[Link]) -> SlotValues:
    """Returns values for a copy that is nobody's own: its links lead to public pages and count nothing."""
    return SlotValues(
        reader=reader,
        unsubscribe=newsletter_url,
        preferences=newsletter_url,
        web_version=issue_url,
        links={link.number: link.url for link in links},
    )


def filled(revision: RenderedRevision, values: SlotValues) -> tuple[str, str]:
    """Returns a revision's HTML and text with every slot filled; RenderError when one is left without its value."""
    html = _LINK_SLOT.sub(lambda found: escape(values.links.get(int(found[1]), found[0])), revision.html)
    text = _LINK_SLOT.sub(lambda found: values.links.get(int(found[1]), found[0]), revision.text)
    for slot, value in (
        (UNSUBSCRIBE_SLOT, values.unsubscribe),
        (PREFERENCES_SLOT, values.preferences),
        (WEB_VERSION_SLOT, values.web_version),
        (READER_SLOT, values.reader),
    ):
        html, text = html.replace(slot, escape(value)), text.replace(slot, value)
    if _SLOT_MARK in html or _SLOT_MARK in text:
        raise RenderError("A place in the mail was left without its value.")
    return html, text
