"""The page on which a sponsor writes what is to stand in their slot, by a signed link and without an account."""

from datetime import timedelta
from math import ceil

from flask import make_response, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from curator.accounts.admit import look, throttle
from curator.accounts.values import TooManyAttempts
from curator.errors import InvalidError, NotFoundError, StateError, TokenError
from curator.issues import booked, markdown
from curator.languages import msgid
from curator.mailings import begin
from curator.newsletters import store as newsletters
from curator.promotions import book as arrow
from curator.promotions import limits, links, store
from curator.promotions.values import Booking, Words
from curator.web import failures, here
from curator.web.forms import Form
from curator.web.public.door import blueprint, damaged

_DAMAGED = msgid("Ask the newsletter’s editors for the link again.")
_GONE = msgid("This booking was taken back. The newsletter’s editors can tell you more.")
_FIELDS = ("title", "text", "link", "image_url", "image_alt")
_HOUR = timedelta(hours=1)
# Somebody who polishes sixty words saves a few dozen times; a program that guesses or floods comes to nothing.
_OF_A_LINK, _FROM_A_NETWORK = 40, 80
# Ten times what any slot takes: whoever pastes too much gets it back, and nobody sends us a book to print.
_MOST_TYPED = 20_000


@blueprint.route("/s/<token>", methods=["GET", "POST"])
def sponsor(token: str) -> Response | tuple[str, int]:
    """Shows the form with the words so far; takes new ones, or shows how they would look."""
    try:
        booking_id = links.read_sponsor_token(here.app().keys, token)
    except TokenError:
        return damaged(_DAMAGED)
    try:
        _speak(booking_id)
        if request.method == "POST":
            return _taken(token, booking_id)
        return _page(token, booking_id, None)
    except NotFoundError:
        return failures.letter_page(404, msgid("There is nothing here any more"), _GONE)


def _speak(booking_id: int) -> None:
    """The page is in the language of the newsletter that the slot is of; raises NotFoundError."""
    with here.db().read() as session:
        slot = store.slot(session, store.booking(session, booking_id).slot_id)
        here.speak(newsletters.newsletter(session, slot.newsletter_id).language)


def _taken(token: str, booking_id: int) -> Response:
    form = Form({name: request.form.get(name, "")[:_MOST_TYPED] for name in (*_FIELDS, "website", "do")})
    if form.value("website"):
        # People do not see this field; programs that fill every field do, and learn nothing.
        return here.go(request.path)
    words = Words(*(form.value(name) for name in _FIELDS))
    try:
        if form.value("do") == "look":
            _require_fit(booking_id, words)
            return _page(token, booking_id, form)
        _slow_down(booking_id)
        done = arrow.submit(here.db(), booking_id, words, now=here.now())
    except InvalidError as error:
        form.take(error)
        return _page(token, booking_id, form, status=422)
    except StateError as error:
        form.refuse("form", here.told(error))
        return _page(token, booking_id, form, status=422)
    except TooManyAttempts as error:
        wait = error.retry_in or _HOUR
        form.refuse("form", _wait(wait))
        return _page(token, booking_id, form, status=429, wait=wait)
    booked.follow(here.db(), here.app().renderer, done, by=None, now=here.now())
    begin.give_up_changed(here.db(), now=here.now())
    return here.go(f"{request.path}?saved=yes")


def _wait(wait: timedelta) -> str:
    return here.speech().counted(
        "That was saved very often. Wait %(num)s minute and try again; your words are still here.",
        "That was saved very often. Wait %(num)s minutes and try again; your words are still here.",
        ceil(wait / timedelta(minutes=1)),
    )


def _require_fit(booking_id: int, words: Words) -> None:
    with here.db().read() as session:
        slot = store.slot(session, store.booking(session, booking_id).slot_id)
    limits.fitting(words, slot)


def _slow_down(booking_id: int) -> None:
    """Looks before it counts, as sign-ups do: the refused write nothing."""
    kept = (
        (["sponsor", "link", str(booking_id)], _OF_A_LINK),
        (["sponsor", "network", here.network()], _FROM_A_NETWORK),
    )
    for slow in (look, throttle):
        for parts, limit in kept:
            slow(here.db(), parts, limit=limit, window=_HOUR, now=here.now())


def _page(
    token: str, booking_id: int, form: Form | None, *, status: int = 200, wait: timedelta | None = None
) -> Response:
    with here.db().read() as session:
        booking = store.booking(session, booking_id)
        slot, promotion = store.slot(session, booking.slot_id), store.promotion(session, booking.promotion_id)
        newsletter = newsletters.newsletter(session, slot.newsletter_id)
    words = arrow.latest_words(booking, promotion)
    typed = Words(*(form.value(name) for name in _FIELDS)) if form is not None else words
    page = render_template(
        "public/sponsor.html",
        token=token,
        booking=booking,
        slot=slot,
        promotion=promotion,
        paper_name=newsletter.name,
        deadline=here.speech().moment(booking.deadline_at, newsletter.cadence.zone),
        form=form or Form({name: getattr(words, name) for name in _FIELDS}),
        limits=limits,
        shown=typed if form is None or form.is_good else None,
        is_look=form is not None and form.is_good,
        prose=_prose,
        standing=_standing(booking),
        is_saved=request.args.get("saved") == "yes" and form is None,
    )
    headers = {} if wait is None else {"Retry-After": str(ceil(wait.total_seconds()))}
    return make_response(page, status, headers)


def _prose(text: str) -> Markup:
    return Markup(markdown.on_the_web(markdown.html(text), is_sponsored=True))  # noqa: S704 - cleaned in this moment


def _standing(booking: Booking) -> str:
    """Returns which of its words the page says: open, late, or closed once the issue has left."""
    if here.now() >= booking.issue_at:
        return "closed"
    return "late" if here.now() > booking.deadline_at else "open"
