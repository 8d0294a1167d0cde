"""Which newsletter a page is about: the one that its address or form names, else the first."""

from flask import request

from curator.errors import NotFoundError
from curator.newsletters import store
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.forms import key


def newsletters() -> list[NewsletterSpec]:
    """Returns every newsletter, by name."""
    with here.db().read() as session:
        return store.newsletters(session)


def chosen(among: list[NewsletterSpec]) -> NewsletterSpec | None:
    """Returns the newsletter that the form (on a page: the address) names as `newsletter=ID`; unnamed, the first.

    None without any. Raises NotFoundError for one that is not there: a deed must not fall on another newsletter.
    """
    named = (request.form if request.method == "POST" else request.args).get("newsletter")
    if not named:
        return among[0] if among else None
    wanted = key(named)
    found = next((one for one in among if one.id == wanted), None)
    if found is None:
        raise NotFoundError("newsletter", named[:20])
    return found


def short_titles(newsletter: NewsletterSpec) -> dict[int, str]:
    """Returns a label for each section that fits a button: a long title's first word, where that tells it apart."""
    first = {section.id: section.title.split(" ")[0] for section in newsletter.sections}
    is_clear = len(set(first.values())) == len(first)
    return {
        section.id: first[section.id] if is_clear and len(section.title) > 16 else section.title
        for section in newsletter.sections
    }
