"""Which promotions a document holds, until when each may be seen, and what has become of them since. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from curator.issues.values import BlockKind, Document, DocumentEntry

# A title of 200 characters would leave no room for what to do about it.
_NAME_CHARACTERS = 80


@dataclass(frozen=True)
class Promoted:
    """A promotion as it stands in a document; without `ends_at` it may be seen for ever."""

    promotion_id: int
    block_id: int
    name: str
    ends_at: datetime | None

    def has_ended(self, at: datetime) -> bool:
        """Whether it may not be seen any more: the end itself is too late."""
        return self.ends_at is not None and self.ends_at <= at


def promoted(document: Document, *, ends: Mapping[int, datetime] | None = None) -> list[Promoted]:
    """Returns a document's promotions in the order of the page.

    `ends` says by promotion when each ends by now: the earlier of both ends counts, so that neither an end that was
    brought forward nor one that readers were told is overrun.
    """
    return [_of(entry, ends or {}) for section in document.sections for entry in section.entries if _is_one(entry)]


def ended(document: Document, *, at: datetime, ends: Mapping[int, datetime] | None = None) -> list[Promoted]:
    """Returns the promotions of a document that may not be seen at a moment."""
    return [each for each in promoted(document, ends=ends) if each.has_ended(at)]


def first_to_end(document: Document, *, ends: Mapping[int, datetime] | None = None) -> Promoted | None:
    """Returns the promotion whose end comes first, None where none ends."""
    first: tuple[datetime, Promoted] | None = None
    for each in promoted(document, ends=ends):
        if each.ends_at is not None and (first is None or each.ends_at < first[0]):
            first = each.ends_at, each
    return None if first is None else first[1]


def still_seen(document: Document, *, at: datetime, ends: Mapping[int, datetime] | None = None) -> Document:
    """Returns a document without the promotions that ended, and without sections that had nothing else."""
    gone = {each.block_id for each in ended(document, at=at, ends=ends)}
    if not gone:
        return document
    sections = (
        replace(
            section,
            entries=tuple(entry for entry in section.entries if not (_is_one(entry) and entry.block_id in gone)),
        )
        for section in document.sections
    )
    return replace(document, sections=tuple(section for section in sections if section.entries))


def difference(approved: Document, current: Document) -> str:
    """Returns what has become of an approved document's promotions by now, in words; empty where nothing has.

    Ends do not count: whoever asks looks at them by themselves, and a later one harms nobody.
    """
    was, now = _by_block(approved), _by_block(current)
    for block_id, entry in was.items():
        other = now.get(block_id)
        if other is None:
            return f"“{_short(entry.title)}” was put away or taken out"
        if other.promotion_id != entry.promotion_id:
            return f"“{_short(other.title)}” took the place of “{_short(entry.title)}”"
        if _seen(other) != _seen(entry):
            return f"“{_short(entry.title)}” was changed"
    added = next((entry for block_id, entry in now.items() if block_id not in was), None)
    return "" if added is None else f"“{_short(added.title)}” was added"


def why_changed(what: str, *, number: int) -> str:
    """Returns why an issue whose promotions are others by now may not leave, and what to do, in words."""
    return f"{what} after issue {number} was approved. Look at the preview and approve it again."


def why_late(late: Promoted, *, number: int, zone: str) -> str:
    """Returns why an issue may not leave, and what to do, in words."""
    return (
        f"“{late.name}” may not be seen from {_moment(late, zone)} on. Take it out of issue {number}, or give it a "
        "later end under Promotions, then approve the issue again."
    )


def why_stopped(late: Promoted, *, number: int, zone: str) -> str:
    """Returns why a mailing stops midway, and how the others get the issue without the promotion."""
    return (
        f"It stopped by itself: “{late.name}” ended on {_moment(late, zone)}, and nothing leaves with it any more. To "
        f"finish without it, cancel the rest, take the promotion out of issue {number} and approve that as a new "
        "revision: it goes to those who have not got the issue yet."
    )


def _is_one(entry: DocumentEntry) -> bool:
    return entry.kind == BlockKind.PROMOTION and entry.promotion_id is not None


def _by_block(document: Document) -> dict[int, DocumentEntry]:
    return {entry.block_id: entry for section in document.sections for entry in section.entries if _is_one(entry)}


def _seen(entry: DocumentEntry) -> tuple[str | None, ...]:
    """Returns what a reader sees of a promotion. Its HTML is left out: a newer release may write the same anew."""
    told = entry.title, entry.body_text, entry.link, entry.label, entry.source, entry.facts
    return *told, entry.image_url, entry.image_alt


def _short(name: str) -> str:
    return name if len(name) <= _NAME_CHARACTERS else name[: _NAME_CHARACTERS - 1] + "…"


def _of(entry: DocumentEntry, ends: Mapping[int, datetime]) -> Promoted:
    assert entry.promotion_id is not None
    told = [datetime.fromisoformat(entry.ends_at)] if entry.ends_at else []
    known = [ends[entry.promotion_id]] if entry.promotion_id in ends else []
    return Promoted(entry.promotion_id, entry.block_id, _short(entry.title), min(told + known, default=None))


def _moment(late: Promoted, zone: str) -> str:
    assert late.ends_at is not None
    at = late.ends_at.astimezone(ZoneInfo(zone))
    return f"{at.day} {at:%B %Y, %H:%M} {zone}"
