"""What each kind of letter says, in the newsletter's language; those to people at the desk are in English. Pure.

Nothing that a stranger typed stands in a letter to somebody who has not confirmed: a sign-up form would else carry
anybody's words to anybody.
"""

from collections.abc import Sequence
from datetime import datetime

from curator.audience.consent import CONFIRM_WITHIN
from curator.languages import ENGLISH, Speech, msgid, speech
from curator.letters.values import LetterLink, LetterText
from curator.newsletters.cadence import describe
from curator.newsletters.values import NewsletterSpec
from curator.promotions.values import Booking, Slot

_LONGEST_ALERT = 200
_WHY_THANKED = msgid(
    "Somebody, most likely you, sent us the link and asked to hear of it at this address. This is the only mail that "
    "comes of it: you are on no list, and the address is deleted."
)


def confirm(newsletter: NewsletterSpec, *, asked_at: datetime, confirm_url: str, deny_url: str) -> LetterText:
    """Returns the words that ask whether a sign-up was meant."""
    say, name = speech(newsletter.language), newsletter.name
    asked = say.moment(asked_at, newsletter.cadence.zone)
    return LetterText(
        subject=say.gettext("Confirm: %(name)s", name=name),
        masthead=name,
        title=say.gettext("Do you want %(name)s?", name=name),
        paragraphs=(
            say.gettext("Somebody, most likely you, asked for it at this address on %(moment)s.", moment=asked),
            say.counted(
                "The button works for %(num)s day. You get nothing unless you confirm.",
                "The button works for %(num)s days. You get nothing unless you confirm.",
                CONFIRM_WITHIN.days,
            ),
        ),
        button=LetterLink(say.gettext("Yes, send me %(name)s", name=name), confirm_url),
        links=(LetterLink(say.gettext("I never signed up"), deny_url),),
        footer=_from(newsletter, say),
        language=say.lang,
    )


def known(newsletter: NewsletterSpec, *, preferences_url: str) -> LetterText:
    """Returns the words for somebody who asked for what they get already."""
    say, name = speech(newsletter.language), newsletter.name
    return LetterText(
        subject=say.gettext("You get %(name)s already", name=name),
        masthead=name,
        title=say.gettext("You get %(name)s already", name=name),
        paragraphs=(
            say.gettext(
                "Somebody, most likely you, asked for it at this address. It comes %(rhythm)s.",
                rhythm=describe(newsletter.cadence, say),
            ),
            say.gettext("Nothing has changed. If it does not arrive, look among your spam, or see what you get here."),
        ),
        button=LetterLink(say.gettext("See what I get"), preferences_url),
        footer=_from(newsletter, say),
        language=say.lang,
    )


def welcome(
    newsletter: NewsletterSpec, *, newest: LetterLink | None, preferences_url: str, unsubscribe_url: str
) -> LetterText:
    """Returns the first words to a new subscriber; `newest` leads to the newest issue, if one was sent."""
    say, name = speech(newsletter.language), newsletter.name
    said = (newsletter.tagline,) if newsletter.tagline else ()
    return LetterText(
        subject=say.gettext("Welcome to %(name)s", name=name),
        masthead=name,
        title=say.gettext("Welcome to %(name)s", name=name),
        paragraphs=(
            *said,
            say.gettext("It comes %(rhythm)s.", rhythm=describe(newsletter.cadence, say)),
            *((say.gettext("Until then, this is the newest issue."),) if newest else ()),
        ),
        button=newest,
        links=(
            LetterLink(say.gettext("See what I get"), preferences_url),
            LetterLink(say.gettext("Unsubscribe from %(name)s", name=name), unsubscribe_url),
        ),
        footer=_from(newsletter, say),
        language=say.lang,
    )


def download(newsletter: NewsletterSpec, thing: str, *, asked_at: datetime, ends_at: datetime, url: str) -> LetterText:
    """Returns the words that bring somebody the way to a transcript or file that they asked for."""
    say, zone = speech(newsletter.language), newsletter.cadence.zone
    return LetterText(
        subject=say.gettext("What you asked for: %(thing)s", thing=thing),
        masthead=newsletter.name,
        title=thing,
        paragraphs=(
            say.gettext(
                "Somebody, most likely you, asked for it at this address on %(at)s.", at=say.moment(asked_at, zone)
            ),
            say.gettext(
                "The button leads to a page from which you download it. It works until %(at)s.",
                at=say.moment(ends_at, zone),
            ),
        ),
        button=LetterLink(say.gettext("Get it"), url),
        footer=(
            say.gettext(
                "Nothing else comes of it: you are on no list. If it was not you, the page forgets your address."
            ),
            *_from(newsletter, say),
        ),
        language=say.lang,
    )


