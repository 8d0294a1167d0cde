"""What readers may get: who gets which transcript, files, and how many came how far."""

from dataclasses import dataclass

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.downloads import edit, kinds, store
from curator.downloads.values import (
    MAX_ABOUT,
    MAX_CREDIT,
    MAX_FILE_BYTES,
    MAX_TITLE,
    Access,
    FileForm,
    FileOffer,
    Funnel,
    ShowForm,
    TranscriptOffer,
)
from curator.episodes import store as episodes
from curator.errors import ConflictError, InvalidError
from curator.newsletters import store as newsletter_store
from curator.web import here
from curator.web.desk.choice import newsletters, required
from curator.web.desk.door import blueprint
from curator.web.forms import Form, key
from curator.web.public import views

ACCESSES = ((Access.GATED, "By form: a mail brings it"), (Access.OPEN, "Open to all"), (Access.OFF, "Not yet"))
_OF_FILES = (*ACCESSES[:2], (Access.OFF, "Nowhere, as long as it is not finished"))
_SAID = {Access.GATED: "by form", Access.OPEN: "open", Access.OFF: "not yet"}
_MOST_LISTED = 100


@dataclass(frozen=True)
class Line:
    """An episode in the list, with how its transcript may be got."""

    item_id: int
    title: str
    show: str
    offer: TranscriptOffer


@blueprint.get("/downloads")
def downloads() -> str:
    """Lists the episodes whose transcript is asked for or seen, the most asked for first, and the files."""
    return _list(Form(_empty()))


@blueprint.post("/downloads/files")
def offer_newsletter_file() -> Response | tuple[str, int]:
    """Takes a file that belongs to a newsletter."""
    newsletter = required()
    form, file_id = _taken(newsletter_id=newsletter.id)
    if file_id is None:
        return _list(form), 422
    return here.go(url_for("desk.offered_file", file_id=file_id))


@blueprint.post("/shows/episodes/<key:item_id>/files")
def offer_file(item_id: int) -> Response | tuple[str, int]:
    """Takes a file that belongs to an episode."""
    with here.db().read() as session:
        episodes.view(session, item_id)
    form, file_id = _taken(item_id=item_id)
    if file_id is None:
        return _alone(form, url_for("desk.offer_file", item_id=item_id), back=_episode(item_id)), 422
    return here.go(_episode(item_id))


@blueprint.get("/downloads/files/<key:file_id>")
def offered_file(file_id: int) -> str:
    """Shows a file as a form, with how many came how far."""
    views.write_all()
    with here.db().read() as session:
        offer = store.file(session, file_id)
    return _file(offer, Form(_values(offer)))


@blueprint.post("/downloads/files/<key:file_id>")
def change_file(file_id: int) -> Response | tuple[str, int]:
    """Writes what is said of a file."""
    form = Form(request.form)
    with here.db().read() as session:
        offer = store.file(session, file_id)
    seen = key(form.value("version")) or 0
    try:
        edit.change_file(here.db(), file_id, _read(form), expected_version=seen, by=here.editor_id(), now=here.now())
    except InvalidError as error:
        form.take(error)
        return _file(offer, form), 422
    except ConflictError:
        form.refuse("title", f"Somebody saved it first: “{offer.form.title}”, {_SAID[offer.form.access]}. Save again.")
        form.values["version"] = str(offer.version)
        return _file(offer, form), 409
    flash("The file is saved.", "done")
    return here.go(url_for("desk.offered_file", file_id=file_id))


@blueprint.post("/downloads/files/<key:file_id>/remove")
def remove_file(file_id: int) -> Response:
    """Takes a file away from readers."""
    edit.remove_file(here.db(), file_id, by=here.editor_id(), now=here.now())
    flash("The file is not offered any more; links in letters give it no more.", "done")
    return here.go(here.local_path(request.form.get("back"), url_for("desk.downloads")))


