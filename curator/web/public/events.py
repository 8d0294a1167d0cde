"""The dated event on an episode's page.

Sponsors' slots belong to issues, whose dates they are booked for. A page has none of them: what stands on it is an
event of the newsletter's own promotions, the next to end of those that may be seen, and nothing from its end on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from curator.db import Session
from curator.issues import compose, markdown
from curator.newsletters.values import NewsletterSpec
from curator.promotions import due, store
from curator.promotions.values import Promotion, PromotionKind, label_of
from curator.web.public.archive import sponsored


@dataclass(frozen=True)
class Event:
    """A promotion as the page shows it: its label, what is told of when and where, its words."""

    promotion: Promotion
    label: str
    facts: str
    body: Markup
    language: str

    def kept_s(self, most_s: int, *, now: datetime) -> int:
        """Returns how long caches may keep a page that shows it: never beyond its end."""
        ends_at = self.promotion.ends_at
        return most_s if ends_at is None else min(most_s, max(int((ends_at - now).total_seconds()), 0))


def coming(session: Session, papers: Sequence[NewsletterSpec], *, now: datetime) -> Event | None:
    """Returns the event that ends next of those that may be seen; a query a newsletter."""
    found = [
        (each.ends_at, each.id, each, paper)
        for paper in papers
        for each in store.promotions(session, paper.id)
        if each.kind is PromotionKind.EVENT and each.ends_at is not None and due.may_be_seen(each, at=now)
    ]
    if not found:
        return None
    _, _, promotion, paper = min(found, key=lambda each: each[:2])
    body = sponsored(markdown.html(promotion.words.text))
    return Event(promotion, label_of(promotion, None), _facts(promotion, paper), body, paper.language)


def _facts(promotion: Promotion, paper: NewsletterSpec) -> str:
    if promotion.event_at is None:
        return promotion.event_place
    at = promotion.event_at.astimezone(ZoneInfo(paper.cadence.zone))
    when = f"{compose.dated(at, language=paper.language)}, {at:%H:%M} {paper.cadence.zone}"
    return ", ".join(told for told in (when, promotion.event_place) if told)
