"""A reader's own page: their name, their newsletters, and the way out of all of them."""

from flask import render_template, request

from curator.audience import links, preferences
from curator.audience.values import Preferences, Ticked
from curator.errors import TokenError
from curator.newsletters import store as newsletters
from curator.web import failures, here
from curator.web.forms import Form, key
from curator.web.public import promise
from curator.web.public.door import blueprint, damaged
from curator.web.words import masked

_DAMAGED = "Open the newest mail and press its own link to your settings."
_GONE = "Your address is not kept here any more, and nothing is sent to it. To get a newsletter again, sign up anew."
_SAID = {
    Ticked.ASKED: "A mail with a button is on its way. What is new to you comes once you press it.",
    Ticked.UNSENT: "No mail could be sent about what is new to you, so it does not come yet. Try it again tomorrow.",
}
# More newsletters than anybody publishes; whoever posts more fields than that is not answering this page.
_MOST_BOXES = 1000


@blueprint.route("/p/<token>", methods=["GET", "POST"])
def preferences_page(token: str) -> str | tuple[str, int]:
    """Shows what is sent to a reader, and takes what they choose: it asks the mailbox about what is new to them."""
    try:
        subscriber_id = links.read_preferences_token(here.app().keys, token)
    except TokenError:
        return damaged(_DAMAGED)
    if request.method == "POST" and not _is_as_shown():
        seen = preferences.read(here.db(), subscriber_id)
        return (_page(token, seen, promise.CHANGED), 422) if seen else damaged(_DAMAGED)
    said = _taken(subscriber_id) if request.method == "POST" else ""
    seen = preferences.read(here.db(), subscriber_id)
    if seen is None:
        return failures.letter_page(404, "There is nothing here any more", _GONE)
    return _page(token, seen, said)


def _is_as_shown() -> bool:
    """Whether every box that was changed stands beside the words that it stood beside."""
    if "leave_all" in request.form:
        return promise.is_as_shown(promise.LEAVE_ALL)
    changed = _keys("newsletter") ^ _keys("shown_ticked")
    with here.db().read() as session:
        spec_of = {each.id: each for each in newsletters.newsletters(session)}
    return all(
        promise.is_as_shown(promise.prefer(spec_of[each]), field=f"words-{each}") for each in changed & spec_of.keys()
    )


def _taken(subscriber_id: int) -> str:
    """Does what the pressed button says and returns what to tell about it."""
    if "leave_all" in request.form:
        words = promise.LEAVE_ALL
        preferences.leave_all(here.db(), subscriber_id, place="/p", words=words, now=here.now())
        return "Nothing is sent to you any more. A message that was on its way at this moment may still arrive."
    with here.db().read() as session:
        words_of = {each.id: promise.prefer(each) for each in newsletters.newsletters(session)}
    came = preferences.save(
        here.db(),
        subscriber_id,
        name=Form(request.form).value("name") if "name" in request.form else None,
        ticked=_keys("newsletter"),
        shown_ticked=_keys("shown_ticked"),
        place="/p",
        words=words_of,
        now=here.now(),
    )
    return " ".join(["Saved.", *(_SAID[each] for each in Ticked if each in came and each in _SAID)])


def _keys(field: str) -> set[int]:
    given = request.form.getlist(field)[:_MOST_BOXES]
    return {number for text in given if (number := key(text)) is not None}


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
