"""The front page: every newsletter with its rhythm and its newest issue."""

from dataclasses import dataclass

from flask import Response, make_response, render_template

from curator.audience.joining import store as joining
from curator.audience.values import InterestRow
from curator.mailings.archive import store as archives
from curator.mailings.values import PublicIssue
from curator.newsletters import store as newsletters
from curator.newsletters.cadence import describe
from curator.newsletters.values import NewsletterSpec
from curator.web import headers, here
from curator.web.forms import Form
from curator.web.public.archive import LIST_KEPT_S, Line, line
from curator.web.public.door import blueprint
from curator.web.public.taking import SignUp


@dataclass(frozen=True)
class Offer:
    """A newsletter as the front page shows it: its rhythm in words, and its newest issue where one was sent."""

    newsletter: NewsletterSpec
    rhythm: str
    newest: Line | None
    interests: tuple[InterestRow, ...] = ()


@blueprint.get("/")
def home() -> Response:
    """Shows what is published here; kept by caches only once something is, so that a first issue is seen at once."""
    offers = _offers()
    shown = _page(offers, SignUp(Form()))
    is_complete = bool(offers) and all(offer.newest for offer in offers)
    return headers.shared(shown, for_s=LIST_KEPT_S) if is_complete else make_response(shown)


def page(typed: SignUp) -> str:
    """Returns the front page with a form that was sent and is shown again."""
    return _page(_offers(), typed)


def _offers() -> list[Offer]:
    with here.db().read() as session:
        newest, specs = archives.newest(session), newsletters.newsletters(session)
        here.speak_for({spec.language for spec in specs})
        interests = joining.interests(session, [spec.id for spec in specs])
        return [_offer(spec, newest.get(spec.id), interests[spec.id]) for spec in specs]


def _page(offers: list[Offer], typed: SignUp) -> str:
    return render_template(
        "public/home.html",
        offers=offers,
        typed=typed,
        newsletter=offers[0].newsletter if len(offers) == 1 else None,
        address=f"{here.app().settings.public_url}/",
    )


def _offer(newsletter: NewsletterSpec, newest: PublicIssue | None, interests: tuple[InterestRow, ...]) -> Offer:
    shown = None if newest is None else line(newest, newsletter.cadence.zone)
    return Offer(newsletter, describe(newsletter.cadence, here.speech()), shown, interests)
