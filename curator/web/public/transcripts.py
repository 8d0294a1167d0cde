"""An episode's transcript for readers: whole where it is open, else the form that asks for it."""

from urllib.parse import urlsplit

from flask import Response, abort, make_response, render_template, request, url_for

from curator import languages
from curator.db import Session
from curator.downloads import documents
from curator.downloads import store as downloads
from curator.downloads.documents import Spoken
from curator.downloads.values import Download, DownloadKind, Layout, Standing, TranscriptOffer
from curator.episodes import store as episodes
from curator.episodes.transcripts import store as transcripts
from curator.episodes.values import EpisodeView
from curator.errors import NotFoundError
from curator.issues import compose
from curator.languages import msgid, speech
from curator.web import failures, headers, here
from curator.web.public import asking, embeds, views
from curator.web.public.archive import LIST_KEPT_S
from curator.web.public.asking import Asking
from curator.web.public.door import blueprint

NO_EPISODE = (
    msgid("There is no such episode"),
    msgid("Its address is not quite right, or its show is not published here any more."),
)
_MEDIA = {Layout.HTML: "text/html; charset=utf-8", Layout.TEXT: "text/plain; charset=utf-8"}
# A file that is saved shall run nothing and ask nothing of anybody, should a browser show it after all.
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'; base-uri 'none'"
_LONGEST_NAME = 80


@blueprint.get("/e/<key:item_id>/transcript")
def transcript(item_id: int) -> Response:
    """Shows an open transcript, or the form of one that is sent by mail."""
    with here.db().read() as session:
        try:
            view, offer = episodes.view(session, item_id), downloads.transcript(session, item_id)
        except NotFoundError:
            return no_episode()
        if offer.standing is not Standing.OPEN:
            found = asking_for(session, view, offer)
            if found is None:
                return no_episode()
            return make_response(_form_page(view, found))
        turns = transcripts.turns(session, item_id)
        credit = downloads.show(session, offer.feed_id).credit
    here.speak(view.told.language or "en")
    if urlsplit(request.referrer or "").path != url_for("public.episode", item_id=item_id):
        views.note(offer.download)
    page = render_template(
        "public/transcript.html",
        newsletter=None,
        episode=view,
        turns=turns,
        credit=credit,
        dated=compose.dated(view.told.at, language=view.told.language or "en"),
        address=f"{here.app().settings.public_url}{url_for('public.transcript', item_id=item_id)}",
    )
    return headers.shared(page, for_s=LIST_KEPT_S)


@blueprint.post("/e/<key:item_id>/transcript")
def ask_transcript(item_id: int) -> Response:
    """Takes the form. From a page of the show's own it is the same form: it needs no token and no cookie."""
    met = _met(item_id)
    if met is None:
        return no_episode()
    view, offer, found = met
    if offer.standing is Standing.OPEN:
        return make_response("", 303, {"Location": url_for("public.transcript", item_id=item_id)})
    if found is None:
        return no_episode()
    done = url_for("public.transcript_asked", item_id=item_id)
    place = embeds.place(url_for("public.episode", item_id=item_id))
    return asking.taken(found, place=place, done=done, page=lambda again: _form_page(view, again))


@blueprint.get("/e/<key:item_id>/transcript/asked")
def transcript_asked(item_id: int) -> Response:
    """Says what happens next, the same to everybody."""
    met = _met(item_id)
    if met is None or met[2] is None:
        return no_episode()
    found, back = met[2], url_for("public.episode", item_id=item_id)
    return make_response(render_template("public/asked.html", newsletter=found.sender, asking=found, back=back))


@blueprint.get("/e/<key:item_id>/transcript.<ending>")
def open_transcript(item_id: int, ending: str) -> Response:
    """Gives a transcript that anybody may have as a file."""
    layout = layout_of(ending)
    with here.db().read() as session:
        try:
            offer = downloads.transcript(session, item_id)
        except NotFoundError:
            return no_episode()
        if offer.standing is not Standing.OPEN:
            abort(404)
        given = file_of(session, item_id, layout)
    views.note(offer.download, "downloads")
    return given


def no_episode() -> Response:
    """Answers an address that names no episode of an own show."""
    title, words = NO_EPISODE
    return make_response(failures.letter_page(404, title, words))


def asking_for(session: Session, view: EpisodeView, offer: TranscriptOffer) -> Asking | None:
    """Returns the form for an episode's transcript; None where there is no newsletter whose letter could bring it."""
    sender = asking.sender_of(session)
    if sender is None:
        return None
    here.speak(sender.language)
    return Asking(
        download=Download(DownloadKind.TRANSCRIPT, view.item_id),
        title=view.title,
        standing=offer.standing,
        action=url_for("public.ask_transcript", item_id=view.item_id),
        words=asking.words_for(offer.standing),
        sender=sender,
        papers=asking.offered_beside(session),
        asked=offer.funnel.asked,
        is_in_work=offer.is_in_work,
    )


def _met(item_id: int) -> tuple[EpisodeView, TranscriptOffer, Asking | None] | None:
    """Returns an episode, how its transcript may be got, and the form for it; None for what is no own episode."""
    with here.db().read() as session:
        try:
            view, offer = episodes.view(session, item_id), downloads.transcript(session, item_id)
        except NotFoundError:
            return None
        return view, offer, asking_for(session, view, offer)


def layout_of(ending: str) -> Layout:
    """Returns the layout that an address names; there is no other page."""
    try:
        return Layout(ending)
    except ValueError:
        abort(404)


def file_of(session: Session, item_id: int, layout: Layout) -> Response:
    """Returns an episode's transcript as a file to save. Raises NotFoundError."""
    view = episodes.view(session, item_id)
    spoken = _spoken(session, view)
    says = speech(spoken.language)
    content = (documents.as_html if layout is Layout.HTML else documents.as_text)(spoken, says)
    return saved(content.encode(), name=f"{_file_name(view.title)}.{layout}", media_type=_MEDIA[layout])


def saved(content: bytes, *, name: str, media_type: str) -> Response:
    """Returns bytes as a file that a browser saves and never opens as a page of this site."""
    response = make_response(content)
    response.headers["Content-Type"] = media_type
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _spoken(session: Session, view: EpisodeView) -> Spoken:
    row = transcripts.transcript_row(session, view.item_id)
    language = (row.language if row else None) or view.told.language or "en"
    own_page = f"{here.app().settings.public_url}{url_for('public.episode', item_id=view.item_id)}"
    return Spoken(
        title=view.title,
        show=view.told.show,
        dated=compose.dated(view.told.at, language=language),
        guests=tuple(guest.name for guest in view.guests),
        url=view.told.url or own_page,
        credit=downloads.show(session, view.told.feed_id).credit,
        language=language,
        direction=languages.direction(language),
        turns=transcripts.turns(session, view.item_id),
    )


def _file_name(title: str) -> str:
    kept = "".join(each if each.isalnum() or each in " -" else " " for each in title)
    return " ".join(kept.split())[:_LONGEST_NAME].strip() or "transcript"


def _form_page(view: EpisodeView, found: Asking) -> str:
    back = url_for("public.episode", item_id=view.item_id)
    root = here.app().settings.public_url
    return render_template(
        "public/ask.html", newsletter=found.sender, asking=found, back=back, about="", address=f"{root}{back}"
    )
