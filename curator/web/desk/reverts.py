"""What can be taken back at the desk, and by whom: every room's opposites, and the reasons where there is none."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import curator
from curator.accounts.values import Right
from curator.activity.values import ActivityRow, Revert
from curator.web import here


def _collected(name: str) -> dict[str, object]:
    """Returns what the rooms' `reverts.py` hold under a name: a room that has one need not be listed here."""
    found: dict[str, object] = {}
    root = Path(curator.__file__).parent
    for path in sorted(root.glob("**/reverts.py")):
        room = path.parent.relative_to(root).parts
        if room[0] != "web":  # this file
            found |= getattr(import_module(".".join(("curator", *room, "reverts"))), name, {})
    return found


REVERTS: Mapping[str, Revert] = _collected("REVERTS")  # type: ignore[assignment]  # - each room declares its own as such

_MAIL = "What a mailing did is on its own page, where it is paused, resumed or settled."
_SIGN_IN = "It happened, and is kept so that you can see it."
_INBOX = "Press the item's other button in the inbox."

_WITHDRAWN = "What was withdrawn is kept nowhere, so nobody can put it back."

FINAL: Mapping[str, str] = {
    "item.picked": _INBOX,
    "item.unpicked": _INBOX,
    "item.passed over": _INBOX,
    "item.offered again": _INBOX,
    "mailing.paused": _MAIL,
    "mailing.resumed": _MAIL,
    "mailing.cancelled": "A cancelled mailing is over. Schedule the issue again: whoever got it is left out.",
    "mailing.stopped to mend": "Approve the issue as it stands and send it: the rest get it then.",
    "mailing.took back": "Nothing had left. Schedule the issue again when it is ready.",
    "mailing.did not wait for": "Mail that has left cannot be called back.",
    "mailing.settled": _MAIL,
    "promotion.shared the report of": "Take the link back on the promotion's report.",
    "promotion.took back the shared report of": "Share the report again: the new link is another one.",
    "restoration.restored": "Restore another backup; what was there before lies beside the database.",
    "restoration.let go": "Mail that has left cannot be called back. Pause the newsletter to stop for a while.",
    "booking.sent words for": "The sponsor sent them. Approve others, or write them yourself.",
    "booking.wrote to the sponsor of": "The letter has left. Free the slot, and its link is dead.",
    "booking.took back the approval of": "Approve the words again where they are booked.",
    "newsletter.probed": "Mail that has left cannot be called back.",
    "quote.withdrew": _WITHDRAWN,
    "guest.withdrew": _WITHDRAWN,
    "user.ended a sign-in of": _SIGN_IN,
    "user.ended the sign-ins of": _SIGN_IN,
    "user.turned on the second factor of": "Turn it off under your name.",
    "user.took the second factor off": "The old key is gone. Turn a new one on.",
    "user.renewed the recovery codes of": "The old codes are gone.",
    "user.created": "Put the person out on the people page.",
    "user.invited": "A letter that has left cannot be called back. Put the person out on the people page.",
    "user.set the password of": "No old password is kept. Set another one.",
    "user.deactivated": "Let the person in again on the people page.",
    "user.reactivated": "Put the person out again on the people page.",
    "user.signed in": _SIGN_IN,
    "user.signed in by link": _SIGN_IN,
    "api_token.make": "Revoke the token under your name.",
    "api_token.revoke": "A revoked token stays so: make another.",
    **_collected("FINAL"),  # type: ignore[dict-item]  # - each room declares its own as such
}
"""Why these cannot be taken back. An opposite in `REVERTS` comes first."""

# What asks for more, or for less, than its subject does otherwise.
_PUBLISHING = (
    *("issue.approved", "issue.took back the approval of", "issue.scheduled", "issue.unscheduled"),
    "issue.pointed a link elsewhere of",
    *("issue.handed back", "issue.skipped", "issue.took back the skipping of"),
    *("newsletter.skipped a slot of", "newsletter.took back the skipping of a slot of"),
    *("newsletter.planned an issue of", "newsletter.took out a planned issue of"),
    *("booking.approved", "booking.took back the approval of"),
)
_OWN = ("switched the shortcuts of", "renamed", "noted the absence of")
_BY_SUBJECT = {
    "issue": Right.WRITE,
    "item": Right.WRITE,
    "quote": Right.WRITE,
    "episode": Right.WRITE,
    "show": Right.WRITE,
    "platform": Right.WRITE,
    "feed": Right.WRITE,
    "feeds": Right.WRITE,
    "promotion": Right.WRITE,
    "promotion slot": Right.PUBLISH,
    "booking": Right.WRITE,
    "mute": Right.WRITE,
    "tip": Right.WRITE,
    "blocked term": Right.WRITE,
    "check": Right.WRITE,
    "correction": Right.PUBLISH,
    "mailing": Right.PUBLISH,
    "subscriber": Right.READERS,
    "segment": Right.READERS,
    "tagging": Right.READERS,
}


def right_to(change: ActivityRow) -> Right:
    """Returns what it takes to take a change back: what it took to make it. What is not known here, managers may."""
    if change.deed in _PUBLISHING:
        return Right.PUBLISH
    if change.subject == "user" and change.verb in _OWN and change.subject_id == change.actor == here.editor_id():
        return Right.LOOK
    if change.deed == "subscriber.unsuppressed":
        return Right.READERS
    if change.deed == "subscriber.suppressed":
        return Right.MANAGE
    return _BY_SUBJECT.get(change.subject, Right.MANAGE)


def may_undo(change: ActivityRow, newsletter_id: int | None = None) -> bool:
    """Tells whether whoever is signed in is offered to take a change back that was made in a newsletter, or in none."""
    if change.deed not in REVERTS or change.undone_at is not None:
        return False
    return not _is_readers(change) and here.may(right_to(change), newsletter_id)


def _is_readers(change: ActivityRow) -> bool:
    """Readers, and the mail servers that speak of them, do what they do by themselves."""
    return change.subject == "subscriber" and change.actor is None


def why_not(change: ActivityRow) -> str:
    """Returns why a change cannot be taken back by anybody; nothing where it can, or could."""
    return "" if change.deed in REVERTS else FINAL.get(change.deed, "This cannot be taken back.")
