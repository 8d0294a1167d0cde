"""The API's readers: who they are, new ones, leaving, erasure, and addresses that are never mailed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from curator.accounts.values import ApiScope
from curator.addresses import checked_address
from curator.audience import sign_up, store, subscribe
from curator.audience.paging import store as paging
from curator.audience.record import store as record
from curator.audience.suppressed import store as suppressed
from curator.audience.values import ConsentStep, SubscriberRow, SubscriptionState, SuppressionReason
from curator.db import Session
from curator.errors import InvalidError, NotFoundError
from curator.names import one_line
from curator.privacy import erase
from curator.web import here
from curator.web.api.operations import Call, Operation, Page, Paged, Reply, Tag
from curator.web.api.problems import Kind
from curator.web.api.shapes import key_told, of, told

_MOST_BASIS = 500


@dataclass(frozen=True, kw_only=True)
class SubscribersAsked(Paged):
    """Which readers."""

    newsletter_id: Annotated[int, key_told("Those of this newsletter, in any state.")]
    state: Annotated[SubscriptionState | None, told("Those whose subscription stands so.")] = None


@dataclass(frozen=True)
class Listed:
    """A reader of a newsletter."""

    id: int
    address: str
    name: str
    source: Annotated[str, told("How the address came here.")]
    state: SubscriptionState | None
    how: Annotated[str | None, told("How the subscription came to its state.")]
    changed_at: datetime | None
    created_at: datetime
    suppression: Annotated[SuppressionReason | None, told("Why the address is never mailed; null: it may be.")]


@dataclass(frozen=True)
class Subscription:
    """How one newsletter stands for a reader."""

    newsletter_id: int
    state: SubscriptionState
    how: str
    changed_at: datetime


@dataclass(frozen=True)
class Subscriber:
    """A reader, with those subscriptions that the token may see."""

    id: int
    address: str
    name: str
    source: Annotated[str, told("How the address came here.")]
    created_at: datetime
    suppression: Annotated[SuppressionReason | None, told("Why the address is never mailed; null: it may be.")]
    subscriptions: tuple[Subscription, ...]


@dataclass(frozen=True)
class Search:
    """Whom to look for. It stands in a body because an address has no place in a log of addresses that were asked."""

    newsletter_id: Annotated[int, key_told()]
    address: Annotated[str, told("The whole address, in any case.", least=1, most=320, example="ada@example.org")]


@dataclass(frozen=True)
class SearchResult:
    """Whoever was found: one, or nobody."""

    items: tuple[Listed, ...]


@dataclass(frozen=True)
class NewSubscriber:
    """Somebody who asked for a newsletter. Without a basis the mailbox is asked first."""

    newsletter_id: Annotated[int, key_told()]
    address: Annotated[str, told(least=1, most=320, example="ada@example.org")]
    name: Annotated[str, told(most=200)] = ""
    words: Annotated[str, told("The sentence that stood at their button: it is kept as evidence.", most=500)] = ""
    consent_basis: Annotated[
        str | None, told("Why they may be mailed without being asked again: kept with them.", least=1, most=_MOST_BASIS)
    ] = None


@dataclass(frozen=True)
class Taken:
    """What came of a sign-up. It names no reader: whether an address was known is the mailbox's to hear."""

    newsletter_id: int
    is_asked: Annotated[bool, told("Whether the mailbox is asked; else the subscription stands as `state` says.")]
    subscriber_id: Annotated[int | None, told("null while the mailbox is asked.")]
    state: SubscriptionState | None


@dataclass(frozen=True)
class SubscriberChange:
    """What is to change of a reader."""

    name: Annotated[str, told("Empty takes it away.", most=200)]


@dataclass(frozen=True)
class Leaving:
    """Which newsletter somebody leaves."""

    newsletter_id: Annotated[int, key_told()]


@dataclass(frozen=True)
class Suppression:
    """An address that is never mailed."""

    address: str
    reason: SuppressionReason
    note: str
    at: datetime


