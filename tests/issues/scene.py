"""A podcast's newsletter with feeds and fresh items, in a database."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from curator.activity.tables import Activity
from curator.db import Database
from curator.feeds.values import ItemKind
from curator.issues import store
from curator.issues.values import Board
from tests import builders

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Scene:
    db: Database
    newsletter_id: int
    sections: tuple[int, int, int]
    feeds: tuple[int, int, int]

    def item(self, title: str, *, feed: int = 1, days: float = 1, **columns: object) -> int:
        kind = ItemKind.EPISODE if feed == 0 else ItemKind.ARTICLE
        given: dict[str, object] = {"at": NOW - timedelta(days=days), "kind": kind} | columns
        return builders.item_row(self.db, self.feeds[feed], title, **given)  # type: ignore[arg-type]  # the test's own columns

    def board(self, issue_id: int) -> Board:
        with self.db.read() as session:
            return store.board(session, issue_id)

    def titles(self, issue_id: int) -> list[list[str]]:
        return [
            [block.pick.title if block.pick else block.body for block in section.blocks]
            for section in self.board(issue_id).sections
        ]

    def verbs(self) -> list[str]:
        with self.db.read() as session:
            return list(session.scalars(select(Activity.verb).order_by(Activity.id)))


def scene(db: Database, **newsletter: object) -> Scene:
    newsletter_id = builders.newsletter_row(db, **({"minimum_picks": 2} | newsletter))  # type: ignore[arg-type]  # the test's own columns
    first, second, third = builders.section_rows(db, newsletter_id)
    feeds = (
        builders.feed_row(db, "Latent Waves", is_own_show=True),
        builders.feed_row(db, "Row Store"),
        builders.feed_row(db, "Holdout"),
    )
    return Scene(db, newsletter_id, (first, second, third), feeds)


def fill(scene: Scene) -> None:
    """Two episodes, a matter that two feeds tell, and three articles beside it."""
    scene.item("Forgetting in the Arctic", feed=0, days=1)
    scene.item("A librarian declines to guess", feed=0, days=3)
    scene.item("Vector databases arrive in the planner", feed=1, days=2)
    scene.item("Are vector databases worth it?", feed=2, days=1)
    scene.item("A history of index cards", feed=1, days=1)
    scene.item("Labels as disagreement", feed=2, days=2)
    scene.item("Small models for long winters", feed=2, days=4)
