"""A reader's own data: what is kept of them, as files to take along, and the way to have all of it erased."""

import json
from collections.abc import Callable

from flask import Response, make_response, render_template, request

from curator.audience import links
from curator.errors import TokenError
from curator.privacy import copy, erase, retention
from curator.privacy.values import Copy
from curator.web import failures, here
from curator.web.public.door import blueprint, damaged
from curator.web.public.preferences import DAMAGED, speak_to_whoever
from curator.web.words import masked

_Answer = str | tuple[str, int] | Response


def _damaged() -> tuple[str, int]:
    return damaged(DAMAGED)


def _gone() -> tuple[str, int]:
    return failures.letter_page(
        404,
        here.say("There is nothing here any more"),
        here.say("Nothing is kept of you here, and nothing is sent to you. To get a newsletter again, sign up anew."),
    )


@blueprint.get("/p/<token>/data")
def own_data(token: str) -> _Answer:
    """Shows what is kept of a reader, and leads to the files."""
    return _with_copy(token, lambda found: render_template("public/data.html", copy=found, token=token))


@blueprint.get("/p/<token>/data.json")
def own_data_json(token: str) -> _Answer:
    """Gives a reader's copy to a machine."""

    def file(found: Copy) -> Response:
        body = json.dumps(found.as_facts(), ensure_ascii=False, indent=2) + "\n"
        return _file(body, "application/json", f"my-data-{found.made_at:%Y-%m-%d}.json")

    return _with_copy(token, file)


@blueprint.get("/p/<token>/data.html")
def own_data_html(token: str) -> _Answer:
    """Gives a reader's copy as a page that stands for itself, to be kept as a file."""

    def file(found: Copy) -> Response:
        body = render_template("public/data_file.html", copy=found)
        return _file(body, "text/html; charset=utf-8", f"my-data-{found.made_at:%Y-%m-%d}.html")

    return _with_copy(token, file)


@blueprint.route("/p/<token>/erase", methods=["GET", "POST"])
def erase_me(token: str) -> _Answer:
    """A look says what would go and shows one button; a press erases, at once and for good."""
    try:
        subscriber_id = links.read_preferences_token(here.app().keys, token)
    except TokenError:
        return _damaged()
    speak_to_whoever(subscriber_id)
    if request.method == "GET":
        found = erase.look(here.db(), subscriber_id)
        return render_template("public/erase.html", token=token, found=found) if found else _gone()
    went = erase.erase(here.db(), subscriber_id, by=None, now=here.now())
    return _gone() if went is None else render_template("public/erased.html")


def _with_copy(token: str, answer: Callable[[Copy], _Answer]) -> _Answer:
    """The address is not told whole: whoever was passed a mail on has its link, and may not have it."""
    try:
        subscriber_id = links.read_preferences_token(here.app().keys, token)
    except TokenError:
        return _damaged()
    speak_to_whoever(subscriber_id)
    address = erase.address_of(here.db(), subscriber_id)
    found = (
        None
        if address is None
        else copy.copy(
            here.db(), subscriber_id, retention.keeping(here.app().settings), now=here.now(), shown_as=masked(address)
        )
    )
    return _gone() if found is None else answer(found)


def _file(body: str, mimetype: str, name: str) -> Response:
    response = make_response(body)
    response.headers["Content-Type"] = mimetype
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
