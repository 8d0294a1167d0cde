"""The calendar of slots: book a promotion into an issue, look at a sponsor's words, approve them, free the slot."""

from datetime import date, datetime, timedelta

from flask import flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from curator.accounts import admit
from curator.accounts.values import Right
from curator.addresses import address_key
from curator.audience.suppressed import store as suppressed
from curator.audience.values import SuppressionReason
from curator.db import Session
from curator.errors import InvalidError
from curator.issues import booked, markdown
from curator.issues import store as issues
from curator.newsletters import store as newsletter_store
from curator.newsletters.values import NewsletterSpec
from curator.promotions import book as arrow
from curator.promotions import due, links, store, weeks
from curator.promotions.values import Booking, Promotion
from curator.web import here
from curator.web.desk import approval
from curator.web.desk import slots as slot_pages
from curator.web.desk.choice import chosen, newsletters
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form, key

# More than anybody books in an hour, and few enough that a stolen sign-in floods nobody's inbox.
_LETTERS = 20
_AN_HOUR = timedelta(hours=1)


@blueprint.get("/promotions")
def promotions() -> str:
    """Shows what is booked where in the coming issues, and whose words wait for somebody."""
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="Promotions")
    now = here.now()
    with here.db().read() as session:
        slots = store.slots(session, newsletter.id)
        known = {each.id: each for each in store.promotions(session, newsletter.id)}
        rows = _rows(session, newsletter, known)
    bookable = [each for each in known.values() if not each.is_put_away and not due.has_ended(each, at=now)]
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
        fits=lambda row: _fits(wanted, row),
        slot_form=slot_pages.usual(),
        **slot_pages.choices(newsletter, known.values()),
    )


@blueprint.post("/promotions/slots/<key:slot_id>/book")
def book(slot_id: int) -> Response:
    """Books a promotion into the slot of one issue."""
    on, promotion_id = _date(request.form.get("on", "")), key(request.form.get("promotion"))
    if on is None or promotion_id is None:
        raise InvalidError("promotion", "Choose a promotion first, then a date.")
    with here.db().read() as session:
        promotion = store.promotion(session, promotion_id)
        is_letter = promotion.words.is_empty and bool(store.address_for(session, promotion_id))
    if is_letter:
        _count_letter()
    booking = arrow.book(here.db(), slot_id, on, promotion_id, by=here.editor_id(), now=here.now())
    asked = "" if booking.approved_at else f" It has no words yet: {_how_asked(booking)}."
    flash(_followed(booking, f"“{promotion.name}” is booked for the issue of {arrow.in_words(on)}.{asked}"), "done")
    calendar = url_for("desk.promotions", newsletter=promotion.newsletter_id, promotion=promotion_id)
    return here.go(here.local_path(request.form.get("back"), calendar), anchor=f"on-{on}")


@blueprint.get("/promotions/bookings/<key:booking_id>")
def booking(booking_id: int) -> str:
    """Shows one booking: the sponsor's link, the words that came, and what to do with them."""
    return _page(booking_id)


def _page(booking_id: int, form: Form | None = None) -> str:
    with here.db().read() as session:
        found = store.booking(session, booking_id)
        slot, promotion = store.slot(session, found.slot_id), store.promotion(session, found.promotion_id)
        newsletter = newsletter_store.newsletter(session, slot.newsletter_id)
        address = found.address or store.address_for(session, found.promotion_id)
        reason = _never_mailed(session, found.address) if found.address else None
    token = links.sponsor_token(here.app().keys, found.id)
    return render_template(
        "desk/booking.html",
        booking=found,
        slot=slot,
        promotion=promotion,
        newsletter=newsletter,
        zone=newsletter.cadence.zone,
        words=arrow.latest_words(found, promotion),
        form=form or Form({"address": address}),
        has_left=here.now() >= found.issue_at,
        link=links.sponsor_url(here.app().settings.public_url, token),
        prose=prose,
        in_words=arrow.in_words,
        never_mailed=reason,
    )


def _never_mailed(session: Session, address: str) -> SuppressionReason | None:
    """Returns why no letter ever goes to an address."""
    return suppressed.why(session, address_key(address))


@blueprint.post("/promotions/bookings/<key:booking_id>/ask")
def ask_sponsor(booking_id: int) -> Response | tuple[str, int]:
    """Writes the sponsor a letter with the link."""
    form = Form(request.form)
    _count_letter()
    try:
        done = arrow.ask(here.db(), booking_id, form.value("address"), by=here.editor_id(), now=here.now())
    except InvalidError as error:
        form.take(error)
        return _page(booking_id, form), 422
    with here.db().read() as session:
        reason = _never_mailed(session, done.address)
    if reason is None:
        flash(f"A letter with the link is on its way to {done.address}.", "done")
    return here.go(url_for("desk.booking", booking_id=booking_id))


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


def _count_letter() -> None:
    """Counts a letter of this person's to a sponsor, whichever form brings it. Raises TooManyAttempts."""
    admit.throttle(
        here.db(), ["sponsor letter", str(here.editor_id())], limit=_LETTERS, window=_AN_HOUR, now=here.now()
    )


def _how_asked(booking: Booking) -> str:
    if booking.address:
        return f"a letter with the link is on its way to {booking.address}"
    return "open it, and send its sponsor the link"


def prose(text: str) -> Markup:
    """Returns a promotion's Markdown as safe HTML for a page."""
    return Markup(markdown.on_the_web(markdown.html(text), is_sponsored=True))  # noqa: S704 - cleaned in this moment


def _followed(booking: Booking, said: str) -> str:
    """Carries the change into the open issue, and says which approvals it took."""
    numbers = booked.follow(here.db(), here.app().renderer, booking, by=here.editor_id(), now=here.now())
    return approval.after(said, numbers)


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


def _fits(promotion: Promotion | None, row: weeks.Row) -> bool:
    """Tells whether a promotion may be seen when the issue of a row leaves."""
    if promotion is None:
        return False
    return not due.has_ended(promotion, at=row.at) and not due.is_ahead(promotion, at=row.at)


def _date(typed: str) -> date | None:
    try:
        on = date.fromisoformat(typed)
    except ValueError:
        return None
    return on if 1990 < on.year < 2200 else None
