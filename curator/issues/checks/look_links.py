"""Looks at an issue's links: asks each target once, and notes how it was.

A crash between two links leaves those that were looked at; the next call goes on with the others.
"""

from collections.abc import Callable
from datetime import datetime

from curator.clock import Clock
from curator.db import Database
from curator.errors import CuratorError
from curator.http.guard import target_of
from curator.http.values import Fetched, Fetcher, Outcome, Resolver, phrase
from curator.issues.checks import gather, store
from curator.issues.checks.values import LinkFate, LinkLook
from curator.queue import store as queue

TASK = "check_links"

_GONE = frozenset({404, 410})
# Enough to see that a page is there; whole episodes lie behind some links.
_LITTLE = {"Range": "bytes=0-1023"}


def key_of(issue_id: int) -> str:
    """Returns the key under which a look at an issue's links is queued."""
    return f"links:{issue_id}"


def ask(db: Database, issue_id: int, *, now: datetime, public_url: str = "") -> bool:
    """Queues a look at an issue's links and pictures; False while one is on its way. Raises NotFoundError.

    What lies on `public_url`, our own, is not looked at.
    """
    with db.write() as session:
        total = len(gather.urls(session, issue_id, public_url=public_url))
        if not queue.enqueue(session, TASK, {"issue_id": issue_id}, now=now, key=key_of(issue_id)):
            return False
        store.begin_round(session, issue_id, total=total, now=now)
        return True


def look(
    db: Database,
    fetcher: Fetcher,
    resolver: Resolver,
    issue_id: int,
    *,
    clock: Clock,
    is_over: Callable[[], bool],
    public_url: str = "",
) -> bool:
    """Looks at the links that were not looked at since somebody asked; True when time was over before they were."""
    with db.read() as session:
        round_ = store.link_round(session, issue_id)
        urls = gather.urls(session, issue_id, public_url=public_url)
        asked_at = clock() if round_ is None else round_.asked_at
        known = store.looks(session, urls, since=asked_at)
    left = [url for url in urls if url not in known]
    if not left:
        # There are none, or somebody else's round has looked at them all meanwhile.
        with db.write() as session:
            store.beat_round(session, issue_id, total=len(urls), done=len(urls), now=clock(), is_over=True)
    while left and not is_over():
        found = _looked(fetcher, resolver, left[0], clock)
        left = left[1:]
        with db.write() as session:
            store.put_look(session, found)
            done = len(urls) - len(left)
            store.beat_round(session, issue_id, total=len(urls), done=done, now=clock(), is_over=not left)
    return bool(left)


def _looked(fetcher: Fetcher, resolver: Resolver, url: str, clock: Clock) -> LinkLook:
    try:
        found = fetcher.get(url, headers=_LITTLE)
    except CuratorError as error:
        fate = LinkFate.GONE if _is_no_host(resolver, url) else LinkFate.UNSURE
        return LinkLook(url, fate, None, str(error).rstrip("."), clock())
    status = found.status
    # 416: there is a page, and no such piece of it.
    is_there = 200 <= status < 300 or status == 416
    fate = LinkFate.THERE if is_there else LinkFate.GONE if status in _GONE else LinkFate.UNSURE
    leads_to = found.url if found.hops and found.url != url else ""
    return LinkLook(url, fate, status, phrase(status), clock(), leads_to, _bytes(found))


def _bytes(found: Fetched) -> int | None:
    """Returns how large the whole thing is, where its site says so; only its beginning was asked for."""
    whole = found.headers.get("content-range", "").rpartition("/")[2]
    length = whole if found.status == 206 else found.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None


def _is_no_host(resolver: Resolver, url: str) -> bool:
    """Tells whether the DNS says that there is no such name: nobody answering may pass."""
    try:
        host = target_of(url, allow_private=True).host
    except CuratorError:
        return False
    return resolver.txt(host).outcome is Outcome.NO_NAME
