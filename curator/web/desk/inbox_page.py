"""What the inbox's pages and answers are made of: what was asked for, the rows with their memory, the counters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for

from curator.db import Session
from curator.feeds.values import ItemKind
from curator.issues import store as issues
from curator.issues.standing import store as standing
from curator.issues.standing.store import Ran
from curator.issues.values import IssueRow
from curator.newsletters.values import NewsletterSpec
from curator.picks import pace
from curator.picks.aside import store as aside
from curator.picks.inbox import store as inbox
from curator.picks.memory import store as memory
from curator.picks.values import FeedRecord, InboxCounts, InboxFilter, InboxRow, Mute, Narrowing
from curator.web import here, words
from curator.web.desk.choice import short_titles
from curator.web.forms import key

PAGE = 50
"""Twenty rows fill a laptop twice over; fifty are one sitting."""

AGES = {"7": "Last 7 days", "30": "Last 30 days", "90": "Last 90 days", "all": "Any age"}
"""How far back the list may reach, by what its address says."""

# What an editor's pace is taken from.
_PACE_OF = timedelta(weeks=4)
# Of the tabs these two show what nobody has looked at, and that grows old.
_AGEING = (InboxFilter.NEW, InboxFilter.MUTED)


@dataclass(frozen=True)
class Asked:
    """What the inbox was asked to show; `age` is one of `AGES`."""

    show: InboxFilter
    age: str
    narrowing: Narrowing
    before: tuple[datetime, int] | None

    @property
    def usual_age(self) -> str:
        """The age that the tab has by itself."""
        return str(inbox.NEW_FOR.days) if self.show in _AGEING else "all"

    @property
    def is_narrowed(self) -> bool:
        """Whether something beyond the tab hides items."""
        narrowing = replace(self.narrowing, since=None)
        return narrowing != Narrowing() or (self.age != self.usual_age and self.age != "all")

    @property
    def parts(self) -> dict[str, Any]:
        """What an address must say to ask for the same, but for the tab and the newsletter."""
        narrowing = self.narrowing
        given = {
            "kind": narrowing.kind,
            "feed": narrowing.feed_id,
            "language": narrowing.language,
            "q": narrowing.search,
            "age": self.age if self.age != self.usual_age else None,
        }
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Shown:
    """A row with what is remembered: its feed's record, who tells the same, where its page ran before."""

    row: InboxRow
    record: FeedRecord | None
    also_in: Sequence[str]
    ran: Sequence[Ran]


@dataclass(frozen=True)
class Counters:
    """What stands above the list: the open issue with how full its sections are, and what is left at which pace."""

    issue: IssueRow | None
    filled: dict[int, int]
    counts: InboxCounts
    left: str


def asked() -> Asked:
    """Returns what the address (of a form: its fields) asks for; nonsense asks for nothing."""
    given = request.values
    show = _one_of(InboxFilter, given.get("show"), InboxFilter.NEW)
    usual = str(inbox.NEW_FOR.days) if show in _AGEING else "all"
    age = given.get("age", "")
    age = age if age in AGES else usual
    language = given.get("language", "").lower()
    narrowing = Narrowing(
        kind=_one_of(ItemKind, given.get("kind"), None),
        feed_id=key(given.get("feed")),
        language=language if language.isascii() and language.isalpha() and len(language) < 4 else "",
        search=given.get("q", "").replace("\0", "").strip()[:200],
        since=None if age == "all" else here.now() - timedelta(days=int(age)),
    )
    return Asked(show=show, age=age, narrowing=narrowing, before=_place(given.get("before", "")))


def rows(session: "Session", newsletter_id: int, wanted: Asked, mutes: Sequence[Mute]) -> list[InboxRow]:
    """Returns a page of rows and one more where there are more; what was put off until today comes first."""
    given: dict[str, Any] = {"now": here.now(), "narrowing": wanted.narrowing, "mutes": mutes}
    found = inbox.inbox(
        session, newsletter_id, show=wanted.show, before=wanted.before, limit=PAGE + 1, **given
    )
    if wanted.show is InboxFilter.NEW and wanted.before is None:
        return inbox.woken(session, newsletter_id, **given) + found
    return found


def remembered(session: "Session", newsletter_id: int, found: Sequence[InboxRow]) -> list[Shown]:
    """Returns rows with what is remembered about them; a fixed number of queries."""
    items = [row.item for row in found]
    known = memory.memory(session, newsletter_id, items, now=here.now())
    urls = sorted({item.canonical_url for item in items if item.canonical_url})
    ran = standing.ran_in(session, newsletter_id, urls)
    return [
        Shown(
            row=row,
            record=known.records.get(row.item.feed_id or 0),
            also_in=known.also_in.get(row.item.id, ()),
            ran=[] if row.pick_id is not None else ran.get(row.item.canonical_url or "", []),
        )
        for row in found
    ]


def counters(session: "Session", newsletter_id: int, mutes: Sequence[Mute]) -> Counters:
    """Returns what stands above the list."""
    now = here.now()
    issue = issues.current_issue(session, newsletter_id)
    counts = inbox.counts(session, newsletter_id, now=now, since=now - inbox.NEW_FOR, mutes=mutes)
    deeds = inbox.deeds_at(session, here.editor_id(), since=now - _PACE_OF)
    return Counters(
        issue=issue,
        filled={} if issue is None else standing.picks_by_section(session, issue.id),
        counts=counts,
        left=words.span(pace.per_item(deeds) * counts.new),
    )


def context(session: "Session", newsletter: NewsletterSpec, wanted: Asked) -> dict[str, Any]:
    """Returns what every template of the inbox reads."""
    mutes = aside.mutes(session, newsletter.id)
    return {
        "newsletter": newsletter,
        "asked": wanted,
        "mutes": mutes,
        "head": counters(session, newsletter.id, mutes),
        "labels": short_titles(newsletter),
        "titles": {section.id: section.title for section in newsletter.sections},
        "address": _address(newsletter.id, wanted),
    }


def older(newsletter_id: int, wanted: Asked, found: Sequence[InboxRow]) -> str | None:
    """Returns the address of the next page, None at the end."""
    if len(found) <= PAGE:
        return None
    last = found[-2].item
    place = {"before": f"{last.at.isoformat()}_{last.id}"}
    return f"{_address(newsletter_id, wanted)}&{urlencode(place)}"


def _address(newsletter_id: int, wanted: Asked) -> str:
    """Returns the list's address, without the place in it: what was looked at has left the pages before."""
    return url_for("desk.inbox", newsletter=newsletter_id, show=wanted.show, **wanted.parts)


def _one_of(kinds: Any, text: str | None, default: Any) -> Any:
    return kinds(text) if text in list(kinds) else default


def _place(text: str) -> tuple[datetime, int] | None:
    """Reads "2026-11-16T09:00:00+00:00_17"; None for anything else."""
    at, _, item = text.partition("_")
    item_id = key(item)
    try:
        moment = datetime.fromisoformat(at)
        return None if item_id is None or moment.tzinfo is None else (moment.astimezone(UTC), item_id)
    except (ValueError, OverflowError):
        return None
