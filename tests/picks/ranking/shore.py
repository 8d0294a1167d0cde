"""A desk whose editor likes the shore: feeds that write of it and of other things, and what was picked."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import update

from curator.db import Session
from curator.feeds.tables import Item
from curator.picks.labels.values import Run
from curator.picks.ranking import learn, rank, store
from curator.picks.ranking.values import Offer
from tests.picks.desk import NOW, Desk

_SHORE = ("Tide pools at dawn", "Kelp and tide pools", "What tide pools tell", "Limpets of the tide pools")
_OTHER = ("phone deals", "laptop review", "streaming shows", "crypto prices", "football scores", "car insurance")


class Shore(Desk):
    """Thirty items of other matters, then what a test adds; `ran` is what readers got."""

    ran: Sequence[Run] = ()

    def others(self, many: int = 30, *, days: float = 1) -> list[int]:
        return [
            self.item(number % 2, f"Notes on {_OTHER[number % 6]} no. {number}", days + number / 1000)
            for number in range(many)
        ]

    def shore(self, many: int = 4, *, days: float = 1) -> list[int]:
        return [self.item(number % 2, _SHORE[number], days + number / 1000) for number in range(many)]

    def choose(self, item_ids: Sequence[int], *, section: int = 2) -> None:
        from curator.picks import curate

        by = self.person(f"Ada{item_ids[0]}")
        for item_id in item_ids:
            curate.pick(self.db, self.newsletter_id, item_id, self.sections[section], by=by, now=NOW)

    def runs(self, _session: Session, newsletter_id: int) -> Sequence[Run]:
        return self.ran if newsletter_id == self.newsletter_id else ()

    def refit(self) -> int:
        return learn.refit(self.db, self.newsletter_id, runs=self.runs, now=NOW, seed=1)

    def rescore(self) -> rank.Rescored:
        return rank.rescore(self.db, self.newsletter_id, runs=self.runs, now=NOW, seed=1)

    def offers(self) -> dict[str, Offer]:
        """The list by title, the best first."""
        with self.db.read() as session:
            offers = store.candidates(session, self.newsletter_id, limit=1000)
            items = {row.id: row.title for row in session.query(Item.id, Item.title)}
        return {items[offer.item_id]: offer for offer in offers}

    def seen_earlier(self, item_ids: Sequence[int], *, days: float) -> None:
        with self.db.write() as session:
            session.execute(update(Item).where(Item.id.in_(item_ids)).values(first_seen_at=NOW - timedelta(days=days)))
