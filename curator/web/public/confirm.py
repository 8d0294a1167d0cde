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
    is_as_shown = promise.is_as_shown(words)
    if request.method == "POST" and is_as_shown:
        outcome = sign_up.confirm(here.db(), link, place="/c", words=words, now=here.now())
    else:
        outcome = sign_up.standing(here.db(), link, now=here.now())
    page = render_template(
        "public/confirm.html",
        newsletter=newsletter,
        outcome=outcome.value,
        words=words,
        token=token,
        changed="" if is_as_shown else promise.CHANGED,
    )
    return page if is_as_shown else (page, 422)


@blueprint.post("/c/<token>/again")
def confirm_again(token: str) -> str | tuple[str, int]:
    """Sends a new link to whoever comes too late: they hold the old one, so the mailbox is theirs."""
    try:
        link, newsletter = _named(token)
    except (TokenError, NotFoundError):
        return damaged(_DAMAGED)
    words = promise.sign_up(newsletter)
    if not promise.is_as_shown(words):
        return _shown_again("confirm.html", newsletter, outcome="expired", token=token)
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
    if not promise.is_as_shown(words):
        return _shown_again("deny.html", newsletter, state=state, words=words, token=token)
    if request.method == "POST":
        sign_up.deny(here.db(), link, place="/d", words=words, now=here.now())
        state = "held" if sign_up.is_denied(here.db(), link, now=here.now()) else "over"
    may_take_back = state == "held" and sign_up.may_take_back(here.db(), link, now=here.now())
    return render_template(
        "public/deny.html", newsletter=newsletter, words=words, state=state, token=token, may_take_back=may_take_back
    )


@blueprint.post("/d/<token>/mistake")
def take_denial_back(token: str) -> str | tuple[str, int]:
    """Begins the sign-up anew for whoever pressed the wrong link of the two."""
    try:
        link, newsletter = _named(token)
    except (TokenError, NotFoundError):
        return damaged(_DAMAGED)
    words = promise.sign_up(newsletter)
    if not promise.is_as_shown(words):
        return _shown_again("deny.html", newsletter, state="held", token=token, may_take_back=True)
    is_sent = sign_up.take_back(here.db(), link, place="/d", words=words, now=here.now())
    outcome = "sent" if is_sent else "not sent"
    return render_template("public/confirm.html", newsletter=newsletter, outcome=outcome, token=token)


def _shown_again(page: str, newsletter: NewsletterSpec, **values: object) -> tuple[str, int]:
    return render_template(f"public/{page}", newsletter=newsletter, changed=promise.CHANGED, **values), 422


def _named(token: str) -> tuple[ConfirmLink, NewsletterSpec]:
    link = links.read_confirm_token(here.app().keys, token)
    return link, newsletter_with(link.newsletter_id)
