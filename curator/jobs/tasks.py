"""What a worker can be asked to do: each task's name and the arrow that it calls."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Protocol

import structlog

from curator.app import App
from curator.audience.cohorts import count as cohorts
from curator.audience.moving import bring
from curator.audience.tags import tag
from curator.backup import holding as restored
from curator.db import Session
from curator.doctor import sending
from curator.episodes import enrich
from curator.errors import CuratorError, NotFoundError
from curator.events import listen
from curator.feeds import finding, reading, rounds
from curator.feeds import store as feeds
from curator.feeds.polite import PoliteFetcher
from curator.issues import illustrate, publish, settle
from curator.issues import store as issues
from curator.issues.checks import look_links
from curator.issues.checks import run as checks
from curator.issues.planned import store as planned
from curator.issues.preflight import look as look_mail
from curator.issues.values import IssueState
from curator.jobs import hooks, lanes
from curator.jobs.apart import run as apart
from curator.jobs.apart.values import ApartError, Asked
from curator.jobs.forgetting import FORGET
from curator.jobs.moving import run as moving_run
from curator.jobs.moving import values as moving
from curator.jobs.nightly import run as nightly
from curator.jobs.nightly.values import TASK as BACK_UP
from curator.letters.values import Lane
from curator.mailings import holding, post, send
from curator.mailings.archive import reading as archive
from curator.mailings.ledger import store as ledger
from curator.mailings.postage import Postage
from curator.mailings.proof import probing
from curator.mailings.proof import store as proof
from curator.mailings.restored import pause
from curator.mailings.routes import Route, missing, route_of
from curator.mailings.transports.port import most_connections
from curator.mailings.values import DeliveryState, MailingState
from curator.mailings.way import way_of
from curator.newsletters import slots
from curator.newsletters import store as newsletters
from curator.newsletters.cadence import Slot
from curator.pictures import fetch as pictures
from curator.privacy import retention
from curator.queue import store as queue

_log = structlog.get_logger()


# Shorter than a turn: where a worker both polls and sends, mail that is due comes next.
_ROUND = timedelta(seconds=20)
# With the fetch that is then on its way far below a job's lease: nobody shall take it over meanwhile.
_LOOK_AROUND = timedelta(seconds=60)


def _never() -> bool:
    return False


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Turn:
    """What a task may know of its worker: its name, whether this call's time is over, and whether it has to end.

    A task that takes longer than a lease asks `keeps_hold` again and again, which renews it; False: another has it now.
    """

    owner: str = "by hand"
    is_over: Callable[[], bool] = _never
    is_stopping: Callable[[], bool] = _never
    keeps_hold: Callable[[], bool] = _always


BY_HAND = Turn()


class Task(Protocol):
    """One kind of work. Calling it twice does no harm; True means that there is more to do at once."""

    def __call__(self, app: App, payload: Mapping[str, Any], turn: Turn = BY_HAND, /) -> bool:
        """Does the work, or raises: CuratorError with `retry_in` when trying again can help."""


def _unless_held(task: Task) -> Task:
    """Returns a task that does nothing while a restored database is held, whoever calls it; what is due stays due."""

    @wraps(task)
    def act(app: App, payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
        return False if restored.held(app.db) is not None else bool(task(app, payload, turn))

    return act


def poll_feeds(app: App, _payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
    """Polls what is due, host after host, for a while; a feed's own trouble is noted on the feed."""
    until = app.clock() + _ROUND
    return rounds.go_round(app.pollers(turn.owner), is_over=lambda: turn.is_over() or app.clock() >= until)