@blueprint.post("/shows/episodes/<key:item_id>/transcript")
def set_transcript(item_id: int) -> Response:
    """Says who gets an episode's transcript, and whether it is in work."""
    access, is_in_work = _access(request.form.get("access", "")), request.form.get("in_work") == "yes"
    edit.set_transcript(here.db(), item_id, access=access, is_in_work=is_in_work, by=here.editor_id(), now=here.now())
    with here.db().read() as session:
        offer = store.transcript(session, item_id)
    flash(f"Readers get the transcript: {_SAID[offer.access]}.", "done")
    return here.go(_episode(item_id))


@blueprint.post("/shows/<key:feed_id>/transcripts")
def set_show_transcripts(feed_id: int) -> Response:
    """Says who gets the transcripts of a show."""
    access = _access(request.form.get("access", "")) or Access.GATED
    credit = " ".join(request.form.get("credit", "").split())[:MAX_CREDIT]
    edit.set_show(here.db(), feed_id, ShowForm(access, credit), by=here.editor_id(), now=here.now())
    flash(f"Readers get the transcripts of this show: {_SAID[access]}.", "done")
    return here.go(url_for("desk.show", feed_id=feed_id), anchor="transcripts")


def funnel_rows(funnel: Funnel) -> list[tuple[str, int, str]]:
    """Returns the counters of a download in the order of a reader's way, with what each counts."""
    return [
        ("Views", funnel.views, "looks at its page; programs that say so are left out"),
        ("Requests", funnel.requests, "addresses that asked"),
        *([("Wishes", funnel.wishes, "asked without an address")] if funnel.wishes else []),
        ("Confirmed", funnel.confirmed, "came back by the letter's link and downloaded"),
        ("Downloads", funnel.downloads, "files saved, by whomever and however often"),
        ("Sign-ups", funnel.sign_ups, "ticked a newsletter beside it"),
    ]


def beside_episode(item_id: int) -> dict[str, object]:
    """Returns what an episode's page shows of its downloads."""
    views.write_all()
    root = here.app().settings.public_url
    with here.db().read() as session:
        offer = store.transcript(session, item_id)
        offered = store.files(session, item_id=item_id)
        is_mailable = bool(newsletter_store.newsletters(session))
    framed = f"{root}{url_for('public.framed_transcript', item_id=item_id)}"
    related = f"{root}{url_for('public.framed_related', item_id=item_id)}"
    return {
        "transcript_offer": offer,
        "transcript_choices": [("", f"As the show: {_SAID[offer.show_access]}"), *ACCESSES],
        "funnel": funnel_rows(offer.funnel),
        "offered_files": offered,
        "file_kinds": kinds.KINDS,
        "access_said": _SAID,
        "is_mailable": is_mailable,
        "file_form": Form(_empty()),
        "file_choices": _OF_FILES,
        "file_limits": _limits(),
        "snippets": _snippets(root, item_id, framed, related),
    }


def of_show(feed_id: int) -> dict[str, object]:
    """Returns what a show's page shows of its transcripts."""
    with here.db().read() as session:
        form = store.show(session, feed_id)
    return {"show_form": Form({"access": form.access, "credit": form.credit}), "access_choices": ACCESSES}


def _snippets(root: str, item_id: int, framed: str, related: str) -> list[tuple[str, str, str]]:
    """Returns what an editor copies into the show's own site: an id, what it is, and the HTML."""
    action = f"{root}{url_for('public.ask_transcript', item_id=item_id)}"
    form = "\n".join(
        (
            f'<form method="post" action="{action}">',
            '  <label>Your mail address <input name="address" type="email" required></label>',
            '  <label hidden>Leave this empty <input name="website" tabindex="-1" autocomplete="off"></label>',
            "  <button>Send me the transcript</button>",
            "</form>",
        )
    )
    return [
        (
            "snippet-frame",
            "The transcript's form in a frame",
            f'<iframe src="{framed}" title="Transcript" width="100%" height="640" loading="lazy"></iframe>',
        ),
        ("snippet-form", "The same as a plain form, to be styled by the show's site", form),
        (
            "snippet-related",
            "What is related, in a frame",
            f'<iframe src="{related}" title="Related" width="100%" height="420" loading="lazy"></iframe>',
        ),
        (
            "snippet-json",
            "What is related, for programs (JSON)",
            f"{root}{url_for('public.episode_related', item_id=item_id)}",
        ),
    ]


