"""What readers clicked, handed back to the picks."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from curator.db import Database
from curator.events import hand_back, listen, shares
from curator.issues.tables import Block, Issue
from curator.issues.values import BlockKind
from curator.picks.clicks import store as clicks
from curator.picks.clicks.values import Clicked
from curator.picks.tables import Pick
from tests import builders
from tests.events.scene import NOW, hit, sent, spooled


def issue(week: int, *counts: int, first: int = 0) -> tuple[datetime, list[shares.Placed]]:
    at = datetime(2026, 9, 7, tzinfo=UTC) + timedelta(weeks=week)
    return at, [shares.Placed(first + 100 * week + place, count) for place, count in enumerate(counts)]


def by_item(found: list[Clicked]) -> dict[int, float]:
    return {each.item_id: each.share for each in found}


def test_what_its_place_always_gets_is_no_praise() -> None:
    usual = [issue(week, 60, 30, 10) for week in range(8)]
    found = by_item(shares.corrected(usual))
    assert all(0.6 < share < 1.4 for share in found.values())


def test_the_last_place_that_gets_as_much_as_the_first_is_worth_more() -> None:
    found = by_item(shares.corrected([*(issue(week, 60, 30, 10) for week in range(8)), issue(8, 33, 33, 33)]))
    assert found[802] > 2
    assert found[800] < 1


def test_an_issue_that_hardly_anybody_clicked_in_says_nothing() -> None:
    assert shares.corrected([issue(1, 2, 1)]) == []
    assert shares.corrected([]) == []


def test_no_share_is_out_of_bounds() -> None:
    found = by_item(shares.corrected([issue(1, 100_000, *[0] * 40), issue(2, *[1] * 41)]))
    assert all(0 < share <= 5 for share in found.values())


def test_people_count_and_robots_do_not(database: Database, tmp_path: Path) -> None:
    mailed = sent(database)
    item_ids = placed(database, mailed.newsletter_id, mailed.issue_id)
    readers = mailed.readers
    people = [hit(mailed.mailing_id, 1, reader, after_s=60 * number) for number, reader in enumerate(readers[:6])]
    one = hit(mailed.mailing_id, 3, readers[6])
    machine = [hit(mailed.mailing_id, link, readers[7], after_s=link / 10) for link in range(1, 8)]
    spooled(tmp_path, *people, one, *machine)
    listen.take_in(database, tmp_path, now=NOW)
    assert hand_back.refresh(database, now=NOW) == 3
    assert hand_back.refresh(database, now=NOW) == 0
    with database.read() as session:
        found = clicks.clicked(session, mailed.newsletter_id)
    assert {id_: each.clicks for id_, each in found.items()} == dict(zip(item_ids, (6, 1, 0), strict=True))
    assert found[item_ids[0]].share > 1 > found[item_ids[2]].share


def test_a_test_mailing_says_nothing(sqlite_database: Database, tmp_path: Path) -> None:
    mailed = sent(sqlite_database, is_test=True)
    placed(sqlite_database, mailed.newsletter_id, mailed.issue_id)
    spooled(tmp_path, *(hit(mailed.mailing_id, 1, reader) for reader in mailed.readers))
    listen.take_in(sqlite_database, tmp_path, now=NOW)
    assert hand_back.refresh(sqlite_database, now=NOW) == 0


def placed(db: Database, newsletter_id: int, issue_id: int) -> list[int]:
    """Picks behind the blocks of the scene's links 1 to 7: three of them hold items."""
    feed_id = builders.feed_row(db)
    section_id = builders.section_rows(db, newsletter_id)[0]
    items = [builders.item_row(db, feed_id, title, at=NOW) for title in ("Tide pools", "City trees", "Small models")]
    with db.write() as session:
        for block_id, item_id in zip((11, 12, 14), items, strict=True):
            pick = Pick(newsletter_id=newsletter_id, item_id=item_id, section_id=section_id, picked_at=NOW)
            session.add(pick)
            session.flush()
            session.add(
                Block(
                    id=block_id,
                    issue_id=issue_id,
                    section_id=section_id,
                    position=block_id,
                    kind=BlockKind.PICK,
                    pick_id=pick.id,
                )
            )
        session.get_one(Issue, issue_id).sent_at = NOW
    return items
