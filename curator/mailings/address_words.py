"""What the letters about a change of address say, in the newsletter's language. Pure.

The other address is never written out: a link may be in the wrong hands, and a letter must not tell what it knows.
"""

from curator.audience.readdress import AGREED_WITHIN, BACK_WITHIN
from curator.languages import speech
from curator.letters.values import LetterLink, LetterText
from curator.newsletters.values import NewsletterSpec


def asked(newsletter: NewsletterSpec, *, url: str) -> LetterText:
    """Returns the words that ask a mailbox whether mail is to come to it from now on."""
    say = speech(newsletter.language).gettext
    return LetterText(
        subject=say("Confirm your new address for %(name)s", name=newsletter.name),
        masthead=newsletter.name,
        title=say("Shall your mail come here?"),
        paragraphs=(
            say(
                "Somebody, most likely you, wants what %(publisher)s sends to another address to come to this one.",
                publisher=newsletter.sender_name,
            ),
            speech(newsletter.language).counted(
                "The button works for %(num)s day. Nothing changes unless you press it.",
                "The button works for %(num)s days. Nothing changes unless you press it.",
                AGREED_WITHIN.days,
            ),
        ),
        button=LetterLink(say("Yes, send it to this address"), url),
        footer=_why(newsletter),
        language=speech(newsletter.language).lang,
    )


def told(newsletter: NewsletterSpec, *, to: str) -> LetterText:
    """Returns the words that tell the present mailbox that another one was asked, whatever becomes of that."""
    say = speech(newsletter.language).gettext
    return LetterText(
        subject=say("Another address for %(name)s", name=newsletter.name),
        masthead=newsletter.name,
        title=say("You want your mail at another address?"),
        paragraphs=(
            say("By your own link it was asked to send your mail to %(address)s.", address=_masked(to)),
            say("A mail with a button is on its way there. Your mail goes on coming here until that is pressed."),
            say("Does nothing arrive there? It may be an address that we must not write to. Then answer this mail."),
            say("If it was not you, leave the mail there alone. Do not pass mails on with your own link in them."),
        ),
        footer=_why(newsletter),
        language=speech(newsletter.language).lang,
    )


def known(newsletter: NewsletterSpec, *, preferences_url: str) -> LetterText:
    """Returns the words for a mailbox that has subscriptions of its own."""
    say = speech(newsletter.language).gettext
    return LetterText(
        subject=say("This address gets its own mail already"),
        masthead=newsletter.name,
        title=say("This address gets its own mail already"),
        paragraphs=(
            say("Somebody, most likely you, wants mail of another address to come to this one."),
            say("This one is known here by itself, so the two cannot become one. Nothing has changed."),
            say("Choose here what comes to this address, and leave by the link in the mail to the other one."),
        ),
        button=LetterLink(say("See what I get"), preferences_url),
        footer=_why(newsletter),
        language=speech(newsletter.language).lang,
    )


def moved(newsletter: NewsletterSpec, *, to: str, back_url: str) -> LetterText:
    """Returns the words that tell the old mailbox where its mail goes from now on, and how to take that back."""
    say = speech(newsletter.language).gettext
    return LetterText(
        subject=say("Your mail goes to another address now"),
        masthead=newsletter.name,
        title=say("Your mail goes to another address now"),
        paragraphs=(
            say("From now on it comes to %(address)s, whose owner has confirmed it.", address=_masked(to)),
            speech(newsletter.language).counted(
                "Was it not you? For %(num)s day the button brings it back.",
                "Was it not you? For %(num)s days the button brings it back.",
                BACK_WITHIN.days,
            ),
        ),
        button=LetterLink(say("Send it here again"), back_url),
        footer=_why(newsletter),
        language=speech(newsletter.language).lang,
    )


def _masked(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def _why(newsletter: NewsletterSpec) -> tuple[str, ...]:
    say = speech(newsletter.language).gettext
    told = say("%(name)s is published by %(sender)s.", name=newsletter.name, sender=newsletter.sender_name)
    return tuple(line for line in (told, newsletter.postal_address) if line)
