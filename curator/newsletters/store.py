"""Queries on newsletters, their sections and their due columns."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from curator.db import changed, upsert
from curator.errors import InvalidError, NotFoundError
from curator.newsletters import slots, theme
from curator.newsletters.cadence import Slot
from curator.newsletters.tables import Newsletter, Section, SkippedSlot
from curator.newsletters.theme import Theme
from curator.newsletters.values import (
    Cadence,
    DueSlot,
    NewsletterForm,
    NewsletterSchedule,
    NewsletterSpec,
    Rhythm,
    SectionForm,
    SectionSpec,
    Takes,
    Tracking,
    WhenShort,
    WhenUnapproved,
    domain_of,
)
from curator.queue import store as queue


def schedule_id(newsletter_id: int) -> str:
    """Returns the name under which a newsletter's slots are claimed in the queue's slot table."""
    return f"newsletter:{newsletter_id}"


def newsletter(session: Session, newsletter_id: int) -> NewsletterSpec:
    """Returns one newsletter with its sections in order; raises NotFoundError."""
    row = session.get(Newsletter, newsletter_id)
    if row is None:
        raise NotFoundError("newsletter", newsletter_id)
    return _spec(row, _sections(session, [newsletter_id]))


def newsletters(session: Session) -> list[NewsletterSpec]:
    """Returns every newsletter with its sections, by name; two queries."""
    rows = session.scalars(select(Newsletter).order_by(Newsletter.name, Newsletter.id)).all()
    sections = _sections(session, [row.id for row in rows])
    return [_spec(row, sections) for row in rows]


def by_transport(session: Session) -> dict[str, frozenset[int]]:
    """Returns which newsletters send over each transport that one of them names; "" is the usual one."""
    found: dict[str, set[int]] = {}
    for newsletter_id, name in session.execute(select(Newsletter.id, Newsletter.transport)):
        found.setdefault(name, set()).add(newsletter_id)
    return {name: frozenset(ids) for name, ids in found.items()}


def slug_owner(session: Session, slug: str) -> int | None:
    """Returns the id of the newsletter with that slug, None when it is free."""
    return session.scalar(select(Newsletter.id).where(Newsletter.slug == slug))


def schedule(session: Session, newsletter_id: int) -> NewsletterSchedule:
    """Returns when the newsletter is due next; raises NotFoundError."""
    columns = (Newsletter.next_slot, Newsletter.next_issue_at, Newsletter.next_draft_at, Newsletter.note)
    row = session.execute(select(*columns).where(Newsletter.id == newsletter_id)).one_or_none()
    if row is None:
        raise NotFoundError("newsletter", newsletter_id)
    return NewsletterSchedule(*row)


def due(session: Session, *, now: datetime) -> list[DueSlot]:
    """Returns the slots to draft, longest due first, and holds their newsletters until the transaction ends.

    Needs a write session: on PostgreSQL newsletters that another clock holds are left out; SQLite has one writer.
    """
    query = (
        select(Newsletter.id, Newsletter.next_slot, Newsletter.next_issue_at)
        .where(Newsletter.is_paused.is_(False), Newsletter.next_draft_at <= now)
        .order_by(Newsletter.next_draft_at, Newsletter.id)
        .with_for_update(skip_locked=True)
    )
    rows = session.execute(query)
    return [DueSlot(row_id, slot, at) for row_id, slot, at in rows if slot is not None and at is not None]


def has_due(session: Session, *, now: datetime) -> bool:
    """Tells whether `due` would find something; fit for a read session."""
    query = select(Newsletter.id).where(Newsletter.is_paused.is_(False), Newsletter.next_draft_at <= now).limit(1)
    return session.scalar(query) is not None


def oldest_due_at(session: Session, *, now: datetime) -> datetime | None:
    """Returns the moment of the draft that is due longest; None when none is due."""
    due_ones = Newsletter.is_paused.is_(False), Newsletter.next_draft_at <= now
    return session.scalar(select(func.min(Newsletter.next_draft_at)).where(*due_ones))


def advance(
    session: Session, newsletter_id: int, *, now: datetime, missed_limit: timedelta = timedelta(hours=24)
) -> None:
    """Moves the due columns to the first slot after the present one that is not missed by more than `missed_limit`.

    What was missed, the present slot included, is said in the newsletter's note; without any the note is emptied.
    """
    row = _held(session, newsletter_id)
    if row.next_slot is None or row.next_issue_at is None:
        return
    present, skipped = Slot(row.next_slot, row.next_issue_at), skipped_dates(session, newsletter_id)
    taken = slots.step(_cadence(row), present, now=now, limit=missed_limit, skipped=skipped)
    _set_slot(row, taken.to)
    row.note = slots.missed_note(taken.missed, now=now) if taken.missed else ""
    session.flush()


def restart(session: Session, newsletter_id: int, *, now: datetime) -> None:
    """Sets the due columns anew from the cadence: the first slot after now whose local date has no issue yet."""
    row = _held(session, newsletter_id)
    drafted = queue.newest_slot(session, schedule_id(newsletter_id))
    skipped = skipped_dates(session, newsletter_id)
    _set_slot(row, slots.first_slot(_cadence(row), now=now, drafted=drafted, skipped=skipped))
    row.note = ""
    session.flush()


def skipped_dates(session: Session, newsletter_id: int) -> frozenset[str]:
    """Returns the local dates whose slots are let go."""
    keys = session.scalars(select(SkippedSlot.slot).where(SkippedSlot.newsletter_id == newsletter_id))
    return frozenset(slots.on_date(key) for key in keys)


def skip(session: Session, newsletter_id: int, slot: Slot) -> bool:
    """Lets a slot go, and moves the due columns past it; False when it was let go before. Raises NotFoundError."""
    row = _held(session, newsletter_id)
    gone = {"newsletter_id": newsletter_id, "slot": slot.key, "at": slot.at}
    if not upsert(session, SkippedSlot, [gone], keys=["newsletter_id", "slot"]):
        return False
    if row.next_slot is not None and slots.on_date(row.next_slot) == slots.on_date(slot.key):
        dates = skipped_dates(session, newsletter_id)
        _set_slot(row, slots.following(_cadence(row), after=slot.at, skipped=dates))
        session.flush()
    return True


def unskip(session: Session, newsletter_id: int, slot: Slot, *, now: datetime) -> bool:
    """Takes a slot back that was let go; False when it was not. Raises NotFoundError.

    One that is still to come before the next one becomes the next one, unless its date has its issue.
    """
    row = _held(session, newsletter_id)
    of_date = SkippedSlot.newsletter_id == newsletter_id, SkippedSlot.slot.startswith(slots.on_date(slot.key))
    if not changed(session, delete(SkippedSlot).where(*of_date)):
        return False
    drafted = queue.newest_slot(session, schedule_id(newsletter_id))
    is_free = drafted is None or slots.on_date(drafted) < slots.on_date(slot.key)
    if is_free and slot.at > now and row.next_issue_at is not None and slot.at < row.next_issue_at:
        _set_slot(row, slot)
        session.flush()
    return True


def set_note(session: Session, newsletter_id: int, note: str) -> None:
    """Replaces what the desk says about the newsletter's last slot; raises NotFoundError."""
    _held(session, newsletter_id).note = note[:500]
    session.flush()


