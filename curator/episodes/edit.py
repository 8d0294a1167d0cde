"""Editors' words about episodes, listening links, and platforms that are no more: written down, and who wrote them."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from curator.activity import store as activity
from curator.db import Database, Session
from curator.episodes import check, kept, store
from curator.episodes.platforms import SIGNS, Platform
from curator.episodes.values import ListeningLink, Words
from curator.errors import ConflictError, InvalidError


def edit_episode(
    db: Database,
    item_id: int,
    words: Words,
    own_links: Sequence[ListeningLink],
    *,
    expected_version: int,
    by: int | None,
    now: datetime,
) -> int:
    """Writes an editor's words about an episode, and its own links, and returns their new version.

    A field that is None goes back to the feed. What changes nothing (a form posted twice) leaves the version alone.
    Raises ConflictError when somebody else wrote since `expected_version` (nothing is written: the caller still has
    both texts), InvalidError naming the form's field, NotFoundError for what is no episode of an own show.
    """
    _refuse(check.complaints(words))
    _refuse(check.link_complaints(own_links))
    with db.write() as session:
        known = store.lock_episode(session, item_id)
        if (words, tuple(own_links)) == (known.words, known.own_links):
            return known.version
        if known.version != expected_version:
            raise ConflictError("episode", item_id, expected=expected_version, actual=known.version)
        store.set_words(session, item_id, words, version=known.version + 1, now=now)
        if tuple(own_links) != known.own_links:
            store.set_links(session, known.told.feed_id, item_id, own_links)
        before, after = told(known.words, known.own_links), told(words, own_links)
        activity.record(
            session,
            at=now,
            actor=by,
            verb="edited",
            subject="episode",
            subject_id=item_id,
            before={name: value for name, value in before.items() if value != after[name]},
            after={name: value for name, value in after.items() if value != before[name]},
        )
        return known.version + 1


def edit_show_links(
    db: Database, feed_id: int, links: Sequence[ListeningLink], *, expected_version: int, by: int | None, now: datetime
) -> None:
    """Writes where a show can be listened to, in this order; raises as `edit_episode` does.

    The version of a list of links is what `links_version` makes of it.
    """
    _refuse(check.link_complaints(links))
    with db.write() as session:
        known = store.show_row(session, feed_id, lock=True).links
        if tuple(links) == known:
            return
        if links_version(known) != expected_version:
            raise ConflictError("show", feed_id, expected=expected_version, actual=links_version(known))
        store.set_links(session, feed_id, None, links)
        before, after = ([asdict(link) for link in each] for each in (known, links))
        activity.record(
            session,
            at=now,
            actor=by,
            verb="changed the listening links of",
            subject="show",
            subject_id=feed_id,
            before={"links": before},
            after={"links": after},
        )


def retire(db: Database, platform: Platform, *, by: int | None, now: datetime) -> None:
    """Takes a platform's links down everywhere at once; they stay written down. Twice is once."""
    with db.write() as session:
        if store.retire(session, platform, now=now):
            _record_platform(session, platform, "retired", by=by, now=now)


def bring_back(db: Database, platform: Platform, *, by: int | None, now: datetime) -> None:
    """Shows a retired platform's links again. Twice is once."""
    with db.write() as session:
        if store.bring_back(session, platform):
            _record_platform(session, platform, "brought back", by=by, now=now)


def links_version(links: Sequence[ListeningLink]) -> int:
    """Returns a number that stands for a list of links: another list has another one."""
    written = json.dumps([asdict(link) for link in links], sort_keys=True)
    return int(hashlib.sha256(written.encode()).hexdigest()[:12], 16)


def _record_platform(session: Session, platform: Platform, verb: str, *, by: int | None, now: datetime) -> None:
    after = {"platform": platform.value, "name": SIGNS[platform].name}
    # A platform is known by its name and has no number.
    activity.record(session, at=now, actor=by, verb=verb, subject="platform", subject_id=0, after=after)


def told(words: Words, links: Sequence[ListeningLink]) -> dict[str, object]:
    """Returns what an editor says of an episode as the log keeps it."""
    return {**kept.columns(words), "links": [asdict(link) for link in links]}


def _refuse(complaints: Iterable[check.Complaint]) -> None:
    first = next(iter(complaints), None)
    if first is not None:
        raise InvalidError(*first)
