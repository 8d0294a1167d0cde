"""Asks a feed and reads its answer; writes nothing."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from curator.errors import FetchError, ParseError
from curator.feeds import merge, polling
from curator.feeds.discover import Offer, is_page, offers
from curator.feeds.moves.rules import permanent_target
from curator.feeds.parse import parsed_feed
from curator.feeds.values import ParsedFeed, PollState
from curator.http.values import Fetched, Fetcher, phrase

_TOLD = ("etag", "last-modified", "cache-control", "expires", "date", "retry-after")
"""The headers that a poll's end reads: a server may send megabytes of others, and answers wait together."""

_MAX_TOLD = 2000
"""Characters of a header that are kept: more than any validator may have."""


@dataclass(frozen=True)
class Look:
    """What asking a feed came to. `trouble` is None when it went well; `feed` is None when nothing changed.

    `host` is the one that answered. `moved_to` is where the feed's own address leads for good, `is_moving` tells that
    part of the way is for now only. `offers` are the feeds that a web page names, where a new address is one. `pages`
    and `identities` are of the whole document: in one of 50,000 items they take longer than to write a chunk.
    """

    host: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    feed: ParsedFeed | None = None
    body_hash: str | None = None
    moved_to: str | None = None
    is_moving: bool = False
    trouble: str | None = None
    offers: tuple[Offer, ...] | None = None
    pages: frozenset[str] = frozenset()
    identities: frozenset[str] = frozenset()
    took_ms: int = 0
    bytes: int = 0


def looked(fetcher: Fetcher, state: PollState) -> Look:
    """Returns how asking the feed went; what goes wrong on the way is its `trouble`, in words."""
    began = time.perf_counter()
    try:
        answer = fetcher.get(state.url, headers=polling.request_headers(state))
    except FetchError as error:
        look = Look(polling.host_of(state.url), trouble=error.reason.rstrip("."))
    else:
        look = _understood(answer, state)
    return replace(look, took_ms=round((time.perf_counter() - began) * 1000))


def _understood(answer: Fetched, state: PollState) -> Look:
    look = Look(
        polling.host_of(answer.url),
        answer.status,
        {name: answer.headers[name][:_MAX_TOLD] for name in _TOLD if name in answer.headers},
        moved_to=permanent_target(answer.hops),
        # Validators belong to the URL that gave them, and a temporary redirect may lead elsewhere next time.
        is_moving=any(hop.status not in (301, 308) for hop in answer.hops),
        bytes=len(answer.body),
    )
    if answer.status == 304 and (state.etag or state.last_modified):
        return look
    if answer.status not in (200, 203):
        return replace(look, trouble=phrase(answer.status))
    return _read(look, answer, state)


def _read(look: Look, answer: Fetched, state: PollState) -> Look:
    body_hash = hashlib.sha256(answer.body).hexdigest()
    if body_hash == state.body_hash:
        return replace(look, body_hash=body_hash)
    try:
        feed = parsed_feed(answer.body, url=answer.url, headers=answer.headers)
    except ParseError as error:
        kind = answer.headers.get("content-type", "")
        if state.last_ok_at is None and is_page(answer.body, content_type=kind):
            return replace(look, offers=offers(answer.body, url=answer.url, content_type=kind))
        return replace(look, trouble=f"{answer.status}, but: {error}".rstrip("."))
    return replace(
        look,
        feed=feed,
        body_hash=body_hash,
        pages=merge.pages_of_one(feed),
        identities=frozenset(item.identity for item in feed.items),
    )
