"""Items, sections and a newsletter as values, with defaults."""

from datetime import UTC, date, datetime, time, timedelta

from curator.feeds.values import FreshItem, ItemKind
from curator.newsletters.values import Cadence, NewsletterSpec, Rhythm, SectionSpec, Takes, WhenShort

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def item(
    title: str = "A history of index cards",
    *,
    id: int = 1,  # noqa: A002 - named like the field
    feed_id: int | None = 1,
    feed_title: str = "Row Store",
    kind: ItemKind = ItemKind.ARTICLE,
    days: float = 1,
    url: str | None = "https://site.example/1",
    canonical_url: str | None = None,
    author: str = "",
    summary_html: str = "",
    summary_text: str = "",
    audio_url: str | None = None,
    duration_s: int | None = None,
    season: int | None = None,
    number: int | None = None,
) -> FreshItem:
    at = NOW - timedelta(days=days)
    return FreshItem(
        id=id,
        feed_id=feed_id,
        feed_title=feed_title,
        kind=kind,
        url=url,
        canonical_url=canonical_url,
        title=title,
        author=author,
        summary_html=summary_html,
        summary_text=summary_text,
        image_url=None,
        at=at,
        first_seen_at=at,
        is_archive=False,
        audio_url=audio_url,
        duration_s=duration_s,
        season=season,
        number=number,
    )


def section(id: int = 1, takes: Takes = Takes.ARTICLES, *, budget: int = 4) -> SectionSpec:  # noqa: A002 - named like the field
    return SectionSpec(id=id, title=takes.value.capitalize(), takes=takes, budget=budget, position=id)


def newsletter(*, zone: str = "Europe/London", language: str = "en") -> NewsletterSpec:
    return NewsletterSpec(
        id=1,
        slug="weekly",
        name="The Weekly Wave",
        tagline="",
        sender_name="The Weekly Wave",
        sender_address="news@wave.example",
        reply_to=None,
        postal_address="",
        language=language,
        cadence=Cadence(Rhythm.WEEKLY, zone, time(7, 0), date(2026, 1, 5), weekdays=(1,)),
        draft_lead_hours=72,
        minimum_picks=3,
        when_short=WhenShort.HOLD,
        is_paused=False,
        sections=(section(),),
    )
