"""Postmark: one fact a call, told apart by its RecordType. Pure."""

from typing import Any

from curator.events.providers.values import Fact, FactKind, fact_id, marked, moment, named, part, said, text
from curator.mailings.transports.marked import MARK

# The other types are of mail that is still tried ("Transient"), of people's answers, or of tests.
_HARD = ("HardBounce", "BadEmailAddress")
_SOFT = ("SoftBounce", "DnsError", "SpamNotification", "Blocked", "DMARCPolicy", "VirusNotification", "Unknown")
_ASKED_TO_STOP = ("ManualSuppression",)


def facts(told: Any) -> list[Fact]:
    """Returns what a call tells; nothing for openings, clicks and what is still on its way."""
    match text(told, "RecordType"):
        case "Delivery":
            return [_fact(told, FactKind.DELIVERED, "DeliveredAt", id_=_of_message(told))]
        case "Bounce":
            return _bounce(told)
        case "SpamComplaint":
            return [_fact(told, FactKind.COMPLAINED, "BouncedAt", id_=text(told, "ID") or _of_message(told))]
        case "SubscriptionChange":
            is_leaving = part(told, "SuppressSending") is True and text(told, "SuppressionReason") in _ASKED_TO_STOP
            if not is_leaving or text(told, "Origin") != "Recipient":
                return []
            return [_fact(told, FactKind.UNSUBSCRIBED, "ChangedAt", id_=_of_message(told))]
    return []


def _bounce(told: Any) -> list[Fact]:
    sort, id_ = text(told, "Type"), text(told, "ID") or _of_message(told)
    if sort == "SpamComplaint":
        return [_fact(told, FactKind.COMPLAINED, "BouncedAt", id_=id_)]
    if sort == "Unsubscribe":
        return [_fact(told, FactKind.UNSUBSCRIBED, "BouncedAt", id_=id_)]
    if sort not in (*_HARD, *_SOFT):
        return []
    return [_fact(told, FactKind.BOUNCED, "BouncedAt", id_=id_, is_permanent=sort in _HARD)]


def _fact(told: Any, kind: FactKind, at: str, *, id_: str, is_permanent: bool = False) -> Fact:
    return Fact(
        id=fact_id("postmark", kind, id_),
        kind=kind,
        at=moment(part(told, at)),
        is_permanent=is_permanent,
        words=said(text(told, "Details")) or said(text(told, "Type"), text(told, "Description")),
        # Its own MessageID is a name that we never see; ours comes back as metadata.
        message_ids=(*marked(text(told, "Metadata", MARK)), *named(text(told, "Metadata", "message-id"))),
    )


def _of_message(told: Any) -> str:
    return f"{text(told, 'MessageID')} {text(told, 'Recipient') or text(told, 'Email')}"
