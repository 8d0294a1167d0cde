"""What the inbox's pages and answers are made of: the rows with their memory, the counters, the deeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import request

from curator.db import Session
from curator.downloads import store as downloads
from curator.errors import NotFoundError
from curator.feeds.values import ItemKind
from curator.issues import store as issues
from curator.issues.blocks import store as blocks
from curator.issues.standing import store as standing
from curator.issues.standing.store import Ran
from curator.issues.values import IssueRow
from curator.newsletters import store as newsletter_store
from curator.newsletters.values import NewsletterSpec, SectionSpec
from curator.picks import pace
from curator.picks import store as picks
from curator.picks.aside import store as aside
from curator.picks.fitting import fitting_section
from curator.picks.inbox import store as inbox
from curator.picks.memory import store as memory
from curator.picks.ranking import store as ranking
from curator.picks.ranking.values import EXPLORED, Offer
from curator.picks.stories import store as stories
from curator.picks.tips import store as tips
from curator.picks.tips.values import Tipped
from curator.picks.values import FeedRecord, InboxCounts, InboxFilter, InboxRow, Mute, SkipReason
from curator.web import here, words
from curator.web.desk.choice import chosen, newsletters, short_titles
from curator.web.desk.inbox_asked import AGES, Asked, address, asked
from curator.web.public import related

PAGE = 50
"""Twenty rows fill a laptop twice over; fifty are one sitting."""

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


@dataclass(frozen=True)
class Shown:
    """A row with what is remembered: its feed's record, who tells the same, where its page or story ran before.

    `offer` is how it was last scored, None for what is no candidate. `asked` counts who wants an episode's transcript,
    `tipped` is what readers said who sent it in.
    """

    row: InboxRow
    record: FeedRecord | None
    also_in: Sequence[str]
    ran: Sequence[Ran]
    offer: Offer | None = None
    asked: int = 0
    tipped: Tipped | None = None

    @property
    def reasons(self) -> Sequence[str]:
        """Why it stands where it stands, in words; that exploration put it there is said apart."""
        if self.offer is None:
            return ()
        told = self.offer.reasons_at(here.now(), item_at=self.row.item.at)
        # What readers said stands before it, with their words.
        spoken = {EXPLORED} | ({self.tipped.reason} if self.tipped else set())
        return [each for each in told if each not in spoken]


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


def rows(session: Session, newsletter_id: int, wanted: Asked, mutes: Sequence[Mute]) -> tuple[list[InboxRow], bool]:
    """Returns a page of rows, and whether more follow; what came back by itself stands before all others."""
    given: dict[str, Any] = {"now": here.now(), "narrowing": wanted.narrowing, "mutes": mutes}
    asked_for: dict[str, Any] = {"show": wanted.show, "order": wanted.order, "before": wanted.before}
    found = inbox.inbox(session, newsletter_id, **asked_for, limit=PAGE + 1, **given)
    is_first = wanted.show is InboxFilter.NEW and wanted.before is None
    coming_back = (inbox.woken, inbox.resurfaced) if is_first else ()
    back = [row for find in coming_back for row in find(session, newsletter_id, **given)]
    return back + found[:PAGE], len(found) > PAGE


def remembered(session: Session, newsletter_id: int, found: Sequence[InboxRow]) -> list[Shown]:
    """Returns rows with what is remembered about them; a fixed number of queries."""
    items = [row.item for row in found]
    known = memory.memory(session, newsletter_id, items, now=here.now())
    urls = sorted({item.canonical_url for item in items if item.canonical_url})
    ids = [item.id for item in items]
    ran = standing.ran_in(session, newsletter_id, urls)
    told = standing.ran_by_story(session, newsletter_id, ids)
    offers = ranking.offers_of(session, newsletter_id, ids)
    demand = downloads.demand(session, [item.id for item in items if item.kind is ItemKind.EPISODE])
    tipped = tips.tipped(session, newsletter_id, ids)
    return [
        Shown(
            row=row,
            record=known.records.get(row.item.feed_id or 0),
            also_in=known.also_in.get(row.item.id, ()),
            ran=[] if row.pick_id is not None else _ran(ran.get(row.item.canonical_url or ""), told.get(row.item.id)),
            offer=offers.get(row.item.id),
            asked=demand.get(row.item.id, 0),
            tipped=tipped.get(row.item.id),
        )
        for row in found
    ]


def _ran(by_page: Sequence[Ran] | None, by_story: Sequence[Ran] | None) -> list[Ran]:
    """Returns the issues in which a page or its story stands, each once, the newest first."""
    found = {each.issue_id: each for each in (*(by_story or ()), *(by_page or ()))}
    return sorted(found.values(), key=lambda each: each.number, reverse=True)


def counters(session: Session, newsletter_id: int, mutes: Sequence[Mute]) -> Counters:
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


def context(session: Session, spec: NewsletterSpec, wanted: Asked) -> dict[str, Any]:
    """Returns what every template of the inbox reads."""
    mutes = aside.mutes(session, spec.id)
    return _USUAL | {
        "newsletter": spec,
        "asked": wanted,
        "mutes": mutes,
        "head": counters(session, spec.id, mutes),
        "labels": short_titles(spec),
        "titles": {section.id: section.title for section in spec.sections},
        "address": address(spec.id, wanted),
        "ages": AGES,
    }


def shown_item(session: Session, newsletter_id: int, item_id: int, mutes: Sequence[Mute]) -> Shown | None:
    """Returns one item as a row; None when it is not there."""
    found = inbox.row(session, newsletter_id, item_id, mutes=mutes)
    return None if found is None else remembered(session, newsletter_id, [found])[0]


def hidden(session: Session, newsletter_id: int, wanted: Asked, given: dict[str, Any], *, has_more: bool) -> int:
    """Returns how many new items the filter hides; 0 on other tabs, and for a search of many pages."""
    if wanted.show is not InboxFilter.NEW or not wanted.is_narrowed:
        return 0
    if wanted.before is None and not has_more:
        left = len(given["rows"])
    elif wanted.narrowing.search:
        return 0
    else:
        left = inbox.counts(
            session, newsletter_id, now=here.now(), mutes=given["mutes"], narrowing=wanted.narrowing
        ).new
    counted: InboxCounts = given["head"].counts
    return max(counted.new - left, 0)


def item_context(session: Session, spec: NewsletterSpec, item_id: int) -> dict[str, Any]:
    """Returns what the page, or the panel, of one item's deeds reads. Raises NotFoundError."""
    given = context(session, spec, asked())
    shown = shown_item(session, spec.id, item_id, given["mutes"])
    if shown is None:
        raise NotFoundError("item", item_id)
    back = request.values.get("back", "")
    return given | deeds(session, spec, shown, given["head"]) | {"one": shown, "back": back}


