"""What the inbox's pages and answers are made of: what was asked for, the rows with their memory, the counters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for

from curator.db import Session
from curator.errors import NotFoundError
from curator.feeds.values import ItemKind
from curator.issues import store as issues
from curator.issues.standing import store as standing
from curator.issues.standing.store import Ran
from curator.issues.values import IssueRow
from curator.newsletters import store as newsletter_store
from curator.newsletters.values import NewsletterSpec
from curator.picks import pace
from curator.picks import store as picks
from curator.picks.aside import store as aside
from curator.picks.fitting import fitting_section
from curator.picks.inbox import store as inbox
from curator.picks.memory import store as memory
from curator.picks.values import FeedRecord, InboxCounts, InboxFilter, InboxRow, Mute, Narrowing, SkipReason
from curator.web import here, words
from curator.web.desk.choice import chosen, newsletters, short_titles
from curator.web.forms import key

PAGE = 50
"""Twenty rows fill a laptop twice over; fifty are one sitting."""

AGES = {"7": "Last 7 days", "30": "Last 30 days", "90": "Last 90 days", "all": "Any age"}
"""How far back the list may reach, by what its address says."""

# What the templates read and most answers leave as it is: `refused` are the words on a row whose deed was not done.
_USUAL: dict[str, Any] = {
    "is_open": False,
    "is_page": False,
    "refused": "",
    "said_first": None,
    "back": "",
    "below": "",
    "oob": False,
    "more_rows": False,
}
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
        return narrowing != Narrowing() or self.age not in (self.usual_age, "all")

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


def newsletter() -> NewsletterSpec:
    """Returns the newsletter that the address or form names, else the first. Raises NotFoundError without any."""
    found = chosen(newsletters())
    if found is None:
        raise NotFoundError("newsletter", request.values.get("newsletter", "")[:20])
    return found


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


def rows(session: "Session", newsletter_id: int, wanted: Asked, mutes: Sequence[Mute]) -> tuple[list[InboxRow], bool]:
    """Returns a page of rows, and whether more follow; what was put off until today comes first of all."""
    given: dict[str, Any] = {"now": here.now(), "narrowing": wanted.narrowing, "mutes": mutes}
    found = inbox.inbox(session, newsletter_id, show=wanted.show, before=wanted.before, limit=PAGE + 1, **given)
    is_first = wanted.show is InboxFilter.NEW and wanted.before is None
    back = inbox.woken(session, newsletter_id, **given) if is_first else []
    return back + found[:PAGE], len(found) > PAGE


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


def context(session: "Session", spec: NewsletterSpec, wanted: Asked) -> dict[str, Any]:
    """Returns what every template of the inbox reads."""
    mutes = aside.mutes(session, spec.id)
    return _USUAL | {
        "newsletter": spec,
        "asked": wanted,
        "mutes": mutes,
        "head": counters(session, spec.id, mutes),
        "labels": short_titles(spec),
        "titles": {section.id: section.title for section in spec.sections},
        "address": _address(spec.id, wanted),
        "ages": AGES,
    }


def shown_item(session: "Session", newsletter_id: int, item_id: int, mutes: Sequence[Mute]) -> Shown | None:
    """Returns one item as a row; None when it is not there."""
    found = inbox.row(session, newsletter_id, item_id, mutes=mutes)
    return None if found is None else remembered(session, newsletter_id, [found])[0]


def hidden(session: "Session", newsletter_id: int, wanted: Asked, counts: InboxCounts, mutes: Sequence[Mute]) -> int:
    """Returns how many new items the filter hides; 0 on other tabs and without one."""
    if wanted.show is not InboxFilter.NEW or not wanted.is_narrowed:
        return 0
    left = inbox.counts(session, newsletter_id, now=here.now(), mutes=mutes, narrowing=wanted.narrowing)
    return max(counts.new - left.new, 0)


def item_context(session: "Session", spec: NewsletterSpec, item_id: int) -> dict[str, Any]:
    """Returns what the page, or the panel, of one item's deeds reads. Raises NotFoundError."""
    given = context(session, spec, asked())
    shown = shown_item(session, spec.id, item_id, given["mutes"])
    if shown is None:
        raise NotFoundError("item", item_id)
    back = request.values.get("back", "")
    return given | deeds(session, spec, shown, given["head"]) | {"shown": shown, "back": back}


def deeds(session: "Session", spec: NewsletterSpec, shown: Shown, head: Counters) -> dict[str, Any]:
    """Returns what the panel of one item's deeds reads beyond its row."""
    item, row = shown.row.item, shown.row
    is_own = item.kind is ItemKind.EPISODE and item.feed_id in picks.own_feeds(session)
    place = block_id = None
    if row.pick_id is not None:
        block_id = None if head.issue is None else standing.block_of_item(session, head.issue.id, item.id)
        waits = row.pick_id in dict(issues.waiting_picks(session, spec.id))
        place = picks.picked_items(session, [row.pick_id])[row.pick_id] if block_id is not None or waits else None
    return {
        "pick": place,
        "block_id": block_id,
        "fits": fitting_section(spec.sections, head.filled, is_own_episode=is_own),
        "reasons": [reason for reason in SkipReason if reason],
        "next_issue": next_issue(session, spec),
        "tomorrow": morning(spec, 1),
    }


def morning(spec: NewsletterSpec, days: int) -> datetime:
    """Returns when the day begins that is so many days away where the newsletter is at home."""
    zone = ZoneInfo(spec.cadence.zone)
    day = here.now().astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def next_issue(session: "Session", spec: NewsletterSpec) -> datetime:
    """Returns when the next issue is drafted; in a week where no draft is planned."""
    planned = newsletter_store.schedule(session, spec.id).next_draft_at
    return planned if planned is not None and planned > here.now() else morning(spec, 7)


def older(newsletter_id: int, wanted: Asked, last: InboxRow) -> str:
    """Returns the address of the page that follows a row."""
    return _address(newsletter_id, replace(wanted, before=(last.item.at, last.item.id)))


def _address(newsletter_id: int, wanted: Asked) -> str:
    parts = wanted.parts
    if wanted.before is not None:
        parts["before"] = f"{wanted.before[0].isoformat()}_{wanted.before[1]}"
    return url_for("desk.inbox", newsletter=newsletter_id, show=wanted.show, **parts)


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
