"""A newsletter with two feeds and five items, and what an editor does with them."""

from datetime import UTC, datetime, timedelta

from curator.accounts import admit
from curator.accounts.values import Role
from curator.activity import store as activity
from curator.db import Database
from curator.feeds.values import ItemKind
from curator.picks import curate, set_aside
from curator.picks.aside import store as aside
from curator.picks.inbox import store as inbox
from curator.picks.reverts import REVERTS
from curator.picks.values import InboxCounts, InboxFilter, InboxRow, Narrowing, SkipReason
from tests import builders

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


class Desk:
    """The last of the five items is archived."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.newsletter_id = builders.newsletter_row(db)
        self.other_id = builders.newsletter_row(db, slug="other")
        self.sections = builders.section_rows(db, self.newsletter_id)
        self.feeds = [builders.feed_row(db, "Row Store"), builders.feed_row(db, "Latent Waves", language="de-AT")]
        self.items = [
            self.item(0, "100% of vectors", 1),
            self.item(0, "Index_cards", 2),
            self.item(1, "An episode", 3, kind=ItemKind.EPISODE, author="Maya Lindqvist"),
            self.item(1, "Same moment", 2),
            self.item(0, "Archived", 400, is_archive=True),
        ]

    def item(self, feed: int, title: str, days: float, **columns: object) -> int:
        return builders.item_row(self.db, self.feeds[feed], title, at=NOW - timedelta(days=days), **columns)  # type: ignore[arg-type]  # the test's own columns

    def rows(
        self,
        show: InboxFilter = InboxFilter.NEW,
        *,
        now: datetime = NOW,
        before: tuple[datetime, int] | None = None,
        limit: int = 50,
        newsletter: int | None = None,
        **narrow: object,
    ) -> list[InboxRow]:
        narrowing = Narrowing(**narrow)  # type: ignore[arg-type]  # the test's own words
        newsletter = newsletter or self.newsletter_id
        with self.db.read() as session:
            mutes = aside.mutes(session, newsletter)
            found = inbox.inbox(
                session,
                newsletter,
                now=now,
                show=show,
                narrowing=narrowing,
                mutes=mutes,
                before=before,
                limit=limit,
            )
            back = inbox.woken(session, newsletter, now=now, narrowing=narrowing, mutes=mutes)
        return back + found if show is InboxFilter.NEW and before is None else found

    def shown(self, show: InboxFilter = InboxFilter.NEW, **given: object) -> list[str]:
        return [row.item.title for row in self.rows(show, **given)]  # type: ignore[arg-type]  # the test's own words

    def counts(self, now: datetime = NOW, **narrow: object) -> InboxCounts:
        with self.db.read() as session:
            mutes = aside.mutes(session, self.newsletter_id)
            return inbox.counts(session, self.newsletter_id, now=now, mutes=mutes, narrowing=Narrowing(**narrow))  # type: ignore[arg-type]  # the test's own words

    def pick(self, index: int, section: int = 0) -> int:
        return curate.pick(self.db, self.newsletter_id, self.items[index], self.sections[section], by=None, now=NOW)

    def skip(self, index: int, reason: SkipReason = SkipReason.NONE) -> None:
        curate.skip(self.db, self.newsletter_id, self.items[index], by=None, now=NOW, reason=reason)

    def put_off(self, index: int, days: float, *, now: datetime = NOW) -> None:
        until = now + timedelta(days=days)
        set_aside.put_off(self.db, self.newsletter_id, self.items[index], until=until, by=None, now=now)

    def undo(self, *, now: datetime = NOW) -> str:
        """Does the opposite of the newest change."""
        with self.db.read() as session:
            change = activity.recent(session, limit=1)[0]
        return REVERTS[f"{change.subject}.{change.verb}"](self.db, change, by=None, now=now)

    def person(self, name: str) -> int:
        return admit.create_user(self.db, f"{name.lower()}@podcast.example", name=name, role=Role.EDITOR, now=NOW)
