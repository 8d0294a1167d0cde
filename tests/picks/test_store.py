"""Picks, skips and the inbox on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from curator.db import Database
from curator.errors import ConflictError, NotFoundError, StateError
from curator.feeds.values import ItemKind
from curator.picks import curate, store
from curator.picks.values import InboxCounts, InboxFilter
from tests import builders

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


class Desk:
    """A newsletter with two feeds and five items, the last of them archived."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.newsletter_id = builders.newsletter_row(db)
        self.other_id = builders.newsletter_row(db, slug="other")
        self.sections = builders.section_rows(db, self.newsletter_id)
        self.feeds = [builders.feed_row(db, "Row Store"), builders.feed_row(db, "Latent Waves")]
        self.items = [
            self._item(0, "100% of vectors", 1),
            self._item(0, "Index_cards", 2),
            self._item(1, "An episode", 3, kind=ItemKind.EPISODE, author="Maya Lindqvist"),
            self._item(1, "Same moment", 2),
            self._item(0, "Archived", 400, is_archive=True),
        ]

    def _item(self, feed: int, title: str, days: int, **columns: object) -> int:
        return builders.item_row(self.db, self.feeds[feed], title, at=NOW - timedelta(days=days), **columns)  # type: ignore[arg-type]  # the test's own columns

    def shown(self, **given: object) -> list[str]:
        with self.db.read() as session:
            return [row.item.title for row in store.inbox(session, self.newsletter_id, **given)]  # type: ignore[arg-type]  # the test's own words

    def pick(self, index: int, section: int = 0) -> int:
        return curate.pick(self.db, self.newsletter_id, self.items[index], self.sections[section], by=None, now=NOW)

    def skip(self, index: int) -> None:
        curate.skip(self.db, self.newsletter_id, self.items[index], by=None, now=NOW)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_the_inbox_shows_what_is_new_newest_first(desk: Desk) -> None:
    assert desk.shown() == ["100% of vectors", "Same moment", "Index_cards", "An episode"]
    desk.pick(0)
    desk.skip(2)
    assert desk.shown() == ["Same moment", "Index_cards"]
    assert desk.shown(show=InboxFilter.PICKED) == ["100% of vectors"]
    assert desk.shown(show=InboxFilter.SKIPPED) == ["An episode"]
    assert desk.shown(show=InboxFilter.ALL)[-1] == "Archived"
    with desk.db.read() as session:
        row = store.inbox(session, desk.newsletter_id, show=InboxFilter.PICKED)[0]
        assert (row.section_id, row.is_skipped) == (desk.sections[0], False)
        assert len(store.inbox(session, desk.other_id)) == 4


def test_the_inbox_is_paged_without_gaps_or_repeats(desk: Desk) -> None:
    seen, before = [], None
    while True:
        with desk.db.read() as session:
            page = store.inbox(session, desk.newsletter_id, show=InboxFilter.ALL, before=before, limit=2)
        if not page:
            break
        seen += [row.item.title for row in page]
        before = (page[-1].item.at, page[-1].item.id)
    assert seen == desk.shown(show=InboxFilter.ALL)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("100%", ["100% of vectors"]),
        ("x_c", ["Index_cards"]),
        ("_", ["Index_cards"]),
        ("maya EPISODE", ["An episode"]),
        ("row", ["100% of vectors", "Index_cards", "Archived"]),
        ("nothing like it", []),
    ],
)
def test_search_takes_words_literally_and_finds_the_archive(desk: Desk, search: str, found: list[str]) -> None:
    assert desk.shown(search=search) == found


def test_the_inbox_is_narrowed_by_kind_and_feed(desk: Desk) -> None:
    assert desk.shown(kind=ItemKind.EPISODE) == ["An episode"]
    assert desk.shown(feed_id=desk.feeds[1]) == ["Same moment", "An episode"]


def test_items_are_counted(desk: Desk) -> None:
    desk.pick(0)
    desk.skip(2)
    with desk.db.read() as session:
        assert store.inbox_counts(session, desk.newsletter_id, since=None) == InboxCounts(new=2, picked=1, skipped=1)
        recent = store.inbox_counts(session, desk.newsletter_id, since=NOW - timedelta(days=1))
        assert recent == InboxCounts(new=0, picked=1, skipped=0)


def test_an_item_is_picked_once_and_moved(desk: Desk) -> None:
    first = desk.pick(0)
    assert desk.pick(0, section=2) == first
    with desk.db.read() as session:
        assert store.picked_items(session, [first])[first].section_id == desk.sections[2]
        assert store.picked_items(session, []) == {}


def test_picking_ends_a_skip_and_a_pick_is_not_skipped(desk: Desk) -> None:
    desk.skip(0)
    desk.skip(0)
    desk.pick(0)
    assert desk.shown(show=InboxFilter.SKIPPED) == []
    with pytest.raises(StateError):
        desk.skip(0)


def test_a_skipped_item_is_offered_again(desk: Desk) -> None:
    desk.skip(0)
    for _ in range(2):
        curate.unskip(desk.db, desk.newsletter_id, desk.items[0], by=None, now=NOW)
    assert desk.shown()[0] == "100% of vectors"


def test_what_is_not_there_is_said(desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        curate.skip(desk.db, desk.newsletter_id, 999, by=None, now=NOW)
    with pytest.raises(NotFoundError):
        curate.pick(desk.db, desk.newsletter_id, 999, desk.sections[0], by=None, now=NOW)
    with pytest.raises(NotFoundError):
        curate.pick(desk.db, desk.other_id, desk.items[0], desk.sections[0], by=None, now=NOW)


def test_the_second_of_two_writers_is_told(desk: Desk) -> None:
    pick_id = desk.pick(0)

    def write(blurb: str, version: int) -> int:
        with desk.db.write() as session:
            return store.edit_pick(session, pick_id, title="", link="", blurb=blurb, expected_version=version)

    assert write("First", 1) == 2
    with pytest.raises(ConflictError):
        write("Second", 1)
    assert write("First", 1) == 2
    assert write("Third", 2) == 3


def test_what_was_picked_counts_as_run(desk: Desk) -> None:
    desk.pick(0)
    desk.skip(1)
    with desk.db.read() as session:
        ran = store.ran_before(session, desk.newsletter_id)
        assert ran == {desk.items[0], f"https://site.example/{desk.feeds[0]}/100%-of-vectors"}
        assert store.ran_before(session, desk.other_id) == frozenset()
        assert store.skipped_items(session, desk.newsletter_id) == {desk.items[1]}