def list_subscribers(call: Call) -> Page:
    """Returns a newsletter's readers, oldest first."""
    asked: SubscribersAsked = call.query
    newsletter_id = call.named(asked.newsletter_id)
    after = call.place[0] if call.place else 0
    with here.db().read() as session:
        rows = paging.subscribers(session, newsletter_id, state=asked.state, after_id=after, limit=asked.limit + 1)
    last = [rows[asked.limit - 1].id] if len(rows) > asked.limit else None
    return Page([_listed(row) for row in rows[: asked.limit]], last)


def search_subscribers(call: Call) -> SearchResult:
    """Returns whoever has an address."""
    newsletter_id, key = call.named(call.body.newsletter_id), checked_address(call.body.address).key
    with here.db().read() as session:
        known = store.subscriber_id(session, key)
        row = None if known is None else store.subscriber_row(session, newsletter_id, known)
    return SearchResult(() if row is None else (_listed(row),))


def add_subscriber(call: Call) -> Reply:
    """Asks the mailbox, or subscribes at once on a basis that is kept."""
    given: NewSubscriber = call.body
    newsletter_id, through = call.named(given.newsletter_id), f"API token {call.bearer.name}"[:100]
    if given.consent_basis is None:
        words = given.words or "They signed up at another site."
        sign_up.sign_up(
            here.db(), newsletter_id, given.address, name=given.name, place=through, words=words, now=here.now()
        )
        return Reply(Taken(newsletter_id, is_asked=True, subscriber_id=None, state=None), 202)
    basis = one_line(given.consent_basis, max_characters=_MOST_BASIS)
    if not basis:
        raise InvalidError("consent_basis", "Say why they may be mailed: it is kept with them.")
    subscriber_id = subscribe.add(
        here.db(),
        newsletter_id,
        given.address,
        name=given.name,
        how=through,
        words=basis,
        step=ConsentStep.IMPORTED,
        by=call.by,
        now=here.now(),
    )
    with here.db().read() as session:
        row = record.subscription(session, newsletter_id, subscriber_id)
    taken = Taken(newsletter_id, is_asked=False, subscriber_id=subscriber_id, state=None if row is None else row.state)
    return Reply(taken, 201, {"Location": f"/api/v1/subscribers/{subscriber_id}"})


def get_subscriber(call: Call) -> Subscriber:
    """Returns one reader."""
    with here.db().read() as session:
        return _seen(session, call)


def change_subscriber(call: Call) -> Subscriber:
    """Gives a reader another name."""
    get_subscriber(call)
    subscribe.rename(here.db(), call.path["subscriber_id"], call.body.name, now=here.now(), by=call.by)
    return get_subscriber(call)


def unsubscribe_subscriber(call: Call) -> Subscriber:
    """Ends one subscription."""
    get_subscriber(call)
    newsletter_id, through = call.named(call.body.newsletter_id), f"API token {call.bearer.name}"[:100]
    subscribe.unsubscribe(here.db(), newsletter_id, call.path["subscriber_id"], now=here.now(), how=through, by=call.by)
    return get_subscriber(call)


def erase_subscriber(call: Call) -> Reply:
    """Erases a reader: nothing that names them is left."""
    get_subscriber(call)
    if erase.erase(here.db(), call.path["subscriber_id"], by=call.by, now=here.now()) is None:
        raise NotFoundError("subscriber", call.path["subscriber_id"])
    return Reply(None, 204)


def list_suppressions(call: Call) -> Page:
    """Returns addresses that are never mailed, by address."""
    limit, after = call.query.limit, call.place[0] if call.place else ""
    with here.db().read() as session:
        rows = suppressed.rows(session, limit=limit + 1, after=after)
    shown = [of(Suppression, row, address=row.address_key) for row in rows[:limit]]
    return Page(shown, [rows[limit - 1].address_key] if len(rows) > limit else None)


