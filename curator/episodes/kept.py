"""Lists as the JSON columns keep them, and back: what is no http(s) address has gone by the way. Pure."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from curator.episodes.values import MAX_CHAPTERS, Guest, Mention, MentionKind, WebLink, Words
from curator.feeds.values import Chapter, Person
from curator.http.urls import absolute_url

Row = Mapping[str, Any]
_MOST_PEOPLE = 100
_PLAIN = ("title", "subtitle", "summary", "artwork_url", "artwork_alt", "artwork_credit")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


def people(rows: Iterable[Row] | None) -> tuple[Person, ...]:
    """Returns the people of the feed's JSON; those without a name are left out."""
    found = (
        Person(
            name=_text(row, "name"),
            role=_text(row, "role") or "host",
            group=_text(row, "group") or "cast",
            href=_url(row, "href"),
            image_url=_url(row, "image_url"),
        )
        for row in rows or ()
    )
    return tuple(person for person in found if person.name)[:_MOST_PEOPLE]


def chapters(rows: Iterable[Row] | None) -> tuple[Chapter, ...]:
    """Returns the chapters of a JSON column; those without a title are left out."""
    found = (
        Chapter(_second(row.get("start_s")), _text(row, "title"), _url(row, "url"), _url(row, "image_url"))
        for row in rows or ()
    )
    return tuple(chapter for chapter in found if chapter.title)[:MAX_CHAPTERS]


def guests(rows: Iterable[Row]) -> tuple[Guest, ...]:
    """Returns the guests of an editor's JSON."""
    return tuple(
        Guest(
            name=_text(row, "name"),
            role=_text(row, "role"),
            biography=_text(row, "biography"),
            links=tuple(
                WebLink(url, _text(link, "label")) for link in row.get("links") or () if (url := _url(link, "url"))
            ),
            image_url=_url(row, "image_url"),
        )
        for row in rows
    )


def mentions(rows: Iterable[Row]) -> tuple[Mention, ...]:
    """Returns the things mentioned of an editor's JSON; a kind that is not known is another thing."""
    kinds = {kind.value: kind for kind in MentionKind}
    return tuple(
        Mention(kinds.get(_text(row, "kind"), MentionKind.OTHER), _text(row, "title"), _url(row, "url")) for row in rows
    )


def language(tag: str | None) -> str | None:
    """Returns a language's tag as HTML takes it ("en-GB"), None for what is none (BCP 47, by its form)."""
    return tag if tag and _LANGUAGE.fullmatch(tag) else None


def columns(words: Words) -> dict[str, Any]:
    """Returns an editor's words as their table's columns."""
    return {name: _plain(value) for name, value in vars(words).items()}


def words(row: Row) -> Words:
    """Returns an editor's words from what `columns` makes of them; what is None or missing is the feed's."""
    lists: dict[str, Any] = {
        "guests": guests,
        "topics": tuple,
        "mentions": mentions,
        "chapters": chapters,
    }
    plain = {name: row.get(name) for name in _PLAIN}
    return Words(**plain, **{name: None if row.get(name) is None else made(row[name]) for name, made in lists.items()})


def _plain(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    return [one if isinstance(one, str) else asdict(one) for one in value]


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return value.strip() if isinstance(value, str) else ""


def _url(row: Row, name: str) -> str | None:
    value = row.get(name)
    return absolute_url(value) if isinstance(value, str) and value else None


def _second(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None
