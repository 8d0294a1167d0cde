"""A back issue in Markdown, as runs of words. Pure."""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from curator.issues.back.runs import Piece, run
from curator.issues.back.values import LeftOut, Run, Source

MAX_LINES = 5_000
MAX_LINE = 10_000
# Readers of Markdown take quadratic time over marks: 200,000 brackets took 25 s, these together take one.
_MOST_BRACKETS, _MOST_MARKS = 4_000, 20_000
_MARK = re.compile(r"[*_`|!\]<>#]")
_MOST_FACTS = 50
_FENCES = {"---": ":", "+++": "="}
_FACT = re.compile(r"\s*+([A-Za-z][\w-]{0,39})\s*+[:=]\s*+(.{0,500})")
# A heading of plain HTML in Markdown is left to the words around it.
_TAG = re.compile(r"<[^<>]{0,2000}>")


def source(text: str) -> Source:
    """Returns the runs of a Markdown file, and the facts of the head between --- or +++ that it may have."""
    lines = text.split("\n")
    facts, begins = _head(lines)
    kept, left_out = _bounded(lines, begins)
    tokens = _MARKDOWN.parse("\n".join(kept))
    return Source(tuple(_runs(tokens)), facts, left_out=tuple(left_out))


def _head(lines: Sequence[str]) -> tuple[tuple[tuple[str, str], ...], int]:
    """Returns the facts, and the number of lines that they take."""
    fence = lines[0].strip() if lines else ""
    if fence not in _FENCES:
        return (), 0
    found: list[tuple[str, str]] = []
    for place, line in enumerate(lines[1 : _MOST_FACTS + 2], start=1):
        if line.strip() == fence:
            return tuple(found), place + 1
        fact = _FACT.fullmatch(line)
        if fact:
            found.append((fact[1].casefold(), fact[2].strip().strip("\"'")))
    return (), 0


def _bounded(lines: Sequence[str], begins: int) -> tuple[list[str], list[LeftOut]]:
    """Returns the lines with those emptied that nobody wrote by hand, so that the others keep their numbers."""
    left_out = []
    kept = [""] * begins
    brackets = marks = 0
    for number, line in enumerate(lines[begins:MAX_LINES], start=begins + 1):
        brackets, marks = brackets + line.count("["), marks + len(_MARK.findall(line))
        if brackets > _MOST_BRACKETS or marks > _MOST_MARKS:
            left_out.append(LeftOut(number, line[:80], "From here on there are too many marks; split the file."))
            return kept, left_out
        if len(line) > MAX_LINE:
            left_out.append(LeftOut(number, line[:80], "The line is too long to be read."))
        kept.append(line if len(line) <= MAX_LINE else "")
    if len(lines) > MAX_LINES:
        left_out.append(LeftOut(MAX_LINES + 1, "", f"At most {MAX_LINES:,} lines of a file are read; the rest is not."))
    return kept, left_out


def _runs(tokens: Sequence[Token]) -> Iterator[Run]:
    level, line = 0, 1
    for token in tokens:
        if token.map is not None:
            line = token.map[0] + 1
        if token.type == "heading_open":
            level = int(token.tag[1:])
        elif token.type == "heading_close":
            level = 0
        elif token.type in ("html_block", "inline"):
            pieces = _pieces(token.children or ()) if token.type == "inline" else [(_TAG.sub(" ", token.content), None)]
            found = run(pieces, line=line, level=level)
            if found is not None:
                yield found


def _pieces(tokens: Sequence[Token]) -> Iterator[Piece]:
    href: str | None = None
    for token in tokens:
        match token.type:
            case "text" | "code_inline":
                yield token.content, href
            case "softbreak" | "hardbreak":
                yield " ", None
            case "link_open":
                href = str(token.attrs.get("href", ""))
            case "link_close":
                href = None
            case "image" if href is not None:
                yield token.content, href


class _AnyLink(MarkdownIt):
    """Leaves it to us which addresses are good: what it refused itself would look like words."""

    def validateLink(self, url: str) -> bool:  # noqa: N802, ARG002 - the library calls it so
        return True

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the library calls it by this name
        return url


_MARKDOWN = _AnyLink("commonmark", {"maxNesting": 20}).enable("table")
