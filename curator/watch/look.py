"""Reads how the installation stands: a fixed number of queries, none of which looks at a delivery or an event."""

import platform
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from curator.app import App
from curator.audience import sign_up
from curator.backup.nightly import store as nightly
from curator.db import Session
from curator.doctor.waiting import oldest_click_at, oldest_letter_at
from curator.events import mailbox
from curator.events import store as events
from curator.events.bounces.values import Reason
from curator.feeds.health import store as feeds
from curator.feeds.polls import store as polls
from curator.issues import store as issues
from curator.letters import store as letters
from curator.mailings import store as mailings
from curator.mailings.values import MailingView
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec
from curator.queue import store as queue
from curator.queue.values import LATE_AFTER
from curator.watch import store
from curator.watch.values import OpenMailing, Standing
from curator.webhooks import store as webhooks

_DAY = timedelta(days=1)
# Complaints and doubts come for some days after a mailing is over.
_RECENT = timedelta(days=3)
_MOST_FEEDS = 200
# Who has not been seen for so long is of no interest any more.
PROCESSES_FOR = timedelta(hours=1)


def look(app: App, *, since: datetime | None = None) -> Standing:
    """Returns how the installation stands now, seen from this machine.

    `since` is from when on whoever looks has waited for the clock.
    """
    now, on_machine = app.clock(), vars(here(app))
    with app.db.read() as session:
        jobs, beat, run = (
            queue.job_counts(session, now=now),
            queue.last_beat(session),
            feeds.run(session, now=now),
        )
        known = newsletters.newsletters(session)
        watched = _mailings(session, known, now)
        sums = events.sums(session)
        return Standing(
            **on_machine
            | {
                "beat_at": None if beat is None else beat.at,
                "watched_since": since,
                "processes": tuple(store.processes(session, since=now - PROCESSES_FOR)),
                "jobs_due": jobs.due,
                "jobs_running": jobs.running,
                "jobs_failed": jobs.failed,
                "failed_since_yesterday": queue.failed_since(session, now - _DAY),
                "oldest_job_at": jobs.oldest_due_at,
                "jobs_late": queue.due_before(session, now - LATE_AFTER, now=now),
                "jobs_by_task": queue.due_tasks(session, now=now),
                "oldest_draft_at": newsletters.oldest_due_at(session, now=now),
                "oldest_issue_at": issues.oldest_due_at(session, now=now),
                "oldest_click_at": oldest_click_at(session, app.spool_dir) if app.spool_dir.is_dir() else None,
                "letters_waiting": letters.count_due(session, now=now),
                "oldest_letter_at": oldest_letter_at(session, app, now),
                "feeds_active": run.active,
                "feeds_due": run.due,
                "feeds_failing": run.failing,
                "oldest_poll_at": run.oldest_due_at,
                "polls_failed_in_all": polls.failures_in_all(session),
                "troubled_feeds": tuple(feeds.failing(session, limit=_MOST_FEEDS)),
                "mailings": watched,
                "endpoints_off": tuple(
                    (each.id, each.name, each.off_reason) for each in webhooks.switched_off(session)
                ),
                "flooded": tuple(_floods(session, known, now)),
                "accepted_in_all": _accepted(session, watched),
                "bounced_in_all": sums["bounced"],
                "unsubscribed_in_all": sums["unsubscribed"],
                "alerts_by_kind": store.open_by_kind(session),
                "backups": None if app.settings.backup_dir is None else nightly.nights(session),
            }
        )


def here(app: App) -> Standing:
    """Returns what can be seen on this machine without the database: its disks and the mailbox."""
    settings = app.settings
    folder, free = min(_rooms(app), key=lambda each: each[1], default=("", None))
    maildirs = [each for each in (settings.bounce_maildir, settings.reply_maildir) if each is not None]
    oldest = [at for each in maildirs if (at := mailbox.oldest_at(each)) is not None]
    return Standing(
        at=app.clock(),
        machine=platform.node(),
        disk_free_bytes=free,
        disk_folder=folder,
        is_mailbox_missing=not all(each.is_dir() for each in maildirs),
        oldest_mail_at=min(oldest, default=None),
    )


def _mailings(session: Session, known: list[NewsletterSpec], now: datetime) -> tuple[OpenMailing, ...]:
    """Returns every mailing that is not over, however old, and those that ended of late."""
    names = {each.id: each.name for each in known}
    ids = {*mailings.live_ids(session), *mailings.ended_since(session, now - _RECENT)}
    views = mailings.mailings_among(session, sorted(ids, reverse=True))
    reasons = events.bounce_reasons(session, sorted(ids))
    return tuple(
        _mailing(
            each,
            names.get(each.newsletter_id, "a newsletter"),
            blocked=reasons.get(each.id, {}).get(Reason.BLOCKED, 0),
        )
        for each in views
    )


def _mailing(view: MailingView, newsletter: str, *, blocked: int) -> OpenMailing:
    by_state = {str(state): number for state, number in view.balance.by_state.items()}
    bounced = view.hard_bounces + by_state.get("refused", 0)
    return OpenMailing(
        view.id, newsletter, str(view.state), view.reason, view.troubles, bounced, view.complaints, by_state, blocked
    )


def _accepted(session: Session, watched: tuple[OpenMailing, ...]) -> int:
    """Returns how many messages relays have ever taken: noted once a mailing is over, counted in batches before."""
    under_way = sum(each.by_state.get("sent", 0) for each in watched)
    return under_way + events.accepted_without(session, [each.id for each in watched])


def _floods(session: Session, known: list[NewsletterSpec], now: datetime) -> Iterator[tuple[int, str, datetime]]:
    for each in known:
        at = sign_up.flooded_at(session, each.id, since=now - _DAY)
        if at is not None:
            yield each.id, each.name, at


def _rooms(app: App) -> Iterator[tuple[str, int]]:
    """Yields the folders of this machine in which Curator writes, with the room on their disks."""
    settings = app.settings
    file = Path(app.db.url.database or "") if app.db.is_sqlite else None
    others = (None if file is None else file.parent, settings.pictures_dir, settings.files_dir, settings.imports_dir)
    for folder in (settings.data_dir, *others):
        if folder is not None and folder.is_dir():
            yield str(folder), shutil.disk_usage(folder).free
