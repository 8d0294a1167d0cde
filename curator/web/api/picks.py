"""The API's picks: what is chosen for a newsletter, in which words, and what is passed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from curator.accounts.values import ApiScope
from curator.db import Session
from curator.errors import NotFoundError, StateError
from curator.issues import board
from curator.issues import store as issues
from curator.issues.blocks import store as blocks
from curator.issues.paging import store as standing
from curator.picks import curate, store
from curator.picks.paging import store as paging
from curator.picks.values import PickedItem, SkipReason
from curator.web import here
from curator.web.api.items import require_item
from curator.web.api.operations import Call, Operation, Page, Paged, Reply, Tag
from curator.web.api.problems import Kind
from curator.web.api.shapes import key_told, told

_MOST_WORDS = 10_000


@dataclass(frozen=True, kw_only=True)
class PicksAsked(Paged):
    """Which picks."""

    newsletter_id: Annotated[int, key_told("Those of this newsletter.")]


@dataclass(frozen=True)
class Pick:
    """An editor's choice: an item in a section, with words about it."""

    id: int
    newsletter_id: int
    item_id: int
    section_id: int
    title: Annotated[str, told("The editor's, or else the item's.")]
    link: str | None
    blurb: Annotated[str, told("Markdown.")]
    is_blurb_draft: Annotated[bool, told("Whether nobody has edited or accepted the blurb yet.")]
    issue_id: Annotated[int | None, told("The newest issue in which it stands; null: it waits for the next.")]
    version: Annotated[int, told("Rises with each edit; the ETag.")]


@dataclass(frozen=True)
class NewPick:
    """An item to be picked. One that is picked already is moved to the section."""

    newsletter_id: Annotated[int, key_told()]
    item_id: Annotated[int, key_told()]
    section_id: Annotated[int, key_told("A section of the newsletter.")]


@dataclass(frozen=True)
class PickWords:
    """What is to be said of a pick; what is not given stays."""

    title: Annotated[str | None, told("Empty: the item's own.", most=500)] = None
    link: Annotated[str | None, told("Empty: the item's own.", most=2000)] = None
    blurb: Annotated[str | None, told("Markdown.", most=_MOST_WORDS)] = None


@dataclass(frozen=True)
class NewSkip:
    """An item to be passed over for a newsletter."""

    newsletter_id: Annotated[int, key_told()]
    item_id: Annotated[int, key_told()]
    reason: Annotated[SkipReason, told("Why; empty where nobody says.")] = SkipReason.NONE


def list_picks(call: Call) -> Page:
    """Returns a newsletter's picks, newest first."""
    newsletter_id, limit = call.named(call.query.newsletter_id), call.query.limit
    before = call.place[0] if call.place else None
    with here.db().read() as session:
        rows = paging.picks(session, newsletter_id, before_id=before, limit=limit + 1)
        shown = _shown(session, newsletter_id, rows[:limit])
    return Page(shown, [rows[limit - 1].id] if len(rows) > limit else None)


def get_pick(call: Call) -> Reply:
    """Returns one pick."""
    return _reply(call, call.path["pick_id"])


def add_pick(call: Call) -> Reply:
    """Picks an item into the issue that is being filled, or for the next draft."""
    given: NewPick = call.body
    newsletter_id, by, now = call.named(given.newsletter_id), call.by, here.now()
    require_item(given.item_id)
    with here.db().read() as session:
        known = store.pick_of(session, newsletter_id, given.item_id)
        issue = issues.current_issue(session, newsletter_id)
    if issue is not None and issue.state.is_filling:
        board.pick_into(here.db(), issue.id, given.item_id, given.section_id, by=by, now=now)
    else:
        curate.pick(here.db(), newsletter_id, given.item_id, given.section_id, by=by, now=now)
    with here.db().read() as session:
        pick_id = store.pick_of(session, newsletter_id, given.item_id)
    if pick_id is None:
        raise NotFoundError("pick of item", given.item_id)
    return _reply(call, pick_id, status=201 if known is None else 200)


def edit_pick(call: Call) -> Reply:
    """Writes words over the item's."""
    pick_id, given, by, now = call.path["pick_id"], call.body, call.by, here.now()
    was, block_id = _found(call, pick_id)
    title, link = was.title if given.title is None else given.title, was.link if given.link is None else given.link
    blurb = was.blurb if given.blurb is None else given.blurb
    if block_id is not None:
        board.edit_pick(
            here.db(),
            block_id,
            title=title,
            link=link or "",
            blurb=blurb,
            expected_version=call.version,
            by=by,
            now=now,
        )
    elif (title, link) != (was.title, was.link):
        raise StateError("The pick stands in no issue yet: until then only its blurb can be written.")
    else:
        curate.write_blurb(here.db(), pick_id, blurb.strip(), expected_version=call.version, by=by, now=now)
    return _reply(call, pick_id)


