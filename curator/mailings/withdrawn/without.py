"""Words without a person or a passage: in plain text, in safe HTML, and in whatever is kept as JSON. Pure."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

from curator.episodes.quotes.values import QuotedTurn
from curator.episodes.trim import trimmed
from curator.episodes.values import EpisodeView, Guest, Words
from curator.errors import InvalidError
from curator.languages import known, speech

GONE = "[withdrawn]"
"""What stands where words were withdrawn."""

# An address is none of the words; what it leads to is somebody else's.
_ADDRESSES = ("url", "link", "image_url", "href", "artwork_url")
# Shorter ones stand in too many sentences that nobody meant.
_FEWEST_WORDS = 4
_ASCII = re.compile(r"[A-Za-z0-9]+")
_LETTERS = re.compile(r"[^\W_]+")
# As HTML of several makers writes them; an apostrophe is typed in two ways.
_QUOTES = ("'", "’", "&#39;", "&#x27;", "&apos;")
_OTHERWISE = {
    "&": ("&amp;",),
    "<": ("&lt;",),
    ">": ("&gt;",),
    '"': ("&#34;", "&quot;"),
    "'": _QUOTES,
    "’": _QUOTES,
}
# A backslash before any of them is only that sign.
_MARKDOWN = frozenset("\\`*_[]<>&")

# Arabic writes its "and" at the next word.
_BEGINS = r"(?:(?<!\w)|(?<=(?<!\w)و))"


class Withdrawn:
    """What is looked for: a name, or the passages of a quote."""

    def __init__(self, passages: Iterable[str]) -> None:
        parts = sorted({part for each in passages for part in _written(each)}, key=len, reverse=True)
        self._pattern = re.compile(rf"{_BEGINS}(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE) if parts else None
        self._guest = _guest_pattern(parts)

    def is_in(self, value: Any) -> bool:
        """Tells whether it stands in a text, or anywhere in what is kept as JSON (not in addresses)."""
        return bool(self.out_of(value) != value)

    def is_all_of(self, text: str) -> bool:
        """Tells whether a text is this and nothing else."""
        return self._pattern is not None and self._pattern.fullmatch(text.strip()) is not None

    def out_of(self, value: Any) -> Any:
        """Returns the same without it, however deep it stands."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self._pattern.sub(GONE, value)
        if isinstance(value, dict):
            return {name: self._field(name, each) for name, each in value.items()}
        return [self.out_of(each) for each in value] if isinstance(value, list | tuple) else value

    def _field(self, name: str, value: Any) -> Any:
        if name in _ADDRESSES:
            return value
        # Of those who talk in an episode the role goes with the name; a name that stands there otherwise goes alone.
        return self.out_of(self._guest.sub("", value) if name == "people" and isinstance(value, str) else value)


def of_person(name: str) -> Withdrawn:
    """Returns what is looked for when a person is withdrawn: their name, as whole words."""
    return Withdrawn([name])


def of_turns(turns: Iterable[QuotedTurn]) -> Withdrawn:
    """Returns what is looked for when a quote is withdrawn: each voice's words, unless they are very few."""
    return Withdrawn(turn.text for turn in turns if len(turn.text.split()) >= _FEWEST_WORDS)


def document(
    kept: dict[str, Any], gone: Withdrawn, *, is_quote_gone: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """Returns a kept document without it: entries of withdrawn quotes are left out, and sections without entries."""
    sections = [
        {**section, "entries": [entry for entry in section["entries"] if not _is_gone(entry, is_quote_gone)]}
        for section in kept["sections"]
    ]
    left = {**kept, "sections": [section for section in sections if section["entries"]]}
    found: dict[str, Any] = gone.out_of(left)
    return found


def _is_gone(entry: dict[str, Any], is_quote_gone: Callable[[dict[str, Any]], bool]) -> bool:
    return entry["kind"] == "quote" and is_quote_gone(entry)


def words(view: EpisodeView, gone: Withdrawn) -> Words | None:
    """Returns what an editor's words must be so that an episode is shown without a person; None where it is already.

    They stand over the feed's words, so no poll brings the name back.
    """
    guests = tuple(_guest(guest, gone) for guest in view.guests if not gone.is_in(guest.name))
    changed: dict[str, Any] = {} if guests == view.guests else {"guests": guests}
    for name in ("title", "subtitle", "summary"):
        text = getattr(view, name)
        if gone.is_in(text):
            changed[name] = gone.out_of(text)
    for name in ("topics", "chapters", "mentions"):
        kept = tuple(each for each in getattr(view, name) if not gone.is_in(getattr(each, "title", each)))
        if len(kept) != len(getattr(view, name)):
            changed[name] = kept
    if view.artwork is not None and gone.is_in(view.artwork.alt):
        changed["artwork_alt"] = gone.out_of(view.artwork.alt)
    if view.artwork is not None and gone.is_in(view.artwork.credit):
        changed["artwork_credit"] = gone.out_of(view.artwork.credit)
    return replace(view.words, **changed) if changed else None


def _guest(guest: Guest, gone: Withdrawn) -> Guest:
    links = tuple(replace(link, label=gone.out_of(link.label)) for link in guest.links)
    return replace(guest, role=gone.out_of(guest.role), biography=gone.out_of(guest.biography), links=links)


def was_said(turn: str, passages: Iterable[str], *, fewest_words: int = _FEWEST_WORDS) -> bool:
    """Tells whether a turn of a transcript holds one of these passages, with words left out as quotes leave them out.

    Passages of fewer words count only where somebody knows that they stand there: 0 says so.
    """
    return any(_was_said(turn, each) for each in passages if len(each.split()) >= max(fewest_words, 1))


def _was_said(turn: str, passage: str) -> bool:
    if not all(each.casefold() in turn.casefold() for each in needles([passage])):
        return False
    try:
        trimmed(turn, passage)
    except InvalidError:
        return False
    return True


def needles(passages: Collection[str]) -> list[str]:
    """Returns one run of letters of each passage, the longest: rows without any of them need not be looked at.

    Signs are the editor's own, and HTML and Markdown write some of them otherwise. Of letters those of ASCII are taken
    where there are any: of others not every database knows which are the same.
    """
    found = []
    for each in passages:
        runs = _ASCII.findall(each) or _LETTERS.findall(each)
        if runs:
            found.append(max(runs, key=len))
    return found


def _written(passage: str) -> list[str]:
    """Returns a passage as a pattern, however its words are spaced; as HTML and Markdown write it too."""
    parts = ["".join(_sign(character) for character in part) for part in passage.split()]
    return [r"\s+".join(parts)] if parts else []


def _sign(character: str) -> str:
    """Returns a pattern of one character, in any of the ways in which it may be written."""
    forms = [re.escape(character), *_OTHERWISE.get(character, ())]
    bare = forms[0] if len(forms) == 1 else f"(?:{'|'.join(forms)})"
    return rf"\\?{bare}" if character in _MARKDOWN else bare


def _between_names() -> list[str]:
    """Returns what a mail writes between names, in any of its languages."""
    spoken = [speech(language) for language in sorted(known())]
    return list(dict.fromkeys(sign for each in spoken for sign in (each.comma, each.joined(["", ""]))))


def _guest_pattern(parts: list[str]) -> re.Pattern[str]:
    """A guest of several with their role and one of the signs beside them: "Nadia Okafor (researcher) and "."""
    one = rf"(?:{'|'.join(parts) or '(?!)'})(?:\s\([^()]*\))?"
    between = "|".join(map(re.escape, _between_names()))
    return re.compile(rf"(?:{between}){one}(?!\w)|^{one}(?:{between}|$)", re.IGNORECASE)