def tip_thanks(newsletter: NewsletterSpec, *, titles: Sequence[str], number: int, url: str) -> LetterText:
    """Returns the words that tell a reader that the links which they sent in have run; `titles` are the pages' own."""
    say, name = speech(newsletter.language), newsletter.name
    return LetterText(
        subject=say.gettext("Your tip is in issue %(number)s of %(name)s", number=number, name=name),
        masthead=name,
        title=say.ngettext("Thank you: your link ran", "Thank you: your links ran", len(titles)),
        paragraphs=(
            say.ngettext(
                "What you told us of stands in issue %(number)s of %(name)s:",
                "The links that you told us of stand in issue %(number)s of %(name)s:",
                len(titles),
                number=number,
                name=name,
            ),
            *titles,
        ),
        button=LetterLink(read_issue(newsletter, number), url),
        footer=(say.gettext(_WHY_THANKED), *_from(newsletter, say)),
        language=say.lang,
    )


def read_issue(newsletter: NewsletterSpec, number: int) -> str:
    """Returns what stands on the button that leads to an issue."""
    return speech(newsletter.language).gettext("Read issue %(number)s", number=number)


def sponsor_asked(
    newsletter: NewsletterSpec, slot: Slot, booking: Booking, *, sponsor: str, url: str, is_late: bool
) -> LetterText:
    """Returns the words that ask a sponsor for the words of a booking: until when, how many, and where."""
    say, name = speech(newsletter.language), newsletter.name
    whose = sponsor or say.gettext("your promotion")
    issue = say.dated(booking.issue_on)
    deadline = say.moment(booking.deadline_at, newsletter.cadence.zone)
    until = msgid("Please write them by %(moment)s. Later ones are kept, but run only if an editor lets them in.")
    if is_late:
        until = msgid("They were due on %(moment)s. Later ones are kept, but run only if an editor lets them in.")
    return LetterText(
        subject=say.gettext("Words for %(name)s of %(date)s", name=name, date=issue),
        masthead=name,
        title=say.gettext("Your words for the issue of %(date)s", date=issue),
        paragraphs=(
            say.gettext(
                "%(name)s keeps a place for %(sponsor)s in its issue of %(date)s, under the label “%(label)s”.",
                name=name,
                sponsor=whose,
                date=issue,
                label=slot.label,
            ),
            _room(slot, say),
            say.gettext(until, moment=deadline),
            say.gettext(
                "The button needs no account: whoever has this letter can write these words, and nothing else."
            ),
        ),
        button=LetterLink(say.gettext("Write the words"), url),
        footer=(
            say.gettext(
                "You get this because %(sender)s booked a place for %(sponsor)s and gave this address.",
                sender=newsletter.sender_name,
                sponsor=whose,
            ),
            say.gettext("If that is a mistake, answer this letter."),
        ),
        language=say.lang,
    )


def _room(slot: Slot, say: Speech) -> str:
    most = {"title": say.number(slot.max_title), "text": say.number(slot.max_text)}
    message = msgid(
        "There is room for a title of up to %(title)s characters and up to %(text)s of text, a link, and a picture "
        "if you like."
    )
    if not slot.max_text:
        del most["text"]
        message = msgid(
            "There is room for a title of up to %(title)s characters and no text, a link, and a picture if you like."
        )
    return say.gettext(message, **most)


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


def alert(*, desk: str, what: str, todo: str, url: str, at: str, is_over: bool) -> LetterText:
    """Returns the words that tell whoever runs an installation of what needs a person, or that it is over."""
    over = f"This has ended by itself or was mended. It began on {at}."
    return LetterText(
        subject=f"{'Over: ' if is_over else ''}{what}"[:_LONGEST_ALERT],
        masthead=f"Curator, {desk}",
        title="It is over" if is_over else "This needs a person",
        paragraphs=(what, over) if is_over else (what, todo, f"First seen on {at}."),
        button=None if is_over else LetterLink("Look at it", url),
        footer=(
            "You get this because you run this installation of Curator. It is told once, and once a day while open.",
        ),
    )


def marked_as_test(subject: str, *, revision: int) -> str:
    """Returns the subject of an issue's test mail, which names the revision that it shows."""
    return f"[Test, revision {revision}] {subject or 'no subject yet'}"


def moment(at: datetime, zone: str) -> str:
    """Returns "Monday 16 November 2026 at 09:00 (Europe/London)", as the desk writes it."""
    return ENGLISH.moment(at, zone)


def _from(newsletter: NewsletterSpec, say: Speech) -> tuple[str, ...]:
    who = say.gettext("%(name)s is published by %(sender)s.", name=newsletter.name, sender=newsletter.sender_name)
    return tuple(line for line in (who, newsletter.postal_address) if line)
