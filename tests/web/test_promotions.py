"""The desk's pages about promotions, and the page on which a sponsor writes without an account."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask

from curator.app import App
from curator.audience import subscribe
from curator.audience.values import SuppressionReason
from curator.issues import publish
from curator.issues import store as issues
from curator.issues.blocks import store as block_store
from curator.issues.values import BlockKind, DocumentSection, IssueState
from curator.mailings import begin
from curator.promotions import book, edit, links, store
from curator.promotions.values import Booking, BookingState, SlotForm, SlotPlace, Words
from tests.audience.counting import statements
from tests.builders import change_newsletters, subscriber_rows
from tests.issues.documents import document, entry
from tests.promotions.scene import GOOD, ISSUE_AT, ISSUE_ON, NOW, Scene, form, past_deadline, set_scene
from tests.published import sent_issue_row
from tests.web.conftest import Browser, FakeClock, Newsroom

FIELDS = {"title": GOOD.title, "text": GOOD.text, "link": GOOD.link, "image_url": "", "image_alt": "", "do": "save"}


@pytest.fixture
def scene(newsroom: Newsroom) -> Scene:
    return set_scene(newsroom.app.db, newsroom.newsletter, list(newsroom.sections))


@pytest.fixture
def sponsor(flask: Flask) -> Browser:
    """Somebody without an account."""
    return Browser(flask.test_client())


def link_of(app: App, booking: Booking) -> str:
    return f"/s/{links.sponsor_token(app.keys, booking.id)}"


def send(sponsor: Browser, url: str, **fields: str) -> str:
    """Sends the sponsor's form as their browser does, without a token, and returns the page that comes of it."""
    answer = sponsor.client.post(url, data=FIELDS | fields, follow_redirects=True)
    assert answer.status_code in (200, 422), answer.status_code
    return answer.text


# -- the desk


def test_a_desk_without_slots_is_told_what_a_slot_is(mina: Browser, newsroom: Newsroom) -> None:
    assert "Make the first slot" in mina.see("/desk/promotions")
    assert "No promotion yet" in mina.see("/desk/promotions/list")
    assert "No slot yet" in mina.see("/desk/promotions/slots")


def test_a_slot_a_promotion_and_a_booking_are_made_by_forms(mina: Browser, newsroom: Newsroom) -> None:
    slot = {"name": "Main sponsor", "place": "end", "position": "1", "max_title": "60", "max_text": "200"}
    calendar = mina.follow(mina.post("/desk/promotions/slots", slot | {"label": "Sponsored", "lead_hours": "48"}))
    assert "Main sponsor" in calendar
    fields = {"kind": "sponsor", "sponsor": "Boats", "ends_at": "2026-12-24T18:00"} | FIELDS
    chosen = mina.follow(mina.post("/desk/promotions/new", fields))
    assert "Press <b>Book</b> wherever “Boats that listen” is to stand" in chosen
    booked = mina.follow(mina.post("/desk/promotions/slots/1/book", {"on": "2026-11-24", "promotion": "1"}))
    assert "“Boats that listen” is booked for the issue of 24 November 2026." in booked
    assert '<span class="state approved">approved</span>' in booked


def test_the_first_promotion_leads_to_a_calendar_that_makes_the_slot_and_keeps_the_choice(
    mina: Browser, newsroom: Newsroom
) -> None:
    fields = {"kind": "sponsor", "sponsor": "Boats", "ends_at": "2026-12-24T18:00"} | FIELDS
    page = mina.follow(mina.post("/desk/promotions/new", fields))
    assert "Make the first one, then book “Boats that listen” into it." in page
    assert '<input type="hidden" name="promotion" value="1">' in page
    slot = {"name": "Main sponsor", "place": "end", "position": "1", "max_title": "60", "max_text": "200"}
    slot |= {"label": "Sponsored", "lead_hours": "48", "promotion": "1"}
    calendar = mina.follow(mina.post("/desk/promotions/slots", slot))
    assert "Press <b>Book</b> wherever “Boats that listen” is to stand" in calendar


