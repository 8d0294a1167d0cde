"""The page on which a sponsor sees what came of their promotion, by a signed link and without an account."""

from flask import Response as Flask_Response
from flask import make_response, render_template
from werkzeug.wrappers import Response

from curator.errors import TokenError
from curator.events.sponsored import report
from curator.events.sponsored.report import SponsorReport
from curator.languages import msgid
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec
from curator.promotions import links, store
from curator.promotions.reports import store as reports
from curator.promotions.values import Promotion
from curator.web import failures, here
from curator.web.export import csv_file
from curator.web.public.door import blueprint, damaged

_DAMAGED = msgid("Ask the newsletter’s editors for the link again.")
_GONE = msgid("This link has ended or was taken back. The newsletter’s editors can give you another.")


@blueprint.get("/r/<token>")
def sponsor_report(token: str) -> Response | tuple[str, int]:
    """Shows the numbers as they are now."""
    try:
        found = _found(token)
    except TokenError:
        return damaged(_DAMAGED)
    if found is None:
        return failures.letter_page(404, msgid("There is nothing here any more"), _GONE)
    promotion, newsletter, numbers = found
    page = render_template(
        "public/sponsor_report.html", token=token, promotion=promotion, newsletter=newsletter, report=numbers
    )
    response = make_response(page)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/r/<token>/numbers.csv")
def sponsor_report_file(token: str) -> Flask_Response | tuple[str, int]:
    """Gives the same as a file."""
    try:
        found = _found(token)
    except TokenError:
        return damaged(_DAMAGED)
    if found is None:
        return failures.letter_page(404, msgid("There is nothing here any more"), _GONE)
    response = csv_file(f"promotion-{found[0].id}", report.COLUMNS, found[2].rows)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _found(token: str) -> tuple[Promotion, NewsletterSpec, SponsorReport] | None:
    """Returns what a link shows, None once it has ended; the page is in the newsletter's language."""
    report_id = links.read_report_token(here.app().keys, token)
    with here.db().read() as session:
        promotion_id = reports.promotion_of(session, report_id, now=here.now())
        if promotion_id is None:
            return None
        promotion = store.promotion(session, promotion_id)
        newsletter = newsletters.newsletter(session, promotion.newsletter_id)
        here.speak(newsletter.language)
        return promotion, newsletter, report.of(session, promotion_id)