def poll_feed(app: App, payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
    """Polls {feed_id}, which somebody waits for, unless it was polled since. It stays due when its host is busy."""
    feed_id = payload["feed_id"]
    with app.db.read() as session:
        is_due = feeds.feed_row(session, feed_id).next_poll_at <= app.clock()
    if is_due:
        rounds.poll_one(app.pollers(turn.owner), feed_id)
    return False


def find_feed(app: App, payload: Mapping[str, Any], _turn: Turn = BY_HAND) -> bool:
    """Looks for the feed of {feed_id}, a web page, at the usual places of its site."""
    until = app.clock() + _LOOK_AROUND
    finding.look_around(app.db, _polite(app), payload["feed_id"], now=app.clock(), is_over=lambda: app.clock() >= until)
    return False


def read_article(app: App, payload: Mapping[str, Any], _turn: Turn = BY_HAND) -> bool:
    """Reads the page behind {item_id}, and completes what of the item is {missing}."""
    missing = payload.get("missing", ())
    reading.read_item(app.db, _polite(app), payload["item_id"], now=app.clock(), missing=missing)
    return False


def draft_issue(app: App, payload: Mapping[str, Any], _turn: Turn = BY_HAND) -> bool:
    """Drafts the issue of {newsletter_id, slot, issue_at}, unless its moment is too long ago.

    The slot is taken for good by then, so whatever goes wrong is said on the newsletter.
    """
    newsletter_id, now = payload["newsletter_id"], app.clock()
    slot = Slot(payload["slot"], datetime.fromisoformat(payload["issue_at"]))
    if slots.is_missed(slot.at, now=now, limit=missed_limit(app)):
        _note(app, newsletter_id, slots.missed_note((slot,), now=now))
        return False
    with app.db.read() as session:
        if slots.on_date(slot.key) in newsletters.skipped_dates(session, newsletter_id):
            return False
    try:
        publish.draft(app.db, newsletter_id, now=now, slot=slot.key, due_at=slot.at)
    except Exception as error:
        if not isinstance(error, CuratorError):
            _note(app, newsletter_id, _not_drafted(slot, "of an error in Curator, which the log tells"))
        elif error.retry_in is None:
            _note(app, newsletter_id, _not_drafted(slot, f"of this: {str(error).rstrip('.')}"))
        raise
    return False


def draft_planned(app: App, payload: Mapping[str, Any], _turn: Turn = BY_HAND) -> bool:
    """Drafts {planned_id}, an issue outside of the cadence; one that was taken out or is drafted stays so."""
    try:
        with app.db.read() as session:
            found = planned.planned(session, payload["planned_id"])
    except NotFoundError:
        return False
    publish.draft(app.db, found.newsletter_id, now=app.clock(), due_at=found.at, planned_id=found.id)
    return False


def settle_deadline(app: App, payload: Mapping[str, Any], _turn: Turn = BY_HAND) -> bool:
    """Does what the newsletter says about {issue_id}, which nobody approved by its deadline."""
    now, limit = app.clock(), missed_limit(app)
    settle.settle(app.db, app.renderer, checks.report, payload["issue_id"], now=now, missed_limit=limit)
    return False


@_unless_held
def start_mailing(app: App, payload: Mapping[str, Any], _turn: Turn = BY_HAND) -> bool:
    """Starts the mailing of {issue_id} and queues its pump; an issue that cannot start is held and says why."""
    issue_id, now = payload["issue_id"], app.clock()
    if is_held_back(app, issue_id, now=now):
        return False
    try:
        checks.require_message(app.db, app.renderer, issue_id, now=now)
        mailing_id = send.start(app.db, issue_id, now=now)
    except CuratorError as error:
        if error.retry_in is None:
            with app.db.write() as session:
                issues.mark_held(session, issue_id, f"It could not be sent: {error}")
        raise
    queue_pumps(app, [mailing_id], now=now)
    lanes.kick(app, "pump_mailing")
    return False


def queue_pumps(app: App, mailing_ids: Sequence[int], *, now: datetime, resting: Collection[str] = ()) -> None:
    """Queues pumps for mailings under keys of their own: as many as may send at once while batches are due, else one.

    The one settles what killed senders left open, and ends a mailing in which nothing is left to do.
    """
    with app.db.write() as session:
        for mailing_id in mailing_ids:
            pumps = app.settings.senders if ledger.has_due_batch(session, mailing_id, now=now) else 1
            for number in range(1, pumps + 1):
                if (key := f"pump:{mailing_id}:{number}") not in resting:
                    queue.enqueue(session, "pump_mailing", {"mailing_id": mailing_id}, now=now, key=key)


@_unless_held
def pump_mailing(app: App, payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
    """Sends what is due of {mailing_id} until the turn is over, then counts what bounced and, at its end, what arrived.

    A kill between the two leaves the counting to the next call: a mailing's last one, which finds nothing to send,
    counts too.
    """
    mailing_id = payload["mailing_id"]
    if pause.pause_forgotten(app.db, mailing_id, now=app.clock(), limit=missed_limit(app)):
        _log.warning("forgotten mailing paused", mailing_id=mailing_id)
    with app.db.read() as session:
        way = way_of(session, app.transports, mailing_id, now=app.clock(), rest=app.rest)
    report = send.pump(
        app.db,
        way.transport,
        mailing_id,
        owner=turn.owner,
        journal_dir=app.journal_dir,
        clock=app.clock,
        keys=app.keys,
        public_url=app.settings.public_url,
        until=turn.is_over,
        connections=most_connections(way.transport),
        pacer=way.pacer,
        return_path=app.return_path,
        reply_path=app.reply_path,
    )
    if report.settled.get(DeliveryState.REFUSED) or report.state.is_final:
        listen.note_bounces(app.db, mailing_id, now=app.clock())
    if report.state.is_final or report.settled.get(DeliveryState.IN_DOUBT):
        listen.settle_doubts(app.db, mailing_id, now=app.clock())
    if report.state.is_final:
        listen.note_accepted(app.db, mailing_id)
    return report.state is MailingState.RUNNING and bool(report.settled)


@_unless_held
def send_letters(app: App, payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
    """Sends the letters that are due until the turn is over: those of {transport}, or of all.

    Each leaves over its newsletter's transport, and waits where that is missing.
    """
    with app.db.read() as session:
        ways = post.lanes(session)
    for name, lane in ways.items():
        if payload.get("transport", name) != name:
            continue
        route = app.transports.get(name)
        if route is not None and not turn.is_over():
            _post(app, route, lane, turn)
        elif route is None and name:
            post.put_off(app.db, lane, reason=missing(name), now=app.clock())
    return False


def _post(app: App, route: Route, lane: Lane, turn: Turn) -> None:
    report = post.post(
        app.db,
        route.transport,
        keys=app.keys,
        public_url=app.settings.public_url,
        renderer=app.renderer,
        clock=app.clock,
        until=turn.is_over,
        lane=lane,
        return_path=app.return_path,
        postage=Postage(route.name, route.limits),
    )
    if report.trouble:
        # Its words stay with the letters: they may quote a relay, and a relay may quote an address.
        _log.warning("letters wait for the relay", transport=route.name, sent=report.sent)


def check_dns(app: App, payload: Mapping[str, Any], _turn: Turn = BY_HAND) -> bool:
    """Looks up what the mail of {newsletter_id} needs in the DNS, and keeps what was found for the desk."""
    with app.db.read() as session:
        newsletter = newsletters.newsletter(session, payload["newsletter_id"])
    found = sending.check(app, newsletter.sender_address)
    with app.db.write() as session:
        proof.put_findings(session, newsletter.id, found, at=app.clock())
    return False


def send_probe(app: App, payload: Mapping[str, Any], _turn: Turn = BY_HAND) -> bool:
    """Sends {probe_id} to an address that does not exist; whatever is in its way is noted on it."""
    if app.return_path is None:
        return False
    if restored.held(app.db) is not None:
        with app.db.write() as session:
            proof.note_words(session, payload["probe_id"], "It has not left: let mail leave again after the restore.")
        return False
    with app.db.read() as session:
        probe = proof.probe(session, payload["probe_id"])
        route = route_of(app.transports, newsletters.newsletter(session, probe.newsletter_id).transport)
    probing.send_probe(app.db, route.transport, probe.id, return_path=app.return_path, clock=app.clock)
    return False


def fetch_transcript(app: App, payload: Mapping[str, Any], _turn: Turn = BY_HAND) -> bool:
    """Fetches the transcript and chapters of {item_id}; what goes wrong is noted on the transcript."""
    found = enrich.fetch(app.db, _polite(app), payload["item_id"], now=app.clock())
    if not found.is_ok:
        _log.info("transcript or chapters not had", item_id=payload["item_id"])
    return False


def fetch_picture(app: App, payload: Mapping[str, Any], _turn: Turn = BY_HAND) -> bool:
    """Asks for {picture_id}; what goes wrong is noted on the picture.

    Another picture at the same address changes what was approved with the older one.
    """
    came = pictures.fetch(app.db, _polite(app), app.pictures, payload["picture_id"], clock=app.clock)
    if came.is_other:
        publish.take_back_changed(app.db, app.renderer, by=None, now=app.clock())
    if came.note:
        _log.info("picture not had", picture_id=payload["picture_id"])
    return False


def draw_share_image(app: App, payload: Mapping[str, Any], _turn: Turn = BY_HAND) -> bool:
    """Draws the picture that stands for {issue_id} where its address is shared."""
    illustrate.draw(app.db, app.pictures, payload["issue_id"], now=app.clock())
    return False


def check_links(app: App, payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
    """Looks at the links of {issue_id} for a while; True while some are left."""
    until = app.clock() + _LOOK_AROUND
    return look_links.look(
        app.db,
        _polite(app),
        app.resolver,
        payload["issue_id"],
        clock=app.clock,
        is_over=lambda: turn.is_over() or app.clock() >= until,
        public_url=app.renderer.public_url,
    )


def look_at_mail(app: App, payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
    """Has the programs that there are look at the mail of {issue_id}; True while some are left."""
    return look_mail.look(app.db, app.renderer, payload["issue_id"], clock=app.clock, is_over=turn.is_over)


def recommend(app: App, payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
    """Renews stories, trends and lists of candidates in a process of its own; with {newsletter_id} refits that one now.

    True when the worker ended before the round did: another goes on with it. Raises ApartError for what failed.
    """
    newsletter_id = payload.get("newsletter_id")
    asked = Asked(
        app.settings.database_url,
        app.clock(),
        only="" if newsletter_id is None else "taste",
        newsletter_id=newsletter_id,
        is_asked=newsletter_id is not None,
    )
    report = apart.run(asked, is_stopping=turn.is_stopping)
    _log.info(
        "recommendations renewed", took_s=report.took.total_seconds(), done=len(report.done), failed=report.failed
    )
    if turn.is_stopping():
        return True
    if report.failed:
        raise ApartError(report.failed)
    return False


def tag_readers(app: App, payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
    """Does the run {tagging_id} until the turn is over; True while some of it is left."""
    return tag.go_on(app.db, payload["tagging_id"], is_over=turn.is_over)


def move_readers(app: App, payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
    """Goes on with the file of {import_id} for a turn, in a process of its own; True while something is left."""
    folder, secrets = str(app.imports_dir), (*app.settings.old_secret_keys, app.settings.secret_key)
    asked = moving.Asked(
        app.settings.database_url,
        folder,
        payload["import_id"],
        app.clock(),
        secrets=secrets,
        leavings=tuple(map(str, app.leavings.folders)),
    )
    return moving_run.run(asked, is_stopping=turn.is_stopping)


def read_archive(app: App, _payload: Mapping[str, Any], _turn: Turn = BY_HAND) -> bool:
    """Reads public issues that the archive's search does not know as they are shown."""
    return archive.read_new(app.db, now=app.clock())


def forget_the_old(app: App, _payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
    """Makes a round of deleting what is too old to name readers; True while more is left when the turn is over."""
    return retention.make_round(app.db, retention.keeping(app.settings), now=app.clock(), is_over=turn.is_over)


def back_up(app: App, _payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
    """Makes the night's backup and tries it out, in a process of its own; what goes wrong is noted on the night."""
    return nightly.run(app, is_stopping=turn.is_stopping, keeps_hold=turn.keeps_hold)


def count_cohorts(app: App, payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
    """Counts who of {newsletter_id} stayed, once for each month that is over; True where it has to begin anew."""
    return cohorts.count(app.db, payload["newsletter_id"], now=app.clock(), is_stopping=turn.is_stopping)


def read_hooks(app: App, _payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
    """Reads what providers told of mail that left."""
    return hooks.read_hooks(app, turn.is_over)


@_unless_held
def call_webhooks(app: App, payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
    """Calls the endpoint {endpoint_id} with what it is to be told."""
    return hooks.call_webhooks(app, payload, turn.is_over)


TASKS: dict[str, Task] = {
    "poll_feeds": poll_feeds,
    "poll_feed": poll_feed,
    "find_feed": find_feed,
    "read_article": read_article,
    "fetch_transcript": fetch_transcript,
    tag.TASK: tag_readers,
    look_links.TASK: check_links,
    look_mail.TASK: look_at_mail,
    "draft_issue": draft_issue,
    "draft_planned": draft_planned,
    "settle_deadline": settle_deadline,
    "start_mailing": start_mailing,
    "pump_mailing": pump_mailing,
    "send_letters": send_letters,
    "check_dns": check_dns,
    "send_probe": send_probe,
    "recommend": recommend,
    bring.TASK: move_readers,
    archive.READ: read_archive,
    FORGET: forget_the_old,
    BACK_UP: back_up,
    cohorts.COUNT: count_cohorts,
    hooks.READ: read_hooks,
    hooks.CALL: call_webhooks,
    pictures.FETCH: fetch_picture,
    illustrate.DRAW: draw_share_image,
}


def _polite(app: App) -> PoliteFetcher:
    return PoliteFetcher(app.db, app.fetcher, app.clock)


def begins_at(session: Session, issue_id: int) -> datetime:
    """Returns when the mailing of a scheduled issue begins: before its moment, where it is held first."""
    issue = issues.issue_row(session, issue_id)
    hold = holding.length(newsletters.newsletter(session, issue.newsletter_id))
    return holding.begins_at(issue.send_at or issue.created_at, hold)


def missed_limit(app: App) -> timedelta:
    """Returns how late something may be done without a person."""
    return timedelta(hours=app.settings.missed_slot_limit_hours)


def is_held_back(app: App, issue_id: int, *, now: datetime) -> bool:
    """Tells whether an issue must not be sent now.

    It is not scheduled, not due yet, so late that it is held, or was scheduled as a test of what is live by now.
    """
    if publish.release_test(app.db, issue_id, by=None, now=now):
        return True
    with app.db.write() as session:
        issue = issues.issue_row(session, issue_id, lock=True)
        # A start may wait in the queue while an editor unschedules the issue or moves its moment.
        if issue.state is not IssueState.SCHEDULED or issue.send_at is None or begins_at(session, issue_id) > now:
            return True
        if not slots.is_missed(issue.send_at, now=now, limit=missed_limit(app)):
            return False
        issues.mark_held(session, issue_id, _too_late(issue.send_at, now=now))
    return True


def _too_late(send_at: datetime, *, now: datetime) -> str:
    return (
        f"It was to be sent on {send_at:%a} {send_at.day} {send_at:%b %H:%M} UTC, which was missed by "
        f"{slots.in_words(now - send_at)}, so it was not sent. Look it over, approve and schedule it again."
    )


def _note(app: App, newsletter_id: int, note: str) -> None:
    with app.db.write() as session:
        newsletters.set_note(session, newsletter_id, note)


def _not_drafted(slot: Slot, why: str) -> str:
    return f"The issue of {slots.wall(slot)} was not drafted because {why}. Start it by hand."
