"""Small named builders with defaults; each takes what its test cares about."""

import dataclasses
import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from sqlalchemy import update

import curator.accounts.tables  # noqa: F401 - an issue's foreign key to its approver must find the table
from curator.audience.tables import Subscriber, Subscription
from curator.audience.values import SubscriptionState
from curator.db import Database
from curator.episodes import store as episodes
from curator.episodes.values import ListeningLink
from curator.feeds.tables import Enclosure, Episode, Feed, Item
from curator.feeds.values import ItemKind
from curator.issues.tables import Issue, Revision
from curator.issues.values import IssueState
from curator.letters.tables import Letter
from curator.newsletters.tables import Newsletter, Section
from curator.newsletters.values import (
    DEFAULT_SECTIONS,
    Cadence,
    NewsletterForm,
    Rhythm,
    Takes,
    WhenShort,
)
from curator.pictures.tables import SourcePicture
from curator.pictures.values import Picture, PictureState, Use

_LONG_AGO = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def newsletter_row(db: Database, *, slug: str = "ai-weekly", **columns: object) -> int:
    """A weekly newsletter without sections, written straight into its table."""
    given: dict[str, object] = {
        "name": "AI Weekly",
        "sender_name": "The AI Podcast",
        "sender_address": "news@podcast.example",
        "postal_address": "1 Quay Road, Harbour",
        "at": time(7, 0),
        "anchor_on": date(2026, 1, 5),
        "weekdays": [1],
        "created_at": _LONG_AGO,
        "live_at": _LONG_AGO,
        # What holds and waves do has tests of its own.
        "hold_minutes": 0,
        "wave_minutes": 0,
    }
    with db.write() as session:
        row = Newsletter(slug=slug, **(given | columns))
        session.add(row)
        session.flush()
        return row.id


def subscriber_rows(db: Database, newsletter_id: int, addresses: Sequence[str], *, name: str = "") -> list[int]:
    """Active subscribers, written straight into their tables; their ids in the order given."""
    with db.write() as session:
        people = [
            Subscriber(address=each, address_key=each.lower(), name=name, created_at=_LONG_AGO) for each in addresses
        ]
        session.add_all(people)
        session.flush()
        session.add_all(
            Subscription(
                subscriber_id=each.id,
                newsletter_id=newsletter_id,
                state=SubscriptionState.ACTIVE,
                changed_at=_LONG_AGO,
            )
            for each in people
        )
        return [each.id for each in people]


def approved_issue_row(
    db: Database, newsletter_id: int, *, number: int = 1, state: IssueState = IssueState.SCHEDULED, **columns: object
) -> int:
    """An issue with one rendered revision that is approved, written straight into its tables."""
    given: dict[str, object] = {
        "subject": "What we heard",
        "html": '<p>Hello <a href="https://unsubscribe.slot.invalid/">leave</a> reader@slot.invalid</p>',
        "text": "Hello\nleave: https://unsubscribe.slot.invalid/\nreader@slot.invalid\n",
    }
    given |= columns
    with db.write() as session:
        issue = Issue(
            newsletter_id=newsletter_id, number=number, state=state, approved_hash="a" * 64, created_at=_LONG_AGO
        )
        session.add(issue)
        session.flush()
        session.add(Revision(issue_id=issue.id, number=1, content_hash="a" * 64, created_at=_LONG_AGO, **given))
        return issue.id


def section_rows(db: Database, newsletter_id: int) -> list[int]:
    """The three sections of a podcast's newsletter with budgets 3, 2 and 4; their ids in order."""
    with db.write() as session:
        rows = [
            Section(newsletter_id=newsletter_id, title=title, takes=takes, budget=budget, position=position)
            for position, (title, takes, budget) in enumerate(
                (("Highlights", Takes.EPISODES, 3), ("Trends", Takes.TRENDS, 2), ("Recommendations", Takes.ARTICLES, 4))
            )
        ]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def feed_row(db: Database, title: str = "Latent Waves", **columns: object) -> int:
    """A feed that is polled, written straight into its table; its URL is made from its title."""
    given: dict[str, object] = {
        "url": f"https://{title.lower().replace(' ', '-')}.example/feed.xml",
        "next_poll_at": _LONG_AGO,
        "created_at": _LONG_AGO,
    }
    with db.write() as session:
        row = Feed(title=title, **(given | columns))
        session.add(row)
        session.flush()
        return row.id


