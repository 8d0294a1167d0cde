"""What a view stands on: the wired application, the moment of its request, and who asks."""

from collections.abc import Collection
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, current_app, g, has_request_context, redirect, request
from flask_login import current_user
from werkzeug.wrappers import Response

from curator import languages
from curator.accounts.values import Editor, Right
from curator.app import App
from curator.db import Database
from curator.errors import CuratorError, InvalidError, NotFoundError, StateError, StorageError
from curator.languages import ENGLISH, Speech, msgid
from curator.languages.tags import base, preferred

EXTENSION = "curator"

# What is said of an error that names a thing in English, or a database's trouble, in every other language.
_GONE = msgid("The link may be old, or the thing may be gone.")
_AWAY = msgid("The site cannot answer just now. Try again in a minute.")


def app_of(flask: Flask) -> App:
    """Returns the wired application that a Flask one stands on."""
    return cast("App", flask.extensions[EXTENSION])


def app() -> App:
    """Returns the wired application of this request."""
    return app_of(current_app)


def db() -> Database:
    """Returns the database."""
    return app().db


def now() -> datetime:
    """Returns the request's moment: one and the same for everything that a page does and shows."""
    if "now" not in g:
        g.now = app().clock()
    return cast("datetime", g.now)


def speech() -> Speech:
    """Returns the words of the request's language: its newsletter's on a page for readers that has one.

    Where no newsletter is known it is the language of those who ask (`Accept-Language`); the desk speaks English.
    """
    if not has_request_context():
        return ENGLISH
    if "speech" not in g:
        g.speech = ENGLISH if _is_for_people_at_work(request.path) else languages.speech(_accepted())
    return cast("Speech", g.speech)


def speaks_as_asked() -> bool:
    """Whether the request's language was chosen by what the browser asked for, so that caches have to know."""
    return bool(g.get("speaks_as_asked", False))


def speak(language: str) -> None:
    """Lets what this request still says be in a language."""
    g.speech = languages.speech(language)
    g.speaks_as_asked = False


def speak_for(tags: Collection[str]) -> None:
    """Lets what this request says be in the language that all of these have; without one, as the browser asks."""
    if len(found := {languages.speech(tag).lang for tag in tags}) == 1:
        speak(found.pop())
    else:
        g.speech = languages.speech(_accepted())


def write_in(language: str) -> None:
    """Says what the page's own text is in, where that may be another language than the house's words beside it."""
    g.page_language = language


def page_language() -> str:
    """Returns what the page's text is in: that of the house's words where no view said otherwise."""
    return cast("str", g.get("page_language", speech().lang))


def say(message: str, /, **values: object) -> str:
    """Returns a message in the request's language."""
    return speech().gettext(message, **values)


def told(error: CuratorError) -> str:
    """Returns what went wrong in the request's language; where only English has words for it, what is said instead."""
    speaks, said, plainly = speech(), str(error), ""
    if isinstance(error, InvalidError | StateError):
        values = {name: speaks.number(each) if isinstance(each, int) else each for name, each in error.values.items()}
        said = speaks.gettext(error.message, **values)
    if isinstance(error, InvalidError):
        plainly = error.plainly
    elif isinstance(error, NotFoundError | StorageError):
        plainly = _GONE if isinstance(error, NotFoundError) else _AWAY
    is_english = said == str(error) and base(speaks.lang) != "en"
    return speaks.gettext(plainly) if plainly and is_english else said


def _is_for_people_at_work(path: str) -> bool:
    return path.startswith(("/desk", "/api/", "/hooks/", "/outbox"))


def _accepted() -> str:
    g.speaks_as_asked = True
    return preferred(request.headers.get("Accept-Language", ""), languages.known()) or "en"


def editor() -> Editor | None:
    """Returns who is signed in."""
    return current_user.editor if current_user.is_authenticated else None


def editor_id() -> int:
    """Returns the id of who is signed in; only for views behind the desk's door."""
    return cast("int", current_user.editor.id)


def may(right: Right | str, newsletter_id: int | None = None) -> bool:
    """Tells whether whoever is signed in may do this: in a newsletter, or in the one that the request is about."""
    someone = editor()
    about = newsletter() if newsletter_id is None else newsletter_id
    return someone is not None and someone.may(Right(right), about)


def newsletter() -> int | None:
    """Returns the newsletter that the request is about, as far as that was asked: of an owner it is not."""
    return cast("int | None", g.get("newsletter_id"))


def about(newsletter_id: int) -> None:
    """Says which newsletter the request is about: what may be done is asked for that one from now on."""
    g.newsletter_id = newsletter_id


def is_fragment() -> bool:
    """Tells whether a script asks for the part of a page that changed, and no whole page."""
    return request.headers.get("HX-Request") == "true"


def network() -> str:
    """Returns what the asker's address is counted under."""
    return network_of(request.remote_addr or "")


def network_range() -> str:
    """Returns the range around it, which one customer of a provider may have: IPv4 by its /24, IPv6 by its /48."""
    return network_of(request.remote_addr or "", bits=24, bits_of_ipv6=48)


def network_of(given: str, *, bits: int = 32, bits_of_ipv6: int = 64) -> str:
    """Returns what an address is counted under: IPv4 whole, IPv6 by its /64 (one household has that many)."""
    try:
        address = ip_address(given)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        # A server that listens on both sees IPv4 as ::ffff:a.b.c.d, and all of these lie in one /64.
        address = address.ipv4_mapped
    prefix = bits if address.version == 4 else bits_of_ipv6
    # From the number, not the text: fe80::1%eth0 names a network card, which no network has.
    found = ip_network((int(address), prefix), strict=False)
    return str(found.network_address) if prefix == 32 else str(found)


def local_path(text: str | None, default: str) -> str:
    """Returns `text` if it leads to a page of the desk, else `default`: a form field never sends anyone elsewhere."""
    if not text or not text.startswith("/desk") or "\\" in text or not text.isprintable():
        return default
    parts = urlsplit(text)
    return default if parts.scheme or parts.netloc else text


def go(url: str, *, anchor: str = "") -> Response:
    """Answers a form with a redirect, so that a reload does not send the form again."""
    return redirect(f"{url}#{anchor}" if anchor else url, 303)
