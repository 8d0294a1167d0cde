"""Which newsletter a page is about: the one that its address or form names, else the first."""

from flask import abort, g, request

from curator.accounts.values import Right
from curator.errors import NotFoundError
from curator.newsletters import store
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.forms import key


def newsletters() -> list[NewsletterSpec]:
    """Returns every newsletter in which whoever asks has a place, by name."""
    with here.db().read() as session:
        return [one for one in store.newsletters(session) if here.may(Right.LOOK, one.id)]


def chosen(among: list[NewsletterSpec]) -> NewsletterSpec | None:
    """Returns the newsletter that the form (on a page: the address) names as `newsletter=ID`; unnamed, the first one
    in which whoever asks may do what they ask for.

    None without any. Raises NotFoundError for one that is not there: a deed must not fall on another newsletter.
    """
    named = (request.form if request.method == "POST" else request.args).get("newsletter")
    if not named:
        return _first(among)
    wanted = key(named)
    found = next((one for one in among if one.id == wanted), None)
    if found is None:
        raise NotFoundError("newsletter", named[:20])
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
