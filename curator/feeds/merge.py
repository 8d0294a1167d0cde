"""Which parsed items are new, and which change a stored one."""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from curator.feeds.values import KnownItem, NewItem, ParsedFeed, ParsedItem

ARCHIVE_AFTER = timedelta(days=30)
"""At a first poll, what is older than this was news to nobody's next issue."""

FUTURE_AFTER = timedelta(days=1)
"""A date further ahead than any time zone can explain is not believed."""


MAX_EDITS = 24
"""Changes of one item that count: a feed that writes another byte at each poll (a view counter) tells no news by it."""


@dataclass(frozen=True)
class Merge:
    """What a document changes: items to add, and items that say something new by the id of the stored one.

    `restless` are those of `changed` kind that changed MAX_EDITS times before: written, but no news to anybody.
    """

    new: tuple[ParsedItem, ...]
    changed: tuple[tuple[int, ParsedItem], ...]
    restless: tuple[tuple[int, ParsedItem], ...] = ()


def pages_of_one(feed: ParsedFeed) -> frozenset[str]:
    """Returns the canonical URLs that stand for one item each in this document.

    A page that several items link to tells nothing, nor does a home page.
    """
    counts = Counter(item.canonical_url for item in feed.items if item.canonical_url)
    return frozenset(url for url, count in counts.items() if count == 1 and urlsplit(url).path != "/")


def merged(items: Sequence[ParsedItem], *, known: Iterable[KnownItem], in_document: Set[str], pages: Set[str]) -> Merge:
    """Sorts `items` by what is stored: same identity and content is nothing, another content a change.

    An unknown identity whose page is that of exactly one stored item, which the document no longer has
    (`in_document` are its identities), is that item under a new guid.
    """
    stored = list(known)
    by_identity = {item.identity: item for item in stored}
    left: dict[str, list[KnownItem]] = {}
    for item in stored:
        if item.canonical_url in pages and item.identity not in in_document:
            left.setdefault(item.canonical_url or "", []).append(item)
    new: list[ParsedItem] = []
    changed: list[tuple[KnownItem, ParsedItem]] = []
    for parsed in items:
        match = by_identity.get(parsed.identity)
        moved = left.get(parsed.canonical_url or "", [])
        if match is None and len(moved) == 1:
            changed.append((moved[0], parsed))
        elif match is None:
            new.append(parsed)
        elif match.content_hash != parsed.content_hash:
            changed.append((match, parsed))
    return Merge(
        tuple(new),
        changed=tuple((stored.id, parsed) for stored, parsed in changed if stored.edits < MAX_EDITS),
        restless=tuple((stored.id, parsed) for stored, parsed in changed if stored.edits >= MAX_EDITS),
    )


def placed(item: ParsedItem, *, is_first_poll: bool, now: datetime) -> NewItem:
    """Returns the item with its moment: the stated date, or now when there is none or it lies in the future.

    What a first poll finds undated or old is archive: it was there before us and is no news.
    """
    stated = item.published_at
    is_believable = stated is not None and stated <= now + FUTURE_AFTER
    at = stated if stated is not None and is_believable else now
    is_old = stated is None or stated < now - ARCHIVE_AFTER
    is_odd = item.is_date_odd or not (stated is None or is_believable)
    return NewItem(item, at=at, is_archive=is_first_poll and is_old, is_date_odd=is_odd)
