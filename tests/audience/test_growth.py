"""Growth: whoever comes and leaves is counted once, by day and in which way."""

from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from curator.audience import sign_up, subscribe
from curator.audience.growth import count, store
from curator.audience.growth.spans import Unit, begin_of, frame, spans
from curator.audience.growth.values import Change
from curator.audience.moving import bring
from curator.audience.values import SuppressionReason
from curator.db import Database
from tests.audience.people import asked, confirmed, link_of
from tests.builders import newsletter_row


def _counts(db: Database, newsletter_id: int) -> dict[Change, int]:
    with db.read() as session:
        days = store.days(session, newsletter_id, first=date(2020, 1, 1), last=date(2030, 1, 1))
    sums: dict[Change, int] = {}
    for changes in days.values():
        for what, number in changes.items():
            sums[what] = sums.get(what, 0) + number
    return sums


def test_every_way_in_and_out_is_counted_once(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    asked(database, newsletter_id, now=now)
    confirmed(database, link_of(database, newsletter_id), now=now)
    ada = subscribe.add(database, newsletter_id, "ada@example.org", now=now)
    bob = subscribe.add(database, newsletter_id, "bob@example.org", now=now)
    bring.import_csv(database, newsletter_id, b"email\neve@example.org\nbob@example.org\n", now=now)
    subscribe.unsubscribe(database, newsletter_id, ada, now=now, how="link")
    subscribe.undo_unsubscribe(database, newsletter_id, ada, now=now + timedelta(minutes=1))
    subscribe.unsubscribe(database, newsletter_id, bob, now=now, how="by hand", by=1)
    for _ in range(2):
        subscribe.suppress(database, "eve@example.org", SuppressionReason.BOUNCED, now=now)
    subscribe.suppress(database, "eve@example.org", SuppressionReason.COMPLAINED, now=now)
    with database.read() as session:
        eve = subscribe.store.subscriber_id(session, "eve@example.org")
    assert eve is not None
    # She gets nothing since her address bounced: her leaving is no second one.
    subscribe.unsubscribe(database, newsletter_id, eve, now=now, how="link")
    asked(database, newsletter_id, now=now, address="zoe@example.org")
    sign_up.expire(database, now=now + timedelta(days=8))
    assert _counts(database, newsletter_id) == {
        Change.CONFIRMED: 1,
        Change.ADDED: 1,
        Change.IMPORTED: 1,
        Change.RETURNED: 1,
        Change.UNSUBSCRIBED: 1,
        Change.BY_DESK: 1,
        Change.BOUNCED: 1,
        Change.NEVER_CONFIRMED: 1,
    }


def test_a_reason_is_counted_once_for_each_leaving(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    ada = subscribe.add(database, newsletter_id, "ada@example.org", now=now)

    def says(what: Change, at: datetime) -> bool:
        return count.say_why(database, newsletter_id, ada, what.value, now=at)

    assert says(Change.TOO_OFTEN, now) is False
    subscribe.unsubscribe(database, newsletter_id, ada, now=now, how="link")
    assert says(Change.TOO_OFTEN, now) is True
    assert says(Change.OTHER, now) is False
    again = now + timedelta(days=9)
    subscribe.undo_unsubscribe(database, newsletter_id, ada, now=again)
    subscribe.unsubscribe(database, newsletter_id, ada, now=again, how="link")
    assert says(Change.OTHER, again + timedelta(days=2)) is False
    assert says(Change.OTHER, again) is True
    found = _counts(database, newsletter_id)
    assert (found[Change.TOO_OFTEN], found[Change.OTHER]) == (1, 1)


_DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(_DAYS, st.sampled_from(Unit), st.dictionaries(_DAYS, st.just({Change.ADDED: 1}), max_size=20))
def test_spans_follow_each_other_and_lose_no_day(last: date, unit: Unit, days: dict[date, dict[Change, int]]) -> None:
    framed = frame(last, unit, number=6)
    assert framed[-1][1] == last
    assert all(begin == begin_of(begin, unit) for begin, _ in framed)
    assert all(after[0] - before[1] == timedelta(days=1) for before, after in pairwise(framed))
    found = spans(days, framed)
    assert sum(span.came for span in found) == sum(framed[0][0] <= day <= last for day in days)
