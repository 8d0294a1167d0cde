"""Change how a newsletter's mail and pages look: every value checked, the change in the audit log."""

from datetime import datetime
from typing import Any

from curator.activity import store as activity
from curator.db import Database
from curator.newsletters import look, store
from curator.newsletters.theme import Theme, checked, facts_of
from curator.newsletters.values import NewsletterSpec


def restyle(
    db: Database, newsletter_id: int, *, accent: str, theme: Theme, by: int | None, now: datetime
) -> NewsletterSpec:
    """Writes accent and theme over a newsletter's look and returns the newsletter; the same again changes nothing.

    Raises InvalidError for what nobody could read. Approvals of the old look lapse by their hash: whoever calls asks
    `issues.publish.take_back_changed` next, so that it is said.
    """
    accent = look.checked_accent(accent)
    theme = checked(theme, accent=accent)
    with db.write() as session:
        before = store.newsletter(session, newsletter_id)
        store.set_look(session, newsletter_id, accent, theme)
        after = store.newsletter(session, newsletter_id)
        if before != after:
            activity.record(
                session,
                at=now,
                actor=by,
                verb="restyled",
                subject="newsletter",
                subject_id=newsletter_id,
                before=facts(before),
                after=facts(after),
            )
    return after


def facts(spec: NewsletterSpec) -> dict[str, Any]:
    """Returns what the log keeps of a newsletter's look; `look` says the theme in words."""
    kept = facts_of(spec.theme)
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in kept.items())
    return {"accent": spec.accent, "theme": kept, "look": told or "the house's own"}
