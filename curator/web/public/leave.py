"""The way out of a newsletter, as readers and their mail programs take it, and the way back."""

from collections.abc import Callable

import structlog
from flask import render_template, request

from curator.audience import consent, links, subscribe
from curator.audience.growth import count
from curator.audience.growth.values import Change
from curator.audience.links import UnsubscribeLink
from curator.errors import CuratorError, InvalidError, NotFoundError, TokenError
from curator.events import listen
from curator.languages import msgid
from curator.mailings import store as mailings
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.public import promise
from curator.web.public.door import blueprint, damaged, newsletter_with

_log = structlog.get_logger()

# The body of a mail program's one-click request (RFC 8058 section 3.1).
_ONE_CLICK = "One-Click"
_ONE_CLICK_WORDS = "Unsubscribed by the mail program's own button (RFC 8058)."
_DAMAGED = msgid(
    "Open the newest newsletter and press its own unsubscribe link, or answer that mail with the word unsubscribe."
)

# What the buttons send, and what stands on them.
_REASONS = {
    Change.TOO_OFTEN.value: msgid("It comes too often"),
    Change.UNEXPECTED.value: msgid("It is not what I expected"),
    Change.NEVER_ASKED.value: msgid("I never asked for it"),
    Change.OTHER.value: msgid("Another reason"),
}


@blueprint.route("/u/<token>", methods=["GET", "POST"])
def unsubscribe(token: str) -> str | tuple[str, int]:
    """A look shows one button, because mail scanners look; a POST acts at once, without cookie or CSRF token: whoever
    holds the signed link may leave, and a mail program's one-click request has neither (RFC 8058).
    """
    try:
        link, newsletter = _named(token)
    except (TokenError, NotFoundError):
        return damaged(here.say(_DAMAGED))
    if not promise.is_as_shown(promise.leave(newsletter)):
        return _page(newsletter, token, "open", may_undo=False, changed=here.say(promise.CHANGED)), 422
    if request.method == "POST":
        _end(link, newsletter)
    may_undo = _may_undo(link)
    state = "left" if may_undo or request.method == "POST" else "open"
    return _page(newsletter, token, state, may_undo=may_undo, asks_why=state == "left" and _asks_why(link))


@blueprint.post("/u/<token>/undo")
def undo_unsubscribe(token: str) -> str | tuple[str, int]:
    """Takes the leaving back, where the reader left by their own link of late."""
    try:
        link, newsletter = _named(token)
    except (TokenError, NotFoundError):
        return damaged(here.say(_DAMAGED))
    if not promise.is_as_shown(promise.come_back(newsletter)):
        return _page(newsletter, token, "left", may_undo=True, changed=here.say(promise.CHANGED)), 422
    is_back = subscribe.undo_unsubscribe(
        here.db(),
        link.newsletter_id,
        link.subscriber_id,
        now=here.now(),
        place="/u",
        words=promise.come_back(newsletter),
    )
    if is_back:
        _returned(link)
    return _page(newsletter, token, "back" if is_back else "not back", may_undo=False)


@blueprint.post("/u/<token>/why")
def say_why(token: str) -> str | tuple[str, int]:
    """Counts why somebody left, if they like to say it; who said it is kept nowhere."""
    try:
        link, newsletter = _named(token)
    except (TokenError, NotFoundError):
        return damaged(here.say(_DAMAGED))
    try:
        count.say_why(here.db(), link.newsletter_id, link.subscriber_id, request.form.get("reason", ""), now=here.now())
    except InvalidError:
        return _page(newsletter, token, "left", may_undo=_may_undo(link)), 422
    return _page(newsletter, token, "left", may_undo=_may_undo(link), has_said=True)


def _may_undo(link: UnsubscribeLink) -> bool:
    return subscribe.may_undo(here.db(), link.newsletter_id, link.subscriber_id, now=here.now())


def _asks_why(link: UnsubscribeLink) -> bool:
    return count.may_say_why(here.db(), link.newsletter_id, link.subscriber_id, now=here.now())


def _named(token: str) -> tuple[UnsubscribeLink, NewsletterSpec]:
    link = links.read_unsubscribe_token(here.app().keys, token)
    return link, newsletter_with(link.newsletter_id)


def _end(link: UnsubscribeLink, newsletter: NewsletterSpec) -> None:
    """Ends the subscription; a reader whose rows were erased has nothing left to end."""
    is_one_click = request.form.get("List-Unsubscribe") == _ONE_CLICK
    has_ended = subscribe.unsubscribe(
        here.db(),
        link.newsletter_id,
        link.subscriber_id,
        now=here.now(),
        how=consent.ONE_CLICK if is_one_click else consent.LINK,
        place="/u",
        words=_ONE_CLICK_WORDS if is_one_click else promise.leave(newsletter),
    )
    if has_ended:
        _count(link, _left)


def _count(link: UnsubscribeLink, note: Callable[[int, int], None]) -> None:
    """Counts the leaving for the mailing that carried the link; the reader has left, whatever comes of the counting.

    A mailing may be gone where a backup was restored.
    """
    if link.mailing_id is None:
        return
    try:
        with here.db().read() as session:
            is_there = mailings.is_there(session, link.mailing_id)
        if is_there:
            note(link.mailing_id, link.subscriber_id)
    except CuratorError as error:
        _log.warning("an unsubscribing was not counted", mailing_id=link.mailing_id, cause=repr(error))


def _left(mailing_id: int, subscriber_id: int) -> None:
    listen.note_unsubscribed(here.db(), mailing_id=mailing_id, subscriber_id=subscriber_id, now=here.now())


def _returned(link: UnsubscribeLink) -> None:
    """Takes the counting back too: that of the mailing by which the reader left, whichever link brings them back."""
    try:
        listen.note_returned(here.db(), newsletter_id=link.newsletter_id, subscriber_id=link.subscriber_id)
    except CuratorError as error:
        _log.warning("a return was not counted", newsletter_id=link.newsletter_id, cause=repr(error))


def _page(
    newsletter: NewsletterSpec,
    token: str,
    state: str,
    *,
    may_undo: bool,
    changed: str = "",
    asks_why: bool = False,
    has_said: bool = False,
) -> str:
    return render_template(
        "public/unsubscribe.html",
        newsletter=newsletter,
        token=token,
        state=state,
        may_undo=may_undo,
        changed=changed,
        reasons=_REASONS if asks_why else {},
        has_said=has_said,
        leave_words=promise.leave(newsletter),
        back_words=promise.come_back(newsletter),
    )
