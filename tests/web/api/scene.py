"""A desk in which everything that the API's examples speak of is there, with the id 1."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from curator.issues import board, publish
from curator.mailings.values import MailingState
from curator.picks.tables import Pick
from tests import builders
from tests.events.scene import mailing_row
from tests.web.api.conftest import Installation


@dataclass(frozen=True)
class Ids:
    """What there is: each of the first newsletter; `other` is a second newsletter, in which there is nothing."""

    newsletter_id: int
    section_id: int
    feed_id: int
    item_id: int
    pick_id: int
    issue_id: int
    mailing_id: int
    subscriber_id: int
    other: int

    def path(self, template: str) -> str:
        """Returns a path with its ids filled in."""
        for name, value in vars(self).items():
            template = template.replace(f"{{{name}}}", str(value))
        return template


def fill(desk: Installation) -> Ids:
    """Fills a desk."""
    db, now = desk.app.db, desk.app.clock()
    newsletter = builders.newsletter_row(db)
    section = builders.section_rows(db, newsletter)[0]
    feed = builders.feed_row(db, "Gradient Notes")
    item = builders.item_row(db, feed, "Small models", at=now - timedelta(hours=1))
    issue = publish.draft(db, newsletter, now=now, due_at=now + timedelta(days=3))
    board.pick_into(db, issue, item, section, by=desk.mina, now=now)
    builders.item_row(db, feed, "Held-out sets", at=now - timedelta(hours=2))
    with db.read() as session:
        pick = session.scalars(select(Pick.id).where(Pick.item_id == item)).one()
    reader = builders.subscriber_rows(db, newsletter, ["ada@example.org", "bo@example.org"])[0]
    publish.render(db, desk.app.renderer, issue, now=now)
    mailing = mailing_row(db, newsletter, issue, state=MailingState.RUNNING)
    other = builders.newsletter_row(db, slug="other")
    return Ids(newsletter, section, feed, item, pick, issue, mailing, reader, other)
