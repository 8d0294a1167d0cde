"""What bounces mean over time: dead addresses at once, others by their runs, and whatever order they come in."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from curator.audience.tables import Suppression
from curator.db import Database
from curator.events import listen, store
from curator.events.bounces.policy import Fate, Weight, given_up, weight
from curator.events.bounces.values import Finding, Kind, Reason
from curator.events.values import EventKind
from tests.events.scene import NOW, Sent, counters, events, sent

WEEK = timedelta(days=7)
SOFT = Finding(Kind.SOFT, Reason.MAILBOX_FULL, status="5.2.2", words="mailbox full")
DOMAIN = Finding(Kind.HARD, Reason.DOMAIN, words="host not found")
BLOCKED = Finding(Kind.SOFT, Reason.BLOCKED, words="spam")
DEAD = Finding(Kind.HARD, Reason.USER_UNKNOWN, status="5.1.1", words="no such user")


def fates(*weights: Weight | None, apart: timedelta = WEEK) -> list[Fate]:
    return [Fate(NOW + apart * number, number, each) for number, each in enumerate(weights)]


S, D, B, X = Weight.SOFT, Weight.DOMAIN, Weight.OURS, Weight.DEAD


@pytest.mark.parametrize(
    ("given", "is_over"),
    [
        ((X,), True),
        ((D, D), False),
        ((D, D, D), True),
        ((D, D, None, D), False),
        ((D, B, D, B, D), True),
        ((D, S, D, D), True),
        ((S, S, S), False),
        ((S, S, S, S), True),
        ((S, S, None, S, S), False),
        ((B,) * 20, False),
        ((S, B, B, S, B, S), True),
        ((), False),
    ],
)
def test_runs_decide(given: tuple[Weight | None, ...], is_over: bool) -> None:
    assert (given_up(fates(*given)) is not None) is is_over


def test_soft_bounces_of_one_bad_fortnight_are_no_reason() -> None:
    assert given_up(fates(S, S, S, S, S, S, apart=timedelta(days=2))) is None


def test_what_is_about_us_is_never_held_against_an_address() -> None:
    for reason in (Reason.BLOCKED, Reason.SIZE, Reason.CONTENT):
        assert weight(Kind.HARD, reason) is weight(Kind.SOFT, reason) is Weight.OURS
    assert (weight(Kind.HARD, Reason.DOMAIN), weight(Kind.HARD, Reason.DOMAIN, "5.1.2")) == (D, X)


@given(st.lists(st.sampled_from([S, D, B, X, None]), max_size=12), st.randoms())
def test_the_order_in_which_they_are_known_does_not_count(weights: list[Weight | None], dice: object) -> None:
    rows = fates(*weights)
    mixed = list(rows)
    dice.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis's own random
    assert given_up(mixed) == given_up(rows)


@given(st.lists(st.sampled_from([S, D, B, None]), min_size=1, max_size=12), st.data())
def test_a_further_bounce_never_takes_a_suppression_back(weights: list[Weight | None], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(weights) - 1))
    more = list(weights)
    if more[place] is None:
        more[place] = data.draw(st.sampled_from([S, D]))
    assert given_up(fates(*weights)) is None or given_up(fates(*more)) is not None


@pytest.fixture
def issues(database: Database) -> list[Sent]:
    """Five issues, a week apart, to the same two readers."""
    first = sent(database, readers=2, started_at=NOW)
    return [first] + [
        sent(
            database,
            number=41 + week,
            newsletter_id=first.newsletter_id,
            subscriber_ids=first.readers,
            started_at=NOW + WEEK * week,
        )
        for week in range(1, 5)
    ]


def came_back(line: Sent, finding: Finding, *, reader: int = 0) -> bool:
    return listen.note_came_back(
        line.db,
        mailing_id=line.mailing_id,
        subscriber_id=line.readers[reader],
        words=finding.told,
        is_dead=weight(finding.kind, finding.reason, finding.status) is Weight.DEAD,
        finding=finding,
        now=NOW + WEEK * 6,
    )


def suppressed(db: Database) -> dict[str, str]:
    with db.read() as session:
        return {row.address_key: row.note for row in session.scalars(select(Suppression))}


def test_a_mailbox_that_stays_full_is_mailed_no_more(issues: list[Sent]) -> None:
    for line in issues[:3]:
        came_back(line, SOFT)
    assert suppressed(issues[0].db) == {}
    came_back(issues[3], SOFT)
    assert suppressed(issues[0].db) == {"r41-0@example.org": "It bounced 4 times in a row, over 21 days."}


def test_one_that_arrived_in_between_ends_the_run(issues: list[Sent]) -> None:
    for line in (issues[0], issues[1], issues[3], issues[4]):
        came_back(line, SOFT)
        came_back(line, DOMAIN, reader=1)
    assert suppressed(issues[0].db) == {}


def test_a_domain_that_is_away_three_times_is_given_up(issues: list[Sent]) -> None:
    for line in issues[:3]:
        came_back(line, DOMAIN)
    assert list(suppressed(issues[0].db).values()) == ["Its domain took no mail 3 times in a row."]


def test_blocks_count_for_the_operator_and_against_nobody(issues: list[Sent]) -> None:
    for line in issues:
        came_back(line, BLOCKED)
    assert suppressed(issues[0].db) == {}
    with issues[0].db.read() as session:
        assert store.bounce_reasons(session, [issues[0].mailing_id]) == {issues[0].mailing_id: {Reason.BLOCKED: 1}}


def test_any_order_with_repeats_comes_to_the_same(issues: list[Sent]) -> None:
    """Two tellings of one message differ, and the graver is kept; the sums by reason follow."""
    told = [(issues[0], SOFT), (issues[0], DOMAIN), (issues[1], DOMAIN), (issues[2], BLOCKED), (issues[3], DOMAIN)]
    for number, order in enumerate((told + told[:2], [*reversed(told), *told])):
        for line, finding in order:
            came_back(line, finding, reader=number)
    found = [
        [
            (e.mailing_id, e.reason, e.is_hard, e.detail)
            for e in events(issues[0].db, EventKind.BOUNCED)
            if e.subscriber_id == r
        ]
        for r in issues[0].readers
    ]
    assert sorted(found[0]) == sorted(found[1])
    assert set(suppressed(issues[0].db).values()) == {"Its domain took no mail 3 times in a row."}
    assert len(suppressed(issues[0].db)) == 2
    assert counters(issues[0].db, issues[0].mailing_id).bounced == 2
    with issues[0].db.read() as session:
        assert store.bounce_reasons(session, [issues[0].mailing_id]) == {issues[0].mailing_id: {Reason.DOMAIN: 2}}


def test_a_dead_address_is_mailed_no_more_at_once(issues: list[Sent]) -> None:
    came_back(issues[0], DEAD)
    assert list(suppressed(issues[0].db)) == ["r41-0@example.org"]
