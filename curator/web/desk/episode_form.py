"""An episode as form fields, and form fields as an editor's words."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from curator.episodes import check
from curator.episodes.suggest import Suggestions
from curator.episodes.timecodes import clock, seconds
from curator.episodes.values import EpisodeView, Guest, ListeningLink, Mention, MentionKind, WebLink, Words
from curator.feeds.values import Chapter
from curator.http.urls import absolute_url
from curator.web.desk import link_rows
from curator.web.forms import Form

T = TypeVar("T")

KINDS = [
    (MentionKind.BOOK, "Book"),
    (MentionKind.VIDEO, "Video"),
    (MentionKind.SITE, "Site"),
    (MentionKind.PAPER, "Paper"),
    (MentionKind.OTHER, "Something else"),
]
LINES = ("title", "subtitle", "artwork_url", "artwork_alt", "artwork_credit")
NO_TIME = "-"
"""Stands before a chapter whose time nobody knows."""

_MOST_ROWS = 90
_ROWS = {"guest": ("name", "role", "biography", "links", "image"), "mention": ("title", "url")}
_GROUPS = {"guest": "guests", "mention": "mentions", "link": "links"}


@dataclass(frozen=True)
class Typed:
    """What a form says of an episode: `words` as an arrow takes them, and the episode's own links."""

    words: Words
    links: tuple[ListeningLink, ...]


def values_of(view: EpisodeView) -> dict[str, str]:
    """Returns the fields of an episode as it stands; `was-…` tell later which of them somebody touched."""
    values = _values(view)
    typed = _read(Form(values), view)
    return values | {f"was-{group}": _digest(value) for group, value in typed.items()} | {"version": str(view.version)}


def read(form: Form, view: EpisodeView) -> Typed:
    """Returns what was typed; complaints stand in the form.

    What nobody touched stays as it is in the database: a feed's word that a poll has changed since stays the feed's.
    """
    typed, shown = _read(form, view), _read(Form(_values(view)), view)
    links = view.own_links if is_untouched(form, "links", typed, shown) else typed.pop("links")
    typed.pop("links", None)
    words = {
        group: getattr(view.words, group) if is_untouched(form, group, typed, shown) else value
        for group, value in typed.items()
    }
    words |= {group: None for group in words if form.value(f"feed-{group}") == "yes"}
    # A title is never empty, and a feed says neither whose a picture is nor what it shows.
    words |= {name: words[name] or None for name in ("title", "artwork_alt", "artwork_credit")}
    found = Words(**words)
    for field, reason in (*check.complaints(found), *check.link_complaints(links)):
        form.refuse(field, reason)
    return Typed(found, links)


def with_suggestions(words: Words, view: EpisodeView, offered: Suggestions, which: str) -> Words:
    """Returns an editor's words with what was suggested for one of the lists at its end."""
    match which:
        case "guests" | "people":
            known = view.guests if words.guests is None else words.guests
            more = offered.guests if which == "guests" else offered.people
            return replace(words, guests=_joined(known, more))
        case "topics":
            return replace(words, topics=_joined(words.topics or (), offered.topics))
        case "mentions":
            return replace(words, mentions=_joined(words.mentions or (), offered.mentions))
        case _:
            return words


def _joined(known: tuple[T, ...], more: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys((*known, *more)))


def row_numbers(form: Form, stem: str) -> range:
    """Returns the numbers of the rows of a list that a form shows."""
    field = f"{stem}-{_ROWS[stem][0]}"
    return range(next((number for number in range(_MOST_ROWS) if f"{field}-{number}" not in form.values), _MOST_ROWS))


