"""An episode's transcript form and what is related to it, to stand in a frame on the show's own site."""

from flask import Response, make_response, render_template, request, url_for

from curator.downloads import store as downloads
from curator.downloads.values import Standing
from curator.episodes import store as episodes
from curator.errors import NotFoundError
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.public import asking, embeds, related, views
from curator.web.public.asking import Asking
from curator.web.public.door import blueprint
from curator.web.public.episodes import episode_url
from curator.web.public.transcripts import asking_for, no_episode


@blueprint.get("/embed/e/<key:item_id>/transcript")
def framed_transcript(item_id: int) -> Response:
    """Shows the form alone, or the way to a transcript that is open."""
    found, canonical = _asking(item_id)
    if found is None:
        return no_episode()
    views.note(found.download)
    return _framed(found, canonical, _page(found, canonical), status=200)


@blueprint.post("/embed/e/<key:item_id>/transcript")
def ask_framed(item_id: int) -> Response:
    """Takes the form within its frame."""
    found, canonical = _asking(item_id)
    if found is None:
        return no_episode()
    own = url_for("public.framed_transcript", item_id=item_id)
    if found.standing is Standing.OPEN:
        return make_response("", 303, {"Location": own})
    done = url_for("public.framed_asked", item_id=item_id)
    taken = asking.taken(found, place=embeds.place(own), done=done, page=lambda again: _page(again, canonical))
    if taken.status_code == 303:
        return taken
    answer = _framed(found, canonical, taken.get_data(as_text=True), status=taken.status_code)
    if "Retry-After" in taken.headers:
        answer.headers["Retry-After"] = taken.headers["Retry-After"]
    return answer


@blueprint.get("/embed/e/<key:item_id>/transcript/asked")
def framed_asked(item_id: int) -> Response:
    """Says what happens next, within the frame."""
    found, canonical = _asking(item_id)
    if found is None:
        return no_episode()
    page = render_template(
        "public/asked_frame.html", newsletter=found.sender, asking=found, canonical=canonical, back=""
    )
    return _framed(found, canonical, page, status=200)


@blueprint.get("/embed/e/<key:item_id>/related")
def framed_related(item_id: int) -> Response:
    """Shows what is related to an episode; nothing related is an empty frame, and no error on somebody's page."""
    with here.db().read() as session:
        sender = asking.sender_of(session)
        view = episodes.views(session, [item_id]).get(item_id)
        relatives = related.of_episode(session, item_id) if view is not None else []
    if view is None or sender is None:
        return no_episode()
    here.speak(sender.language)
    canonical = view.told.url or episode_url(here.app().settings.public_url, item_id)
    page = render_template(
        "public/related_frame.html", newsletter=sender, relatives=relatives, canonical=canonical, episode=view
    )
    return _answer(page, sender, canonical, status=200)


def _asking(item_id: int) -> tuple[Asking | None, str]:
    """Returns the form with its action in the frame, and the show's page of the episode, else ours."""
    with here.db().read() as session:
        try:
            view, offer = episodes.view(session, item_id), downloads.transcript(session, item_id)
        except NotFoundError:
            return None, ""
        found = asking_for(session, view, offer)
    canonical = view.told.url or episode_url(here.app().settings.public_url, item_id)
    return found, canonical


def _page(found: Asking, canonical: str) -> str:
    item_id = found.download.id
    return render_template(
        "public/ask_frame.html",
        newsletter=found.sender,
        asking=found,
        action=url_for("public.ask_framed", item_id=item_id),
        place=embeds.framing_page() or request.form.get("place", "")[:200],
        canonical=canonical,
    )


def _framed(found: Asking, canonical: str, page: str, *, status: int) -> Response:
    return _answer(page, found.sender, canonical, status=status)


def _answer(page: str, sender: NewsletterSpec, canonical: str, *, status: int) -> Response:
    """The page of the episode stands for it, and not that of the newsletter."""
    response = embeds.framed(page, sender.id, own_address=canonical, status=status)
    response.headers["Link"] = f'<{canonical}>; rel="canonical"' if _fits_header(canonical) else ""
    return response


def _fits_header(url: str) -> bool:
    return url.isascii() and url.isprintable() and not set(url) & set('<>" ')
