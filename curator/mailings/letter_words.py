"""What each kind of letter says. Pure.

Nothing that a stranger typed stands in a letter to somebody who has not confirmed: a sign-up form would else carry
anybody's words to anybody.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from curator.audience.consent import CONFIRM_WITHIN
from curator.letters.values import LetterLink, LetterText
from curator.newsletters.cadence import describe
from curator.newsletters.values import NewsletterSpec
from curator.promotions.values import Booking, Slot


def confirm(newsletter: NewsletterSpec, *, asked_at: datetime, confirm_url: str, deny_url: str) -> LetterText:
    """Returns the words that ask whether a sign-up was meant."""
    name = newsletter.name
    asked = moment(asked_at, newsletter.cadence.zone)
    return LetterText(
        subject=f"Confirm: {name}",
        masthead=name,
        title=f"Do you want {name}?",
        paragraphs=(
            f"Somebody, most likely you, asked for it at this address on {asked}.",
            f"The button works for {CONFIRM_WITHIN.days} days. You get nothing unless you confirm.",
        ),
        button=LetterLink(f"Yes, send me {name}", confirm_url),
        links=(LetterLink("I never signed up", deny_url),),
        footer=_from(newsletter),
    )


def known(newsletter: NewsletterSpec, *, preferences_url: str) -> LetterText:
    """Returns the words for somebody who asked for what they get already."""
    name = newsletter.name
    return LetterText(
        subject=f"You get {name} already",
        masthead=name,
        title=f"You get {name} already",
        paragraphs=(
            f"Somebody, most likely you, asked for it at this address. It comes {describe(newsletter.cadence)}.",
            "Nothing has changed. If it does not arrive, look among your spam, or see what you get here.",
        ),
        button=LetterLink("See what I get", preferences_url),
        footer=_from(newsletter),
    )


def welcome(
    newsletter: NewsletterSpec, *, newest: LetterLink | None, preferences_url: str, unsubscribe_url: str
) -> LetterText:
    """Returns the first words to a new subscriber; `newest` leads to the newest issue, if one was sent."""
    name = newsletter.name
    said = (newsletter.tagline,) if newsletter.tagline else ()
    return LetterText(
        subject=f"Welcome to {name}",
        masthead=name,
        title=f"Welcome to {name}",
        paragraphs=(
            *said,
            f"It comes {describe(newsletter.cadence)}.",
            *(("Until then, this is the newest issue.",) if newest else ()),
        ),
        button=newest,
        links=(
            LetterLink("See what I get", preferences_url),
            LetterLink(f"Unsubscribe from {name}", unsubscribe_url),
        ),
        footer=_from(newsletter),
    )


def sponsor_asked(
    newsletter: NewsletterSpec, slot: Slot, booking: Booking, *, sponsor: str, url: str, is_late: bool
) -> LetterText:
    """Returns the words that ask a sponsor for the words of a booking: until when, how many, and where."""
    name, whose = newsletter.name, sponsor or "your promotion"
    issue = f"{booking.issue_on.day} {booking.issue_on:%B %Y}"
    deadline = moment(booking.deadline_at, newsletter.cadence.zone)
    if is_late:
        until = f"They were due on {deadline}. Later ones are kept, but run only if an editor lets them in."
    else:
        until = f"Please write them by {deadline}. Later ones are kept, but run only if an editor lets them in."
    text = f" and up to {slot.max_text} of text" if slot.max_text else " and no text"
    room = f"There is room for a title of up to {slot.max_title} characters{text}, a link, and a picture if you like."
    why = f"You get this because {newsletter.sender_name} booked a place for {whose} and gave this address."
    return LetterText(
        subject=f"Words for {name} of {issue}",
        masthead=name,
        title=f"Your words for the issue of {issue}",
        paragraphs=(
            f"{name} keeps a place for {whose} in its issue of {issue}, under the label “{slot.label}”.",
            room,
            until,
            "The button needs no account: whoever has this letter can write these words, and nothing else.",
        ),
        button=LetterLink("Write the words", url),
        footer=(why, "If that is a mistake, answer this letter."),
    )


def invitation(*, desk: str, name: str, by_name: str, sign_in_url: str, valid_hours: int) -> LetterText:
    """Returns the words that let somebody in to the desk; `desk` is what is published there."""
    who = by_name or "An owner of this desk"
    return LetterText(
        subject=f"{who} invites you to the desk of {desk}",
        masthead=desk,
        title=f"Welcome to the desk, {name}",
        paragraphs=(
            f"{who} has given you a place at the desk where {desk} is made.",
            f"The button signs you in once, within {valid_hours} hours. Set a password then, under your name.",
        ),
        button=LetterLink("Go to the desk", sign_in_url),
        footer=("If you do not know why you got this, leave it: nothing happens.",),
    )


def marked_as_test(subject: str, *, revision: int) -> str:
    """Returns the subject of an issue's test mail, which names the revision that it shows."""
    return f"[Test, revision {revision}] {subject or 'no subject yet'}"


def moment(at: datetime, zone: str) -> str:
    """Returns "Monday 16 November 2026 at 09:00 (Europe/London)"."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B} {local.year} at {local:%H:%M} ({zone})"


def _from(newsletter: NewsletterSpec) -> tuple[str, ...]:
    lines = (f"{newsletter.name} is published by {newsletter.sender_name}.", newsletter.postal_address)
    return tuple(line for line in lines if line)
