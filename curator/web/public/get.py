"""The page behind a letter's link: what was asked for, to be downloaded by a button.

A look changes nothing, because mail scanners look. A press is counted, and leads to the file at the same address: mail
programs and phones that fetch a download a second time do so by a look.
"""

from dataclasses import dataclass

from flask import Response, abort, make_response, render_template, request, url_for

from curator.db import Session
from curator.downloads import ask, give, kinds
from curator.downloads import store as downloads
from curator.downloads.give import Answer, Given
from curator.downloads.links import read_download_token
from curator.downloads.values import DownloadKind, Request
from curator.episodes import store as episodes
from curator.errors import TokenError
from curator.issues import compose
from curator.newsletters import store as newsletters
from curator.web import here
from curator.web.public import files, transcripts
from curator.web.public.door import blueprint, damaged


@dataclass(frozen=True)
class Here:
    """What a request is for, as its page shows it: each way to save it, and the page that it belongs to."""

    title: str
    about: str
    ways: tuple[tuple[str, str], ...]
    back: str


@blueprint.get("/get/<token>")
def get(token: str) -> Response | tuple[str, int]:
    """Shows the buttons; of a link that is over, the one that sends another."""
    try:
        link = read_download_token(here.app().keys, token)
    except TokenError:
        return _damaged()
    return _page(token, give.given(here.db(), link, now=here.now()))


@blueprint.route("/get/<token>/<way>", methods=["GET", "POST"])
def get_file(token: str, way: str) -> Response | tuple[str, int]:
    """Counts a press and leads to the file; a look at its address gives the file and counts nothing."""
    try:
        link = read_download_token(here.app().keys, token)
    except TokenError:
        return _damaged()
    found = (give.take if request.method == "POST" else give.given)(here.db(), link, now=here.now())
    if found.answer is not Answer.HERE or found.request is None:
        return _page(token, found)
    if request.method == "POST":
        return make_response("", 303, {"Location": request.path})
    return _file(found.request, way)


@blueprint.post("/get/<token>/again")
def get_again(token: str) -> Response | tuple[str, int]:
    """Sends a new link to whoever comes too late: they hold the old one, so the mailbox is theirs."""
    try:
        link = read_download_token(here.app().keys, token)
    except TokenError:
        return _damaged()
    is_sent = ask.ask_again(here.db(), link, valid_for=here.app().links_last, now=here.now())
    return _page(token, give.given(here.db(), link, now=here.now()), outcome="sent" if is_sent else "not sent")


@blueprint.post("/get/<token>/forget")
def get_forgotten(token: str) -> Response | tuple[str, int]:
    """Forgets the requests of the mailbox; a second press says the same."""
    try:
        link = read_download_token(here.app().keys, token)
    except TokenError:
        return _damaged()
    shown = give.given(here.db(), link, now=here.now())
    ask.forget(here.db(), link)
    return _page(token, Given(Answer.GONE, shown.request), outcome="forgotten")


def _damaged() -> tuple[str, int]:
    return damaged(here.say("Open the mail again and press its button there, or ask once more."))


def _page(token: str, found: Given, *, outcome: str = "") -> Response:
    """A link of a request that was forgotten is a good one, and says so; nothing of it is told any more."""
    with here.db().read() as session:
        sender_id = None if found.request is None else downloads.newsletter_of_request(session, found.request.id)
        newsletter = None if sender_id is None else newsletters.newsletter(session, sender_id)
        if newsletter is not None:
            here.speak(newsletter.language)
        what = None if found.request is None else _here(session, found.request, token)
    status = 410 if found.answer is Answer.GONE and not outcome else 200
    page = render_template(
        "public/get.html",
        newsletter=newsletter,
        answer=outcome or found.answer.value,
        what=what,
        token=token,
        request_row=found.request,
        asked_on="" if found.request is None else compose.dated(found.request.asked_at, language=here.speech().lang),
        days=here.app().settings.download_link_days,
    )
    return make_response(page, status)


def _here(session: Session, found: Request, token: str) -> Here | None:
    """Returns what a request is for; None where it is not there any more."""
    number = found.download.id
    if found.download.kind is DownloadKind.TRANSCRIPT:
        view = episodes.views(session, [number]).get(number)
        if view is None:
            return None
        ways = tuple(
            (url_for("public.get_file", token=token, way=way), label)
            for way, label in (("transcript.html", here.say("As a web page")), ("transcript.txt", here.say("As text")))
        )
        return Here(view.title, view.told.show, ways, url_for("public.episode", item_id=number))
    offer = downloads.file(session, number)
    kind = here.say(kinds.KINDS[offer.stored.kind].label)
    way = url_for("public.get_file", token=token, way="file"), here.say("Download (%(kind)s)", kind=kind)
    return Here(offer.form.title, offer.form.about, (way,), url_for("public.file", file_id=number))


def _file(found: Request, way: str) -> Response:
    is_file = found.download.kind is DownloadKind.FILE
    name, _, ending = way.partition(".")
    if (name, is_file) not in (("transcript", False), ("file", True)):
        abort(404)
    with here.db().read() as session:
        if is_file:
            return files.bytes_of(downloads.file(session, found.download.id))
        return transcripts.file_of(session, found.download.id, transcripts.layout_of(ending))
