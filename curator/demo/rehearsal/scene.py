"""What the drill sends, and to whom: a newsletter, its readers and one approved issue in an empty database."""

from datetime import datetime, time
from io import StringIO

from curator.audience.moving import bring
from curator.db import Database
from curator.issues import board, publish
from curator.issues import store as issues
from curator.issues.render import Renderer
from curator.newsletters import edit
from curator.newsletters.values import Cadence, NewsletterForm, Rhythm

SENDER_DOMAIN = "drill.example.test"
_WORDS = (
    "This is a **drill**. No reader exists, and nothing leaves this machine.\n\n"
    "It has [a link](https://drill.example.test/one) and [another](https://drill.example.test/two)."
)


def set_up(db: Database, renderer: Renderer, *, recipients: int, now: datetime) -> int:
    """Fills an empty, migrated database and returns the issue, which is scheduled for now."""
    newsletter_id = edit.create(db, _form(now), now=now)
    edit.go_live(db, newsletter_id, now=now, by=None)
    bring.import_csv(db, newsletter_id, _readers(recipients), now=now)
    issue_id = publish.draft(db, newsletter_id, now=now)
    board.add_text(db, issue_id, None, _WORDS, by=None, now=now)
    with db.read() as session:
        version = issues.issue_row(session, issue_id).version
    board.edit_settings(db, issue_id, subject="A drill", preheader="", expected_version=version, by=None, now=now)
    publish.approve(db, renderer, issue_id, by=None, now=now)
    publish.schedule(db, issue_id, at=now, by=None, now=now)
    return issue_id


def _readers(count: int) -> bytes:
    text = StringIO()
    text.write("email\n")
    text.writelines(f"reader{number}@{SENDER_DOMAIN}\n" for number in range(count))
    return text.getvalue().encode()


def _form(now: datetime) -> NewsletterForm:
    return NewsletterForm(
        slug="drill",
        name="Drill",
        sender_name="Drill",
        sender_address=f"drill@{SENDER_DOMAIN}",
        postal_address="1 Drill Yard",
        minimum_picks=0,
        hold_minutes=0,
        wave_minutes=0,
        cadence=Cadence(rhythm=Rhythm.WEEKLY, zone="UTC", at=time(7), anchor_on=now.date(), weekdays=(0,)),
    )
