"""SendGrid: many events a call. Pure."""

from collections.abc import Iterator
from typing import Any

from curator.events.providers.values import Fact, FactKind, fact_id, marked, moment, named, part, said, text
from curator.mailings.transports.marked import MARK

_KINDS = {
    "delivered": FactKind.DELIVERED,
    "bounce": FactKind.BOUNCED,
    "spamreport": FactKind.COMPLAINED,
    "unsubscribe": FactKind.UNSUBSCRIBED,
    "group_unsubscribe": FactKind.UNSUBSCRIBED,
}
# What it did not even try, by its reason.
_DROPPED = {
    "bounced address": FactKind.BOUNCED,
    "invalid": FactKind.BOUNCED,
    "spam reporting address": FactKind.COMPLAINED,
    "unsubscribed address": FactKind.UNSUBSCRIBED,
}
MOST = 5_000
"""Events of one call: it sends at most 768 kB, or as many as half a kilobyte each makes of our limit."""


def facts(told: Any) -> list[Fact]:
    """Returns what a call tells; openings, clicks, and what is still on its way are left out."""
    return [fact for each in (told if isinstance(told, list) else [])[:MOST] for fact in _fact(each)]


def _fact(event: Any) -> Iterator[Fact]:
    sort, reason = text(event, "event"), text(event, "reason")
    kind = _DROPPED.get(reason.lower()) if sort == "dropped" else _KINDS.get(sort)
    if kind is None:
        return
    id_ = text(event, "sg_event_id") or f"{sort} {text(event, 'sg_message_id')} {text(event, 'timestamp')}"
    yield Fact(
        id=fact_id("sendgrid", id_),
        kind=kind,
        at=moment(part(event, "timestamp")),
        is_permanent=sort == "dropped" or (sort == "bounce" and text(event, "type") == "bounce"),
        status=text(event, "status"),
        words=said(reason) or said(text(event, "response")),
        message_ids=(*named(text(event, "smtp-id")), *marked(text(event, MARK))),
    )
