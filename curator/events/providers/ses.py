"""Amazon SES: its notifications and published events, as SNS carries them. Pure.

Both forms are read: "notificationType" of an identity's feedback, "eventType" of a configuration set.
"""

from collections.abc import Iterator
from typing import Any

from curator.events.providers.values import Fact, FactKind, fact_id, loaded, moment, named, part, said, text

# RFC 5965 and its registry: these reports are no "this is spam".
_NO_COMPLAINTS = ("auth-failure", "not-spam", "virus")
_DEAD = ("NoEmail", "Suppressed", "OnAccountSuppressionList")
_CHOICE = "subscriptionStatus"
_MOST = 100


def facts(envelope: Any) -> list[Fact]:
    """Returns what a notification of SNS tells; nothing for what is no news of a message."""
    message = text(envelope, "Message")
    if not message.lstrip().startswith("{"):
        # "Successfully validated SNS topic for Amazon SES event publishing."
        return []
    told = loaded(message.encode())
    kind = text(told, "eventType") or text(told, "notificationType")
    read = {"Bounce": _bounces, "Complaint": _complaints, "Delivery": _deliveries, "Subscription": _leavings}.get(kind)
    return [] if read is None else list(read(told))


def _bounces(told: Any) -> Iterator[Fact]:
    bounce, sort = part(told, "bounce"), text(told, "bounce", "bounceSubType")
    is_permanent = text(bounce, "bounceType") == "Permanent"
    for each in _listed(bounce, "bouncedRecipients"):
        yield Fact(
            **_whose(told),
            id=fact_id("ses", "bounce", text(bounce, "feedbackId"), text(each, "emailAddress")),
            kind=FactKind.BOUNCED,
            at=moment(part(bounce, "timestamp")),
            is_permanent=is_permanent and (sort in _DEAD or sort == "General"),
            status=text(each, "status"),
            words=said(text(each, "diagnosticCode")) or said(text(bounce, "bounceType"), sort),
        )


def _complaints(told: Any) -> Iterator[Fact]:
    complaint = part(told, "complaint")
    if text(complaint, "complaintFeedbackType") in _NO_COMPLAINTS:
        return
    for each in _listed(complaint, "complainedRecipients"):
        yield Fact(
            **_whose(told),
            id=fact_id("ses", "complaint", text(complaint, "feedbackId"), text(each, "emailAddress")),
            kind=FactKind.COMPLAINED,
            at=moment(part(complaint, "timestamp")),
            words=said(text(complaint, "complaintFeedbackType")),
        )


def _deliveries(told: Any) -> Iterator[Fact]:
    delivery = part(told, "delivery")
    recipients = part(delivery, "recipients")
    for each in recipients[:_MOST] if isinstance(recipients, list) else ():
        yield Fact(
            **_whose(told),
            id=fact_id("ses", "delivery", text(told, "mail", "messageId"), text(each)),
            kind=FactKind.DELIVERED,
            at=moment(part(delivery, "timestamp")),
            words=said(text(delivery, "smtpResponse")),
        )


def _leavings(told: Any) -> Iterator[Fact]:
    # It tells of every change of a reader's choices, of a return too.
    wants = part(told, "subscription", "newTopicPreferences")
    topics = _listed(wants, "topicSubscriptionStatus")
    if part(wants, "unsubscribeAll") is not True and not any(text(each, _CHOICE) == "OptOut" for each in topics):
        return
    yield Fact(
        **_whose(told),
        id=fact_id("ses", "leaving", text(told, "mail", "messageId"), text(told, "subscription", "timestamp")),
        kind=FactKind.UNSUBSCRIBED,
        at=moment(part(told, "subscription", "timestamp")),
    )


def _listed(told: Any, name: str) -> list[Any]:
    found = part(told, name)
    return found[:_MOST] if isinstance(found, list) else []


def _whose(told: Any) -> dict[str, Any]:
    """Returns what names the message: SES gives it an id of its own, and ours stands among the headers."""
    headers = part(told, "mail", "headers")
    ours = [
        text(each, "value")
        for each in (headers if isinstance(headers, list) else [])[:200]
        if text(each, "name").lower() == "message-id"
    ]
    return {
        "message_ids": named(*ours, text(told, "mail", "commonHeaders", "messageId")),
        "addressed": tuple(each for each in (text(told, "mail", "source"),) if each),
    }
