"""Counters equal a recount of every event, whatever came in which order; and are put right where they do not."""

import random
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from curator.db import Database
from curator.errors import NotFoundError, StateError
from curator.events import listen
from curator.events.bounces.values import Reason
from curator.events.recount import recount
from curator.events.recounting import store as recounting
from curator.events.tables import BounceCount, ClickDay, LinkCount, MailingCount
from curator.events.tally import Recount
from curator.events.values import EventKind
from curator.mailings.values import DeliveryState
from tests import builders
from tests.events.scene import NOW, Sent, counters, deliver, hit, sent, spooled


@pytest.fixture
def line(database: Database) -> Sent:
    return sent(database, readers=20)


def _told(line: Sent) -> tuple[Recount, Recount]:
    """What the counters say, and what the events come to; kinds that no counter has are left out."""
    with line.db.read() as session:
        counted = recounting.of_counters(session, line.mailing_id)
        found = recounting.of_events(session, line.mailing_id)
    kinds = {kind: found.kinds.get(kind, 0) for kind in counted.kinds}
    return _without_nothing(counted), Recount(found.links, found.clickers, found.days, found.reasons, kinds)


def _without_nothing(counted: Recount) -> Recount:
    """A hit that was judged anew may leave a day, or a link, at nothing."""
    return Recount(
        {key: each for key, each in counted.links.items() if any((each.clicks, each.readers, each.robot_hits))},
        counted.clickers,
        {key: each for key, each in counted.days.items() if each.clicks or each.robot_hits},
        {key: each for key, each in counted.reasons.items() if each},
        counted.kinds,
    )


def _live_through(line: Sent, folder: Path, seed: int) -> None:
    """People and scanners over three days, in pieces and out of order; bounces, leavings, returns, complaints."""
    chance, mailing = random.Random(seed), line.mailing_id
    for _ in range(6):
        reader = chance.choice(line.readers)
        people = [
            hit(mailing, chance.randrange(1, 8), chance.choice(line.readers), after_s=chance.randrange(3 * 86_400))
            for _ in range(15)
        ]
        at = chance.randrange(3 * 86_400)
        scanner = [hit(mailing, link, reader, after_s=at, agent=9) for link in range(chance.choice((2, 8)))]
        mixed = people + scanner
        chance.shuffle(mixed)
        spooled(folder, *mixed)
        listen.take_in(line.db, folder, now=NOW)
        told = {"mailing_id": mailing, "subscriber_id": chance.choice(line.readers), "now": NOW}
        listen.note_unsubscribed(line.db, **told)
        listen.note_came_back(
            line.db, words=chance.choice(("5.2.2 mailbox full", "5.7.1 spam", "")), is_dead=False, **told
        )
        if chance.random() < 0.5:
            listen.note_returned(
                line.db, newsletter_id=line.newsletter_id, subscriber_id=int(str(told["subscriber_id"]))
            )


@pytest.mark.parametrize("seed", range(3))
def test_counters_equal_a_recount_of_all_events(line: Sent, tmp_path: Path, seed: int) -> None:
    _live_through(line, tmp_path, seed)
    counted, found = _told(line)
    assert counted == found
    assert len({day for _, day in found.days}) >= 3
    row = counters(line.db, line.mailing_id)
    assert row.bounced == sum(found.reasons.values()) > 0
    assert row.clicks == sum(each.clicks for each in found.days.values())
    assert row.robot_hits == sum(each.robot_hits for each in found.days.values()) > 0
    before, now = recount(line.db, line.mailing_id)
    assert before == now, "nothing was to be put right"


def test_a_day_is_taken_back_where_a_late_hit_makes_its_hits_a_machines(line: Sent, tmp_path: Path) -> None:
    early = [hit(line.mailing_id, link, line.readers[0], after_s=link / 10) for link in range(1, 5)]
    spooled(tmp_path, *early)
    listen.take_in(line.db, tmp_path, now=NOW)
    spooled(tmp_path, hit(line.mailing_id, 5, line.readers[0], after_s=0.5))
    listen.take_in(line.db, tmp_path, now=NOW)
    with line.db.read() as session:
        days = recounting.of_counters(session, line.mailing_id).days
    assert {(each.clicks, each.robot_hits) for each in days.values()} == {(0, 1)}


@pytest.mark.parametrize("mended", [LinkCount, ClickDay, BounceCount, MailingCount])
def test_counters_that_lost_something_are_lifted_to_the_events(line: Sent, tmp_path: Path, mended: type) -> None:
    _live_through(line, tmp_path, seed=7)
    counted, _ = _told(line)
    lost = {LinkCount: "clicks", ClickDay: "clicks", BounceCount: "number", MailingCount: "clicks"}[mended]
    with line.db.write() as session:
        session.execute(update(mended).values({lost: 0}))
    recount(line.db, line.mailing_id)
    assert _told(line)[0] == counted
    assert counters(line.db, line.mailing_id).clicks == sum(each.clicks for each in counted.links.values())


def test_what_has_no_event_any_more_is_not_lowered(line: Sent) -> None:
    with line.db.write() as session:
        session.execute(update(MailingCount).values(unsubscribed=3, clickers=5))
    recount(line.db, line.mailing_id)
    row = counters(line.db, line.mailing_id)
    assert (row.unsubscribed, row.clickers) == (3, 5)


def test_a_mailing_whose_events_are_gone_is_not_recounted(line: Sent) -> None:
    with line.db.write() as session:
        session.execute(update(MailingCount).values(nameless_at=NOW))
    with pytest.raises(StateError, match="deleted for their age"):
        recount(line.db, line.mailing_id)
    with pytest.raises(NotFoundError):
        recount(line.db, line.mailing_id + 1)


def test_bounces_are_counted_by_their_reason(line: Sent) -> None:
    told = (
        (550, "5.1.1 no such user", Reason.USER_UNKNOWN),
        (552, "5.2.2 The mailbox is full", Reason.MAILBOX_FULL),
        (554, "5.7.1 blocked, see https://list.example", Reason.BLOCKED),
        (554, "transaction failed", Reason.OTHER),
    )
    readers = builders.subscriber_rows(line.db, line.newsletter_id, [f"b{n}@example.org" for n in range(len(told))])
    for reader, (code, words, _) in zip(readers, told, strict=True):
        deliver(line.db, line.mailing_id, (reader,), state=DeliveryState.REFUSED, code=code, reason=words)
    listen.note_bounces(line.db, line.mailing_id, now=NOW)
    listen.note_bounces(line.db, line.mailing_id, now=NOW + timedelta(hours=1))
    counted, found = _told(line)
    assert counted.reasons == {reason: 1 for *_, reason in told}
    assert found.kinds.get(EventKind.UNSUBSCRIBED) == 0
