"""The clock: interval ticks that ask what is due and queue it. None does the work itself, but for one that says why."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from curator.app import App
from curator.audience.moving import bring
from curator.audience.moving import store as imports
from curator.backup import holding as restored
from curator.downloads import ask
from curator.episodes import enrich
from curator.episodes import illustrate as covers
from curator.episodes.transcripts import links
from curator.episodes.transcripts import store as transcripts
from curator.events import listen, returns
from curator.events.imap import session as imap
from curator.events.mailbox import MailboxError
from curator.feeds import add
from curator.feeds import store as feeds
from curator.issues import illustrate, settle
from curator.issues import store as issues
from curator.issues.planned import store as planned
from curator.jobs import alive, cohorts, forgetting, hooks, housekeeping, lanes, pulse, tasks, watching
from curator.jobs.lag import Lags
from curator.jobs.nightly import ask as nightly
from curator.letters import store as letters
from curator.mailings import holding, post
from curator.mailings import store as mailings
from curator.mailings.archive import reading
from curator.mailings.archive import store as archive
from curator.mailings.look_again import look_again
from curator.newsletters import slots
from curator.newsletters import store as newsletters
from curator.newsletters.values import DueSlot
from curator.picks import store as picks
from curator.picks.labels import store as labels
from curator.queue import store as queue
from curator.watch import keep
from curator.watch.values import AlertKind, Trouble

_log = structlog.get_logger()

# A task that broke is not queued again at once: its cause lasts longer than a tick, and a feed's server is not ours.
_REST = timedelta(minutes=2)
# Whoever reads a file says so with every thousand rows.
_IMPORT_REST = timedelta(seconds=30)
# A letter that broke rests by itself; the others must not wait for it longer than somebody looks at an inbox.
_LETTERS_REST = timedelta(seconds=15)
_ARTICLES_REST = timedelta(hours=6)
# What was picked earlier went out, or stays out, without its page having been read.
_RECENT_PICKS = timedelta(days=14)
# A first poll may bring hundreds of episodes, whose transcripts lie on one host.
_MOST_TRANSCRIPTS = 20
# A round costs seconds of CPU; feeds bring something every few minutes.
_ROUNDS = "recommendations"
_ROUND_EVERY, _ROUND_REST = timedelta(minutes=15), timedelta(minutes=5)


@dataclass(frozen=True)
class Tick:
    """One question that the clock asks again and again."""

    name: str
    every: timedelta
    ask: Callable[[App], None]
    is_held_by_restore: bool = False
    """Whether it leads to mail or calls: none of that leaves a restored database before somebody lets it go."""


def ask_feeds(app: App) -> None:
    """Queues pollers while feeds are due: as many as may ask at once, each under a key of its own.

    One less where there are several: a feed that somebody asks for by hand shall not wait for thousands.
    """
    now = app.clock()
    with app.db.read() as session:
        pollers = len(feeds.due_feed_ids(session, now=now, limit=max(1, app.settings.polls - 1)))
    if not pollers:
        return
    with app.db.write() as session:
        resting = queue.failed_keys(session, since=now - _REST)
        for number in range(1, pollers + 1):
            if (key := f"polls:{number}") not in resting:
                queue.enqueue(session, "poll_feeds", {}, now=now, key=key)


def ask_articles(app: App) -> None:
    """Queues reading the pages of picked items of which the feed tells little."""
    now = app.clock()
    with app.db.read() as session:
        unread = picks.unread_item_ids(session, since=now - _RECENT_PICKS)
    if unread:
        with app.db.write() as session:
            resting = queue.failed_keys(session, since=now - _ARTICLES_REST)
            for item_id in unread:
                if add.article_key(item_id) not in resting:
                    add.ask_to_read(session, item_id, now=now)


def ask_transcripts(app: App) -> None:
    """Queues a fetch for own episodes that lack the transcript or the chapters which their feed links to.

    Each try is a slot that is claimed once, and the slots of an episode lie further and further apart.
    """
    now = app.clock()
    with app.db.read() as session:
        lacking = transcripts.lacking(session, since=now - links.GIVEN_UP_AFTER)
    if not lacking:
        return
    queued = 0
    with app.db.write() as session:
        for each in lacking:
            slot = f"{each.since.isoformat()}/{links.try_number(each.since, now=now)}"
            if queued < _MOST_TRANSCRIPTS and queue.claim_slot(
                session, key := f"transcript:{each.item_id}", slot, now=now
            ):
                queued += queue.enqueue(session, enrich.FETCH, {"item_id": each.item_id}, now=now, key=key)


def ask_newsletters(app: App) -> None:
    """Queues a draft for every due slot, once; passes over slots whose moment is too long ago.

    Slot, job and due columns change in one transaction: a kill leaves all of it or nothing.
    """
    now = app.clock()
    with app.db.read() as session:
        if not newsletters.has_due(session, now=now):
            return
    limit = tasks.missed_limit(app)
    with app.db.write() as session:
        for slot in newsletters.due(session, now=now):
            schedule_id = newsletters.schedule_id(slot.newsletter_id)
            is_missed = slots.is_missed(slot.issue_at, now=now, limit=limit)
            if not is_missed and queue.claim_slot(session, schedule_id, slot.slot, now=now):
                queue.enqueue(session, "draft_issue", _draft_payload(slot), now=now)
            newsletters.advance(session, slot.newsletter_id, now=now, missed_limit=limit)


def ask_planned(app: App) -> None:
    """Queues a draft for every issue outside of the cadence whose time has come."""
    now = app.clock()
    with app.db.read() as session:
        due = planned.due(session, now=now)
        resting = queue.failed_keys(session, since=now - _REST) if due else set()
    for each in due:
        if (key := f"planned:{each.id}") not in resting:
            with app.db.write() as session:
                queue.enqueue(session, "draft_planned", {"planned_id": each.id}, now=now, key=key)


def ask_deadlines(app: App) -> None:
    """Tells the desk of what is to be approved or scheduled soon, and queues what becomes of what nobody approved."""
    now = app.clock()
    with app.db.read() as session:
        near, over = settle.near(session, now=now), settle.over(session, now=now)
        forgotten = settle.forgotten(session, now=now)
        resting = queue.failed_keys(session, since=now - _REST) if over else set()
    for issue_id in near:
        settle.tell_near(app.db, issue_id, now=now)
    for issue_id in forgotten:
        settle.tell_forgotten(app.db, issue_id, now=now)
    for issue_id in over:
        if (key := f"deadline:{issue_id}") not in resting:
            with app.db.write() as session:
                queue.enqueue(session, "settle_deadline", {"issue_id": issue_id}, now=now, key=key)


def ask_issues(app: App) -> None:
    """Queues the mailing of every scheduled issue whose moment has come; holds those that are too late."""
    now = app.clock()
    with app.db.read() as session:
        # A mailing is held before its moment, so that its mail leaves then.
        soon = issues.due_issue_ids(session, now=now + holding.LONGEST + holding.EARLY)
        due = [issue_id for issue_id in soon if tasks.begins_at(session, issue_id) <= now]
        resting = queue.failed_keys(session, since=now - _REST) if due else set()
    for issue_id in due:
        key = f"mailing-of:{issue_id}"
        if key not in resting and not tasks.is_held_back(app, issue_id, now=now):
            with app.db.write() as session:
                queue.enqueue(session, "start_mailing", {"issue_id": issue_id}, now=now, key=key)


def ask_mailings(app: App) -> None:
    """Queues a pump for every mailing that has something to do, or has again since settings were changed."""
    now = app.clock()
    look_again(app.db, app.transports, now=now)
    with app.db.read() as session:
        due = mailings.pumpable_ids(session, now=now)
    if not due:
        return
    with app.db.read() as session:
        resting = queue.failed_keys(session, since=now - _REST)
    tasks.queue_pumps(app, due, now=now, resting=resting)


def ask_letters(app: App) -> None:
    """Queues the sending of letters where one is due and there is a relay (or none by the name that it wants).

    A job for each transport: letters of one whose relay hangs keep nobody else's waiting.
    """
    now = app.clock()
    with app.db.read() as session:
        lanes = {name: lane for name, lane in post.lanes(session).items() if name or app.transport is not None}
        due = [name for name, lane in lanes.items() if letters.has_due(session, now=now, lane=lane)]
        resting = queue.failed_keys(session, since=now - _LETTERS_REST) if due else set()
    for name in due:
        if (key := f"letters:{name}") not in resting:
            with app.db.write() as session:
                queue.enqueue(session, "send_letters", {"transport": name}, now=now, key=key)


def ask_archive(app: App) -> None:
    """Queues reading for the archive's search where an issue was sent, corrected or imported."""
    with app.db.read() as session:
        is_unread = bool(archive.unread(session, limit=1))
        resting = queue.failed_keys(session, since=app.clock() - _REST) if is_unread else set()
    if is_unread and reading.READ not in resting:
        with app.db.write() as session:
            queue.enqueue(session, reading.READ, {}, now=app.clock(), key=reading.READ)


