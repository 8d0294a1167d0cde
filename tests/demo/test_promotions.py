"""The demo's promotions: on first run the calendar shows a sponsor who stands in the coming issue, and a default."""

from datetime import datetime, timedelta

import pytest

from curator.app import TEMPLATES
from curator.db import Database
from curator.demo import promotions, seed
from curator.demo.feedserver import FeedServer
from curator.issues import publish
from curator.issues.render import Renderer
from curator.issues.revisions import store as revisions
from curator.promotions import store
from curator.promotions.values import PromotionKind


@pytest.fixture
def seeded(sqlite_database: Database, feed_server: FeedServer, now: datetime) -> seed.Seeded:
    made = seed.seed(sqlite_database, feed_server, now=now)
    for _ in range(2):
        promotions.write_promotions(sqlite_database, feed_server, made, now=now)
    return made


def test_there_is_one_slot_with_a_house_promotion_and_a_sponsor(sqlite_database: Database, seeded: seed.Seeded) -> None:
    with sqlite_database.read() as session:
        [slot] = store.slots(session, seeded.newsletter_id)
        kinds = {each.id: each.kind for each in store.promotions(session, seeded.newsletter_id)}
    assert sorted(kinds.values()) == [PromotionKind.EVENT, PromotionKind.HOUSE, PromotionKind.SPONSOR]
    assert kinds[slot.house_id or 0] is PromotionKind.HOUSE


def test_the_sponsor_stands_in_the_coming_issue(sqlite_database: Database, seeded: seed.Seeded, now: datetime) -> None:
    issue_id = draft(sqlite_database, seeded, now=now)
    with sqlite_database.read() as session:
        document = revisions.document_of(
            session, publish.render(sqlite_database, Renderer(TEMPLATES), issue_id, now=now).id
        )
    assert document is not None
    shown = [entry.title for section in document.sections for entry in section.entries if entry.promotion_id]
    assert shown == [promotions.SPONSOR]


def test_an_issue_after_it_has_the_house_promotion(
    sqlite_database: Database, seeded: seed.Seeded, now: datetime
) -> None:
    with sqlite_database.read() as session:
        [slot] = store.slots(session, seeded.newsletter_id)
        on = now.date() + timedelta(days=20)
        running = store.running(session, [slot.id], issue_on=on, at=now + timedelta(days=20))[slot.id]
    assert running.promotion is not None
    assert running.promotion.name == promotions.HOUSE


def draft(database: Database, seeded: seed.Seeded, *, now: datetime) -> int:
    return seed.draft_first_issue(database, seeded.newsletter_id, now=now, include_archive=False, by=seeded.owner_id)
