"""ISSUE -> DELIVERY: start a mailing, and pump it until nothing is due. The protocol is in docs/architecture.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from curator.accounts import store as accounts
from curator.audience import store as audience
from curator.audience.values import Recipient
from curator.clock import Clock
from curator.db import Database, Session
from curator.errors import StateError
from curator.issues import publish
from curator.issues import store as issues
from curator.issues.values import IssueRow, IssueState, RenderedRevision
from curator.mailings import freeze, journal, mime, personal, recover, store
from curator.mailings.hand_over import HandOver, Relay, Window
from curator.mailings.journal import JournalError
from curator.mailings.ledger import store as ledger
from curator.mailings.return_path import OfDelivery, ReturnPath
from curator.mailings.tables import Mailing
from curator.mailings.transports.port import Transport
from curator.mailings.values import Claim, DeliveryState, MailingState, Outgoing, PumpReport, Result, Trouble
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec
from curator.tokens import Keys

WINDOW = 20
"""Messages between two commits: the most that is in doubt when journal and process are lost together."""

# A dead sender on this machine is known by its journal's lock, so the lease only has to outlast the slowest relay: a
# conversation has five answers of up to a minute. No message begins in its second half.
_LEASE = timedelta(minutes=15)
_FIRST_RETRY = timedelta(seconds=30)
_LONGEST_RETRY = timedelta(hours=1)


def start(db: Database, issue_id: int, *, now: datetime, chunk: int = freeze.CHUNK, batch: int = freeze.BATCH) -> int:
    """Starts sending an issue and returns its mailing; when it was started already, goes on with that one.

    The issue must be approved as it stands. Killed in between, the mailing stays "building" with what was written; a
    second call (or the pump) goes on from there. While the newsletter is in test mode the mailing is a test: it goes to
    people at the desk only, and stays a test whatever happens meanwhile. Raises StateError, before anything is written,
    when the issue may not be sent or nobody would get it.
    """
    mailing_id = _begin(db, issue_id, now=now)
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
    return_path: ReturnPath | None = None,
) -> PumpReport:
    """Sends what is due of a mailing, until nothing is, `until()` is true, or the relay fails.

    First whatever killed ones left open is settled; at the end the mailing is finished if it balances. `until` is
    asked between windows. Several pumps may work on one mailing at once. Without a `return_path` bounces go to the
    newsletter's own address.
    """
    freeze.freeze(db, mailing_id, now=clock())
    recover.recover(db, mailing_id, journal_dir=journal_dir, now=clock())
    recover.clear_journals(db, journal_dir=journal_dir)
    sender = _Sender(db, mailing_id, clock, window)
    if sender.has_work() and not until():
        try:
            with journal.opened(journal_dir, owner) as own, Relay(transport) as relay:
                compose = _composer(db, mailing_id, clock=clock, keys=keys, public_url=public_url)
                if return_path is not None:
                    compose = _returning(compose, return_path, mailing_id)
                sender.run(HandOver(relay, own, compose, clock), until)
        except JournalError as error:
            sender.note(Trouble(str(error), needs_person=False))
    finish(db, mailing_id, now=clock())
    with db.read() as session:
        state = store.mailing(session, mailing_id).state
    return PumpReport(mailing_id, state, dict(+sender.settled), sender.trouble.reason if sender.trouble else "")


def finish(db: Database, mailing_id: int, *, now: datetime) -> bool:
    """Ends a mailing in which nothing is left to do; one that does not balance is paused instead.

    The issue of a test is not sent: it is approved again, as it was before.
    """
    with db.write() as session:
        mailing = store.lock(session, mailing_id)
        if mailing.state != MailingState.RUNNING or ledger.has_unfinished_batch(session, mailing_id):
            return False
        balance = store.balance(session, mailing_id)
        open_ones = sum(balance.by_state.get(state, 0) for state in DeliveryState if state.is_open)
        if open_ones or not balance.is_even:
            reason = f"The accounts do not balance: {balance.candidates} candidates, {open_ones} of them still open."
            store.set_state(session, mailing_id, MailingState.PAUSED, reason=reason)
            return False
        store.set_state(session, mailing_id, MailingState.FINISHED, finished_at=now)
        if mailing.is_test:
            newsletter = newsletters.newsletter(session, mailing.newsletter_id)
            sent = balance.by_state.get(DeliveryState.SENT, 0)
            issues.mark_tested(session, mailing.issue_id, _test_note(sent, newsletter))
        else:
            issues.mark_sent(session, mailing.issue_id, now=now)
        return True


def _begin(db: Database, issue_id: int, *, now: datetime) -> int:
    with db.write() as session:
        # The lock makes two that start the same issue take turns; the second finds the first one's mailing.
        issue = issues.issue_row(session, issue_id, lock=True)
        live_id = store.live_mailing_id(session, issue_id)
        if live_id is not None:
            return live_id
        revision = _approved_revision(session, issue)
        newsletter = newsletters.newsletter(session, issue.newsletter_id)
        if issue.is_test_schedule and not newsletter.is_test_mode and issue.state is IssueState.SCHEDULED:
            raise StateError(publish.WAS_A_TEST)
        _require_readers(session, newsletter, revision)
        if issue.state is IssueState.APPROVED:
            issues.set_send_at(session, issue_id, now)
        if not issues.mark_sending(session, issue_id):
            raise StateError(f"Issue {issue.number} cannot be sent: it is {issue.state}.")
        return store.add_mailing(
            session,
            issue_id=issue_id,
            revision_id=revision.id,
            newsletter_id=issue.newsletter_id,
            is_test=newsletter.is_test_mode,
            now=now,
        )


def _require_readers(session: Session, newsletter: NewsletterSpec, revision: RenderedRevision) -> None:
    if not audience.candidates(session, newsletter.id, limit=1):
        raise StateError("No confirmed subscribers: nobody would get this issue. Add or import some first.")
    if not newsletter.is_test_mode:
        return
    staff = accounts.staff_keys(session)
    at_desk = audience.mailable(session, newsletter.id, staff)
    if not at_desk:
        raise StateError(
            f"{newsletter.name} is in test mode, and nobody at the desk subscribes to it, so nobody would get this "
            "issue. Add your own address under Subscribers, or go live."
        )
    if store.got_it_already(session, revision.issue_id, revision.id, is_test=True, among=staff) >= at_desk:
        raise StateError(
            f"Everybody at the desk who subscribes had revision {revision.number} already, so nobody would get this "
            "test. Change the issue and approve it again, or go live."
        )


def _test_note(sent: int, newsletter: NewsletterSpec) -> str:
    then = "Go live, then send it to the readers." if newsletter.is_test_mode else "Now send it to the readers."
    if not sent:
        return f"Nobody got it in test mode: whoever at the desk subscribes had it already, or was refused. {then}"
    return f"Sent in test mode to {'1 person' if sent == 1 else f'{sent} people'} at the desk. {then}"


def _approved_revision(session: Session, issue: IssueRow) -> RenderedRevision:
    if issue.state not in (IssueState.APPROVED, IssueState.SCHEDULED):
        raise StateError(f"Issue {issue.number} cannot be sent: it is {issue.state}. Approve it first.")
    revision = issues.latest_revision(session, issue.id)
    if revision is None or revision.content_hash != issue.approved_hash:
        raise StateError(f"Issue {issue.number} was changed after its approval. Look at it and approve it again.")
    return revision


def _composer(
    db: Database, mailing_id: int, *, clock: Clock, keys: Keys, public_url: str
) -> Callable[[Recipient], Outgoing]:
    with db.read() as session:
        mailing = store.mailing(session, mailing_id)
        revision = issues.revision(session, mailing.revision_id)
        content = personal.content(revision, issues.links(session, revision.id))
        newsletter = newsletters.newsletter(session, mailing.newsletter_id)
        number = issues.issue_row(session, mailing.issue_id).number

    def compose(recipient: Recipient) -> Outgoing:
        return mime.message(
            content,
            recipient,
            newsletter,
            mailing_id=mailing_id,
            issue_number=number,
            date=clock(),
            public_url=public_url,
            keys=keys,
        )

    return compose


def _returning(
    compose: Callable[[Recipient], Outgoing], return_path: ReturnPath, mailing_id: int
) -> Callable[[Recipient], Outgoing]:
    return lambda recipient: return_path.on(compose(recipient), OfDelivery(mailing_id, recipient.subscriber_id))


@dataclass
class _Sender:
    """Claims batches one after the other and takes each through its windows."""

    db: Database
    mailing_id: int
    clock: Clock
    window: int
    settled: Counter[DeliveryState] = field(default_factory=Counter)
    trouble: Trouble | None = None

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
            ledger.record(session, held, results, now=now)
            self._note(session, mailing, now, has_answers=any(each.code for each in results))
            next_window = None
            if ledger.renew(session, held, lease_until=now + _LEASE):
                if not is_last and self.trouble is None and mailing.state == MailingState.RUNNING:
                    next_window = self._next(session, mailing, held, cursor, now)
                if next_window is None:
                    if mailing.state == MailingState.CANCELLED:
                        ledger.cancel_waiting(session, self.mailing_id, held)
                    ledger.release(session, held, now=now)
        self.settled.update(each.state for each in results if each.state is not DeliveryState.PENDING)
        return next_window

    def _next(self, session: Session, mailing: Mailing, held: Claim, cursor: int, now: datetime) -> Window | None:
        while ids := ledger.waiting_ids(session, held, after_id=cursor, limit=self.window, now=now):
            cursor = ids[-1]
            # Who unsubscribed, complained or was erased since the start is found here, at the last moment.
            found = audience.recipients(session, mailing.newsletter_id, ids)
            reasons = {id_: why for id_, why in found.items() if isinstance(why, str)}
            ledger.exclude(session, self.mailing_id, reasons, now=now)
            self.settled[DeliveryState.EXCLUDED] += len(reasons)
            attempts = ledger.intend(session, held, [id_ for id_ in ids if id_ not in reasons], now=now)
            recipients = tuple(each for each in found.values() if not isinstance(each, str))
            chosen = tuple(each for each in recipients if each.subscriber_id in attempts)
            if chosen:
                lease = replace(held, lease_until=now + _LEASE)
                return Window(lease, chosen, attempts, cursor, stop_at=now + _LEASE / 2)
        return None

    def _note(self, session: Session, mailing: Mailing, now: datetime, *, has_answers: bool = False) -> None:
        """Writes down that the relay fails, or that it works again."""
        if self.trouble is None:
            if mailing.troubles and has_answers:
                store.forget_trouble(session, self.mailing_id)
        elif mailing.state != MailingState.RUNNING:
            return
        elif self.trouble.needs_person:
            store.set_state(session, self.mailing_id, MailingState.PAUSED, reason=self.trouble.reason)
        else:
            wait = min(_FIRST_RETRY * (1 << min(mailing.troubles, 10)), _LONGEST_RETRY)
            store.note_trouble(session, self.mailing_id, reason=self.trouble.reason, retry_at=now + wait)
