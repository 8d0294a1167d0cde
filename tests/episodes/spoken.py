"""An own show's episode with what its feed links to, a short conversation, and small ways to look at rows."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import select, update

from curator.db import Database
from curator.episodes.transcripts import store
from curator.episodes.transcripts.values import StoredTurn
from curator.feeds.tables import Enclosure, Episode, Item
from curator.feeds.values import ItemKind, TranscriptLink
from tests.builders import feed_row, item_row

PLACE = "https://show.example"
ANSWER = (
    "What we measured is how long people keep a habit when nobody reminds them of it. Most reminders only train the "
    "hand to swipe them away. When we took them out, two thirds went on by themselves, and those who stopped had never "
    "wanted the habit in the first place. So a reminder is a way to measure wishes, not a way to make them."
)
VTT = f"""WEBVTT

00:00:00.000 --> 00:00:04.000
<v Mina Okafor>Welcome to the show, and thank you for coming.

00:00:04.000 --> 00:00:06.000
<v Theo Brandt>Thank you, it is a pleasure to be here.

00:12:03.000 --> 00:12:09.000
<v Mina Okafor>What did you find out about reminders in your long study of habits?

00:12:09.000 --> 00:12:40.000
<v Theo Brandt>{ANSWER}

00:12:40.000 --> 00:12:44.000
<v Mina Okafor>That is a surprise.
"""


def show_row(db: Database, **columns: object) -> int:
    return feed_row(db, "The AI Podcast", is_own_show=True, kind="podcast", **columns)


def episode_row(
    db: Database,
    feed_id: int,
    *,
    at: datetime,
    title: str = "Tide pools",
    links: Sequence[TranscriptLink] = (),
    chapters_url: str | None = None,
) -> int:
    """An episode with audio, whose feed links to transcripts and chapters."""
    item_id = item_row(db, feed_id, title, at=at, kind=ItemKind.EPISODE)
    with db.write() as session:
        session.execute(
            update(Episode)
            .where(Episode.item_id == item_id)
            .values(transcripts=[asdict(link) for link in links], chapters_url=chapters_url)
        )
        url = f"{PLACE}/{item_id}.mp3"
        session.add(Enclosure(item_id=item_id, position=0, url=url, media_type="audio/mpeg"))
    return item_id


def link(name: str, media_type: str, language: str | None = None) -> TranscriptLink:
    return TranscriptLink(f"{PLACE}/{name}", media_type, language)


def stored(db: Database, item_id: int) -> list[StoredTurn]:
    with db.read() as session:
        return store.turns(session, item_id)


def chapters_of(db: Database, item_id: int) -> list[dict[str, object]]:
    with db.read() as session:
        return session.scalars(select(Episode.chapters).where(Episode.item_id == item_id)).one()


def feed_says(db: Database, item_id: int, *links: TranscriptLink, at: datetime) -> None:
    """The feed was polled and changed its mind about an episode."""
    with db.write() as session:
        rows = [asdict(each) for each in links]
        session.execute(update(Episode).where(Episode.item_id == item_id).values(transcripts=rows))
        session.execute(update(Item).where(Item.id == item_id).values(updated_at=at))


HOUR = timedelta(hours=1)
