"""Puts tags on subscribers and takes them off: on one at once, on all that a filter shows in chunks by a worker."""

from collections.abc import Callable
from datetime import datetime

from curator.activity.store import record as log
from curator.audience.matching import store as matching
from curator.audience.matching.store import Wanted
from curator.audience.record import store as record
from curator.audience.segments.parse import parse
from curator.audience.tags import store
from curator.audience.tags.rules import checked_name
from curator.audience.tags.values import TaggingRow, TaggingState
from curator.db import Database, Session
from curator.errors import NotFoundError, StateError
from curator.newsletters import store as newsletters
from curator.queue import store as queue

TASK = "tag_readers"

CHUNK = 10_000
"""Subscriptions that one transaction looks at: some tens of milliseconds, and nobody waits longer for the database."""


def put_on(db: Database, subscriber_id: int, typed: str, *, by: int | None, now: datetime) -> str:
    """Puts a tag on a subscriber and returns its name; twice is once. Raises InvalidError("tag"), NotFoundError."""
    name = checked_name(typed)
    with db.write() as session:
        _require_reader(session, subscriber_id)
        tag = store.ensure(session, name)
        if store.put_on(session, subscriber_id, tag.id, at=now):
            after = {"tag": tag.id, "name": tag.name}
            log(session, at=now, actor=by, verb="tagged", subject="subscriber", subject_id=subscriber_id, after=after)
    return tag.name


def take_off(db: Database, subscriber_id: int, tag_id: int, *, by: int | None, now: datetime) -> str:
    """Takes a tag off a subscriber and returns its name; twice is once."""
    with db.write() as session:
        name = store.name_of(session, tag_id)
        since = store.take_off(session, subscriber_id, tag_id)
        if since is not None:
            before = {"tag": tag_id, "name": name, "since": since.isoformat()}
            log(
                session,
                at=now,
                actor=by,
                verb="untagged",
                subject="subscriber",
                subject_id=subscriber_id,
                before=before,
            )
    return name


def begin(
    db: Database,
    newsletter_id: int,
    typed: str,
    *,
    puts_on: bool,
    words: str,
    search: str,
    by: int | None,
    now: datetime,
) -> int:
    """Writes down that a tag goes on (or off) everybody a list shows and queues the work; returns the run's id.

    Whoever fits is looked at while it runs, each once; who comes later is not in it. Raises InvalidError for a tag or
    a filter that is none, and StateError while another run of the newsletter is under way.
    """
    name = checked_name(typed)
    if words:
        parse(words)
    with db.write() as session:
        newest = store.newest_tagging(session, newsletter_id)
        if newest is not None and newest.state.is_moving:
            raise StateError(f"The tag “{newest.tag}” is just being dealt out. Wait until that is done.")
        tag = store.ensure(session, name)
        run_id = store.add_tagging(
            session, newsletter_id, tag.id, puts_on=puts_on, words=words, search=search, by=by, at=now
        )
        # No words of the search: it may be somebody's address.
        after = {"newsletter": newsletter_id, "name": tag.name, "puts_on": puts_on, "words": words}
        log(session, at=now, actor=by, verb="began", subject="tagging", subject_id=run_id, after=after)
        _queue(session, run_id, now=now)
    return run_id


def take_back(db: Database, run_id: int, *, by: int | None, now: datetime) -> None:
    """Queues the undoing of a run; one that is under way stops there. A second call changes nothing."""
    with db.write() as session:
        run = store.tagging(session, run_id, lock=True)
        if run.state in (TaggingState.TAKING_BACK, TaggingState.TAKEN_BACK):
            return
        store.set_tagging(session, run_id, TaggingState.TAKING_BACK, cursor=0, looked_at=0, changed=run.changed)
        after = {"newsletter": run.newsletter_id, "name": run.tag}
        log(session, at=now, actor=by, verb="took back", subject="tagging", subject_id=run_id, after=after)
        _queue(session, run_id, now=now)


def go_on(db: Database, run_id: int, *, is_over: Callable[[], bool], chunk: int = CHUNK) -> bool:
    """Does a run chunk by chunk until it is done or the worker's turn is over; True when there is more to do.

    A chunk and how far the run is are one transaction: a kill loses nothing and does nothing twice.
    """
    while _chunk(db, run_id, chunk=chunk):
        if is_over():
            return True
    return False


def _chunk(db: Database, run_id: int, *, chunk: int) -> bool:
    with db.write() as session:
        run = store.tagging(session, run_id, lock=True)
        if not run.state.is_moving:
            return False
        place = {"after": run.cursor, "up_to": run.highest_id}
        stretch = store.next_stretch(session, run.newsletter_id, **place, limit=chunk)
        if stretch is None:
            is_back = run.state is TaggingState.TAKING_BACK
            over = TaggingState.TAKEN_BACK if is_back else TaggingState.DONE
            store.set_tagging(session, run_id, over, cursor=run.cursor, looked_at=run.looked_at, changed=run.changed)
            return False
        many, last = stretch
        touched = _touch(session, run, after=run.cursor, up_to=last)
        changed = run.changed + (-touched if run.state is TaggingState.TAKING_BACK else touched)
        store.set_tagging(
            session, run_id, run.state, cursor=last, looked_at=run.looked_at + many, changed=max(changed, 0)
        )
    return True


def _touch(session: Session, run: TaggingRow, *, after: int, up_to: int) -> int:
    if run.state is TaggingState.TAKING_BACK:
        return store.take_back_stretch(session, run, after=after, up_to=up_to)
    filter_ = parse(run.words) if run.words else None
    zone = newsletters.newsletter(session, run.newsletter_id).cadence.zone
    # The run's own moment: "within 90 days" means the same in its first chunk and in its last.
    where = matching.scope(session, run.newsletter_id, filter_, zone=zone, now=run.at)
    deal = store.tag_stretch if run.puts_on else store.untag_stretch
    return deal(session, run, Wanted(filter_, run.search), where, after=after, up_to=up_to)


def _queue(session: Session, run_id: int, *, now: datetime) -> None:
    queue.enqueue(session, TASK, {"tagging_id": run_id}, now=now, key=f"{TASK}:{run_id}")


def _require_reader(session: Session, subscriber_id: int) -> None:
    if record.hold(session, subscriber_id) is None:
        raise NotFoundError("subscriber", subscriber_id)
