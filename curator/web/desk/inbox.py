"""The inbox: what is new, and what an editor does with it."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.db import Session
from curator.errors import NotFoundError
from curator.feeds import store as feeds
from curator.feeds.values import FeedRow, ItemKind
from curator.issues import board, store
from curator.issues.values import Board
from curator.newsletters.values import NewsletterSpec
from curator.picks import curate
from curator.picks import store as picks
from curator.picks.values import InboxFilter, InboxRow
from curator.web import here, words
from curator.web.desk import approval
from curator.web.desk.choice import chosen, newsletters, short_titles
from curator.web.desk.door import blueprint
from curator.web.forms import key

# Twenty rows fill a laptop twice over; fifty are one sitting.
PAGE = 50


@dataclass(frozen=True)
class Asked:
    """What the inbox was asked to show."""

    show: InboxFilter
    kind: ItemKind | None
    feed_id: int | None
    search: str
    before: tuple[datetime, int] | None

    @property
    def is_narrowed(self) -> bool:
        """Whether something beyond the tab hides items."""
        return self.kind is not None or self.feed_id is not None or bool(self.search)


@blueprint.get("/inbox")
def inbox() -> str:
    """Shows a page of the inbox."""
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="Inbox")
    asked = _asked()
    with here.db().read() as session:
        rows = _rows(session, newsletter, asked)
        issue = store.current_issue(session, newsletter.id)
        return render_template(
            "desk/inbox.html",
            all_newsletters=all_newsletters,
            newsletter=newsletter,
            asked=asked,
            rows=rows[:PAGE],
            older=_older(rows),
            counts=picks.inbox_counts(session, newsletter.id, since=None),
            feeds=_feeds(session, asked.feed_id),
            issue=issue,
            board=None if issue is None else store.board(session, issue.id),
            labels=short_titles(newsletter),
            titles={section.id: section.title for section in newsletter.sections},
            address=here.local_path(request.full_path.rstrip("?"), url_for("desk.inbox")),
        )


@blueprint.post("/inbox/<key:item_id>/pick")
def pick_item(item_id: int) -> Response:
    """Picks an item into a section of the issue that is being filled, or, while none is, for the next draft."""
    newsletter, section_id = _newsletter(), key(request.form.get("section")) or 0
    with here.db().read() as session:
        issue = store.current_issue(session, newsletter.id)
    section = next((one.title for one in newsletter.sections if one.id == section_id), "")
    said = f"Picked into {section}: {_title(item_id)}"
    if issue is not None and issue.state.is_filling:
        board.pick_into(here.db(), issue.id, item_id, section_id, by=here.editor_id(), now=here.now())
    else:
        curate.pick(here.db(), newsletter.id, item_id, section_id, by=here.editor_id(), now=here.now())
        said = f"{said}. It waits for the next issue" + (f": issue {issue.number} is {issue.state}." if issue else ".")
    flash(said, "done")
    return _to_next_row()


@blueprint.post("/inbox/<key:item_id>/skip")
def skip_item(item_id: int) -> Response:
    """Passes an item over."""
    curate.skip(here.db(), _newsletter().id, item_id, by=here.editor_id(), now=here.now())
    flash(f"Skipped: {_title(item_id)}", "done")
    return _to_next_row()


@blueprint.post("/inbox/<key:item_id>/unskip")
def unskip_item(item_id: int) -> Response:
    """Offers a skipped item again."""
    curate.unskip(here.db(), _newsletter().id, item_id, by=here.editor_id(), now=here.now())
    flash(f"Back among the new: {_title(item_id)}", "done")
    return _to_next_row()


@blueprint.post("/inbox/<key:item_id>/unpick")
def unpick_item(item_id: int) -> Response:
    """Takes an item out of the open issue, so that it is new again."""
    newsletter = _newsletter()
    with here.db().read() as session:
        issue = store.current_issue(session, newsletter.id)
        block_id = None if issue is None else block_of_item(store.board(session, issue.id), item_id)
        waits = picks.pick_of(session, newsletter.id, item_id) in dict(store.waiting_picks(session, newsletter.id))
    if waits:
        curate.unpick(here.db(), newsletter.id, item_id, by=here.editor_id(), now=here.now())
        flash(f"Taken back: {_title(item_id)}", "done")
    elif issue is None or block_id is None:
        flash("It does not stand in the open issue, so there is nothing to take out.", "error")
    else:
        board.remove(here.db(), block_id, by=here.editor_id(), now=here.now())
        flash(approval.told(f"Taken out: {_title(item_id)}", issue), "done")
    return _to_next_row()


def block_of_item(shown: Board, item_id: int) -> int | None:
    """Returns the block in which an item stands on a board."""
    blocks = (block for section in shown.sections for block in section.blocks)
    return next((block.id for block in blocks if block.pick is not None and block.pick.item.id == item_id), None)


def _asked() -> Asked:
    shows, kinds = list(InboxFilter), list(ItemKind)
    show, kind = request.args.get("show", ""), request.args.get("kind", "")
    return Asked(
        show=InboxFilter(show) if show in shows else InboxFilter.NEW,
        kind=ItemKind(kind) if kind in kinds else None,
        feed_id=key(request.args.get("feed")),
        search=request.args.get("q", "").replace("\0", "").strip()[:200],
        before=_place(request.args.get("before", "")),
    )


def _place(text: str) -> tuple[datetime, int] | None:
    """Reads "2026-11-16T09:00:00+00:00_17"; None for anything else."""
    at, _, item = text.partition("_")
    item_id = key(item)
    try:
        moment = datetime.fromisoformat(at)
        return None if item_id is None or moment.tzinfo is None else (moment.astimezone(UTC), item_id)
    except (ValueError, OverflowError):
        return None


def _rows(session: "Session", newsletter: NewsletterSpec, asked: Asked) -> list[InboxRow]:
    return picks.inbox(
        session,
        newsletter.id,
        show=asked.show,
        kind=asked.kind,
        feed_id=asked.feed_id,
        search=asked.search,
        before=asked.before,
        limit=PAGE + 1,
    )


def _feeds(session: "Session", chosen_id: int | None) -> list[FeedRow]:
    """Returns the feeds to choose from; of thousands the first by title, and always the one that is chosen."""
    found = feeds.feed_rows(session)
    if chosen_id is not None and all(feed.id != chosen_id for feed in found):
        with suppress(NotFoundError):
            found.append(feeds.feed_row(session, chosen_id))
    return found


def _older(rows: list[InboxRow]) -> str | None:
    """Returns the address of the next page, None at the end."""
    if len(rows) <= PAGE:
        return None
    last = rows[PAGE - 1].item
    args = {**request.args.to_dict(), "before": f"{last.at.isoformat()}_{last.id}"}
    return f"{url_for('desk.inbox')}?{urlencode(args)}"


def _newsletter() -> NewsletterSpec:
    newsletter = chosen(newsletters())
    if newsletter is None:
        raise NotFoundError("newsletter", request.form.get("newsletter", ""))
    return newsletter


def _title(item_id: int) -> str:
    with here.db().read() as session:
        item = feeds.items_by_id(session, [item_id]).get(item_id)
    return words.excerpt(item.title, 90) if item is not None else "an item that is gone"


def _to_next_row() -> Response:
    """Goes back to the list where the editor was, at the row below."""
    below = key(request.form.get("below"))
    back = here.local_path(request.form.get("back"), url_for("desk.inbox"))
    return here.go(back, anchor=f"item-{below}" if below else "rows")
