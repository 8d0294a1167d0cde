"""What changed between two contents of an issue, in words: lines above it, blocks, and their order. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from curator.issues.checks.words import name_of
from curator.issues.values import Document, DocumentEntry, DocumentSection

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
# Comparing takes quadratic time; beyond this whole texts stand one after the other.
_MOST_TOKENS = 2_000


class Side(StrEnum):
    """On which side of a change words stand."""

    BOTH = "both"
    OLD = "old"
    NEW = "new"


@dataclass(frozen=True)
class Piece:
    """A piece of a text that changed."""

    side: Side
    text: str


@dataclass(frozen=True)
class Change:
    """One change in words; `pieces` show the text, where it is a text that changed."""

    words: str
    pieces: tuple[Piece, ...] = ()
    block_id: int | None = None


@dataclass(frozen=True)
class _Standing:
    section: DocumentSection
    entry: DocumentEntry

    @property
    def name(self) -> str:
        return name_of(self.section, self.entry)

    @property
    def place(self) -> str:
        return self.section.title or "the intro"

    @property
    def said(self) -> str:
        entry = self.entry
        return "\n".join(part for part in (entry.title, entry.people, entry.body_text, entry.topics) if part)


def changes(old: Document, new: Document) -> tuple[Change, ...]:
    """Returns what of `new` is not as it was in `old`, in the order of the new page; what was taken out comes last."""
    return (*_above(old, new), *_blocks(_standing(old), _standing(new)))


def compared(old: str, new: str) -> tuple[Piece, ...]:
    """Returns two texts as one: what they share, and word by word what only one of them has."""
    first, second = _TOKEN.findall(old), _TOKEN.findall(new)
    if max(len(first), len(second)) > _MOST_TOKENS:
        return tuple(piece for piece in (Piece(Side.OLD, old), Piece(Side.NEW, new)) if piece.text)
    pieces: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(a=first, b=second, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(Side.BOTH, "".join(first[i:j])))
            continue
        pieces += [Piece(Side.OLD, "".join(first[i:j]))] if j > i else []
        pieces += [Piece(Side.NEW, "".join(second[k:m]))] if m > k else []
    return tuple(pieces)


def _above(old: Document, new: Document) -> Iterator[Change]:
    for name, was, now in (
        ("The subject", old.subject, new.subject),
        ("The preheader", old.preheader, new.preheader),
        ("The newsletter's name", old.newsletter_name, new.newsletter_name),
        ("The tagline", old.tagline, new.tagline),
        ("The postal address", old.postal_address, new.postal_address),
        ("The date", old.dated_on, new.dated_on),
    ):
        if was != now:
            yield Change(f"{name} was changed.", compared(was, now))


def _blocks(old: dict[int, _Standing], new: dict[int, _Standing]) -> Iterator[Change]:
    moved = _moved(list(old), list(new))
    for block_id, now in new.items():
        was = old.get(block_id)
        if was is None:
            yield Change(f"{_upper(now.name)} was put into {now.place}.", compared("", now.said), block_id)
            continue
        yield from _block(block_id, was, now, is_moved=block_id in moved)
    for block_id, was in old.items():
        if block_id not in new:
            yield Change(f"{_upper(was.name)} was taken out of {was.place}.", compared(was.said, ""))


def _block(block_id: int, was: _Standing, now: _Standing, *, is_moved: bool) -> Iterator[Change]:
    name = _upper(now.name)
    if was.said != now.said:
        yield Change(f"{name} was changed.", compared(was.said, now.said), block_id)
    if was.entry.link != now.entry.link:
        yield Change(f"{name} leads elsewhere.", compared(was.entry.link or "", now.entry.link or ""), block_id)
    if was.place != now.place:
        yield Change(f"{name} was moved from {was.place} to {now.place}.", (), block_id)
    elif is_moved:
        yield Change(f"{name} stands at another place of {now.place}.", (), block_id)
    elif (was.said, was.entry.link) == (now.said, now.entry.link) and was.entry != now.entry:
        yield Change(f"{name} has another picture, link or fact.", (), block_id)


def _moved(old: Sequence[int], new: Sequence[int]) -> set[int]:
    """Returns the blocks that must have been moved for the others to have kept their order."""
    stayed = [block for block in old if block in set(new)], [block for block in new if block in set(old)]
    kept: set[int] = set()
    for match in SequenceMatcher(a=stayed[0], b=stayed[1], autojunk=False).get_matching_blocks():
        kept |= set(stayed[0][match.a : match.a + match.size])
    return set(stayed[1]) - kept


def _standing(document: Document) -> dict[int, _Standing]:
    return {entry.block_id: _Standing(section, entry) for section in document.sections for entry in section.entries}


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
