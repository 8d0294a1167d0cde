"""Test mode: only people at the desk get mail, and once the newsletter is live everybody else does, once."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from curator.accounts import admit
from curator.accounts.values import Role
from curator.audience import subscribe
from curator.audience.values import SuppressionReason
from curator.db import Database
from curator.errors import StateError
from curator.issues import publish
from curator.issues import store as issues
from curator.issues.tables import Issue, Revision
from curator.issues.values import IssueRow, IssueState
from curator.mailings import begin, control, freeze, send, store
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.values import Answer, DeliveryState, MailingState, MailingView, PumpReport, Verdict
from curator.newsletters import edit
from curator.tokens import Keys
from tests.builders import approved_issue_row, newsletter_row, subscriber_rows
from tests.conftest import FakeClock

SILENT = Answer(Verdict.UNKNOWN, 0, "the connection was lost before the relay answered")
REFUSED = Answer(Verdict.REFUSED, 550, "5.1.1 no such user")
STAFF = ["mina@podcast.example", "theo@podcast.example"]
READERS = [f"r{number}@example.org" for number in range(4)]


@dataclass
class Desk:
    """A newsletter in test mode, with two people at the desk among its subscribers and four readers."""

    db: Database
    clock: FakeClock
    journal_dir: Path
    relay: MemoryTransport = field(default_factory=MemoryTransport)

    def __post_init__(self) -> None:
        self.newsletter_id = newsletter_row(self.db, live_at=None)
        self.issue_id = approved_issue_row(self.db, self.newsletter_id)
        self.people = [
            admit.create_user(self.db, address, name="", role=Role.EDITOR, now=self.clock()) for address in STAFF
        ]

    def subscribe(self, *addresses: str) -> list[int]:
        return subscriber_rows(self.db, self.newsletter_id, addresses)

    def start(self) -> int:
        return send.start(self.db, self.issue_id, now=self.clock(), chunk=2, batch=2)

    def pump(self, mailing_id: int, *, stops: bool = False) -> PumpReport:
        return send.pump(
            self.db,
            self.relay,
            mailing_id,
            owner="test:1",
            journal_dir=self.journal_dir,
            clock=self.clock,
            keys=Keys.from_secret("k" * 40),
            public_url="https://news.example",
            until=lambda: stops,
            window=1,
        )

    def send(self) -> MailingView:
        mailing_id = self.start()
        self.pump(mailing_id)
        return self.mailing(mailing_id)

    def go_live(self) -> None:
        edit.go_live(self.db, self.newsletter_id, now=self.clock())

    def mailing(self, mailing_id: int) -> MailingView:
        with self.db.read() as session:
            return store.mailing(session, mailing_id)

    def issue(self) -> IssueRow:
        with self.db.read() as session:
            return issues.issue_row(session, self.issue_id)

    def mend(self, letter: str) -> None:
        """Approves another content of the issue."""
        with self.db.write() as session:
            (number,) = session.scalars(select(func.max(Revision.number)))
            html = '<p><a href="https://unsubscribe.slot.invalid/">leave</a> reader@slot.invalid</p>'
            given = {"subject": "Mended", "html": html, "text": "https://unsubscribe.slot.invalid/ reader@slot.invalid"}
            session.add(
                Revision(
                    issue_id=self.issue_id,
                    number=number + 1,
                    content_hash=letter * 64,
                    created_at=self.clock(),
                    **given,
                )
            )
            issues.set_approved(session, self.issue_id, content_hash=letter * 64, by=None, now=self.clock())

    def schedule(self) -> None:
        with self.db.write() as session:
            issues.set_send_at(session, self.issue_id, self.clock())

    def sent_to(self) -> list[str]:
        return sorted(message.recipient for message in self.relay.sent)


@pytest.fixture
def desk(database: Database, clock: FakeClock, tmp_path: Path) -> Desk:
    return Desk(database, clock, tmp_path / "journals")


def test_only_people_at_the_desk_get_a_test_and_the_accounts_balance(desk: Desk) -> None:
    desk.subscribe(*READERS[:2], *STAFF, *READERS[2:])
    mailing = desk.send()
    assert desk.sent_to() == STAFF
    assert (mailing.state, mailing.is_test) == (MailingState.FINISHED, True)
    assert mailing.balance.is_even
    assert mailing.balance.by_state == {DeliveryState.SENT: 2, DeliveryState.EXCLUDED: 4}
    assert mailing.balance.excluded_by_reason == {store.TEST_MODE: 4}


def test_a_test_leaves_its_issue_approved_and_unscheduled_and_says_so(desk: Desk) -> None:
    desk.subscribe(*READERS, *STAFF)
    desk.schedule()
    before = desk.issue()
    mailing_id = desk.start()
    assert desk.issue().state is IssueState.SENDING
    desk.pump(mailing_id)
    after = desk.issue()
    assert (after.state, after.send_at, after.sent_at) == (IssueState.APPROVED, None, None)
    assert after.approved_hash == before.approved_hash
    assert after.note == "Sent in test mode to 2 people at the desk. Go live, then send it to the readers."


def test_once_live_everybody_else_gets_the_issue_exactly_once(desk: Desk) -> None:
    desk.subscribe(*READERS, *STAFF)
    desk.send()
    desk.go_live()
    desk.schedule()
    mailing = desk.send()
    assert not mailing.is_test
    assert mailing.balance.excluded_by_reason == {"got this issue already": 2}
    assert desk.sent_to() == sorted([*READERS, *STAFF])
    assert set(Counter(desk.sent_to()).values()) == {1}
    assert desk.issue().state is IssueState.SENT


def test_what_was_scheduled_as_a_test_is_never_sent_to_the_readers(desk: Desk) -> None:
    desk.subscribe(*READERS, *STAFF)
    publish.unschedule(desk.db, desk.issue_id, by=None, now=desk.clock())
    publish.schedule(desk.db, desk.issue_id, at=desk.clock(), by=None, now=desk.clock())
    desk.go_live()
    with pytest.raises(StateError, match="It was scheduled as a test"):
        desk.start()
    assert publish.unschedule_tests(desk.db, desk.newsletter_id, by=None, now=desk.clock()) == 1
    assert publish.unschedule_tests(desk.db, desk.newsletter_id, by=None, now=desk.clock()) == 0
    publish.schedule(desk.db, desk.issue_id, at=desk.clock(), by=None, now=desk.clock())
    assert not desk.send().is_test


def test_a_live_newsletter_makes_no_test(desk: Desk) -> None:
    desk.subscribe(*READERS)
    desk.go_live()
    assert not desk.send().is_test
    assert desk.sent_to() == READERS


def test_a_test_stays_a_test_when_the_newsletter_goes_live_while_it_runs(desk: Desk) -> None:
    desk.subscribe(*READERS, *STAFF)
    mailing_id = begin.begin(desk.db, desk.issue_id, now=desk.clock())
    freeze.freeze_chunk(desk.db, mailing_id, now=desk.clock(), chunk=1)
    desk.go_live()
    desk.pump(mailing_id)
    assert desk.sent_to() == STAFF
    assert desk.issue().state is IssueState.APPROVED
    assert desk.issue().note == "Sent in test mode to 2 people at the desk. Now send it to the readers."


def test_without_anybody_of_the_desk_among_the_subscribers_nothing_starts(desk: Desk) -> None:
    desk.subscribe(*READERS)
    with pytest.raises(StateError, match="nobody at the desk subscribes"):
        desk.start()
    with desk.db.read() as session:
        assert store.mailings(session) == []
    assert desk.issue().state is IssueState.SCHEDULED


def test_whoever_left_the_desk_or_the_list_or_is_suppressed_gets_no_test(desk: Desk) -> None:
    ids = desk.subscribe(*STAFF, *READERS)
    admit.create_user(desk.db, READERS[0], name="", role=Role.OWNER, now=desk.clock())
    admit.deactivate(desk.db, desk.people[0], now=desk.clock(), by=None)
    subscribe.suppress(desk.db, STAFF[1], SuppressionReason.BOUNCED, now=desk.clock())
    mailing = desk.send()
    assert desk.sent_to() == [READERS[0]]
    assert mailing.balance.excluded_by_reason == {store.TEST_MODE: 4, "suppressed: bounced": 1}
    subscribe.unsubscribe(desk.db, desk.newsletter_id, ids[2], now=desk.clock(), how="link")
    with pytest.raises(StateError, match="nobody at the desk subscribes"):
        desk.start()


def test_a_second_test_of_an_issue_reaches_only_who_did_not_get_the_first(desk: Desk) -> None:
    desk.subscribe(STAFF[0], *READERS)
    desk.send()
    with pytest.raises(StateError, match="Everybody at the desk who subscribes had revision 1 already"):
        desk.start()
    desk.subscribe(STAFF[1])
    desk.send()
    assert desk.sent_to() == STAFF
    assert desk.issue().note.startswith("Sent in test mode to 1 person at the desk.")


def test_mended_words_are_tested_again_and_reach_the_desk_in_earnest_too(desk: Desk) -> None:
    desk.subscribe(*STAFF, *READERS)
    desk.send()
    desk.mend("b")
    assert desk.send().balance.by_state == {DeliveryState.SENT: 2, DeliveryState.EXCLUDED: 4}
    desk.mend("c")
    desk.go_live()
    mailing = desk.send()
    assert mailing.balance.by_state == {DeliveryState.SENT: 6}
    assert Counter(desk.sent_to()) == dict.fromkeys(STAFF, 3) | dict.fromkeys(READERS, 1)


def test_a_cancelled_mailing_in_earnest_counts_whatever_is_mended_after_it(desk: Desk) -> None:
    desk.subscribe(*READERS)
    desk.go_live()
    mailing_id = desk.start()
    desk.relay.on_message = lambda _message: control.cancel(desk.db, mailing_id, now=desk.clock())
    desk.pump(mailing_id)
    desk.relay.on_message = lambda _message: None
    desk.mend("b")
    desk.send()
    assert desk.sent_to() == READERS


def test_a_test_that_was_stopped_in_the_middle_goes_on_where_it_was(desk: Desk) -> None:
    desk.subscribe(*READERS[:3], *STAFF)
    mailing_id = begin.begin(desk.db, desk.issue_id, now=desk.clock())
    assert freeze.freeze_chunk(desk.db, mailing_id, now=desk.clock(), chunk=2)
    assert desk.start() == mailing_id
    control.pause(desk.db, mailing_id, now=desk.clock())
    assert desk.pump(mailing_id).sent == 0
    control.resume(desk.db, mailing_id, now=desk.clock())
    desk.pump(mailing_id, stops=True)
    assert desk.pump(mailing_id).state is MailingState.FINISHED
    assert desk.sent_to() == STAFF
    assert desk.mailing(mailing_id).balance.is_even


def test_a_cancelled_test_holds_its_issue_and_reaches_nobody_twice(desk: Desk) -> None:
    desk.subscribe(*READERS, *STAFF)
    mailing_id = desk.start()
    desk.relay.on_message = lambda _message: control.cancel(desk.db, mailing_id, now=desk.clock())
    desk.pump(mailing_id)
    assert (desk.sent_to(), desk.issue().state) == ([STAFF[0]], IssueState.HELD)
    desk.relay.on_message = lambda _message: None
    desk.go_live()
    with desk.db.write() as session:
        session.execute(update(Issue).values(state=IssueState.SCHEDULED, approved_hash="a" * 64))
    desk.send()
    assert desk.sent_to() == sorted([*READERS, *STAFF])


@pytest.mark.parametrize("as_sent", [True, False])
def test_a_doubt_of_a_test_that_is_over_is_only_noted_and_the_next_mailing_reaches_who_got_nothing(
    desk: Desk, as_sent: bool
) -> None:
    (mina, *_) = desk.subscribe(*STAFF, *READERS)
    desk.relay.answers_to(STAFF[0], SILENT)
    mailing_id = desk.start()
    desk.pump(mailing_id)
    desk.clock.advance(timedelta(minutes=1))
    assert desk.pump(mailing_id).state is MailingState.FINISHED
    control.settle(desk.db, mailing_id, mina, as_sent=as_sent, now=desk.clock())
    assert desk.mailing(mailing_id).state is MailingState.FINISHED
    desk.go_live()
    desk.schedule()
    desk.send()
    assert desk.sent_to().count(STAFF[0]) == (0 if as_sent else 1)
    assert desk.issue().state is IssueState.SENT


def test_a_refused_test_is_told_from_one_that_arrived(desk: Desk) -> None:
    desk.subscribe(STAFF[0])
    desk.relay.answers_to(STAFF[0], REFUSED)
    assert desk.send().balance.by_state == {DeliveryState.REFUSED: 1}
    assert desk.issue().note.endswith("or was refused. Go live, then send it to the readers.")
