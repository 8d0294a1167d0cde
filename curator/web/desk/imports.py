"""Files of readers: brought, told what their columns hold, looked through, taken in; and all readers written out."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta

from flask import abort, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.activity.store import record as log
from curator.audience.moving import bring, store
from curator.audience.moving.cells import as_it_was
from curator.audience.moving.files import StoredFile
from curator.audience.moving.layout import first_rows
from curator.audience.moving.out.write import Form as Written
from curator.audience.moving.out.write import What, lines, written
from curator.audience.moving.values import Column, Import, Mark, Part, Phase, Plan, Standing
from curator.audience.moving.vendors import VENDORS, standing_of_file
from curator.errors import InvalidError
from curator.newsletters import store as newsletters_store
from curator.web import here, uploads
from curator.web.desk.choice import chosen, newsletters, required
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form

_LISTED = 50
# Refused rows as the page lists them; the file has them all.
_REFUSED = 100
_CELL = 40
# Whoever is at a file says so every second or so.
_SILENT = timedelta(seconds=60)

COLUMNS: Sequence[tuple[Column, str]] = (
    (Column.IGNORE, "leave it out"),
    (Column.ADDRESS, "mail address"),
    (Column.NAME, "name"),
    (Column.FIRST_NAME, "first name"),
    (Column.LAST_NAME, "last name"),
    (Column.STATUS, "status"),
    (Column.OPTED_OUT, "yes: has unsubscribed"),
    (Column.LEFT_AT, "when they unsubscribed"),
    (Column.BOUNCED_AT, "when it bounced"),
    (Column.SUPPRESSED, "why never mailed"),
    (Column.TAGS, "tags"),
    (Column.INTERESTS, "interests"),
    (Column.ATTRIBUTES, "attributes (JSON with tags)"),
    (Column.JOINED_AT, "when they signed up"),
    (Column.CONFIRMED_AT, "when they confirmed"),
    (Column.BASIS, "consent basis"),
    (Column.SOURCE, "source"),
    (Column.NEWSLETTER, "newsletter (short name)"),
    (Column.HASH, "hash of an erased address"),
)
STANDINGS: Sequence[tuple[str, str]] = (
    ("", "as its rows say, else subscribed"),
    (Standing.UNCONFIRMED, "not confirmed"),
    (Standing.ENDED, "unsubscribed"),
    (Standing.BOUNCED, "bounced"),
    (Standing.COMPLAINED, "complained of spam"),
    (Standing.BLOCKED, "blocked"),
    (Standing.ASIDE, "not to be taken"),
)


@blueprint.get("/subscribers/imports")
@needs(Right.READERS)
def imports() -> str:
    """Lists the files that were brought, with the form for another one and what can be written out."""
    return _list_page(Form())


@blueprint.post("/subscribers/imports")
@needs(Right.READERS)
def bring_readers() -> Response | tuple[str, int]:
    """Takes a file in; nothing of it is read yet but its beginning."""
    form, newsletter = Form(request.form), required()
    file = request.files.get("file")
    if file is None or not file.filename:
        form.refuse("file", "Choose a CSV file, or a zip with some.")
        return _list_page(form), 422
    try:
        file.stream.flush()
        import_id = bring.bring(
            here.db(),
            newsletter.id,
            uploads.path_of(file),
            file_name=file.filename,
            folder=here.app().imports_dir,
            max_bytes=here.app().settings.import_max_bytes,
            now=here.now(),
            by=here.editor_id(),
        )
    except InvalidError as error:
        form.take(error)
        return _list_page(form), 422
    return here.go(url_for("desk.reader_import", import_id=import_id))


@blueprint.get("/subscribers/imports/<key:import_id>")
@needs(Right.READERS)
def reader_import(import_id: int) -> str:
    """Shows an import: what its columns hold, how far it is, or what became of it."""
    return _page(import_id, Form())


@blueprint.post("/subscribers/imports/<key:import_id>/look")
@needs(Right.READERS)
def look_through(import_id: int) -> Response | tuple[str, int]:
    """Has the file looked through as the form says; nobody is added yet."""
    form = Form(request.form)
    with here.db().read() as session:
        found = store.one(session, import_id)
    try:
        plan = _plan(found, form)
        bring.begin_look(here.db(), import_id, plan, now=here.now())
    except InvalidError as error:
        form.take(error)
        return _page(import_id, form), 422
    return _back(import_id)


@blueprint.post("/subscribers/imports/<key:import_id>/start")
@needs(Right.READERS)
def take_readers_in(import_id: int) -> Response:
    """Has the file taken in, or gone on with; pressing twice does it once."""
    with here.db().read() as session:
        found = store.one(session, import_id)
    if found.phase not in (Phase.RUNNING, Phase.DONE):
        bring.begin_run(here.db(), import_id, now=here.now())
    return _back(import_id)


@blueprint.post("/subscribers/imports/<key:import_id>/cancel")
@needs(Right.READERS)
def cancel_import(import_id: int) -> Response:
    """Ends an import where it stands; who was added by then stays."""
    app = here.app()
    if bring.cancel(app.db, import_id, folder=app.imports_dir, now=here.now(), by=here.editor_id()):
        flash("Cancelled. The file is gone; whoever was added by then stays.", "done")
    return _back(import_id)


@blueprint.get("/subscribers/imports/<key:import_id>/refused.csv")
@needs(Right.READERS)
def refused_rows(import_id: int) -> Response:
    """Gives the list of the rows that were not taken, as a file."""
    with here.db().read() as session:
        found = store.one(session, import_id)
        rows = store.refusals(session, import_id, limit=store.MAX_REFUSALS)
    table = [["file", "line", "column", "what is wrong"]]
    table += [[found.parts[part].name, str(row.line), row.column, row.reason] for part, row in rows]
    return _file(iter([lines(table)]), f"refused-{import_id}.csv")


@blueprint.post("/subscribers/export")
@needs(Right.MANAGE)
def export_readers() -> Response:
    """Writes readers out while they are read: however many there are, none of it is kept here. The log says who did."""
    form, newsletter = Form(request.form), required()
    what = form.choice("what", list(What), default=What.SUBSCRIBERS)
    as_ = form.choice("form", list(Written), default=Written.CSV)
    is_all = form.value("of") == "all" or what is What.SUPPRESSIONS
    if is_all and not _may_all():
        abort(403)
    with here.db().write() as session:
        log(
            session,
            at=here.now(),
            actor=here.editor_id(),
            verb="exported",
            subject="newsletter",
            subject_id=newsletter.id,
            after={"what": what.value, "is_all": is_all},
        )
    text = written(here.db(), what, as_, newsletter_id=None if is_all else newsletter.id)
    of = "all" if is_all else newsletter.slug
    return _file(text, f"{what}-{of}-{here.now():%Y-%m-%d}.{as_}")


def _may_all() -> bool:
    with here.db().read() as session:
        everywhere = newsletters_store.newsletters(session)
    return all(here.may(Right.MANAGE, each.id) for each in everywhere)


def _file(text: Iterator[str], name: str) -> Response:
    is_csv = name.endswith(".csv")

    def pieces() -> Iterator[bytes]:
        # By the mark Excel knows that it is UTF-8; our own import passes over it.
        if is_csv:
            yield b"\xef\xbb\xbf"
        for piece in text:
            yield piece.encode()

    answer = Response(pieces(), mimetype="text/csv" if is_csv else "application/jsonl")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def _list_page(form: Form) -> str:
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="Imports and exports")
    with here.db().read() as session:
        rows = store.newest(session, newsletter.id, limit=_LISTED)
    return render_template(
        "desk/imports.html",
        all_newsletters=all_newsletters,
        newsletter=newsletter,
        rows=rows,
        form=form,
        vendors=[vendor for key, vendor in VENDORS.items() if key != "csv"],
        most_bytes=here.app().settings.import_max_bytes,
        may_all=_may_all(),
    )


def _page(import_id: int, form: Form) -> str:
    with here.db().read() as session:
        found = store.one(session, import_id)
        newsletter = newsletters_store.newsletter(session, found.newsletter_id)
        refused = store.refusals(session, import_id, limit=_REFUSED)
    may_plan = found.phase in (Phase.STORED, Phase.LOOKED, Phase.FAILED) and found.mark == Mark() and found.has_file
    return render_template(
        "desk/import.html",
        found=found,
        newsletter=newsletter,
        form=form,
        refused=refused,
        may_plan=may_plan,
        planned=_planned(found, form) if may_plan else None,
        columns=COLUMNS,
        standings=STANDINGS,
        vendors=VENDORS,
        keep_days=here.app().settings.import_keep_days,
        stands_since=found.seen_at if found.phase.is_moving and here.now() - found.seen_at > _SILENT else None,
        address=url_for("desk.reader_import", import_id=import_id),
    )


def _planned(found: Import, form: Form) -> dict[str, object]:
    """Returns what the form of columns shows: as it was sent, else as it was planned, else as it is guessed."""
    wanted = request.args.get("from", "")
    plan = found.plan
    if plan is None or wanted in VENDORS:
        plan = bring.usual_plan(found.parts, vendor=wanted if wanted in VENDORS else "")
    samples = _samples(found)
    rows = []
    for number, heading in enumerate(_headings(found.parts)):
        chosen_ = form.value(f"column-{number}") or plan.columns.get(heading, Column.IGNORE)
        rows.append({"number": number, "heading": heading, "column": chosen_, "cells": samples.get(heading, [])})
    parts = [
        {"number": number, "name": part.name, "standing": _standing(number, part, plan, form)}
        for number, part in enumerate(found.parts)
    ]
    basis = form.value("basis") or (found.plan.basis if found.plan else "")
    asks_anew = form.value("unconfirmed") == "ask" if form.values else plan.asks_anew
    return {"vendor": VENDORS[plan.vendor], "rows": rows, "parts": parts, "basis": basis, "asks_anew": asks_anew}


def _standing(number: int, part: Part, plan: Plan, form: Form) -> str:
    if f"standing-{number}" in form.values:
        return form.value(f"standing-{number}")
    said = plan.standings.get(part.name) or standing_of_file(VENDORS[plan.vendor], part.name)
    return "" if said is None or said is Standing.ACTIVE else said.value


def _headings(parts: Sequence[Part]) -> list[str]:
    return list(dict.fromkeys(heading for part in parts for heading in part.headings))


def _samples(found: Import) -> dict[str, list[str]]:
    """Returns the first cells below each heading, of the first file that has it."""
    samples: dict[str, list[str]] = {}
    source = StoredFile(bring.place(here.app().imports_dir, found.id))
    with suppress(InvalidError):  # the file may be gone, or on another machine's disk
        for part in found.parts:
            rows = first_rows(part, source.head(part), limit=3)
            for at, heading in enumerate(part.headings):
                cells = [as_it_was(row[at]).strip()[:_CELL] for row in rows if at < len(row)]
                samples.setdefault(heading, [cell for cell in cells if cell])
    return samples


def _plan(found: Import, form: Form) -> Plan:
    known = dict(COLUMNS)
    columns = {}
    for number, heading in enumerate(_headings(found.parts)):
        column = form.value(f"column-{number}")
        columns[heading] = Column(column) if column in known else Column.IGNORE
    standings = {}
    for number, part in enumerate(found.parts):
        said = form.value(f"standing-{number}")
        if said in dict(STANDINGS):
            standings[part.name] = Standing(said) if said else Standing.ACTIVE
    return bring.checked_plan(
        found.parts,
        vendor=form.value("vendor"),
        columns=columns,
        basis=form.value("basis"),
        asks_anew=form.value("unconfirmed") == "ask",
        standings=standings,
    )


def _back(import_id: int) -> Response:
    return here.go(url_for("desk.reader_import", import_id=import_id))
