"""The slots of a newsletter: where promotions may stand, how much they may say, what runs when none is booked."""

from collections.abc import Iterable

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.errors import ConflictError, InvalidError
from curator.newsletters import store as newsletter_store
from curator.newsletters.values import NewsletterSpec
from curator.promotions import edit, store
from curator.promotions.values import Promotion, PromotionKind, Slot, SlotForm, SlotPlace
from curator.web import here
from curator.web.desk import approval, conflict
from curator.web.desk.choice import required
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form, key

_LABELS = {
    "name": "Name",
    "place": "Place",
    "position": "Position",
    "max_title": "Characters of the title",
    "max_text": "Characters of the text",
    "label": "Label",
    "lead_hours": "Deadline",
    "trusts": "Words that come in time",
    "house_id": "House promotion",
}


@blueprint.get("/promotions/slots")
def slots() -> str:
    """Lists a newsletter's slots, with the form for a new one."""
    newsletter = required()
    return _page(newsletter, usual())


@blueprint.post("/promotions/slots")
@needs(Right.PUBLISH)
def make_slot() -> Response | tuple[str, int]:
    """Adds a slot."""
    newsletter, form = required(), Form(request.form)
    given = _read(form)
    if given is not None:
        try:
            edit.make_slot(here.db(), newsletter.id, given, by=here.editor_id(), now=here.now())
        except InvalidError as error:
            form.take(error)
        else:
            flash(f"“{given.name}” stands in the issues drafted from now on.", "done")
            return here.go(url_for("desk.promotions", newsletter=newsletter.id, promotion=key(form.value("promotion"))))
    return _page(newsletter, form), 422


@blueprint.get("/promotions/slots/<key:slot_id>")
def slot(slot_id: int) -> str:
    """Shows one slot as a form."""
    found, newsletter = _found(slot_id)
    return _page(newsletter, Form(_values(found) | {"version": str(found.version)}), found)


@blueprint.post("/promotions/slots/<key:slot_id>")
@needs(Right.PUBLISH)
def change_slot(slot_id: int) -> Response | tuple[str, int]:
    """Changes a slot."""
    (found, newsletter), form = _found(slot_id), Form(request.form)
    given = _read(form)
    if given is None:
        return _page(newsletter, form, found), 422
    seen = key(form.value("version")) or 0
    try:
        edit.change_slot(here.db(), slot_id, given, expected_version=seen, by=here.editor_id(), now=here.now())
    except InvalidError as error:
        form.take(error)
        return _page(newsletter, form, found), 422
    except ConflictError:
        return _conflict(form, slot_id)
    flash(approval.after_facts(f"“{given.name}” is saved."), "done")
    return here.go(url_for("desk.slots", newsletter=newsletter.id))


@blueprint.post("/promotions/slots/<key:slot_id>/put-away")
@needs(Right.PUBLISH)
def put_away_slot(slot_id: int) -> Response:
    """Leaves a slot out of the issues to come, or takes it back."""
    is_away = request.form.get("do") != "out"
    edit.put_away_slot(here.db(), slot_id, is_away=is_away, by=here.editor_id(), now=here.now())
    found, newsletter = _found(slot_id)
    said = "is left out of the issues drafted from now on." if is_away else "stands in the issues drafted from now on."
    flash(f"“{found.name}” {said}", "done")
    return here.go(url_for("desk.slots", newsletter=newsletter.id))


def _found(slot_id: int) -> tuple[Slot, NewsletterSpec]:
    with here.db().read() as session:
        found = store.slot(session, slot_id)
        return found, newsletter_store.newsletter(session, found.newsletter_id)


def _page(newsletter: NewsletterSpec, form: Form, found: Slot | None = None) -> str:
    with here.db().read() as session:
        known = store.slots(session, newsletter.id, with_put_away=True)
        known_promotions = store.promotions(session, newsletter.id)
    given = choices(newsletter, known_promotions)
    return render_template(
        "desk/slots.html",
        newsletter=newsletter,
        slots=known,
        slot=found,
        form=form,
        place_names={str(value): name for value, name in given["places"]},
        place_of=_place,
        needs_house=len(given["houses"]) == 1,
        **given,
    )


def usual() -> Form:
    """Returns the form of a slot as most are."""
    return Form(_values(SlotForm(name="", place=SlotPlace.END)))


def choices(newsletter: NewsletterSpec, promotions: Iterable[Promotion]) -> dict[str, list[tuple[object, str]]]:
    """Returns what the fields of a slot offer."""
    houses = [each for each in promotions if each.kind is PromotionKind.HOUSE]
    return {
        "places": [
            (SlotPlace.INTRO, "Above the first section"),
            *((f"section-{section.id}", section.title) for section in newsletter.sections),
            (SlotPlace.END, "At the very end"),
        ],
        "houses": [("", "None"), *((each.id, each.name) for each in houses)],
        "trusting": [("", "An editor approves each"), ("yes", "They run without approval")],
    }


def _place(form: SlotForm) -> str:
    return (
        f"section-{form.section_id}"
        if form.place is SlotPlace.SECTION and form.section_id
        else (SlotPlace.END if form.place is SlotPlace.SECTION else form.place)
    )


def _values(form: SlotForm) -> dict[str, str]:
    return {
        "name": form.name,
        "place": _place(form),
        "position": str(form.position + 1),
        "max_title": str(form.max_title),
        "max_text": str(form.max_text),
        "label": form.label,
        "lead_hours": str(form.lead_hours),
        "trusts": "yes" if form.trusts else "",
        "house_id": str(form.house_id or ""),
    }


def _read(form: Form) -> SlotForm | None:
    """Returns what was typed; None where something of it was refused."""
    place, _, section = form.value("place").partition("-")
    if place not in set(SlotPlace):
        form.refuse("place", "Choose one of the list.")
    given = SlotForm(
        name=form.line("name", at_most=80, needed="Give the slot a name, such as Main sponsor."),
        place=SlotPlace(place) if place in set(SlotPlace) else SlotPlace.END,
        section_id=key(section),
        position=form.number("position", low=1, high=50) - 1,
        max_title=form.number("max_title", low=10, high=200),
        max_text=form.number("max_text", low=0, high=2000),
        label=form.line("label", at_most=40, needed="Readers must see that it is no editor's choice."),
        lead_hours=form.number("lead_hours", low=0, high=720),
        trusts=form.value("trusts") == "yes",
        house_id=key(form.value("house_id")),
    )
    return given if form.is_good else None


def _conflict(form: Form, slot_id: int) -> tuple[str, int]:
    found, newsletter = _found(slot_id)
    theirs = _values(found)
    pairs = [
        conflict.Pair(name, label, theirs[name], form.value(name), is_long=False) for name, label in _LABELS.items()
    ]
    return conflict.two_versions(
        f"“{found.name}” was saved by someone else first",
        pairs,
        version=found.version,
        action=url_for("desk.change_slot", slot_id=slot_id),
        back=url_for("desk.slots", newsletter=newsletter.id),
    )
