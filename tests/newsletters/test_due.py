"""The due columns: what is due, and how a newsletter goes on from slot to slot."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from curator.db import Database
from curator.newsletters import edit, store
from curator.newsletters.values import DueSlot
from tests.newsletters.test_edit import CADENCE, FORM

_TUESDAY = datetime(2026, 11, 17, 7, tzinfo=UTC)


def test_a_newsletter_is_due_its_lead_before_the_slot(database: Database, now: datetime) -> None:
    newsletter_id = edit.create(database, replace(FORM, draft_lead_hours=2), now=now)
    with database.write() as session:
        assert store.due(session, now=_TUESDAY - timedelta(hours=2, seconds=1)) == []
        assert not store.has_due(session, now=_TUESDAY - timedelta(hours=2, seconds=1))
        assert store.due(session, now=_TUESDAY - timedelta(hours=2)) == [
            DueSlot(newsletter_id, "2026-11-17T07:00", _TUESDAY)
        ]
        assert store.has_due(session, now=_TUESDAY - timedelta(hours=2))


def test_a_first_slot_whose_draft_is_due_already_may_be_left_out(database: Database, now: datetime) -> None:
    form = replace(FORM, draft_lead_hours=72)
    newsletter_id = edit.create(database, form, now=now, drafts_at_once=False)
    with database.read() as session:
        assert store.schedule(session, newsletter_id).next_slot == "2026-11-24T07:00"
    edit.change(database, newsletter_id, replace(form, draft_lead_hours=70), now=now, drafts_at_once=False)
    with database.read() as session:
        assert not store.has_due(session, now=now)
    edit.change(database, newsletter_id, form, now=now)
    with database.read() as session:
        assert store.has_due(session, now=now)


def test_what_is_due_longest_comes_first(database: Database, now: datetime) -> None:
    late = edit.create(database, FORM, now=now)
    early = edit.create(database, replace(FORM, slug="two", draft_lead_hours=200), now=now)
    with database.write() as session:
        assert [slot.newsletter_id for slot in store.due(session, now=now)] == [early, late]


def test_a_lead_longer_than_the_cadence_drafts_one_after_another(database: Database, now: datetime) -> None:
    daily = replace(CADENCE, weekdays=tuple(range(7)))
    newsletter_id = edit.create(database, replace(FORM, cadence=daily, draft_lead_hours=72), now=now)
    drafted = []
    with database.write() as session:
        while due := store.due(session, now=now):
            drafted += [slot.slot for slot in due]
            store.advance(session, newsletter_id, now=now)
    assert drafted == ["2026-11-17T07:00", "2026-11-18T07:00", "2026-11-19T07:00"]


def test_a_missed_slot_is_passed_over_and_noted_and_the_next_draft_takes_the_note_away(
    database: Database, now: datetime
) -> None:
    newsletter_id = edit.create(database, FORM, now=now)
    with database.write() as session:
        store.advance(session, newsletter_id, now=_TUESDAY + timedelta(days=3))
        passed = store.schedule(session, newsletter_id)
        store.advance(session, newsletter_id, now=_TUESDAY + timedelta(days=4))
        drafted = store.schedule(session, newsletter_id)
    assert passed.next_slot == "2026-11-24T07:00"
    assert passed.note.startswith("The slot of Tue 17 Nov 07:00 was missed by 3 days")
    assert (drafted.next_slot, drafted.note) == ("2026-12-01T07:00", "")


def test_a_note_is_set_and_cut_to_its_room(sqlite_database: Database, now: datetime) -> None:
    newsletter_id = edit.create(sqlite_database, FORM, now=now)
    with sqlite_database.write() as session:
        store.set_note(session, newsletter_id, "n" * 600)
        assert store.schedule(session, newsletter_id).note == "n" * 500
