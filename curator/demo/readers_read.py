"""What readers do with a mailing that is over, over real HTTP, and whether the counters say the same."""

from dataclasses import dataclass
from html import unescape
from pathlib import Path

from curator.app import App
from curator.demo.mail import WEB_VERSION, shown_mail
from curator.demo.maildir import Maildir
from curator.demo.reading import Reading
from curator.demo.reading_told import Stage
from curator.demo.summary import Summary
from curator.demo.visitor import Visitor
from curator.events import listen
from curator.events import store as events
from curator.issues.revisions import store as revisions
from curator.mailings.values import MailingView


@dataclass
class Readers:
    """The readers of one run; what they do is checked against what is counted."""

    app: App
    outbox: Path
    summary: Summary

    def __call__(self, mailing: MailingView) -> None:
        """Lets the readers read the mailing and checks its counters."""
        told = Reading(self.outbox, public_url=self.app.settings.public_url).read()
        self.summary.check(told.stage is Stage.DONE, f"the readers read to the end ({told.words})")
        listen.take_in(self.app.db, self.app.spool_dir, now=self.app.clock())
        self._count(mailing)
        self._look(mailing)
        summary = self.summary
        summary.check(summary.clicks == told.clicks > 0, f"as many clicks are counted as happened ({told.clicks})")
        summary.check(summary.clickers == told.clickers > 0, f"as many readers clicked ({told.clickers})")
        summary.check(
            summary.scanner_hits == told.scanner_hits > 1, f"the scanner's hits are set apart ({told.scanner_hits})"
        )
        summary.check(summary.unsubscribed == told.unsubscribed == 1, "exactly one reader left by the mail's own link")
        summary.check(summary.bounced == summary.refused, "every refused message is a bounce")

    def _look(self, mailing: MailingView) -> None:
        """Opens the issue's public page by the link in a mail, as somebody does who got it forwarded."""
        maildir = Maildir(self.outbox)
        mail = shown_mail(maildir.read(maildir.newest_keys()[0]) or b"")
        url = next((door.url for door in mail.doors if door.words == WEB_VERSION), "")
        self.summary.check(bool(url), "a mail leads to the issue's public page")
        if url:
            with Visitor() as visitor, self.app.db.read() as session:
                reply = visitor.get(url)
                subject = revisions.revision(session, mailing.revision_id).subject
            self.summary.web_version_ok = reply.status == 200 and subject in unescape(reply.text)
            self.summary.check(self.summary.web_version_ok, "the public page shows the issue")

    def _count(self, mailing: MailingView) -> None:
        with self.app.db.read() as session:
            [counted] = events.counters(session, [mailing.issue_id])
            by_link = events.link_results(session, [mailing.id])[mailing.id]
        summary = self.summary
        summary.clicks, summary.clickers = counted.clicks, counted.clickers
        summary.scanner_hits, summary.unsubscribed = counted.robot_hits, counted.unsubscribed
        summary.bounced = counted.bounced
        summary.check(sum(link.clicks for link in by_link) == counted.clicks, "the clicks of all links add up")