def test_the_link_is_sent_to_the_sponsor_from_the_booking(mina: Browser, scene: Scene, sqlite_app: App) -> None:
    url = f"/desk/promotions/bookings/{scene.book().id}"
    assert "Send the link" in mina.see(url)
    refused = mina.post(f"{url}/ask", {"address": "bo at boats"})
    assert refused.status_code == 422
    assert 'value="bo at boats"' in refused.text
    page = mina.follow(mina.post(f"{url}/ask", {"address": "bo@boats.example"}))
    assert "A letter with the link is on its way to bo@boats.example." in page
    assert "Send it again" in page
    fields = {"on": (ISSUE_ON + timedelta(days=3)).isoformat(), "promotion": str(scene.sponsor)}
    again = mina.follow(mina.post(f"/desk/promotions/slots/{scene.slot}/book", fields))
    assert "a letter with the link is on its way to bo@boats.example" in again
    for _ in range(18):
        mina.post(f"{url}/ask", {"address": "bo@boats.example"})
    assert "Too many tries" in mina.post(f"{url}/ask", {"address": "bo@boats.example"}).text


def test_a_sponsor_who_is_never_mailed_is_said_so(mina: Browser, scene: Scene, sqlite_app: App) -> None:
    subscribe.suppress(sqlite_app.db, "bo@boats.example", SuppressionReason.COMPLAINED, now=NOW)
    url = f"/desk/promotions/bookings/{scene.book().id}"
    page = mina.follow(mina.post(f"{url}/ask", {"address": "bo@boats.example"}))
    assert "No mail goes to bo@boats.example: the address is suppressed (complained)." in page
    assert "on its way to bo@boats.example" not in page


def test_who_books_and_frees_over_and_over_floods_nobody(mina: Browser, scene: Scene, sqlite_app: App) -> None:
    booking = scene.book()
    mina.post(f"/desk/promotions/bookings/{booking.id}/ask", {"address": "bo@boats.example"})
    fields = {"on": (ISSUE_ON + timedelta(days=3)).isoformat(), "promotion": str(scene.sponsor)}
    for _ in range(20):
        answer = mina.post(f"/desk/promotions/slots/{scene.slot}/book", fields)
        with sqlite_app.db.read() as session:
            made = store.booking_in(session, scene.slot, ISSUE_ON + timedelta(days=3))
        if made is not None:
            mina.post(f"/desk/promotions/bookings/{made.id}/free", {})
    assert "Too many tries" in answer.text


def test_what_nobody_sees_is_taken_out_of_a_line(mina: Browser, scene: Scene, newsroom: Newsroom) -> None:
    fields = {"kind": "sponsor", "sponsor": "\u202eShi\x07ps \u2066", "ends_at": "2026-12-24T18:00", "version": "1"}
    mina.post(f"/desk/promotions/{scene.sponsor}", fields)
    assert 'value="Ships"' in mina.see(f"/desk/promotions/{scene.sponsor}")


def test_what_is_wrong_in_a_form_stands_beside_it_and_nothing_typed_is_lost(mina: Browser, newsroom: Newsroom) -> None:
    answer = mina.post(
        "/desk/promotions/new", {"kind": "event", "sponsor": "Harbour", "link": "boats"} | {"title": "A"}
    )
    assert answer.status_code == 422
    assert 'value="Harbour"' in answer.text
    assert "must begin with https://" in answer.text
    answer = mina.post("/desk/promotions/slots", {"name": "", "place": "moon", "position": "0", "max_title": "5"})
    assert answer.status_code == 422
    assert "Choose one of the list." in answer.text


def test_two_who_save_one_promotion_see_both_texts(mina: Browser, scene: Scene) -> None:
    fields = {"kind": "sponsor", "sponsor": "Ships", "ends_at": "2026-12-24T18:00", "version": "1"}
    assert mina.post(f"/desk/promotions/{scene.sponsor}", fields).status_code == 303
    answer = mina.post(f"/desk/promotions/{scene.sponsor}", fields | {"sponsor": "Rafts"})
    assert answer.status_code == 409
    assert "Ships" in answer.text
    assert "Rafts" in answer.text


def test_the_calendar_says_how_each_slot_stands(mina: Browser, scene: Scene) -> None:
    page = mina.see("/desk/promotions")
    assert '<span class="state house">house</span>' in page
    booking = scene.book()
    assert "asked for words" in mina.see("/desk/promotions")
    book.submit(scene.db, booking.id, GOOD, now=past_deadline())
    page = mina.see("/desk/promotions")
    assert "late, to approve" in page
    assert "Words that wait for you" in page
    assert "Until then “Write to us” runs." in page


