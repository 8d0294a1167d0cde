"""Complaints and other feedback of mailbox providers (ARF: RFC 5965, 6591, 6650). Pure."""

import re

from curator.events.bounces.values import Finding, Kind, Reason
from curator.events.parts import Fields, Part, fields_of, split

_MOST_RECIPIENTS = 20
_ADDRESS = re.compile(r"[^\s<>,;\"]{1,64}@[^\s<>,;\"]{1,190}")
_KINDS = {
    "abuse": Kind.COMPLAINT,
    "fraud": Kind.COMPLAINT,
    "opt-out": Kind.OPT_OUT,
    "opt-out-list": Kind.OPT_OUT,
    "auth-failure": Kind.AUTH_FAILURE,
    "dkim": Kind.AUTH_FAILURE,
}
# What some name of the reader whom the standard's own field leaves out.
_IN_MESSAGE = ("x-hmxmroriginalrecipient", "x-original-to", "delivered-to", "to")


def findings(found: list[Part], *, returned: tuple[str, ...]) -> list[Finding]:
    """Returns what a feedback report says, one for each reader; nothing where a mail is none.

    `not-spam`, `virus` and what is not known are no complaint: they come as NONE.
    """
    report = next((part for part in found if part.kind == "message/feedback-report"), None)
    message = next((fields_of(split(part.content)[0]) for part in found if part.kind in returned), {})
    if report is None:
        complained = _addresses(message, ("x-hmxmroriginalrecipient",))
        return [Finding(Kind.COMPLAINT, Reason.FEEDBACK, each, words="abuse") for each in complained]
    fields = fields_of(report.content.lstrip(b"\r\n"))
    named = fields.get("feedback-type", [""])[0].lower()
    kind = _KINDS.get(named, Kind.NONE)
    readers = _addresses(fields, ("original-rcpt-to", "removal-recipient")) or _addresses(message, _IN_MESSAGE)
    return [Finding(kind, Reason.FEEDBACK, each, words=named[:40]) for each in readers or [""]]


def _addresses(fields: Fields, names: tuple[str, ...]) -> list[str]:
    for name in names:
        values = fields.get(name, [])[:_MOST_RECIPIENTS]
        got = [match.group() for value in values for match in _ADDRESS.finditer(value[:2_000])]
        if got:
            return list(dict.fromkeys(got))[:_MOST_RECIPIENTS]
    return []
