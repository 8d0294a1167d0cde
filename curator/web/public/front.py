"""The front page: every newsletter with its rhythm and its newest issue."""

from dataclasses import dataclass

from flask import Response, make_response, render_template

from curator.mailings.archive import store as archives
from curator.mailings.values import PublicIssue
from curator.newsletters import store as newsletters
from curator.newsletters.cadence import describe
from curator.newsletters.values import NewsletterSpec
from curator.web import headers, here
from curator.web.public.archive import LIST_KEPT_S, Line, line
from curator.web.public.door import blueprint


@dataclass(frozen=True)
class Offer:
    """A newsletter as the front page shows it: its rhythm in words, and its newest issue where one was sent."""

    newsletter: NewsletterSpec
    rhythm: str
    newest: Line | None


@blueprint.get("/")
def home() -> Response:
    """Shows what is published here; kept by caches only once something is, so that a first issue is seen at once."""
    with here.db().read() as session:
        newest = archives.newest(session)
        offers = [_offer(newsletter, newest.get(newsletter.id)) for newsletter in newsletters.newsletters(session)]
    page = render_template(
        "public/home.html",
        offers=offers,
        newsletter=offers[0].newsletter if len(offers) == 1 else None,
        address=f"{here.app().settings.public_url}/",
    )
    is_complete = bool(offers) and all(offer.newest for offer in offers)
    return headers.shared(page, for_s=LIST_KEPT_S) if is_complete else make_response(page)


def _offer(newsletter: NewsletterSpec, newest: PublicIssue | None) -> Offer:
    shown = None if newest is None else line(newest, newsletter.cadence.zone)
    return Offer(newsletter, describe(newsletter.cadence), shown)
