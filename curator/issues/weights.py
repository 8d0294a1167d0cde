"""How many bytes of a mail's HTML each block takes. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping

from curator.issues import slots
from curator.issues.values import Document, Link

# templates/email/entry.mjml: every entry is one mj-text of these classes, and nothing else is.
_ENTRY = re.compile(r'<tr>\s*<td\b[^>]*\bclass="pad ink[" ]')
_CELL = re.compile(r"<td\b|</td>")


def by_block(html: str, document: Document, links: Iterable[Link], *, public_url: str) -> Mapping[int, int]:
    """Returns the bytes of each block, with a reader's links in it; the rest is head, foot and titles.

    Nothing is said of a mail whose template lays entries out in another way: no number is better than a wrong one.
    """
    entries = [entry for section in document.sections for entry in section.entries]
    pieces = list(_pieces(html))
    if len(pieces) != len(entries):
        return {}
    known = list(links)
    return {
        entry.block_id: slots.grown_bytes(piece, known, public_url=public_url)
        for entry, piece in zip(entries, pieces, strict=True)
    }


def _pieces(html: str) -> Iterator[str]:
    for found in _ENTRY.finditer(html):
        yield html[found.start() : _end(html, found.start())]


def _end(html: str, start: int) -> int:
    """Returns where the cell that begins behind `start` ends: pictures stand in cells of their own within."""
    depth = 0
    for cell in _CELL.finditer(html, start):
        depth += 1 if cell.group() == "<td" else -1
        if depth == 0:
            return cell.end()
    return len(html)