def add(session: Session, form: NewsletterForm, *, now: datetime) -> int:
    """Adds a newsletter with its sections and returns its id; `restart` gives it its first slot."""
    row = Newsletter(**_columns(form), is_paused=False, created_at=now)
    session.add(row)
    session.flush()
    put_sections(session, row.id, form.sections)
    return row.id


def replace(session: Session, newsletter_id: int, form: NewsletterForm) -> None:
    """Writes the form over the newsletter and its sections; raises NotFoundError, InvalidError("sections")."""
    row = _held(session, newsletter_id)
    if domain_of(row.sender_address) != domain_of(form.sender_address):
        # What somebody saw in place were the records of another domain.
        row.dns_seen_at = None
    for name, value in _columns(form).items():
        setattr(row, name, value)
    put_sections(session, newsletter_id, form.sections)


def set_paused(session: Session, newsletter_id: int, *, is_paused: bool) -> bool:
    """Pauses or resumes; False when it was so already. Raises NotFoundError."""
    row = _held(session, newsletter_id)
    was_paused, row.is_paused = row.is_paused, is_paused
    session.flush()
    return was_paused != is_paused


def set_live(session: Session, newsletter_id: int, *, now: datetime) -> bool:
    """Ends test mode; False when it was over already. Raises NotFoundError."""
    row = _held(session, newsletter_id)
    if row.live_at is not None:
        return False
    row.live_at = now
    session.flush()
    return True


def is_live(session: Session, newsletter_id: int, *, lock: bool = False) -> bool:
    """Tells whether a newsletter is there and live; `lock` keeps it so, or not so, until the transaction ends."""
    query = select(Newsletter.live_at).where(Newsletter.id == newsletter_id)
    return session.scalar(query.with_for_update(read=True) if lock else query) is not None


def set_dns_seen(session: Session, newsletter_id: int, *, at: datetime | None) -> bool:
    """Notes since when the sender's DNS records are said to be in place, None that they are not (any more).

    False when the same was said already. Raises NotFoundError.
    """
    row = _held(session, newsletter_id)
    if (row.dns_seen_at is None) is (at is None):
        return False
    row.dns_seen_at = at
    session.flush()
    return True


def set_look(session: Session, newsletter_id: int, accent: str, wanted: Theme) -> None:
    """Writes accent and theme over a newsletter's; raises NotFoundError."""
    row = _held(session, newsletter_id)
    row.accent, row.theme = accent, theme.facts_of(wanted) or None
    session.flush()


