"""Which newsletter a page is about: the one that its address or form names, else the last one looked at."""

from flask import abort, g, request, session

from curator.accounts.values import Right
from curator.errors import NotFoundError
from curator.newsletters import store
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.forms import key

# Under this the session cookie keeps the choice while somebody moves from page to page.
_REMEMBERED = "newsletter"


def newsletters() -> list[NewsletterSpec]:
    """Returns every newsletter in which whoever asks has a place, by name."""
    with here.db().read() as session:
        return [one for one in store.newsletters(session) if here.may(Right.LOOK, one.id)]


def chosen(among: list[NewsletterSpec]) -> NewsletterSpec | None:
    """Returns the newsletter that the form (on a page: the address) names as `newsletter=ID`.

    Unnamed on a page, the one that was named last in this session, else the first; unnamed in a form, the first. None
    without any. Raises NotFoundError for one that is not there: a deed must not fall on another newsletter.
    """
    is_deed = request.method == "POST"
    named = (request.form if is_deed else request.args).get("newsletter")
    if not named:
        remembered = None if is_deed else session.get(_REMEMBERED)
        return _first(sorted(among, key=lambda one: one.id != remembered))
    wanted = key(named)
    found = next((one for one in among if one.id == wanted), None)
    if found is None:
        raise NotFoundError("newsletter", named[:20])
    if session.get(_REMEMBERED) != found.id:
        session[_REMEMBERED] = found.id
    return found


def required() -> NewsletterSpec:
    """Returns the newsletter that the request names, as `chosen` does. Raises NotFoundError where there is none yet."""
    found = chosen(newsletters())
    if found is None:
        raise NotFoundError("newsletter", "yet")
    return found


def _first(among: list[NewsletterSpec]) -> NewsletterSpec | None:
    first = next((one for one in among if here.may(g.right, one.id)), None)
    if first is not None:
        here.about(first.id)
    elif among:
        abort(403)
    return first


def short_titles(newsletter: NewsletterSpec) -> dict[int, str]:
    """Returns a label for each section that fits a button: a long title's first word, where that tells it apart."""
    first = {section.id: section.title.split(" ")[0] for section in newsletter.sections}
    is_clear = len(set(first.values())) == len(first)
    return {
        section.id: first[section.id] if is_clear and len(section.title) > 16 else section.title
        for section in newsletter.sections
    }
