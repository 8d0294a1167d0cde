"""Everything that is written down of one subscriber, in one line of time: consent, letters, issues, what came back."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from curator.activity import store as activity
from curator.activity.values import ActivityRow
from curator.addresses import address_key
from curator.audience.portrait import store as portrait
from curator.audience.record import store as record
from curator.audience.values import ConsentStep, SubscriberRow
from curator.db import Session
from curator.events.heard import store as heard
from curator.events.heard.store import Heard
from curator.events.values import EventKind
from curator.letters import store as letters
from curator.letters.values import LetterKind, LetterState
from curator.mailings.received import store as received
from curator.mailings.received.store import Received
from curator.mailings.values import DeliveryState
from curator.web import words
from curator.web.desk.deeds import people

PAGE = 50

_STEPS = {
    ConsentStep.ASKED: "Signed up",
    ConsentStep.CONFIRMED: "Confirmed",
    ConsentStep.LEFT: "Left",
    ConsentStep.RETURNED: "Took the leaving back",
    ConsentStep.DENIED: "Said “I never signed up”",
    ConsentStep.ADDED: "Added by hand",
    ConsentStep.IMPORTED: "Imported from a file",
    ConsentStep.PAUSED: "Paused it",
    ConsentStep.RESUMED: "Ended the pause",
    ConsentStep.CHOSE: "Chose what comes and how",
    ConsentStep.READDRESSED: "Changed the address",
}
_LETTERS = {
    LetterKind.CONFIRM: "Asked to confirm",
    LetterKind.KNOWN: "Told that they subscribe already",
    LetterKind.WELCOME: "Welcomed",
}
_LETTER_STATES = {
    LetterState.SENT: "sent",
    LetterState.REFUSED: "refused by their mail server",
    LetterState.DROPPED: "not sent any more",
    LetterState.HELD: "held while the newsletter is in test mode",
}
_DELIVERIES = {
    DeliveryState.SENT: "sent",
    DeliveryState.REFUSED: "refused",
    DeliveryState.DEFERRED: "put off by their mail server",
    DeliveryState.IN_DOUBT: "may have been sent",
    DeliveryState.EXCLUDED: "left out",
    DeliveryState.CANCELLED: "not sent: the mailing was stopped",
}
_EVENTS = {
    EventKind.CLICKED: "Clicked",
    EventKind.BOUNCED: "The mail came back",
    EventKind.UNSUBSCRIBED: "Unsubscribed by it",
    EventKind.COMPLAINED: "Called it spam",
    EventKind.DELIVERED: "It was delivered",
    EventKind.OPENED: "Opened",
}
# What the record of consent tells in more words.
_TOLD = ("signed up", "confirmed", "unsubscribed", "returned", "denied", "subscribed")


@dataclass(frozen=True)
class Moment:
    """One thing that happened: in which newsletter (None: of no one), where or about what, in which words."""

    at: datetime
    what: str
    newsletter_id: int | None = None
    where: str = ""
    words: str = ""
    url: str = ""


@dataclass(frozen=True)
class Timeline:
    """A page of it, newest first; `older` is the moment before which the next page begins, None at the end."""

    moments: list[Moment]
    older: datetime | None


def timeline(
    session: Session, reader: SubscriberRow, newsletter_ids: Collection[int], *, before: datetime | None
) -> Timeline:
    """Returns what happened before a moment in these newsletters; seven queries, however much it is."""
    key = address_key(reader.address)
    steps = record.steps_before(session, reader.id, newsletter_ids, before=before, limit=PAGE + 1)
    names = people(session)
    found = [
        *(Moment(each.at, _STEPS[each.step], each.newsletter_id, each.place, each.words) for each in steps),
        *_letters(session, key, newsletter_ids, before=before),
        *map(_delivery, received.history(session, reader.id, newsletter_ids, before=before, limit=PAGE + 1)),
        *map(_event, heard.history(session, reader.id, newsletter_ids, before=before, limit=PAGE + 1)),
        *_suppression(session, key, before=before),
        *(
            _deed(each, names)
            for each in activity.of_thing(session, "subscriber", reader.id, but=_TOLD, before=before, limit=PAGE + 1)
        ),
    ]
    return _page(found)


def _page(found: Iterable[Moment]) -> Timeline:
    """Cuts a page where two moments differ, so that nothing of one moment is lost between two pages."""
    moments = sorted(found, key=lambda one: one.at, reverse=True)
    end = PAGE
    while end < len(moments) and moments[end].at == moments[end - 1].at:
        end += 1
    return Timeline(moments[:end], moments[end - 1].at if len(moments) > end else None)


def _letters(
    session: Session, key: str, newsletter_ids: Collection[int], *, before: datetime | None
) -> Iterable[Moment]:
    for kind, state, newsletter_id, at in letters.history(session, key, before=before, limit=PAGE + 1):
        if newsletter_id is None or newsletter_id in newsletter_ids:
            said = _LETTERS.get(kind, f"A letter ({kind.value.replace('_', ' ')})")
            yield Moment(at, said, newsletter_id, "letter", _LETTER_STATES.get(state, "waits to be sent"))


def _delivery(row: Received) -> Moment:
    said = _DELIVERIES.get(row.state, "waits to be sent")
    why = words.left_out(row.reason or "") if row.state is DeliveryState.EXCLUDED else row.reason or ""
    code = f" (code {row.code})" if row.code and row.state is not DeliveryState.SENT else ""
    url = url_for("desk.mailing", mailing_id=row.mailing_id)
    what = f"Issue {row.issue_number}{' as a test' if row.is_test else ''}: {said}"
    return Moment(row.at, what, row.newsletter_id, "", f"{why}{code}".strip(), url)


def _event(row: Heard) -> Moment:
    url = url_for("desk.mailing", mailing_id=row.mailing_id)
    what = f"{_EVENTS[row.kind]}: issue {row.issue_number}"
    return Moment(row.at, what, row.newsletter_id, "", row.label or row.detail, url)


def _suppression(session: Session, key: str, *, before: datetime | None) -> Iterable[Moment]:
    row = portrait.suppression(session, key)
    if row is not None and (before is None or row.at < before):
        yield Moment(row.at, f"Never mailed from then on: {row.reason}", None, "", row.note)


def _deed(change: ActivityRow, names: dict[int, str]) -> Moment:
    tag = change.became("name") or change.was("name")
    what = {
        "tagged": f"Tagged “{tag}”",
        "untagged": f"The tag “{tag}” was taken off",
        "suppressed": "Said never to mail them",
        "unsuppressed": "May be mailed again",
        "renamed": "Changed their name",
    }.get(change.verb, change.verb.removesuffix(" on").capitalize())
    by = "" if change.actor is None else f"by {names.get(change.actor, 'somebody')}"
    return Moment(change.at, what, None, by, "taken back since" if change.undone_at is not None else "")
