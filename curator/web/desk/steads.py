"""Who approves in whose stead: given by whoever is away, or by an owner, and taken back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import abort, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts import roles, store
from curator.accounts.places import store as places
from curator.accounts.values import EditorRow, Right, StandIn
from curator.db import Session
from curator.errors import InvalidError, NotFoundError
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.desk.choice import newsletters
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form, key


@dataclass(frozen=True)
class ShownStead:
    """One stand-in in words."""

    dates: StandIn
    name: str
    for_name: str
    newsletter: str


@dataclass(frozen=True)
class Steads:
    """The stand-ins that run or will, in words."""

    shown: list[ShownStead]

    @classmethod
    def of(cls, session: Session, dates: Iterable[StandIn], *, of_user: int | None = None) -> "Steads":
        """Returns those of everybody, or those in which one person has a part."""
        people = {row.id: row.name for row in store.editors(session)}
        called = {one.id: one.name for one in newsletters()}
        return cls(
            [
                ShownStead(
                    each,
                    people[each.user_id],
                    people[each.for_user_id],
                    called.get(each.newsletter_id, "one newsletter") if each.newsletter_id else "all newsletters",
                )
                for each in dates
                if of_user is None or of_user in (each.user_id, each.for_user_id)
            ]
        )


@blueprint.get("/account/stand-ins")
def stand_ins() -> str:
    """Shows who stands in for whom, and the form that gives one's own place to somebody for a time."""
    return _page(Form({"for_user": str(here.editor_id())}))


@blueprint.post("/account/stand-ins")
@needs(Right.LOOK)
def give_stead() -> Response | tuple[str, int]:
    """Lets somebody approve in one's own stead; an owner gives anybody's."""
    form = Form(request.form)
    dates = _read(form)
    if form.is_good:
        if dates.for_user_id != here.editor_id() and not here.may(Right.MANAGE):
            abort(403)
        try:
            roles.add_stand_in(here.db(), dates, now=here.now(), by=here.editor_id())
        except InvalidError as error:
            form.take(error)
        except NotFoundError as error:
            form.refuse("user", str(error))
    if not form.is_good:
        return _page(form), 422
    flash("They may approve and send for that time.", "done")
    return here.go(url_for("desk.stand_ins"))


@blueprint.post("/account/stand-ins/<key:stand_in_id>/end")
@needs(Right.LOOK)
def end_stead(stand_in_id: int) -> Response:
    """Ends a stand-in at once: whoever is away may, whoever stands in, and an owner."""
    with here.db().read() as session:
        dates = places.stand_in(session, stand_in_id)
    if dates is None:
        raise NotFoundError("stand-in", stand_in_id)
    if here.editor_id() not in (dates.user_id, dates.for_user_id) and not here.may(Right.MANAGE):
        abort(403)
    roles.end_stand_in(here.db(), stand_in_id, now=here.now(), by=here.editor_id())
    flash("The stand-in has ended.", "done")
    return here.go(url_for("desk.stand_ins"))


def zone() -> str:
    """Returns the zone whose days count here: that of the first newsletter, as the desk has none of its own."""
    return next((one.cadence.zone for one in newsletters()), "UTC")


def beginning_of(form: Form, name: str) -> datetime:
    """Returns when a day that was typed begins; with a complaint for what is no day."""
    return _midnight(form, name, timedelta())


def end_of(form: Form, name: str) -> datetime:
    """Returns when a day that was typed is over; with a complaint for what is no day."""
    return _midnight(form, name, timedelta(days=1))


def _midnight(form: Form, name: str, later: timedelta) -> datetime:
    try:
        day = date.fromisoformat(form.value(name).strip())
    except ValueError:
        day = None
    if day is None or not 1990 < day.year < 2200:
        form.refuse(name, "Give a day, such as 2026-12-24.")
        return here.now()
    return datetime.combine(day + later, time(), ZoneInfo(zone())).astimezone(UTC)


def _read(form: Form) -> StandIn:
    user_id, for_user_id = (key(form.value(name)) for name in ("user", "for_user"))
    newsletter_id = key(form.value("newsletter"))
    if user_id is None:
        form.refuse("user", "Choose somebody.")
    if newsletter_id is not None and all(one.id != newsletter_id for one in newsletters()):
        form.refuse("newsletter", "Choose one of the list.")
    begins_at, ends_at = beginning_of(form, "begins"), end_of(form, "ends")
    return StandIn(0, user_id or 0, for_user_id or here.editor_id(), newsletter_id, begins_at, ends_at)


def _page(form: Form) -> str:
    known = newsletters()
    with here.db().read() as session:
        people = [row for row in store.editors(session) if row.is_active]
        return render_template(
            "desk/stand_ins.html",
            form=form,
            steads=Steads.of(session, places.dates_from(session, here.now())).shown,
            people=_choices(people),
            newsletters=_all_or(known),
            me=here.editor_id(),
            zone=zone(),
        )


def _choices(people: list[EditorRow]) -> list[tuple[int, str]]:
    return [(row.id, row.name) for row in people]


def _all_or(known: list[NewsletterSpec]) -> list[tuple[str, str]]:
    return [("", "All newsletters"), *((str(one.id), one.name) for one in known)]