def ask_pictures(app: App) -> None:
    """Queues asking for pictures that issues and episodes' pages are to show, and for those that are tried again."""
    now = app.clock()
    with app.db.read() as session:
        resting = queue.failed_keys(session, since=now - _REST)
    illustrate.want_all(app.db, app.pictures, now=now, resting=resting)
    covers.want_all(app.db, app.pictures, now=now, resting=resting)


def ask_downloads(app: App) -> None:
    """Writes to whoever waited for a transcript that has come: letters are work for others, and cost one row each."""
    written = ask.fulfil(app.db, valid_for=app.links_last, now=app.clock())
    if written:
        _log.info("transcripts are told of", letters=written)


def ask_imports(app: App) -> None:
    """Queues the work on files of readers at which somebody should be: whoever was may have been killed."""
    with app.db.read() as session:
        import_ids = imports.left_alone(session, since=app.clock() - _IMPORT_REST)
        resting = queue.failed_keys(session, since=app.clock() - _REST) if import_ids else set()
    for import_id in import_ids:
        if f"import:{import_id}" not in resting:
            with app.db.write() as session:
                bring.ask(session, import_id, now=app.clock())


def ask_workers(app: App) -> None:
    """Ends the leases of worker processes on this machine that were killed, so that nobody waits for them."""
    folder = workers_dir(app)
    for name in alive.dead_names(folder):
        with app.db.write() as session:
            released = queue.release(session, name, now=app.clock())
        alive.forget(folder, name)
        _log.info("dead worker's jobs released", worker=name, jobs=released)


