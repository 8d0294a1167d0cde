"""A reader's own page: their name, their newsletters, and the way out of all of them."""

from flask import render_template, request

from curator.audience import links, preferences
from curator.audience.values import Preferences
from curator.errors import TokenError
from curator.newsletters import store as newsletters
from curator.web import failures, here
from curator.web.forms import Form, key
from curator.web.public import promise
from curator.web.public.door import blueprint, damaged
from curator.web.words import masked

_DAMAGED = "Open the newest mail and press its own link to your settings."
_GONE = "Your address is not kept here any more, and nothing is sent to it. To get a newsletter again, sign up anew."


@blueprint.route("/p/<token>", methods=["GET", "POST"])
def preferences_page(token: str) -> str | tuple[str, int]:
    """Shows what is sent to a reader, and takes what they choose: whoever holds the signed link holds the mailbox."""
    try:
        subscriber_id = links.read_preferences_token(here.app().keys, token)
    except TokenError:
        return damaged(_DAMAGED)
    said = _taken(subscriber_id) if request.method == "POST" else ""
    seen = preferences.read(here.db(), subscriber_id)
    if seen is None:
        return failures.letter_page(404, "There is nothing here any more", _GONE)
    return _page(token, seen, said)


def _taken(subscriber_id: int) -> str:
    """Does what the pressed button says and returns what to tell about it."""
    if "leave_all" in request.form:
        words = promise.LEAVE_ALL
        preferences.leave_all(here.db(), subscriber_id, place="/p", words=words, now=here.now())
        return "Nothing is sent to you any more. A message that was on its way at this moment may still arrive."
    with here.db().read() as session:
        words_of = {each.id: promise.prefer(each) for each in newsletters.newsletters(session)}
    preferences.save(
        here.db(),
        subscriber_id,
        name=Form(request.form).value("name"),
        ticked=_keys("newsletter"),
        shown_ticked=_keys("shown_ticked"),
        place="/p",
        words=words_of,
        now=here.now(),
    )
    return "Saved."


def _keys(field: str) -> set[int]:
    return {number for text in request.form.getlist(field) if (number := key(text)) is not None}


def _page(token: str, seen: Preferences, said: str) -> str:
    return render_template(
        "public/preferences.html",
        token=token,
        reader=seen,
        address=masked(seen.address),
        said=said,
        words={each.newsletter.id: promise.prefer(each.newsletter) for each in seen.choices},
        leave_all_words=promise.LEAVE_ALL,
    )
