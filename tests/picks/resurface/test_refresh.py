"""What was passed over or put off comes back, once, and not too much of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from curator.feeds.values import ItemKind
from curator.picks import curate, set_aside
from curator.picks.inbox import store as inbox
from curator.picks.ranking import store as ranking
from curator.picks.ranking.values import Learned
from curator.picks.resurface import refresh as resurface
from curator.picks.resurface.refresh import MOST_A_WEEK, refresh
from curator.picks.tables import BlockedTerm, RelatedRow, Resurfaced, StoryItem, StoryRow, TrendRow
from curator.picks.values import SkipReason
from tests import builders
from tests.picks.desk import NOW, Desk

AGO = NOW - timedelta(days=20)


def passed(
    desk: Desk, title: str, *, reason: SkipReason = SkipReason.NONE, at: datetime = AGO, **columns: object
) -> int:
    """An item that came 30 days ago and was passed over 20 days ago."""
    item_id = desk.item(0, title, 30, **columns)
    curate.skip(desk.db, desk.newsletter_id, item_id, by=None, now=at, reason=reason)
    return item_id


def rises(desk: Desk, *topics: str) -> None:
    with desk.db.write() as session:
        for place, topic in enumerate(topics, start=1):
            facts = {"score": 1.0, "factor": 3.2, "counts": [], "feed_ids": [], "item_ids": []}
            session.add(
                TrendRow(days=7, term=topic.lower(), label=topic, place=place, first_seen_at=NOW, made_at=NOW, **facts)
            )


def back(desk: Desk, *, now: datetime = NOW) -> dict[int, str]:
    with desk.db.read() as session:
        return {row.item.id: row.why_back for row in inbox.resurfaced(session, desk.newsletter_id, now=now)}


def test_what_was_passed_over_comes_back_once_when_its_topic_rises(desk: Desk) -> None:
    item = passed(desk, "A tide model for everyone")
    rises(desk, "Tide model")
    assert refresh(desk.db, now=NOW) == 1
    assert back(desk) == {item: "rising topic: Tide model"}
    assert desk.counts().skipped == 0
    assert refresh(desk.db, now=NOW) == 0
    curate.skip(desk.db, desk.newsletter_id, item, by=None, now=NOW)
    assert back(desk) == {}
    assert refresh(desk.db, now=NOW + timedelta(days=30)) == 0, "each comes back at most once"


def test_undo_in_the_log_passes_it_over_again(desk: Desk) -> None:
    item = passed(desk, "A tide model for everyone")
    rises(desk, "Tide model")
    refresh(desk.db, now=NOW)
    desk.undo()
    assert back(desk) == {}
    with desk.db.read() as session:
        row = inbox.row(session, desk.newsletter_id, item)
    assert row is not None
    assert row.is_skipped


def test_an_own_episode_brings_back_what_is_related_to_it_also_what_was_put_off(desk: Desk) -> None:
    show = builders.feed_row(desk.db, "Own show", is_own_show=True)
    passed_over, put_off = passed(desk, "Sand"), desk.item(0, "Dunes", 30)
    until = NOW + timedelta(days=40)
    set_aside.put_off(desk.db, desk.newsletter_id, put_off, until=until, by=None, now=AGO)
    episode = builders.item_row(desk.db, show, "What sand is", at=NOW - timedelta(days=1), kind=ItemKind.EPISODE)
    with desk.db.write() as session:
        session.add_all(
            RelatedRow(item_id=each, other_id=episode, score=0.3, terms=["sand"], made_at=NOW)
            for each in (passed_over, put_off)
        )
    assert refresh(desk.db, now=NOW) == 2
    assert set(back(desk).values()) == {"your new episode is about it: What sand is"}
    assert set(back(desk)) == {passed_over, put_off}


def test_the_newsletters_lag_brings_it_back(desk: Desk) -> None:
    item = passed(desk, "Slow news")
    with desk.db.write() as session:
        ranking.put_models(session, desk.newsletter_id, [Learned(None, b"x", lag_days=28.0)], now=NOW)
    refresh(desk.db, now=NOW)
    assert back(desk) == {item: "you often print things 28 days after they came"}


def test_never_what_ran_is_muted_or_was_passed_over_for_a_reason(desk: Desk) -> None:
    page = {"canonical_url": "https://tide.example/model"}
    passed(desk, "A tide model, elsewhere", **page)
    ran = desk.item(1, "The same page", 29, **page)
    told, other = passed(desk, "A tide model, told again"), desk.item(1, "In other words", 29)
    for each in (ran, other):
        curate.pick(desk.db, desk.newsletter_id, each, desk.sections[0], by=None, now=NOW)
    with desk.db.write() as session:
        story = StoryRow(first_at=NOW, last_at=NOW)
        session.add(story)
        session.flush()
        session.add_all(StoryItem(item_id=each, story_id=story.id) for each in (told, other))
    passed(desk, "A tide model, thin", reason=SkipReason.TOO_THIN)
    passed(desk, "A tide model of nonsense")
    set_aside.mute_words(desk.db, desk.newsletter_id, "nonsense", by=None, now=NOW)
    rises(desk, "Tide model")
    assert refresh(desk.db, now=NOW) == 0


def test_a_blocked_topic_brings_nothing_back(desk: Desk) -> None:
    passed(desk, "A tide model for everyone")
    rises(desk, "Tide model")
    with desk.db.write() as session:
        session.add(BlockedTerm(newsletter_id=desk.newsletter_id, words="tide model", blocked_at=NOW))
    assert refresh(desk.db, now=NOW) == 0


def test_what_somebody_decides_about_meanwhile_stays_as_they_decided(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = {"canonical_url": "https://tide.example/model"}
    passed(desk, "A tide model, here", **page)
    same, undone = desk.item(1, "The same page", 29, **page), passed(desk, "A tide model, undone")
    rises(desk, "Tide model")
    choose = resurface.choose

    def meanwhile(*given: Any, **more: Any) -> Any:
        curate.pick(desk.db, desk.newsletter_id, same, desk.sections[0], by=None, now=NOW)
        curate.unskip(desk.db, desk.newsletter_id, undone, by=None, now=NOW)
        return choose(*given, **more)

    monkeypatch.setattr(resurface, "choose", meanwhile)
    assert refresh(desk.db, now=NOW) == 0
    assert back(desk) == {}


def test_only_so_many_come_back_in_a_week(desk: Desk) -> None:
    for number in range(MOST_A_WEEK + 3):
        passed(desk, f"Tide model {number}")
    rises(desk, "Tide model")
    assert refresh(desk.db, now=NOW) == MOST_A_WEEK
    assert refresh(desk.db, now=NOW + timedelta(days=1)) == 0
    assert refresh(desk.db, now=NOW + timedelta(days=8)) == 3
    with desk.db.read() as session:
        assert len(session.scalars(select(Resurfaced)).all()) == MOST_A_WEEK + 3
