"""Cohorts: of those who joined in a month, how many are there still; counted once, and as the rows say."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from curator.audience import subscribe
from curator.audience.cohorts import count, months, store
from curator.audience.cohorts.months import OTHERS, Count, Group
from curator.audience.cohorts.values import MARKS
from curator.audience.moving import bring
from curator.audience.tables import Consent, Subscriber, Suppression
from curator.audience.values import ConsentStep, SuppressionReason
from curator.db import Database
from tests.builders import newsletter_row

JANUARY = datetime(2026, 1, 10, 12, tzinfo=UTC)
WAY = "by hand"


def _at(month: int, day: int = 15) -> datetime:
    """The moment so many months after January."""
    return datetime(2026 + month // 12, month % 12 + 1, day, 12, tzinfo=UTC)


def _counts(db: Database, newsletter_id: int) -> dict[tuple[str, str, int], int]:
    with db.read() as session:
        rows = store.counts(session, newsletter_id, since=24_000)
    return {(f"{months.first_day(row.joined):%Y-%m}", row.source, row.mark): row.number for row in rows}


def _counted(db: Database, newsletter_id: int, now: datetime) -> dict[tuple[str, str, int], int]:
    assert count.count(db, newsletter_id, now=now) is False
    return _counts(db, newsletter_id)


def test_whoever_is_there_when_a_month_ends_has_stayed(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    who = {
        name: subscribe.add(database, newsletter_id, f"{name}@example.org", now=_at(0))
        for name in ("ada", "bob", "eve", "zoe")
    }
    subscribe.unsubscribe(database, newsletter_id, who["ada"], now=_at(0, 28), how="link")
    subscribe.unsubscribe(database, newsletter_id, who["bob"], now=_at(2), how="link")
    subscribe.suppress(database, "eve@example.org", SuppressionReason.BOUNCED, now=_at(1))
    assert _counted(database, newsletter_id, _at(0)) == {}, "January is not over"
    assert _counted(database, newsletter_id, _at(3)) == {
        ("2026-01", WAY, 0): 4,
        ("2026-01", WAY, 1): 2,
        ("2026-01", WAY, 2): 1,
    }


def test_months_are_those_of_utc_and_a_day_later_they_are_over(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    subscribe.add(database, newsletter_id, "ada@example.org", now=datetime(2026, 1, 31, 23, 59, tzinfo=UTC))
    subscribe.add(database, newsletter_id, "bob@example.org", now=datetime(2026, 2, 1, 0, 1, tzinfo=UTC))
    early = datetime(2026, 2, 1, 1, tzinfo=UTC)
    assert _counted(database, newsletter_id, early) == {}
    found = _counted(database, newsletter_id, early + timedelta(hours=6))
    assert found == {("2026-01", WAY, 0): 1}


def test_what_is_written_down_stays_whatever_becomes_of_the_readers(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    ada = subscribe.add(database, newsletter_id, "ada@example.org", now=_at(0))
    bob = subscribe.add(database, newsletter_id, "bob@example.org", now=_at(0))
    before = _counted(database, newsletter_id, _at(2))
    assert before == {("2026-01", WAY, 0): 2, ("2026-01", WAY, 1): 2}
    with database.write() as session:
        # As an erasure does.
        session.execute(delete(Subscriber).where(Subscriber.id == ada))
    subscribe.unsubscribe(database, newsletter_id, bob, now=_at(2, 20), how="link")
    subscribe.undo_unsubscribe(database, newsletter_id, bob, now=_at(3))
    assert _counted(database, newsletter_id, _at(2)) == before, "a second count"
    assert _counted(database, newsletter_id, _at(4)) == before | {("2026-01", WAY, 2): 1, ("2026-01", WAY, 3): 1}


def test_a_count_that_was_stopped_wrote_nothing_and_begins_anew(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    subscribe.add(database, newsletter_id, "ada@example.org", now=_at(0))
    assert count.count(database, newsletter_id, now=_at(1), is_stopping=lambda: True) is True
    assert _counts(database, newsletter_id) == {}
    with database.read() as session:
        assert count.due(session, now=_at(1)) == [newsletter_id]
    assert _counted(database, newsletter_id, _at(1)) == {("2026-01", WAY, 0): 1}
    with database.read() as session:
        assert count.due(session, now=_at(1, 28)) == []
        assert count.due(session, now=_at(2)) == [newsletter_id]


def test_who_never_got_the_newsletter_and_who_gets_another_is_in_no_cohort(database: Database) -> None:
    newsletter_id, other = newsletter_row(database), newsletter_row(database, slug="other")
    subscribe.add(database, other, "ada@example.org", now=_at(0))
    bring.import_csv(
        database, newsletter_id, b"email,status\neve@example.org,subscribed\nbob@example.org,unsubscribed\n", now=_at(0)
    )
    assert sum(_counted(database, newsletter_id, _at(1)).values()) == 1


def test_sums_are_what_a_recount_of_every_reader_finds(database: Database) -> None:
    """Two years of chance, counted month by month, against all readers looked at one by one at the end."""
    chance = random.Random(7)
    newsletter_id = newsletter_row(database)
    here: dict[int, str] = {}
    for month in range(16):
        for number in range(chance.randrange(1, 5)):
            address = f"r{month}-{number}@example.org"
            id_ = subscribe.add(database, newsletter_id, address, now=_at(month), how=chance.choice(["card", "talk"]))
            here[id_] = address
        for id_ in chance.sample(sorted(here), k=min(2, len(here))):
            if chance.random() < 0.7:
                subscribe.unsubscribe(database, newsletter_id, id_, now=_at(month, 20), how="link")
            else:
                subscribe.suppress(database, here[id_], SuppressionReason.COMPLAINED, now=_at(month, 20))
            del here[id_]
        count.count(database, newsletter_id, now=_at(month + 1))
    assert _counts(database, newsletter_id) == _recounted(database, last=months.of(_at(15).date()))


def _recounted(db: Database, *, last: int) -> dict[tuple[str, str, int], int]:
    with db.read() as session:
        steps = session.execute(
            select(Consent.subscriber_id, Subscriber.source, Consent.step, Consent.at).join(
                Subscriber, Subscriber.id == Consent.subscriber_id
            )
        ).all()
        kept_out = session.execute(
            select(Subscriber.id, Suppression.at).join(Suppression, Suppression.address_key == Subscriber.address_key)
        ).all()
    joined = {id_: (months.of(at.date()), source) for id_, source, step, at in steps if step == ConsentStep.ADDED}
    left = {id_: months.of(at.date()) for id_, at in kept_out}
    left |= {id_: months.of(at.date()) for id_, _, step, at in steps if step == ConsentStep.LEFT}
    found: Counter[tuple[str, str, int]] = Counter()
    for id_, (month, source) in joined.items():
        for mark in (0, *MARKS):
            if month + mark <= last:
                stays = mark == 0 or left.get(id_, 99_999) > month + mark
                found[f"{months.first_day(month):%Y-%m}", source, mark] += stays
    return dict(found)


_GROUPS = st.lists(
    st.builds(
        lambda joined, source, stayed, number: Group(
            joined, source, None if stayed is None else joined + stayed, number
        ),
        st.integers(24_300, 24_320),
        st.sampled_from("abc"),
        st.none() | st.integers(0, 15),
        st.integers(1, 9),
    ),
    max_size=30,
)


@given(_GROUPS, st.integers(24_300, 24_335))
def test_nobody_comes_back_into_a_cohort_and_no_mark_is_told_before_its_month_is_over(
    groups: list[Group], last: int
) -> None:
    found = months.counts(groups, last=last, known={})
    by_mark = {(row.joined, row.source, row.mark): row.number for row in found}
    assert all(row.joined + row.mark <= last for row in found)
    assert sum(row.number for row in found if row.mark == 0) == sum(g.number for g in groups if g.joined <= last)
    for row in found:
        earlier = max((mark for mark in (0, *MARKS) if mark < row.mark), default=None)
        assert earlier is None or row.number <= by_mark[row.joined, row.source, earlier]
    for cohorts in (months.by_month(found), months.by_source(found)):
        assert all(0 <= each.stayed[mark] <= each.of[mark] <= each.joined for each in cohorts for mark in each.stayed)
        assert sum(each.joined for each in cohorts) == sum(row.number for row in found if row.mark == 0)


def test_a_months_many_sources_are_few_and_stay_those_that_they_were() -> None:
    many = [Group(24_300, f"file {number}", None, 30 - number) for number in range(30)]
    first = months.counts(many, last=24_300, known={})
    assert len(first) == months.MOST_SOURCES + 1
    assert Count(24_300, OTHERS, 0, sum(range(1, 11))) in first
    known = {24_300: {row.source for row in first}}
    later = [*many, Group(24_300, "late", None, 500)]
    assert {row.source for row in months.counts(later, last=24_301, known=known)} == known[24_300]
