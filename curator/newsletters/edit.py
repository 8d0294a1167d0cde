"""Set up and change a newsletter: every field checked, every change in the audit log."""

import re
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from unicodedata import category

from curator.activity import store as activity
from curator.addresses import checked_address
from curator.db import Database, Session
from curator.errors import InvalidError
from curator.letters import store as letters
from curator.newsletters import look, store, theme
from curator.newsletters.cadence import describe, next_slot
from curator.newsletters.forms import facts_of, form_of
from curator.newsletters.values import NewsletterForm, NewsletterSpec, is_slug
from curator.settings.transports import USUAL_TRANSPORT

_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*")
# A draft three months ahead is stale news whatever the cadence; more is a slip of the keyboard.
_LONGEST_LEAD_HOURS = 24 * 92
# Two weeks: more is a slip of the keyboard. The database holds it to that too.
_LONGEST_APPROVAL_LEAD_MINUTES = 14 * 24 * 60
_TEXTS = (("name", 200), ("tagline", 300), ("sender_name", 200), ("postal_address", 500))


def create(
    db: Database, form: NewsletterForm, *, now: datetime, by: int | None = None, drafts_at_once: bool = True
) -> int:
    """Adds a newsletter and sets its first slot; returns its id. InvalidError names the field that is wrong.

    Without `drafts_at_once` a slot whose draft is due already is left out: while no feed has brought anything, it would
    become an empty issue.
    """
    form = checked(form, now=now)
    with db.write() as session:
        if store.slug_owner(session, form.slug) is not None:
            raise _slug_taken(form.slug)
        newsletter_id = store.add(session, form, now=now)
        store.restart(session, newsletter_id, now=_start(form, now, drafts_at_once=drafts_at_once))
        spec = store.newsletter(session, newsletter_id)
        activity.record(
            session,
            at=now,
            actor=by,
            verb="created",
            subject="newsletter",
            subject_id=newsletter_id,
            after=_facts(spec),
        )
    return newsletter_id


def change(
    db: Database,
    newsletter_id: int,
    form: NewsletterForm,
    *,
    now: datetime,
    by: int | None = None,
    drafts_at_once: bool = True,
) -> None:
    """Writes the form over the newsletter. A changed cadence or lead sets its next slot anew, as `create` does.

    Sections are matched by id: one without is added, one that is missing is removed unless picks stand in it.
    """
    form = checked(form, now=now)
    with db.write() as session:
        before = store.newsletter(session, newsletter_id)
        if store.slug_owner(session, form.slug) not in (None, newsletter_id):
            raise _slug_taken(form.slug)
        if form.accent != before.accent:
            # Its own grounds may be darker than those that every accent is held against.
            theme.checked(before.theme, accent=form.accent)
        store.replace(session, newsletter_id, form)
        after = store.newsletter(session, newsletter_id)
        if (before.cadence, before.draft_lead_hours) != (after.cadence, after.draft_lead_hours):
            store.restart(session, newsletter_id, now=_start(form, now, drafts_at_once=drafts_at_once))
        if before == after:
            return
        activity.record(
            session,
            at=now,
            actor=by,
            verb="changed",
            subject="newsletter",
            subject_id=newsletter_id,
            before={**_facts(before), "form": facts_of(form_of(before))},
            after={**_facts(after), "form": facts_of(form_of(after))},
        )


def pause(db: Database, newsletter_id: int, *, now: datetime, by: int | None = None) -> None:
    """Stops drafting on the cadence; a second call changes nothing. Issues that exist stay as they are."""
    with db.write() as session:
        if store.set_paused(session, newsletter_id, is_paused=True):
            _record_verb(session, newsletter_id, "paused", now=now, by=by)


def resume(db: Database, newsletter_id: int, *, now: datetime, by: int | None = None) -> None:
    """Goes on with the first slot after now; slots that went by meanwhile are not made up for."""
    with db.write() as session:
        if store.set_paused(session, newsletter_id, is_paused=False):
            store.restart(session, newsletter_id, now=now)
            _record_verb(session, newsletter_id, "resumed", now=now, by=by)


