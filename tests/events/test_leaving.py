"""A mail to the address of one's own ends a subscription: by its token alone, once, and answered by nothing."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from curator.audience import subscribe
from curator.audience.tables import Subscription
from curator.audience.values import SubscriptionState
from curator.db import Database
from curator.events import returns
from curator.events.values import EventKind
from curator.letters.tables import Letter
from curator.mailings.reply_path import Leaving, leave_token
from curator.tokens import Keys
from tests.events.bounces import Mailbox
from tests.events.scene import NOW, Sent, counters, events, sent

KEYS = Keys.from_secret("k" * 40)


@pytest.fixture
def line(database: Database) -> Sent:
    return sent(database, readers=3)


@pytest.fixture
def box(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "replies")


def leave(line: Sent, reader: int, *, sender: str = "somebody@else.example", keys: Keys = KEYS) -> bytes:
    token = leave_token(keys, Leaving(line.mailing_id, line.readers[reader]))
    return f"From: {sender}\r\nTo: replies+{token}@podcast.example\r\nSubject: unsubscribe\r\n\r\n".encode()


def take_in(line: Sent, box: Mailbox) -> dict[str, int]:
    return dict(returns.take_in_returns(line.db, box.folder, keys=KEYS, now=NOW))


def states(line: Sent) -> list[SubscriptionState]:
    with line.db.read() as session:
        query = select(Subscription.subscriber_id, Subscription.state)
        found = {id_: SubscriptionState(state) for id_, state in session.execute(query)}
        return [found[id_] for id_ in line.readers]


def test_whoever_sends_it_the_token_says_who_leaves(line: Sent, box: Mailbox) -> None:
    box.deliver(leave(line, 1))
    assert take_in(line, box) == {"leaving": 1}
    assert states(line) == [SubscriptionState.ACTIVE, SubscriptionState.ENDED, SubscriptionState.ACTIVE]
    assert counters(line.db, line.mailing_id).unsubscribed == 1
    (event,) = events(line.db, EventKind.UNSUBSCRIBED)
    assert event.subscriber_id == line.readers[1]
    assert (len(box.new()), len(box.seen())) == (0, 1)


def test_a_second_mail_changes_nothing_and_none_is_answered(line: Sent, box: Mailbox) -> None:
    for _ in range(3):
        box.deliver(leave(line, 0))
    assert take_in(line, box) == {"leaving": 3}
    assert counters(line.db, line.mailing_id).unsubscribed == 1
    with line.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Letter)) == 0


def test_who_left_by_mail_may_come_back_by_their_own_link(line: Sent, box: Mailbox) -> None:
    box.deliver(leave(line, 0))
    take_in(line, box)
    assert subscribe.undo_unsubscribe(line.db, line.newsletter_id, line.readers[0], now=NOW)
    assert states(line)[0] is SubscriptionState.ACTIVE


def test_an_invented_token_and_a_forged_sender_let_nobody_go(line: Sent, box: Mailbox) -> None:
    box.deliver(leave(line, 0, keys=Keys.from_secret("x" * 40)))
    box.deliver(b"From: r41-0@example.org\r\nTo: replies@podcast.example\r\nSubject: unsubscribe\r\n\r\n")
    assert take_in(line, box) == {"foreign": 2}
    assert set(states(line)) == {SubscriptionState.ACTIVE}
