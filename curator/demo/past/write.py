"""Writes the demo's past, week after week: readers come, an issue goes out, some read, a few leave.

Everything goes through the arrows and stores of an installation, each at its own moment; only the messages are not
built, because nobody would read 1,300 of them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from curator.audience import store as audience
from curator.audience import subscribe
from curator.audience.moving import bring
from curator.db import Database
from curator.demo.past.issues import approve, write_issue
from curator.demo.past.items import archive
from curator.demo.past.mailings import SENT_WITHIN, send_back
from curator.demo.past.plan import Back
from curator.demo.past.reading import read_back
from curator.demo.readers import BASIS, Reader, readers_csv
from curator.events import listen
from curator.issues.render import Renderer

_JOINED_BEFORE = timedelta(days=2)
_LEFT_AFTER = timedelta(hours=5)


def write_past(
    db: Database,
    renderer: Renderer,
    newsletter_id: int,
    backs: Sequence[Back],
    *,
    base_url: str,
    now: datetime,
    editors: Sequence[int],
    random: Random,
) -> list[int]:
    """Writes the back issues and returns their mailings, oldest first; a second call changes nothing.

    The feeds must have been added. `editors` take turns.
    """
    of = archive(db, base_url=base_url, now=now)
    mailing_ids = []
    for back in backs:
        by = editors[back.number % len(editors)]
        _join(db, newsletter_id, back, by=by)
        issue_id = write_issue(db, newsletter_id, of, back, by=by)
        approve(db, renderer, issue_id, back, by=by)
        gone = [reader.address for reader in back.gone]
        mailing_id = send_back(db, issue_id, at=back.slot.at, gone=gone)
        _part(db, newsletter_id, mailing_id, back)
        mailing_ids.append(mailing_id)
    read_back(db, mailing_ids, random=random, now=now)
    return mailing_ids


def _join(db: Database, newsletter_id: int, back: Back, *, by: int) -> None:
    """Imports whoever is new; a file changes nothing about those who are there, and brings nobody back."""
    everybody = readers_csv([*back.former, *back.readers])
    bring.import_csv(db, newsletter_id, everybody, now=back.slot.at - _JOINED_BEFORE, by=by, basis=BASIS)


def _part(db: Database, newsletter_id: int, mailing_id: int, back: Back) -> None:
    """Counts addresses that are no more, which then are never mailed again, and lets go whoever left by this issue."""
    listen.note_bounces(db, mailing_id, now=back.slot.at + SENT_WITHIN)
    listen.note_accepted(db, mailing_id)
    for reader in back.leavers:
        subscriber_id = _id_of(db, reader)
        at = back.slot.at + _LEFT_AFTER
        subscribe.unsubscribe(db, newsletter_id, subscriber_id, now=at, how="link")
        listen.note_unsubscribed(db, mailing_id=mailing_id, subscriber_id=subscriber_id, now=at)


def _id_of(db: Database, reader: Reader) -> int:
    with db.read() as session:
        found = audience.subscriber_id(session, reader.address)
    assert found is not None, "whoever leaves was imported before"
    return found
