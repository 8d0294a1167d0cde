"""One sender of a mailing: claims batches one after the other and takes each through its windows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from curator.audience import store as audience
from curator.audience.values import Recipient
from curator.clock import Clock
from curator.db import Database, Session
from curator.mailings import journal, news, store
from curator.mailings.brakes import Tally, why_stop
from curator.mailings.counts import store as counts
from curator.mailings.hand_over import HandOver, Relay, Window
from curator.mailings.journal import JournalError
from curator.mailings.ledger import store as ledger
from curator.mailings.over import why_over
from curator.mailings.pacer import FREE, Leave, Pacer
from curator.mailings.progress import store as progress
from curator.mailings.transports.port import Transport
from curator.mailings.values import LEASE, Claim, DeliveryState, MailingState, Outgoing, Result, Standing, Trouble

_FIRST_RETRY = timedelta(seconds=30)
_LONGEST_RETRY = timedelta(hours=1)


@dataclass
class Sender:
    """Claims batches one after the other and takes each through its windows."""

    db: Database
    mailing_id: int
    clock: Clock
    window: int
    pacer: Pacer = FREE
    # Whose connection is left to letters where a relay has too few; with no other that is all there is.
    leaves_room: bool = False
    is_sole: bool = True
    settled: Counter[DeliveryState] = field(default_factory=Counter)
    trouble: Trouble | None = None
    # Set once nothing more may leave this way for now.
    spent: Leave | None = None
    # Bounces and complaints that were looked at last; None at first, so that the first turn looks.
    _weighed: tuple[int, int] | None = None

    def has_work(self) -> bool:
        """Tells whether a batch is due."""
        with self.db.read() as session:
            return ledger.has_due_batch(session, self.mailing_id, now=self.clock())

    def send(
        self,
        transport: Transport,
        compose: Callable[[Recipient], Outgoing],
        journal_dir: Path,
        *,
        name: str,
        until: Callable[[], bool],
    ) -> None:
        """Sends what is due over a connection of its own, under a journal of that name, until `until()` is true."""
        try:
            with journal.opened(journal_dir, name) as own, Relay(transport) as relay:
                self._run(HandOver(relay, own, compose, self.clock), until)
        except JournalError as error:
            self.note(Trouble(str(error), needs_person=False))

    def _run(self, hand_over: HandOver, until: Callable[[], bool]) -> None:
        while self.trouble is None and self.spent is None and not until():
            if self._left_room(hand_over.relay):
                if not self.has_work():
                    return
                continue
            held = self._claim(hand_over.journal.name)
            if held is not None:
                self._work(held, hand_over, until)
            elif not self._rested():
                return
        if self.spent is not None and self.spent.wait is not None:
            # In a transaction of its own: behind the pace's lock no mailing may be locked.
            with self.db.write() as session:
                store.wait(session, self.mailing_id, until=self.spent.wait.until, why=self.spent.wait.why)

    def _left_room(self, relay: Relay) -> bool:
        """Hangs up and waits a moment where letters found the relay crowded; False where nothing is to be left."""
        if not self.leaves_room:
            return False
        with self.db.read() as session:
            rest_s = self._rest_for_letters(session, self.clock())
        if rest_s:
            relay.hang_up()
            self.pacer.rest(rest_s)
        return rest_s > 0

    def _rest_for_letters(self, session: Session, now: datetime) -> float:
        return self.pacer.leaves_room(session, is_sole=self.is_sole, now=now) if self.leaves_room else 0.0

    def never_left(self, session: Session, held: Claim, count: int) -> None:
        """Takes messages of a sender that is gone out of their day's count."""
        self.pacer.give_back(session, count, taken_at=held.lease_until - LEASE, is_own=False)

    def _rested(self) -> bool:
        """Waits a moment for what is due next; False when that is too far away."""
        with self.db.read() as session:
            seconds = self.pacer.rest_before(session, self.mailing_id, now=self.clock())
        if seconds:
            self.pacer.rest(seconds)
        return seconds > 0

    def note(self, trouble: Trouble) -> None:
        """Ends this sender's turn and tells the mailing why."""
        self.trouble = trouble
        with self.db.write() as session:
            self._note(session, store.stands(session, self.mailing_id, is_shared=False), self.clock())

    def _claim(self, owner: str) -> Claim | None:
        now = self.clock()
        with self.db.write() as session:
            return ledger.claim(session, self.mailing_id, owner=owner, now=now, lease_until=now + LEASE)

    def _work(self, held: Claim, hand_over: HandOver, until: Callable[[], bool]) -> None:
        window = self._turn(held, (), held.first_id - 1, is_last=False)
        while window is not None:
            results, self.trouble = hand_over(window)
            if window.rest_s:
                self.pacer.rest(window.rest_s)
            window = self._turn(window.held, results, window.cursor, is_last=until())

    def _turn(self, held: Claim, results: Sequence[Result], cursor: int, *, is_last: bool) -> Window | None:
        """Writes the last window's results and the next one's intents in one transaction; None: stop with this batch.

        A kill before the commit leaves the last window to the journal; a kill after it, the next one. The commit is
        durable: an intent that a power cut took back would be sent a second time.
        """
        now = self.clock()
        with self.db.write(is_durable=True) as session:
            mailing = store.stands(session, self.mailing_id, is_shared=self.trouble is None)
            is_held = ledger.record(session, held, results, now=now, lease_until=now + LEASE)
            self._note(session, mailing, now, has_answers=any(each.code for each in results))
            may_go_on = self._brake(session, mailing, results, now) and self._in_time(session, mailing, now)
            next_window = None
            if is_held:
                untaken = sum(each.state is DeliveryState.PENDING for each in results)
                self.pacer.give_back(session, untaken, taken_at=held.lease_until - LEASE, is_own=True)
                if may_go_on and not is_last and self.trouble is None and mailing.state == MailingState.RUNNING:
                    next_window = self._next(session, mailing, held, cursor, now)
                if next_window is None:
                    if mailing.state == MailingState.CANCELLED:
                        ledger.cancel_rest(session, held)
                    ledger.release(session, held, now=now)
        self.settled.update(each.state for each in results if each.state is not DeliveryState.PENDING)
        return next_window

    def _next(self, session: Session, mailing: Standing, held: Claim, cursor: int, now: datetime) -> Window | None:
        lease = replace(held, lease_until=now + LEASE)
        if self._rest_for_letters(session, now):
            # The batch is let go: another connection may go on with it.
            return None
        left_out: Counter[str] = Counter()
        window = None
        while window is None and (waits := ledger.waiting(session, held, after_id=cursor, limit=self.window, now=now)):
            leave = self.pacer.ask(session, self.mailing_id, most=len(waits), now=now)
            if not leave.room:
                self.spent = leave if leave.is_spent else None
                window = None if leave.is_spent else Window(lease, (), {}, cursor, now, rest_s=leave.rest_s)
                break
            waits = dict(islice(waits.items(), leave.room))
            cursor = max(waits)
            recipients, excluded = self._chosen(session, mailing, held, waits, now)
            left_out += excluded
            attempts = ledger.intend(
                session, held, {each.subscriber_id: waits[each.subscriber_id] for each in recipients}, now=now
            )
            chosen = tuple(each for each in recipients if each.subscriber_id in attempts)
            if chosen:
                self.pacer.take(session, leave, len(chosen), now=now)
                window = Window(
                    lease, chosen, attempts, cursor, stop_at=_stop_at(mailing, now), closes_at=mailing.stops_at
                )
        counts.add_exclusions(session, self.mailing_id, left_out)
        self.settled[DeliveryState.EXCLUDED] += left_out.total()
        return window

    def _brake(self, session: Session, mailing: Standing, results: Sequence[Result], now: datetime) -> bool:
        """Stops a mailing that too many refuse or complain about; False when it stopped.

        Counted only when there is something new to count: what was sent well makes no share of bounces grow.
        """
        facts = (mailing.hard_bounces, mailing.complaints)
        is_news = facts != self._weighed or any(each.state is DeliveryState.REFUSED for each in results)
        self._weighed = facts
        if mailing.state != MailingState.RUNNING or not is_news:
            return True
        why = why_stop(progress.tally(session, mailing), forgiven=Tally(**(mailing.forgiven or {})))
        if why is not None:
            news.stopped(session, self.mailing_id, why, now=now)
        return why is None

    def _in_time(self, session: Session, mailing: Standing, now: datetime) -> bool:
        """Stops a mailing whose issue holds a promotion that has ended; False when it stopped.

        The moment stands in the mailing, which is read for every window anyway: looking costs one comparison.
        """
        if not mailing.is_over_at(now):
            return True
        if mailing.state == MailingState.RUNNING:
            news.stopped(session, self.mailing_id, why_over(session, mailing.id), now=now)
        return False

    def _chosen(
        self,
        session: Session,
        mailing: Standing,
        held: Claim,
        waits: Mapping[int, DeliveryState],
        now: datetime,
    ) -> tuple[list[Recipient], Counter[str]]:
        """Returns whom of these to send to, after taking out or putting off the others, and who was taken out why."""
        # Who unsubscribed, paused, complained or was erased since the start is found here, at the last moment.
        found = audience.recipients(session, mailing.newsletter_id, waits, now=now)
        reasons = {id_: why for id_, why in found.items() if isinstance(why, str)}
        excluded = ledger.exclude(session, held, reasons, waits, now=now)
        recipients = [each for each in found.values() if not isinstance(each, str)]
        later = self.pacer.put_off(session, held, recipients, waits, now=now)
        return [each for each in recipients if each.subscriber_id not in later], excluded

    def _note(self, session: Session, mailing: Standing, now: datetime, *, has_answers: bool = False) -> None:
        """Writes down that the relay fails, or that it works again."""
        if self.trouble is None:
            if mailing.troubles and has_answers:
                store.forget_trouble(session, self.mailing_id)
        elif mailing.state != MailingState.RUNNING:
            return
        elif self.trouble.needs_person:
            news.stopped(session, self.mailing_id, self.trouble.reason, now=now)
        elif mailing.retry_at is None or mailing.retry_at <= now:
            # All connections fail when the relay does: it is one trouble, and one wait.
            wait = min(_FIRST_RETRY * (1 << min(mailing.troubles, 10)), _LONGEST_RETRY)
            store.note_trouble(session, self.mailing_id, reason=self.trouble.reason, retry_at=now + wait)


def _stop_at(mailing: Standing, now: datetime) -> datetime:
    """Returns when no further message of a window begins."""
    half = now + LEASE / 2
    return half if mailing.stops_at is None else min(half, mailing.stops_at)