def ask_recommendations(app: App) -> None:
    """Queues a round of learning and ranking: every 15 minutes, and five after the last one when something new came.

    The round itself decides what of its work is due. The slot is its minute; only the last one is kept.
    """
    now = app.clock()
    with app.db.read() as session:
        newest_at, last = labels.newest_at(session), queue.newest_slot(session, _ROUNDS)
        last_at = None if last is None else datetime.fromisoformat(last)
    if newest_at is None or not _is_round_due(last_at, newest_at, now=now):
        return
    slot = now.replace(second=0, microsecond=0).isoformat()
    with app.db.write() as session:
        if queue.claim_slot(session, _ROUNDS, slot, now=now):
            queue.forget_slots(session, _ROUNDS, before=slot)
            queue.enqueue(session, "recommend", {}, now=now, key="recommend")


def _is_round_due(last_at: datetime | None, newest_at: datetime, *, now: datetime) -> bool:
    if last_at is None or abs(now - last_at) >= _ROUND_EVERY:
        return True
    return abs(now - last_at) >= _ROUND_REST and newest_at > last_at


def take_in_clicks(app: App) -> None:
    """Takes in the clicks that web processes of this machine have spooled.

    The one tick that does its work itself: a job in the queue might come to a worker on another machine, and the
    spool lies on this one. It stops after some 20,000 hits, and the next tick goes on.
    """
    listen.take_in(app.db, app.spool_dir, now=app.clock())


def take_in_returns(app: App) -> None:
    """Reads what came to the mailboxes of bounces and of answers, a few hundred messages at a time.

    It does so itself for the reason of `take_in_clicks`: a mailbox is a folder of this machine, and a job might come
    to a worker on another. A clock on a machine that has no such folder leaves it to the one that has.
    """
    settings = app.settings
    named = {settings.reply_maildir: "CURATOR_REPLY_MAILDIR", settings.bounce_maildir: "CURATOR_BOUNCE_MAILDIR"}
    for folder, setting in named.items():
        if folder is not None and folder.is_dir():
            with _told_of_reading(app, setting) as found:
                found.update(returns.take_in_returns(app.db, folder, keys=app.keys, now=app.clock()))


def take_in_mailbox(app: App) -> None:
    """Reads what came to the mailboxes on another machine, a few hundred messages at a time."""
    settings = app.settings
    named = {settings.reply_mailbox: "CURATOR_REPLY_MAILBOX", settings.bounce_mailbox: "CURATOR_BOUNCE_MAILBOX"}
    for url, setting in named.items():
        if url is not None:
            with _told_of_reading(app, setting) as found, imap.visit(url) as folder:
                found.update(returns.take_in(app.db, folder, keys=app.keys, now=app.clock()))


@contextmanager
def _told_of_reading(app: App, setting: str) -> Iterator[dict[str, int]]:
    """Logs what was read; trouble is an alert, seen anew at each try, and keeps no other mailbox waiting."""
    found: dict[str, int] = {}
    try:
        yield found
    except MailboxError as error:
        _log.error("bounces cannot be read", reason=str(error))
        todo = f"See {setting}: bounces, complaints and mails that unsubscribe lie there unread."
        keep.keep(app.db, [Trouble(AlertKind.MAILBOX, str(error), todo, setting)], now=app.clock())
    else:
        if found:
            _log.info("bounces read", **found)


