"""The API's items: what feeds brought and what was added by hand."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from flask import url_for

from curator.accounts.values import ApiScope
from curator.errors import NotFoundError
from curator.feeds import store
from curator.feeds.add import MAX_EXCERPT, MAX_TITLE
from curator.feeds.add import add_item as put_item
from curator.feeds.values import FreshItem, ItemKind
from curator.http.values import MAX_URL
from curator.picks.paging import store as paging
from curator.picks.values import InboxFilter
from curator.web import here
from curator.web.api.operations import Call, Operation, Page, Paged, Reply, Tag
from curator.web.api.problems import Kind, Problem
from curator.web.api.shapes import key_told, of, told


class ItemState(StrEnum):
    """What was decided about an item for a newsletter."""

    NEW = "new"
    PICKED = "picked"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class ItemsAsked(Paged):
    """Which items."""

    feed_id: Annotated[int | None, key_told("Those of this feed.")] = None
    since: Annotated[datetime | None, told("Those first seen from this moment on.")] = None
    newsletter_id: Annotated[int | None, key_told("The newsletter that `state` is about.")] = None
    state: Annotated[ItemState | None, told("What was decided for the newsletter; it needs `newsletter_id`.")] = None


@dataclass(frozen=True)
class Item:
    """One thing that a feed published, or that somebody added."""

    id: int
    feed_id: Annotated[int | None, told("null: it was added by hand.")]
    feed_title: str
    kind: ItemKind
    url: str | None
    canonical_url: str | None
    title: str
    author: str
    summary_text: Annotated[str, told("The feed's text, without markup.")]
    image_url: str | None
    audio_url: str | None
    duration_s: int | None
    at: Annotated[datetime, told("Its moment: the feed's, where that can be true.")]
    first_seen_at: Annotated[datetime, told("When Curator first saw it. Lists go by this.")]
    is_archive: Annotated[bool, told("Whether it lay in the feed before the feed was added.")]


@dataclass(frozen=True)
class NewItem:
    """A page to be saved as an item. What is missing is read off the page."""

    url: Annotated[str, told("The page's address.", most=MAX_URL, example="https://blog.example/post")]
    title: Annotated[str | None, told("", most=MAX_TITLE)] = None
    excerpt: Annotated[str | None, told("", most=MAX_EXCERPT)] = None
    image_url: Annotated[str | None, told("", most=MAX_URL)] = None


@dataclass(frozen=True)
class AddedItem:
    """The item of a page."""

    id: int
    is_new: Annotated[bool, told("Whether the page was not known, from a feed or by hand.")]
    desk: Annotated[str, told("Its page at the desk.")]


def list_items(call: Call) -> Page:
    """Returns items, those seen last first."""
    asked: ItemsAsked = call.query
    if asked.newsletter_id is not None:
        call.named(asked.newsletter_id)
    elif asked.state is not None:
        raise Problem(Kind.BAD_PARAMETERS, errors={"newsletter_id": "Say for which newsletter."})
    before = (datetime.fromisoformat(call.place[0]), call.place[1]) if call.place else None
    with here.db().read() as session:
        rows = paging.items(
            session,
            limit=asked.limit + 1,
            before=before,
            feed_id=asked.feed_id,
            since=asked.since,
            newsletter_id=asked.newsletter_id,
            state=InboxFilter.ALL if asked.state is None else InboxFilter(asked.state.value),
        )
    last = rows[asked.limit - 1] if len(rows) > asked.limit else None
    place = None if last is None else [last.first_seen_at.isoformat(), last.id]
    return Page([_shown(row) for row in rows[: asked.limit]], place)


def get_item(call: Call) -> Item:
    """Returns one item."""
    with here.db().read() as session:
        return _shown(store.item(session, call.path["item_id"]))


def add_item(call: Call) -> Reply:
    """Saves a page as an item: 201 with the new one, 200 with the known one. The same request again is harmless."""
    given: NewItem = call.body
    added = put_item(
        here.db(),
        given.url,
        title=given.title or "",
        excerpt=given.excerpt or "",
        image_url=given.image_url or "",
        now=here.now(),
        by=call.by,
    )
    place = url_for("desk.item", item_id=added.item_id)
    headers = {"Location": place} if added.is_new else {}
    return Reply(AddedItem(added.item_id, added.is_new, place), 201 if added.is_new else 200, headers)


def require_item(item_id: int) -> None:
    """Raises NotFoundError for an item that is not there."""
    with here.db().read() as session:
        if not store.item_titles(session, [item_id]):
            raise NotFoundError("item", item_id)


def _shown(row: FreshItem) -> Item:
    found: Item = of(Item, row)
    return found


OPERATIONS = (
    Operation(
        "list_items",
        "GET",
        "/items",
        Tag.ITEMS,
        ApiScope.READ_ITEMS,
        "List items, those seen last first",
        list_items,
        {200: None},
        query=ItemsAsked,
        item=Item,
        example_query="limit=20&since=2026-01-01T00:00:00Z",
    ),
    Operation(
        "add_item",
        "POST",
        "/items",
        Tag.ITEMS,
        ApiScope.WRITE_ITEMS,
        "Save a page as an item",
        add_item,
        {201: AddedItem, 200: AddedItem},
        about="201 with the new item, 200 with the known one: then nothing of it changes.",
        body=NewItem,
        example={"url": "https://blog.example/post", "title": "A post"},
    ),
    Operation(
        "get_item",
        "GET",
        "/items/{item_id}",
        Tag.ITEMS,
        ApiScope.READ_ITEMS,
        "Get an item",
        get_item,
        {200: Item},
    ),
)
