"""The demo's promotions: a slot, what runs in it by default, and a sponsor who is booked into the coming issue."""

from datetime import date, datetime, timedelta

from curator.db import Database
from curator.demo.feedserver import FeedServer
from curator.demo.samples.documents import site_path
from curator.demo.samples.texts import sample_feeds
from curator.demo.seed import Seeded
from curator.newsletters import store as newsletters
from curator.promotions import book, edit, store
from curator.promotions.values import PromotionForm, PromotionKind, SlotForm, SlotPlace, Words

# Long enough for whoever moves the demo's issue by a week or two.
_SEEN_FOR = timedelta(days=28)
_EVENT_IN = timedelta(days=17)
EVENT = "Held Out, live: bring a benchmark"
HOUSE = "Which data set did not hold up for you?"
SPONSOR = "The Tabular field guide, free for readers of this letter"


def write_promotions(db: Database, server: FeedServer, seeded: Seeded, *, now: datetime) -> None:
    """Makes the slot, fills it and books it where there is none; a second call adds nothing.

    It comes before the first issue is drafted: a slot stands in the issues that are drafted after it.
    """
    newsletter_id, by = seeded.newsletter_id, seeded.owner_id
    with db.read() as session:
        if store.slots(session, newsletter_id, with_put_away=True):
            return
        section_id = newsletters.newsletter(session, newsletter_id).sections[0].id
        schedule = newsletters.schedule(session, newsletter_id)
    house_id = edit.write_promotion(db, newsletter_id, _house(server), by=by, now=now)
    edit.write_promotion(db, newsletter_id, _event(server, now=now), by=by, now=now)
    slot_id = edit.make_slot(db, newsletter_id, _slot(section_id, house_id), by=by, now=now)
    if schedule.next_slot is None or schedule.next_issue_at is None:
        return
    sponsor = _sponsor(server, now=now, ends_at=schedule.next_issue_at + _SEEN_FOR)
    promotion_id = edit.write_promotion(db, newsletter_id, sponsor, by=by, now=now)
    book.book(db, slot_id, date.fromisoformat(schedule.next_slot[:10]), promotion_id, by=by, now=now)


def _slot(section_id: int, house_id: int) -> SlotForm:
    """Returns a slot below the highlights, where readers have something of the editors' own behind them."""
    return SlotForm(
        name="Main sponsor",
        place=SlotPlace.SECTION,
        section_id=section_id,
        position=49,
        max_title=70,
        house_id=house_id,
    )


def _house(server: FeedServer) -> PromotionForm:
    text = "Write to us in two lines: what it promised, and what you found. The best three come into an episode."
    words = Words(HOUSE, text, _home_of(server, "held-out"))
    return PromotionForm(kind=PromotionKind.HOUSE, sponsor="", words=words)


def _sponsor(server: FeedServer, *, now: datetime, ends_at: datetime) -> PromotionForm:
    text = "Forty pages on **files, indexes and missing values**, with every query to run yourself. No account needed."
    words = Words(SPONSOR, text, _home_of(server, "tabular"))
    return PromotionForm(kind=PromotionKind.SPONSOR, sponsor="Tabular", words=words, begins_at=now, ends_at=ends_at)


def _event(server: FeedServer, *, now: datetime) -> PromotionForm:
    """Returns an event of the show's own: it stands on its episodes' pages until it begins."""
    begins_at = (now + _EVENT_IN).replace(hour=19, minute=0, second=0, microsecond=0)
    words = Words(EVENT, "An evening on test sets, live and **recorded with the room**.", _home_of(server, "held-out"))
    return PromotionForm(
        kind=PromotionKind.EVENT,
        sponsor="",
        words=words,
        begins_at=now,
        ends_at=begins_at,
        event_at=begins_at,
        event_place="The Reading Room, Splitton",
    )


def _home_of(server: FeedServer, name: str) -> str:
    """Returns a page on this machine: an invented sponsor has none elsewhere."""
    return server.base_url + site_path(next(feed for feed in sample_feeds() if feed.name == name))