TICKS = (
    Tick("pulse", timedelta(minutes=1), pulse.beat),
    Tick("watch", watching.EVERY, watching.watch),
    Tick("feeds", timedelta(seconds=15), ask_feeds),
    Tick("articles", timedelta(minutes=1), ask_articles),
    Tick("transcripts", timedelta(seconds=30), ask_transcripts),
    Tick("newsletters", timedelta(seconds=15), ask_newsletters, is_held_by_restore=True),
    Tick("planned", timedelta(seconds=15), ask_planned, is_held_by_restore=True),
    Tick("deadlines", timedelta(seconds=15), ask_deadlines, is_held_by_restore=True),
    Tick("issues", timedelta(seconds=5), ask_issues, is_held_by_restore=True),
    Tick("mailings", timedelta(seconds=5), ask_mailings, is_held_by_restore=True),
    Tick("letters", timedelta(seconds=1), ask_letters, is_held_by_restore=True),
    Tick("recommendations", timedelta(minutes=1), ask_recommendations),
    Tick("archive", timedelta(seconds=30), ask_archive),
    Tick("pictures", timedelta(seconds=30), ask_pictures),
    Tick("downloads", timedelta(seconds=30), ask_downloads),
    Tick("imports", timedelta(seconds=10), ask_imports),
    Tick("workers", timedelta(seconds=5), ask_workers),
    Tick("clicks", timedelta(seconds=5), take_in_clicks),
    Tick("bounces", timedelta(seconds=5), take_in_returns),
    Tick("mailbox", timedelta(minutes=1), take_in_mailbox),
    Tick("providers", timedelta(seconds=2), hooks.ask_inbox),
    Tick("webhooks", timedelta(seconds=2), hooks.ask_webhooks, is_held_by_restore=True),
    Tick("privacy", timedelta(hours=1), forgetting.ask),
    Tick("backups", timedelta(minutes=1), nightly.ask),
    Tick("cohorts", timedelta(hours=1), cohorts.ask),
    Tick("housekeeping", timedelta(hours=1), housekeeping.keep_house),
)


def tick_all(app: App) -> None:
    """Asks every question once; for tests and commands that do without a running clock."""
    for tick in TICKS:
        _put(tick, app)


class _Scheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler 3 has no types
    """A scheduler under which the machine's clock may be set.

    APScheduler's own waits as long as the clock was set back, and makes a list of every tick that a clock set forward
    passed over: from 1970, where a machine without a battery begins, that fills the memory.
    """

    def _process_jobs(self) -> float | None:
        now = datetime.now(UTC)  # noqa: TID251 - APScheduler goes by the machine's clock
        for job in self.get_jobs():
            if abs(job.next_run_time - now) > job.trigger.interval:
                self.modify_job(job.id, next_run_time=now)
        wait_s: float | None = super()._process_jobs()
        return wait_s


def scheduler(app: App, *, ticks: Sequence[Tick] = TICKS, lags: Lags | None = None) -> BackgroundScheduler:
    """Returns a clock that is not started yet. Its ticks come in intervals of UTC and first at once.

    It keeps nothing: a missed tick is made up for by the next, because what is due stands in the database. `lags` is
    told when each begins.
    """
    clock = _Scheduler(
        timezone=UTC,
        jobstores={"default": MemoryJobStore()},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    # APScheduler compares this with the machine's clock, whatever the application's clock says.
    at_once = datetime.now(UTC)  # noqa: TID251 - see above
    for tick in ticks:
        trigger = IntervalTrigger(seconds=tick.every.total_seconds(), timezone=UTC)
        clock.add_job(_ask, trigger, args=(tick, app, lags), id=tick.name, name=tick.name, next_run_time=at_once)
    return clock


def workers_dir(app: App) -> Path:
    """Returns the folder with one locked file for each worker process of this machine."""
    return app.settings.data_dir / "workers"


def _ask(tick: Tick, app: App, lags: Lags | None = None) -> None:
    if lags is not None:
        lags.begin(tick.name, every_s=tick.every.total_seconds())
    try:
        _put(tick, app)
        # Not what this tick queued alone: a hint may be lost, so whatever is due is told again and again.
        lanes.kick_due(app)
    except Exception:
        # Whatever is due stays due: the next tick asks again.
        _log.exception("tick broke", tick=tick.name)


def _put(tick: Tick, app: App) -> None:
    if not tick.is_held_by_restore or restored.held(app.db) is None:
        tick.ask(app)


def _draft_payload(slot: DueSlot) -> dict[str, object]:
    return {"newsletter_id": slot.newsletter_id, "slot": slot.slot, "issue_at": slot.issue_at.isoformat()}
