"""The sentences that readers agree to: a page shows them, and the record of consent keeps what the page showed."""

from flask import request

from curator.newsletters.cadence import describe
from curator.newsletters.values import NewsletterSpec
from curator.web.public.door import blueprint

CHANGED = "What this page says was changed while it was open. Read it again, then press."


def is_as_shown(words: str, *, field: str = "words") -> bool:
    """Tells whether a form was posted under these words; a bare POST, without any, is taken with them."""
    return request.form.get(field, words) == words


@blueprint.app_template_global("sign_up_words")
def sign_up(newsletter: NewsletterSpec) -> str:
    """Returns what stands at the sign-up form's button."""
    return f"Yes, send me {newsletter.name} {describe(newsletter.cadence)}. I can stop it at any time with one press."


def confirm(newsletter: NewsletterSpec) -> str:
    """Returns what stands at the button that confirms a sign-up."""
    return f"Press the button, and {newsletter.name} comes to you {describe(newsletter.cadence)}."


def deny(newsletter: NewsletterSpec) -> str:
    """Returns what stands at the button "I never signed up"."""
    return f"Somebody typed your address at {newsletter.name}. Press the button, and it sends you nothing."


def leave(newsletter: NewsletterSpec) -> str:
    """Returns what stands at the button that ends a subscription."""
    return f"One press and no more of {newsletter.name} is sent to you. No sign-in, no reason needed."


def come_back(newsletter: NewsletterSpec) -> str:
    """Returns what stands at the button that takes the leaving back."""
    return f"Pressed by mistake? {newsletter.name} can go on coming as before."


def prefer(newsletter: NewsletterSpec) -> str:
    """Returns what stands beside a newsletter's box on a reader's own page."""
    return f"Send me {newsletter.name} {describe(newsletter.cadence)}."


LEAVE_ALL = "Leave all newsletters of this publisher."
