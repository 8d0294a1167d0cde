"""A newsletter's page with its sign-up form, and the page that says what happens next."""

from datetime import timedelta
from math import ceil

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.admit import look, throttle
from curator.accounts.values import TooManyAttempts
from curator.addresses import checked_address
from curator.audience import sign_up as arrow
from curator.errors import InvalidError
from curator.newsletters.cadence import describe
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.forms import Form
from curator.web.public import promise
from curator.web.public.door import blueprint, newsletter_of
from curator.web.words import count

# A campus, a carrier or the room of a live show has one address for hundreds of people, who sign up in one minute; so
# twenty pass at once and sixty in an hour, and a range lets half as many more. Whoever wants to fill strangers'
# mailboxes from one range still writes a few dozen letters and no more, however fast they type.
_HOUR, _BURST = timedelta(hours=1), timedelta(minutes=10)
FROM_A_NETWORK = {_HOUR: 60, _BURST: 20}
FROM_A_RANGE = {_HOUR: 90, _BURST: 30}


@blueprint.get("/n/<slug>")
def newsletter(slug: str) -> str:
    """Says what the newsletter is and how often it comes, with the form to sign up."""
    return _page(newsletter_of(slug), Form())


@blueprint.post("/n/<slug>/sign-up")
def sign_up(slug: str) -> Response:
    """Takes a sign-up; whether the address is known is the mailbox's business, so everybody gets one answer."""
    spec, form = newsletter_of(slug), Form(request.form)
    answer = here.go(url_for("public.thanks", slug=spec.slug))
    if form.value("website"):
        # People do not see this field; programs that fill every field do, and learn nothing.
        return answer
    words = promise.sign_up(spec)
    if form.value("words", words) != words:
        form.refuse("form", "What you would get was changed while this page was open. Read it again, then sign up.")
        return make_response(_page(spec, form), 422)
    try:
        _take(spec, form, words)
    except InvalidError as error:
        form.take(error)
        return make_response(_page(spec, form), 422)
    except TooManyAttempts as error:
        wait = error.retry_in or _HOUR
        form.refuse(
            "form", f"Too many sign-ups came from your network. {_in_words(wait)} What you typed is still here."
        )
        return make_response(_page(spec, form), 429, {"Retry-After": str(ceil(wait.total_seconds()))})
    return answer


@blueprint.get("/n/<slug>/thanks")
def thanks(slug: str) -> str:
    """Says what happens next, the same to everybody."""
    return render_template("public/thanks.html", newsletter=newsletter_of(slug))


def _take(spec: NewsletterSpec, form: Form, words: str) -> None:
    """Counts only what is an address: whoever mistypes theirs has not used up a try."""
    address = form.value("address")
    checked_address(address)
    _slow_down()
    place = url_for("public.newsletter", slug=spec.slug)
    arrow.sign_up(here.db(), spec.id, address, name=form.value("name"), place=place, words=words, now=here.now())


def _slow_down() -> None:
    """Looks before it counts: the refused write nothing, and one address alone does not use up its neighbours' tries.

    The range comes first, for whoever has a /48 has 65,536 networks.
    """
    limits = [
        (["sign-up", kind, network], window, limit)
        for kind, network, limit_in in (
            ("range", here.network_range(), FROM_A_RANGE),
            ("network", here.network(), FROM_A_NETWORK),
        )
        for window, limit in limit_in.items()
    ]
    for slow in (look, throttle):
        for parts, window, limit in limits:
            slow(here.db(), parts, limit=limit, window=window, now=here.now())


def _in_words(wait: timedelta) -> str:
    return f"Wait {count(ceil(wait / timedelta(minutes=1)), 'minute')} and try again."


def _page(spec: NewsletterSpec, form: Form) -> str:
    return render_template("public/newsletter.html", newsletter=spec, form=form, often=describe(spec.cadence))
