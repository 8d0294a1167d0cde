"""Which newsletter a request is about, as far as its address and its form say so."""

from collections.abc import Callable, Mapping

from flask import request

from curator.accounts.values import Right
from curator.activity.values import ActivityRow, Belongings
from curator.audience.moving import store as imports
from curator.audience.segments import store as segments
from curator.audience.tags import store as tags
from curator.db import Session
from curator.downloads import store as downloads
from curator.issues import store as issues
from curator.issues.corrections import store as corrections
from curator.issues.planned import store as planned
from curator.mailings import store as mailings
from curator.newsletters import store as newsletters
from curator.picks.aside import store as picks
from curator.picks.tips import store as tips
from curator.picks.trends import store as trends
from curator.promotions import store as promotions
from curator.web import here
from curator.web.forms import key

FINDERS: Mapping[str, Callable[[Session, int], int | None]] = {
    "issue_id": issues.newsletter_of,
    "import_id": imports.newsletter_of,
    "mailing_id": mailings.newsletter_of,
    "planned_id": planned.newsletter_of,
    "promotion_id": promotions.newsletter_of_promotion,
    "slot_id": promotions.newsletter_of_slot,
    "booking_id": promotions.newsletter_of_booking,
    "mute_id": picks.newsletter_of_mute,
    "term_id": trends.newsletter_of_term,
    "correction_id": corrections.newsletter_of,
    "file_id": downloads.newsletter_of_file,
    "segment_id": segments.newsletter_of,
    "tagging_id": tags.newsletter_of_tagging,
    "tip_id": tips.newsletter_of,
}
"""How the newsletter of what a route names is found, by the name of its part; each is one query."""

_OF_SUBJECTS: Mapping[str, Callable[[Session, int], int | None]] = {
    "issue": issues.newsletter_of,
    "check": issues.newsletter_of,
    "correction": issues.newsletter_of,
    "mailing": mailings.newsletter_of,
    "planned issue": planned.newsletter_of,
    "promotion": promotions.newsletter_of_promotion,
    "promotion slot": promotions.newsletter_of_slot,
    "booking": promotions.newsletter_of_booking,
    "mute": picks.newsletter_of_mute,
    "blocked term": trends.newsletter_of_term,
    "file": downloads.newsletter_of_file,
    "segment": segments.newsletter_of,
    "tagging": tags.newsletter_of_tagging,
    "newsletter": lambda _session, newsletter_id: newsletter_id,
}


def of_change(change: ActivityRow) -> int | None:
    """Returns the newsletter of what was changed; None where it belongs to none.

    A change notes where it was made of what belongs to all, such as items, and of what may be gone by now.
    """
    if change.subject in ("item", "mute", "blocked term", "segment", "tip"):
        noted = change.became("newsletter") or change.was("newsletter")
        if isinstance(noted, int):
            return noted
    find = _OF_SUBJECTS.get(change.subject)
    if find is None:
        return None
    with here.db().read() as session:
        found = find(session, change.subject_id)
        slot = change.was("slot") or change.became("slot")
        if found is None and change.subject == "booking" and isinstance(slot, int):
            return promotions.newsletter_of_slot(session, slot)
        return found


def belongings(session: Session, newsletter_id: int) -> Belongings:
    """Returns what the log tells of that belongs to a newsletter; six queries."""
    issue_ids = issues.issue_ids(session, newsletter_id)
    promotion_ids, slot_ids, booking_ids = promotions.ids_of(session, newsletter_id)
    things = {
        "newsletter": [newsletter_id],
        "issue": issue_ids,
        "check": issue_ids,
        "correction": issue_ids,
        "mailing": mailings.mailing_ids(session, newsletter_id),
        "promotion": promotion_ids,
        "promotion slot": slot_ids,
        "booking": booking_ids,
        "file": [each.id for each in downloads.files(session, newsletter_id=newsletter_id, with_removed=True)],
    }
    return Belongings(things, {"newsletter": [newsletter_id], "slot": slot_ids})


def finder(session: Session) -> Callable[[ActivityRow], int | None]:
    """Returns what finds the newsletter of many changes; it looks for none where one may the same in all of them."""
    someone = here.editor()
    known = newsletters.newsletters(session) if someone is not None and someone.places else []
    owned = {each.id: belongings(session, each.id) for each in known}
    return lambda change: next((of for of, what in owned.items() if what.have(change)), None)


def closed(session: Session) -> list[Belongings]:
    """Returns what belongs to the newsletters in which whoever asks has no place: nothing is told of it."""
    someone = here.editor()
    places = {} if someone is None else someone.places
    return [belongings(session, each) for each in places if not here.may(Right.LOOK, each)]


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
