"""A mailing while it runs and after: its numbers, its brakes, and the deliveries that a person must look at."""

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.errors import NotFoundError
from curator.events import listen
from curator.issues import store as issues
from curator.issues.revisions import store as revisions
from curator.mailings import control, store
from curator.mailings.mended.mend import mend as stop_to_mend
from curator.mailings.values import DeliveryState
from curator.newsletters import store as newsletters
from curator.web import here
from curator.web.desk.course import MOVING, etas, motions
from curator.web.desk.door import blueprint, needs
from curator.web.forms import key

# What a person may have to do something about.
_TROUBLED = (DeliveryState.REFUSED, DeliveryState.IN_DOUBT)
_PAGE = 100


@blueprint.get("/mailings/<key:mailing_id>")
def mailing(mailing_id: int) -> str:
    """Shows a mailing; while something moves, a script keeps its numbers up to date."""
    after = key(request.args.get("after")) or 0
    with here.db().read() as session:
        view = store.mailing(session, mailing_id)
        issue = issues.issue_row(session, view.issue_id)
        newsletter = newsletters.newsletter(session, issue.newsletter_id)
        troubled = store.deliveries(session, mailing_id, states=_TROUBLED, after_id=after, limit=_PAGE + 1)
        told, moves = etas(session, [view], now=here.now()), motions(session, [view], now=here.now())
    is_moving = view.state in MOVING
    return render_template(
        "desk/mailing.html",
        mailing=view,
        issue=issue,
        newsletter=newsletter,
        zone=newsletter.cadence.zone,
        troubled=troubled[:_PAGE],
        next_after=troubled[_PAGE - 1].subscriber_id if len(troubled) > _PAGE else None,
        is_moving=is_moving,
        etas=told,
        motions=moves,
        address=url_for("desk.mailing", mailing_id=mailing_id),
    )


@blueprint.post("/mailings/<key:mailing_id>/pause")
@needs(Right.PUBLISH)
def pause_mailing(mailing_id: int) -> Response:
    """Stops a mailing after what is in flight."""
    control.pause(here.db(), mailing_id, now=here.now(), by=here.editor_id())
    flash("Paused. What is in flight still arrives; nothing else leaves.", "done")
    return _to_page(mailing_id)


@blueprint.post("/mailings/<key:mailing_id>/resume")
@needs(Right.PUBLISH)
def resume_mailing(mailing_id: int) -> Response:
    """Lets a mailing go on."""
    control.resume(here.db(), mailing_id, now=here.now(), by=here.editor_id())
    flash("It goes on. Nobody gets it twice.", "done")
    return _to_page(mailing_id)


@blueprint.post("/mailings/<key:mailing_id>/take-back")
@needs(Right.PUBLISH)
def take_back_mailing(mailing_id: int) -> Response:
    """Undoes a sending of which nothing has left."""
    control.take_back(here.db(), mailing_id, now=here.now(), by=here.editor_id())
    flash("Taken back. Nothing has left, and the issue is approved as before.", "done")
    with here.db().read() as session:
        issue_id = store.mailing(session, mailing_id).issue_id
    return here.go(url_for("desk.send", issue_id=issue_id))


@blueprint.post("/mailings/<key:mailing_id>/send-at-once")
@needs(Right.PUBLISH)
def send_mailing_at_once(mailing_id: int) -> Response:
    """Ends the holding of a mailing before its time."""
    control.send_at_once(here.db(), mailing_id, now=here.now(), by=here.editor_id())
    flash("It is on its way. The first message leaves within seconds.", "done")
    return _to_page(mailing_id)


@blueprint.get("/mailings/<key:mailing_id>/cancel")
@needs(Right.PUBLISH)
def cancel(mailing_id: int) -> str:
    """Asks once before a mailing is ended for good."""
    with here.db().read() as session:
        view = store.mailing(session, mailing_id)
        issue = issues.issue_row(session, view.issue_id)
    return render_template("desk/cancel.html", mailing=view, issue=issue)


@blueprint.post("/mailings/<key:mailing_id>/cancel")
@needs(Right.PUBLISH)
def cancel_mailing(mailing_id: int) -> Response:
    """Ends a mailing for good."""
    control.cancel(here.db(), mailing_id, now=here.now(), by=here.editor_id())
    listen.note_accepted(here.db(), mailing_id)
    flash("Cancelled. What waited never leaves.", "done")
    return _to_page(mailing_id)


@blueprint.get("/mailings/<key:mailing_id>/mend")
@needs(Right.PUBLISH)
def mend(mailing_id: int) -> str:
    """Says what it means to stop a mailing and finish it with another revision, and asks once."""
    with here.db().read() as session:
        view = store.mailing(session, mailing_id)
        issue = issues.issue_row(session, view.issue_id)
        revision = revisions.revision(session, view.revision_id)
    return render_template("desk/mend.html", mailing=view, issue=issue, revision=revision)


@blueprint.post("/mailings/<key:mailing_id>/mend")
@needs(Right.PUBLISH)
def mend_mailing(mailing_id: int) -> Response:
    """Stops a paused mailing; whoever has not got it gets what is approved next."""
    stop_to_mend(here.db(), mailing_id, now=here.now(), by=here.editor_id())
    listen.note_accepted(here.db(), mailing_id)
    flash("Stopped. Mend the issue, approve it, and send it: the rest get the new words.", "done")
    with here.db().read() as session:
        issue_id = store.mailing(session, mailing_id).issue_id
    return here.go(url_for("desk.board", issue_id=issue_id))


@blueprint.post("/mailings/<key:mailing_id>/settle")
@needs(Right.PUBLISH)
def settle_delivery(mailing_id: int) -> Response:
    """Settles a delivery in doubt: it arrived, or it is sent again."""
    as_sent = request.form.get("as") == "sent"
    if not as_sent and request.form.get("as") != "again":
        flash("Say whether it arrived or is to be sent again.", "error")
        return here.go(url_for("desk.mailing", mailing_id=mailing_id), anchor="troubled")
    try:
        control.settle(
            here.db(),
            mailing_id,
            key(request.form.get("subscriber")) or 0,
            as_sent=as_sent,
            now=here.now(),
            by=here.editor_id(),
        )
    except NotFoundError:
        flash("This delivery is not in doubt any more.", "error")
    else:
        listen.note_accepted(here.db(), mailing_id)
        flash("Settled: it arrived." if as_sent else "Settled: it did not arrive.", "done")
    return here.go(url_for("desk.mailing", mailing_id=mailing_id), anchor="troubled")


def _to_page(mailing_id: int) -> Response:
    return here.go(url_for("desk.mailing", mailing_id=mailing_id))
