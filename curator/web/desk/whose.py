"""Which newsletter a request is about, as far as its address and its form say so."""

from collections.abc import Callable, Mapping

from flask import request

from curator.db import Session
from curator.issues import store as issues
from curator.mailings import store as mailings
from curator.web import here
from curator.web.forms import key

FINDERS: Mapping[str, Callable[[Session, int], int | None]] = {
    "issue_id": issues.newsletter_of,
    "mailing_id": mailings.newsletter_of,
}
"""How the newsletter of what a route names is found, by the name of its part; each is one query."""


def named() -> list[int]:
    """Returns every newsletter that the request names: by an id in its path first, then as `newsletter=ID`.

    Of what is not there nothing is said: the view answers that it is not there.
    """
    path = {name: value for name, value in (request.view_args or {}).items() if isinstance(value, int)}
    found = [path["newsletter_id"]] if "newsletter_id" in path else []
    wanted = [(FINDERS[name], value) for name, value in path.items() if name in FINDERS]
    if wanted:
        with here.db().read() as session:
            found += [of for find, value in wanted if (of := find(session, value)) is not None]
    for given in (request.form.get("newsletter"), request.args.get("newsletter")):
        chosen = key(given)
        if chosen is not None:
            found.append(chosen)
    return found
