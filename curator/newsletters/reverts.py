"""The opposites of what people do to newsletters, for the log's Undo."""

from datetime import datetime

from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.errors import StateError
from curator.newsletters import edit, restyle, store
from curator.newsletters.forms import facts_of, form_from, form_of
from curator.newsletters.theme import theme_from


def _as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    before, after = change.was("form"), change.became("form")
    if before is None or after is None:
        raise StateError("The settings before were not written down whole; set them by hand.")
    with db.read() as session:
        spec = store.newsletter(session, change.subject_id)
    stands = facts_of(form_of(spec))
    # A section that was added got its id only then; what it is called says enough.
    changed = next((name for name in stands if name in after and stands[name] != after[name]), None)
    if changed is not None:
        label = changed.replace("_", " ")
        raise StateError(
            f"The settings of {spec.name} were changed again since ({label}). Look at them, then set them."
        )
    known = {section.id for section in spec.sections}
    sections = [each if each["id"] in known else {**each, "id": None} for each in before["sections"]]
    # What was no setting then stays as it is: a default may measure more of readers than anybody chose.
    edit.change(db, spec.id, form_from({**stands, **before, "sections": sections}), now=now, by=by)
    return f"{before['name']} has its settings of before."


def _look_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        spec = store.newsletter(session, change.subject_id)
    if any(change.became(name) != value for name, value in restyle.facts(spec).items()):
        raise StateError(f"The look of {spec.name} was changed again since. Look at it, then set it.")
    theme = theme_from(change.was("theme"))
    restyle.restyle(db, spec.id, accent=change.was("accent") or "", theme=theme, by=by, now=now)
    return f"{spec.name} has its look of before. Issues that were approved since have to be approved again."


def _resumed(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    edit.resume(db, change.subject_id, now=now, by=by)
    return "It is drafted on its cadence again, from the next slot on."


def _paused(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    edit.pause(db, change.subject_id, now=now, by=by)
    return "It is paused again."


def _dns_unseen(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    edit.note_dns_seen(db, change.subject_id, now=now, by=by, is_seen=False)
    return "Its DNS records are not said to be in place any more."


def _dns_seen(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    edit.note_dns_seen(db, change.subject_id, now=now, by=by)
    return "Its DNS records are said to be in place again."


REVERTS: dict[str, Revert] = {
    "newsletter.changed": _as_before,
    "newsletter.restyled": _look_as_before,
    "newsletter.paused": _resumed,
    "newsletter.resumed": _paused,
    "newsletter.found the DNS records of": _dns_unseen,
    "newsletter.took back the DNS records of": _dns_seen,
}

FINAL: dict[str, str] = {
    "newsletter.created": "A newsletter stays. Pause it, and nothing is drafted for it.",
    "newsletter.went live with": "From the first mail on readers count on it. Pause it to stop for a while.",
}
