"""Pages read counts instead of deliveries: whatever happens in whatever order, they are what one would count."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select, update

from curator.audience.tables import Subscription
from curator.audience.values import SubscriptionState
from curator.db import Database, Session
from curator.errors import NotFoundError, StateError
from curator.mailings import control, recover, send, store
from curator.mailings.counts import store as counts
from curator.mailings.hand_over import Window
from curator.mailings.journal import Past
from curator.mailings.sender import Sender
from curator.mailings.tables import Batch, Delivery
from curator.mailings.values import Answer, DeliveryState, MailingState, Result, Verdict
from tests.builders import approved_issue_row, newsletter_row, subscriber_rows
from tests.conftest import FakeClock
from tests.mailings.line import Line

REFUSED = Answer(Verdict.REFUSED, 550, "5.1.1 no such user")
LATER = Answer(Verdict.DEFERRED, 451, "4.7.1 greylisted")
SILENT = Answer(Verdict.UNKNOWN, 0, "the connection was lost before the relay answered")
READERS = 9
OUTCOMES = (
    DeliveryState.SENT,
    DeliveryState.REFUSED,
    DeliveryState.DEFERRED,
    DeliveryState.IN_DOUBT,
    DeliveryState.PENDING,
)


@dataclass
class Scene:
    """A running mailing with two senders whose every step can be told apart, and everything that may come between."""

    db: Database
    clock: FakeClock
    mailing_id: int
    ids: list[int]
    senders: list[Sender] = field(init=False)
    windows: list[Window | None] = field(default_factory=lambda: [None, None])

    def __post_init__(self) -> None:
        self.senders = [Sender(self.db, self.mailing_id, self.clock, 2) for _ in range(2)]

    def claim(self, which: int, _: int) -> None:
        sender = self.senders[which % 2]
        held = None if self.windows[which % 2] else sender._claim(f"sender:{which % 2}")
        if held is not None:
            self.windows[which % 2] = sender._turn(held, (), held.first_id - 1, is_last=False)

    def answer(self, which: int, choice: int) -> None:
        """The relay's answers to a window, be it late, and the next window."""
        window = self.windows[which % 2]
        if window is None:
            return
        results = []
        for reader in window.recipients:
            state = OUTCOMES[choice % len(OUTCOMES)]
            choice //= 2
            due_at = self.clock() + timedelta(minutes=1) if state is DeliveryState.DEFERRED else None
            results.append(Result(reader.subscriber_id, state, code=250, due_at=due_at))
        self.windows[which % 2] = self.senders[which % 2]._turn(
            window.held, results, window.cursor, is_last=choice % 3 == 0
        )

    def take_over(self, which: int, choice: int) -> None:
        """Somebody takes a batch from a sender who does not know of it: its word will come late."""
        window = self.windows[which % 2]
        if window is not None:
            past = Past(is_within_reach=True, is_same_boot=bool(choice % 2))
            self.clock.at = max(self.clock.at, window.held.lease_until)
            recover._take_over(self.db, window.held, past, now=self.clock(), never_left=recover._nobody_asks)

    def leave(self, which: int, choice: int) -> None:
        with self.db.write() as session:
            gone = update(Subscription).where(Subscription.subscriber_id == self.ids[(which + choice) % READERS])
            session.execute(gone.values(state=SubscriptionState.ENDED))

    def settle(self, which: int, choice: int) -> None:
        control.settle(self.db, self.mailing_id, self.ids[choice % READERS], as_sent=bool(which % 2), now=self.clock())

    def pause(self, _: int, __: int) -> None:
        control.pause(self.db, self.mailing_id, now=self.clock())

    def resume(self, _: int, __: int) -> None:
        control.resume(self.db, self.mailing_id, now=self.clock())

    def cancel(self, _: int, choice: int) -> None:
        if choice % 4 == 0:
            control.cancel(self.db, self.mailing_id, now=self.clock())

    def go_on(self, _: int, choice: int) -> None:
        self.clock.advance(timedelta(minutes=choice % 3))


@given(st.lists(st.tuples(st.sampled_from(range(9)), st.integers(0, 1), st.integers(0, 200)), max_size=30))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_order_of_events_the_counts_are_what_one_would_count(
    database: Database, clock: FakeClock, steps: list[tuple[int, int, int]]
) -> None:
    scene = _scene(database, clock)
    acts: list[Callable[[int, int], None]] = [
        scene.claim,
        scene.answer,
        scene.answer,
        scene.take_over,
        scene.leave,
        scene.settle,
        scene.pause,
        scene.resume,
        scene.cancel,
    ]
    for act, which, choice in steps:
        try:
            acts[act](which, choice)
        except (StateError, NotFoundError):
            continue
        scene.go_on(which, choice)
        with database.read() as session:
            assert store.balance(session, scene.mailing_id) == counts.honest(session, scene.mailing_id)
            _require_each_batch_counts_its_own(session, scene.mailing_id)


def _scene(database: Database, clock: FakeClock) -> Scene:
    with database.read() as session:
        number = len(store.mailings(session, limit=10_000))
    newsletter_id = newsletter_row(database, slug=f"n{number}")
    ids = subscriber_rows(database, newsletter_id, [f"n{number}r{n}@example.org" for n in range(READERS)])
    issue_id = approved_issue_row(database, newsletter_id)
    return Scene(database, clock, send.start(database, issue_id, now=clock(), chunk=5, batch=3), ids)


