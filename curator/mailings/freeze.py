"""Freezes the audience of a mailing into its ledger, chunk by chunk, and accounts for it."""

from __future__ import annotations

from datetime import datetime

from curator.accounts import store as accounts
from curator.audience import store as audience
from curator.audience.matching import store as matching
from curator.audience.matching.store import Condition
from curator.db import Database, Session
from curator.mailings import news, store, waves
from curator.mailings.counts import store as counts
from curator.mailings.frozen import store as frozen
from curator.mailings.mended import store as mended
from curator.mailings.values import MailingState, MailingView
from curator.mailings.waves import Mark, WavePlan
from curator.newsletters import store as newsletters

CHUNK = 50_000
"""Candidates in one transaction: SQLite copies them in about 80 ms, and nobody waits longer. More is not faster."""

BATCH = 500
"""Deliveries in one batch: what a worker claims at a time."""


def freeze(db: Database, mailing_id: int, *, now: datetime, chunk: int = CHUNK, batch: int = BATCH) -> None:
    """Writes the audience of a mailing that is being built into the ledger, then lets it run.

    Every chunk is one transaction and begins behind what is there: a kill in between loses and doubles nothing, and
    two that freeze at once take turns. A mailing that is built already is left alone.
    """
    with db.read() as session:
        mailing = store.mailing(session, mailing_id)
        if mailing.state is not MailingState.BUILDING:
            return
        plan = None if _stopped(session, mailing) is not None else _plan(session, mailing_id)
    while freeze_chunk(db, mailing_id, now=now, chunk=chunk, batch=batch, plan=plan):
        pass


def freeze_chunk(
    db: Database,
    mailing_id: int,
    *,
    now: datetime,
    chunk: int = CHUNK,
    batch: int = BATCH,
    plan: WavePlan | None = None,
) -> bool:
    """Writes the next chunk; False when the mailing is built."""
    with db.write() as session:
        build = frozen.build(session, mailing_id)
        if build is None:
            return False
        mailing = store.mailing(session, mailing_id)
        stopped_id = _stopped(session, mailing)
        if stopped_id is not None:
            return _freeze_rest(session, mailing_id, stopped_id, build.cursor, now=now, chunk=chunk, batch=batch)
        last_id = audience.last_of_next(
            session, build.newsletter_id, after_id=build.cursor, up_to_id=build.highest_id, limit=chunk
        )
        if last_id is None:
            _let_run(session, mailing_id, now=now)
            return False
        # Who is at the desk is settled here: whoever leaves it a minute later may still get a mail they helped make.
        staff = accounts.staff_keys(session) if build.is_test else None
        segment = _segment(session, mailing)
        written = frozen.add_deliveries(
            session, mailing_id, build, last_id=last_id, staff=staff, plan=plan, now=now, segment=segment
        )
        place = {"after_id": build.cursor, "last_id": last_id}
        waits = sum(
            frozen.add_batches(session, mailing_id, **place, size=batch, wave=wave, now=now)
            for wave in (plan.waves if plan else (0,))
        )
        if waits < written:
            frozen.count_exclusions(session, mailing_id, **place)
    return True


def _freeze_rest(
    session: Session, mailing_id: int, stopped_id: int, cursor: int, *, now: datetime, chunk: int, batch: int
) -> bool:
    """Writes the next chunk of those whom a stopped mailing had still to reach; who has left since is seen later."""
    last_id = mended.last_of_next(session, stopped_id, after_id=cursor, limit=chunk)
    if last_id is None:
        _let_run(session, mailing_id, now=now)
        return False
    place = {"after_id": cursor, "last_id": last_id}
    mended.add_deliveries(session, mailing_id, stopped_id, **place, now=now)
    for wave in mended.waves(session, stopped_id):
        frozen.add_batches(session, mailing_id, **place, size=batch, wave=wave, now=now)
    return True


def _stopped(session: Session, mailing: MailingView) -> int | None:
    """Returns the mailing that this one finishes; a test is one of its own."""
    return None if mailing.is_test else mended.to_finish(session, mailing.issue_id, before_id=mailing.id)


def _segment(session: Session, mailing: MailingView) -> Condition | None:
    """Returns who fits the segment of a mailing at the moment that it began; a test goes to the whole desk."""
    if mailing.is_test or not mailing.segment_words:
        return None
    zone = newsletters.newsletter(session, mailing.newsletter_id).cadence.zone
    # The beginning, for each chunk of it: "within 90 days" means the same for all readers.
    return matching.narrowing(session, mailing.newsletter_id, mailing.segment_words, zone=zone, now=mailing.started_at)


def _plan(session: Session, mailing_id: int) -> WavePlan | None:
    """Returns who is in which wave; a kill may move the marks a little, which harms nobody."""
    mailing = store.mailing(session, mailing_id)
    newsletter = newsletters.newsletter(session, mailing.newsletter_id)
    segment = _segment(session, mailing)
    readers = audience.count_active(session, newsletter.id, only=segment)
    if not waves.has_waves(readers, wave_minutes=newsletter.wave_minutes, is_test=mailing.is_test):
        return None
    ever_engaged = audience.count_engaged(session, newsletter.id, at_most=readers, only=segment)

    def mark(place: int) -> Mark | None:
        return frozen.mark(session, newsletter.id, place, only=segment)

    return waves.plan(readers, ever_engaged=ever_engaged, mark=mark)


def _let_run(session: Session, mailing_id: int, *, now: datetime) -> None:
    balance, written = store.balance(session, mailing_id), counts.written(session, mailing_id)
    if balance.is_even and balance.candidates == written:
        frozen.let_run(session, mailing_id, store.mailing(session, mailing_id).newsletter_id)
        return
    reason = f"{balance.candidates} candidates were counted, {written} stand in the ledger."
    news.stopped(session, mailing_id, reason, now=now)
