"""Whatever the order in which things become known of a delivery, the same is known in the end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from curator.audience import store as audience
from curator.audience.suppressed import store as suppressed
from curator.audience.tables import Subscription
from curator.audience.values import SubscriptionState, SuppressionReason
from curator.db import Database
from curator.events import listen
from curator.events.inbox import store, work
from curator.events.providers.values import Fact, FactKind, Provider
from curator.events.tables import Event
from curator.http.memory import MemoryFetcher
from curator.mailings import mime
from curator.mailings.tables import Delivery, Mailing
from curator.tokens import Keys
from tests import builders
from tests.events import providing as p
from tests.events.scene import NOW, Sent, counters, deliver, hit, sent, spooled

KEYS = Keys.from_secret("k" * 40)

DELIVERED, LEFT = Fact("d", FactKind.DELIVERED, NOW), Fact("u", FactKind.UNSUBSCRIBED, NOW)
SOFT = Fact("s", FactKind.BOUNCED, NOW - timedelta(minutes=2), words="452 4.2.2 mailbox full")
SOFT_TOO = Fact("t", FactKind.BOUNCED, NOW - timedelta(minutes=3), words="451 4.3.0 try later")
HARD = Fact("h", FactKind.BOUNCED, NOW, is_permanent=True, status="5.1.1", words="550 5.1.1 no such user")
COMPLAINED = Fact("c", FactKind.COMPLAINED, NOW, words="abuse")
CLICK, OPEN = "click", "open"
ALL: list[Any] = [DELIVERED, SOFT, SOFT_TOO, HARD, COMPLAINED, LEFT, CLICK, OPEN]


@pytest.fixture
def line(database: Database) -> Sent:
    return sent(database, readers=1)


def become_known(line: Sent, reader: int, what: Any, folder: Path) -> None:
    if isinstance(what, str):
        one = replace(hit(line.mailing_id, 1, reader, agent=reader), is_open=what == OPEN)
        spooled(folder, one)
        listen.take_in(line.db, folder, now=NOW)
        return
    ours = mime.message_id(KEYS, mailing_id=line.mailing_id, subscriber_id=reader, domain="podcast.example")
    fact = replace(what, id=f"{what.id}{reader}", message_ids=(ours,))
    with line.db.write() as session:
        store.add_facts(session, Provider.SENDGRID, [fact], now=NOW)
    work.work(work.Reading(line.db, KEYS, p.doors(), MemoryFetcher()), now=NOW)


def known(line: Sent, reader: int) -> dict[str, Any]:
    with line.db.read() as session:
        rows = session.scalars(select(Event).where(Event.subscriber_id == reader))
        events = {str(row.kind): (row.at, row.is_hard, row.is_robot, row.detail) for row in rows}
        key = audience.addresses(session, [reader])[reader]
        state = session.scalar(select(Subscription.state).where(Subscription.subscriber_id == reader))
        return events | {"why": suppressed.why(session, key), "state": state}


def sums(line: Sent) -> list[int]:
    counted = counters(line.db, line.mailing_id)
    with line.db.read() as session:
        mailing = session.get_one(Mailing, line.mailing_id)
        ours = [mailing.hard_bounces, mailing.complaints]
    names = ("delivered", "bounced", "complained", "unsubscribed", "clicks", "clickers", "opens", "openers")
    return [*ours, *(getattr(counted, name) for name in names)]


def of_a_reader(line: Sent, order: Sequence[Any], folder: Path) -> tuple[dict[str, Any], list[int]]:
    """What is known of a reader of their own, and what that adds to the mailing's sums."""
    with line.db.read() as session:
        number = session.scalar(select(func.max(Delivery.subscriber_id))) or 0
    [reader] = builders.subscriber_rows(line.db, line.newsletter_id, [f"order-{number}@example.org"])
    deliver(line.db, line.mailing_id, (reader,))
    before = sums(line)
    for what in order:
        become_known(line, reader, what, folder)
    return known(line, reader), [now - was for now, was in zip(sums(line), before, strict=True)]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(ALL))
@example(order=[SOFT, HARD, SOFT_TOO, COMPLAINED, LEFT, DELIVERED, OPEN, CLICK])
@example(order=[OPEN, CLICK, DELIVERED, LEFT, COMPLAINED, HARD, SOFT_TOO, SOFT])
def test_outcomes_fold_the_same_in_any_order(line: Sent, tmp_path: Path, order: list[Any]) -> None:
    found, added = of_a_reader(line, order, tmp_path)
    assert found == {
        "delivered": (NOW, False, False, ""),
        "bounced": (NOW, True, False, "550 5.1.1 no such user"),
        "complained": (NOW, False, False, "abuse"),
        "unsubscribed": (NOW, False, False, ""),
        "clicked": (NOW, False, False, ""),
        "opened": (NOW, False, False, ""),
        "why": SuppressionReason.COMPLAINED,
        "state": SubscriptionState.ENDED,
    }
    assert added == [1] * len(added)


@pytest.mark.parametrize("order", [[SOFT, SOFT_TOO], [SOFT_TOO, SOFT], [SOFT, SOFT_TOO, SOFT]])
def test_of_two_soft_bounces_the_earlier_one_is_shown_whichever_came_first(
    line: Sent, tmp_path: Path, order: list[Any]
) -> None:
    found, added = of_a_reader(line, order, tmp_path)
    assert found["bounced"] == (SOFT_TOO.at, False, False, "451 4.3.0 try later")
    assert (found["why"], added[0]) == (None, 0)
