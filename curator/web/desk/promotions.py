"""The promotions: their list, and the form in which an editor writes one."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.db import Session
from curator.errors import ConflictError, InvalidError
from curator.issues import board as boards
from curator.issues import store as issues
from curator.issues.values import IssueRow
from curator.mailings import over
from curator.newsletters import store as newsletter_store
from curator.newsletters.values import NewsletterSpec
from curator.promotions import edit, limits, store
from curator.promotions.book import in_words
from curator.promotions.values import Promotion, PromotionForm, PromotionKind, Words
from curator.web import here
from curator.web.desk import approval, conflict
from curator.web.desk.choice import chosen, newsletters, required
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form, key

KINDS = (
    (PromotionKind.SPONSOR, "Sponsor"),
    (PromotionKind.EVENT, "Event"),
    (PromotionKind.HOUSE, "House promotion"),
)
_LABELS = {
    "kind": "Kind",
    "sponsor": "Sponsor",
    "title": "Title",
    "text": "Text",
    "link": "Link",
    "image_url": "Picture’s address",
    "image_alt": "What the picture shows",
    "begins_at": "May be seen from",
    "ends_at": "Until",
    "event_at": "The event begins",
    "event_place": "Where it is",
}


@blueprint.get("/promotions/list")
def promotion_list() -> str:
    """Lists a newsletter's promotions, the newest first."""
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="Promotions")
    with here.db().read() as session:
        found = store.promotions(session, newsletter.id)
    return render_template(
        "desk/promotion_list.html",
        all_newsletters=all_newsletters,
        newsletter=newsletter,
        zone=newsletter.cadence.zone,
        promotions=found,
        standing=standing,
    )


@blueprint.get("/promotions/new")
@needs(Right.WRITE)
def new_promotion() -> str:
    """Shows the form for a new promotion."""
    newsletter = required()
    kind = request.args.get("kind", PromotionKind.SPONSOR)
    return _page(newsletter, Form({"kind": kind}))


@blueprint.post("/promotions/new")
def create_promotion() -> Response | tuple[str, int]:
    """Writes a new promotion."""
    newsletter, form = required(), Form(request.form)
    given = _read(form, newsletter)
    if given is not None:
        try:
            made = edit.write_promotion(here.db(), newsletter.id, given, by=here.editor_id(), now=here.now())
        except InvalidError as error:
            form.take(error)
        else:
            flash("The promotion is written. Book it into an issue next.", "done")
            return here.go(url_for("desk.promotions", newsletter=newsletter.id, promotion=made))
    return _page(newsletter, form), 422


@blueprint.get("/promotions/<key:promotion_id>")
def promotion(promotion_id: int) -> str:
    """Shows one promotion as a form, and where it is booked."""
    found, newsletter = _found(promotion_id)
    return _page(newsletter, Form(_values(found, newsletter.cadence.zone)), found)


@blueprint.post("/promotions/<key:promotion_id>")
def change_promotion(promotion_id: int) -> Response | tuple[str, int]:
    """Writes a promotion anew."""
    (found, newsletter), form = _found(promotion_id), Form(request.form)
    given = _read(form, newsletter)
    if given is None:
        return _page(newsletter, form, found), 422
    seen = key(form.value("version")) or 0
    try:
        edit.change_promotion(
            here.db(), promotion_id, given, expected_version=seen, by=here.editor_id(), now=here.now()
        )
    except InvalidError as error:
        form.take(error)
        return _page(newsletter, form, found), 422
    except ConflictError:
        return _conflict(form, promotion_id)
    over.look_again(here.db())
    flash(approval.after_facts(f"“{given.words.title or given.sponsor}” is saved."), "done")
    return here.go(url_for("desk.promotion", promotion_id=promotion_id))


@blueprint.post("/promotions/<key:promotion_id>/put-away")
def put_away_promotion(promotion_id: int) -> Response:
    """Puts a promotion away, or takes it out again."""
    is_away = request.form.get("do") != "out"
    edit.put_away_promotion(here.db(), promotion_id, is_away=is_away, by=here.editor_id(), now=here.now())
    said = "It is put away and runs in no slot." if is_away else "It can run again."
    flash(approval.after_facts(said), "done")
    return here.go(url_for("desk.promotion", promotion_id=promotion_id))


