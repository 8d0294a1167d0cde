"""ISSUE -> DELIVERY: start a mailing, and pump it until nothing is due. The protocol is in docs/architecture.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from curator.audience.values import Recipient
from curator.clock import Clock
from curator.db import Database
from curator.errors import RenderError
from curator.issues import store as issues
from curator.issues.revisions import store as revisions
from curator.mailings import begin, freeze, news, personal, recover, store, thanks
from curator.mailings.counts import store as counts
from curator.mailings.ledger import store as ledger
from curator.mailings.letterhead import under
from curator.mailings.pacer import FREE, Pacer
from curator.mailings.prebuilt import Prebuilt
from curator.mailings.reply_path import ReplyPath
from curator.mailings.repoints import applied
from curator.mailings.repoints import store as repoints
from curator.mailings.return_path import OfDelivery, ReturnPath
from curator.mailings.sender import Sender
from curator.mailings.side_by_side import side_by_side
from curator.mailings.transports.port import Transport
from curator.mailings.values import Balance, DeliveryState, MailingState, Outgoing, PumpReport, Trouble
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec
from curator.tokens import Keys

WINDOW = 50
"""Messages between two commits: the most that is in doubt when journal and process are lost together.

Pausing takes hold within a window too, which a slow relay (10 messages a second) takes five seconds for. A window's
transaction costs nearly the same whatever its size: of 20 it took half of a sender's CPU, of 50 a quarter.
"""


def start(db: Database, issue_id: int, *, now: datetime, chunk: int = freeze.CHUNK, batch: int = freeze.BATCH) -> int:
    """Starts sending an issue and returns its mailing; when it was started already, goes on with that one.

    The issue must be approved as it stands. Where the newsletter holds its mailings, that is all for now: the pump goes
    on when the holding is over. Killed in between, the mailing stays "building" with what was written; a second call
    (or the pump) goes on from there. While the newsletter is in test mode the mailing is a test: it goes to
    people at the desk only, and stays a test whatever happens meanwhile. Raises StateError, before anything is written,
    when the issue may not be sent or nobody would get it.
    """
    mailing_id = begin.begin(db, issue_id, now=now)
    freeze.freeze(db, mailing_id, now=now, chunk=chunk, batch=batch)
    return mailing_id


def pump(
    db: Database,
    transport: Transport,
    mailing_id: int,
    *,
    owner: str,
    journal_dir: Path,
    clock: Clock,
    keys: Keys,
    public_url: str,
    until: Callable[[], bool],
    window: int = WINDOW,
    connections: int = 1,
    pacer: Pacer = FREE,
    return_path: ReturnPath | None = None,
    reply_path: ReplyPath | None = None,
) -> PumpReport:
    """Sends what is due of a mailing, until nothing is, `until()` is true, or the relay fails.

    First whatever killed ones left open is settled; at the end the mailing is finished if it balances. `until` is
    asked between windows, by each of the `connections`: threads that have a journal and batches of their own, as
    several pumps would, which may work on one mailing at once too. A crash in one is raised when the others have ended
    their windows. `pacer` says how fast: a pump rests for moments, and lets the mailing wait for anything longer.
    Without a `return_path` bounces go to the newsletter's own address; without a `reply_path` nobody leaves by mail.
    """
    begin.let_go(db, mailing_id, now=clock())
    freeze.freeze(db, mailing_id, now=clock())
    senders = [
        Sender(db, mailing_id, clock, window, pacer, leaves_room=number == 0, is_sole=connections == 1)
        for number in range(connections)
    ]
    first = senders[0]
    recover.recover(db, mailing_id, journal_dir=journal_dir, now=clock(), never_left=first.never_left)
    recover.clear_journals(db, journal_dir=journal_dir)
    if first.has_work() and not until():
        try:
            compose = _composer(
                db,
                mailing_id,
                clock=clock,
                keys=keys,
                public_url=public_url,
                return_path=return_path,
                reply_path=reply_path,
            )
        except RenderError as error:
            first.note(Trouble(str(error), needs_person=True))
        else:

            def send(number: int, until: Callable[[], bool]) -> None:
                name = owner if connections == 1 else f"{owner}.{number}"
                senders[number - 1].send(transport, compose, journal_dir, name=name, until=until)

            side_by_side(send, count=connections, until=until)
    open_wave(db, mailing_id, now=clock())
    finish(db, mailing_id, now=clock())
    with db.read() as session:
        state = store.mailing(session, mailing_id).state
    settled = sum((sender.settled for sender in senders), Counter())
    trouble = next((sender.trouble.reason for sender in senders if sender.trouble), "")
    return PumpReport(mailing_id, state, dict(+settled), trouble)


def finish(db: Database, mailing_id: int, *, now: datetime) -> bool:
    """Ends a mailing in which nothing is left to do; one that does not balance is paused instead.

    The issue of a test is not sent: it is approved again, as it was before.
    """
    with db.write() as session:
        mailing = store.lock(session, mailing_id)
        if mailing.state != MailingState.RUNNING or ledger.has_unfinished_batch(session, mailing_id):
            return False
        balance, honest = store.balance(session, mailing_id), counts.honest(session, mailing_id)
        if why := _why_unfinished(balance, honest):
            news.stopped(session, mailing_id, why, now=now)
            return False
        store.set_state(session, mailing_id, MailingState.FINISHED, finished_at=now)
        news.finished(session, mailing_id, now=now)
        if mailing.is_test:
            newsletter = newsletters.newsletter(session, mailing.newsletter_id)
            sent = balance.by_state.get(DeliveryState.SENT, 0)
            issues.give_back(session, mailing.issue_id, _test_note(sent, newsletter))
        else:
            issues.mark_sent(session, mailing.issue_id, now=now)
            thanks.write(session, mailing.newsletter_id, mailing.issue_id, now=now)
        return True


def _why_unfinished(balance: Balance, honest: Balance) -> str | None:
    """Returns why a mailing of which all batches are done is not finished all the same; None when it is."""
    open_ones = sum(honest.by_state.get(state, 0) for state in DeliveryState if state.is_open)
    if open_ones or not honest.is_even:
        return f"The accounts do not balance: {honest.candidates} candidates, {open_ones} of them still open."
    if balance != honest:
        return "The accounts do not balance: the batches count otherwise than the deliveries. Tell an operator."
    return None


def open_wave(db: Database, mailing_id: int, *, now: datetime) -> bool:
    """Lets the next wave leave after a pause, once the waves so far have left; tells whether it did."""
    with db.write() as session:
        mailing = store.lock(session, mailing_id)
        wave = store.next_wave(session, mailing_id, now=now) if mailing.state == MailingState.RUNNING else None
        if wave is None:
            return False
        pause = timedelta(minutes=newsletters.newsletter(session, mailing.newsletter_id).wave_minutes)
        readers = store.wave_size(session, mailing_id, mailing.wave)
        why = f"watching how wave {mailing.wave} ({readers:,} reader{'' if readers == 1 else 's'}) is taken"
        store.wait(session, mailing_id, until=now + pause, why=why)
        store.open_wave(session, mailing_id, wave)
        return True


def _test_note(sent: int, newsletter: NewsletterSpec) -> str:
    then = "Go live, then send it to the readers." if newsletter.is_test_mode else "Now send it to the readers."
    if not sent:
        return f"Nobody got it in test mode: whoever at the desk subscribes had it already, or was refused. {then}"
    return f"Sent in test mode to {'1 person' if sent == 1 else f'{sent} people'} at the desk. {then}"


def _composer(
    db: Database,
    mailing_id: int,
    *,
    clock: Clock,
    keys: Keys,
    public_url: str,
    return_path: ReturnPath | None,
    reply_path: ReplyPath | None,
) -> Callable[[Recipient], Outgoing]:
    with db.read() as session:
        mailing = store.row(session, mailing_id)
        revision = revisions.revision(session, mailing.revision_id)
        # A link that was pointed elsewhere since leads there in mail that has not left yet, the text part's too.
        now_at = repoints.now_at(session, mailing.issue_id)
        links = applied.links(revisions.links(session, revision.id), now_at)
        newsletter = under(newsletters.newsletter(session, mailing.newsletter_id), mailing.letterhead)
        shown = replace(revision, text=applied.text(revision.text, now_at))
        content = personal.content(shown, links, has_pixel=newsletter.opens.is_on)
        number = issues.issue_row(session, mailing.issue_id).number

    ids = {"mailing_id": mailing_id, "issue_number": number}
    built = Prebuilt(content, newsletter, **ids, public_url=public_url, keys=keys, reply_path=reply_path)

    def compose(recipient: Recipient) -> Outgoing:
        message = built.message(recipient, date=clock())
        if return_path is None:
            return message
        return return_path.on(message, OfDelivery(mailing_id, recipient.subscriber_id))

    return compose
