"""The newsletter itself: name, sender, rhythm and sections. For owners."""

from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.errors import InvalidError
from curator.feeds.health import store as feeds
from curator.newsletters import edit, look, store
from curator.newsletters.cadence import describe, next_slot
from curator.newsletters.values import Cadence, NewsletterSpec
from curator.web import here, words
from curator.web.desk import approval
from curator.web.desk import newsletter_form as fields
from curator.web.desk.choice import chosen, newsletters
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form

# So many slots ahead show whether a rhythm is what was meant, month ends and clock changes included.
_SHOWN_SLOTS = 5


@blueprint.get("/newsletter")
@needs(Right.MANAGE)
def newsletter() -> str | Response:
    """Shows a newsletter's settings."""
    known = chosen(newsletters())
    if known is None:
        return here.go(url_for("desk.new_newsletter"))
    return _page(Form(fields.values_of(known)), known)


@blueprint.post("/newsletter")
@needs(Right.MANAGE)
def change_newsletter() -> Response | tuple[str, int]:
    """Writes a newsletter's settings."""
    known = chosen(newsletters())
    if known is None:
        return here.go(url_for("desk.new_newsletter"))
    form = Form(request.form)
    wanted = fields.read(form, anchor_on=known.cadence.anchor_on, transports=_transports(), known=known)
    if form.is_good:
        try:
            edit.change(here.db(), known.id, wanted, now=here.now(), by=here.editor_id(), drafts_at_once=_has_items())
        except InvalidError as error:
            _place(form, error)
        else:
            said = f"{wanted.name} is saved. It goes out {describe(wanted.cadence)}."
            flash(approval.after_facts(said), "done")
            return here.go(url_for("desk.newsletter", newsletter=known.id))
    return _page(form, known), 422


@blueprint.get("/newsletter/new")
@needs(Right.MANAGE)
def new_newsletter() -> str:
    """Shows the form for another newsletter."""
    return _page(Form(fields.new_values()), None)


@blueprint.post("/newsletter/new")
@needs(Right.MANAGE)
def create_newsletter() -> Response | tuple[str, int]:
    """Adds a newsletter."""
    form = Form(request.form)
    wanted = fields.read(form, anchor_on=_today(form.value("zone")), transports=_transports(), known=None)
    if form.is_good:
        try:
            newsletter_id = edit.create(
                here.db(), wanted, now=here.now(), by=here.editor_id(), drafts_at_once=_has_items()
            )
        except InvalidError as error:
            _place(form, error)
        else:
            rhythm = f"It goes out {describe(wanted.cadence)}."
            flash(f"{wanted.name} is set up. {rhythm} {_first_draft(newsletter_id, wanted.cadence)}".rstrip(), "done")
            return here.go(url_for("desk.newsletter", newsletter=newsletter_id))
    return _page(form, None), 422


@blueprint.post("/newsletter/pause")
@needs(Right.MANAGE)
def pause_newsletter() -> Response:
    """Stops drafting on the cadence."""
    known = chosen(newsletters())
    if known is not None:
        edit.pause(here.db(), known.id, now=here.now(), by=here.editor_id())
        flash("Paused: no issue is drafted by itself until you resume it.", "done")
    return here.go(url_for("desk.newsletter", newsletter=known.id if known else None))


@blueprint.post("/newsletter/resume")
@needs(Right.MANAGE)
def resume_newsletter() -> Response:
    """Goes on with the first slot to come."""
    known = chosen(newsletters())
    if known is not None:
        edit.resume(here.db(), known.id, now=here.now(), by=here.editor_id())
        flash("Resumed. Slots that went by are not made up for.", "done")
    return here.go(url_for("desk.newsletter", newsletter=known.id if known else None))


def _has_items() -> bool:
    """Tells whether any feed has brought anything that an issue could be drafted from."""
    with here.db().read() as session:
        return feeds.has_items(session)


def _first_draft(newsletter_id: int, cadence: Cadence) -> str:
    with here.db().read() as session:
        at = store.schedule(session, newsletter_id).next_draft_at
    if at is None or at <= here.now():
        return ""
    return f"The first issue is drafted {words.moment(at, cadence.zone, here.now())}."


def _page(form: Form, known: NewsletterSpec | None) -> str:
    return render_template(
        "desk/newsletter.html",
        form=form,
        newsletter=known,
        all_newsletters=newsletters(),
        zones=_zones(),
        weekdays=fields.WEEKDAYS,
        tracking=[(str(value), label) for value, label in fields.TRACKING],
        takes=[(str(value), label) for value, label in fields.TAKES.items()],
        transports=fields.transport_choices(_transports(), known),
        spares=fields.spare_choices(_transports(), known),
        sections=list(fields.section_rows(form)),
        rhythm="" if known is None else describe(known.cadence),
        slots=[] if known is None else _slots(known.cadence),
        swatches=[] if known is None else _swatches(known.accent),
    )


def _swatches(accent: str) -> list[str]:
    """Returns the colours that one accent makes: words and head in light, then in dark."""
    made = look.tint(accent)
    return [] if made is None else [made.accent, made.band, made.dark_accent, made.dark_band]


def _transports() -> list[str]:
    """Returns the names in the settings, the usual one first, in the order in which they stand there."""
    return list(here.app().transports)


def _place(form: Form, error: InvalidError) -> None:
    """Puts an arrow's complaint beside the field of this page that it is about."""
    name = {"sections": "section-title-0", "weekdays": "weekday-0"}.get(error.field, error.field)
    form.refuse(name, error.reason)


def _slots(cadence: Cadence) -> list[datetime]:
    slots = [next_slot(cadence, after=here.now()).at]
    while len(slots) < _SHOWN_SLOTS:
        slots.append(next_slot(cadence, after=slots[-1]).at)
    return slots


def _today(zone: str) -> date:
    return here.now().astimezone(ZoneInfo(zone) if zone in _zones() else UTC).date()


@cache
def _zones() -> tuple[str, ...]:
    """Returns the zones by name, without the old names that only machines use."""
    places = (zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return (*sorted(places), "UTC")
