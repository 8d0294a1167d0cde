"""The two links of a confirmation letter: "Yes, send it to me" and "I never signed up"."""

from flask import render_template, request

from curator.audience import links, sign_up
from curator.audience.links import ConfirmLink
from curator.errors import NotFoundError, TokenError
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.public import promise
from curator.web.public.door import blueprint, damaged, newsletter_with

_DAMAGED = "Open the mail again and press its link there, or sign up once more."


@blueprint.route("/c/<token>", methods=["GET", "POST"])
def confirm(token: str) -> str | tuple[str, int]:
    """A look shows one button, because mail scanners look; the button confirms."""
    try:
        link, newsletter = _named(token)
    except (TokenError, NotFoundError):
        return damaged(_DAMAGED)
    words = promise.confirm(newsletter)
    if request.method == "POST":
        outcome = sign_up.confirm(here.db(), link, place="/c", words=words, now=here.now())
    else:
        outcome = sign_up.standing(here.db(), link, now=here.now())
    return render_template(
        "public/confirm.html", newsletter=newsletter, outcome=outcome.value, words=words, token=token
    )


@blueprint.post("/c/<token>/again")
def confirm_again(token: str) -> str | tuple[str, int]:
    """Sends a new link to whoever comes too late: they hold the old one, so the mailbox is theirs."""
    try:
        link, newsletter = _named(token)
    except (TokenError, NotFoundError):
        return damaged(_DAMAGED)
    words = promise.sign_up(newsletter)
    is_sent = sign_up.ask_again(here.db(), link, place="/c", words=words, now=here.now())
    outcome = "sent" if is_sent else "not sent"
    return render_template("public/confirm.html", newsletter=newsletter, outcome=outcome, token=token)


@blueprint.route("/d/<token>", methods=["GET", "POST"])
def deny(token: str) -> str | tuple[str, int]:
    """A look shows one button; the button ends what somebody else began. A second press says the same."""
    try:
        link, newsletter = _named(token)
    except (TokenError, NotFoundError):
        return damaged(_DAMAGED)
    words, state = promise.deny(newsletter), "open"
    if request.method == "POST":
        sign_up.deny(here.db(), link, place="/d", words=words, now=here.now())
        state = "held" if sign_up.is_denied(here.db(), link, now=here.now()) else "over"
    return render_template("public/deny.html", newsletter=newsletter, words=words, state=state)


def _named(token: str) -> tuple[ConfirmLink, NewsletterSpec]:
    link = links.read_confirm_token(here.app().keys, token)
    return link, newsletter_with(link.newsletter_id)