def go_live(db: Database, newsletter_id: int, *, now: datetime, by: int | None = None) -> None:
    """Ends a newsletter's test mode, so that all its readers get its mail from now on; a second call changes nothing.

    Letters that were held because of the test mode leave, unless they have waited for too long. Whoever calls has
    looked at the checklist, as `checklist.live` does. There is no way back: from the first mail on there are readers
    who count on the next one and on every letter that they ask for, and a switch that keeps those back without their
    knowing would be a trap. To stop for a while, pause the newsletter.
    """
    with db.write() as session:
        if store.set_live(session, newsletter_id, now=now):
            letters.release_held(session, newsletter_id, now=now)
            _record_verb(session, newsletter_id, "went live with", now=now, by=by)


def note_dns_seen(
    db: Database, newsletter_id: int, *, now: datetime, by: int | None = None, is_seen: bool = True
) -> None:
    """Writes down that somebody found the sender's DNS records in place, or takes that back; twice is once."""
    with db.write() as session:
        if store.set_dns_seen(session, newsletter_id, at=now if is_seen else None):
            verb = "found the DNS records of" if is_seen else "took back the DNS records of"
            _record_verb(session, newsletter_id, verb, now=now, by=by)


def _start(form: NewsletterForm, now: datetime, *, drafts_at_once: bool) -> datetime:
    return now if drafts_at_once else now + timedelta(hours=form.draft_lead_hours)


def checked(form: NewsletterForm, *, now: datetime) -> NewsletterForm:
    """Returns the form with tidy values, or raises InvalidError naming the first field that is wrong."""
    sections = tuple(replace(section, title=section.title.strip()) for section in form.sections)
    form = replace(form, sections=sections, **{name: getattr(form, name).strip() for name, _ in _TEXTS})
    for name, limit in _TEXTS:
        _check_text(name, getattr(form, name), limit, is_needed=name in ("name", "sender_name"))
    if not is_slug(form.slug):
        raise InvalidError("slug", "The short name takes up to 80 lower-case letters, digits and single hyphens.")
    if not _LANGUAGE.fullmatch(form.language) or len(form.language) > 20:
        raise InvalidError("language", f"{form.language!r} is not a language tag; use one like en or en-GB.")
    _check_number("draft_lead_hours", form.draft_lead_hours, high=_LONGEST_LEAD_HOURS)
    _check_number("minimum_picks", form.minimum_picks, high=100)
    _check_number("approval_lead_minutes", form.approval_lead_minutes, high=_LONGEST_APPROVAL_LEAD_MINUTES)
    if form.approval_lead_minutes and form.approval_lead_minutes >= form.draft_lead_hours * 60:
        raise InvalidError("approval_lead_minutes", "The issue would be drafted after its deadline; shorten this lead.")
    _check_sections(form)
    form = _with_checked_sending(form)
    at = form.cadence.at.replace(second=0, microsecond=0, tzinfo=None)
    weekdays = tuple(sorted(set(form.cadence.weekdays)))
    form = replace(
        form,
        cadence=replace(form.cadence, at=at, weekdays=weekdays),
        accent=look.checked_accent(form.accent),
        sender_address=_checked_address("sender_address", form.sender_address),
        reply_to=_checked_address("reply_to", form.reply_to) if form.reply_to else None,
    )
    next_slot(form.cadence, after=now)
    return form


def _check_text(name: str, text: str, limit: int, *, is_needed: bool) -> None:
    label = "A section's title" if name == "sections" else name.replace("_", " ").capitalize()
    if is_needed and not text:
        raise InvalidError(name, f"{label} is empty.")
    if len(text) > limit:
        raise InvalidError(name, f"{label} has {len(text)} characters; at most {limit} fit.")
    # Names stand in mail headers, where a line break would begin another header; only the postal address has lines.
    allowed = "\r\n" if name == "postal_address" else ""
    if any(category(character) in ("Cc", "Zl", "Zp") and character not in allowed for character in text):
        raise InvalidError(name, f"{label} has a line break or another control character.")


