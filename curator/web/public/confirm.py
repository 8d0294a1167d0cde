"""The two links of a confirmation letter, about one newsletter or several: "Yes" and "I never signed up"."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import render_template, request

from curator.audience import links, sign_up
from curator.audience.joining import store as joining
from curator.audience.links import ConfirmLink
from curator.audience.values import Confirmation, InterestRow
from curator.errors import NotFoundError, TokenError
from curator.languages import msgid
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.public import promise
from curator.web.public.door import blueprint, damaged, newsletter_with

_DAMAGED = msgid("Open the mail again and press its link there, or sign up once more.")
# What a page about several newsletters says is what matters most about any of them.
_WEIGHT = (
    Confirmation.OPEN,
    Confirmation.CONFIRMED,
    Confirmation.ALREADY,
    Confirmation.EXPIRED,
    Confirmation.OVER,
)


@dataclass(frozen=True)
class Line:
    """One sign-up that the letter was about: its newsletter, how it stands, what is agreed to and asked for with it."""

    link: ConfirmLink
    newsletter: NewsletterSpec
    outcome: Confirmation
    interests: tuple[InterestRow, ...] = ()

    @property
    def words(self) -> str:
        """What stands at the button that confirms."""
        return promise.confirm(self.newsletter)


@blueprint.route("/c/<token>", methods=["GET", "POST"])
def confirm(token: str) -> str | tuple[str, int]:
    """A look shows one button, because mail scanners look; the button confirms."""
    try:
        lines = _lines(token)
    except (TokenError, NotFoundError):
        return damaged(here.say(_DAMAGED))
    is_as_shown = _are_as_shown(lines, promise.confirm)
    if request.method == "POST" and is_as_shown:
        words = {line.newsletter.id: line.words for line in lines}
        asked = [line.link for line in lines]
        said = sign_up.confirm_all(here.db(), asked, place="/c", words=words, now=here.now())
        lines = [Line(line.link, line.newsletter, said[line.newsletter.id], line.interests) for line in lines]
    page = _page(token, lines, _outcome(lines), changed=not is_as_shown)
    return page if is_as_shown else (page, 422)


@blueprint.post("/c/<token>/again")
def confirm_again(token: str) -> str | tuple[str, int]:
    """Sends a new link to whoever comes too late: they hold the old one, so the mailbox is theirs."""
    try:
        lines = _lines(token)
    except (TokenError, NotFoundError):
        return damaged(here.say(_DAMAGED))
    late = [line for line in lines if line.outcome is Confirmation.EXPIRED] or lines
    if not _are_as_shown(late, promise.sign_up):
        return _page(token, late, "expired", changed=True), 422
    are_sent = [
        sign_up.ask_again(here.db(), line.link, place="/c", words=promise.sign_up(line.newsletter), now=here.now())
        for line in late
    ]
    return _page(token, late, "sent" if any(are_sent) else "not sent")


@blueprint.route("/d/<token>", methods=["GET", "POST"])
def deny(token: str) -> str | tuple[str, int]:
    """A look shows one button; the button ends what somebody else began. A second press says the same."""
    try:
        lines = _lines(token)
    except (TokenError, NotFoundError):
        return damaged(here.say(_DAMAGED))
    if not _are_as_shown(lines, promise.deny):
        return _deny_page(token, lines, "open", changed=True), 422
    if request.method != "POST":
        return _deny_page(token, lines, "open")
    for line in lines:
        sign_up.deny(here.db(), line.link, place="/d", words=promise.deny(line.newsletter), now=here.now())
    is_held = sign_up.is_denied(here.db(), lines[0].link, now=here.now())
    return _deny_page(token, lines, "held" if is_held else "over")


@blueprint.post("/d/<token>/mistake")
def take_denial_back(token: str) -> str | tuple[str, int]:
    """Begins the sign-up anew for whoever pressed the wrong link of the two."""
    try:
        lines = _lines(token)
    except (TokenError, NotFoundError):
        return damaged(here.say(_DAMAGED))
    if not _are_as_shown(lines, promise.sign_up):
        return _deny_page(token, lines, "held", changed=True), 422
    are_sent = [
        sign_up.take_back(here.db(), line.link, place="/d", words=promise.sign_up(line.newsletter), now=here.now())
        for line in lines
    ]
    return _page(token, lines, "sent" if any(are_sent) else "not sent")


def _lines(token: str) -> list[Line]:
    found = []
    for link in links.read_confirm_token(here.app().keys, token):
        newsletter = newsletter_with(link.newsletter_id)
        outcome = sign_up.standing(here.db(), link, now=here.now())
        with here.db().read() as session:
            interests = joining.asked(session, newsletter.id, link.subscriber_id)
        found.append(Line(link, newsletter, outcome, tuple(interests)))
    # The letter was in the language of its first newsletter.
    here.speak(found[0].newsletter.language)
    return found


def _outcome(lines: Sequence[Line]) -> str:
    return min((line.outcome for line in lines), key=_WEIGHT.index).value


def _are_as_shown(lines: Sequence[Line], words: Callable[[NewsletterSpec], str]) -> bool:
    """Tells whether each sentence is what the page showed; a letter about one newsletter has one field for it."""
    if len(lines) == 1:
        return promise.is_as_shown(words(lines[0].newsletter))
    return all(promise.is_as_shown(words(line.newsletter), field=f"words-{line.newsletter.id}") for line in lines)


def _page(token: str, lines: Sequence[Line], outcome: str, *, changed: bool = False) -> str:
    meant = [line for line in lines if line.outcome == outcome] or list(lines)
    return render_template(
        "public/confirm.html",
        newsletter=meant[0].newsletter,
        lines=lines,
        meant=meant,
        names=promise.names([line.newsletter for line in meant]),
        outcome=outcome,
        token=token,
        changed=here.say(promise.CHANGED) if changed else "",
    )


def _deny_page(token: str, lines: Sequence[Line], state: str, *, changed: bool = False) -> str:
    return render_template(
        "public/deny.html",
        newsletter=lines[0].newsletter,
        lines=[(line.newsletter, promise.deny(line.newsletter)) for line in lines],
        names=promise.names([line.newsletter for line in lines]),
        state=state,
        token=token,
        may_take_back=state == "held"
        and all(sign_up.may_take_back(here.db(), line.link, now=here.now()) for line in lines),
        changed=here.say(promise.CHANGED) if changed else "",
    )