def deeds(session: Session, spec: NewsletterSpec, shown: Shown, head: Counters) -> dict[str, Any]:
    """Returns what the panel of one item's deeds reads beyond its row."""
    item, row = shown.row.item, shown.row
    is_own = item.kind is ItemKind.EPISODE and item.feed_id in picks.own_feeds(session)
    place = block_id = None
    if row.pick_id is not None:
        block_id = None if head.issue is None else standing.block_of_item(session, head.issue.id, item.id)
        waits = row.pick_id in dict(blocks.waiting_picks(session, spec.id))
        place = picks.picked_items(session, [row.pick_id])[row.pick_id] if block_id is not None or waits else None
    return {
        "pick": place,
        "tellers": stories.others(session, item),
        "block_id": block_id,
        "fits": _suggested(spec, shown.offer) or fitting_section(spec.sections, head.filled, is_own_episode=is_own),
        "reasons": [reason for reason in SkipReason if reason],
        "next_issue": next_issue(session, spec),
        "tomorrow": morning(spec, 1),
        "relatives": related.offered(session, item.id),
    }


def _suggested(spec: NewsletterSpec, offer: Offer | None) -> SectionSpec | None:
    return next((section for section in spec.sections if offer and section.id == offer.section_id), None)


def morning(spec: NewsletterSpec, days: int) -> datetime:
    """Returns when the day begins that is so many days away where the newsletter is at home."""
    zone = ZoneInfo(spec.cadence.zone)
    day = here.now().astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def next_issue(session: Session, spec: NewsletterSpec) -> datetime:
    """Returns when the next issue is drafted; in a week where no draft is planned."""
    planned = newsletter_store.schedule(session, spec.id).next_draft_at
    return planned if planned is not None and planned > here.now() else morning(spec, 7)
