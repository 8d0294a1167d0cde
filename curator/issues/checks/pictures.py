"""Rules about pictures: what is said to whoever does not see them."""

import re
from collections.abc import Iterator

from curator.issues.checks.values import Facts, Group, Level, Rule, Spot
from curator.issues.checks.words import name_of
from curator.issues.values import DocumentEntry

# What cameras and programs call their files.
_FILE_NAME = re.compile(
    r"(?:\S+\.(?:png|jpe?g|gif|webp|svg|avif)|(?:image|img|dsc|pict|photo|picture|screenshot|untitled)[ _-]*\d*)",
    re.IGNORECASE,
)


def _no_words(facts: Facts) -> Iterator[Spot]:
    for name, entry in _pictured(facts):
        if not entry.image_alt.strip():
            words = f"The picture of {name} has no words for whoever does not see it."
            yield _spot(words, "Say under “Artwork” what it shows.", name, entry)


def _file_name(facts: Facts) -> Iterator[Spot]:
    for name, entry in _pictured(facts):
        if _FILE_NAME.fullmatch(entry.image_alt.strip()):
            words = f"The picture of {name} is described by a file's name, “{entry.image_alt.strip()}”."
            yield _spot(words, "Say what it shows.", name, entry)


def _pictured(facts: Facts) -> Iterator[tuple[str, DocumentEntry]]:
    for section in facts.document.sections:
        for entry in section.entries:
            if entry.image_url:
                yield name_of(section, entry), entry


def _spot(words: str, todo: str, name: str, entry: DocumentEntry) -> Spot:
    seen = f"{entry.image_url}\n{entry.image_alt}"
    return Spot(words, todo, name, entry.block_id, episode_id=entry.episode_id, seen=seen)


RULES = (
    Rule("picture-words", Group.PICTURES, Level.WARNS, "Every picture is described.", _no_words),
    Rule("picture-file-name", Group.PICTURES, Level.WARNS, "No picture is described by a file's name.", _file_name),
)
"""In the order of the list."""
