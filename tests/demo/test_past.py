"""The demo's past is the same every time, adds up, and lies before the moment that it is made."""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from curator.app import TEMPLATES
from curator.audience import store as audience
from curator.db import Database
from curator.demo import seed
from curator.demo.feedserver import FeedServer
from curator.demo.pages import sample_offer
from curator.demo.past import mailings as past
from curator.demo.past.plan import back_slots, planned
from curator.demo.readers import made_up_readers
from curator.demo.samples.back import back_issues, back_items
from curator.demo.samples.texts import sample_feeds
from curator.events import store as events
from curator.feeds import store as feeds
from curator.issues import store as issues
from curator.issues.render import Renderer
from curator.issues.values import IssueState
from curator.mailings import store as mailings
from curator.mailings.values import DeliveryState, MailingState
from curator.newsletters.cadence import Slot

RENDERER = Renderer(TEMPLATES)


def cadence_slots(now: datetime) -> list[Slot]:
    return back_slots(seed.newsletter_form(now).cadence, now=now, count=6)


# Every hour around the slot of a week, and around the hour that the clocks change.
@pytest.mark.parametrize("hours", [*range(24 * 7), 24 * 130 + 1, 24 * 131])
def test_six_slots_lie_before_any_moment_a_week_apart(hours: int, now: datetime) -> None:
    moment = now + timedelta(hours=hours)
    slots = cadence_slots(moment)
    assert len(slots) == 6
    assert moment - timedelta(days=8) < slots[-1].at < moment
    week, hour = timedelta(days=7), timedelta(hours=1)
    assert all(later.at - earlier.at in (week - hour, week, week + hour) for earlier, later in pairwise(slots))


def test_what_stood_in_a_back_issue_was_out_by_then_at_any_moment() -> None:
    ages = {(feed.name, item.slug): item.hours for feed in sample_feeds() for item in feed.items}
    for weeks_ago, issue in enumerate(reversed(back_issues()), start=1):
        for pick in issue.picks:
            # The last slot lies up to a week back.
            assert pick.item is not None or ages[pick.feed, pick.slug] >= weeks_ago * 7 * 24 + 1


def test_no_item_runs_twice_and_none_stands_in_the_feeds_of_today() -> None:
    ran = [(pick.feed, pick.slug) for issue in back_issues() for pick in issue.picks]
    assert len(ran) == len(set(ran)) == 42
    for feed in sample_feeds():
        assert {item.slug for item in back_items(feed.name)}.isdisjoint(item.slug for item in feed.items)


def test_the_same_random_gives_the_same_past(now: datetime) -> None:
    cadence, readers = seed.newsletter_form(now).cadence, made_up_readers(Random(1))
    once, again = (planned(readers, cadence, now=now, random=Random(3)) for _ in range(2))
    assert once == again
    everybody = [reader.address for back in once for reader in (*back.leavers, *back.gone)]
    assert len(everybody) == len(set(everybody))
    assert set(everybody).isdisjoint(reader.address for reader in readers)


def test_the_back_issues_are_sent_and_their_accounts_balance(
    sqlite_database: Database, feed_server: FeedServer, now: datetime
) -> None:
    made = seed.seed(sqlite_database, feed_server, now=now)
    ids = seed.seed_past(sqlite_database, RENDERER, feed_server, made, now=now)
    with sqlite_database.read() as session:
        rows = issues.issue_rows(session)
        views = [mailings.mailing(session, mailing_id) for mailing_id in ids]
        counts = audience.counts(session, made.newsletter_id)
    assert [row.number for row in rows] == [6, 5, 4, 3, 2, 1]
    assert {row.state for row in rows} == {IssueState.SENT}
    assert [row.due_at for row in reversed(rows)] == [slot.at for slot in cadence_slots(now)]
    assert {view.state for view in views} == {MailingState.FINISHED}
    assert all(view.balance.is_even for view in views)
    assert [view.balance.by_state.get(DeliveryState.REFUSED, 0) for view in views] == [0, 1, 0, 1, 0, 1]
    assert counts.suppressed == 3
    assert counts.ended > 5


def test_back_issues_were_read_and_their_counters_add_up(
    sqlite_database: Database, feed_server: FeedServer, now: datetime
) -> None:
    made = seed.seed(sqlite_database, feed_server, now=now)
    ids = seed.seed_past(sqlite_database, RENDERER, feed_server, made, now=now)
    with sqlite_database.read() as session:
        rows = issues.issue_rows(session)
        counted = {each.mailing_id: each for each in events.counters(session, [row.id for row in rows])}
        by_link = events.link_results(session, ids)
    assert list(counted) == ids
    for mailing_id in ids:
        each, links = counted[mailing_id], by_link[mailing_id]
        assert each.clicks > each.clickers > 30
        assert each.robot_hits == len(links) + 1, "the scanner opened each link, and the one that nobody sees"
        assert sum(link.clicks for link in links) == each.clicks
        assert each.unsubscribed >= 1
    assert [counted[mailing_id].bounced for mailing_id in ids] == [0, 1, 0, 1, 0, 1]
    assert not any(each.is_test for each in counted.values())


def test_items_have_their_own_place_in_time_and_their_pages_answer(
    sqlite_database: Database, feed_server: FeedServer, now: datetime
) -> None:
    made = seed.seed(sqlite_database, feed_server, now=now)
    seed.seed_past(sqlite_database, RENDERER, feed_server, made, now=now)
    with sqlite_database.read() as session:
        stored = feeds.fresh_items(session, since=None, include_archive=True)
    assert len(stored) == 42
    assert all(item.at < now - timedelta(days=6) and item.first_seen_at >= item.at for item in stored)
    assert not any(item.is_archive for item in stored)
    paths = {(item.url or "").removeprefix(feed_server.base_url) for item in stored}
    assert paths <= set(feed_server.offer.pages)


def test_a_past_that_was_cut_short_is_gone_on_with(
    sqlite_database: Database, feed_server: FeedServer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = seed.seed(sqlite_database, feed_server, now=now)
    calls = iter(range(100))

    def cut(*args: object, **kwargs: object) -> object:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return finish(*args, **kwargs)  # type: ignore[arg-type]

    finish = past.send.finish
    monkeypatch.setattr(past.send, "finish", cut)
    with pytest.raises(KeyboardInterrupt):
        seed.seed_past(sqlite_database, RENDERER, feed_server, made, now=now)
    ids = seed.seed_past(sqlite_database, RENDERER, feed_server, made, now=now)
    with sqlite_database.read() as session:
        assert {mailings.mailing(session, mailing_id).state for mailing_id in ids} == {MailingState.FINISHED}
        assert len(mailings.mailings(session)) == 6


def test_a_demo_that_starts_on_the_hour_of_an_issue_has_its_past_too(sqlite_database: Database, tmp_path: Path) -> None:
    moment = datetime(2026, 12, 1, 7, 0, 30, tzinfo=UTC)
    with FeedServer(partial(sample_offer, now=moment, slow_s=0.0)) as server:
        made = seed.seed(sqlite_database, server, now=moment)
        ids = seed.seed_past(sqlite_database, RENDERER, server, made, now=moment)
    assert len(ids) == 6
