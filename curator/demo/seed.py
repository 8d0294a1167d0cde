"""Fills an empty demo: newsletter, readers, an owner, feeds, and (once they are polled) a first issue to work on."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, time
from random import Random

from curator.accounts import admit
from curator.accounts import store as accounts
from curator.accounts.values import Role
from curator.audience import store as audience
from curator.audience import subscribe
from curator.audience.values import SuppressionReason
from curator.db import Database
from curator.demo.feedserver import FeedServer
from curator.demo.readers import made_up_readers, readers_csv
from curator.feeds import ingest
from curator.feeds.values import PollOutcome
from curator.http.values import Fetcher
from curator.issues import board, publish
from curator.newsletters import edit
from curator.newsletters import store as newsletters
from curator.newsletters.values import Cadence, NewsletterForm, Rhythm

SLUG = "held-out-weekly"
OWNER = "mina@example.test"
ZONE = "Europe/London"
# The readers are the same in every demo, so that screenshots and reports can be compared.
_READERS_SEED = 42
# More threads than feeds of one host would be polled at once in earnest: here the host is this very process.
_POLLERS = 4
INTRO = (
    "Hello, and welcome to **Held Out Weekly**.\n\n"
    "This week a benchmark lost its good name, a speech model learned three hundred and ten languages, "
    "and a county opened forty years of river water to anybody who can read a table."
)


@dataclass(frozen=True)
class Seeded:
    """What a seeded demo consists of; `feed_ids` are in the feed server's order."""

    newsletter_id: int
    owner_id: int
    feed_ids: tuple[int, ...]


def seed(db: Database, server: FeedServer, *, now: datetime) -> Seeded:
    """Puts the newsletter, its readers, Mina and the server's feeds into the database; a second call adds nothing."""
    by = owner_id(db, now=now)
    newsletter_id = _newsletter(db, now=now, by=by)
    _subscribe_readers(db, newsletter_id, now=now, by=by)
    feed_ids = tuple(
        ingest.add_feed(db, url, now=now, is_own_show=url == server.own_show_url, by=by) for url in server.feed_urls
    )
    return Seeded(newsletter_id, by, feed_ids)


def poll_feeds(
    db: Database, fetcher: Fetcher, feed_ids: Sequence[int], *, now: datetime, random: Random
) -> list[PollOutcome]:
    """Polls the feeds, some at once, and returns how each went, in their order."""

    def polled(feed_id: int) -> PollOutcome:
        return ingest.poll(db, fetcher, feed_id, now=now, random=random)

    with ThreadPoolExecutor(_POLLERS) as pollers:
        return list(pollers.map(polled, feed_ids))


def draft_first_issue(db: Database, newsletter_id: int, *, now: datetime, include_archive: bool, by: int) -> int:
    """Drafts the issue of the newsletter's next slot and returns it; the clock later finds that slot drafted."""
    with db.read() as session:
        due = newsletters.schedule(session, newsletter_id)
    return publish.draft(
        db,
        newsletter_id,
        now=now,
        slot=due.next_slot,
        due_at=due.next_issue_at,
        by=by,
        include_archive=include_archive,
    )


def welcome(db: Database, issue_id: int, *, by: int, now: datetime) -> None:
    """Writes the first issue's intro."""
    board.add_text(db, issue_id, None, INTRO, by=by, now=now)


def newsletter_form(now: datetime) -> NewsletterForm:
    """Returns the demo's newsletter as an editor would fill it in."""
    return NewsletterForm(
        slug=SLUG,
        name="Held Out Weekly",
        tagline="Machine learning and data, tested on what the models have not seen.",
        sender_name="Held Out",
        sender_address="letter@heldout.example.test",
        reply_to="desk@heldout.example.test",
        postal_address="Held Out, 7 Sample Street, Splitton SP1 7ML",
        language="en-GB",
        cadence=Cadence(
            rhythm=Rhythm.WEEKLY,
            zone=ZONE,
            at=time(7, 0),
            anchor_on=now.date(),
            weekdays=(1,),
        ),
    )


def owner_id(db: Database, *, now: datetime) -> int:
    """Returns the id of Mina, who is made an owner where she is not there yet."""
    with db.read() as session:
        known = accounts.user_id(session, OWNER)
    return known or admit.create_user(db, OWNER, name="Mina Adeyemi", role=Role.OWNER, now=now)


def _newsletter(db: Database, *, now: datetime, by: int) -> int:
    with db.read() as session:
        known = newsletters.slug_owner(session, SLUG)
    if known is not None:
        return known
    newsletter_id = edit.create(db, newsletter_form(now), now=now, by=by)
    # All of its readers are made up and its relay is a sink: there is nobody whom test mode could save from anything.
    edit.go_live(db, newsletter_id, now=now, by=by)
    return newsletter_id


def _subscribe_readers(db: Database, newsletter_id: int, *, now: datetime, by: int) -> None:
    """Imports the readers as an editor would; the first is suppressed, the second has left."""
    readers = made_up_readers(Random(_READERS_SEED))  # noqa: S311 - names of people who do not exist are no secret
    subscribe.import_csv(db, newsletter_id, readers_csv(readers), now=now, by=by)
    suppressed, left = readers[0], readers[1]
    note = "asked by letter not to be mailed"
    subscribe.suppress(db, suppressed.address, SuppressionReason.BY_HAND, now=now, note=note, by=by)
    with db.read() as session:
        left_id = audience.subscriber_id(session, left.address)
    if left_id is not None:
        subscribe.unsubscribe(db, newsletter_id, left_id, now=now, how="by hand", by=by)