def _check_number(name: str, number: int, *, high: int) -> None:
    if not 0 <= number <= high:
        label = name.replace("_", " ").capitalize()
        raise InvalidError(name, f"{label} is {number}; it must be from 0 to {high}.")


def _with_checked_sending(form: NewsletterForm) -> NewsletterForm:
    """Returns the form with tidy hours. That a transport is in the settings is for whoever offers it to check."""
    _check_number("hold_minutes", form.hold_minutes, high=60)
    _check_number("wave_minutes", form.wave_minutes, high=24 * 60)
    for name in ("transport", "spare_transport"):
        _check_text(name, getattr(form, name), 40, is_needed=False)
    if form.spare_transport and form.spare_transport == (form.transport or USUAL_TRANSPORT):
        raise InvalidError("spare_transport", "The spare is the transport itself; choose another, or none.")
    opens, closes = _minute(form.send_from), _minute(form.send_until)
    if (opens is None) is not (closes is None):
        missing = "send_from" if opens is None else "send_until"
        raise InvalidError(missing, "Give both hours, or leave both empty: then mail leaves at any time.")
    if opens is not None and opens == closes:
        raise InvalidError("send_until", "These hours are the same; leave both empty to let mail leave at any time.")
    return replace(form, send_from=opens, send_until=closes)


def _minute(at: time | None) -> time | None:
    return None if at is None else at.replace(second=0, microsecond=0, tzinfo=None)


def _clock(at: time | None) -> str | None:
    return None if at is None else f"{at:%H:%M}"


def _check_sections(form: NewsletterForm) -> None:
    if not 1 <= len(form.sections) <= 20:
        raise InvalidError("sections", f"A newsletter has from 1 to 20 sections; this has {len(form.sections)}.")
    for section in form.sections:
        _check_text("sections", section.title, 120, is_needed=True)
        if not 1 <= section.budget <= 50:
            raise InvalidError("sections", f"{section.title!r} has room for {section.budget}; it must be from 1 to 50.")
    ids = [section.id for section in form.sections if section.id is not None]
    if len(ids) != len(set(ids)):
        raise InvalidError("sections", "The same section stands there twice.")


def _checked_address(field: str, text: str) -> str:
    try:
        return checked_address(text).address
    except InvalidError as error:
        raise InvalidError(field, f"This is not a mail address: {error.reason}") from error


def _slug_taken(slug: str) -> InvalidError:
    return InvalidError("slug", f"Another newsletter has the short name {slug!r}; choose another.")


def _record_verb(session: Session, newsletter_id: int, verb: str, *, now: datetime, by: int | None) -> None:
    activity.record(session, at=now, actor=by, verb=verb, subject="newsletter", subject_id=newsletter_id)


def _facts(spec: NewsletterSpec) -> dict[str, Any]:
    """Returns what the log keeps of a newsletter, fit for JSON."""
    return {
        "slug": spec.slug,
        "name": spec.name,
        "tagline": spec.tagline,
        "sender_name": spec.sender_name,
        "sender_address": spec.sender_address,
        "reply_to": spec.reply_to,
        "postal_address": spec.postal_address,
        "language": spec.language,
        "cadence": describe(spec.cadence),
        "anchor_on": spec.cadence.anchor_on.isoformat(),
        "draft_lead_hours": spec.draft_lead_hours,
        "minimum_picks": spec.minimum_picks,
        "when_short": spec.when_short.value,
        "clicks": spec.clicks.value,
        "opens": spec.opens.value,
        "transport": spec.transport,
        "spare_transport": spec.spare_transport,
        "hold_minutes": spec.hold_minutes,
        "wave_minutes": spec.wave_minutes,
        "send_from": _clock(spec.send_from),
        "send_until": _clock(spec.send_until),
        "approval_lead_minutes": spec.approval_lead_minutes,
        "when_unapproved": spec.when_unapproved.value,
        "needs_second_person": spec.needs_second_person,
        "accent": spec.accent,
        "shows_back_issues": spec.shows_back_issues,
        "sections": [
            {"id": section.id, "title": section.title, "takes": section.takes.value, "budget": section.budget}
            for section in spec.sections
        ],
    }
