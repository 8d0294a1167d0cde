"""A reader's own page: their name, their newsletters and how these come, and the way out of all of them."""

from flask import render_template, request

from curator.audience import links, manner, preferences
from curator.audience.joining.names import is_advertisement
from curator.audience.values import Preferences, SubscriptionState, Ticked
from curator.errors import TokenError
from curator.languages import msgid
from curator.newsletters import store as newsletters
from curator.web import failures, here
from curator.web.forms import Form, key
from curator.web.public import promise
from curator.web.public.door import blueprint, damaged
from curator.web.words import masked

DAMAGED = msgid("Open the newest mail and press its own link to your settings.")
_GONE = msgid(
    "Your address is not kept here any more, and nothing is sent to it. To get a newsletter again, sign up anew."
)
_SAID = {
    Ticked.ASKED: msgid("A mail with a button is on its way. What is new to you comes once you press it."),
    Ticked.UNSENT: msgid(
        "No mail could be sent about what is new to you, so it does not come yet. Try it again tomorrow."
    ),
}
# More newsletters than anybody publishes; whoever posts more fields than that is not answering this page.
_MOST_BOXES = 1000


@blueprint.route("/p/<token>", methods=["GET", "POST"])
def preferences_page(token: str) -> str | tuple[str, int]:
    """Shows what is sent to a reader, and takes what they choose: it asks the mailbox about what is new to them."""
    try:
        subscriber_id = links.read_preferences_token(here.app().keys, token)
    except TokenError:
        return damaged(here.say(DAMAGED))
    seen = preferences.read(here.db(), subscriber_id)
    if seen is not None:
        speak_to(seen)
    if request.method == "POST" and not _is_as_shown():
        return shown(token, seen, here.say(promise.CHANGED), status=422) if seen else damaged(here.say(DAMAGED))
    said = _taken(subscriber_id) if request.method == "POST" else ""
    seen = preferences.read(here.db(), subscriber_id)
    if seen is None:
        return failures.letter_page(404, here.say("There is nothing here any more"), here.say(_GONE))
    return shown(token, seen, said)


def speak_to_whoever(subscriber_id: int) -> None:
    """Speaks to a reader by their number; whoever is gone is spoken to as their browser asks."""
    reader = preferences.read(here.db(), subscriber_id)
    if reader is not None:
        speak_to(reader)


def speak_to(reader: Preferences) -> None:
    """A reader's own page is in the language of the newsletters that they get; of all where they get none."""
    got = {each.newsletter.language for each in reader.choices if each.state is SubscriptionState.ACTIVE}
    here.speak_for(got or {each.newsletter.language for each in reader.choices})


def shown(
    token: str, seen: Preferences, said: str, *, form: Form | None = None, status: int = 200
) -> str | tuple[str, int]:
    """Returns a reader's own page; `form` is one of its forms that is shown again with its complaints."""
    got = [choice for choice in seen.choices if choice.state is SubscriptionState.ACTIVE]
    page = render_template(
        "public/preferences.html",
        token=token,
        reader=seen,
        got=got,
        paused=[choice for choice in got if choice.manner.is_paused(here.now())],
        weeks=manner.PAUSE_WEEKS,
        form=form or Form(),
        address=masked(seen.address),
        said=said,
        words={each.newsletter.id: promise.prefer(each.newsletter) for each in seen.choices},
        resume_words={each.newsletter.id: promise.resume(each.newsletter) for each in got},
        pause_words=promise.pause(),
        leave_all_words=here.say(promise.LEAVE_ALL),
    )
    return page if status == 200 else (page, status)


def _is_as_shown() -> bool:
    """Whether every box that was changed stands beside the words that it stood beside."""
    if "leave_all" in request.form:
        return promise.is_as_shown(here.say(promise.LEAVE_ALL))
    changed = _keys("newsletter") ^ _keys("shown_ticked")
    with here.db().read() as session:
        spec_of = {each.id: each for each in newsletters.newsletters(session)}
    return all(
        promise.is_as_shown(promise.prefer(spec_of[each]), field=f"words-{each}") for each in changed & spec_of.keys()
    )


def _taken(subscriber_id: int) -> str:
    """Does what the pressed button says and returns what to tell about it."""
    if "leave_all" in request.form:
        words = here.say(promise.LEAVE_ALL)
        preferences.leave_all(here.db(), subscriber_id, place="/p", words=words, now=here.now())
        ended = msgid("Nothing is sent to you any more. A message that was on its way at this moment may still arrive.")
        return here.say(ended)
    with here.db().read() as session:
        words_of = {each.id: promise.prefer(each) for each in newsletters.newsletters(session)}
    name = Form(request.form).value("name") if "name" in request.form else None
    came = preferences.save(
        here.db(),
        subscriber_id,
        name=name,
        ticked=_keys("newsletter"),
        shown_ticked=_keys("shown_ticked"),
        place="/p",
        words=words_of,
        now=here.now(),
    )
    _choose(subscriber_id)
    told = [here.say("Saved."), *(here.say(_SAID[each]) for each in Ticked if each in came and each in _SAID)]
    if name is not None and is_advertisement(name):
        told.append(here.say("Your name was left as it was: we greet with names only, not with addresses or offers."))
    return " ".join(told)


def _choose(subscriber_id: int) -> None:
    """Sets how those newsletters come whose boxes for it stood on the page."""
    text_only, interests = _keys("text_only"), frozenset(_keys("interest"))
    wanted = {id_: (id_ in text_only, interests) for id_ in _keys("shown_manner")}
    if wanted:
        manner.choose(here.db(), subscriber_id, wanted, place="/p", now=here.now())


def _keys(field: str) -> set[int]:
    given = request.form.getlist(field)[:_MOST_BOXES]
    return {number for text in given if (number := key(text)) is not None}
