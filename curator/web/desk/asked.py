"""Whom a list of subscribers is to show: the fields of its form, read into one filter, with what is wrong in them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from curator.audience.matching import store as matching
from curator.audience.matching.store import Scope, Wanted
from curator.audience.segments.parse import MAX_DAYS, parse
from curator.audience.segments.spell import spelled
from curator.audience.segments.values import (
    Before,
    CameFrom,
    Count,
    Deed,
    Did,
    Fact,
    Filter,
    Interested,
    Is,
    Not,
    Since,
    Tagged,
    Within,
    both,
)
from curator.audience.segments.words import MAX_CHARACTERS, WordsError
from curator.db import Session
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.forms import Form

COUNTS_WITHIN = timedelta(seconds=1.5)
"""A count is exact if it takes no longer; a page is not kept waiting for more."""

FIELDS = (
    *("q", "words", "state", "tag", "interest", "source", "clicked"),
    *("joined_from", "joined_to", "left_from", "left_to", "is"),
)
_STATES = {"active": Fact.ACTIVE, "pending": Fact.PENDING, "left": Fact.LEFT}
_CHOICES = {"paused": Is(Fact.PAUSED), "text-only": Is(Fact.TEXT_ONLY), "suppressed": Is(Fact.SUPPRESSED)}


@dataclass(frozen=True)
class Asked:
    """What was asked for: the form as it was filled in, and the filter that it comes to."""

    form: Form
    wanted: Wanted
    newsletter: NewsletterSpec

    @property
    def words(self) -> str:
        """The whole filter in the language's words; empty where everybody is shown."""
        return "" if self.wanted.filter is None else spelled(self.wanted.filter)

    def address(self, endpoint: str = "desk.subscribers", **more: object) -> str:
        """Returns the address of a page about the same readers."""
        fields = {name: self.form.value(name) or None for name in FIELDS}
        values: dict[str, Any] = {"newsletter": self.newsletter.id, **fields, **more}
        return url_for(endpoint, **values)

    def folded(self) -> dict[str, Any]:
        """Returns the fields by which a form or a link says the same: the search, and all the rest as words."""
        return {name: text for name, text in (("q", self.wanted.search), ("words", self.words)) if text}


def asked(newsletter: NewsletterSpec, given: MultiDict[str, str] | None = None) -> Asked:
    """Returns what the address (or a form) asks for; what cannot be understood is refused beside its field."""
    fields = request.args if given is None else given
    form = Form({name: fields.get(name, "").strip() for name in FIELDS})
    search = form.line("q", at_most=200)
    parts = [_typed(form), _state(form), *_named(form), *_choice(form), *_between(form), _clicked(form)]
    filter_ = both(*parts) if form.is_good else None
    if filter_ is not None and len(spelled(filter_)) > MAX_CHARACTERS:
        form.refuse("words", "All of this together is too long for a filter. Leave something out.")
    return Asked(form, Wanted(filter_ if form.is_good else None, search), newsletter)


def scope(session: Session, of: Asked) -> Scope:
    """Returns what the filter's names mean in the newsletter."""
    zone = of.newsletter.cadence.zone
    return matching.scope(session, of.newsletter.id, of.wanted.filter, zone=zone, now=here.now())


def count(session: Session, of: Asked, where: Scope) -> Count:
    """Returns how many fit, exactly or about: it never takes long."""
    return matching.count(session, of.wanted, where, limit=COUNTS_WITHIN)


def _typed(form: Form) -> Filter | None:
    words = form.value("words")
    if not words:
        return None
    try:
        return parse(words)
    except WordsError as error:
        form.take(error)
        return None


def _state(form: Form) -> Filter | None:
    state = _STATES.get(form.value("state"))
    return None if state is None else Is(state)


def _named(form: Form) -> list[Filter | None]:
    kinds = (("tag", Tagged), ("interest", Interested), ("source", CameFrom))
    found: list[Filter | None] = []
    for name, kind in kinds:
        text = form.line(name, at_most=100)
        found.append(kind(text) if text else None)
    return found


def _choice(form: Form) -> list[Filter | None]:
    value = form.value("is")
    chosen = _CHOICES.get(value.removeprefix("not-"))
    if chosen is None:
        return []
    return [Not(chosen) if value.startswith("not-") else chosen]


def _between(form: Form) -> list[Filter | None]:
    """Days are meant with both ends: whoever joined on the last day is in."""
    found: list[Filter | None] = []
    for deed in (Deed.JOINED, Deed.LEFT):
        first, last = _day(form, f"{deed.value}_from"), _day(form, f"{deed.value}_to")
        found.append(None if first is None else Did(deed, Since(first)))
        found.append(None if last is None else Did(deed, Before(last + timedelta(days=1))))
    return found


def _day(form: Form, name: str) -> date | None:
    text = form.value(name)
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not 1990 <= day.year < 2199:
        form.refuse(name, "Give a day, such as 2026-06-01.")
        return None
    return day


def _clicked(form: Form) -> Filter | None:
    text = form.value("clicked")
    if not text:
        return None
    is_not = text.startswith("not-")
    number = text.removeprefix("not-")
    if not number.isascii() or not number.isdigit() or not 1 <= int(number[:6]) <= MAX_DAYS:
        form.refuse("clicked", "Choose one of the list.")
        return None
    found = Did(Deed.CLICKED, Within(int(number[:6])))
    return Not(found) if is_not else found
