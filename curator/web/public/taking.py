"""Takes a sign-up form, wherever it stands: one answer for everybody, slow for those who hurry."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil

from flask import Response, make_response, request

from curator.accounts.throttle import Bound, throttle_all
from curator.accounts.values import TooManyAttempts
from curator.addresses import checked_address
from curator.audience import sign_up as arrow
from curator.audience.joining import store as joining
from curator.audience.joining import typos
from curator.audience.joining.kinds import DISPOSABLE
from curator.audience.values import InterestRow, Wanted
from curator.errors import InvalidError
from curator.languages import msgid
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.forms import Form, key
from curator.web.public import haste, promise, slowing
from curator.web.public.door import blueprint

# A campus, a carrier or the room of a live show has one address for hundreds of people, who sign up in one minute; so
# twenty pass at once and sixty in an hour, and a range lets half as many more. Whoever wants to fill strangers'
# mailboxes from one range still writes a few dozen letters and no more, however fast they type.
_HOUR, _BURST = timedelta(hours=1), timedelta(minutes=10)
FROM_A_NETWORK = {_HOUR: 60, _BURST: 20}
FROM_A_RANGE = {_HOUR: 90, _BURST: 30}
# More newsletters than anybody publishes, and more interests: whoever posts more is not answering our page.
_MOST_NEWSLETTERS, _MOST_INTERESTS = 50, 500


@dataclass
class SignUp:
    """What somebody sent, with the complaints about it; a page that shows the form again shows both.

    `ticked` and `interests` are ids; `suggestion` is the address that was probably meant.
    """

    form: Form
    ticked: frozenset[int] = frozenset()
    interests: frozenset[int] = frozenset()
    suggestion: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self, page: str) -> Response:
        """Answers with a page that shows the form again."""
        return make_response(page, self.status, self.headers)

    def refuse(self, name: str, reason: str, *, status: int = 422) -> None:
        """Keeps the first complaint, and how the page answers then."""
        self.form.refuse(name, reason)
        self.status = status


def sent() -> SignUp:
    """Returns what this request sends."""
    form = Form(request.form)
    chosen = form.value("use")
    if chosen:
        # The button beside the form, which takes what was probably meant.
        form.values |= {"address": chosen, "meant": chosen}
    ticked, interests = _keys("newsletter", _MOST_NEWSLETTERS), _keys("interest", _MOST_INTERESTS)
    return SignUp(form, ticked, interests)


def taken(sign_up: SignUp, specs: Sequence[NewsletterSpec], *, place: str) -> bool:
    """Takes a sign-up for these newsletters and returns whether the answer is "look into your mailbox".

    Else `sign_up` has the complaint. A program that fills every field learns nothing.
    """
    form = sign_up.form
    if form.value("website"):
        return True
    if not specs:
        sign_up.refuse("newsletter", here.say("Choose at least one newsletter."))
        return False
    try:
        # Only what is an address counts: whoever mistypes theirs has not used up a try.
        address = checked_address(form.value("address")).address
        if _must_look_again(sign_up, specs, address):
            return False
        slow_down(specs[0].id)
        arrow.sign_up_for(
            here.db(),
            [_wanted(sign_up, spec) for spec in specs],
            form.value("address"),
            name=form.value("name"),
            place=place,
            now=here.now(),
            disposable=thrown_away_at(),
        )
    except InvalidError as error:
        sign_up.refuse(error.field, here.told(error))
        return False
    except TooManyAttempts as error:
        _too_many(sign_up, error)
        return False
    return True


@blueprint.app_template_global("interests_of")
def interests_of(newsletter: NewsletterSpec) -> tuple[InterestRow, ...]:
    """Returns the interests that a newsletter offers, in its order."""
    with here.db().read() as session:
        return joining.interests(session, [newsletter.id])[newsletter.id]


def _must_look_again(sign_up: SignUp, specs: Sequence[NewsletterSpec], address: str) -> bool:
    form = sign_up.form
    if not all(promise.is_as_shown(promise.sign_up(spec), field=_words_field(spec, specs)) for spec in specs):
        what = msgid("What you would get was changed while this page was open. Read it again, then sign up.")
        sign_up.refuse("form", here.say(what))
    elif haste.is_hasty():
        sign_up.refuse("form", here.say("Is all of it right? Then press the button once more."))
    elif form.value("meant") != form.value("address"):
        sign_up.suggestion = typos.meant(address) or ""
        if sign_up.suggestion:
            # The second press says that it was right as it stood.
            form.values["meant"] = form.value("address")
            say = here.say("Did you mean %(address)s? If not, press the button once more.", address=sign_up.suggestion)
            sign_up.refuse("address", say)
    return not form.is_good


def _words_field(spec: NewsletterSpec, specs: Sequence[NewsletterSpec]) -> str:
    named = f"words-{spec.id}"
    return "words" if len(specs) == 1 and named not in request.form else named


def _wanted(sign_up: SignUp, spec: NewsletterSpec) -> Wanted:
    return Wanted(spec.id, promise.sign_up(spec), sign_up.interests)


def thrown_away_at() -> frozenset[str]:
    """Returns the domains at which mail is thrown away: those that the house knows, and the installation's own."""
    return DISPOSABLE | here.app().settings.disposable_domains


def slow_down(newsletter_id: int) -> None:
    """Counts a sign-up, or what is asked for by such a form; raises TooManyAttempts where too many came.

    A newsletter's desk is told when a range of networks is refused.
    """
    try:
        slowing.slow_down("sign-up", from_a_network=FROM_A_NETWORK, from_a_range=FROM_A_RANGE)
    except TooManyAttempts as error:
        if "range" in error.parts:
            _tell_desk(newsletter_id)
        raise


def _tell_desk(newsletter_id: int) -> None:
    """Lets the desk know, once an hour for each range: the log keeps no network."""
    try:
        throttle_all(here.db(), [Bound(("sign-up", "told", here.network_range()), _HOUR, 1)], now=here.now())
    except TooManyAttempts:
        return
    arrow.note_flood(here.db(), newsletter_id, now=here.now())


def _too_many(sign_up: SignUp, error: TooManyAttempts) -> None:
    wait = error.retry_in or _HOUR
    told = here.say("Too many sign-ups came from your network.")
    sign_up.refuse("form", f"{told} {slowing.later(wait)}", status=429)
    sign_up.headers["Retry-After"] = str(ceil(wait.total_seconds()))


def _keys(name: str, most: int) -> frozenset[int]:
    given = request.form.getlist(name)[:most]
    return frozenset(number for text in given if (number := key(text)) is not None)