def is_untouched(form: Form, group: str, typed: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Tells whether a field or a list is as the form was filled, or as it stands by now."""
    return typed[group] == shown[group] or _digest(typed[group]) == form.value(f"was-{group}")


def mine(form: Form, view: EpisodeView) -> tuple[dict[str, str], dict[str, str]]:
    """Returns the fields as they stand by now, and as this editor would leave them: what they did not touch follows."""
    theirs = _values(view)
    typed, shown = _read(form, view), _read(Form(dict(theirs)), view)
    is_kept = {group: is_untouched(form, group, typed, shown) for group in shown}
    names = [name for name in {**theirs, **form.values} if group_of(name) in is_kept]
    kept = {
        name: theirs.get(name, "") if is_kept[group_of(name)] else form.value(name).replace("\r\n", "\n")
        for name in names
    }
    return theirs, kept


def group_of(name: str) -> str:
    """Returns the list that a field belongs to, or the field itself."""
    return _GROUPS.get(name.partition("-")[0], name)


def label_of(name: str) -> str:
    """Returns what a field is called where it stands alone: "Guest 2, biography"."""
    found = re.fullmatch(r"(\w+)-(\w+)-(\d+)", name)
    if found is None:
        return name.replace("_", " ").capitalize()
    return f"{found[1].capitalize()} {int(found[3]) + 1}, {found[2]}"


def is_long(name: str) -> bool:
    """Tells whether a field holds several lines."""
    return name in ("summary", "topics", "chapters") or name.startswith(("guest-biography", "guest-links"))


def _values(view: EpisodeView) -> dict[str, str]:
    art = view.artwork
    return {
        "title": view.title,
        "subtitle": view.subtitle,
        "summary": view.summary if view.words.summary is not None else _as_paragraphs(view.summary),
        "artwork_url": art.url if art else "",
        "artwork_alt": view.words.artwork_alt or "",
        "artwork_credit": view.words.artwork_credit or "",
        **_guest_values(view.guests),
        "topics": "\n".join(view.topics),
        **_mention_values(view.mentions),
        "chapters": "\n".join(_chapter_line(chapter) for chapter in view.chapters),
        **link_rows.values_of(view.own_links),
    }


def _as_paragraphs(summary: str) -> str:
    """A feed's text has a line for each paragraph; in the editor's Markdown an empty line parts them."""
    return summary.replace("\n", "\n\n")


def _read(form: Form, view: EpisodeView) -> dict[str, Any]:
    """Returns every field and list that was typed, before anything is said about them; rows are closed up."""
    guests, mentions = _guests(form), _mentions(form)
    for stem, values in (("guest", _guest_values(guests)), ("mention", _mention_values(mentions))):
        for name in [name for name in form.values if name.startswith(f"{stem}-")]:
            del form.values[name]
        form.values |= values
    return {
        **{name: " ".join(form.value(name).split()) for name in LINES},
        "artwork_url": _address(form.value("artwork_url")),
        "summary": form.value("summary").replace("\r\n", "\n").strip(),
        "guests": guests,
        "topics": tuple(dict.fromkeys(_lines(form.value("topics")))),
        "mentions": mentions,
        "chapters": tuple(
            _chapter(form, number, line) for number, line in enumerate(_lines(form.value("chapters")), 1)
        ),
        "links": link_rows.read(form, site_url=view.told.show_site),
    }


def _guests(form: Form) -> tuple[Guest, ...]:
    found = []
    for number in row_numbers(form, "guest"):
        name, role, biography, links, image = (form.value(f"guest-{field}-{number}") for field in _ROWS["guest"])
        if any(text.strip() for text in (name, role, biography, links, image)):
            guest = Guest(
                name=" ".join(name.split()),
                role=" ".join(role.split()),
                biography=biography.replace("\r\n", "\n").strip(),
                links=tuple(_web_link(line) for line in _lines(links)),
                image_url=_address(image) or None,
            )
            found.append(guest)
    return tuple(found)


def _mentions(form: Form) -> tuple[Mention, ...]:
    found = []
    kinds = {kind.value: kind for kind in MentionKind}
    for number in row_numbers(form, "mention"):
        title, url = (form.value(f"mention-{field}-{number}") for field in _ROWS["mention"])
        if title.strip() or url.strip():
            kind = kinds.get(form.value(f"mention-kind-{number}"), MentionKind.OTHER)
            found.append(Mention(kind, " ".join(title.split()), _address(url) or None))
    return tuple(found)


def _guest_values(guests: Sequence[Guest]) -> dict[str, str]:
    values: dict[str, str] = {}
    for number, guest in enumerate((*guests, Guest(""))):
        links = "\n".join(f"{link.url} {link.label}".strip() for link in guest.links)
        fields = (guest.name, guest.role, guest.biography, links, guest.image_url or "")
        values |= {f"guest-{name}-{number}": text for name, text in zip(_ROWS["guest"], fields, strict=True)}
    return values


def _mention_values(mentions: Sequence[Mention]) -> dict[str, str]:
    values: dict[str, str] = {}
    for number, mention in enumerate((*mentions, Mention(MentionKind.BOOK, ""))):
        values[f"mention-kind-{number}"] = mention.kind
        values[f"mention-title-{number}"] = mention.title
        values[f"mention-url-{number}"] = mention.url or ""
    return values


def _chapter_line(chapter: Chapter) -> str:
    time = NO_TIME if chapter.start_s is None else clock(chapter.start_s)
    return f"{time} {chapter.title} {chapter.url or ''}".strip()


def _chapter(form: Form, number: int, line: str) -> Chapter:
    time, _, rest = line.partition(" ")
    words, _, last = rest.strip().rpartition(" ")
    is_link = last.startswith(("http://", "https://"))
    start_s = seconds(time)
    if start_s is None and time != NO_TIME:
        form.refuse("chapters", f"Line {number} does not begin with a time such as 12:40.")
    title = words.strip() if is_link else rest.strip()
    return Chapter(None if start_s is None else float(start_s), title, _address(last) if is_link else None)


def _web_link(line: str) -> WebLink:
    url, _, label = line.partition(" ")
    return WebLink(_address(url), label.strip())


def _address(typed: str) -> str:
    """Returns an address as it is kept; what is none stays as it was typed, to be complained about."""
    return absolute_url(typed) or typed.strip()


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]
