"""ISSUE -> DELIVERY: start a mailing, and pump it until nothing is due. The protocol is in docs/architecture.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from curator.audience import store as audience
from curator.audience.values import Recipient
from curator.clock import Clock
from curator.db import Database, Session
from curator.errors import RenderError
from curator.issues import store as issues
from curator.mailings import begin, freeze, journal, personal, recover, store
from curator.mailings.brakes import Tally, why_stop
from curator.mailings.counts import store as counts
from curator.mailings.hand_over import HandOver, Relay, Window
from curator.mailings.journal import JournalError
from curator.mailings.ledger import store as ledger
from curator.mailings.letterhead import under
from curator.mailings.prebuilt import Prebuilt
from curator.mailings.side_by_side import side_by_side
from curator.mailings.tables import Mailing
from curator.mailings.transports.port import Transport
from curator.mailings.values import Balance, Claim, DeliveryState, MailingState, Outgoing, PumpReport, Result, Trouble
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec
from curator.tokens import Keys

WINDOW = 50
"""Messages between two commits: the most that is in doubt when journal and process are lost together.

Pausing takes hold within a window too, which a slow relay (10 messages a second) takes five seconds for. A window's
transaction costs nearly the same whatever its size: of 20 it took half of a sender's CPU, of 50 a quarter.
"""

# A dead sender on this machine is known by its journal's lock, so the lease only has to outlast the slowest relay: a
# conversation has five answers of up to a minute. No message begins in its second half.
_LEASE = timedelta(minutes=15)
_FIRST_RETRY = timedelta(seconds=30)
_LONGEST_RETRY = timedelta(hours=1)


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
) -> PumpReport:
    """Sends what is due of a mailing, until nothing is, `until()` is true, or the relay fails.

    First whatever killed ones left open is settled; at the end the mailing is finished if it balances. `until` is
    asked between windows, by each of the `connections`: threads that have a journal and batches of their own, as
    several pumps would, which may work on one mailing at once too. A crash in one is raised when the others have ended
    their windows.
    """
    begin.let_go(db, mailing_id, now=clock())
    freeze.freeze(db, mailing_id, now=clock())
    recover.recover(db, mailing_id, journal_dir=journal_dir, now=clock())
    recover.clear_journals(db, journal_dir=journal_dir)
    senders = [_Sender(db, mailing_id, clock, window)]
    if senders[0].has_work() and not until():
        try:
            compose = _composer(db, mailing_id, clock=clock, keys=keys, public_url=public_url)
        except RenderError as error:
            senders[0].note(Trouble(str(error), needs_person=True))
        else:

            def send(number: int, until: Callable[[], bool]) -> _Sender:
                sender = _Sender(db, mailing_id, clock, window)
                name = owner if connections == 1 else f"{owner}.{number}"
                try:
                    with journal.opened(journal_dir, name) as own, Relay(transport) as relay:
                        sender.run(HandOver(relay, own, compose, clock), until)
                except JournalError as error:
                    sender.note(Trouble(str(error), needs_person=False))
                return sender

            senders = side_by_side(send, count=connections, until=until)
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
            store.set_state(session, mailing_id, MailingState.PAUSED, reason=why)
            return False
        store.set_state(session, mailing_id, MailingState.FINISHED, finished_at=now)
        if mailing.is_test:
            newsletter = newsletters.newsletter(session, mailing.newsletter_id)
            sent = balance.by_state.get(DeliveryState.SENT, 0)
            issues.give_back(session, mailing.issue_id, _test_note(sent, newsletter))
        else:
            issues.mark_sent(session, mailing.issue_id, now=now)
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
    db: Database, mailing_id: int, *, clock: Clock, keys: Keys, public_url: str
) -> Callable[[Recipient], Outgoing]:
    with db.read() as session:
        mailing = store.row(session, mailing_id)
        revision = issues.revision(session, mailing.revision_id)
        content = personal.content(revision, issues.links(session, revision.id))
        newsletter = under(newsletters.newsletter(session, mailing.newsletter_id), mailing.letterhead)
        number = issues.issue_row(session, mailing.issue_id).number

    built = Prebuilt(content, newsletter, mailing_id=mailing_id, issue_number=number, public_url=public_url, keys=keys)
    return lambda recipient: built.message(recipient, date=clock())


@dataclass
class _Sender:
    """Claims batches one after the other and takes each through its windows."""

    db: Database
    mailing_id: int
    clock: Clock
    window: int
    settled: Counter[DeliveryState] = field(default_factory=Counter)
    trouble: Trouble | None = None
    # Bounces and complaints that were looked at last; None at first, so that the first turn looks.
    _weighed: tuple[int, int] | None = None

    def has_work(self) -> bool:
        with self.db.read() as session:
            return ledger.has_due_batch(session, self.mailing_id, now=self.clock())

    def run(self, hand_over: HandOver, until: Callable[[], bool]) -> None:
        while self.trouble is None and not until():
            held = self._claim(hand_over.journal.name)
            if held is None:
                return
            self._work(held, hand_over, until)

    def note(self, trouble: Trouble) -> None:
        self.trouble = trouble
        with self.db.write() as session:
            self._note(session, store.lock(session, self.mailing_id), self.clock())

    def _claim(self, owner: str) -> Claim | None:
        now = self.clock()
        with self.db.write() as session:
            return ledger.claim(session, self.mailing_id, owner=owner, now=now, lease_until=now + _LEASE)

    def _work(self, held: Claim, hand_over: HandOver, until: Callable[[], bool]) -> None:
        window = self._turn(held, (), held.first_id - 1, is_last=False)
        while window is not None:
            results, self.trouble = hand_over(window)
            window = self._turn(window.held, results, window.cursor, is_last=until())

    def _turn(self, held: Claim, results: Sequence[Result], cursor: int, *, is_last: bool) -> Window | None:
        """Writes the last window's results and the next one's intents in one transaction; None: stop with this batch.

        A kill before the commit leaves the last window to the journal; a kill after it, the next one. The commit is
        durable: an intent that a power cut took back would be sent a second time.
        """
        now = self.clock()
        with self.db.write(is_durable=True) as session:
            mailing = store.lock(session, self.mailing_id, is_shared=self.trouble is None)
            is_held = ledger.record(session, held, results, now=now, lease_until=now + _LEASE)
            self._note(session, mailing, now, has_answers=any(each.code for each in results))
            may_go_on = self._brake(session, mailing, results)
            next_window = None
            if is_held:
                if may_go_on and not is_last and self.trouble is None and mailing.state == MailingState.RUNNING:
                    next_window = self._next(session, mailing, held, cursor, now)
                if next_window is None:
                    if mailing.state == MailingState.CANCELLED:
                        ledger.cancel_rest(session, held)
                    ledger.release(session, held, now=now)
        self.settled.update(each.state for each in results if each.state is not DeliveryState.PENDING)
        return next_window

    def _next(self, session: Session, mailing: Mailing, held: Claim, cursor: int, now: datetime) -> Window | None:
        left_out: Counter[str] = Counter()
        window = None
        while window is None and (waits := ledger.waiting(session, held, after_id=cursor, limit=self.window, now=now)):
            cursor = max(waits)
            # Who unsubscribed, complained or was erased since the start is found here, at the last moment.
            found = audience.recipients(session, mailing.newsletter_id, waits)
            reasons = {id_: why for id_, why in found.items() if isinstance(why, str)}
            left_out += ledger.exclude(session, held, reasons, waits, now=now)
            chosen = {id_: state for id_, state in waits.items() if id_ not in reasons}
            attempts = ledger.intend(session, held, chosen, now=now)
            recipients = tuple(each for each in found.values() if not isinstance(each, str))
            recipients = tuple(each for each in recipients if each.subscriber_id in attempts)
            if recipients:
                lease = replace(held, lease_until=now + _LEASE)
                window = Window(lease, recipients, attempts, cursor, stop_at=now + _LEASE / 2)
        counts.add_exclusions(session, self.mailing_id, left_out)
        self.settled[DeliveryState.EXCLUDED] += left_out.total()
        return window

    def _brake(self, session: Session, mailing: Mailing, results: Sequence[Result]) -> bool:
        """Stops a mailing that too many refuse or complain about; False when it stopped.

        Counted only when there is something new to count: what was sent well makes no share of bounces grow.
        """
        facts = (mailing.hard_bounces, mailing.complaints)
        is_news = facts != self._weighed or any(each.state is DeliveryState.REFUSED for each in results)
        self._weighed = facts
        if mailing.state != MailingState.RUNNING or not is_news:
            return True
        why = why_stop(store.tally(session, mailing), forgiven=Tally(**(mailing.forgiven or {})))
        if why is not None:
            store.set_state(session, self.mailing_id, MailingState.PAUSED, reason=why)
        return why is None

    def _note(self, session: Session, mailing: Mailing, now: datetime, *, has_answers: bool = False) -> None:
        """Writes down that the relay fails, or that it works again."""
        if self.trouble is None:
            if mailing.troubles and has_answers:
                store.forget_trouble(session, self.mailing_id)
        elif mailing.state != MailingState.RUNNING:
            return
        elif self.trouble.needs_person:
            store.set_state(session, self.mailing_id, MailingState.PAUSED, reason=self.trouble.reason)
        elif mailing.retry_at is None or mailing.retry_at <= now:
            # All connections fail when the relay does: it is one trouble, and one wait.
            wait = min(_FIRST_RETRY * (1 << min(mailing.troubles, 10)), _LONGEST_RETRY)
            store.note_trouble(session, self.mailing_id, reason=self.trouble.reason, retry_at=now + wait)