def _taken(*, item_id: int | None = None, newsletter_id: int | None = None) -> tuple[Form, int | None]:
    """Returns the form, and the number of the new file where it could be taken."""
    form, upload = Form(request.form), request.files.get("file")
    try:
        if upload is None or not upload.filename:
            raise InvalidError("file", "Choose a file.")
        content = upload.stream.read(MAX_FILE_BYTES + 1)
        file_id = edit.offer_file(
            here.db(),
            here.app().files,
            _read(form),
            content,
            name=upload.filename,
            item_id=item_id,
            newsletter_id=newsletter_id,
            by=here.editor_id(),
            now=here.now(),
        )
    except InvalidError as error:
        form.take(error)
        return form, None
    flash("The file is here, and readers find it where you said.", "done")
    return form, file_id


def _read(form: Form) -> FileForm:
    title = form.line("title", at_most=MAX_TITLE, needed="Say what the file is.")
    about = form.text("about", at_most=MAX_ABOUT)
    access = _access(form.value("access")) or Access.GATED
    for name, reason in form.errors.items():
        raise InvalidError(name, reason)
    return FileForm(title, about, access)


def _list(form: Form) -> str:
    views.write_all()
    mine = newsletters()
    with here.db().read() as session:
        ids = store.asked_for(session, limit=_MOST_LISTED)
        offers, told = store.transcripts(session, ids), episodes.views(session, ids)
        files = [each for each in store.files(session) if each.newsletter_id in {None, *(one.id for one in mine)}]
    lines = [Line(each, told[each].title, told[each].told.show, offers[each]) for each in ids if each in told]
    return render_template(
        "desk/downloads.html",
        lines=lines,
        files=files,
        kinds=kinds.KINDS,
        said=_SAID,
        papers=mine,
        newsletter=required() if mine else None,
        form=form,
        choices=_OF_FILES,
        limits=_limits(),
    )


def _file(offer: FileOffer, form: Form) -> str:
    back = url_for("desk.downloads") if offer.item_id is None else _episode(offer.item_id)
    return render_template(
        "desk/offered_file.html",
        offer=offer,
        form=form,
        choices=_OF_FILES,
        limits=_limits(),
        kind=kinds.KINDS[offer.stored.kind].label,
        funnel=funnel_rows(offer.funnel),
        back=back,
        url=f"{here.app().settings.public_url}{url_for('public.file', file_id=offer.id)}",
    )


def _alone(form: Form, action: str, *, back: str) -> str:
    """The form by itself, after a mistake: the episode's own page has a form of its own."""
    return render_template(
        "desk/offer_file.html", form=form, action=action, back=back, choices=_OF_FILES, limits=_limits()
    )


def _episode(item_id: int) -> str:
    return url_for("desk.episode", item_id=item_id, _anchor="readers")


def _values(offer: FileOffer) -> dict[str, str]:
    form = offer.form
    return {"title": form.title, "about": form.about, "access": form.access, "version": str(offer.version)}


def _empty() -> dict[str, str]:
    return {"access": Access.GATED}


def _limits() -> dict[str, int | str]:
    return {"title": MAX_TITLE, "about": MAX_ABOUT, "mb": MAX_FILE_BYTES // 1_000_000, "allowed": kinds.ALLOWED}


def _access(text: str) -> Access | None:
    return next((each for each in Access if each == text), None)