def item_row(
    db: Database, feed_id: int | None, title: str, *, at: datetime, kind: ItemKind = ItemKind.ARTICLE, **columns: object
) -> int:
    """An item, written straight into its table; its URL is made from its title. An episode lasts 38 minutes."""
    url = f"https://site.example/{feed_id}/{title.lower().replace(' ', '-')}"
    given: dict[str, object] = {
        "identity": hashlib.sha256(url.encode()).hexdigest(),
        "url": url,
        "canonical_url": url,
        "content_hash": "0" * 64,
        "first_seen_at": at,
        "updated_at": at,
    }
    with db.write() as session:
        row = Item(feed_id=feed_id, title=title, at=at, kind=kind, **(given | columns))
        session.add(row)
        session.flush()
        if kind is ItemKind.EPISODE:
            session.add(Episode(item_id=row.id, duration_s=2280, number=41))
        return row.id


def episode_facts(db: Database, item_id: int, *, audio_url: str = "", **columns: object) -> None:
    """What a feed tells of an episode beyond its item, written straight into the tables."""
    with db.write() as session:
        session.execute(update(Episode).where(Episode.item_id == item_id).values(**({"item_id": item_id} | columns)))
        if audio_url:
            session.add(Enclosure(item_id=item_id, position=0, url=audio_url, media_type="audio/mpeg"))


def listening_links(db: Database, feed_id: int, *links: ListeningLink, item_id: int | None = None) -> None:
    """Where a show, or one of its episodes, can be listened to."""
    with db.write() as session:
        episodes.set_links(session, feed_id, item_id, links)


def newsletter_form(**fields: object) -> NewsletterForm:
    """A weekly newsletter of three sections, as an editor gives it."""
    given: dict[str, object] = {
        "slug": "ai-weekly",
        "name": "AI Weekly",
        "tagline": "",
        "sender_name": "The AI Podcast",
        "sender_address": "news@podcast.example",
        "reply_to": None,
        "postal_address": "1 Quay Road, Harbour",
        "language": "en",
        "cadence": Cadence(
            rhythm=Rhythm.WEEKLY, zone="Europe/London", at=time(7, 0), anchor_on=date(2026, 1, 5), weekdays=(1,)
        ),
        "draft_lead_hours": 72,
        "hold_minutes": 0,
        "wave_minutes": 0,
        "minimum_picks": 3,
        "when_short": WhenShort.HOLD,
        "sections": DEFAULT_SECTIONS,
    }
    return NewsletterForm(**(given | fields))  # type: ignore[arg-type]  # a builder's fields are as its test gives them


def change_newsletters(db: Database, **columns: object) -> None:
    """Writes columns of every newsletter straight into the table."""
    with db.write() as session:
        session.execute(update(Newsletter).values(**columns))


def letter_row(db: Database, *, at: datetime, address: str, **columns: object) -> None:
    """A letter that was written at a moment, straight into its table."""
    with db.write() as session:
        session.add(Letter(address=address, address_key=address.lower(), due_at=at, created_at=at, **columns))


def picture_row(db: Database, url: str, *, use: Use = Use.WIDE, at: datetime = _LONG_AGO, **columns: object) -> Picture:
    """A picture that was fetched from `url` and is kept, written straight into its table; its file is not there."""
    kept = Picture(hashlib.sha256(f"{url} {use}".encode()).hexdigest()[:32] + ".jpg", 528, 300, 40_000)
    if use is Use.ARTWORK:
        kept = dataclasses.replace(kept, width=128, height=128)
    given: dict[str, object] = {"state": PictureState.STORED, "stored_at": at, "tried_at": at}
    with db.write() as session:
        row = SourcePicture(url=url, use=use, **dataclasses.asdict(kept), **(given | columns))
        session.add(row)
    return kept
