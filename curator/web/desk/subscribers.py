"""The subscribers: how many, who, new ones by hand or by file, and addresses that are never mailed."""

from collections.abc import Callable

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.audience import store, subscribe
from curator.audience.values import ImportReport, SuppressionReason
from curator.errors import InvalidError
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.desk.choice import chosen, newsletters, required
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form, key

PAGE = 50
# Rows that are wrong, as the report lists them: who has more mends the file's columns first.
_LISTED = 200
_SUPPRESSIONS = 200


@blueprint.get("/subscribers")
@needs(Right.READERS)
def subscribers() -> str:
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
        return _page(form), 422
    flash(f"{form.value('address').strip()} gets {newsletter.name} from now on.", "done")
    return here.go(url_for("desk.subscribers", newsletter=newsletter.id))


@blueprint.post("/subscribers/import")
@needs(Right.READERS)
def import_subscribers() -> tuple[str, int]:
    """Reads a CSV file and reports on every row. The answer is a page: the report is nowhere else, and importing the
    same file again changes nothing.
    """
    form, newsletter = Form(), required()
    file = request.files.get("file")
    content = b"" if file is None else file.read()
    if not content:
        form.refuse("file", "Choose a CSV file; this one is empty.")
        return _page(form), 422
    try:
        report = subscribe.import_csv(here.db(), newsletter.id, content, now=here.now(), by=here.editor_id())
    except InvalidError as error:
        form.take(error)
        return _page(form), 422
    return _page(form, report=report), 200


@blueprint.post("/subscribers/<key:subscriber_id>/unsubscribe")
@needs(Right.READERS)
def unsubscribe_subscriber(subscriber_id: int) -> Response:
    """Ends one subscription by hand."""
    newsletter = required()
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
        return _page(form), 422
    flash(f"{form.value('suppress_address').strip()} {said}", "done")
    return _back(required())


def _page(form: Form, *, report: ImportReport | None = None) -> str:
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="Subscribers")
    search = request.args.get("q", "").replace("\0", "").strip()[:200]
    after = key(request.args.get("after")) or 0
    with here.db().read() as session:
        rows = store.subscriber_rows(session, newsletter.id, search=search, after_id=after, limit=PAGE + 1)
        return render_template(
            "desk/subscribers.html",
            all_newsletters=all_newsletters,
            newsletter=newsletter,
            counts=store.counts(session, newsletter.id),
            rows=rows[:PAGE],
            next_after=rows[PAGE - 1].id if len(rows) > PAGE else None,
            after=after,
            search=search,
            suppressions=store.suppressions(session, limit=_SUPPRESSIONS),
            form=form,
            report=report,
            refused=[] if report is None else report.refused[:_LISTED],
            unlisted=0 if report is None else len(report.refused[_LISTED:]) + report.refused_beyond,
            address=url_for("desk.subscribers", newsletter=newsletter.id, q=search or None, after=after or None),
        )


def _back(newsletter: NewsletterSpec) -> Response:
    return here.go(here.local_path(request.form.get("back"), url_for("desk.subscribers", newsletter=newsletter.id)))
