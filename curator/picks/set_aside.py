"""ITEM -> not now: an editor puts an item off until a day, or mutes a feed or words for a newsletter."""

from datetime import datetime, timedelta

from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import InvalidError
from curator.picks import muting
from curator.picks.aside import store

# A day further off than this is a slip of the finger.
_LONGEST = timedelta(days=366)


def put_off(db: Database, newsletter_id: int, item_id: int, *, until: datetime, by: int | None, now: datetime) -> None:
    """Puts an item off: it comes back by itself at `until`. Again sets another moment.

    Raises InvalidError for a moment that is past or too far off, TakenError for an item that is picked.
    """
    if not now < until <= now + _LONGEST:
        raise InvalidError("until", "Choose a day from tomorrow on, at most a year ahead.")
    with db.write() as session:
        known = store.put_off(session, newsletter_id, item_id, until=until, by=by, now=now)
        if known != until:
            before = {"newsletter": newsletter_id, "until": None if known is None else known.isoformat()}
            activity.record(
                session,
                at=now,
                actor=by,
                verb="put off",
                subject="item",
                subject_id=item_id,
                before=before,
                after={"until": until.isoformat()},
            )


def wake(db: Database, newsletter_id: int, item_id: int, *, by: int | None, now: datetime) -> None:
    """Offers an item again before its day; one that is not put off stays as it is."""
    with db.write() as session:
        until = store.wake(session, newsletter_id, item_id)
        if until is not None:
            before = {"newsletter": newsletter_id, "until": until.isoformat()}
            activity.record(
                session, at=now, actor=by, verb="brought back", subject="item", subject_id=item_id, before=before
            )


def mute_feed(db: Database, newsletter_id: int, feed_id: int, *, by: int | None, now: datetime) -> None:
    """Hides a feed's items from a newsletter's inbox; twice is once. Raises NotFoundError for a feed not there."""
    with db.write() as session:
        mute_id = store.add_mute(session, newsletter_id, feed_id=feed_id, by=by, now=now)
        _muted(session, mute_id, by=by, now=now)


def mute_words(db: Database, newsletter_id: int, words: str, *, by: int | None, now: datetime) -> str:
    """Hides items from a newsletter's inbox in whose title the words stand, and returns them as they are kept.

    Twice is once. Raises InvalidError for none, or too many.
    """
    kept = muting.cleaned(words)
    with db.write() as session:
        mute_id = store.add_mute(session, newsletter_id, words=kept, by=by, now=now)
        _muted(session, mute_id, by=by, now=now)
    return kept


def lift(db: Database, mute_id: int, *, by: int | None, now: datetime) -> str:
    """Shows again what a mute hid, and returns what that is, in words. Raises NotFoundError for one not there."""
    with db.write() as session:
        was = store.mute(session, mute_id)
        store.remove_mute(session, mute_id)
        before = {"newsletter": was.newsletter_id, "feed": was.feed_id, "words": was.words}
        activity.record(session, at=now, actor=by, verb="lifted", subject="mute", subject_id=mute_id, before=before)
        return muting.why(was)


def _muted(session: Session, mute_id: int | None, *, by: int | None, now: datetime) -> None:
    if mute_id is None:
        return
    mute = store.mute(session, mute_id)
    after = {"newsletter": mute.newsletter_id, "feed": mute.feed_id, "words": mute.words}
    activity.record(session, at=now, actor=by, verb="muted", subject="mute", subject_id=mute_id, after=after)
