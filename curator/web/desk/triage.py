"""What an editor does with one item of the inbox: pick, skip, put off, mute, and take each back."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from flask import flash, request, url_for
from werkzeug.wrappers import Response

from curator.errors import InvalidError
from curator.feeds import store as feeds
from curator.feeds.values import FreshItem
from curator.issues import board
from curator.issues import store as issues
from curator.issues.blocks import store as blocks
from curator.issues.standing import store as standing
from curator.newsletters.values import NewsletterSpec
from curator.picks import curate, set_aside
from curator.picks import store as picks
from curator.picks.stories import store as stories
from curator.picks.values import SkipReason
from curator.web import here, words
from curator.web.desk import approval, inbox_page
from curator.web.desk.door import blueprint
from curator.web.desk.inbox_answer import done, refusing
from curator.web.desk.inbox_blurb import place
from curator.web.forms import key


@blueprint.post("/inbox/<key:item_id>/pick")
@refusing
def pick_item(item_id: int) -> Response:
    """Picks an item into a section of the issue that is being filled, or, while none is, for the next draft."""
    spec, section_id = inbox_page.newsletter(), key(request.form.get("section")) or 0
    # A row that names its pick was seen as picked, so the deed moves it; any other was seen as new.
    issue = place(spec, item_id, section_id, is_first=key(request.form.get("pick")) is None)
    section = next((one.title for one in spec.sections if one.id == section_id), "")
    said = f"Picked into {section}: {_title(item_id)}"
    if issue is not None and issue.state.is_filling:
        return done(spec, item_id, said)
    waits = f"{said}. It waits for the next issue" + (f": issue {issue.number} is {issue.state}." if issue else ".")
    return done(spec, item_id, waits)


@blueprint.post("/inbox/<key:item_id>/skip")
@refusing
def skip_item(item_id: int) -> Response:
    """Passes an item over, with a reason where one was chosen."""
    spec, given = inbox_page.newsletter(), request.form.get("reason", "")
    reason = SkipReason(given) if given in list(SkipReason) else SkipReason.NONE
    curate.skip(here.db(), spec.id, item_id, by=here.editor_id(), now=here.now(), reason=reason)
    because = f" ({reason})" if reason else ""
    return done(spec, item_id, f"Skipped{because}{_with_its_story(item_id)}: {_title(item_id)}")


@blueprint.post("/inbox/<key:item_id>/unskip")
@refusing
def unskip_item(item_id: int) -> Response:
    """Offers a skipped item again."""
    spec = inbox_page.newsletter()
    curate.unskip(here.db(), spec.id, item_id, by=here.editor_id(), now=here.now())
    return done(spec, item_id, f"Back among the new: {_title(item_id)}")


@blueprint.post("/inbox/<key:item_id>/unpick")
@refusing
def unpick_item(item_id: int) -> Response:
    """Takes an item out of the open issue, or back while it waits for one, so that it is new again."""
    spec = inbox_page.newsletter()
    with here.db().read() as session:
        issue = issues.current_issue(session, spec.id)
        block_id = None if issue is None else standing.block_of_item(session, issue.id, item_id)
        waits = picks.pick_of(session, spec.id, item_id) in dict(blocks.waiting_picks(session, spec.id))
    if waits:
        curate.unpick(here.db(), spec.id, item_id, by=here.editor_id(), now=here.now())
        return done(spec, item_id, f"Taken back: {_title(item_id)}")
    if issue is None or block_id is None:
        raise InvalidError("item", "It does not stand in the open issue, so there is nothing to take out.")
    board.remove(here.db(), block_id, by=here.editor_id(), now=here.now())
    said = approval.told(f"Taken out: {_title(item_id)}", issue)
    return done(spec, item_id, said)


@blueprint.post("/inbox/<key:item_id>/later")
@refusing
def put_off_item(item_id: int) -> Response:
    """Puts an item off: until tomorrow, in three days, the next issue, or a day."""
    spec = inbox_page.newsletter()
    until = _until(spec, request.form.get("when", ""))
    set_aside.put_off(here.db(), spec.id, item_id, until=until, by=here.editor_id(), now=here.now())
    day = words.day(until, spec.cadence.zone, here.now())
    return done(spec, item_id, f"Put off until {day}{_with_its_story(item_id)}: {_title(item_id)}")


@blueprint.post("/inbox/<key:item_id>/wake")
@refusing
def wake_item(item_id: int) -> Response:
    """Offers an item again before its day."""
    spec = inbox_page.newsletter()
    set_aside.wake(here.db(), spec.id, item_id, by=here.editor_id(), now=here.now())
    return done(spec, item_id, f"Back among the new: {_title(item_id)}")


@blueprint.post("/inbox/<key:item_id>/mute")
@refusing
def mute_item(item_id: int) -> Response:
    """Mutes the feed that an item came from, or the words that were given."""
    spec, given = inbox_page.newsletter(), request.form.get("words", "").replace("\0", "")
    if given.strip():
        kept = set_aside.mute_words(here.db(), spec.id, given, by=here.editor_id(), now=here.now())
        return done(spec, item_id, f"Muted in titles: {kept}")
    item = _item(item_id)
    if item is None or item.feed_id is None:
        raise InvalidError("item", "It was added by hand, so there is no feed to mute.")
    set_aside.mute_feed(here.db(), spec.id, item.feed_id, by=here.editor_id(), now=here.now())
    said = f"Muted: the feed {item.feed_title}. Its items lie under Muted, where this can be lifted."
    answer = done(spec, item_id, said)
    answer.headers["HX-Trigger"] = f'{{"curator:muted": {{"feed": {item.feed_id}}}}}'
    return answer


@blueprint.post("/inbox/mutes/<key:mute_id>/lift")
def lift_mute(mute_id: int) -> Response:
    """Shows again what a mute hides."""
    flash(f"Muted no longer: {set_aside.lift(here.db(), mute_id, by=here.editor_id(), now=here.now())}.", "done")
    return here.go(here.local_path(request.form.get("back"), url_for("desk.inbox")), anchor="rows")


def _until(spec: NewsletterSpec, when: str) -> datetime:
    """Returns the moment that a button or a date field stands for, on the newsletter's own calendar."""
    if when == "issue":
        with here.db().read() as session:
            return inbox_page.next_issue(session, spec)
    if when in ("1", "3"):
        return inbox_page.morning(spec, int(when))
    try:
        day = date.fromisoformat(request.form.get("until", ""))
        return datetime.combine(day, time(), ZoneInfo(spec.cadence.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidError("until", "Choose the day on which it is to come back.") from None


def _with_its_story(item_id: int) -> str:
    """Returns what went with an item, in words, as its row stood for all of its story."""
    with here.db().read() as session:
        others = stories.tellings_beside(session, item_id)
    return f" with {others} other telling{'' if others == 1 else 's'}" if others else ""


def _title(item_id: int) -> str:
    with here.db().read() as session:
        title = feeds.item_titles(session, [item_id]).get(item_id)
    return "an item that is gone" if title is None else words.excerpt(title, 90)


def _item(item_id: int) -> FreshItem | None:
    with here.db().read() as session:
        return feeds.items_by_id(session, [item_id]).get(item_id)
