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


@dataclass(frozen=True)
class Merge:
    """What a document changes: items to add, and items that say something new by the id of the stored one."""

    new: tuple[ParsedItem, ...]
    changed: tuple[tuple[int, ParsedItem], ...]


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
    changed: list[tuple[int, ParsedItem]] = []
    for parsed in items:
        match = by_identity.get(parsed.identity)
        moved = left.get(parsed.canonical_url or "", [])
        if match is None and len(moved) == 1:
            changed.append((moved[0].id, parsed))
        elif match is None:
            new.append(parsed)
        elif match.content_hash != parsed.content_hash:
            changed.append((match.id, parsed))
    return Merge(tuple(new), tuple(changed))


def placed(item: ParsedItem, *, is_first_poll: bool, now: datetime) -> NewItem:
    """Returns the item with its moment: the stated date, or now when there is none or it lies in the future.

    What a first poll finds undated or old is archive: it was there before us and is no news.
    """
    stated = item.published_at
    is_believable = stated is not None and stated <= now + FUTURE_AFTER
    at = stated if stated is not None and is_believable else now
    is_old = stated is None or stated < now - ARCHIVE_AFTER
    return NewItem(item, at=at, is_archive=is_first_poll and is_old)