def _require_each_batch_counts_its_own(session: Session, mailing_id: int) -> None:
    for batch in session.scalars(select(Batch).where(Batch.mailing_id == mailing_id)):
        place = Delivery.subscriber_id.between(batch.first_id, batch.last_id)
        rows = session.execute(
            select(Delivery.state, func.count())
            .where(Delivery.mailing_id == mailing_id, place, Delivery.wave == batch.wave)
            .group_by(Delivery.state)
        )
        found = {DeliveryState(state): number for state, number in rows}
        for state in ("sent", "refused", "deferred", "in_doubt", "excluded", "cancelled"):
            assert getattr(batch, state) == found.get(DeliveryState(state), 0), (batch.batch_no, state)
        assert batch.size == sum(found.values())


def test_those_left_out_are_counted_by_reason_at_the_start_and_at_the_last_moment(line: Line) -> None:
    line.readers(5)
    line.suppress("r0@example.org")
    mailing_id = line.start()
    line.suppress("r3@example.org")
    line.suppress("r4@example.org")
    assert line.view(mailing_id).balance.excluded_by_reason == {"suppressed: complained": 1}
    line.pump(mailing_id)
    assert line.view(mailing_id).balance.excluded_by_reason == {"suppressed: complained": 3}
    assert line.states(mailing_id) == {DeliveryState.SENT: 2, DeliveryState.EXCLUDED: 3}


def test_a_mailing_whose_counts_and_deliveries_disagree_is_not_finished(line: Line) -> None:
    line.readers(3)
    mailing_id = line.start()
    with line.db.write() as session:
        session.execute(update(Batch).values(refused=1))
    assert line.pump(mailing_id).state is MailingState.PAUSED
    assert "do not balance" in line.view(mailing_id).reason


@pytest.mark.parametrize("readers", [3, 3_000])
def test_looking_at_a_mailing_reads_no_delivery_however_many_there_are(line: Line, readers: int) -> None:
    line.readers(readers)
    mailing_id = line.start(batch=10)
    asked: list[str] = []

    def note(*call: object) -> None:
        asked.append(str(call[2]))

    event.listen(line.db.engine, "before_cursor_execute", note)
    assert line.view(mailing_id).balance.by_state == {DeliveryState.PENDING: readers}
    event.remove(line.db.engine, "before_cursor_execute", note)
    queries = [query for query in asked if query.lower().startswith("select")]
    assert len(queries) == 3
    assert not [query for query in queries if "delivery" in query.lower()]


def test_a_late_word_about_a_message_that_was_left_out_meanwhile_is_a_fact(
    line: Line,
) -> None:
    line.readers(1)
    mailing_id = line.start()
    scene = Scene(line.db, line.clock, mailing_id, [])
    scene.claim(0, 0)
    window = scene.windows[0]
    assert window is not None
    scene.take_over(0, 1)
    line.suppress("r0@example.org")
    line.pump(mailing_id)
    assert line.states(mailing_id) == {DeliveryState.EXCLUDED: 1}
    late = [Result(window.recipients[0].subscriber_id, DeliveryState.SENT, code=250)]
    scene.senders[0]._turn(window.held, late, window.cursor, is_last=True)
    view = line.view(mailing_id)
    assert view.balance.by_state == {DeliveryState.SENT: 1}
    assert view.balance.excluded_by_reason == {}


@pytest.mark.parametrize("state", [DeliveryState.PENDING, DeliveryState.DEFERRED])
def test_a_late_word_that_a_message_is_still_to_leave_opens_its_batch_again(line: Line, state: DeliveryState) -> None:
    """A machine that slept longer than its lease finds its batch taken over, and all of its window in doubt."""
    line.readers(2)
    line.suppress("r1@example.org")
    mailing_id, late = _late_word(line, state)
    late()
    assert line.states(mailing_id)[state] == 1
    line.clock.advance(timedelta(minutes=10))
    assert line.pumpable() == [mailing_id]
    assert line.pump(mailing_id).state is MailingState.FINISHED
    assert line.sent_to() == ["r0@example.org"]


def test_after_the_end_a_late_word_that_a_message_never_left_leaves_it_in_doubt(line: Line) -> None:
    line.readers(1)
    mailing_id, late = _late_word(line, DeliveryState.PENDING)
    assert line.pump(mailing_id).state is MailingState.FINISHED
    late()
    assert line.states(mailing_id) == {DeliveryState.IN_DOUBT: 1}


def _late_word(line: Line, state: DeliveryState) -> tuple[int, Callable[[], object]]:
    mailing_id = line.start()
    scene = Scene(line.db, line.clock, mailing_id, [])
    scene.claim(0, 0)
    window = scene.windows[0]
    assert window is not None
    scene.take_over(0, 0)
    assert line.states(mailing_id)[DeliveryState.IN_DOUBT] == 1
    due_at = line.clock() + timedelta(minutes=5) if state is DeliveryState.DEFERRED else None
    results = [Result(window.recipients[0].subscriber_id, state, due_at=due_at)]
    return mailing_id, lambda: scene.senders[0]._turn(window.held, results, window.cursor, is_last=True)
