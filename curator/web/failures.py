"""Pages for what goes wrong: what happened, to which thing, what to do next, and the words that were typed."""

import json
import re
from typing import Any

import structlog
from flask import Flask, flash, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge
from werkzeug.wrappers import Response

from curator.errors import ConflictError, CuratorError, NotFoundError, StorageError
from curator.languages import msgid
from curator.web import here, uploads
from curator.web.api import problems

_log = structlog.get_logger()

Answer = Response | tuple[str, int] | tuple[str, int, dict[str, str]]

# The fields that hold words which somebody would miss, with their names on the page.
KEPT = {
    "subject": "Subject",
    "preheader": "Preheader",
    "title": "Title",
    "link": "Link",
    "blurb": "Blurb",
    "body": "Text",
    "url": "Address",
    "excerpt": "Excerpt",
    "address": msgid("Address"),
    "name": msgid("Name"),
    "postal_address": "Postal address",
    "tagline": "Tagline",
    "subtitle": "Subtitle",
    "summary": "Summary",
    "topics": "Topics",
    "chapters": "Chapters",
    "text": "Transcript",
    "words": "Words of the quotation",
    "guest-name": "Guest",
    "guest-biography": "Biography",
    "guest-links": "Links of the guest",
    "mention-title": "Mentioned",
}
_ROW = re.compile(r"-\d+$")

_PAGES = {
    400: (
        msgid("That form cannot be read"),
        msgid("Something in it is not what the page sends. Go back and try again."),
    ),
    403: ("This is not yours to do", "Your role at this desk does not include it. Ask an owner, who can change that."),
    404: (msgid("There is no such page"), msgid("The link may be old, or the thing may be gone.")),
    405: (
        msgid("This address does not do that"),
        msgid("It takes a button's press, or only a look. Go back and use the page."),
    ),
    413: (
        msgid("That is too large"),
        msgid("Files up to 10 MB and texts up to 1 MB can be sent. Split the file and send the parts."),
    ),
    500: (
        msgid("Something broke"),
        msgid("It is our fault and is written in the log. Nothing that was saved is lost; try again."),
    ),
}


def install(flask: Flask) -> None:
    """Answers every error in words."""
    flask.register_error_handler(CSRFError, _forgery)
    flask.register_error_handler(HTTPException, _http)
    flask.register_error_handler(CuratorError, _refused)


def page(status: int, title: str, words: str, *, back: str | None = None) -> tuple[str, int]:
    """Returns an error page that shows again what was typed; `title` and `words` are messages, or said already.

    What is too large to be read is not shown: then the page says that instead.
    """
    try:
        typed = list(request.form.items())
    except RequestEntityTooLarge:
        return letter_page(413, *_PAGES[413])
    kept = [(here.say(label), text) for name, text in typed if (label := _label(name)) and text.strip()]
    is_desk = request.path.startswith("/desk")
    return render_template(
        "public/failure.html", title=here.say(title), words=here.say(words), kept=kept, back=back, is_desk=is_desk
    ), status


def _label(name: str) -> str:
    """Returns what a field that holds words is called; a row of a list is called as the others are."""
    return KEPT.get(_ROW.sub("", name), "")


def _told(status: int, words: str) -> tuple[str, int, dict[str, str]]:
    """Answers a script that wanted a part of a page: it shows the words and leaves what stands there as it is."""
    told = json.dumps({"curator:say": {"words": words}})
    return "", status, {"HX-Trigger": told, "HX-Reswap": "none"}


def _forgery(_error: CSRFError) -> Answer:
    if here.is_fragment() and here.editor() is None:
        return "", 401  # with the session its token went too
    return page(
        400,
        "This form could not be trusted",
        "This form was open for a long time or in another sign-in. "
        "Go back; your words are still there, and send again.",
    )


def _http(error: HTTPException) -> Answer | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    if problems.is_api(request.path):
        return problems.of_http(error)
    original = error.original_exception if isinstance(error, InternalServerError) else None
    title, words = _PAGES.get(status, (error.name, error.description or "")) if original is None else _PAGES[500]
    if status == 413 and request.endpoint == uploads.ENDPOINT:
        words = uploads.too_large()
    text, status = letter_page(status, title, words) if status == 413 else page(status, title, words)
    allowed = getattr(error, "valid_methods", None)
    return (text, status, {"Allow": ", ".join(sorted(allowed))}) if allowed else (text, status)


def letter_page(status: int, title: str, words: str) -> tuple[str, int]:
    """Returns an error page without links that does not read the body: for readers, and for bodies too large."""
    title, words = here.say(title), here.say(words)
    return render_template("public/failure.html", title=title, words=words, kept=[], back=None, is_desk=False), status


def _refused(error: CuratorError) -> Answer:
    """A button says on its own page why it cannot do its work; typed words get a page that keeps them."""
    if problems.is_api(request.path):
        return problems.of_refusal(error)
    if here.is_fragment() and not isinstance(error, StorageError):
        status = 404 if isinstance(error, NotFoundError) else 409 if isinstance(error, ConflictError) else 422
        return _told(status, str(error))
    if isinstance(error, NotFoundError):
        return page(404, msgid("That is not there"), here.told(error))
    if isinstance(error, StorageError):
        # Mail programs that unsubscribe by one click try again after a 5xx, and not after a 4xx.
        _log.error("the database cannot be used", endpoint=request.endpoint, cause=repr(error.__cause__))
        return page(503, msgid("That did not work just now"), here.told(error))
    back = here.local_path(request.form.get("back"), "")
    if back and not any(_label(name) for name in _typed()):
        flash(str(error), "error")
        return here.go(back)
    return page(
        409 if isinstance(error, ConflictError) else 422,
        msgid("That did not work"),
        here.told(error),
        back=back or None,
    )


def _typed() -> list[Any]:
    return [name for name, text in request.form.items() if text.strip()]