def _seen(session: Session, call: Call) -> Subscriber:
    """Whoever is a reader elsewhere only is not there."""
    subscriber_id = call.path["subscriber_id"]
    row = store.subscriber_row(session, None, subscriber_id)
    known = record.subscriptions(session, subscriber_id)
    shown = [each for each in known if call.may_in(each.newsletter_id)]
    # Of whoever has no subscription at all only a token for all newsletters may know.
    if row is None or (not shown and (known or call.bearer.newsletter_id is not None)):
        raise NotFoundError("subscriber", subscriber_id)
    found: Subscriber = of(Subscriber, row, subscriptions=tuple(of(Subscription, each) for each in shown))
    return found


def _listed(row: SubscriberRow) -> Listed:
    found: Listed = of(Listed, row)
    return found


OPERATIONS = (
    Operation(
        "list_subscribers",
        "GET",
        "/subscribers",
        Tag.SUBSCRIBERS,
        ApiScope.READ_SUBSCRIBERS,
        "List a newsletter's readers, oldest first",
        list_subscribers,
        {200: None},
        query=SubscribersAsked,
        item=Listed,
        example_query="newsletter_id=1&state=active",
    ),
    Operation(
        "add_subscriber",
        "POST",
        "/subscribers",
        Tag.SUBSCRIBERS,
        ApiScope.WRITE_SUBSCRIBERS,
        "Sign somebody up",
        add_subscriber,
        {202: Taken, 201: Taken},
        about=(
            "202: the mailbox is asked, and whoever has it confirms; the answer is the same for every address. With a "
            "`consent_basis` they are subscribed at once (201), and the basis is kept: as in a file, nobody who left "
            "comes back by it."
        ),
        body=NewSubscriber,
        also=(Kind.WRONG_STATE,),
        example={"newsletter_id": 1, "address": "ada@example.org", "words": "Send me the AI weekly."},
    ),
    Operation(
        "search_subscribers",
        "POST",
        "/subscribers/search",
        Tag.SUBSCRIBERS,
        ApiScope.READ_SUBSCRIBERS,
        "Find a reader by their address",
        search_subscribers,
        {200: SearchResult},
        about="A POST, because addresses have no place in addresses of pages, which servers write into logs.",
        body=Search,
        names_readers=True,
        example={"newsletter_id": 1, "address": "ada@example.org"},
    ),
    Operation(
        "get_subscriber",
        "GET",
        "/subscribers/{subscriber_id}",
        Tag.SUBSCRIBERS,
        ApiScope.READ_SUBSCRIBERS,
        "Get a reader",
        get_subscriber,
        {200: Subscriber},
    ),
    Operation(
        "change_subscriber",
        "PATCH",
        "/subscribers/{subscriber_id}",
        Tag.SUBSCRIBERS,
        ApiScope.WRITE_SUBSCRIBERS,
        "Change a reader's name",
        change_subscriber,
        {200: Subscriber},
        body=SubscriberChange,
        example={"name": "Ada"},
    ),
    Operation(
        "unsubscribe_subscriber",
        "POST",
        "/subscribers/{subscriber_id}/unsubscribe",
        Tag.SUBSCRIBERS,
        ApiScope.WRITE_SUBSCRIBERS,
        "End a subscription",
        unsubscribe_subscriber,
        {200: Subscriber},
        body=Leaving,
        names_readers=True,
        example={"newsletter_id": 1},
    ),
    Operation(
        "erase_subscriber",
        "DELETE",
        "/subscribers/{subscriber_id}",
        Tag.SUBSCRIBERS,
        ApiScope.ERASE_SUBSCRIBERS,
        "Erase a reader for good",
        erase_subscriber,
        {204: None},
        about="Nothing that names them is left, in any newsletter. They come back by signing up themselves.",
        is_desk_wide=True,
    ),
    Operation(
        "list_suppressions",
        "GET",
        "/suppressions",
        Tag.SUBSCRIBERS,
        ApiScope.READ_SUBSCRIBERS,
        "List addresses that are never mailed",
        list_suppressions,
        {200: None},
        query=Paged,
        item=Suppression,
        is_desk_wide=True,
    ),
)
