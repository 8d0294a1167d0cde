"""The API's mailings: what is being sent, how far it is, and its brakes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from curator.accounts.values import ApiScope
from curator.events import listen
from curator.mailings import control, store
from curator.mailings.paging import store as paging
from curator.mailings.values import DeliveryState, MailingState, MailingView
from curator.web import here
from curator.web.api.operations import Call, Operation, Page, Paged, Tag
from curator.web.api.problems import Kind
from curator.web.api.shapes import key_told, of, told


@dataclass(frozen=True, kw_only=True)
class MailingsAsked(Paged):
    """Which mailings."""

    newsletter_id: Annotated[int, key_told("Those of this newsletter.")]
    issue_id: Annotated[int | None, key_told("Those of this issue.")] = None


@dataclass(frozen=True)
class Count:
    """How many readers, by what became of them."""

    state: DeliveryState
    readers: int


@dataclass(frozen=True)
class Exclusion:
    """How many readers were left out, by why."""

    reason: str
    readers: int


@dataclass(frozen=True)
class Mailing:
    """One run of sending an issue. Its candidates are accounted for: they are the sum of all counts."""

    id: int
    issue_id: int
    newsletter_id: int
    state: MailingState
    is_test: Annotated[bool, told("Whether it goes to the desk alone.")]
    reason: Annotated[str, told("Why it stopped, or what the trouble is.")]
    started_at: datetime
    finished_at: datetime | None
    hold_until: Annotated[datetime | None, told("Until then nothing leaves, and cancelling takes it back.")]
    waits_until: datetime | None
    waits_for: Annotated[str, told("Which rule it waits for: hours, pace, a wave's pause.")]
    retry_at: Annotated[datetime | None, told("When the relay is tried again after trouble.")]
    candidates: int
    counts: tuple[Count, ...]
    left_out: tuple[Exclusion, ...]
    hard_bounces: int
    complaints: int


def list_mailings(call: Call) -> Page:
    """Returns a newsletter's mailings, newest first."""
    asked: MailingsAsked = call.query
    newsletter_id = call.named(asked.newsletter_id)
    before = call.place[0] if call.place else None
    with here.db().read() as session:
        rows = paging.mailings(session, newsletter_id, issue_id=asked.issue_id, before_id=before, limit=asked.limit + 1)
    last = [rows[asked.limit - 1].id] if len(rows) > asked.limit else None
    return Page([_shown(row) for row in rows[: asked.limit]], last)


def get_mailing(call: Call) -> Mailing:
    """Returns one mailing."""
    mailing_id = call.path["mailing_id"]
    with here.db().read() as session:
        call.require(store.newsletter_of(session, mailing_id), "mailing", mailing_id)
        return _shown(store.mailing(session, mailing_id))


def pause_mailing(call: Call) -> Mailing:
    """Stops a mailing after the windows in flight."""
    return _controlled(call, control.pause)


def resume_mailing(call: Call) -> Mailing:
    """Lets a paused mailing go on."""
    return _controlled(call, control.resume)


def cancel_mailing(call: Call) -> Mailing:
    """Ends a mailing for good; one that is held is taken back."""
    found = _controlled(call, control.cancel)
    listen.note_accepted(here.db(), found.id)
    return found


def _controlled(call: Call, deed: Callable[..., None]) -> Mailing:
    get_mailing(call)
    deed(here.db(), call.path["mailing_id"], now=here.now(), by=call.by)
    return get_mailing(call)


def _shown(view: MailingView) -> Mailing:
    balance = view.balance
    found: Mailing = of(
        Mailing,
        view,
        candidates=balance.candidates,
        counts=tuple(Count(state, number) for state, number in sorted(balance.by_state.items())),
        left_out=tuple(Exclusion(why, number) for why, number in sorted(balance.excluded_by_reason.items())),
    )
    return found


def _brake(name: str, summary: str, run: Callable[[Call], Mailing], about: str) -> Operation:
    return Operation(
        f"{name}_mailing",
        "POST",
        f"/mailings/{{mailing_id}}/{name}",
        Tag.MAILINGS,
        ApiScope.CONTROL_MAILINGS,
        summary,
        run,
        {200: Mailing},
        about=about,
        also=(Kind.WRONG_STATE,),
    )


OPERATIONS = (
    Operation(
        "list_mailings",
        "GET",
        "/mailings",
        Tag.MAILINGS,
        ApiScope.READ_MAILINGS,
        "List a newsletter's mailings, newest first",
        list_mailings,
        {200: None},
        query=MailingsAsked,
        item=Mailing,
        example_query="newsletter_id=1",
    ),
    Operation(
        "get_mailing",
        "GET",
        "/mailings/{mailing_id}",
        Tag.MAILINGS,
        ApiScope.READ_MAILINGS,
        "Get a mailing with its accounts",
        get_mailing,
        {200: Mailing},
    ),
    _brake("pause", "Pause a mailing", pause_mailing, "What is in flight arrives; nothing more leaves."),
    _brake("resume", "Resume a paused mailing", resume_mailing, "Rules that it waits for still hold."),
    _brake(
        "cancel",
        "Cancel a mailing for good",
        cancel_mailing,
        "While it is held it is taken back, and its issue is approved as before; later the issue is held.",
    ),
)
