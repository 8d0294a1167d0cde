"""The links of a change of address: the new mailbox agrees to it, the old one takes it back."""

from flask import render_template, request

from curator.audience import links, readdress
from curator.errors import TokenError
from curator.languages import msgid
from curator.web import here
from curator.web.public import promise
from curator.web.public.door import blueprint, damaged
from curator.web.public.preferences import speak_to_whoever

_DAMAGED = msgid("Open the mail again and press its link there.")


@blueprint.route("/a/<token>", methods=["GET", "POST"])
def change_address(token: str) -> str | tuple[str, int]:
    """A look shows one button, because mail scanners look; the button moves the address, or moves it back."""
    try:
        link = links.read_address_token(here.app().keys, token)
    except TokenError:
        return damaged(here.say(_DAMAGED))
    whose = readdress.whose(here.db(), link)
    if whose is not None:
        speak_to_whoever(whose)
    words = promise.move_back() if link.is_back else promise.move()
    is_as_shown = promise.is_as_shown(words)
    if request.method == "POST" and is_as_shown:
        outcome = readdress.move(here.db(), link, place="/a", words=words, now=here.now())
    else:
        outcome = readdress.standing(here.db(), link, now=here.now())
    page = render_template(
        "public/address.html",
        token=token,
        outcome=outcome.value,
        is_back=link.is_back,
        words=words,
        changed="" if is_as_shown else here.say(promise.CHANGED),
    )
    return page if is_as_shown else (page, 422)
