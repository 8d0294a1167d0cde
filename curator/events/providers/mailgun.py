"""Mailgun: one event a call, with its signature beside it. Pure."""

from typing import Any

from curator.events.providers.values import Fact, FactKind, fact_id, marked, moment, named, part, said, text
from curator.mailings.transports.marked import MARK

_KINDS = {
    "delivered": FactKind.DELIVERED,
    "failed": FactKind.BOUNCED,
    "complained": FactKind.COMPLAINED,
    "unsubscribed": FactKind.UNSUBSCRIBED,
}
# It refused by itself, because of what it knows of the address.
_STANDS_FOR = {"suppress-complaint": FactKind.COMPLAINED, "suppress-unsubscribe": FactKind.UNSUBSCRIBED}
_KNOWN_DEAD, _KNOWN = "suppress-bounce", "Mailgun knows that mail to this address came back before."


def facts(told: Any) -> list[Fact]:
    """Returns what a call tells; nothing for openings, clicks and failures after which it tries again."""
    event = part(told, "event-data")
    kind, reason = _KINDS.get(text(event, "event")), text(event, "reason")
    if kind is None or (kind is FactKind.BOUNCED and text(event, "severity") != "permanent"):
        return []
    status, code = part(event, "delivery-status"), text(event, "delivery-status", "code")
    headers = part(event, "message", "headers")
    return [
        Fact(
            id=fact_id("mailgun", text(event, "id") or f"{text(headers, 'message-id')} {text(event, 'timestamp')}"),
            kind=_STANDS_FOR.get(reason, kind) if kind is FactKind.BOUNCED else kind,
            at=moment(part(event, "timestamp")),
            is_permanent=kind is FactKind.BOUNCED and (reason == _KNOWN_DEAD or code in ("550", "551", "553", "605")),
            status=text(status, "enhanced-code"),
            words=_KNOWN if reason == _KNOWN_DEAD else _words(status) or said(reason),
            message_ids=(*named(text(headers, "message-id")), *marked(text(event, "user-variables", MARK))),
            addressed=tuple(each for each in (text(event, "envelope", "sender"),) if each),
        )
    ]


def _words(status: Any) -> str:
    return said(text(status, "code"), text(status, "message"), text(status, "description"))
