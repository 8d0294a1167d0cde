"""A back issue as an HTML page or mail, as runs of words. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from curator.issues.back.runs import Piece, run
from curator.issues.back.values import LeftOut, Run, Source

_BREAKS = frozenset(
    {
        *("p", "div", "br", "li", "ul", "ol", "tr", "td", "th", "table", "tbody", "blockquote", "pre", "section"),
        *("article", "hr", "dd", "dt", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "header", "footer", "center", "body"),
    }
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SILENT = frozenset({"script", "style", "head", "noscript", "template", "svg", "math", "iframe", "object", "select"})
_BOLD = frozenset({"b", "strong"})
_MOST_BOLD = 80
"""Characters of a line in bold that is taken for a heading: mails often have no other."""

_BOLD_LEVEL = 5
_MOST_TAGS = 30_000
"""Of one page: a long mail of nested tables has 5,000."""


@dataclass
class _Reading:
    """Where the walk through a page is."""

    pieces: list[Piece] = field(default_factory=list)
    line: int = 1
    level: int = 0
    bold: int = 0
    plain: int = 0
    href: str | None = None

    def add(self, text: str | None) -> None:
        if text:
            self.pieces.append((text, self.href))
            if not self.bold and text.strip():
                self.plain += 1

    def ended(self) -> Iterator[Run]:
        """Yields what was read since the last break."""
        found = run(self.pieces, line=self.line, level=self.level)
        if found is not None:
            yield self._as_heading(found)
        self.pieces, self.plain = [], 0

    def _as_heading(self, found: Run) -> Run:
        is_bold = not found.level and not self.plain and not found.links and len(found.text) <= _MOST_BOLD
        return Run(found.line, found.text, found.links, _BOLD_LEVEL) if is_bold else found


def source(text: str) -> Source:
    """Returns the runs of an HTML page, and its title."""
    left_out: tuple[LeftOut, ...] = ()
    if text.count("<") > _MOST_TAGS:
        text = "<".join(text.split("<", _MOST_TAGS)[:_MOST_TAGS])
        left_out = (LeftOut(text.count("\n") + 1, "", "From here on there are too many tags; split the file."),)
    # No network, no entities; what nests deeper than libxml2's own 256 elements is read as if it did not.
    parser = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    # Its UTF-8 says so: a declaration in the page is of the bytes that it once had.
    root = etree.fromstring(b"<meta charset=utf-8>" + text.encode("utf-8", "replace"), parser) if text.strip() else None
    if root is None:
        return Source(())
    title = root.findtext(".//title") or ""
    return Source(tuple(_runs(root)), title=" ".join(title.split())[:500], left_out=left_out)


def _runs(root: etree._Element) -> Iterator[Run]:
    at, silent = _Reading(), 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in _SILENT:
            silent += 1 if event == "start" else -1
        if event == "start" and not silent:
            yield from _entered(at, element, tag)
        elif event == "end" and not silent:
            yield from _left(at, tag)
            at.add(element.tail)
    yield from at.ended()


def _entered(at: _Reading, element: etree._Element, tag: str) -> Iterator[Run]:
    if tag in _BREAKS:
        yield from at.ended()
    if not at.pieces:
        at.line = element.sourceline or at.line
    at.level = _HEADINGS.get(tag, at.level)
    at.bold += tag in _BOLD
    if tag == "a":
        at.href = element.get("href") or None
    if tag == "img" and at.href is not None:
        at.add(element.get("alt"))
    at.add(element.text)


def _left(at: _Reading, tag: str) -> Iterator[Run]:
    if tag in _BREAKS:
        yield from at.ended()
    if tag in _HEADINGS:
        at.level = 0
    if tag in _BOLD:
        at.bold -= 1
    if tag == "a":
        at.href = None
