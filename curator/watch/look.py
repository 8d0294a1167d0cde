"""Reads how the installation stands: a fixed number of queries, none of which looks at a delivery or an event."""

import shutil
from datetime import timedelta

from curator.app import App
from curator.db import Session
from curator.doctor.waiting import oldest_click_at, oldest_letter_at
from curator.events import store as events
from curator.events.bounces.values import Reason
from curator.feeds.health import store as feeds
from curator.letters import store as letters
from curator.mailings import store as mailings
from curator.mailings.values import MailingView
from curator.newsletters import store as newsletters
from curator.queue import store as queue
from curator.watch import store
from curator.watch.values import OpenMailing, Standing
from curator.webhooks import store as webhooks

_DAY = timedelta(days=1)
# Complaints and doubts come for some days after a mailing is over.
_RECENT = timedelta(days=3)
_MOST_MAILINGS, _MOST_FEEDS = 50, 200


def look(app: App) -> Standing:
    """Returns how the installation stands now, seen from this machine."""
    now = app.clock()
    with app.db.read() as session:
        jobs, beat, run = (
            queue.job_counts(session, now=now),
            queue.last_beat(session),
            feeds.run(session, now=now),
        )
        sums = events.sums(session)
        return Standing(
            at=now,
            beat_at=None if beat is None else beat.at,
            jobs_due=jobs.due,
            jobs_running=jobs.running,
            jobs_failed=jobs.failed,
            failed_since_yesterday=queue.failed_since(session, now - _DAY),
            oldest_job_at=jobs.oldest_due_at,
            letters_waiting=letters.count_due(session, now=now),
            oldest_letter_at=oldest_letter_at(session, app, now),
            feeds_active=run.active,
            feeds_due=run.due,
            feeds_failing=run.failing,
            oldest_poll_at=run.oldest_due_at,
            troubled_feeds=tuple(feeds.failing(session, limit=_MOST_FEEDS)),
            mailings=_mailings(session, app),
            endpoints_off=tuple((each.id, each.name, each.off_reason) for each in webhooks.switched_off(session)),
            accepted_in_all=sums["accepted"],
            bounced_in_all=sums["bounced"],
            unsubscribed_in_all=sums["unsubscribed"],
            oldest_click_at=oldest_click_at(session, app.spool_dir) if app.spool_dir.is_dir() else None,
            disk_free_bytes=_free(app),
            is_mailbox_missing=app.settings.bounce_maildir is not None and not app.settings.bounce_maildir.is_dir(),
            alerts_open=store.count_open(session),
        )


def _mailings(session: Session, app: App) -> tuple[OpenMailing, ...]:
    recent = set(mailings.ended_since(session, app.clock() - _RECENT))
    names = {each.id: each.name for each in newsletters.newsletters(session)}
    watched = [
        each
        for each in mailings.mailings(session, limit=_MOST_MAILINGS)
        if not each.state.is_final or each.id in recent
    ]
    reasons = events.bounce_reasons(session, [each.id for each in watched])
    return tuple(
        _mailing(
            each,
            names.get(each.newsletter_id, "a newsletter"),
            blocked=reasons.get(each.id, {}).get(Reason.BLOCKED, 0),
        )
        for each in watched
    )


def _mailing(view: MailingView, newsletter: str, *, blocked: int) -> OpenMailing:
    by_state = {str(state): number for state, number in view.balance.by_state.items()}
    bounced = view.hard_bounces + by_state.get("refused", 0)
    return OpenMailing(
        view.id, newsletter, str(view.state), view.reason, view.troubles, bounced, view.complaints, by_state, blocked
    )


def _free(app: App) -> int | None:
    folder = app.settings.data_dir
    return shutil.disk_usage(folder).free if folder.is_dir() else None