def test_the_calendar_costs_the_same_queries_however_much_is_booked(
    mina: Browser, scene: Scene, sqlite_app: App
) -> None:
    scene.book()
    mina.see("/desk/promotions")
    with statements(sqlite_app.db) as few:
        mina.see("/desk/promotions")
    for days in range(3):
        edit.make_slot(scene.db, scene.newsletter, SlotForm(name="More", place=SlotPlace.END), by=None, now=NOW)
        other = edit.write_promotion(scene.db, scene.newsletter, form(words=GOOD), by=None, now=NOW)
        scene.book(other, on=ISSUE_ON + timedelta(days=days + 1))
    with statements(sqlite_app.db) as many:
        mina.see("/desk/promotions")
    assert len(many) == len(few)


def test_approving_late_words_takes_back_an_approval_that_they_change(
    mina: Browser, scene: Scene, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    booking = scene.book()
    issue_id = publish.draft(sqlite_app.db, newsroom.newsletter, now=NOW, due_at=booking.issue_at)
    publish.approve(sqlite_app.db, sqlite_app.renderer, issue_id, by=None, now=NOW)
    book.submit(scene.db, booking.id, GOOD, now=past_deadline())
    page = mina.see(f"/desk/promotions/bookings/{booking.id}")
    assert "They came after the deadline" in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    said = mina.follow(mina.post(f"/desk/promotions/bookings/{booking.id}/approve", {"version": version.group(1)}))
    assert "Issue 1 has lost the approval by it" in said
    with sqlite_app.db.read() as session:
        assert issues.issue_row(session, issue_id).state is IssueState.DRAFT


@pytest.mark.parametrize("deed", ["promotions/{sponsor}/put-away", "promotions/bookings/{booking}/free"])
def test_what_takes_a_promotion_out_of_a_held_mailing_stops_it_and_says_so(
    mina: Browser, scene: Scene, newsroom: Newsroom, sqlite_app: App, deed: str
) -> None:
    booking = scene.book()
    book.submit(scene.db, booking.id, GOOD, now=NOW)
    book.approve(scene.db, booking.id, by=None, now=NOW)
    change_newsletters(scene.db, hold_minutes=5)
    subscriber_rows(scene.db, newsroom.newsletter, ["r@example.org"])
    issue_id = publish.draft(sqlite_app.db, newsroom.newsletter, now=NOW, due_at=booking.issue_at)
    publish.approve(sqlite_app.db, sqlite_app.renderer, issue_id, by=None, now=NOW)
    begin.begin(sqlite_app.db, issue_id, now=sqlite_app.clock())
    assert "one of its promotions is changed" in mina.see(f"/desk/issues/{issue_id}/send")
    said = mina.follow(mina.post(f"/desk/{deed.format(sponsor=scene.sponsor, booking=booking.id)}", {"do": "away"}))
    assert "Issue 1 has been stopped in the holding, and nothing has left" in said
    page = mina.see(f"/desk/issues/{issue_id}/send")
    assert "“Write to us” took the place of “Boats that listen” after issue 1 was approved." in page


def test_undo_after_booking_frees_the_slot_that_it_brought_into_the_issue(
    mina: Browser, scene: Scene, newsroom: Newsroom, sqlite_app: App
) -> None:
    publish.draft(sqlite_app.db, newsroom.newsletter, now=NOW, due_at=ISSUE_AT)
    new = edit.make_slot(scene.db, scene.newsletter, SlotForm(name="At the end", place=SlotPlace.END), by=None, now=NOW)
    fields = {"on": ISSUE_ON.isoformat(), "promotion": scene.house}
    page = mina.follow(mina.post(f"/desk/promotions/slots/{new}/book", fields))
    assert "added the promotion “Write to us” to" in mina.see("/desk/activity")
    undo = re.search(r"/desk/activity/\d+/undo", page)
    assert undo is not None
    assert "The slot is free again" in mina.follow(mina.post(undo.group()))


def test_the_log_calls_promotions_and_bookings_by_their_names(
    mina: Browser, scene: Scene, sponsor: Browser, sqlite_app: App
) -> None:
    booking = scene.book()
    send(sponsor, link_of(sqlite_app, booking))
    ready = edit.write_promotion(scene.db, scene.newsletter, form(words=GOOD), by=None, now=NOW)
    later = replace(form(words=GOOD), ends_at=ISSUE_AT)
    edit.change_promotion(scene.db, ready, later, expected_version=1, by=None, now=NOW)
    freed = scene.book(ready, on=ISSUE_ON - timedelta(weeks=1))
    book.free(scene.db, freed.id, by=None, now=NOW)
    log = " ".join(unescape(re.sub("<[^>]+>", "", mina.see("/desk/activity"))).split())
    for told in (
        "Curator made the slot “Main sponsor”",
        "A sponsor sent words for “Boats & Sons” for the issue of 24 November 2026",
        "Curator freed the slot of “Boats that listen” for the issue of 17 November 2026",
        "Curator changed the promotion “Boats that listen”",
    ):
        assert told in log, told
    assert "07:00 UTC" in log, "the end that it has by now"


def test_a_promotion_is_put_into_an_issue_by_hand_and_shows_on_its_board(
    mina: Browser, scene: Scene, newsroom: Newsroom
) -> None:
    issue_id = newsroom.issue()
    ready = edit.write_promotion(scene.db, scene.newsletter, form(words=GOOD), by=None, now=NOW)
    board = mina.follow(mina.post(f"/desk/promotions/{ready}/place", {"issue": str(issue_id), "section": ""}))
    assert "The promotion stands in issue 1." in board
    assert "Boats that listen" in board
    assert "Slot: Main sponsor" in board


def test_a_promotion_in_the_board_is_moved_and_taken_out_like_any_block(
    mina: Browser, scene: Scene, newsroom: Newsroom, sqlite_app: App
) -> None:
    issue_id = newsroom.issue()
    with sqlite_app.db.read() as session:
        block_id = block_store.block_of_promotion(session, issue_id, slot_id=scene.slot)
    assert "“Write to us” is moved up" in mina.follow(
        mina.post(f"/desk/issues/{issue_id}/blocks/{block_id}", {"do": "up", "version": "1"})
    )
    assert "“Write to us” is taken out" in mina.follow(
        mina.post(f"/desk/issues/{issue_id}/blocks/{block_id}", {"do": "remove", "version": "1"})
    )
    log = " ".join(unescape(re.sub("<[^>]+>", "", mina.see("/desk/activity"))).split())
    assert "moved the promotion “Write to us” to Highlights" in log
    assert "took the promotion “Write to us” out of issue 1" in log


# -- the sponsor's page


def test_a_sponsor_writes_sees_and_changes_the_words_until_the_deadline(
    sponsor: Browser, scene: Scene, sqlite_app: App
) -> None:
    url = link_of(sqlite_app, booking := scene.book())
    assert "You may change it until" in sponsor.see(url)
    page = send(sponsor, url)
    assert "Saved. An editor looks at it before it runs." in page
    assert '<a href="https://boats.example/try" rel="sponsored noopener noreferrer nofollow"' in page
    send(sponsor, url, title="Quieter boats")
    found = scene.booking(booking.id)
    assert (found.state, found.copy) == (BookingState.SUBMITTED, replace(GOOD, title="Quieter boats"))


def test_how_it_looks_is_shown_without_saving(sponsor: Browser, scene: Scene, sqlite_app: App) -> None:
    booking = scene.book()
    page = send(sponsor, link_of(sqlite_app, booking), do="look")
    assert "not saved yet" in page
    assert "<strong>one</strong>" in page
    assert scene.booking(booking.id).copy is None


def test_late_words_are_kept_and_the_page_says_what_becomes_of_them(
    sponsor: Browser, scene: Scene, sqlite_app: App, clock: FakeClock
) -> None:
    booking = scene.book()
    clock.at = past_deadline()
    url = link_of(sqlite_app, booking)
    assert "The deadline was" in sponsor.see(url)
    assert "it runs only if an editor approves it in time" in send(sponsor, url)
    assert scene.booking(booking.id).state is BookingState.LATE


def test_once_the_issue_has_left_there_is_no_form(
    sponsor: Browser, scene: Scene, sqlite_app: App, clock: FakeClock
) -> None:
    booking = scene.book()
    clock.at = booking.issue_at
    url = link_of(sqlite_app, booking)
    assert "<form" not in sponsor.see(url)
    assert "has left" in send(sponsor, url)
    assert scene.booking(booking.id).copy is None


def test_words_over_the_limits_come_back_with_what_is_wrong(sponsor: Browser, scene: Scene, sqlite_app: App) -> None:
    booking = scene.book()
    answer = sponsor.client.post(link_of(sqlite_app, booking), data=FIELDS | {"title": "x" * 61, "text": "y" * 301})
    assert answer.status_code == 422
    assert "This has 61 characters; at most 60 fit." in answer.text
    assert "y" * 301 in answer.text


def test_hostile_words_are_shown_as_text(sponsor: Browser, scene: Scene, sqlite_app: App) -> None:
    hostile = "<script>alert(1)</script>"
    page = send(sponsor, link_of(sqlite_app, scene.book()), title=hostile, text=f"{hostile} [x](javascript:alert)")
    assert hostile not in page
    assert hostile in unescape(page)
    assert 'href="javascript' not in page


def test_nothing_of_another_site_is_fetched_by_the_page(sponsor: Browser, scene: Scene, sqlite_app: App) -> None:
    page = send(
        sponsor, link_of(sqlite_app, scene.book()), image_url="https://boats.example/a.png", image_alt="A quiet boat"
    )
    assert "Picture: A quiet boat" in page
    assert not re.search(r'(?:src|srcset)="https?:', page)


@pytest.mark.parametrize("token", ["damaged", "AAAA", "A" * 500])
def test_a_wrong_token_opens_nothing(sponsor: Browser, scene: Scene, token: str) -> None:
    scene.book()
    assert "This link does not work" in sponsor.see(f"/s/{token}", status=404)
    assert sponsor.client.post(f"/s/{token}", data=FIELDS).status_code == 404


def test_the_link_of_a_booking_that_was_freed_is_dead(sponsor: Browser, scene: Scene, sqlite_app: App) -> None:
    url = link_of(sqlite_app, booking := scene.book())
    book.free(scene.db, booking.id, by=None, now=NOW)
    assert "This booking was taken back" in sponsor.see(url, status=404)
    assert sponsor.client.post(url, data=FIELDS).status_code == 404


def test_the_address_is_kept_out_of_caches_and_referers(sponsor: Browser, scene: Scene, sqlite_app: App) -> None:
    headers = sponsor.client.get(link_of(sqlite_app, scene.book())).headers
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert "Set-Cookie" not in headers


def test_programs_that_fill_every_field_change_nothing(sponsor: Browser, scene: Scene, sqlite_app: App) -> None:
    booking = scene.book()
    send(sponsor, link_of(sqlite_app, booking), website="https://spam.example")
    assert scene.booking(booking.id).copy is None


def test_whoever_saves_all_the_time_is_slowed_down_and_loses_no_word(
    sponsor: Browser, scene: Scene, sqlite_app: App
) -> None:
    url = link_of(sqlite_app, scene.book())
    for number in range(40):
        send(sponsor, url, title=f"Boats {number}")
    answer = sponsor.client.post(url, data=FIELDS | {"title": "One more"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert 'value="One more"' in answer.text


# -- the archive


def _sent(scene: Scene, clock: FakeClock) -> str:
    ends_at = clock() + timedelta(seconds=90)
    one = replace(
        entry(GOOD.title, block_id=7, link=GOOD.link, source="Boats & Sons", facts=""),
        kind=BlockKind.PROMOTION,
        label="Sponsored",
        promotion_id=scene.sponsor,
        ends_at=ends_at.isoformat(),
    )
    sent_issue_row(
        scene.db,
        scene.newsletter,
        1,
        document=document(DocumentSection("Offers", (one,)), DocumentSection("Trends", (entry(),))),
    )
    return "/n/ai-weekly/issues/1"


def test_the_archive_shows_a_promotion_under_its_label_until_it_ends(
    sponsor: Browser, scene: Scene, clock: FakeClock
) -> None:
    url = _sent(scene, clock)
    page = sponsor.see(url)
    assert "Sponsored: <bdi>Boats &amp; Sons</bdi>" in page
    assert f'<a href="{GOOD.link}" rel="sponsored noopener noreferrer">' in page
    clock.advance(timedelta(seconds=90))
    page = sponsor.see(url)
    assert GOOD.title not in page
    assert "Offers" not in page


def test_shared_caches_keep_the_page_no_longer_than_the_promotion(
    sponsor: Browser, scene: Scene, clock: FakeClock
) -> None:
    url = _sent(scene, clock)
    assert sponsor.client.get(url).headers["Cache-Control"] == "public, max-age=90"
    clock.advance(timedelta(seconds=90))
    assert sponsor.client.get(url).headers["Cache-Control"] == "public, max-age=300"


def test_an_end_that_was_brought_forward_hides_it_from_the_archive_too(
    sponsor: Browser, scene: Scene, clock: FakeClock
) -> None:
    url = _sent(scene, clock)
    with scene.db.read() as session:
        was = store.promotion(session, scene.sponsor)
    given = form(words=Words(), begins_at=None, ends_at=clock())
    edit.change_promotion(scene.db, scene.sponsor, given, expected_version=was.version, by=None, now=clock())
    assert GOOD.title not in sponsor.see(url)
