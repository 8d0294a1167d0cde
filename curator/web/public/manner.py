"""What a reader's own page does beside choosing newsletters: a pause, and another address."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import request

from curator.audience import links, manner, preferences, readdress
from curator.audience.values import Preferences, SubscriptionState
from curator.errors import InvalidError, TokenError
from curator.languages import msgid
from curator.web import here
from curator.web.forms import Form, key
from curator.web.public import promise
from curator.web.public.door import blueprint, damaged
from curator.web.public.preferences import DAMAGED, shown, speak_to

_MOST_BOXES = 1000


@blueprint.post("/p/<token>/pause")
def pause(token: str) -> str | tuple[str, int]:
    """Keeps newsletters back for some weeks or until a day."""
    seen = _reader(token)
    if seen is None:
        return damaged(here.say(DAMAGED))
    subscriber_id, reader = seen
    words, form = promise.pause(), Form(request.form)
    if not promise.is_as_shown(words):
        return shown(token, reader, here.say(promise.CHANGED), status=422)
    try:
        until = _until(form, reader)
        which = _boxes("which")
        if not which:
            raise InvalidError("which", msgid("Tick what is to be kept back."))
        manner.pause(here.db(), subscriber_id, which, until=until, place="/p", words=words, now=here.now())
    except InvalidError as error:
        form.take(error)
        return shown(token, reader, "", form=form, status=422)
    return _again(token, subscriber_id, here.say("Paused. It goes on by itself."))


@blueprint.post("/p/<token>/resume")
def resume(token: str) -> str | tuple[str, int]:
    """Ends one newsletter's pause before its time."""
    seen = _reader(token)
    if seen is None:
        return damaged(here.say(DAMAGED))
    subscriber_id, reader = seen
    for choice in reader.choices:
        if choice.newsletter.id in _boxes("which"):
            words = promise.resume(choice.newsletter)
            manner.resume(here.db(), subscriber_id, [choice.newsletter.id], place="/p", words=words, now=here.now())
    return _again(token, subscriber_id, here.say("It comes again from now on."))


@blueprint.post("/p/<token>/address")
def ask_address(token: str) -> str | tuple[str, int]:
    """Writes to another address with a button; the answer is the same whether or not it is known here."""
    seen = _reader(token)
    if seen is None:
        return damaged(here.say(DAMAGED))
    subscriber_id, reader = seen
    form = Form(request.form)
    try:
        readdress.ask(here.db(), subscriber_id, form.value("address"), now=here.now())
    except InvalidError as error:
        form.take(error)
        return shown(token, reader, "", form=form, status=422)
    said = msgid(
        "A mail with a button is on its way to that address. Until it is pressed, your mail goes on coming here."
    )
    return _again(token, subscriber_id, here.say(said))


def _again(token: str, subscriber_id: int, said: str) -> str | tuple[str, int]:
    reader = preferences.read(here.db(), subscriber_id)
    return damaged(here.say(DAMAGED)) if reader is None else shown(token, reader, said)


def _reader(token: str) -> tuple[int, Preferences] | None:
    """Returns whose page it is; None for a link that nobody has signed, and for a reader who is gone."""
    try:
        subscriber_id = links.read_preferences_token(here.app().keys, token)
    except TokenError:
        return None
    reader = preferences.read(here.db(), subscriber_id)
    if reader is None:
        return None
    speak_to(reader)
    return subscriber_id, reader


def _until(form: Form, reader: Preferences) -> datetime:
    """Returns when a pause ends: after some weeks, or at the beginning of a day where the newsletter is at home."""
    typed = form.value("until").strip()
    if not typed:
        weeks = key(form.value("weeks"))
        if weeks not in manner.PAUSE_WEEKS:
            raise InvalidError("until", msgid("Choose how long."))
        return here.now() + timedelta(weeks=weeks)
    try:
        day = date.fromisoformat(typed)
    except ValueError as error:
        raise InvalidError("until", msgid("Give a day, such as 2027-01-31.")) from error
    got = [each.newsletter for each in reader.choices if each.state is SubscriptionState.ACTIVE]
    zone = ZoneInfo(got[0].cadence.zone) if got else UTC
    try:
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except OverflowError as error:
        # The calendar's first and last day, which are another year's elsewhere.
        raise InvalidError("until", manner.UNTIL_WHEN) from error


def _boxes(name: str) -> set[int]:
    given = request.form.getlist(name)[:_MOST_BOXES]
    return {number for text in given if (number := key(text)) is not None}
