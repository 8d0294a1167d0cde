"""Transcripts in HTML: the podcast namespace's <cite>, <time> and <p>, and ordinary pages of paragraphs."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from curator.episodes.transcripts import names, times
from curator.episodes.transcripts.values import Cue
from curator.errors import ParseError

_SKIPPED = frozenset(
    [
        "script",
        "style",
        "head",
        "nav",
        "header",
        "footer",
        "aside",
        "form",
        "button",
        "select",
        "noscript",
        "template",
        "svg",
        "math",
        "iframe",
        "object",
    ]
)
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "tr",
        "table",
        "td",
        "th",
        "section",
        "article",
        "main",
        "blockquote",
        "pre",
        "hr",
    ]
)
_MARKS = frozenset(("cite", "time"))
Line = tuple[str, str]
"""What stands in a line ("cite", "time" or "" for words), and its text."""


def cues(text: str) -> list[Cue]:
    """Returns a cue for each block of words; raises ParseError for what has none."""
    lines = [(kind, " ".join(words.split())) for kind, words in _lines(_root(text))]
    lines = [(kind, words) for kind, words in lines if words]
    known = names.known_names(words for kind, words in lines if not kind)
    return list(_cues(lines, known))


def _root(text: str) -> Any:
    # Bytes, because a str that declares its encoding is refused.
    parser = etree.HTMLParser(encoding="utf-8", recover=True, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError) as error:
        raise ParseError("The page cannot be read as HTML.") from error
    if root is None:
        raise ParseError("The page has no words in it.")
    return root


def _lines(root: Any) -> Iterator[Line]:
    """Walks the page without recursion, however deep it nests, and yields its lines."""
    words: list[str] = []
    mark = ""
    skipped: Any = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if skipped is not None:
            if event == "end" and element is skipped:
                skipped = None
                words.append(element.tail or "")
            continue
        if tag in _BLOCKS or tag in _MARKS:
            yield mark, "".join(words)
            words, mark = [], (tag if event == "start" and tag in _MARKS else "")
        if event == "start" and tag in _SKIPPED:
            skipped = element
        elif event == "start":
            words.append(element.text or "")
        else:
            words.append(element.tail or "")
    yield mark, "".join(words)


def _cues(lines: list[Line], known: frozenset[str]) -> Iterator[Cue]:
    speaker: str | None = None
    start, is_broken = None, False
    for kind, words in lines:
        if kind == "cite":
            speaker = words.rstrip(":： ")
        elif kind == "time":
            start = times.from_clock(words.strip("[]() "))
            is_broken = start is None
        else:
            told = names.beginning(words, names=known)
            yield Cue(
                told.words.strip(),
                told.speaker if told.speaker is not None else speaker,
                told.start_ms if told.start_ms is not None else start,
                is_broken=told.is_broken or is_broken,
            )
            speaker, start, is_broken = None, None, False