@blueprint.post("/promotions/<key:promotion_id>/place")
def place_promotion(promotion_id: int) -> Response:
    """Puts a promotion into an open issue by hand, last in a section or in the intro."""
    issue_id = key(request.form.get("issue")) or 0
    with here.db().read() as session:
        before = issues.issue_row(session, issue_id)
    section_id = key(request.form.get("section"))
    block_id = boards.add_promotion(here.db(), issue_id, section_id, promotion_id, by=here.editor_id(), now=here.now())
    flash(approval.told(f"The promotion stands in issue {before.number}.", before), "done")
    return here.go(url_for("desk.board", issue_id=issue_id), anchor=f"block-{block_id}")


def standing(promotion: Promotion) -> str:
    """Returns in a word how a promotion stands at this moment."""
    now = here.now()
    if promotion.is_put_away:
        return "put away"
    if promotion.ends_at is not None and promotion.ends_at <= now:
        return "ended"
    if promotion.words.is_empty:
        return "no words yet"
    return "to come" if promotion.begins_at is not None and promotion.begins_at > now else "may be seen"


def _found(promotion_id: int) -> tuple[Promotion, NewsletterSpec]:
    with here.db().read() as session:
        found = store.promotion(session, promotion_id)
        return found, newsletter_store.newsletter(session, found.newsletter_id)


def _page(newsletter: NewsletterSpec, form: Form, found: Promotion | None = None) -> str:
    with here.db().read() as session:
        booked = [] if found is None else store.bookings_of(session, found.id)
        names = {each.id: each.name for each in store.slots(session, newsletter.id, with_put_away=True)}
        open_issues = [] if found is None else _open_issues(session, newsletter)
    return render_template(
        "desk/promotion.html",
        newsletter=newsletter,
        zone=newsletter.cadence.zone,
        promotion=found,
        form=form,
        kinds=KINDS,
        limits=limits,
        bookings=booked,
        slot_names=names,
        open_issues=open_issues,
        standing=standing,
        in_words=in_words,
    )


def _open_issues(session: Session, newsletter: NewsletterSpec) -> list[IssueRow]:
    return [each for each in issues.issue_rows(session, newsletter_id=newsletter.id) if each.state.is_editable]


def _read(form: Form, newsletter: NewsletterSpec) -> PromotionForm | None:
    """Returns what was typed; None where something of it was refused."""
    zone = newsletter.cadence.zone
    given = PromotionForm(
        kind=form.choice("kind", list(PromotionKind), default=PromotionKind.SPONSOR),
        sponsor=form.line("sponsor", at_most=120),
        words=words_in(form),
        begins_at=_moment(form, "begins_at", zone),
        ends_at=_moment(form, "ends_at", zone),
        event_at=_moment(form, "event_at", zone),
        event_place=form.line("event_place", at_most=200),
    )
    return given if form.is_good else None


def words_in(form: Form) -> Words:
    """Returns a promotion's words as they were typed; whether they fit is decided later."""
    return Words(*(form.value(name) for name in ("title", "text", "link", "image_url", "image_alt")))


def _moment(form: Form, name: str, zone: str) -> datetime | None:
    return form.moment(name, zone) if form.value(name).strip() else None


def _values(found: Promotion, zone: str) -> dict[str, str]:
    moments = {name: getattr(found, name) for name in ("begins_at", "ends_at", "event_at")}
    return {
        "kind": found.kind,
        "sponsor": found.sponsor,
        "event_place": found.event_place,
        "title": found.words.title,
        "text": found.words.text,
        "link": found.words.link,
        "image_url": found.words.image_url,
        "image_alt": found.words.image_alt,
        "version": str(found.version),
        **{name: f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}" if at else "" for name, at in moments.items()},
    }


def _conflict(form: Form, promotion_id: int) -> tuple[str, int]:
    found, newsletter = _found(promotion_id)
    theirs = _values(found, newsletter.cadence.zone)
    pairs = [
        conflict.Pair(name, label, theirs[name], form.value(name), is_long=name == "text")
        for name, label in _LABELS.items()
    ]
    return conflict.two_versions(
        f"“{found.name}” was saved by someone else first",
        pairs,
        version=found.version,
        action=url_for("desk.change_promotion", promotion_id=promotion_id),
        back=url_for("desk.promotion", promotion_id=promotion_id),
    )
