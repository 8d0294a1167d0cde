"""Keeps the words of public issues for the search: the clock asks what it does not know, a worker reads it."""

from datetime import datetime

from curator.db import Database
from curator.issues.corrections import store as corrections
from curator.mailings.archive import store
from curator.mailings.archive.web_version import web_versions, without_promotions
from curator.mailings.archive.words import words
from curator.mailings.values import PublicIssue
from curator.newsletters import store as newsletters

MOST_AT_ONCE = 50
"""Documents of 50 kB each: a worker has other things to do as well."""

READ = "read_archive"


def read_new(db: Database, *, now: datetime) -> bool:
    """Reads issues that the search does not know as they are shown, and tells whether there may be more.

    Each is a transaction of its own: it is read while nobody may correct it. A crash leaves the rest unread, and again
    reads nothing twice.
    """
    with db.read() as session:
        found = store.unread(session, limit=MOST_AT_ONCE)
    for issue in found:
        _read(db, issue, now=now)
    return len(found) == MOST_AT_ONCE


def _read(db: Database, issue: PublicIssue, *, now: datetime) -> None:
    with db.write() as session:
        corrections.lock_issue(session, issue.id)
        newsletter = newsletters.newsletter(session, issue.newsletter_id)
        [shown] = web_versions(session, [issue], newsletter)
        told = words(without_promotions(shown.document))
        corrections.put_words(session, issue.id, issue.revision_id, told, now=now)
