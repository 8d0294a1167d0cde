"""A file that readers may get: its page with the form or the download, and the file itself where it is open."""

from flask import Response, abort, make_response, render_template, url_for

from curator.db import Session
from curator.downloads import kinds
from curator.downloads import store as downloads
from curator.downloads.values import FileOffer, Standing
from curator.episodes import store as episodes
from curator.errors import NotFoundError
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec
from curator.web import failures, here
from curator.web.public import asking, embeds, views
from curator.web.public.asking import Asking
from curator.web.public.door import blueprint
from curator.web.public.transcripts import saved


@blueprint.app_template_global("files_with")
def files_with(newsletter: NewsletterSpec) -> list[FileOffer]:
    """Returns the files that are offered with a newsletter, for its page."""
    with here.db().read() as session:
        found = downloads.files(session, newsletter_id=newsletter.id)
    return [each for each in found if each.standing is not None]


@blueprint.app_template_global("kind_of_file")
def kind_of_file(offer: FileOffer) -> str:
    """Returns what people call the kind of a file."""
    return here.say(kinds.KINDS[offer.stored.kind].label)


@blueprint.get("/files/<key:file_id>")
def file(file_id: int) -> Response:
    """Shows what the file is, with the form or the download."""
    with here.db().read() as session:
        offer = _shown(session, file_id)
        found = None if offer is None else asking_for(session, offer)
        back = "" if offer is None else _back(session, offer)
    if offer is None or found is None:
        return _nothing()
    views.note(offer.download)
    return make_response(_page(offer, found, back))


@blueprint.post("/files/<key:file_id>")
def ask_file(file_id: int) -> Response:
    """Takes the form."""
    with here.db().read() as session:
        offer = _shown(session, file_id)
        found = None if offer is None else asking_for(session, offer)
        back = "" if offer is None else _back(session, offer)
    if offer is None or found is None:
        return _nothing()
    own = url_for("public.file", file_id=file_id)
    if offer.standing is Standing.OPEN:
        return make_response("", 303, {"Location": own})
    done = url_for("public.file_asked", file_id=file_id)
    return asking.taken(found, place=embeds.place(own), done=done, page=lambda again: _page(offer, again, back))


@blueprint.get("/files/<key:file_id>/asked")
def file_asked(file_id: int) -> Response:
    """Says what happens next, the same to everybody."""
    with here.db().read() as session:
        offer = _shown(session, file_id)
        found = None if offer is None else asking_for(session, offer)
    if found is None:
        return _nothing()
    back = url_for("public.file", file_id=file_id)
    return make_response(render_template("public/asked.html", newsletter=found.sender, asking=found, back=back))


@blueprint.get("/files/<key:file_id>/file")
def open_file(file_id: int) -> Response:
    """Gives a file that anybody may have."""
    with here.db().read() as session:
        offer = _shown(session, file_id)
    if offer is None or offer.standing is not Standing.OPEN:
        abort(404)
    given = bytes_of(offer)
    views.note(offer.download, "downloads")
    return given


def bytes_of(offer: FileOffer) -> Response:
    """Returns a file to save; 404 where its bytes are gone, as after a backup that had none."""
    content = here.app().files.get(offer.stored.name)
    if content is None:
        abort(404)
    return saved(content, name=offer.stored.file_name, media_type=kinds.KINDS[offer.stored.kind].media_type)


def asking_for(session: Session, offer: FileOffer) -> Asking | None:
    """Returns the form for a file; None where it is not offered, or no newsletter's letter could bring it."""
    sender = asking.sender_of(session, offer.newsletter_id)
    if sender is None or offer.standing is None:
        return None
    here.speak(sender.language)
    return Asking(
        download=offer.download,
        title=offer.form.title,
        standing=offer.standing,
        action=url_for("public.ask_file", file_id=offer.id),
        words=asking.words_for(offer.standing),
        sender=sender,
        papers=asking.offered_beside(session, offer.newsletter_id),
    )


def _shown(session: Session, file_id: int) -> FileOffer | None:
    try:
        offer = downloads.file(session, file_id)
    except NotFoundError:
        return None
    if offer.standing is None or (offer.item_id and not episodes.public_ids(session, [offer.item_id])):
        return None
    return offer


def _back(session: Session, offer: FileOffer) -> str:
    if offer.item_id is not None:
        return url_for("public.episode", item_id=offer.item_id)
    return url_for("public.newsletter", slug=newsletters.newsletter(session, offer.newsletter_id or 0).slug)


def _page(offer: FileOffer, found: Asking, back: str) -> str:
    return render_template(
        "public/ask.html",
        newsletter=found.sender,
        asking=found,
        back=back,
        about=offer.form.about,
        file=offer,
        address=f"{here.app().settings.public_url}{url_for('public.file', file_id=offer.id)}",
    )


def _nothing() -> Response:
    title, words = here.say("There is no such file"), here.say("It was taken away, or its address is not quite right.")
    return make_response(failures.letter_page(404, title, words))
