"""The calendar of slots: book a promotion into an issue, look at a sponsor's words, approve them, free the slot."""

from datetime import date, datetime

from flask import flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.db import Session
from curator.errors import InvalidError
from curator.issues import booked, markdown
from curator.issues import store as issues
from curator.newsletters import store as newsletter_store
from curator.newsletters.values import NewsletterSpec
from curator.promotions import book as arrow
from curator.promotions import links, store, weeks
from curator.promotions.values import Booking, Promotion
from curator.web import here
from curator.web.desk.choice import chosen, newsletters
from curator.web.desk.door import blueprint, needs
from curator.web.forms import key


@blueprint.get("/promotions")
def promotions() -> str:
    """Shows what is booked where in the coming issues, and whose words wait for somebody."""
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="Promotions")
    with here.db().read() as session:
        slots = store.slots(session, newsletter.id)
        known = {each.id: each for each in store.promotions(session, newsletter.id)}
        rows = _rows(session, newsletter, known)
    bookable = [each for each in known.values() if not each.is_put_away and not _is_over(each)]
    wanted = known.get(key(request.args.get("promotion")) or 0)
    return render_template(
        "desk/promotions.html",
        all_newsletters=all_newsletters,
        newsletter=newsletter,
        zone=newsletter.cadence.zone,
        slots=slots,
        rows=rows,
        waiting=[
            (row, cell) for row in rows for cell in row.cells if cell.booking and cell.booking.state.waits_for_editor
        ],
        bookable=bookable,
        wanted=wanted if wanted in bookable else None,
        has_promotions=bool(known),
        in_words=arrow.in_words,
    )


@blueprint.post("/promotions/slots/<key:slot_id>/book")
def book(slot_id: int) -> Response:
    """Books a promotion into the slot of one issue."""
    on, promotion_id = _date(request.form.get("on", "")), key(request.form.get("promotion"))
    if on is None or promotion_id is None:
        raise InvalidError("promotion", "Choose a promotion first, then a date.")
    booking = arrow.book(here.db(), slot_id, on, promotion_id, by=here.editor_id(), now=here.now())
    with here.db().read() as session:
        promotion = store.promotion(session, promotion_id)
    asked = "" if booking.approved_at else " It has no words yet: give its sponsor the link."
    flash(_followed(booking, f"“{promotion.name}” is booked for the issue of {arrow.in_words(on)}.{asked}"), "done")
    calendar = url_for("desk.promotions", newsletter=promotion.newsletter_id, promotion=promotion_id)
    return here.go(here.local_path(request.form.get("back"), calendar), anchor=f"on-{on}")


@blueprint.get("/promotions/bookings/<key:booking_id>")
def booking(booking_id: int) -> str:
    """Shows one booking: the sponsor's link, the words that came, and what to do with them."""
    with here.db().read() as session:
        found = store.booking(session, booking_id)
        slot, promotion = store.slot(session, found.slot_id), store.promotion(session, found.promotion_id)
        newsletter = newsletter_store.newsletter(session, slot.newsletter_id)
    token = links.sponsor_token(here.app().keys, found.id)
    return render_template(
        "desk/booking.html",
        booking=found,
        slot=slot,
        promotion=promotion,
        newsletter=newsletter,
        zone=newsletter.cadence.zone,
        words=arrow.latest_words(found, promotion),
        link=links.sponsor_url(here.app().settings.public_url, token),
        prose=prose,
        in_words=arrow.in_words,
    )


@blueprint.post("/promotions/bookings/<key:booking_id>/approve")
@needs(Right.PUBLISH)
def approve_booking(booking_id: int) -> Response:
    """Lets the sponsor's words run in this slot."""
    seen = key(request.form.get("version"))
    done = arrow.approve(here.db(), booking_id, by=here.editor_id(), now=here.now(), seen=seen)
    flash(_followed(done, "The sponsor’s words are approved and run in this slot."), "done")
    return here.go(url_for("desk.booking", booking_id=booking_id))


@blueprint.post("/promotions/bookings/<key:booking_id>/free")
def free_booking(booking_id: int) -> Response:
    """Takes a booking out of the calendar."""
    was = arrow.free(here.db(), booking_id, by=here.editor_id(), now=here.now())
    with here.db().read() as session:
        newsletter_id = store.slot(session, was.slot_id).newsletter_id
    flash(_followed(was, f"The slot is free again in the issue of {arrow.in_words(was.issue_on)}."), "done")
    return here.go(url_for("desk.promotions", newsletter=newsletter_id), anchor=f"on-{was.issue_on}")


def prose(text: str) -> Markup:
    """Returns a promotion's Markdown as safe HTML for a page."""
    return Markup(markdown.on_the_web(markdown.html(text), is_sponsored=True))  # noqa: S704 - cleaned in this moment


def _followed(booking: Booking, said: str) -> str:
    """Carries the change into the open issue, and says which approvals it took."""
    numbers = booked.follow(here.db(), here.app().renderer, booking, by=here.editor_id(), now=here.now())
    if not numbers:
        return said
    lost = f"Issue {numbers[0]} has" if len(numbers) == 1 else f"Issues {', '.join(map(str, numbers))} have"
    return f"{said} {lost} lost the approval by it, for the content is another one: look at it and approve it again."


def _rows(session: Session, newsletter: NewsletterSpec, known: dict[int, Promotion]) -> list[weeks.Row]:
    """Returns the coming issues by date; an open issue's own moment stands before the rhythm's."""
    zone, now = newsletter.cadence.zone, here.now()
    open_at: dict[date, datetime] = {}
    for issue in issues.issue_rows(session, newsletter_id=newsletter.id):
        if issue.state.is_editable:
            at, on = issues.leaves_on(issue, zone)
            open_at[on] = at
    dates = weeks.coming(newsletter.cadence, now=now, also=open_at)
    bookings = store.bookings(session, newsletter.id, first=dates[0], last=date.max)
    dates = sorted({*dates, *(each.issue_on for each in bookings)})
    slots = store.slots(session, newsletter.id)
    missing = {each.promotion_id for each in bookings} - known.keys()
    known = known | store.promotions_by_id(session, missing)
    moments = [(on, open_at.get(on) or arrow.moment_of(on, newsletter.cadence)) for on in dates]
    return weeks.rows(moments, slots, bookings, known)


def _is_over(promotion: Promotion) -> bool:
    return promotion.ends_at is not None and promotion.ends_at <= here.now()


def _date(typed: str) -> date | None:
    try:
        on = date.fromisoformat(typed)
    except ValueError:
        return None
    return on if 1990 < on.year < 2200 else None
