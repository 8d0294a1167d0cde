"""Transcripts: search over all of them, and one episode's with its speakers, times and what was not understood."""

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.db import Session
from curator.episodes import enrich
from curator.episodes import store as episodes
from curator.episodes.transcripts import store
from curator.episodes.transcripts.values import MAX_BYTES
from curator.errors import InvalidError, NotFoundError, ParseError
from curator.feeds import store as feeds
from curator.feeds.values import FreshItem, ItemKind
from curator.queue import store as queue
from curator.web import here
from curator.web.desk.door import blueprint
from curator.web.forms import Form, key

_TURNS_A_PAGE = 200
_HITS = 40


@blueprint.get("/transcripts")
def transcripts() -> str:
    """Searches all transcripts; without words it lists them."""
    words = request.args.get("q", "").replace("\0", "")[:300].strip()
    with here.db().read() as session:
        found = store.search(session, words, _HITS) if words else []
        listed = [] if words else store.shows_transcripts(session, limit=100)
    return render_template("desk/transcripts.html", words=words, found=found, most=_HITS, listed=listed)


@blueprint.get("/episodes/<key:item_id>/transcript")
def transcript(item_id: int) -> str:
    """Shows an episode's transcript."""
    return _page(item_id, Form())


@blueprint.post("/episodes/<key:item_id>/transcript")
def upload_transcript(item_id: int) -> Response | tuple[str, int]:
    """Takes a file, or else the text that was pasted."""
    form, upload = Form(request.form), request.files.get("file")
    text = form.value("text").replace("\r\n", "\n")
    try:
        if upload is not None and upload.filename:
            body = upload.stream.read(MAX_BYTES + 1)
            read = enrich.upload(here.db(), item_id, body, name=upload.filename, by=here.editor_id(), now=here.now())
        elif text.strip():
            read = enrich.paste(here.db(), item_id, text, by=here.editor_id(), now=here.now())
        else:
            raise InvalidError("file", "Choose a file, or paste the text.")
    except InvalidError as error:
        form.take(error)
        return _page(item_id, form), 422
    except ParseError as error:
        form.refuse("text" if text.strip() and not (upload and upload.filename) else "file", str(error))
        return _page(item_id, form), 422
    people, turns = len(read.speakers), len(read.turns)
    who = f" by {people} {'speaker' if people == 1 else 'speakers'}" if people else ""
    said = f"{turns:,} {'turn' if turns == 1 else 'turns'}{who}"
    flash(f"The transcript is here: {said}, read as {read.form}.", "done")
    return here.go(url_for("desk.transcript", item_id=item_id))


@blueprint.post("/episodes/<key:item_id>/transcript/remove")
def remove_transcript(item_id: int) -> Response:
    """Takes an uploaded transcript away; the feed's is fetched again."""
    enrich.remove_upload(here.db(), item_id, by=here.editor_id(), now=here.now())
    flash("Taken away. If the feed links to a transcript, it comes within a minute.", "done")
    return here.go(url_for("desk.transcript", item_id=item_id))


@blueprint.post("/episodes/<key:item_id>/transcript/fetch")
def fetch_transcript(item_id: int) -> Response:
    """Has the feed's transcript fetched soon."""
    enrich.ask_again(here.db(), item_id, now=here.now())
    flash("It is asked for within seconds. Reload this page to see what came.", "done")
    return here.go(url_for("desk.transcript", item_id=item_id))


@blueprint.post("/episodes/<key:item_id>/transcript/speaker")
def rename_speaker(item_id: int) -> Response | tuple[str, int]:
    """Gives a speaker another name throughout."""
    form = Form(request.form)
    old = form.value("old")
    try:
        count = enrich.rename_speaker(here.db(), item_id, old, form.value("name"), by=here.editor_id(), now=here.now())
    except InvalidError as error:
        form.take(error)
        return _page(item_id, form), 422
    flash(f"Renamed in {count:,} {'turn' if count == 1 else 'turns'}." if count else "Nobody had that name.", "done")
    return here.go(url_for("desk.transcript", item_id=item_id), anchor="speakers")


def episode_of(session: Session, item_id: int) -> FreshItem:
    """Returns an episode. Raises NotFoundError for what is none."""
    item = feeds.items_by_id(session, [item_id]).get(item_id)
    if item is None or item.kind is not ItemKind.EPISODE:
        raise NotFoundError("episode", item_id)
    return item


def episode_page(session: Session, item_id: int) -> str | None:
    """Returns the address of the episode's own page at the desk; only those of own shows have one."""
    return url_for("desk.episode", item_id=item_id) if episodes.views(session, [item_id]) else None


def _page(item_id: int, form: Form) -> str:
    first = min(key(request.args.get("from")) or 0, MAX_BYTES)
    with here.db().read() as session:
        item, row = episode_of(session, item_id), store.transcript_row(session, item_id)
        turns = store.turns(session, item_id, first=first, limit=_TURNS_A_PAGE + 1)
        if first and not turns:  # a link into a transcript that has been replaced by a shorter one
            first, turns = 0, store.turns(session, item_id, limit=_TURNS_A_PAGE + 1)
        wanted = store.wanted(session, item_id)
        return render_template(
            "desk/transcript.html",
            item=item,
            row=row,
            turns=turns[:_TURNS_A_PAGE],
            first=first,
            before=max(first - _TURNS_A_PAGE, 0) if first else None,
            after=turns[_TURNS_A_PAGE].position if len(turns) > _TURNS_A_PAGE else None,
            speakers=store.speakers(session, item_id),
            is_linked=wanted is not None and bool(wanted.links),
            is_asked=queue.is_unfinished(session, f"transcript:{item_id}"),
            episode_page=episode_page(session, item_id),
            form=form,
        )
