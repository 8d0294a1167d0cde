"""One subscriber: what is sent to them, what the desk keeps of them, and everything that happened."""

from datetime import datetime

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.audience import store
from curator.audience.notes import store as notes
from curator.audience.notes import write
from curator.audience.portrait import store as portrait
from curator.audience.record import store as record
from curator.audience.tags import store as tags
from curator.audience.tags import tag
from curator.audience.values import SubscriberRow, SubscriptionRow
from curator.db import Session
from curator.errors import ConflictError, InvalidError, NotFoundError
from curator.newsletters import store as newsletters
from curator.web import here
from curator.web.desk.deeds import people
from curator.web.desk.door import blueprint, needs
from curator.web.desk.timeline import timeline
from curator.web.forms import Form, key


@blueprint.get("/subscribers/<key:subscriber_id>")
@needs(Right.READERS)
def subscriber(subscriber_id: int) -> str:
    """Shows a subscriber with the whole history.

    What they do elsewhere is told only to whoever may see the readers there; one who is a reader elsewhere only is not
    here.
    """
    return _page(subscriber_id, Form())


@blueprint.post("/subscribers/<key:subscriber_id>/tags")
@needs(Right.READERS)
def tag_subscriber(subscriber_id: int) -> Response | tuple[str, int]:
    """Puts a tag on a subscriber."""
    form = Form(request.form)
    _require(subscriber_id)
    try:
        name = tag.put_on(here.db(), subscriber_id, form.value("tag"), by=here.editor_id(), now=here.now())
    except InvalidError as error:
        form.take(error)
        return _page(subscriber_id, form), 422
    flash(f"Tagged “{name}”.", "done")
    return _to(subscriber_id, "tags")


@blueprint.post("/subscribers/<key:subscriber_id>/tags/<key:tag_id>/remove")
@needs(Right.READERS)
def untag_subscriber(subscriber_id: int, tag_id: int) -> Response:
    """Takes a tag off a subscriber."""
    _require(subscriber_id)
    name = tag.take_off(here.db(), subscriber_id, tag_id, by=here.editor_id(), now=here.now())
    flash(f"The tag “{name}” is off.", "done")
    return _to(subscriber_id, "tags")


@blueprint.post("/subscribers/<key:subscriber_id>/notes")
@needs(Right.READERS)
def write_note(subscriber_id: int) -> Response | tuple[str, int]:
    """Writes a note about a subscriber."""
    form = Form(request.form)
    _require(subscriber_id)
    try:
        write.write(here.db(), subscriber_id, form.value("words"), by=here.editor_id(), now=here.now())
    except InvalidError as error:
        form.take(error)
        return _page(subscriber_id, form), 422
    flash("The note is written.", "done")
    return _to(subscriber_id, "notes")


@blueprint.post("/notes/<key:note_id>")
@needs(Right.READERS)
def edit_note(note_id: int) -> Response | tuple[str, int]:
    """Changes the words of a note; where somebody else was first, both are shown."""
    form, subscriber_id = Form(request.form), _of_note(note_id)
    seen = key(form.value("version")) or 0
    try:
        write.edit(
            here.db(),
            note_id,
            form.value("words"),
            expected_version=seen,
            by=here.editor_id(),
            now=here.now(),
        )
    except InvalidError as error:
        flash(error.reason, "error")
    except ConflictError:
        form.refuse("words", "Somebody changed this note before you. It stands below; your words stand in this field.")
        return _page(subscriber_id, form), 409
    else:
        flash("The note is changed.", "done")
    return _to(subscriber_id, "notes")


@blueprint.post("/notes/<key:note_id>/remove")
@needs(Right.READERS)
def remove_note(note_id: int) -> Response:
    """Removes a note."""
    subscriber_id = _of_note(note_id)
    write.remove(here.db(), note_id, by=here.editor_id(), now=here.now())
    flash("The note is removed.", "done")
    return _to(subscriber_id, "notes")


def _page(subscriber_id: int, form: Form) -> str:
    before = _moment(request.args.get("before"))
    with here.db().read() as session:
        seen, shown = _shown(session, subscriber_id)
        papers = {each.id: each for each in newsletters.newsletters(session)}
        told = timeline(session, seen, [id_ for id_ in papers if here.may(Right.READERS, id_)], before=before)
        first = papers.get(shown[0].newsletter_id) if shown else None
        return render_template(
            "desk/subscriber.html",
            reader=seen,
            subscriptions=shown,
            chosen=portrait.chosen(session, subscriber_id),
            tags=tags.of(session, [subscriber_id]).get(subscriber_id, []),
            known_tags=tags.tags(session),
            notes=notes.notes(session, subscriber_id),
            people=people(session),
            timeline=told,
            before=before,
            zone=first.cadence.zone if first is not None else "UTC",
            newsletters=papers,
            form=form,
            has_record=bool(record.steps(session, subscriber_id, limit=1)),
        )


def _shown(session: Session, subscriber_id: int) -> tuple[SubscriberRow, list[SubscriptionRow]]:
    """Returns a subscriber with those subscriptions that may be seen. Raises NotFoundError."""
    seen = store.subscriber_row(session, None, subscriber_id)
    if seen is None:
        raise NotFoundError("subscriber", subscriber_id)
    subscriptions = record.subscriptions(session, subscriber_id)
    shown = [each for each in subscriptions if here.may(Right.READERS, each.newsletter_id)]
    if subscriptions and not shown:
        raise NotFoundError("subscriber", subscriber_id)
    return seen, shown


def _require(subscriber_id: int) -> None:
    with here.db().read() as session:
        _shown(session, subscriber_id)


def _of_note(note_id: int) -> int:
    with here.db().read() as session:
        found = notes.note(session, note_id).subscriber_id
        _shown(session, found)
        return found


def _to(subscriber_id: int, anchor: str) -> Response:
    return here.go(url_for("desk.subscriber", subscriber_id=subscriber_id), anchor=anchor)


def _moment(text: str | None) -> datetime | None:
    try:
        found = None if not text else datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None and 1990 < found.year < 2200 else None
