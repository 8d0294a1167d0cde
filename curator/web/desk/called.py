"""What the log calls promotions, slots, bookings, mutes, blocked terms and readers' tips."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from curator.activity.values import ActivityRow
from curator.db import Session
from curator.feeds import store as feeds
from curator.picks.tips import store as tips
from curator.promotions import store
from curator.promotions.book import in_words
from curator.web import words

_MOST_OF_A_LINK = 90


def promoted(session: Session, changes: Sequence[ActivityRow]) -> dict[str, dict[int, str]]:
    """Returns the names of promotions, slots and bookings by subject; a booking that was freed has one as well."""
    noted = {change.subject_id: _noted(change) for change in changes if change.subject == "booking"}
    booked = {key: each for key, each in noted.items() if each is not None}
    there = store.bookings_by_id(session, noted)
    booked |= {key: (each.promotion_id, each.issue_on) for key, each in there.items()}
    wanted = [*_of(changes, "promotion"), *(promotion_id for promotion_id, _ in booked.values())]
    names = {key: f"“{each.name}”" for key, each in store.promotions_by_id(session, wanted).items()}
    slots = store.slots_by_id(session, _of(changes, "promotion slot"))
    return {
        "promotion": names,
        "promotion slot": {key: f"“{each.name}”" for key, each in slots.items()},
        "booking": {
            key: f"{names.get(promotion_id, 'a promotion')} for the issue of {in_words(on)}"
            for key, (promotion_id, on) in booked.items()
        },
    }


def muted(session: Session, changes: Sequence[ActivityRow]) -> dict[int, str]:
    """Returns the names of mutes: the words, or the feed."""
    mutes = {
        change.subject_id: {**(change.before or {}), **(change.after or {})} for change in changes if _is_mute(change)
    }
    titles = feeds.feed_titles(session, _ids(fact.get("feed") for fact in mutes.values()))
    return {
        key: f"“{fact['words']}” in titles"
        if fact.get("words")
        else f"the feed {titles.get(fact.get('feed') or 0, '')}"
        for key, fact in mutes.items()
    }


def tipped(session: Session, changes: Sequence[ActivityRow]) -> dict[int, str]:
    """Returns the links of readers' tips, without their scheme and cut to a line."""
    links = tips.urls(session, _of(changes, "tip"))
    return {key: f"the tip {words.excerpt(url.partition('://')[2], _MOST_OF_A_LINK)}" for key, url in links.items()}


def blocked(changes: Sequence[ActivityRow]) -> dict[int, str]:
    """Returns the words of blocked terms."""
    return {
        change.subject_id: f"“{change.became('words') or change.was('words')}”"
        for change in changes
        if change.subject == "blocked term"
    }


def _is_mute(change: ActivityRow) -> bool:
    return change.subject == "mute"


def _noted(change: ActivityRow) -> tuple[int, date] | None:
    facts = {**(change.before or {}), **(change.after or {})}
    promotion_id, on = facts.get("promotion"), facts.get("issue_on")
    return (promotion_id, date.fromisoformat(on)) if isinstance(promotion_id, int) and isinstance(on, str) else None


def _of(changes: Sequence[ActivityRow], subject: str) -> list[int]:
    return _ids(change.subject_id for change in changes if change.subject == subject)


def _ids(found: Iterable[Any]) -> list[int]:
    return sorted({key for key in found if isinstance(key, int)})
