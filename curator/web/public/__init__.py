"""The pages for readers: what is published, and the way out of a newsletter."""

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from curator.audience import links, subscribe
from curator.errors import NotFoundError, TokenError
from curator.newsletters import store as newsletters
from curator.web import failures, here
from curator.web.sessions import csrf

blueprint = Blueprint("public", __name__)

# The body of a mail program's one-click request (RFC 8058 section 3.1).
_ONE_CLICK = "One-Click"


@blueprint.route("/u/<token>", methods=["GET", "POST"])
def unsubscribe(token: str) -> Response:
    """A look shows one button, because mail scanners look; a POST acts at once, without cookie or CSRF token: whoever
    holds the signed link may leave, and a mail program's one-click request has neither (RFC 8058).
    """
    try:
        link = links.read_unsubscribe_token(here.app().keys, token)
        name = _newsletter_name(link.newsletter_id)
    except (TokenError, NotFoundError):
        return _private(_damaged())
    if request.method == "POST":
        how = "one-click" if request.form.get("List-Unsubscribe") == _ONE_CLICK else "link"
        _end(link.newsletter_id, link.subscriber_id, how)
    page = render_template("public/unsubscribe.html", name=name, is_done=request.method == "POST")
    return _private((page, 200))


csrf.exempt(unsubscribe)


def _newsletter_name(newsletter_id: int) -> str:
    with here.db().read() as session:
        return newsletters.newsletter(session, newsletter_id).name


def _end(newsletter_id: int, subscriber_id: int, how: str) -> None:
    """Ends the subscription; a reader whose rows were erased has nothing left to end."""
    try:
        subscribe.unsubscribe(here.db(), newsletter_id, subscriber_id, now=here.now(), how=how)
    except NotFoundError:
        return


def _damaged() -> tuple[str, int]:
    return failures.letter_page(
        404,
        "This link does not work",
        "It is damaged or was cut short. Open the newest newsletter and press its own unsubscribe link, or answer "
        "that mail with the word unsubscribe.",
    )


def _private(answer: tuple[str, int]) -> Response:
    """The page's address is a key, so it must not travel in a Referer header."""
    response = make_response(*answer)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


from curator.web.public import archive, front  # noqa: E402, F401 - importing them hangs their views on the blueprint
