"""REQUEST -> FILE: gives what was asked for to whoever holds the letter's link, and counts it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from curator.db import Database, Session
from curator.downloads import ask, store
from curator.downloads.links import DownloadLink
from curator.downloads.values import Request, Standing
from curator.errors import NotFoundError


class Answer(StrEnum):
    """What a link gives: the files, a new link, or nothing any more."""

    HERE = "here"
    OVER = "over"
    GONE = "gone"


@dataclass(frozen=True)
class Given:
    """What a link stands for at a moment; `request` is None where it was forgotten."""

    answer: Answer
    request: Request | None = None


def given(db: Database, link: DownloadLink, *, now: datetime) -> Given:
    """Returns what a link gives; looking changes nothing, because mail scanners look."""
    with db.read() as session:
        return _given(session, link, now=now)


def take(db: Database, link: DownloadLink, *, now: datetime) -> Given:
    """Counts a download and returns what the link gives; the first one confirms the request. It belongs to a button."""
    with db.write() as session:
        found = _given(session, link, now=now)
        if found.answer is Answer.HERE and found.request is not None:
            store.note_download(session, found.request, now=now)
        return found


def _given(session: Session, link: DownloadLink, *, now: datetime) -> Given:
    found = store.request(session, link.request_id)
    if found is None:
        return Given(Answer.GONE)
    try:
        standing = ask.standing_of(session, found.download)
    except NotFoundError:
        return Given(Answer.GONE)
    if standing is Standing.WANTED:
        return Given(Answer.GONE, found)
    return Given(Answer.OVER if link.is_over(now) else Answer.HERE, found)
