"""The slots of a revision, found in one pass: what stands in them is a reader's own, or an example to look at. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape

from curator.errors import RenderError
from curator.issues.values import (
    PIXEL_SLOT,
    PREFERENCES_SLOT,
    READER_SLOT,
    UNSUBSCRIBE_SLOT,
    WEB_VERSION_SLOT,
    Link,
    Placement,
    link_slot,
)

CANARY = Link(0, WEB_VERSION_SLOT, Placement.PAGE)
"""The link that no person sees: whatever follows it is a program. It leads to the web version."""

TRACKED_CHARACTERS = 35
"""What a tracked link has behind the public address: "/l/" and a token of 32 characters."""

# Some programs show a broken picture where there is no size, and its address where there is no alt.
PIXEL = f'<img src="{PIXEL_SLOT}" alt="" width="1" height="1" border="0" style="display:block;">'

_MARK = "slot.invalid"
_SLOT = re.compile(
    r"(https://(?:unsubscribe|preferences|web-version|pixel|link-\d{1,5})\.slot\.invalid/|reader@slot\.invalid)"
)
_LINK_SLOT = re.compile(r"https://link-(\d{1,5})\.slot\.invalid/")
# A reader's own links: the longest is the web version's, "/n/", a short name of 80 characters, "/issues/", a number.
_OWN_CHARACTERS = 110
# The web version's stands in the head and in the foot.
_OWN_SLOTS = 4
_EXAMPLE = {
    UNSUBSCRIBE_SLOT: "#unsubscribe",
    PREFERENCES_SLOT: "#preferences",
    WEB_VERSION_SLOT: "#web-version",
    READER_SLOT: "reader@example.org",
}


@dataclass(frozen=True)
class Slotted:
    """A text cut at its slots, once for a whole mailing: piece, slot, piece, ..., piece."""

    pieces: tuple[str, ...]
    slots: tuple[str, ...]

    @cached_property
    def is_whole(self) -> bool:
        """Whether every slot was found; one that something encoded on the way still lies in a piece."""
        return not any(_MARK in piece for piece in self.pieces)

    def joined(self, values: Mapping[str, str]) -> str:
        """Returns the text with a value in each slot. Raises RenderError when a slot would be left without one."""
        if not self.is_whole or any(slot not in values for slot in self.slots):
            raise RenderError("A place for the reader's own link or address was left without its value.")
        parts = [""] * (len(self.pieces) + len(self.slots))
        parts[::2] = self.pieces
        parts[1::2] = [values[slot] for slot in self.slots]
        return "".join(parts)


def cut(text: str) -> Slotted:
    """Returns a text cut at its slots."""
    parts = _SLOT.split(text)
    return Slotted(tuple(parts[::2]), tuple(parts[1::2]))


def with_pixel(html: str) -> str:
    """Returns HTML with a place for the picture that is asked for when the mail is opened, at its very end.

    It is no part of what is approved and looked at: who reads sees nothing of it.
    """
    before, end, after = html.rpartition("</body>")
    return f"{before}{PIXEL}{end}{after}" if end else html + PIXEL


def attribute(url: str) -> str:
    """Returns a URL as the value of an attribute, in ASCII: what HTML of a mail is written in."""
    return escape(url).encode("ascii", "xmlcharrefreplace").decode()


def target(link: Link) -> str:
    """Returns where a link leads without a detour."""
    return link.url


def filled(html: str, links: Iterable[Link], *, to: Callable[[Link], str] = target) -> str:
    """Returns HTML with `to` of each link in its slot, by default where it leads; other slots stay.

    HTML without link slots (of the first release) comes back as it is.
    """
    by_slot = {link_slot(link.number): link for link in (CANARY, *links)}

    def value(found: re.Match[str]) -> str:
        link = by_slot.get(found.group())
        return found.group() if link is None else attribute(to(link))

    return _LINK_SLOT.sub(value, html)


def example(text: str, links: Iterable[Link] = ()) -> str:
    """Returns HTML or text to look at: real targets, an example reader, and links of their own that do nothing."""
    return _SLOT.sub(lambda found: _EXAMPLE.get(found.group(), found.group()), filled(text, links))


def most_bytes(html: str, links: Iterable[Link], *, public_url: str) -> int:
    """Returns how large HTML is at most once a reader's links stand in it, tracked or direct; the address comes on top.

    `public_url` begins every tracked link and every link of the reader's own.
    """
    grown = grown_bytes(html, (CANARY, *links), public_url=public_url)
    own = _OWN_SLOTS * (len(public_url) + _OWN_CHARACTERS - len(UNSUBSCRIBE_SLOT))
    return grown + own + len(PIXEL) + len(public_url)


def grown_bytes(html: str, links: Iterable[Link], *, public_url: str) -> int:
    """Returns how large a piece of HTML is at most once the links that have a slot in it stand there."""
    tracked = len(public_url) + TRACKED_CHARACTERS
    by_slot = {link_slot(link.number): link for link in links}
    grown = sum(
        max(tracked, len(attribute(link.url))) - len(found.group())
        for found in _LINK_SLOT.finditer(html)
        if (link := by_slot.get(found.group())) is not None
    )
    return len(html.encode()) + grown
