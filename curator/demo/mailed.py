"""An issue's way from approval to a finished mailing, each step checked."""

from dataclasses import dataclass
from datetime import timedelta

from curator.app import App
from curator.audience import store as audience
from curator.audience import subscribe
from curator.audience.values import Recipient
from curator.demo import seed
from curator.demo.movable_clock import MovableClock
from curator.demo.sink import BOUNCE, Sink
from curator.demo.summary import Summary
from curator.issues import publish
from curator.issues import store as issues
from curator.jobs import tasks
from curator.mailings import send
from curator.mailings import store as mailings
from curator.mailings.values import DeliveryState, MailingState, MailingView

# A reader who was put off is tried again within minutes; a day of such steps is far more than the script asks for.
_STEP = timedelta(minutes=15)
_STEPS = 96
# More than any demo has.
_ALL_READERS = 100_000


@dataclass
class Mailed:
    """Mails one issue over wired ports; each step fills its part of the summary and checks it."""

    app: App
    clock: MovableClock
    sink: Sink
    summary: Summary

    def __call__(self, seeded: seed.Seeded, issue_id: int) -> MailingView:
        """Approves what was rendered, schedules it for now, and sends it to the readers until nobody is left."""
        self._schedule(issue_id, by=seeded.owner_id)
        expected = self._expected(seeded.newsletter_id)
        mailing = self._sent(seeded, issue_id, expected)
        self._check_mailing(mailing, expected)
        return mailing

    def _schedule(self, issue_id: int, *, by: int) -> None:
        app, now = self.app, self.app.clock()
        seen = publish.render(app.db, app.renderer, issue_id, now=now)
        publish.approve(app.db, app.renderer, issue_id, by=by, now=now, seen_hash=seen.content_hash)
        publish.schedule(app.db, issue_id, at=now, by=by, now=now)

    def _expected(self, newsletter_id: int) -> dict[int, str]:
        """Returns who is to be mailed as things stand: subscriber ids and addresses."""
        with self.app.db.read() as session:
            members = audience.candidates(session, newsletter_id, now=self.app.clock(), limit=_ALL_READERS)
            ids = [member.subscriber_id for member in members if member.exclusion is None]
            found = audience.recipients(session, newsletter_id, ids, now=self.app.clock())
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
            if self.mailing(mailing_id).state.is_final:
                break
            self.clock.advance(_STEP)
        return self.mailing(mailing_id)

    def mailing(self, mailing_id: int) -> MailingView:
        """Returns a mailing as it stands."""
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
