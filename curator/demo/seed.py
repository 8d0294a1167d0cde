"""Fills an empty demo: editors, newsletter, feeds, a past, readers, and (once feeds are polled) an issue to work on."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, time
from random import Random

from curator.accounts import admit
from curator.accounts import store as accounts
from curator.accounts.values import Role
from curator.audience import store as audience
from curator.audience import subscribe
from curator.audience.moving import bring
from curator.audience.values import SuppressionReason
from curator.db import Database
from curator.demo.feedserver import FeedServer
from curator.demo.names import DOMAIN
from curator.demo.past.plan import planned
from curator.demo.past.write import write_past
from curator.demo.readers import BASIS, Reader, made_up_readers, readers_csv
from curator.demo.samples.back import first_words
from curator.feeds import ingest
from curator.feeds.values import PollOutcome
from curator.http.values import Fetcher
from curator.issues import board, publish
from curator.issues import store as issues
from curator.issues.render import Renderer
from curator.issues.values import BoardBlock
from curator.newsletters import edit
from curator.newsletters import store as newsletters
from curator.newsletters.values import Cadence, NewsletterForm, Rhythm

SLUG = "held-out-weekly"
EDITORS = (
    ("mina@example.test", "Mina Adeyemi", Role.OWNER),
    ("theo@example.test", "Theo Lindqvist", Role.EDITOR),
    ("wanjiru@example.test", "Wanjiru Kamau", Role.EDITOR),
)
ZONE = "Europe/London"
# The readers are the same in every demo, so that screenshots and reports can be compared.
_READERS_SEED = 42
_PAST_SEED = 7
# More threads than feeds of one host would be polled at once in earnest: here the host is this very process.
_POLLERS = 4
INTRO = (
    "Hello, and welcome to **Held Out Weekly**.\n\n"
    "This week a benchmark lost its good name, a speech model learned three hundred and ten languages, "
    "and a county opened forty years of river water to anybody who can read a table."
)


@dataclass(frozen=True)
class Seeded:
    """What a seeded demo consists of; `feed_ids` are in the feed server's order, `editor_ids` begin with the owner."""

    newsletter_id: int
    editor_ids: tuple[int, ...]
    feed_ids: tuple[int, ...]

    @property
    def owner_id(self) -> int:
        """Mina's id."""
        return self.editor_ids[0]


def seed(db: Database, server: FeedServer, *, now: datetime) -> Seeded:
    """Puts the editors, the newsletter and the server's feeds into the database; a second call adds nothing."""
    desk = seed_desk(db, now=now)
    feed_ids = tuple(
        ingest.add_feed(db, url, now=now, is_own_show=url == server.own_show_url, by=desk.owner_id)
        for url in server.feed_urls
    )
    return replace(desk, feed_ids=feed_ids)


def seed_desk(db: Database, *, now: datetime) -> Seeded:
    """Puts the editors and the newsletter into the database, without any feed; a second call adds nothing."""
    editor_ids = tuple(_editor_id(db, *editor, now=now) for editor in EDITORS)
    return Seeded(_newsletter(db, now=now, by=editor_ids[0]), editor_ids, ())


def seed_past(db: Database, renderer: Renderer, server: FeedServer, seeded: Seeded, *, now: datetime) -> list[int]:
    """Gives the sample feeds' newsletter its back issues and returns their mailings; a second call changes nothing.

    It comes before `seed_readers`: readers come week after week. `now` is the moment that the feeds are dated from.
    """
    random = Random(_PAST_SEED)  # noqa: S311 - a past that is the same every time is no secret
    backs = planned(_readers(), newsletter_form(now).cadence, now=now, random=random)
    return write_past(
        db,
        renderer,
        seeded.newsletter_id,
        backs,
        base_url=server.base_url,
        now=now,
        editors=seeded.editor_ids,
        random=random,
    )


def seed_readers(db: Database, seeded: Seeded, *, now: datetime) -> None:
    """Imports the readers who are not there yet, as an editor would; the first is suppressed, the second has left."""
    readers, by = _readers(), seeded.owner_id
    bring.import_csv(db, seeded.newsletter_id, readers_csv(readers), now=now, by=by, basis=BASIS)
    suppressed, left = readers[0], readers[1]
    note = "asked by letter not to be mailed"
    subscribe.suppress(db, suppressed.address, SuppressionReason.BY_HAND, now=now, note=note, by=by)
    with db.read() as session:
        left_id = audience.subscriber_id(session, left.address)
    if left_id is not None:
        subscribe.unsubscribe(db, seeded.newsletter_id, left_id, now=now, how="by hand", by=by)


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


def write_first_issue(db: Database, issue_id: int, *, by: int, now: datetime) -> None:
    """Writes the issue as far as the demo's editors got: an intro, words for most picks, and one TK among them.

    An issue that has an intro is left alone. What is left to do is left to whoever opens the desk.
    """
    with db.read() as session:
        board_now = issues.board(session, issue_id)
    if board_now.intro:
        return
    board.add_text(db, issue_id, None, INTRO, by=by, now=now)
    words = first_words()
    for block in (block for section in board_now.sections for block in section.blocks):
        blurb = words.get(slug_of(block), "")
        if blurb:
            version = block.version
            board.edit_pick(db, block.id, title="", link="", blurb=blurb, expected_version=version, by=by, now=now)


def slug_of(block: BoardBlock) -> str:
    """Returns the slug of the sample item that stands in a block; nothing for a text."""
    return "" if block.pick is None else (block.pick.link or "").rpartition("/")[2]


def newsletter_form(now: datetime) -> NewsletterForm:
    """Returns the demo's newsletter as an editor would fill it in."""
    return NewsletterForm(
        slug=SLUG,
        name="Held Out Weekly",
        tagline="Machine learning and data, tested on what the models have not seen.",
        sender_name="Held Out",
        sender_address=f"letter@{DOMAIN}",
        reply_to=f"desk@{DOMAIN}",
        postal_address="Held Out, 7 Sample Street, Splitton SP1 7ML",
        language="en-GB",
        cadence=Cadence(
            rhythm=Rhythm.WEEKLY,
            zone=ZONE,
            at=time(7, 0),
            anchor_on=now.date(),
            weekdays=(1,),
        ),
        # Nobody who looks at a demo waits for minutes.
        hold_minutes=0,
    )


def owner_id(db: Database, *, now: datetime) -> int:
    """Returns the id of Mina, who is made an owner where she is not there yet."""
    return _editor_id(db, *EDITORS[0], now=now)


def _editor_id(db: Database, address: str, name: str, role: Role, *, now: datetime) -> int:
    with db.read() as session:
        known = accounts.user_id(session, address)
    return known or admit.create_user(db, address, name=name, role=role, now=now)


def _newsletter(db: Database, *, now: datetime, by: int) -> int:
    with db.read() as session:
        known = newsletters.slug_owner(session, SLUG)
    if known is not None:
        return known
    newsletter_id = edit.create(db, newsletter_form(now), now=now, by=by)
    # All of its readers are made up and its relay is a sink: there is nobody whom test mode could save from anything.
    edit.go_live(db, newsletter_id, now=now, by=by)
    return newsletter_id


def _readers() -> list[Reader]:
    return made_up_readers(Random(_READERS_SEED))  # noqa: S311 - names of people who do not exist are no secret
