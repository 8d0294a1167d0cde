"""A delivery in doubt of which anything is heard was sent: in whichever order doubt and event come."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from curator.db import Database
from curator.events import listen
from curator.events.values import EventKind
from curator.mailings import store as mailings
from curator.mailings.counts import store as counts
from curator.mailings.tables import Batch, Delivery
from curator.mailings.values import DeliveryRow, DeliveryState, MailingState
from tests import builders
from tests.events.scene import NOW, Sent, counters, deliver, hit, mailing_row, sent, spooled

IN_DOUBT = DeliveryState.IN_DOUBT


@pytest.fixture
def line(database: Database) -> Sent:
    """A finished mailing of two readers who got it and two whose messages are in doubt."""
    return doubtful(database)


def doubtful(db: Database, *, number: int = 41, state: MailingState = MailingState.FINISHED) -> Sent:
    line = sent(db, readers=2, number=number, state=state, candidates=4)
    return with_doubts(line)


def with_doubts(line: Sent) -> Sent:
    addresses = [f"d{line.mailing_id}-{n}@example.org" for n in range(2)]
    doubted = tuple(builders.subscriber_rows(line.db, line.newsletter_id, addresses))
    deliver(line.db, line.mailing_id, doubted, state=IN_DOUBT, reason="the connection was lost")
    return Sent(line.db, line.newsletter_id, line.issue_id, line.mailing_id, doubted)


def click(line: Sent, folder: Path, reader: int, *, agent: int = 7) -> None:
    spooled(folder, hit(line.mailing_id, 1, reader, agent=agent))
    listen.take_in(line.db, folder, now=NOW)


def came_back(line: Sent, reader: int) -> None:
    listen.note_came_back(
        line.db, mailing_id=line.mailing_id, subscriber_id=reader, words="5.2.2 full", is_dead=False, now=NOW
    )


def rows(line: Sent) -> dict[int, DeliveryRow]:
    with line.db.read() as session:
        return {row.subscriber_id: row for row in mailings.deliveries(session, line.mailing_id, states=DeliveryState)}


def told(line: Sent, reader: int) -> tuple[DeliveryState, str]:
    row = rows(line)[reader]
    return row.state, row.reason


def test_a_click_settles_it_and_no_other(line: Sent, tmp_path: Path) -> None:
    click(line, tmp_path / "spool", line.readers[0])
    assert told(line, line.readers[0]) == (DeliveryState.SENT, "Settled by its click.")
    assert told(line, line.readers[1])[0] is IN_DOUBT
    assert counters(line.db, line.mailing_id).accepted == 3, "the counters of a mailing that is over follow"


def test_a_scanners_click_settles_it_too(line: Sent, tmp_path: Path) -> None:
    spooled(tmp_path / "spool", hit(line.mailing_id, 0, line.readers[0]))
    listen.take_in(line.db, tmp_path / "spool", now=NOW)
    assert told(line, line.readers[0]) == (DeliveryState.SENT, "Settled by its click.")


def test_its_bounce_settles_it(line: Sent) -> None:
    came_back(line, line.readers[0])
    assert told(line, line.readers[0]) == (DeliveryState.SENT, "Settled by its bounce.")
    assert (counters(line.db, line.mailing_id).accepted, counters(line.db, line.mailing_id).bounced) == (3, 1)


def test_leaving_by_its_own_link_settles_it(line: Sent) -> None:
    listen.note_unsubscribed(line.db, mailing_id=line.mailing_id, subscriber_id=line.readers[0], now=NOW)
    assert told(line, line.readers[0]) == (DeliveryState.SENT, "Settled by its unsubscribing.")


def test_the_accounts_balance_before_and_after(line: Sent, tmp_path: Path) -> None:
    click(line, tmp_path / "spool", line.readers[0])
    with line.db.read() as session:
        view = mailings.mailing(session, line.mailing_id)
    assert view.balance.is_even
    assert view.balance.by_state == {DeliveryState.SENT: 3, IN_DOUBT: 1}


def test_a_click_on_another_mailing_settles_nothing_here(line: Sent, tmp_path: Path) -> None:
    other = mailing_row(line.db, line.newsletter_id, line.issue_id)
    spooled(tmp_path / "spool", hit(other, 1, line.readers[0]))
    listen.take_in(line.db, tmp_path / "spool", now=NOW)
    assert told(line, line.readers[0])[0] is IN_DOUBT


def test_what_is_sent_or_refused_stays_as_it_is(line: Sent, tmp_path: Path) -> None:
    (refused,) = builders.subscriber_rows(line.db, line.newsletter_id, ["no@example.org"])
    deliver(line.db, line.mailing_id, (refused,), state=DeliveryState.REFUSED, code=550, reason="5.1.1 no")
    click(line, tmp_path / "spool", refused)
    assert told(line, refused) == (DeliveryState.REFUSED, "5.1.1 no")


def test_a_running_mailings_doubt_is_settled_without_counting_what_is_not_over(
    database: Database, tmp_path: Path
) -> None:
    line = doubtful(database, state=MailingState.RUNNING)
    before = counters(line.db, line.mailing_id).accepted
    click(line, tmp_path / "spool", line.readers[0])
    assert told(line, line.readers[0])[0] is DeliveryState.SENT
    assert counters(line.db, line.mailing_id).accepted == before


_ORDERS = st.permutations(["doubt", "click", "bounce", "leaving", "sweep"])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=_ORDERS, kinds=st.sets(st.sampled_from(["click", "bounce", "leaving"]), min_size=1))
def test_the_order_of_doubt_and_event_makes_no_difference(
    sqlite_database: Database, tmp_path: Path, order: list[str], kinds: set[str]
) -> None:
    line = _next_mailing(sqlite_database)
    reader = line.readers[0]
    acts = {
        "doubt": lambda: _set_state(line, reader, IN_DOUBT),
        "click": lambda: click(line, tmp_path / "spool", reader),
        "bounce": lambda: came_back(line, reader),
        "leaving": lambda: listen.note_unsubscribed(line.db, mailing_id=line.mailing_id, subscriber_id=reader, now=NOW),
        "sweep": lambda: listen.settle_doubts(line.db, line.mailing_id, now=NOW),
    }
    for name in order:
        if name in (*kinds, "doubt", "sweep"):
            acts[name]()
    listen.settle_doubts(line.db, line.mailing_id, now=NOW)
    assert told(line, reader)[0] is DeliveryState.SENT
    assert counters(line.db, line.mailing_id).accepted == 1
    assert listen.settle_doubts(line.db, line.mailing_id, now=NOW) == 0


def _next_mailing(db: Database) -> Sent:
    """A finished mailing whose only message is about to leave, as a killed sender leaves it."""
    with db.read() as session:
        known = len(mailings.mailings(session, limit=1000))
    newsletter = builders.newsletter_row(db, slug=f"n{known}")
    (reader,) = builders.subscriber_rows(db, newsletter, [f"x{known}@example.org"])
    line = sent(db, number=1, newsletter_id=newsletter, subscriber_ids=(reader,))
    _set_state(line, reader, DeliveryState.INTENDED)
    return line


def _set_state(line: Sent, reader: int, state: DeliveryState) -> None:
    with line.db.write() as session:
        row = session.get_one(Delivery, (line.mailing_id, reader))
        batch_id = session.scalars(select(Batch.id).where(Batch.mailing_id == line.mailing_id)).one()
        counts.add(session, batch_id, {row.state: -1, state: 1})
        row.state = state


def test_every_kind_of_event_has_its_words() -> None:
    assert {*listen._SETTLED_BY} == {*EventKind}
