"""A transcript as a file to keep: HTML and plain text, with speakers, times and whose words they are. Pure."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from curator.episodes.transcripts.times import clock
from curator.episodes.transcripts.values import StoredTurn
from curator.languages import Speech

# Invisible: a line that begins with it runs to the left, and what stands between the other two keeps its own direction.
_TO_LEFT, _ISOLATE, _END = "\u200f", "\u2068", "\u2069"
_STYLE = """
:root { color-scheme: light dark; }
body { font: 1.0625rem/1.6 Georgia, "Times New Roman", serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; }
dt { font-weight: bold; margin-block-start: 1.25rem; }
dt span { font: .8125rem sans-serif; opacity: .75; }
dd { margin: 0; }
footer { margin-block-start: 3rem; border-block-start: 1px solid; padding-block-start: 1rem; font-size: .9375rem; }
"""


@dataclass(frozen=True)
class Spoken:
    """A transcript with what stands above and below it; `guests` are names, `credit` the show's own line.

    `direction` is that of the language's script: "ltr" or "rtl".
    """

    title: str
    show: str
    dated: str
    guests: tuple[str, ...]
    url: str
    credit: str
    language: str
    direction: str
    turns: Sequence[StoredTurn]


def as_text(spoken: Spoken, speech: Speech) -> str:
    """Returns the transcript as plain text: a head, then who speaks with the time, and the words below."""
    lines = [spoken.title, spoken.show, spoken.dated, *_with(spoken, speech), spoken.url, ""]
    for turn in spoken.turns:
        lines += [_who_in_text(turn), turn.text, ""]
    lines += ["-- ", *_foot(spoken, speech)]
    mark = _TO_LEFT if spoken.direction == "rtl" else ""
    return "\n".join(f"{mark}{line}" if line else "" for line in "\n".join(lines).split("\n")) + "\n"


def as_html(spoken: Spoken, speech: Speech) -> str:
    """Returns the transcript as one HTML file that needs nothing else; every word in it is escaped."""
    language, title = html.escape(spoken.language or "en"), html.escape(spoken.title)
    head = [spoken.show, spoken.dated, *_with(spoken, speech)]
    turns = "\n".join(_turn_in_html(turn) for turn in spoken.turns)
    foot = "".join(f'<p dir="auto">{_linked(line, spoken.url)}</p>' for line in _foot(spoken, speech))
    return (
        f'<!doctype html>\n<html lang="{language}" dir="{html.escape(spoken.direction)}">\n<head>\n'
        '<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title} - {html.escape(spoken.show)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<header>\n"
        f'<h1 dir="auto">{title}</h1>\n<p>{"<br>".join(f"<bdi>{html.escape(line)}</bdi>" for line in head)}</p>\n'
        f"</header>\n<dl>\n{turns}\n</dl>\n<footer>{foot}</footer>\n</body>\n</html>\n"
    )


def _with(spoken: Spoken, speech: Speech) -> list[str]:
    return [speech.gettext("With %(names)s", names=", ".join(spoken.guests))] if spoken.guests else []


def _foot(spoken: Spoken, speech: Speech) -> list[str]:
    told = speech.gettext("Transcript of “%(title)s”, an episode of %(show)s.", title=spoken.title, show=spoken.show)
    return [told, *([spoken.credit] if spoken.credit else []), spoken.url]


def _who_in_text(turn: StoredTurn) -> str:
    at = "" if turn.start_ms is None else f"[{clock(turn.start_ms)}]"
    who = f"{_ISOLATE}{turn.speaker}{_END}:" if turn.speaker else ""
    return " ".join(part for part in (at, who) if part) or "-"


def _turn_in_html(turn: StoredTurn) -> str:
    at = "" if turn.start_ms is None else f" <span>{clock(turn.start_ms)}</span>"
    who = html.escape(turn.speaker) or "&ndash;"
    paragraphs = "<br>".join(html.escape(line) for line in turn.text.split("\n"))
    return f'<dt dir="auto"><bdi>{who}</bdi>{at}</dt>\n<dd dir="auto">{paragraphs}</dd>'


def _linked(line: str, url: str) -> str:
    shown = html.escape(line)
    return f'<a href="{shown}">{shown}</a>' if line == url else shown
