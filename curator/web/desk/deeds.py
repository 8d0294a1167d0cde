"""Changes in words: who did what to what, and what it was before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from curator.accounts import store as accounts
from curator.accounts.values import Right
from curator.activity.values import ActivityRow
from curator.audience import store as audience
from curator.db import Session
from curator.feeds import store as feeds
from curator.issues import store as issues
from curator.issues.blocks import store as block_store
from curator.newsletters import store as newsletters
from curator.web import here
from curator.web.desk import called, whose
from curator.web.desk.phrases import PHRASES, SHOWN
from curator.web.desk.reverts import may_undo, why_not
from curator.web.differences import Piece, differences


@dataclass(frozen=True)
class Detail:
    """One thing that a change changed, with the words that went and came."""

    label: str
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class Entry:
    """A line of the log: `said` before and `rest` after the name of the thing, which has a page where `url` is set."""

    change: ActivityRow
    who: str
    said: str
    thing: str
    url: str | None
    rest: str
    details: Sequence[Detail]
    is_undoable: bool
    why_not: str
    undone_by: str

    @property
    def words(self) -> str:
        """The whole line."""
        return f"{self.who} {self.said}{self.thing}{self.rest}"


@dataclass(frozen=True)
class _Names:
    """What things are called that a page of the log speaks of: `things` by subject, blocks by their items.

    `closed` are the issues in which nothing can change any more.
    """

    things: Mapping[str, Mapping[int, str]]
    sections: Mapping[int, str]
    blocks: Mapping[int, int]
    closed: frozenset[int]

    def person(self, user_id: int | None) -> str:
        return "Curator" if user_id is None else self.things["user"].get(user_id, "Somebody")


def entries(session: Session, changes: Sequence[ActivityRow]) -> list[Entry]:
    """Returns changes as lines of the log, in their order; a fixed number of queries."""
    names, newsletter_of = _names(session, changes), whose.finder(session)
    return [_entry(change, names, newsletter_of(change)) for change in changes]


def people(session: Session) -> dict[int, str]:
    """Returns everybody who has or had a place at the desk, by id."""
    return {person.id: person.name for person in accounts.editors(session)}


def _entry(change: ActivityRow, names: _Names, newsletter_id: int | None) -> Entry:
    thing, url = _thing(change, names)
    said, at, rest = PHRASES.get(change.deed, f"{change.verb} @").partition("@")
    who = names.person(change.actor)
    if change.is_by_command:
        who = f"{who}, by a command," if change.actor is not None else "The operator at the command line"
    elif change.actor is None and change.subject == "subscriber":
        # What readers do themselves is said of them.
        who, thing, url, at = thing, "", None, ""
    if change.deed == "booking.sent words for":
        who = "A sponsor"
    if change.via:
        who = f"{who} (by the API token “{change.via}”)"
    facts = _facts(change, names)
    return Entry(
        change=change,
        who=who,
        said=said.format_map(facts),
        thing=thing if at else "",
        url=url if at else None,
        rest=rest.format_map(facts),
        details=_details(change),
        is_undoable=may_undo(change, newsletter_id) and not _is_over(change, names),
        why_not=why_not(change),
        undone_by="" if change.undone_at is None else names.person(change.undone_by),
    )


def _is_over(change: ActivityRow, names: _Names) -> bool:
    return change.subject in ("issue", "check") and change.subject_id in names.closed


_PAGES = {
    "issue": ("desk.board", "issue_id"),
    "check": ("desk.preview", "issue_id"),
    "correction": ("desk.issue_corrections", "issue_id"),
    "feed": ("desk.feed", "feed_id"),
    "show": ("desk.show", "feed_id"),
    "item": ("desk.item", "item_id"),
    "episode": ("desk.item", "item_id"),
    "newsletter": ("desk.newsletter", "newsletter"),
    "mailing": ("desk.mailing", "mailing_id"),
    "subscriber": ("desk.subscriber", "subscriber_id"),
    "promotion": ("desk.promotion", "promotion_id"),
    "promotion slot": ("desk.slot", "slot_id"),
}
_SOMEBODY = {"subscriber": "a reader", "user": "somebody", "item": "an item", "episode": "an episode"}


def _thing(change: ActivityRow, names: _Names) -> tuple[str, str | None]:
    """Returns what a change's thing is called, and its page where it has one that may be seen."""
    name, page = names.things.get(change.subject, {}).get(change.subject_id), _PAGES.get(change.subject)
    if name is None:
        noted = (
            change.became("name") or change.was("name") or change.was("title") or (change.was("row") or {}).get("title")
        )
        return str(noted or _SOMEBODY.get(change.subject, f"a {change.subject.replace('_', ' ')}")), None
    is_shown = page is not None and (change.subject != "newsletter" or here.may(Right.MANAGE))
    return name, _page_of(page, change.subject_id) if page and is_shown else None


