"""The subscribers: how many, who, new ones by hand, and addresses that are never mailed."""

from collections.abc import Callable
from datetime import timedelta

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.audience import store, subscribe
from curator.audience.segments import store as segments
from curator.audience.suppressed import store as suppressed
from curator.audience.tags import store as tags
from curator.audience.tags.values import TaggingRow
from curator.audience.values import SuppressionReason
from curator.db import Session
from curator.errors import InvalidError, NotFoundError
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.desk import asked
from curator.web.desk.choice import chosen, newsletters, required
from curator.web.desk.door import blueprint, needs
from curator.web.desk.listing import listed
from curator.web.forms import Form

_SUPPRESSIONS = 200


@blueprint.get("/subscribers")
@needs(Right.READERS)
def subscribers() -> str | tuple[str, int]:
    """Lists a newsletter's subscribers."""
    return _page(Form())


@blueprint.post("/subscribers")
@needs(Right.READERS)
def add_subscriber() -> Response | tuple[str, int]:
    """Subscribes one person who asked for it."""
    form, newsletter = Form(request.form), required()
    try:
        subscribe.add(
            here.db(),
            newsletter.id,
            form.value("address"),
            name=form.value("name"),
            now=here.now(),
            by=here.editor_id(),
        )
    except InvalidError as error:
        form.take(error)
        return _refused(form)
    flash(f"{form.value('address').strip()} gets {newsletter.name} from now on.", "done")
    return here.go(url_for("desk.subscribers", newsletter=newsletter.id))


@blueprint.post("/subscribers/<key:subscriber_id>/unsubscribe")
@needs(Right.READERS)
def unsubscribe_subscriber(subscriber_id: int) -> Response:
    """Ends one subscription by hand."""
    newsletter = required()
    with here.db().read() as session:
        if store.subscriber_row(session, newsletter.id, subscriber_id) is None:
            raise NotFoundError("subscriber", subscriber_id)
    subscribe.unsubscribe(here.db(), newsletter.id, subscriber_id, now=here.now(), how="by hand", by=here.editor_id())
    flash("Unsubscribed.", "done")
    return _back(newsletter)


@blueprint.post("/subscribers/suppress")
@needs(Right.READERS)
def suppress_address() -> Response | tuple[str, int]:
    """Keeps an address from ever being mailed."""

    def suppress(form: Form) -> None:
        subscribe.suppress(
            here.db(),
            form.value("suppress_address"),
            SuppressionReason.BY_HAND,
            now=here.now(),
            note=form.line("note", at_most=300),
            by=here.editor_id(),
        )

    return _on_address(suppress, "is never mailed from now on.")


@blueprint.post("/subscribers/unsuppress")
@needs(Right.MANAGE)
def unsuppress_address() -> Response | tuple[str, int]:
    """Lets an address be mailed again: an owner's decision, because complaints cost all readers their mail."""

    def unsuppress(form: Form) -> None:
        subscribe.unsuppress(here.db(), form.value("suppress_address"), now=here.now(), by=here.editor_id())

    return _on_address(unsuppress, "may be mailed again.")


def _on_address(act: Callable[[Form], None], said: str) -> Response | tuple[str, int]:
    form = Form(request.form)
    try:
        act(form)
    except InvalidError as error:
        form.refuse("suppress_address", error.reason)
    if not form.is_good:
        return _refused(form)
    flash(f"{form.value('suppress_address').strip()} {said}", "done")
    return _back(required())


def _refused(form: Form) -> tuple[str, int]:
    page = _page(form)
    return page if isinstance(page, tuple) else (page, 422)


def _page(form: Form) -> str | tuple[str, int]:
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="Subscribers")
    of = asked.asked(newsletter)
    with here.db().read() as session:
        page = render_template(
            "desk/subscribers.html",
            all_newsletters=all_newsletters,
            newsletter=newsletter,
            counts=store.counts(session, newsletter.id),
            of=of,
            listed=listed(session, of),
            tagging=_tagging(session, newsletter.id),
            segments=segments.segments(session, newsletter.id),
            suppressions=suppressed.rows(session, limit=_SUPPRESSIONS),
            form=form,
            address=of.address(),
        )
    return page if of.form.is_good else (page, 422)


def _tagging(session: Session, newsletter_id: int) -> TaggingRow | None:
    """Returns the last tagging of many while it moves, and for a day after it began."""
    newest = tags.newest_tagging(session, newsletter_id)
    is_shown = newest is not None and (newest.state.is_moving or here.now() - newest.at < timedelta(days=1))
    return newest if is_shown else None


def _back(newsletter: NewsletterSpec) -> Response:
    return here.go(here.local_path(request.form.get("back"), url_for("desk.subscribers", newsletter=newsletter.id)))