def remove_pick(call: Call) -> Reply:
    """Takes a pick out of its open issue, or back while it waits for one."""
    was, block_id = _found(call, call.path["pick_id"])
    if block_id is not None:
        board.remove(here.db(), block_id, by=call.by, now=here.now())
        return Reply(None, 204)
    with here.db().read() as session:
        newsletter_id = store.newsletter_of(session, was.id)
    if newsletter_id is not None:
        curate.unpick(here.db(), newsletter_id, was.item.id, by=call.by, now=here.now())
    return Reply(None, 204)


def skip_item(call: Call) -> Reply:
    """Passes an item over."""
    given: NewSkip = call.body
    newsletter_id = call.named(given.newsletter_id)
    require_item(given.item_id)
    curate.skip(here.db(), newsletter_id, given.item_id, by=call.by, now=here.now(), reason=given.reason)
    return Reply(None, 204)


def unskip_item(call: Call) -> Reply:
    """Offers an item again."""
    newsletter_id = call.named(call.path["newsletter_id"])
    require_item(call.path["item_id"])
    curate.unskip(here.db(), newsletter_id, call.path["item_id"], by=call.by, now=here.now())
    return Reply(None, 204)


def _found(call: Call, pick_id: int) -> tuple[PickedItem, int | None]:
    """Returns a pick and its block in the newest issue that has it. Raises NotFoundError."""
    with here.db().read() as session:
        call.require(store.newsletter_of(session, pick_id), "pick", pick_id)
        found = store.picked_items(session, [pick_id])[pick_id]
        stands = standing.blocks_of_picks(session, [pick_id]).get(pick_id)
        newsletter_id = store.newsletter_of(session, pick_id) or 0
        waits = pick_id in dict(blocks.waiting_picks(session, newsletter_id))
    return found, None if stands is None or waits else stands[1]


def _reply(call: Call, pick_id: int, *, status: int = 200) -> Reply:
    with here.db().read() as session:
        newsletter_id = call.require(store.newsletter_of(session, pick_id), "pick", pick_id)
        (shown,) = _shown(session, newsletter_id, list(store.picked_items(session, [pick_id]).values()))
    headers = {"ETag": f'"{shown.version}"'} | ({"Location": f"/api/v1/picks/{pick_id}"} if status == 201 else {})
    return Reply(shown, status, headers)


def _shown(session: Session, newsletter_id: int, rows: Sequence[PickedItem]) -> list[Pick]:
    stands = standing.blocks_of_picks(session, [row.id for row in rows])
    return [
        Pick(
            id=row.id,
            newsletter_id=newsletter_id,
            item_id=row.item.id,
            section_id=row.section_id,
            title=row.title,
            link=row.link,
            blurb=row.blurb,
            is_blurb_draft=row.is_blurb_draft,
            issue_id=stands[row.id][0] if row.id in stands else None,
            version=row.version,
        )
        for row in rows
    ]


OPERATIONS = (
    Operation(
        "list_picks",
        "GET",
        "/picks",
        Tag.PICKS,
        ApiScope.READ_PICKS,
        "List a newsletter's picks, newest first",
        list_picks,
        {200: None},
        query=PicksAsked,
        item=Pick,
        example_query="newsletter_id=1",
    ),
    Operation(
        "add_pick",
        "POST",
        "/picks",
        Tag.PICKS,
        ApiScope.WRITE_PICKS,
        "Pick an item",
        add_pick,
        {201: Pick, 200: Pick},
        about="It goes into the issue that is being filled, or waits for the next draft. One that is picked is moved.",
        body=NewPick,
        also=(Kind.WRONG_STATE,),
        example={"newsletter_id": 1, "item_id": 1, "section_id": 1},
    ),
    Operation(
        "get_pick",
        "GET",
        "/picks/{pick_id}",
        Tag.PICKS,
        ApiScope.READ_PICKS,
        "Get a pick",
        get_pick,
        {200: Pick},
    ),
    Operation(
        "edit_pick",
        "PATCH",
        "/picks/{pick_id}",
        Tag.PICKS,
        ApiScope.WRITE_PICKS,
        "Write about a pick",
        edit_pick,
        {200: Pick},
        about="An edit takes the issue's approval back, as at the desk.",
        body=PickWords,
        also=(Kind.WRONG_STATE,),
        example={"blurb": "Why *small models* win."},
        needs_match=True,
    ),
    Operation(
        "remove_pick",
        "DELETE",
        "/picks/{pick_id}",
        Tag.PICKS,
        ApiScope.WRITE_PICKS,
        "Take a pick out",
        remove_pick,
        {204: None},
        about="Out of its open issue, or back while it waits for one; its item is new again.",
        also=(Kind.WRONG_STATE,),
    ),
    Operation(
        "skip_item",
        "POST",
        "/skips",
        Tag.PICKS,
        ApiScope.WRITE_PICKS,
        "Pass an item over",
        skip_item,
        {204: None},
        body=NewSkip,
        also=(Kind.WRONG_STATE,),
        example={"newsletter_id": 1, "item_id": 2, "reason": "off topic"},
    ),
    Operation(
        "unskip_item",
        "DELETE",
        "/newsletters/{newsletter_id}/skips/{item_id}",
        Tag.PICKS,
        ApiScope.WRITE_PICKS,
        "Offer an item again that was passed over",
        unskip_item,
        {204: None},
    ),
)
