"""What the pages for readers stand on: their blueprint, the newsletter that they are about, answers kept private."""

from flask import Blueprint, Response, request

from curator.db import Session
from curator.errors import NotFoundError
from curator.languages import msgid
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec, is_slug
from curator.web import failures, here
from curator.web.sessions import csrf

blueprint = Blueprint("public", __name__)
# No page here reads a cookie or sets one. What its forms may do, a signed link allows or anybody may; so there is no
# signed-in browser whose authority another site could borrow, and mail programs that POST have no token to show.
csrf.exempt(blueprint)


def newsletter_of(slug: str) -> NewsletterSpec:
    """Returns the newsletter with this short name, whose language the request speaks then; raises NotFoundError."""
    with here.db().read() as session:
        found = find_newsletter(session, slug)
    if found is None:
        raise NotFoundError("newsletter", slug if is_slug(slug) else "of this name")
    return found


def find_newsletter(session: Session, slug: str) -> NewsletterSpec | None:
    """Returns the newsletter that an address names; what is no short name is not asked of the database."""
    newsletter_id = newsletters.slug_owner(session, slug) if is_slug(slug) else None
    return None if newsletter_id is None else _spoken_for(newsletters.newsletter(session, newsletter_id))


def newsletter_with(newsletter_id: int) -> NewsletterSpec:
    """Returns the newsletter that a link names; raises NotFoundError."""
    with here.db().read() as session:
        return _spoken_for(newsletters.newsletter(session, newsletter_id))


def _spoken_for(newsletter: NewsletterSpec) -> NewsletterSpec:
    """A page of a newsletter is in its language."""
    here.speak(newsletter.language)
    return newsletter


def damaged(what_to_do: str) -> tuple[str, int]:
    """Answers a link that nobody has signed; `what_to_do` is a message of the catalogs."""
    words = " ".join((here.say("It is damaged or was cut short."), here.say(what_to_do)))
    return failures.letter_page(404, msgid("This link does not work"), words)


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """Keeps an address that is a key out of Referer headers and caches, whatever its page says."""
    if "token" in (request.view_args or {}):
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
    return response
