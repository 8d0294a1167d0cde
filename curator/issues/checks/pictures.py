"""Rules about pictures: what is said to whoever does not see them, and whether they are here."""

import re
from collections.abc import Iterator

from curator.issues.checks.values import Facts, Group, Level, Rule, Spot
from curator.issues.checks.words import name_of
from curator.issues.pictured import Standing
from curator.issues.values import BlockKind, DocumentEntry

# What cameras and programs call their files.
_FILE_NAME = re.compile(
    r"(?:\S+\.(?:png|jpe?g|gif|webp|svg|avif)|(?:image|img|dsc|pict|photo|picture|screenshot|untitled)[ _-]*\d*)",
    re.IGNORECASE,
)


def _no_words(facts: Facts) -> Iterator[Spot]:
    for name, entry in _pictured(facts):
        if not entry.image_alt.strip():
            words = f"The picture of {name} has no words for whoever does not see it."
            yield _spot(words, _where_to_say(entry), name, entry)


def _file_name(facts: Facts) -> Iterator[Spot]:
    for name, entry in _pictured(facts):
        if _FILE_NAME.fullmatch(entry.image_alt.strip()):
            words = f"The picture of {name} is described by a file's name, “{entry.image_alt.strip()}”."
            yield _spot(words, "Say what it shows.", name, entry)


def _waiting(facts: Facts) -> Iterator[Spot]:
    for name, entry, standing in _standing(facts):
        if standing.is_waiting:
            words = f"The picture of {name} is being fetched; until it is here, the mail goes without it."
            yield _spot(words, "Look again in a minute.", name, entry, seen=standing.source.url)


def _missing(facts: Facts) -> Iterator[Spot]:
    for name, entry, standing in _standing(facts):
        if standing.is_missing and standing.row is not None:
            words = f"The picture of {name} could not be had, so the mail goes without it. {standing.row.note}"
            todo = "Have it fetched again on the board, or choose another."
            yield _spot(words, todo, name, entry, seen=standing.source.url)


def _late(facts: Facts) -> Iterator[Spot]:
    for name, entry, standing in _standing(facts):
        if standing.is_late:
            words = f"The picture of {name} came after the approval, so the mail goes without it."
            todo = "To have it, take the approval back and approve the issue again."
            yield _spot(words, todo, name, entry, seen=standing.source.url)


def _entries(facts: Facts) -> Iterator[tuple[str, DocumentEntry]]:
    for section in facts.document.sections:
        for entry in section.entries:
            yield name_of(section, entry), entry


def _pictured(facts: Facts) -> Iterator[tuple[str, DocumentEntry]]:
    """Yields what shows a picture, or will when it is here: words for it are asked for in good time."""
    for name, entry in _entries(facts):
        if entry.image_url or entry.block_id in facts.pictures:
            yield name, entry


def _standing(facts: Facts) -> Iterator[tuple[str, DocumentEntry, Standing]]:
    for name, entry in _entries(facts):
        if entry.block_id in facts.pictures:
            yield name, entry, facts.pictures[entry.block_id]


def _where_to_say(entry: DocumentEntry) -> str:
    if entry.episode_id is not None:
        return "Say under “Artwork” what it shows."
    if entry.kind is BlockKind.PROMOTION:
        return "Say what it shows where the promotion is written."
    return "Say what it shows under “Picture” on its block."


def _spot(words: str, todo: str, name: str, entry: DocumentEntry, *, seen: str = "") -> Spot:
    seen = seen or f"{entry.image_url}\n{entry.image_alt}"
    return Spot(words, todo, name, entry.block_id, episode_id=entry.episode_id, seen=seen)


RULES = (
    Rule("picture-words", Group.PICTURES, Level.WARNS, "Every picture is described.", _no_words),
    Rule("picture-file-name", Group.PICTURES, Level.WARNS, "No picture is described by a file's name.", _file_name),
    Rule("picture-waiting", Group.PICTURES, Level.WARNS, "No picture is still on its way.", _waiting),
    Rule("picture-missing", Group.PICTURES, Level.WARNS, "Every picture could be had.", _missing),
    Rule("picture-late", Group.PICTURES, Level.WARNS, "No picture came too late.", _late),
)
"""In the order of the list."""
