"""The sentences that readers agree to: a page shows them, and the record of consent keeps what the page showed."""

from collections.abc import Sequence

from flask import request

from curator.languages import msgid
from curator.newsletters.cadence import describe
from curator.newsletters.values import NewsletterSpec
from curator.picks.tips.values import KEPT_FOR
from curator.web import here
from curator.web.public.door import blueprint

CHANGED = msgid("What this page says was changed while it was open. Read it again, then press.")
LEAVE_ALL = msgid("Leave all newsletters of this publisher.")


def is_as_shown(words: str, *, field: str = "words") -> bool:
    """Tells whether a form was posted under these words; a bare POST, without any, is taken with them."""
    return request.form.get(field, words) == words


@blueprint.app_template_global("sign_up_words")
def sign_up(newsletter: NewsletterSpec) -> str:
    """Returns what stands at the sign-up form's button."""
    return here.say("Yes, send me %(name)s %(rhythm)s. I can stop it at any time with one press.", **_what(newsletter))


def confirm(newsletter: NewsletterSpec) -> str:
    """Returns what stands at the button that confirms a sign-up."""
    return here.say("Press the button, and %(name)s comes to you %(rhythm)s.", **_what(newsletter))


def deny(newsletter: NewsletterSpec) -> str:
    """Returns what stands at the button "I never signed up"."""
    return here.say(
        "Somebody typed your address at %(name)s. Press the button, and it sends you nothing.", name=newsletter.name
    )


def leave(newsletter: NewsletterSpec) -> str:
    """Returns what stands at the button that ends a subscription."""
    return here.say(
        "One press and no more of %(name)s is sent to you. No sign-in, no reason needed.", name=newsletter.name
    )


def come_back(newsletter: NewsletterSpec) -> str:
    """Returns what stands at the button that takes the leaving back."""
    return here.say("Pressed by mistake? %(name)s can go on coming as before.", name=newsletter.name)


def prefer(newsletter: NewsletterSpec) -> str:
    """Returns what stands beside a newsletter's box on a reader's own page."""
    return here.say("Send me %(name)s %(rhythm)s.", **_what(newsletter))


def pause() -> str:
    """Returns what stands at the button that keeps newsletters back for a while."""
    return here.say("Send me nothing until then. It goes on by itself.")


def resume(newsletter: NewsletterSpec) -> str:
    """Returns what stands at the button that ends a pause."""
    return here.say("Send me %(name)s again from now on.", name=newsletter.name)


def move() -> str:
    """Returns what stands at the button by which a mailbox agrees to a change of address."""
    return here.say("Press the button, and what came to your other address comes to this one.")


def move_back() -> str:
    """Returns what stands at the button by which the old mailbox takes a change of address back."""
    return here.say("Press the button, and your mail comes to this address again.")


def names(newsletters: Sequence[NewsletterSpec]) -> str:
    """Returns "A", "A and B" or "A, B and C"."""
    return here.speech().joined([each.name for each in newsletters])


def _what(newsletter: NewsletterSpec) -> dict[str, str]:
    return {"name": newsletter.name, "rhythm": describe(newsletter.cadence, here.speech())}


def tip() -> str:
    """Returns what stands at the button that sends a link in."""
    return here.say(
        "An editor looks at your link before anything is done with it. Your name is for the editors alone. Your "
        "address gets one mail, if the link runs, and is deleted then, or after %(days)s days.",
        days=KEPT_FOR.days,
    )
