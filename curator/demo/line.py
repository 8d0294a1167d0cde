"""The line without a screen, from feeds to a finished mailing, each step checked."""

from dataclasses import dataclass

from curator import schema
from curator.app import App
from curator.demo import promotions, seed, show
from curator.demo.feedserver import FeedServer
from curator.demo.mailed import Mailed
from curator.demo.movable_clock import MovableClock
from curator.demo.sink import Sink
from curator.demo.summary import Summary
from curator.errors import StateError
from curator.feeds import store as feeds
from curator.feeds.values import ItemKind, PollOutcome
from curator.issues import board, pictured, publish
from curator.issues import store as issues
from curator.issues.values import BoardBlock
from curator.jobs import tasks
from curator.mailings.values import MailingView
from curator.pictures import store as pictures

# More than any folder of samples holds.
_ALL_ITEMS = 100_000


@dataclass
class Line:
    """One run over wired ports; each step fills its part of the summary and checks it."""

    app: App
    clock: MovableClock
    server: FeedServer
    sink: Sink
    summary: Summary
    from_archive: bool

    @property
    def _mailed(self) -> Mailed:
        return Mailed(self.app, self.clock, self.sink, self.summary)

    def __call__(self) -> MailingView:
        """Takes feeds and readers all the way to a mailing that is over, and returns that."""
        schema.upgrade(self.app.db)
        seeded = self._seeded()
        self._poll(seeded)
        if not self.from_archive:
            show.write_show(self.app.db, self.server, by=seeded.editor_ids[1], now=self.app.clock())
            promotions.write_promotions(self.app.db, self.server, seeded, now=self.app.clock())
        issue_id = self._issue(seeded)
        return self._mailed(seeded, issue_id)

    def _seeded(self) -> seed.Seeded:
        db, now = self.app.db, self.app.clock()
        seeded = seed.seed(db, self.server, now=now)
        if not self.from_archive:
            self._check_past(seed.seed_past(db, self.app.renderer, self.server, seeded, now=now))
        seed.seed_readers(db, seeded, now=now)
        return seeded

    def _check_past(self, mailing_ids: list[int]) -> None:
        past = [self._mailed.mailing(mailing_id) for mailing_id in mailing_ids]
        self.summary.back_issues = len(past)
        self.summary.check(all(mailing.balance.is_even for mailing in past), "the accounts of the back issues balance")

    def _poll(self, seeded: seed.Seeded) -> None:
        told = self._polled(seeded)
        again = self._polled(seeded)
        with self.app.db.read() as session:
            rows = feeds.feed_rows(session)
            items = feeds.fresh_items(session, since=None, limit=_ALL_ITEMS, include_archive=True)
        summary = self.summary
        summary.feeds_polled = sum(row.last_polled_at is not None for row in rows)
        summary.feeds_failed = sum(not outcome.is_ok for outcome in told)
        summary.items = sum(row.items for row in rows)
        summary.episodes = sum(item.kind is ItemKind.EPISODE for item in items)
        summary.new_on_second_poll = sum(outcome.new for outcome in again)
        self.summary.check(len(rows) == len(self.server.feed_urls), "every feed of the server was added once")
        self.summary.check(summary.feeds_polled == len(rows), "every feed was polled")
        self.summary.check(summary.items > 0, "items were found")
        self.summary.check(summary.new_on_second_poll == 0, "a second poll finds nothing new")
        if not self.from_archive:
            broken = {self.server.base_url + path for path in self.server.offer.broken_paths}
            failing = {row.url for row in rows if not row.is_ok}
            self.summary.check(failing == broken, "exactly the broken feeds fail, and say so")

    def _polled(self, seeded: seed.Seeded) -> list[PollOutcome]:
        app = self.app
        return seed.poll_feeds(app.db, app.fetcher, seeded.feed_ids, now=app.clock(), random=app.random)

    def _issue(self, seeded: seed.Seeded) -> int:
        """Drafts an issue and finishes it."""
        db, by, now = self.app.db, seeded.owner_id, self.app.clock()
        issue_id = seed.draft_first_issue(db, seeded.newsletter_id, now=now, include_archive=self.from_archive, by=by)
        if not self.from_archive:
            self._fetch_pictures(issue_id)
            self._finish_words(seeded, issue_id)
        with db.read() as session:
            shown = issues.board(session, issue_id)
        self.summary.picks = sum(block.pick is not None for section in shown.sections for block in section.blocks)
        self.summary.check(self.summary.picks > 0, "items were picked")
        return issue_id

    def _fetch_pictures(self, issue_id: int) -> None:
        """Does what a worker does while an editor writes."""
        with self.app.db.read() as session:
            wanted = pictures.due_ids(session, now=self.app.clock())
        for picture_id in wanted:
            tasks.fetch_picture(self.app, {"picture_id": picture_id})
        with self.app.db.read() as session:
            standings = pictured.standings(issues.board(session, issue_id))
        self.summary.check(bool(standings), "the issue has pictures")
        self.summary.check(all(each.is_shown for each in standings.values()), "every picture of the issue is kept")

    def _finish_words(self, seeded: seed.Seeded, issue_id: int) -> None:
        """Does what the demo leaves to its editor: an issue with a TK in it is refused, so its fact is found."""
        app, now = self.app, self.app.clock()
        seed.write_first_issue(app.db, issue_id, by=seeded.editor_ids[1], now=now)
        try:
            publish.approve(app.db, app.renderer, issue_id, by=seeded.owner_id, now=now)
        except StateError as error:
            self.summary.check("TK" in str(error), f"an unfinished issue is refused for its TK (it is not: {error})")
        else:
            self.summary.check(False, "an issue with a TK in it is not approved")
        with app.db.read() as session:
            board_now = issues.board(session, issue_id)
        for pick_block in (block for section in board_now.sections for block in section.blocks if block.pick):
            assert pick_block.pick is not None
            if not pick_block.pick.blurb or "TK" in pick_block.pick.blurb:
                self._write(pick_block, by=seeded.owner_id)

    def _write(self, block: BoardBlock, *, by: int) -> None:
        words = "Written by whoever opened the desk."
        now, version = self.app.clock(), block.version
        board.edit_pick(self.app.db, block.id, title="", link="", blurb=words, expected_version=version, by=by, now=now)
