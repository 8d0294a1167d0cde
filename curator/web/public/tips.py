"""The form by which readers send a link, and the page that says what happens next."""

import re
from datetime import timedelta
from math import ceil

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import TooManyAttempts
from curator.errors import InvalidError, NotFoundError
from curator.http.values import MAX_URL
from curator.newsletters.values import NewsletterSpec
from curator.picks.tips import store
from curator.picks.tips import take as arrow
from curator.picks.tips.values import KEPT_FOR, MAX_NAME, MAX_NOTE, NewTip, TooManyTipsError
from curator.web import here
from curator.web.forms import Form
from curator.web.public import promise
from curator.web.public.door import blueprint, newsletter_of
from curator.web.public.slowing import minutes, slow_down

# Nobody finds ten links worth sending in ten minutes; a room that listens to the show together may send as many more.
_HOUR, _BURST = timedelta(hours=1), timedelta(minutes=10)
FROM_A_NETWORK = {_HOUR: 20, _BURST: 10}
FROM_A_RANGE = {_HOUR: 60, _BURST: 20}

# People type what their browser shows: a host without its scheme.
_BARE = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?([/?#]\S*)?")


@blueprint.get("/n/<slug>/tip")
def tip(slug: str) -> str:
    """Shows the form; a newsletter that takes no tips has none."""
    return _page(_open(slug), Form())


@blueprint.post("/n/<slug>/tip")
def send_tip(slug: str) -> Response:
    """Takes a link with its note. What becomes of it an editor says, so everybody gets one answer."""
    spec, form = _open(slug), Form(request.form)
    answer = here.go(url_for("public.tip_thanks", slug=spec.slug))
    if form.value("website"):
        # People do not see this field; programs that fill every field do, and learn nothing.
        return answer
    words = promise.tip()
    if not promise.is_as_shown(words):
        form.refuse("form", here.say("What this page says was changed while it was open. Read it again, then press."))
    new = _typed(form, words)
    if not form.is_good:
        return make_response(_page(spec, form), 422)
    try:
        _take(spec, new)
    except InvalidError as error:
        form.refuse({"url": "link"}.get(error.field, error.field), _reason(error))
        return make_response(_page(spec, form), 422)
    except TooManyAttempts as error:
        return _later(spec, form, error.retry_in or _HOUR)
    except TooManyTipsError:
        said = here.say("More links wait than we can read just now. Come back in a few days.")
        form.refuse("form", said)
        return make_response(_page(spec, form), 503, {"Retry-After": "86400"})
    return answer


@blueprint.get("/n/<slug>/tip/sent")
def tip_thanks(slug: str) -> str:
    """Says what happens next, the same to everybody."""
    return render_template("public/tip_thanks.html", newsletter=_open(slug))


@blueprint.app_template_global("takes_tips")
def takes_tips(newsletter: NewsletterSpec) -> bool:
    """Tells whether a newsletter's pages lead to the form."""
    with here.db().read() as session:
        return store.is_open(session, newsletter.id)


def _open(slug: str) -> NewsletterSpec:
    spec = newsletter_of(slug)
    if not takes_tips(spec):
        raise NotFoundError("form for links", spec.slug)
    return spec


def _typed(form: Form, words: str) -> NewTip:
    link = form.line("link", at_most=MAX_URL, needed=here.say("Give the link."))
    return NewTip(
        url=f"https://{link}" if _BARE.fullmatch(link) else link,
        note=form.text("note", at_most=MAX_NOTE),
        name=form.line("name", at_most=MAX_NAME),
        address=form.value("address"),
        words=words,
    )


def _take(spec: NewsletterSpec, new: NewTip) -> None:
    """Counts only what can be taken: whoever mistypes has not used up a try."""
    arrow.check(new)
    slow_down("tip", from_a_network=FROM_A_NETWORK, from_a_range=FROM_A_RANGE)
    arrow.take(here.db(), here.app().keys, spec.id, new, network=here.network(), now=here.now())


def _reason(error: InvalidError) -> str:
    if error.field == "url":
        return here.say("This is no web address. Copy it from your browser; it begins with https://.")
    return here.told(error)


def _later(spec: NewsletterSpec, form: Form, wait: timedelta) -> Response:
    said = here.speech().ngettext(
        "Too many links came from your network. Wait %(num)s minute and try again. What you typed is still here.",
        "Too many links came from your network. Wait %(num)s minutes and try again. What you typed is still here.",
        minutes(wait),
        num=minutes(wait),
    )
    form.refuse("form", said)
    return make_response(_page(spec, form), 429, {"Retry-After": str(ceil(wait.total_seconds()))})


def _page(spec: NewsletterSpec, form: Form) -> str:
    return render_template(
        "public/tip.html", newsletter=spec, form=form, words=promise.tip(), max_note=MAX_NOTE, kept_days=KEPT_FOR.days
    )
