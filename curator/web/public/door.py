"""What the pages for readers stand on: their blueprint, the newsletter that they are about, answers kept private."""

from flask import Blueprint, make_response
from werkzeug.wrappers import Response

from curator.errors import NotFoundError
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec
from curator.web import failures, here
from curator.web.sessions import csrf

blueprint = Blueprint("public", __name__)
# No page here reads a cookie or sets one. What its forms may do, a signed link allows or anybody may; so there is no
# signed-in browser whose authority another site could borrow, and mail programs that POST have no token to show.
csrf.exempt(blueprint)

_LONGEST_SLUG = 80


def newsletter_of(slug: str) -> NewsletterSpec:
    """Returns the newsletter with this short name; raises NotFoundError."""
    is_possible = len(slug) <= _LONGEST_SLUG and slug.isprintable()
    with here.db().read() as session:
        newsletter_id = newsletters.slug_owner(session, slug) if is_possible else None
        if newsletter_id is None:
            raise NotFoundError("newsletter", slug if is_possible else "of this name")
        return newsletters.newsletter(session, newsletter_id)


def newsletter_with(newsletter_id: int) -> NewsletterSpec:
    """Returns the newsletter that a link names; raises NotFoundError."""
    with here.db().read() as session:
        return newsletters.newsletter(session, newsletter_id)


def private(page: str | tuple[str, int], status: int = 200) -> Response:
    """Answers with a page whose address is a key: it must not travel in a Referer header, nor be kept by a cache."""
    text, status = page if isinstance(page, tuple) else (page, status)
    response = make_response(text, status)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def damaged(what_to_do: str) -> Response:
    """Answers a link that nobody has signed."""
    words = f"It is damaged or was cut short. {what_to_do}"
    return private(failures.letter_page(404, "This link does not work", words))
