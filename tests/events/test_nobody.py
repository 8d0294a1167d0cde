"""Hits that name no reader: sums without anybody's row, machines told apart all the same, openings."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from curator.audience.tables import Subscriber
from curator.db import Database
from curator.events import listen
from curator.events.nobody import store as nobody
from curator.events.tables import MailingCount, NobodysHit
from curator.events.tally import LinkTally, Tally
from curator.events.values import EventKind
from curator.mailings.click_links import NOBODY
from tests.events.scene import NOW, Sent, counters, events, hit, sent, spooled, tally_of


@pytest.fixture
def line(database: Database) -> Sent:
    return sent(database)


def test_a_hit_without_a_reader_counts_and_is_in_nobodys_row(line: Sent, tmp_path: Path) -> None:
    mailing = line.mailing_id
    spooled(tmp_path, hit(mailing, 1, NOBODY), hit(mailing, 1, NOBODY, agent=8), hit(mailing, 2, NOBODY, is_head=True))
    assert listen.take_in(line.db, tmp_path, now=NOW) == 3
    assert tally_of(line.db, mailing) == Tally({1: LinkTally(2, 0, 0), 2: LinkTally(0, 0, 1)}, clickers=0)
    assert events(line.db) == []
    with line.db.read() as session:
        assert set(session.scalars(select(Subscriber.engaged_at))) == {None}


def test_a_machine_is_known_by_what_it_does_and_takes_nobody_with_it(line: Sent, tmp_path: Path) -> None:
    mailing = line.mailing_id
    spooled(tmp_path, hit(mailing, 1, NOBODY, agent=1), *(hit(mailing, link, NOBODY, agent=2) for link in range(1, 4)))
    listen.take_in(line.db, tmp_path, now=NOW)
    assert tally_of(line.db, mailing).robot_hits == 0
    # The canary, a minute later and in another file: what it followed before was a machine's too.
    spooled(tmp_path, hit(mailing, 0, NOBODY, agent=2, after_s=60))
    listen.take_in(line.db, tmp_path, now=NOW)
    assert tally_of(line.db, mailing).robot_hits == 4
    assert tally_of(line.db, mailing).links[1] == LinkTally(1, 0, 1)


def test_after_an_hour_nothing_but_the_sums_is_left(line: Sent, tmp_path: Path) -> None:
    spooled(tmp_path, hit(line.mailing_id, 1, NOBODY), hit(line.mailing_id, 1, NOBODY, after_s=3000, agent=8))
    listen.take_in(line.db, tmp_path, now=NOW)
    with line.db.write() as session:
        assert nobody.prune(session, before=NOW + timedelta(seconds=60)) == 1
        assert len(session.scalars(select(NobodysHit)).all()) == 1
    assert tally_of(line.db, line.mailing_id).clicks == 2


def test_whoever_is_not_there_any_more_is_nobody(line: Sent, tmp_path: Path) -> None:
    gone, there = line.readers[:2]
    with line.db.write() as session:
        session.execute(delete(Subscriber).where(Subscriber.id == gone))
    spooled(tmp_path, hit(line.mailing_id, 1, gone), hit(line.mailing_id, 1, there, agent=8))
    listen.take_in(line.db, tmp_path, now=NOW)
    assert [row.subscriber_id for row in events(line.db)] == [there]
    assert tally_of(line.db, line.mailing_id) == Tally({1: LinkTally(2, 1, 0)}, clickers=1)


def test_a_mailing_that_became_nameless_counts_no_reader_a_second_time(line: Sent, tmp_path: Path) -> None:
    spooled(tmp_path, hit(line.mailing_id, 1, line.readers[0]))
    listen.take_in(line.db, tmp_path, now=NOW)
    with line.db.write() as session:
        session.execute(update(MailingCount).values(nameless_at=NOW))
    spooled(tmp_path, hit(line.mailing_id, 1, line.readers[0], after_s=9000))
    listen.take_in(line.db, tmp_path, now=NOW)
    assert tally_of(line.db, line.mailing_id) == Tally({1: LinkTally(2, 1, 0)}, clickers=1)


def test_openings_are_counted_by_request_and_by_reader_and_engage_nobody(line: Sent, tmp_path: Path) -> None:
    one, other = line.readers[:2]
    who = (one, one, other, NOBODY)
    opened = [replace(hit(line.mailing_id, 0, each, after_s=n), is_open=True) for n, each in enumerate(who)]
    spooled(tmp_path, *opened, replace(opened[0], is_head=True))
    listen.take_in(line.db, tmp_path, now=NOW)
    row = counters(line.db, line.mailing_id)
    assert (row.opens, row.openers, row.clicks, row.robot_hits) == (4, 2, 0, 0)
    assert [(each.subscriber_id, each.at) for each in events(line.db, EventKind.OPENED)] == [
        (one, NOW),
        (other, NOW + timedelta(seconds=2)),
    ]
    with line.db.read() as session:
        assert set(session.scalars(select(Subscriber.engaged_at))) == {None}
