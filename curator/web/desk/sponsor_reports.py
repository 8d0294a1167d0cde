"""What came of a promotion, for the desk; and the links by which its sponsor sees the same without an account."""

from flask import Response as Flask_Response
from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.errors import InvalidError
from curator.events.sponsored import report
from curator.newsletters import store as newsletters
from curator.promotions import links, share, store
from curator.promotions.reports import store as reports
from curator.web import here
from curator.web.desk.door import blueprint, needs
from curator.web.export import csv_file
from curator.web.forms import key


@blueprint.get("/promotions/<key:promotion_id>/report")
def sponsor_report(promotion_id: int) -> str:
    """Shows the issues that it ran in, its clicks by day, and the links that work."""
    with here.db().read() as session:
        promotion = store.promotion(session, promotion_id)
        newsletter = newsletters.newsletter(session, promotion.newsletter_id)
        found = report.of(session, promotion_id)
        shared = reports.open_of(session, promotion_id, now=here.now())
    return render_template(
        "desk/sponsor_report.html",
        promotion=promotion,
        newsletter=newsletter,
        zone=newsletter.cadence.zone,
        report=found,
        shared=[(each, _url(each.id)) for each in shared] if here.may(Right.PUBLISH) else [],
        days=share.DAYS,
    )


@blueprint.get("/promotions/<key:promotion_id>/report.csv")
def sponsor_report_file(promotion_id: int) -> Flask_Response:
    """Gives the same as a file."""
    with here.db().read() as session:
        found = report.of(session, store.promotion(session, promotion_id).id)
    return csv_file(f"promotion-{promotion_id}", report.COLUMNS, found.rows)


@blueprint.post("/promotions/<key:promotion_id>/report/share")
@needs(Right.PUBLISH)
def share_report(promotion_id: int) -> Response:
    """Makes a link for the sponsor."""
    try:
        days = key(request.form.get("days")) or 0
        share.share(here.db(), promotion_id, days=days, by=here.editor_id(), now=here.now())
    except InvalidError as error:
        flash(str(error), "error")
    else:
        flash("The link is made. Whoever has it sees these numbers, and nothing else.", "done")
    return here.go(url_for("desk.sponsor_report", promotion_id=promotion_id), anchor="shared")


@blueprint.post("/promotions/<key:promotion_id>/report/<key:report_id>/revoke")
@needs(Right.PUBLISH)
def revoke_report(promotion_id: int, report_id: int) -> Response:
    """Takes a link back."""
    done = share.revoke(here.db(), promotion_id, report_id, by=here.editor_id(), now=here.now())
    flash("The link leads nowhere any more." if done else "That link did not work any more.", "done")
    return here.go(url_for("desk.sponsor_report", promotion_id=promotion_id), anchor="shared")


def _url(report_id: int) -> str:
    return links.report_url(here.app().settings.public_url, links.report_token(here.app().keys, report_id))
