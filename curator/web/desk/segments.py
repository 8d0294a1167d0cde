"""Segments: the filters that a newsletter keeps, made, changed and taken away."""

from flask import flash, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.audience.matching import store as matching
from curator.audience.segments import edit, store
from curator.audience.segments.parse import parse
from curator.audience.segments.values import Count, SegmentRow
from curator.audience.tags import store as tags
from curator.db import Session
from curator.errors import ConflictError, InvalidError, StateError
from curator.issues.aimed import aim
from curator.issues.aimed import store as aimed
from curator.newsletters import store as newsletter_store
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.desk import approval, asked
from curator.web.desk.choice import chosen, newsletters, required
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form, key


@blueprint.get("/segments")
@needs(Right.READERS)
def segments() -> str:
    """Lists a newsletter's segments, each with how many readers of the moment are in it."""
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="Segments")
    with here.db().read() as session:
        kept = store.segments(session, newsletter.id)
        return render_template(
            "desk/segments.html",
            all_newsletters=all_newsletters,
            newsletter=newsletter,
            segments=kept,
            counts={one.id: _count(session, newsletter, one) for one in kept},
            uses=aimed.uses(session, newsletter.id),
        )


@blueprint.get("/segments/new")
@needs(Right.READERS)
def new_segment() -> str:
    """Shows the form for a new segment, filled with a filter where one is given."""
    return _form(required(), Form({"words": request.args.get("words", "")}))


@blueprint.post("/segments")
@needs(Right.READERS)
def make_segment() -> Response | tuple[str, int]:
    """Keeps a filter under a name."""
    form, newsletter = Form(request.form), required()
    try:
        edit.make(
            here.db(),
            newsletter.id,
            name=form.value("name"),
            words=form.value("words"),
            by=here.editor_id(),
            now=here.now(),
        )
    except InvalidError as error:
        form.take(error)
        return _form(newsletter, form), 422
    flash(f"“{form.value('name').strip()}” is kept.", "done")
    return here.go(url_for("desk.segments", newsletter=newsletter.id))


@blueprint.get("/segments/<key:segment_id>")
@needs(Right.READERS)
def segment(segment_id: int) -> str:
    """Shows a segment to be changed."""
    found, newsletter = _found(segment_id)
    return _form(newsletter, Form({"name": found.name, "words": found.words, "version": str(found.version)}), found)


@blueprint.post("/segments/<key:segment_id>")
@needs(Right.READERS)
def change_segment(segment_id: int) -> Response | tuple[str, int]:
    """Changes a segment; issues that were approved for it as it was lose the approval."""
    form, (found, newsletter) = Form(request.form), _found(segment_id)
    try:
        edit.change(
            here.db(),
            segment_id,
            name=form.value("name"),
            words=form.value("words"),
            expected_version=key(form.value("version")) or 0,
            by=here.editor_id(),
            now=here.now(),
        )
    except InvalidError as error:
        form.take(error)
        return _form(newsletter, form, found), 422
    except ConflictError:
        form.values["version"] = str(found.version)
        return _form(newsletter, form, found, is_conflict=True), 409
    flash(approval.after_facts(f"“{form.value('name').strip()}” is saved."), "done")
    return here.go(url_for("desk.segments", newsletter=newsletter.id))


@blueprint.post("/segments/<key:segment_id>/remove")
@needs(Right.READERS)
def remove_segment(segment_id: int) -> Response:
    """Takes a segment away, unless an issue to come goes to it."""
    _, newsletter = _found(segment_id)
    try:
        name = aim.remove_segment(here.db(), segment_id, by=here.editor_id(), now=here.now())
    except StateError as error:
        flash(str(error), "error")
    else:
        flash(f"“{name}” is gone. Its readers stay.", "done")
    return here.go(url_for("desk.segments", newsletter=newsletter.id))


def _found(segment_id: int) -> tuple[SegmentRow, NewsletterSpec]:
    with here.db().read() as session:
        found = store.segment(session, segment_id)
        return found, newsletter_store.newsletter(session, found.newsletter_id)


def _count(session: Session, newsletter: NewsletterSpec, of: SegmentRow) -> Count:
    filter_ = parse(of.words)
    zone = newsletter.cadence.zone
    where = matching.scope(session, newsletter.id, filter_, zone=zone, now=here.now())
    wanted = matching.Wanted(filter_)
    return matching.count_reached(session, wanted, where, limit=asked.COUNTS_WITHIN)


def _form(newsletter: NewsletterSpec, form: Form, found: SegmentRow | None = None, *, is_conflict: bool = False) -> str:
    of = asked.Asked(Form({"words": form.value("words")}), matching.Wanted(), newsletter)
    with here.db().read() as session:
        fits: Count | None = None
        unknown: tuple[str, ...] = ()
        if form.value("words") and "words" not in form.errors:
            of = asked.asked(newsletter, _only_words(form))
            if of.form.is_good:
                where = asked.scope(session, of)
                fits, unknown = asked.count(session, of, where), where.unknown
        return render_template(
            "desk/segment.html",
            newsletter=newsletter,
            form=form,
            segment=found,
            is_conflict=is_conflict,
            of=of,
            fits=fits,
            unknown=unknown,
            known_tags=tags.tags(session),
            known_interests=store.interests(session, newsletter.id),
        )


def _only_words(form: Form) -> MultiDict[str, str]:
    return MultiDict({"words": form.value("words")})
