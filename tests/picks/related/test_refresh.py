"""Related things in the database: what a round reads, what it finds, and what it leaves alone."""

from datetime import timedelta
from itertools import permutations

import pytest

from curator.db import Database
from curator.episodes.tables import Transcript, Turn
from curator.feeds.tables import Item
from curator.feeds.values import ItemKind
from curator.picks import curate
from curator.picks import store as picks
from curator.picks.related import store
from curator.picks.related.refresh import LOOKED_AT_FOR, refresh
from curator.picks.related.values import Match, Refreshed, RelatedKind
from tests import builders
from tests.audience.counting import statements
from tests.picks.desk import NOW

FILLERS = ("Tides", "Choirs", "Models", "Harbours", "Winters", "Software", "Maps", "Census")
LATER = NOW + timedelta(minutes=15)


class Shelf:
    """An own episode on vector indexes with a transcript, and articles beside it."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.newsletter = builders.newsletter_row(db)
        self.section = builders.section_rows(db, self.newsletter)[2]
        self.show = builders.feed_row(db, "Latent Waves", is_own_show=True)
        self.feed = builders.feed_row(db, "Row Store")
        self.episode = self.own("What a vector index forgets", summary_text="Embeddings and recall.")
        self._fill()

    def _fill(self) -> None:
        """Fifty articles on other things: what is rare is rare among many."""
        moments = dict.fromkeys(("at", "first_seen_at", "updated_at"), NOW - timedelta(days=2))
        with self.db.write() as session:
            session.add_all(
                Item(
                    feed_id=self.feed,
                    identity=f"filler {number}",
                    kind=ItemKind.ARTICLE,
                    title=f"{first} and {second}",
                    content_hash="",
                    **moments,
                )
                for number, (first, second) in enumerate(permutations(FILLERS, 2))
            )

    def own(self, title: str, **columns: object) -> int:
        return builders.item_row(
            self.db, self.show, title, at=NOW - timedelta(days=400), kind=ItemKind.EPISODE, **columns
        )  # type: ignore[arg-type]  # the test's own columns

    def article(self, title: str, *, days: float = 1, feed: int | None = None, **columns: object) -> int:
        at = NOW - timedelta(days=days)
        return builders.item_row(self.db, feed or self.feed, title, at=at, **columns)  # type: ignore[arg-type]  # the test's own columns

    def say(self, *turns: tuple[int, str]) -> None:
        with self.db.write() as session:
            session.add(Transcript(item_id=self.episode, source="editor", at=NOW))
            session.flush()
            session.add_all(
                Turn(item_id=self.episode, position=place, start_ms=at * 1000, end_ms=(at + 30) * 1000, text=text)
                for place, (at, text) in enumerate(turns)
            )

    def pick(self, item_id: int, *, after: timedelta = timedelta(0)) -> int:
        return curate.pick(self.db, self.newsletter, item_id, self.section, by=None, now=NOW + after)

    def related(self, item_id: int) -> list[Match]:
        with self.db.read() as session:
            return store.related(session, [item_id]).get(item_id, [])

    def ids(self, item_id: int) -> list[int]:
        return [match.other_id for match in self.related(item_id)]


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


def test_an_item_is_told_the_episode_and_the_second_at_which_it_speaks_of_the_same(shelf: Shelf) -> None:
    shelf.say(
        (0, "Hello and welcome."), (40, "A library of cards."), (1200, "The recall of a vector index, its recall.")
    )
    item = shelf.article("The recall of embeddings in a vector index")
    refresh(shelf.db, now=NOW)
    (match,) = shelf.related(item)
    assert (match.other_id, match.kind) == (shelf.episode, RelatedKind.EPISODE)
    assert match.terms[0] == "vector index"
    assert match.at_s is not None
    assert 1200 <= match.at_s < 1230


def test_an_article_is_offered_once_it_is_picked_and_no_more_when_it_is_not(shelf: Shelf) -> None:
    picked = shelf.article("Embeddings in a vector index")
    refresh(shelf.db, now=NOW)
    assert shelf.ids(shelf.episode) == []
    pick = shelf.pick(picked, after=timedelta(minutes=1))
    refresh(shelf.db, now=LATER)
    (match,) = shelf.related(shelf.episode)
    assert (match.other_id, match.kind) == (picked, RelatedKind.PICK)
    with shelf.db.write() as session:
        picks.remove_pick(session, pick)
    assert shelf.ids(shelf.episode) == []


def test_a_new_episode_comes_to_items_that_were_compared_before(shelf: Shelf) -> None:
    item = shelf.article("Embeddings in a vector index")
    refresh(shelf.db, now=NOW)
    newer = shelf.own("The recall of a vector index, embeddings and all", updated_at=NOW)
    refresh(shelf.db, now=LATER)
    assert set(shelf.ids(item)) == {shelf.episode, newer}


def test_a_correction_is_compared_anew(shelf: Shelf) -> None:
    item = shelf.article("Embeddings in a vector index")
    refresh(shelf.db, now=NOW)
    with shelf.db.write() as session:
        row = session.get_one(Item, shelf.episode)
        row.title, row.summary_text, row.updated_at = "On choirs", "Nothing else.", NOW + timedelta(minutes=5)
    refresh(shelf.db, now=LATER)
    assert shelf.ids(item) == []


def test_a_second_round_reads_nothing_and_changes_nothing(shelf: Shelf) -> None:
    item = shelf.article("Embeddings in a vector index")
    assert refresh(shelf.db, now=NOW).read == 58
    before = shelf.related(item)
    assert refresh(shelf.db, now=LATER) == Refreshed(0, 0)
    assert shelf.related(item) == before


def test_the_same_page_of_another_feed_is_not_related_to_itself(shelf: Shelf) -> None:
    url = "https://rowstore.example/vectors"
    one = shelf.article("Embeddings in a vector index", canonical_url=url)
    other = shelf.article("Vector index, embeddings", feed=builders.feed_row(shelf.db, "Echo"), canonical_url=url)
    shelf.pick(one)
    shelf.pick(other)
    refresh(shelf.db, now=NOW)
    assert shelf.ids(one) == [shelf.episode]


def test_archives_are_left_alone_until_they_are_picked_and_old_items_are_forgotten(shelf: Shelf) -> None:
    archived = shelf.article("Embeddings in a vector index", is_archive=True)
    old = shelf.article("A vector index and embeddings", days=LOOKED_AT_FOR.days - 1)
    refresh(shelf.db, now=NOW)
    assert (shelf.ids(archived), shelf.ids(old)) == ([], [shelf.episode])
    shelf.pick(archived, after=timedelta(minutes=1))
    refresh(shelf.db, now=NOW + timedelta(days=2))
    assert (shelf.ids(archived), shelf.ids(old)) == ([shelf.episode], [])


def test_an_installation_without_anything_is_no_error(database: Database) -> None:
    assert refresh(database, now=NOW) == Refreshed(0, 0)


def test_what_is_related_to_a_page_of_items_is_one_question(sqlite_database: Database) -> None:
    shelf = Shelf(sqlite_database)
    items = [shelf.article(f"Embeddings in a vector index, part {number}") for number in range(4)]
    refresh(shelf.db, now=NOW)
    with statements(shelf.db) as asked, shelf.db.read() as session:
        assert len(store.related(session, items)) == 4
    assert len(asked) == 1