def _page_of(page: tuple[str, str], key: int) -> str:
    values: dict[str, Any] = {page[1]: key}
    return url_for(page[0], **values)


class _Facts(dict[str, Any]):
    """What a phrase may speak of; what is not known has a word for that."""

    def __missing__(self, key: str) -> str:
        return "something"


def _facts(change: ActivityRow, names: _Names) -> _Facts:
    facts = _Facts({**(change.before or {}), **(change.after or {})})
    section = change.became("section")
    facts["item"] = _what(facts, names)
    facts["section"] = names.sections.get(section, "a section") if section else "the intro"
    if isinstance(at := facts.get("send_at"), str):
        facts["send_at"] = f"{datetime.fromisoformat(at):%a %d %b, %H:%M} UTC"
    return facts


def _what(facts: Mapping[str, Any], names: _Names) -> str:
    """Returns what stands, or stood, in the block that a change was about."""
    pick, block = facts.get("pick"), facts.get("block")
    if isinstance(pick, dict):
        return f"“{pick['title']}”"
    if isinstance(facts.get("title"), str) and facts["title"]:
        return f"“{facts['title']}”"
    if facts.get("shown"):
        return f"the promotion “{facts['shown']}”"
    if facts.get("slot") or facts.get("promotion"):
        return "a promotion"
    if facts.get("body"):
        is_made = ((facts.get("rows") or {}).get("block") or {}).get("facts") is not None
        return f"“{facts['body']}”" if is_made else "a text"
    item = facts.get("item") or names.blocks.get(block if isinstance(block, int) else 0)
    return names.things["item"].get(item or 0, "a block")


def _details(change: ActivityRow) -> list[Detail]:
    """What only one side noted is shown where it was added, or taken away for good."""
    before, after = change.before or {}, change.after or {}
    details = []
    for name in SHOWN.get(change.subject, ()):
        is_moment = name.endswith("_at")
        was, became = (_moment(each.get(name)) if is_moment else _text(each.get(name)) for each in (before, after))
        if was != became:
            details.append(Detail(name.replace("_", " ").capitalize(), differences(was, became)))
    return details


def _moment(value: Any) -> str:
    return f"{datetime.fromisoformat(value):%a %d %b %Y, %H:%M} UTC" if isinstance(value, str) else ""


def _text(value: Any) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return "; ".join(_text(each) for each in value)
        case dict():
            return ", ".join(text for name, each in value.items() if name != "id" and (text := _text(each)))
        case _:
            return str(value)


def _names(session: Session, changes: Sequence[ActivityRow]) -> _Names:
    facts = [fact for change in changes for fact in (change.before or {}, change.after or {})]
    blocks = block_store.items_of_blocks(session, _ids(fact.get("block") for fact in facts))
    items = [*_of(changes, "item", "episode"), *blocks.values(), *(fact.get("item") for fact in facts)]
    titles = {key: f"“{title}”" for key, title in feeds.item_titles(session, _ids(items)).items()}
    shows = feeds.feed_titles(session, _of(changes, "feed", "show"))
    all_newsletters = newsletters.newsletters(session)
    papers = {each.id: each.name for each in all_newsletters}
    rows = issues.issues_by_id(session, _of(changes, "issue", "check", "correction"))
    numbers = {key: f"issue {row.number} of {papers[row.newsletter_id]}" for key, row in rows.items()}
    readers = _of(changes, "subscriber") if here.may(Right.READERS) else []
    return _Names(
        things={
            "issue": numbers,
            "check": numbers,
            "correction": numbers,
            "feed": shows,
            "show": shows,
            "item": titles,
            "episode": titles,
            "newsletter": papers,
            "mailing": {key: f"mailing {key}" for key in _of(changes, "mailing")},
            "subscriber": audience.addresses(session, readers),
            "user": people(session),
            "mute": called.muted(session, changes),
            "tip": called.tipped(session, changes),
            "blocked term": called.blocked(changes),
            **called.promoted(session, changes),
        },
        sections={section.id: section.title for each in all_newsletters for section in each.sections},
        blocks=blocks,
        closed=frozenset(key for key, row in rows.items() if not row.state.is_editable),
    )


def _of(changes: Sequence[ActivityRow], *subjects: str) -> list[int]:
    return _ids(change.subject_id for change in changes if change.subject in subjects)


def _ids(found: Iterable[Any]) -> list[int]:
    return sorted({key for key in found if isinstance(key, int)})
