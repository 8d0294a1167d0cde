"""Who fits a filter: the database says the same as a reading of the filter over each reader, on both databases."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text

from curator.audience import subscribe
from curator.audience.matching import store
from curator.audience.matching.store import Wanted
from curator.audience.segments.parse import parse
from curator.audience.segments.values import (
    All,
    Before,
    CameFrom,
    Count,
    Deed,
    Did,
    Ever,
    Fact,
    Filter,
    Interested,
    Is,
    Not,
    Since,
    Some,
    Tagged,
    When,
    Within,
)
from curator.audience.tables import Interest, Subscriber, SubscriberInterest, SubscriberTag, Subscription
from curator.audience.tags import store as tags
from curator.audience.values import SuppressionReason
from curator.db import Database, at_most
from curator.errors import TooSlowError
from tests.audience.counting import statements
from tests.builders import newsletter_row

_STATES = ("active", "pending", "ended")


@dataclass(frozen=True)
class Person:
    id: int
    tags: frozenset[str]
    interests: frozenset[str]
    source: str
    state: str
    changed_at: datetime
    engaged_at: datetime | None
    is_paused: bool
    is_text_only: bool
    is_suppressed: bool


@dataclass(frozen=True)
class Crowd:
    newsletter_id: int
    people: list[Person]
    now: datetime


@pytest.fixture
def crowd(database: Database, now: datetime) -> Crowd:
    """Some dozens of readers who differ in everything that a filter asks."""
    newsletter_id = newsletter_row(database)
    people = []
    kinds = product(_STATES, (0, 20, 200), (None, 5, 100), ("import", "Sign-up"))
    for id_, (state, changed, engaged, source) in enumerate(kinds, start=1):
        people.append(
            Person(
                id_,
                frozenset(name for name, of in (("speaker", 2), ("vip", 3)) if id_ % of == 0),
                frozenset({"Vector search"} if id_ % 5 < 2 else ()),
                source,
                state,
                now - timedelta(days=changed),
                None if engaged is None else now - timedelta(days=engaged),
                id_ % 7 == 0,
                id_ % 4 == 1,
                id_ % 9 == 0,
            )
        )
    _write(database, newsletter_id, people, now=now)
    return Crowd(newsletter_id, people, now)


def _write(db: Database, newsletter_id: int, people: list[Person], *, now: datetime) -> None:
    with db.write() as session:
        session.add(Interest(id=1, newsletter_id=newsletter_id, name="Vector search", position=0))
        tag_ids = {name: tags.ensure(session, name).id for name in ("speaker", "vip")}
        for each in people:
            address = f"reader{each.id}@example.org"
            session.add(
                Subscriber(
                    id=each.id,
                    address=address,
                    address_key=address,
                    name=f"Näme {each.id}",
                    source=each.source,
                    created_at=now,
                    engaged_at=each.engaged_at,
                )
            )
        session.flush()
        session.add_all(
            Subscription(
                subscriber_id=each.id,
                newsletter_id=newsletter_id,
                state=each.state,
                changed_at=each.changed_at,
                paused_until=now + timedelta(days=1) if each.is_paused else None,
                is_text_only=each.is_text_only,
            )
            for each in people
        )
        bears = [{"subscriber_id": p.id, "tag_id": tag_ids[name], "at": now} for p in people for name in p.tags]
        session.execute(insert(SubscriberTag), bears)
        session.execute(
            insert(SubscriberInterest), [{"subscriber_id": p.id, "interest_id": 1} for p in people if p.interests]
        )
    for each in people:
        if each.is_suppressed:
            subscribe.suppress(db, f"reader{each.id}@example.org", SuppressionReason.BOUNCED, now=now)


def _fits(person: Person, filter_: Filter, now: datetime) -> bool:  # noqa: PLR0911 - one for each kind of term
    match filter_:
        case All(parts):
            return all(_fits(person, part, now) for part in parts)
        case Some(parts):
            return any(_fits(person, part, now) for part in parts)
        case Not(part):
            return not _fits(person, part, now)
        case Tagged(name):
            return name.lower() in person.tags
        case Interested(name):
            return name in person.interests
        case CameFrom(source):
            return person.source.lower() == source.lower()
        case Did(deed, when):
            return _did(person, deed, when, now)
        case Is(fact):
            return {
                Fact.ACTIVE: person.state == "active",
                Fact.PENDING: person.state == "pending",
                Fact.LEFT: person.state == "ended",
                Fact.PAUSED: person.is_paused,
                Fact.TEXT_ONLY: person.is_text_only,
                Fact.SUPPRESSED: person.is_suppressed,
            }[fact]


def _did(person: Person, deed: Deed, when: When, now: datetime) -> bool:
    state = {Deed.JOINED: "active", Deed.LEFT: "ended"}.get(deed)
    at = person.engaged_at if state is None else person.changed_at if person.state == state else None
    if at is None:
        return False
    match when:
        case Ever():
            return True
        case Within(days):
            return at >= now - timedelta(days=days)
        case Before(day):
            return at < datetime(day.year, day.month, day.day, tzinfo=UTC)
        case Since(day):
            return at >= datetime(day.year, day.month, day.day, tzinfo=UTC)


_WHENS = st.one_of(
    st.builds(Within, st.sampled_from([1, 10, 150, 300])),
    *(st.builds(kind, st.dates(date(2025, 1, 1), date(2027, 6, 1))) for kind in (Before, Since)),
)
_TERMS = st.one_of(
    st.builds(Tagged, st.sampled_from(["speaker", "VIP", "nobody"])),
    st.builds(Interested, st.sampled_from(["Vector search", "Nothing"])),
    st.builds(CameFrom, st.sampled_from(["import", "sign-up", "elsewhere"])),
    st.builds(Is, st.sampled_from(Fact)),
    st.builds(Did, st.sampled_from(Deed), _WHENS),
    st.just(Did(Deed.CLICKED, Ever())),
)
_FILTERS = st.recursive(
    _TERMS,
    lambda parts: st.one_of(
        st.builds(Not, parts),
        *(st.builds(kind, st.lists(parts, min_size=2, max_size=3).map(tuple)) for kind in (All, Some)),
    ),
    max_leaves=6,
)


def test_the_database_finds_whoever_fits_and_nobody_else(database: Database, crowd: Crowd) -> None:
    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(_FILTERS)
    def check(filter_: Filter) -> None:
        with database.read() as session:
            where = store.scope(session, crowd.newsletter_id, filter_, zone="UTC", now=crowd.now)
            found = set(session.scalars(store.readers(Wanted(filter_), where)))
        assert found == {person.id for person in crowd.people if _fits(person, filter_, crowd.now)}

    check()


def test_a_list_goes_on_and_back_in_as_many_queries_however_many_fit(database: Database, crowd: Crowd) -> None:
    filter_ = parse("tag:speaker and not is:pending")
    wanted = Wanted(filter_)
    expected = [p.id for p in reversed(crowd.people) if _fits(p, filter_, crowd.now)]
    with database.read() as session:
        where = store.scope(session, crowd.newsletter_id, filter_, zone="UTC", now=crowd.now)
        with statements(database) as asked:
            first = store.page(session, wanted, where, limit=5)
        assert len(asked) == 1
        second = store.page(session, wanted, where, after=first[-1].id, limit=5)
        back = store.page(session, wanted, where, before=second[0].id, limit=5)
        assert store.count(session, wanted, where) == Count(len(expected))
    assert [row.id for row in first + second] == expected[:10]
    assert back == first


def test_a_search_finds_a_part_of_the_address_or_the_name(database: Database, crowd: Crowd) -> None:
    with database.read() as session:
        where = store.scope(session, crowd.newsletter_id, None, zone="UTC", now=crowd.now)

        def found(search: str) -> list[int]:
            return [row.id for row in store.page(session, Wanted(None, search), where, limit=50)]

        assert found("READER12@example.org") == [12]
        assert found("eader12") == [12]
        assert found("NÄME 12") == [12]
        assert found("100%") == []


def test_names_that_nobody_gave_are_told_and_fit_nobody(database: Database, crowd: Crowd) -> None:
    filter_ = parse('tag:"No such" or interest:none')
    with database.read() as session:
        where = store.scope(session, crowd.newsletter_id, filter_, zone="UTC", now=crowd.now)
        assert where.unknown == ("tag “No such”", "interest “none”")
        assert store.count(session, Wanted(filter_), where) == Count(0)


def test_who_gets_mail_of_those_who_fit_is_active_and_not_suppressed(database: Database, crowd: Crowd) -> None:
    filter_ = parse("tag:vip")
    expected = sum(p.state == "active" and "vip" in p.tags and not p.is_suppressed for p in crowd.people)
    with database.read() as session:
        where = store.scope(session, crowd.newsletter_id, filter_, zone="UTC", now=crowd.now)
        assert store.count_reached(session, Wanted(filter_), where, limit=timedelta(seconds=9)) == Count(expected)


def test_a_query_that_takes_too_long_is_ended_and_the_session_goes_on(database: Database) -> None:
    endless = text(
        "with recursive n(x) as (select 1 union all select x + 1 from n where x < 100000000) select count(*) from n"
    )
    with database.read() as session:
        with pytest.raises(TooSlowError), at_most(session, timedelta(seconds=0.2)):
            session.execute(endless)
        with at_most(session, timedelta(seconds=5)):
            assert session.scalar(text("select 1")) == 1
