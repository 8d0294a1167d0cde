"""Collects the links of a page while it is rendered: each place gets a number and leaves a slot. Pure."""

from collections.abc import Callable

from curator.issues.escape import one_line
from curator.issues.values import DocumentEntry, DocumentSection, Link, Placement, link_slot

# What the columns hold.
_SECTION_CHARACTERS = 120
_LABEL_CHARACTERS = 500

To = Callable[..., str]
"""Takes a URL, its placement and the words that it stands on, and returns what to write in its place."""


class Links:
    """The links of one rendering, numbered from 1 in the order of the page."""

    def __init__(self) -> None:
        self._found: list[Link] = []

    @property
    def found(self) -> tuple[Link, ...]:
        """The links so far."""
        return tuple(self._found)

    def at(self, section: DocumentSection, entry: DocumentEntry) -> To:
        """Returns the function by which one entry's template asks for its links.

        Only the web is counted: mailto stays as it is.
        """

        def to(url: str, placement: str = Placement.TEXT, words: str = "") -> str:
            if not url.casefold().startswith(("http://", "https://")):
                return url
            link = Link(
                number=len(self._found) + 1,
                url=url,
                placement=Placement(placement),
                block_id=entry.block_id,
                section=section.title[:_SECTION_CHARACTERS],
                label=one_line(words or entry.title)[:_LABEL_CHARACTERS],
            )
            self._found.append(link)
            return link_slot(link.number)

        return to