def put_sections(session: Session, newsletter_id: int, forms: Sequence[SectionForm]) -> None:
    """Makes the sections what the forms say, in their order; one that picks stand in cannot be taken away."""
    known = {row.id: row for row in session.scalars(select(Section).where(Section.newsletter_id == newsletter_id))}
    for row in known.values():
        if row.id not in {form.id for form in forms}:
            _remove_section(session, row)
    for position, form in enumerate(forms, start=1):
        if form.id is None:
            section = Section(newsletter_id=newsletter_id)
            session.add(section)
        elif form.id in known:
            section = known[form.id]
        else:
            raise InvalidError("sections", f"The section {form.title!r} is not one of this newsletter.")
        section.title, section.takes, section.budget = form.title, form.takes, form.budget
        section.position = position
    session.flush()


def _remove_section(session: Session, row: Section) -> None:
    """Deletes a section in a savepoint: later stages hold theirs by foreign keys that this room cannot ask."""
    title = row.title
    try:
        with session.begin_nested():
            session.execute(delete(Section).where(Section.id == row.id))
    except IntegrityError as error:
        raise InvalidError("sections", f"The section {title!r} has picks, so it cannot be taken away.") from error
    session.expunge(row)


def _held(session: Session, newsletter_id: int) -> Newsletter:
    """Returns the row as it stands now, locked until the transaction ends."""
    query = select(Newsletter).where(Newsletter.id == newsletter_id).with_for_update()
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFoundError("newsletter", newsletter_id)
    return row


def _set_slot(row: Newsletter, slot: Slot) -> None:
    row.next_slot = slot.key
    row.next_issue_at = slot.at
    row.next_draft_at = slot.at - timedelta(hours=row.draft_lead_hours)


def _columns(form: NewsletterForm) -> dict[str, Any]:
    cadence = form.cadence
    return {
        "slug": form.slug,
        "name": form.name,
        "tagline": form.tagline,
        "sender_name": form.sender_name,
        "sender_address": form.sender_address,
        "reply_to": form.reply_to,
        "postal_address": form.postal_address,
        "language": form.language,
        "rhythm": cadence.rhythm,
        "zone": cadence.zone,
        "at": cadence.at,
        "anchor_on": cadence.anchor_on,
        "weekdays": list(cadence.weekdays),
        "every_n_weeks": cadence.every_n_weeks,
        "month_day": cadence.month_day,
        "draft_lead_hours": form.draft_lead_hours,
        "minimum_picks": form.minimum_picks,
        "when_short": form.when_short,
        "clicks": form.clicks,
        "opens": form.opens,
        "transport": form.transport,
        "spare_transport": form.spare_transport,
        "hold_minutes": form.hold_minutes,
        "wave_minutes": form.wave_minutes,
        "send_from": form.send_from,
        "send_until": form.send_until,
        "approval_lead_minutes": form.approval_lead_minutes,
        "when_unapproved": form.when_unapproved,
        "needs_second_person": form.needs_second_person,
        "accent": form.accent,
        "shows_back_issues": form.shows_back_issues,
    }


def _cadence(row: Newsletter) -> Cadence:
    return Cadence(
        rhythm=Rhythm(row.rhythm),
        zone=row.zone,
        at=row.at,
        anchor_on=row.anchor_on,
        weekdays=tuple(row.weekdays),
        every_n_weeks=row.every_n_weeks,
        month_day=row.month_day,
    )


def _sections(session: Session, newsletter_ids: Sequence[int]) -> dict[int, list[SectionSpec]]:
    query = select(Section).where(Section.newsletter_id.in_(newsletter_ids)).order_by(Section.position, Section.id)
    found: dict[int, list[SectionSpec]] = {}
    for row in session.scalars(query):
        spec = SectionSpec(id=row.id, title=row.title, takes=Takes(row.takes), budget=row.budget, position=row.position)
        found.setdefault(row.newsletter_id, []).append(spec)
    return found


def _spec(row: Newsletter, sections: dict[int, list[SectionSpec]]) -> NewsletterSpec:
    return NewsletterSpec(
        id=row.id,
        slug=row.slug,
        name=row.name,
        tagline=row.tagline,
        sender_name=row.sender_name,
        sender_address=row.sender_address,
        reply_to=row.reply_to,
        postal_address=row.postal_address,
        language=row.language,
        cadence=_cadence(row),
        draft_lead_hours=row.draft_lead_hours,
        minimum_picks=row.minimum_picks,
        when_short=WhenShort(row.when_short),
        is_paused=row.is_paused,
        sections=tuple(sections.get(row.id, [])),
        live_at=row.live_at,
        dns_seen_at=row.dns_seen_at,
        clicks=Tracking(row.clicks),
        opens=Tracking(row.opens),
        transport=row.transport,
        spare_transport=row.spare_transport,
        hold_minutes=row.hold_minutes,
        wave_minutes=row.wave_minutes,
        send_from=row.send_from,
        send_until=row.send_until,
        approval_lead_minutes=row.approval_lead_minutes,
        when_unapproved=WhenUnapproved(row.when_unapproved),
        needs_second_person=row.needs_second_person,
        accent=row.accent,
        theme=theme.theme_from(row.theme),
        shows_back_issues=row.shows_back_issues,
    )
