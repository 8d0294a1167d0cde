"""Which newsletter a request is about, as far as its address and its form say so."""

from collections.abc import Callable, Mapping

from flask import request

from curator.activity.values import ActivityRow
from curator.db import Session
from curator.issues import store as issues
from curator.issues.planned import store as planned
from curator.mailings import store as mailings
from curator.picks.aside import store as picks
from curator.promotions import store as promotions
from curator.web import here
from curator.web.forms import key

FINDERS: Mapping[str, Callable[[Session, int], int | None]] = {
    "issue_id": issues.newsletter_of,
    "mailing_id": mailings.newsletter_of,
    "planned_id": planned.newsletter_of,
    "promotion_id": promotions.newsletter_of_promotion,
    "slot_id": promotions.newsletter_of_slot,
    "booking_id": promotions.newsletter_of_booking,
    "mute_id": picks.newsletter_of_mute,
}
"""How the newsletter of what a route names is found, by the name of its part; each is one query."""

_OF_SUBJECTS: Mapping[str, Callable[[Session, int], int | None]] = {
    "issue": issues.newsletter_of,
    "check": issues.newsletter_of,
    "mailing": mailings.newsletter_of,
    "planned issue": planned.newsletter_of,
    "promotion": promotions.newsletter_of_promotion,
    "promotion slot": promotions.newsletter_of_slot,
    "booking": promotions.newsletter_of_booking,
    "mute": picks.newsletter_of_mute,
    "newsletter": lambda _session, newsletter_id: newsletter_id,
}


def of_change(change: ActivityRow) -> int | None:
    """Returns the newsletter of what was changed; None where it belongs to none, or is gone."""
    find = _OF_SUBJECTS.get(change.subject)
    if find is None:
        return None
    with here.db().read() as session:
        return find(session, change.subject_id)


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
