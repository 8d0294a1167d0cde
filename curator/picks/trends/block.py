"""An editor's word that a term is no trend for a newsletter, and its lifting."""

from datetime import datetime

from curator.activity import store as activity
from curator.db import Database
from curator.errors import InvalidError
from curator.picks.muting import cleaned
from curator.picks.trends import store
from curator.picks.trends.terms import content_words


def block(db: Database, newsletter_id: int, words: str, *, by: int | None, now: datetime) -> str:
    """Keeps a term out of a newsletter's trends and returns it as it is kept; twice is once.

    Raises InvalidError for none, for one that is too long, and for words that every title has.
    """
    kept = cleaned(words)
    if not content_words(kept):
        raise InvalidError("words", f"“{kept}” is in every other title, and is never a trend by itself.")
    with db.write() as session:
        term_id = store.add_blocked(session, newsletter_id, kept, by=by, now=now)
        if term_id is not None:
            after = {"newsletter": newsletter_id, "words": kept}
            activity.record(
                session, at=now, actor=by, verb="blocked", subject="blocked term", subject_id=term_id, after=after
            )
    return kept


def lift(db: Database, term_id: int, *, by: int | None, now: datetime) -> str:
    """Lets a term be a trend again, and returns it. Raises NotFoundError for one that is not blocked."""
    with db.write() as session:
        was = store.blocked_term(session, term_id)
        store.remove_blocked(session, term_id)
        before = {"newsletter": was.newsletter_id, "words": was.words}
        activity.record(
            session, at=now, actor=by, verb="lifted", subject="blocked term", subject_id=term_id, before=before
        )
        return was.words
