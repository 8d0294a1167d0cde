"""Newsletters are set up, changed, paused: what is refused, what is kept, what is written down."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

import curator.accounts.tables  # noqa: F401 - picks name the user who picked
from curator.activity import store as activity
from curator.db import Database
from curator.errors import InvalidError, NotFoundError
from curator.feeds.tables import Item
from curator.letters import store as letters
from curator.letters.tables import Letter
from curator.letters.values import LetterKind, LetterState, NewLetter
from curator.newsletters import edit, restyle, store
from curator.newsletters.theme import Theme
from curator.newsletters.values import (
    Cadence,
    NewsletterForm,
    NewsletterSchedule,
    Rhythm,
    SectionForm,
    Takes,
    WhenShort,
)
from curator.picks.tables import Pick
from curator.queue import store as queue

CADENCE = Cadence(rhythm=Rhythm.WEEKLY, zone="Europe/London", at=time(7), anchor_on=date(2026, 1, 6), weekdays=(1,))
FORM = NewsletterForm(
    slug="week", name="The Week", sender_name="Ada", sender_address="ada@example.org", cadence=CADENCE
)


def _schedule(database: Database, newsletter_id: int) -> NewsletterSchedule:
    with database.read() as session:
        return store.schedule(session, newsletter_id)


def _form(database: Database, newsletter_id: int) -> NewsletterForm:
    with database.read() as session:
        sections = store.newsletter(session, newsletter_id).sections
    forms = tuple(SectionForm(section.title, section.takes, section.budget, section.id) for section in sections)
    return replace(FORM, sections=forms)


def _verbs(database: Database) -> list[str]:
    with database.read() as session:
        return [row.verb for row in activity.recent(session, subject="newsletter")]


def test_a_new_newsletter_has_three_sections_and_a_first_slot(database: Database, now: datetime) -> None:
    newsletter_id = edit.create(database, FORM, now=now)
    with database.read() as session:
        spec = store.newsletter(session, newsletter_id)
        assert store.newsletters(session) == [spec]
    assert [(s.title, s.takes, s.budget, s.position) for s in spec.sections] == [
        ("Highlights from recent episodes", Takes.EPISODES, 3, 1),
        ("Trends", Takes.TRENDS, 4, 2),
        ("Recommendations", Takes.ARTICLES, 8, 3),
    ]
    assert (spec.cadence, spec.when_short, spec.is_paused) == (CADENCE, WhenShort.HOLD, False)
    at = datetime(2026, 11, 17, 7, tzinfo=UTC)
    assert _schedule(database, newsletter_id) == NewsletterSchedule(
        "2026-11-17T07:00", at, at - timedelta(hours=72), ""
    )


def test_a_new_newsletter_stands_in_the_log_with_its_cadence(sqlite_database: Database, now: datetime) -> None:
    edit.create(sqlite_database, FORM, now=now, by=None)
    with sqlite_database.read() as session:
        (row,) = activity.recent(session)
    assert row.after is not None
    assert (row.verb, row.after["cadence"]) == ("created", "every Tuesday at 07:00 Europe/London")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "n" * 201),
        ("name", "The\nWeek"),
        ("sender_name", ""),
        ("sender_name", "Ada\r\nBcc: x@example.org"),
        ("tagline", "t" * 301),
        ("slug", "The Week"),
        ("slug", ""),
        ("slug", "a--b"),
        ("language", "english!"),
        ("sender_address", "ada"),
        ("sender_address", "ada@example.org\nBcc: x@example.org"),
        ("reply_to", "nobody@"),
        ("draft_lead_hours", -1),
        ("draft_lead_hours", 24 * 93),
        ("minimum_picks", -1),
        ("sections", ()),
        ("sections", (SectionForm("", Takes.TRENDS, 3),)),
        ("sections", (SectionForm("Trends", Takes.TRENDS, 0),)),
        ("sections", (SectionForm("A", Takes.TRENDS, 3, 7), SectionForm("B", Takes.TRENDS, 3, 7))),
        ("sections", (SectionForm("Of another", Takes.TRENDS, 3, 999),)),
    ],
)
def test_a_wrong_field_is_refused_by_name(sqlite_database: Database, now: datetime, field: str, value: Any) -> None:
    with pytest.raises(InvalidError) as caught:
        edit.create(sqlite_database, replace(FORM, **{field: value}), now=now)
    assert caught.value.field == field
    with sqlite_database.read() as session:
        assert store.newsletters(session) == []


def test_a_wrong_zone_is_refused_by_name(sqlite_database: Database, now: datetime) -> None:
    with pytest.raises(InvalidError, match="not a time zone") as caught:
        edit.create(sqlite_database, replace(FORM, cadence=replace(CADENCE, zone="Europe/Lunden")), now=now)
    assert caught.value.field == "zone"


def test_a_postal_address_has_lines_and_a_name_may_have_any_script(sqlite_database: Database, now: datetime) -> None:
    form = replace(FORM, name="Das Wöchentliche 週刊 👩‍💻", postal_address="1 High Street\r\nLondon")
    newsletter_id = edit.create(sqlite_database, form, now=now)
    with sqlite_database.read() as session:
        spec = store.newsletter(session, newsletter_id)
    assert (spec.name, spec.postal_address) == (form.name, form.postal_address)


def test_a_slug_belongs_to_one_newsletter(database: Database, now: datetime) -> None:
    edit.create(database, FORM, now=now)
    other = edit.create(database, replace(FORM, slug="month"), now=now)
    with pytest.raises(InvalidError) as caught:
        edit.create(database, FORM, now=now)
    assert caught.value.field == "slug"
    with pytest.raises(InvalidError):
        edit.change(database, other, FORM, now=now)


def test_an_edit_of_words_leaves_the_slot_as_it_is(sqlite_database: Database, now: datetime) -> None:
    newsletter_id = edit.create(sqlite_database, FORM, now=now)
    before = _schedule(sqlite_database, newsletter_id)
    form = replace(_form(sqlite_database, newsletter_id), tagline="What mattered")
    edit.change(sqlite_database, newsletter_id, form, now=now + timedelta(days=30))
    assert _schedule(sqlite_database, newsletter_id) == before
    assert _verbs(sqlite_database) == ["changed", "created"]


def test_an_accent_is_held_against_the_grounds_that_the_newsletter_has(
    sqlite_database: Database, now: datetime
) -> None:
    newsletter_id = edit.create(sqlite_database, FORM, now=now)
    grey = Theme(page="#c9c9c9")
    restyle.restyle(sqlite_database, newsletter_id, accent="", theme=grey, by=None, now=now)
    with pytest.raises(InvalidError) as refused:
        edit.change(sqlite_database, newsletter_id, replace(FORM, accent="#7a5a1f"), now=now)
    assert refused.value.field == "accent"


def test_the_same_form_again_writes_nothing_down(sqlite_database: Database, now: datetime) -> None:
    newsletter_id = edit.create(sqlite_database, FORM, now=now)
    edit.change(sqlite_database, newsletter_id, _form(sqlite_database, newsletter_id), now=now)
    assert _verbs(sqlite_database) == ["created"]


def test_a_changed_hour_skips_the_date_that_has_its_issue(database: Database, now: datetime) -> None:
    newsletter_id = edit.create(database, FORM, now=now)
    with database.write() as session:
        queue.claim_slot(session, store.schedule_id(newsletter_id), "2026-11-17T07:00", now=now)
        store.advance(session, newsletter_id, now=now)
    form = replace(_form(database, newsletter_id), cadence=replace(CADENCE, at=time(8)))
    edit.change(database, newsletter_id, form, now=now)
    assert _schedule(database, newsletter_id).next_slot == "2026-11-24T08:00"


def test_a_changed_lead_moves_the_draft(sqlite_database: Database, now: datetime) -> None:
    newsletter_id = edit.create(sqlite_database, FORM, now=now)
    edit.change(
        sqlite_database, newsletter_id, replace(_form(sqlite_database, newsletter_id), draft_lead_hours=1), now=now
    )
    schedule = _schedule(sqlite_database, newsletter_id)
    assert schedule.next_draft_at == datetime(2026, 11, 17, 6, tzinfo=UTC)


def test_sections_are_renamed_moved_added_and_removed(database: Database, now: datetime) -> None:
    newsletter_id = edit.create(database, FORM, now=now)
    first, _, third = _form(database, newsletter_id).sections
    wanted = (replace(third, title="Worth your time"), SectionForm("Tools", Takes.ARTICLES, 2), first)
    edit.change(database, newsletter_id, replace(FORM, sections=wanted), now=now)
    with database.read() as session:
        sections = store.newsletter(session, newsletter_id).sections
    assert [section.title for section in sections] == ["Worth your time", "Tools", "Highlights from recent episodes"]
    assert [section.id for section in sections][::2] == [third.id, first.id]


def test_a_section_with_picks_is_not_removed_and_nothing_else_changes(database: Database, now: datetime) -> None:
    newsletter_id = edit.create(database, FORM, now=now)
    form = _form(database, newsletter_id)
    with database.write() as session:
        item = Item(
            identity="i", kind="article", title="A", content_hash="h", at=now, first_seen_at=now, updated_at=now
        )
        session.add(item)
        session.flush()
        session.add(Pick(newsletter_id=newsletter_id, item_id=item.id, section_id=form.sections[1].id, picked_at=now))
    with pytest.raises(InvalidError, match="'Trends' has picks") as caught:
        edit.change(database, newsletter_id, replace(form, name="New", sections=form.sections[::2]), now=now)
    assert caught.value.field == "sections"
    with database.read() as session:
        spec = store.newsletter(session, newsletter_id)
    assert (spec.name, len(spec.sections)) == ("The Week", 3)


def test_a_section_of_another_newsletter_cannot_be_taken(sqlite_database: Database, now: datetime) -> None:
    one = edit.create(sqlite_database, FORM, now=now)
    two = edit.create(sqlite_database, replace(FORM, slug="two"), now=now)
    with pytest.raises(InvalidError, match="not one of this newsletter"):
        edit.change(sqlite_database, two, replace(_form(sqlite_database, one), slug="two"), now=now)


def test_a_paused_newsletter_goes_on_with_the_first_slot_after_its_resumption(
    database: Database, now: datetime
) -> None:
    newsletter_id = edit.create(database, FORM, now=now)
    edit.pause(database, newsletter_id, now=now)
    edit.pause(database, newsletter_id, now=now)
    with database.write() as session:
        assert store.due(session, now=now) == []
    edit.resume(database, newsletter_id, now=now + timedelta(days=21))
    edit.resume(database, newsletter_id, now=now + timedelta(days=28))
    assert _schedule(database, newsletter_id).next_slot == "2026-12-08T07:00"
    assert _verbs(database) == ["resumed", "paused", "created"]


def test_a_new_newsletter_is_in_test_mode_until_it_goes_live_once(database: Database, now: datetime) -> None:
    newsletter_id = edit.create(database, FORM, now=now)
    with database.read() as session:
        assert store.newsletter(session, newsletter_id).is_test_mode
    for days in (1, 2):
        edit.go_live(database, newsletter_id, now=now + timedelta(days=days))
    with database.read() as session:
        spec = store.newsletter(session, newsletter_id)
    assert (spec.is_test_mode, spec.live_at) == (False, now + timedelta(days=1))
    assert _verbs(database) == ["went live with", "created"]


def test_a_newsletter_that_goes_live_lets_its_held_letters_leave_but_no_old_ones(
    database: Database, now: datetime
) -> None:
    newsletter_id = edit.create(database, FORM, now=now)
    other_id = edit.create(database, replace(FORM, slug="other"), now=now)
    with database.write() as session:
        for name, number, age in (("fresh", newsletter_id, 2), ("old", newsletter_id, 4), ("other", other_id, 1)):
            at = now - timedelta(days=age)
            address = f"{name}@example.org"
            letter = NewLetter(LetterKind.WELCOME, address, address, newsletter_id=number)
            letters.write(session, letter, now=at)
        session.execute(update(Letter).values(state=LetterState.HELD))
    edit.go_live(database, newsletter_id, now=now)
    with database.read() as session:
        found = {row.address.split("@")[0]: row for row in session.scalars(select(Letter))}
    assert {name: row.state for name, row in found.items()} == {
        "fresh": LetterState.QUEUED,
        "old": LetterState.DROPPED,
        "other": LetterState.HELD,
    }
    assert (found["fresh"].due_at, found["old"].finished_at) == (now, now)
    assert found["old"].reason == "It was held for more than 3 days."


def test_records_that_were_seen_count_until_they_are_taken_back_or_the_domain_changes(
    database: Database, now: datetime
) -> None:
    newsletter_id = edit.create(database, FORM, now=now)

    def seen_at() -> datetime | None:
        with database.read() as session:
            return store.newsletter(session, newsletter_id).dns_seen_at

    for days in (0, 1):
        edit.note_dns_seen(database, newsletter_id, now=now + timedelta(days=days))
    assert seen_at() == now
    edit.note_dns_seen(database, newsletter_id, now=now, is_seen=False)
    assert seen_at() is None
    edit.note_dns_seen(database, newsletter_id, now=now)
    form = _form(database, newsletter_id)
    edit.change(database, newsletter_id, replace(form, sender_address="news@Example.org"), now=now)
    assert seen_at() == now
    edit.change(database, newsletter_id, replace(form, sender_address="ada@example.com"), now=now)
    assert seen_at() is None


def test_a_newsletter_that_is_not_there_is_named(sqlite_database: Database, now: datetime) -> None:
    for act in (edit.pause, edit.resume, edit.go_live, edit.note_dns_seen):
        with pytest.raises(NotFoundError, match="no newsletter 7"):
            act(sqlite_database, 7, now=now)
    with pytest.raises(NotFoundError):
        edit.change(sqlite_database, 7, FORM, now=now)
    with sqlite_database.read() as session, pytest.raises(NotFoundError):
        store.schedule(session, 7)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"hold_minutes": 61}, "hold_minutes"),
        ({"wave_minutes": -1}, "wave_minutes"),
        ({"send_from": time(8)}, "send_until"),
        ({"send_from": time(8), "send_until": time(8)}, "send_until"),
        ({"transport": "bulk", "spare_transport": "bulk"}, "spare_transport"),
        ({"spare_transport": "usual"}, "spare_transport"),
        ({"transport": "x" * 41}, "transport"),
    ],
)
def test_how_it_is_sent_is_checked(sqlite_database: Database, now: datetime, fields: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidError) as caught:
        edit.create(sqlite_database, replace(FORM, **fields), now=now)
    assert caught.value.field == name


def test_how_it_is_sent_is_kept(database: Database, now: datetime) -> None:
    given: dict[str, Any] = {
        "transport": "bulk",
        "spare_transport": "usual",
        "hold_minutes": 0,
        "wave_minutes": 1440,
        "send_from": time(22),
        "send_until": time(6),
    }
    newsletter_id = edit.create(database, replace(FORM, **given), now=now)
    with database.read() as session:
        spec = store.newsletter(session, newsletter_id)
        entry = activity.recent(session, subject="newsletter")[0]
    assert {name: getattr(spec, name) for name in given} == given
    assert entry.after is not None
    assert (entry.after["transport"], entry.after["send_from"]) == ("bulk", "22:00")
