"""The line without a screen, from feeds to a finished mailing, each step checked."""

from dataclasses import dataclass
from datetime import timedelta

from curator import schema
from curator.app import App
from curator.audience import store as audience
from curator.audience import subscribe
from curator.audience.values import Recipient
from curator.demo import seed
from curator.demo.feedserver import FeedServer
from curator.demo.movable_clock import MovableClock
from curator.demo.sink import BOUNCE, Sink
from curator.demo.summary import Summary
from curator.errors import StateError
from curator.feeds import store as feeds
from curator.feeds.values import ItemKind, PollOutcome
from curator.issues import board, publish
from curator.issues import store as issues
from curator.issues.values import BoardBlock
from curator.jobs import tasks
from curator.mailings import send
from curator.mailings import store as mailings
from curator.mailings.values import DeliveryState, MailingState, MailingView

# A reader who was put off is tried again within minutes; a day of such steps is far more than the script asks for.
_STEP = timedelta(minutes=15)
_STEPS = 96
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

    def __call__(self) -> MailingView:
        """Takes feeds and readers all the way to a mailing that is over, and returns that."""
        schema.upgrade(self.app.db)
        seeded = self._seeded()
        self._poll(seeded)
        issue_id = self._issue(seeded)
        expected = self._expected(seeded.newsletter_id)
        mailing = self._sent(seeded, issue_id, expected)
        self._check_mailing(mailing, expected)
        return mailing

    def _seeded(self) -> seed.Seeded:
        db, now = self.app.db, self.app.clock()
        seeded = seed.seed(db, self.server, now=now)
        if not self.from_archive:
            self._check_past(seed.seed_past(db, self.app.renderer, self.server, seeded, now=now))
        seed.seed_readers(db, seeded, now=now)
        return seeded

    def _check_past(self, mailing_ids: list[int]) -> None:
        past = [self._mailing(mailing_id) for mailing_id in mailing_ids]
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
        """Drafts, approves what was rendered, and schedules for now."""
        db, by, now = self.app.db, seeded.owner_id, self.app.clock()
        issue_id = seed.draft_first_issue(db, seeded.newsletter_id, now=now, include_archive=self.from_archive, by=by)
        if not self.from_archive:
            self._finish_words(seeded, issue_id)
        with db.read() as session:
            shown = issues.board(session, issue_id)
        self.summary.picks = sum(block.pick is not None for section in shown.sections for block in section.blocks)
        self.summary.check(self.summary.picks > 0, "items were picked")
        seen = publish.render(db, self.app.renderer, issue_id, now=now)
        publish.approve(db, self.app.renderer, issue_id, by=by, now=now, seen_hash=seen.content_hash)
        publish.schedule(db, issue_id, at=now, by=by, now=now)
        return issue_id

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

    def _expected(self, newsletter_id: int) -> dict[int, str]:
        """Returns who is to be mailed as things stand: subscriber ids and addresses."""
        with self.app.db.read() as session:
            members = audience.candidates(session, newsletter_id, limit=_ALL_ITEMS)
            ids = [member.subscriber_id for member in members if member.exclusion is None]
            found = audience.recipients(session, newsletter_id, ids)
        self.summary.readers = len(members)
        return {id_: each.address for id_, each in found.items() if isinstance(each, Recipient)}

    def _sent(self, seeded: seed.Seeded, issue_id: int, expected: dict[int, str]) -> MailingView:
        """Sends until nothing is due any more; one reader leaves after the start and gets nothing all the same."""
        app = self.app
        with app.db.read() as session:
            is_due = issue_id in issues.due_issue_ids(session, now=app.clock())
        self.summary.check(is_due, "the scheduled issue is due")
        mailing_id = send.start(app.db, issue_id, now=app.clock())
        leaver = next(id_ for id_, address in expected.items() if "+" not in address)
        subscribe.unsubscribe(app.db, seeded.newsletter_id, leaver, now=app.clock(), how="link")
        del expected[leaver]
        for _ in range(_STEPS):
            tasks.pump_mailing(app, {"mailing_id": mailing_id})
            if self._mailing(mailing_id).state.is_final:
                break
            self.clock.advance(_STEP)
        return self._mailing(mailing_id)

    def _mailing(self, mailing_id: int) -> MailingView:
        with self.app.db.read() as session:
            return mailings.mailing(session, mailing_id)

    def _check_mailing(self, mailing: MailingView, expected: dict[int, str]) -> None:
        counts, summary, sink = mailing.balance.by_state, self.summary, self.sink
        summary.deliveries_sent = counts.get(DeliveryState.SENT, 0)
        summary.refused = counts.get(DeliveryState.REFUSED, 0)
        summary.put_off = sink.deferred
        summary.excluded = counts.get(DeliveryState.EXCLUDED, 0)
        summary.in_doubt = counts.get(DeliveryState.IN_DOUBT, 0)
        summary.twice = sink.twice
        summary.balance = mailing.balance.is_even
        bouncing = {address for address in expected.values() if address.startswith(BOUNCE)}
        self.summary.check(mailing.state is MailingState.FINISHED, f"the mailing is finished (it is {mailing.state})")
        self.summary.check(summary.balance, "the accounts balance")
        self.summary.check(summary.in_doubt == 0, "no delivery is in doubt")
        self.summary.check(summary.twice == 0, "no message came twice")
        self.summary.check(sink.accepted == summary.deliveries_sent, "the sink took as many messages as were sent")
        self.summary.check(
            dict(sink.recipients) == dict.fromkeys(set(expected.values()) - bouncing, 1), "one mail a reader"
        )
        self.summary.check(summary.refused == len(bouncing), "exactly the bouncing addresses were refused")
