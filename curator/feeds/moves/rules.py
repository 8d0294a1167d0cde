"""When a permanent redirect is believed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from curator.feeds.values import PollState
from curator.http.urls import absolute_url
from curator.http.values import Hop

SEEN = 3
"""Polls that must lead to the same address: a server under repair redirects everything for an hour."""

FOR = timedelta(hours=24)


def permanent_target(hops: Sequence[Hop]) -> str | None:
    """Returns where the first redirects lead as long as they are for good (301, 308), None when the first is not."""
    target = None
    for hop in hops:
        if hop.status not in (301, 308):
            break
        # As feeds' addresses are stored: a server may write HOST:443, and that is the feed we have.
        target = absolute_url(hop.url.partition("#")[0])
    return target


def seen(
    state: PollState, target: str | None, *, is_same: bool, now: datetime
) -> tuple[str | None, int, datetime | None]:
    """Returns the feed's memory of its redirect after one more poll: the target, how often it was seen, since when.

    A target that was another feed when it was first seen (`is_same` False) is never counted, so never believed: by the
    next poll its items are known, and it would look like the same.
    """
    if target is None or target == state.url:
        return None, 0, None
    if target != state.moved_to:
        return (target, 1, now) if is_same else (target, 0, None)
    if state.moved_since is None:
        return target, 0, None
    return target, state.moved_seen + 1, state.moved_since


def is_believed(state: PollState, target: str, *, times: int, since: datetime, now: datetime) -> bool:
    """Tells whether a feed that was read at `target` lives there now. The same address over TLS is believed at once."""
    if state.url.startswith("http:") and target == "https:" + state.url.removeprefix("http:"):
        return True
    return times >= SEEN and now - since >= FOR


def is_same_feed(state: PollState, *, title: str | None, has_known_items: bool) -> bool:
    """Tells whether what was read is the feed that we know: an item in common, or the title.

    `title` is None when the document is the very one that we had.
    """
    is_unknown = state.last_ok_at is None
    return is_unknown or title is None or has_known_items or (bool(title) and title == state.title)
