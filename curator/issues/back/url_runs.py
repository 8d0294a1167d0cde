"""A back issue as a list of addresses, a line each, as runs of words. Pure."""

import re
from collections.abc import Iterator

from curator.issues.back.markdown_runs import MAX_LINE, MAX_LINES
from curator.issues.back.runs import Piece, run
from curator.issues.back.values import LeftOut, Run, Source

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_MOST_HEADING = 120


def source(text: str) -> Source:
    """Returns a run for each line: an address with what it is called before or behind it, or between tabs.

    "# Tools" and "Tools:" are headings.
    """
    lines = text.split("\n")
    left_out = [
        LeftOut(number, line[:80], "The line is too long to be read.")
        for number, line in enumerate(lines[:MAX_LINES], start=1)
        if len(line) > MAX_LINE
    ]
    if len(lines) > MAX_LINES:
        left_out.append(LeftOut(MAX_LINES + 1, "", f"At most {MAX_LINES:,} lines of a file are read; the rest is not."))
    return Source(tuple(_runs(lines[:MAX_LINES])), left_out=tuple(left_out))


def _runs(lines: list[str]) -> Iterator[Run]:
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_LINE:
            continue
        level = _level(line.strip())
        found = run([(line.strip(" #:\t"), None)] if level else _pieces(line), line=number, level=level)
        if found is not None:
            yield found


def _level(line: str) -> int:
    """Returns the level of a heading, 0 for what is none."""
    if len(line) > _MOST_HEADING or _ADDRESS.search(line):
        return 0
    marks = len(line) - len(line.lstrip("#"))
    return min(marks, 6) if marks else 2 if line.endswith(":") else 0


def _pieces(line: str) -> list[Piece]:
    """Of fields between tabs the one that is an address is linked to by the next that is none."""
    fields = [field.strip() for field in line.split("\t") if field.strip()]
    address = next((field for field in fields if _ADDRESS.match(field)), None)
    words = [field for field in fields if field != address]
    if len(fields) < 2 or address is None or not words:
        return [(line, None)]
    return [(words[0], address), (" – " + " ".join(words[1:]) if words[1:] else "", None)]
