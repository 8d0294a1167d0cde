"""Rules about words: those still to come, those left out, and those that are not true any more."""

import re
from collections.abc import Callable, Iterator
from functools import partial

from curator.issues import compose
from curator.issues.checks.values import Facts, Group, Level, Rule, Spot
from curator.issues.values import BlockKind, DocumentEntry, DocumentSection

_FEWEST, _MOST = 50, 5_000
_LEFT_OVER = re.compile(
    r"\bTODO\b|\bFIXME\b|\bTBD\b|\bXXX\b|"
    r"(?i:\blorem ipsum\b|\[insert\b|\[your\b|\[(?:link|url|title|name|quote|text|image|date)\])"
)
_ATTACHED = re.compile(r"\b(?:attached|attachment|attachments|enclosed file)\b", re.IGNORECASE)
_COPYRIGHT = re.compile(r"(?:©|\(c\)|\bcopyright\b)[ \t]{0,3}(?:©[ \t]{0,3})?((?:19|20)\d\d)(?!\d)", re.IGNORECASE)


def name_of(section: DocumentSection, entry: DocumentEntry) -> str:
    """Returns what a block is called in a sentence."""
    return f'"{entry.title}"' if entry.title else f"a text of {section.title or 'the intro'}"


def short(words: str) -> str:
    """Returns words as they are quoted in a sentence: at most 40 characters of them."""
    return words if len(words) <= 40 else f"{words[:39]}…"


def _to_come(facts: Facts) -> Iterator[Spot]:
    texts = _texts(facts)
    for place in compose.placeholders(facts.document):
        about = place.field or f"block {place.block_id}"
        yield Spot(
            f"The word TK still stands in {place.where}; finish these words first.",
            where=place.where,
            block_id=place.block_id,
            field=place.field,
            about=about,
            seen=texts.get(about, ""),
        )


def _left_over(facts: Facts) -> Iterator[Spot]:
    for field, text in (("subject", facts.document.subject), ("preheader", facts.document.preheader)):
        if found := _LEFT_OVER.search(text):
            words = f"“{found.group()}” stands in the {field}."
            yield Spot(words, "Write what belongs there.", field=field, about=field, seen=text)
    yield from _in_blocks(facts, _LEFT_OVER, "“{found}” stands in {name}.", "Write what belongs there.")


def _attached(facts: Facts) -> Iterator[Spot]:
    told = "{name} says “{found}”, and the mail has no attachment."
    yield from _in_blocks(facts, _ATTACHED, told, "Link to the file instead.")


def _stale_year(facts: Facts) -> Iterator[Spot]:
    for section, entry in _entries(facts):
        for year in {year for year in _COPYRIGHT.findall(_text(entry)) if int(year) != facts.now.year}:
            name = name_of(section, entry)
            words = f"{_upper(name)} has the copyright year {year}."
            yield _at(name, entry)(words, f"It is {facts.now.year} now.", about=f"block {entry.block_id}, {year}")


def _blurb_missing(facts: Facts) -> Iterator[Spot]:
    for block in facts.blocks:
        if block.kind is BlockKind.PICK and not block.has_blurb:
            name = f'"{block.name}"'
            words = f"{name} has no words of yours: the feed's own beginning stands in."
            yield Spot(words, "Say why it is worth reading.", where=name, block_id=block.block_id)


def _blurb_draft(facts: Facts) -> Iterator[Spot]:
    for block in facts.blocks:
        if block.draft:
            name = f'"{block.name}"'
            words = f"The blurb of {name} is a draft made of the article's sentences, and nobody has accepted it."
            yield Spot(words, "Accept it on the board, or write your own.", name, block.block_id, seen=block.draft)


def _length(facts: Facts) -> Iterator[Spot]:
    counted = sum(len(f"{entry.title} {entry.body_text}".split()) for _, entry in _entries(facts))
    if counted < _FEWEST and facts.document.sections:
        yield Spot(f"The issue has {counted} words.", "Is that all?", about="words", seen=str(counted // 10))
    if counted > _MOST:
        words = f"The issue has {counted:,} words: nobody reads more than {_MOST:,} in a mail."
        yield Spot(words, "Take something out, or shorten.", about="words", seen=str(counted // 500))


def _in_blocks(facts: Facts, pattern: re.Pattern[str], told: str, todo: str) -> Iterator[Spot]:
    for section, entry in _entries(facts):
        if found := pattern.search(_text(entry)):
            name = name_of(section, entry)
            words = told.replace("{found}", found.group()).replace("{name}", name)
            yield _at(name, entry)(_upper(words), todo)


def _entries(facts: Facts) -> Iterator[tuple[DocumentSection, DocumentEntry]]:
    return ((section, entry) for section in facts.document.sections for entry in section.entries)


def _at(name: str, entry: DocumentEntry) -> "partial[Spot]":
    return partial(Spot, where=name, block_id=entry.block_id, seen=_text(entry))


def _text(entry: DocumentEntry) -> str:
    return f"{entry.title}\n{entry.body_text}"


def _texts(facts: Facts) -> dict[str, str]:
    own = {"subject": facts.document.subject, "preheader": facts.document.preheader}
    return own | {f"block {entry.block_id}": _text(entry) for _, entry in _entries(facts)}


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def _warning(code: str, fine: str, look: Callable[[Facts], Iterator[Spot]]) -> Rule:
    return Rule(code, Group.WORDS, Level.WARNS, fine, look)


RULES = (
    Rule("tk", Group.WORDS, Level.BLOCKS, "No TK is left.", _to_come),
    _warning("placeholder", "No placeholder is left.", _left_over),
    _warning("blurb-missing", "Every pick has words of yours.", _blurb_missing),
    Rule("blurb-draft", Group.WORDS, Level.BLOCKS, "No blurb is a draft that nobody accepted.", _blurb_draft),
    _warning("length", "The length is right for a mail.", _length),
    _warning("attached", "Nothing is said to be attached.", _attached),
    _warning("stale-year", "No copyright year is out of date.", _stale_year),
)
"""In the order of the list."""
