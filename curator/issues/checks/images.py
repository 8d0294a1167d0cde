"""Rules about the pictures' files: how they are asked for, how heavy they are, and what room is kept for them."""

from collections.abc import Callable, Iterator, Sequence

from curator.issues.checks.values import Facts, Group, Level, LinkFate, Rule, Spot
from curator.issues.checks.words import name_of
from curator.issues.values import DocumentEntry

MOST_BYTES_A_PICTURE = 1_000_000
"""A phone on a poor line loads a megabyte in eight seconds: longer than anybody looks at one item."""


def _plain_http(facts: Facts) -> Iterator[Spot]:
    for name, entry in _pictured(facts):
        if (entry.image_url or "").casefold().startswith("http://"):
            words = f"The picture of {name} is asked for by plain http, and mail programs may not show it."
            yield _spot(words, "Take one from an address with https://.", name, entry)


def _heavy(facts: Facts) -> Iterator[Spot]:
    for name, entry in _pictured(facts):
        if (weight := _bytes(facts, entry)) > MOST_BYTES_A_PICTURE:
            words = f"The picture of {name} has {weight / 1_000_000:.1f} MB, which phones load for long."
            yield _spot(words, "Take a smaller one.", name, entry)


def _gone(facts: Facts) -> Iterator[Spot]:
    for name, entry in _pictured(facts):
        look = facts.looks.get(entry.image_url or "")
        if look is not None and look.fate is LinkFate.GONE:
            yield _spot(f"The picture of {name} is gone ({look.note}).", "Take another, or none.", name, entry)


def _no_size(facts: Facts) -> Iterator[Spot]:
    if facts.mail is None:
        return
    for picture in facts.mail.markup.pictures:
        if not picture.width.isdigit():
            words = "A picture in the mail does not say how wide it is, so the mail jumps while it loads."
            yield Spot(words, "Mend the template.", where="the mail", about=picture.source[:120])


def _bytes(facts: Facts, entry: DocumentEntry) -> int:
    """Returns how heavy a picture is: one of our own is known, of one elsewhere what a look at it said; 0 else."""
    row = standing.row if (standing := facts.pictures.get(entry.block_id)) and standing.is_shown else None
    if row is not None and row.picture is not None and row.picture.path == entry.image_url:
        return row.picture.bytes
    look = facts.looks.get(entry.image_url or "")
    return 0 if look is None else look.bytes or 0


def _pictured(facts: Facts) -> Iterator[tuple[str, DocumentEntry]]:
    for section in facts.document.sections:
        for entry in section.entries:
            if entry.image_url:
                yield name_of(section, entry), entry


def _spot(words: str, todo: str, name: str, entry: DocumentEntry) -> Spot:
    return Spot(words, todo, name, entry.block_id, episode_id=entry.episode_id, seen=entry.image_url or "")


def _warning(code: str, fine: str, look: Callable[[Facts], Iterator[Spot]]) -> Rule:
    return Rule(code, Group.PICTURES, Level.WARNS, fine, look)


RULES: Sequence[Rule] = (
    _warning("picture-http", "Every picture is asked for encrypted.", _plain_http),
    _warning("picture-gone", "No picture is known to be gone.", _gone),
    _warning("picture-heavy", "No picture is known to be heavy.", _heavy),
    _warning("picture-size", "Every picture in the mail says how wide it is.", _no_size),
)
"""In the order of the list."""
