"""Promotions in an issue: where slots stand, what readers are told, and that none goes out after its end."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from curator.db import Database
from curator.errors import StateError
from curator.issues import board, booked, compose, promoted, publish, store
from curator.issues.blocks import store as blocks
from curator.issues.render import Renderer
from curator.issues.values import BlockKind, Document, DocumentSection, IssueState
from curator.newsletters import store as newsletters
from curator.promotions import book, edit
from curator.promotions.tables import PromotionRow
from curator.promotions.values import PromotionKind, SlotForm, SlotPlace, Words
from tests import builders
from tests.issues.documents import document, entry
from tests.issues.scene import fill
from tests.issues.scene import scene as issues_scene
from tests.promotions.scene import GOOD, ISSUE_AT, NOW, Scene, form, set_scene


@pytest.fixture
def scene(database: Database) -> Scene:
    return _filled(database)


@pytest.fixture
def sqlite_scene(sqlite_database: Database) -> Scene:
    return _filled(sqlite_database)


def _filled(database: Database) -> Scene:
    made = issues_scene(database)
    fill(made)
    return set_scene(database, made.newsletter_id, list(made.sections))


def _draft(scene: Scene) -> int:
    return publish.draft(scene.db, scene.newsletter, now=NOW, due_at=ISSUE_AT)


def _document(scene: Scene, issue_id: int) -> Document:
    with scene.db.read() as session:
        return compose.document(store.board(session, issue_id), newsletters.newsletter(session, scene.newsletter))


def _promotions(scene: Scene, issue_id: int) -> list[str]:
    found = _document(scene, issue_id)
    return [each.title for part in found.sections for each in part.entries if each.kind is BlockKind.PROMOTION]


def _state(scene: Scene, issue_id: int) -> IssueState:
    with scene.db.read() as session:
        return store.issue_row(session, issue_id).state


def test_a_draft_has_every_slot_at_its_place(scene: Scene) -> None:
    for place in (SlotPlace.INTRO, SlotPlace.END):
        edit.make_slot(
            scene.db, scene.newsletter, SlotForm(name=place, place=place, house_id=scene.house), by=None, now=NOW
        )
    with scene.db.read() as session:
        found = store.board(session, _draft(scene))
    assert [block.slot and block.slot.name for block in found.intro] == ["intro"]
    assert [block.slot and block.slot.name for block in found.sections[0].blocks] == [None, "Main sponsor", None]
    assert [block.slot and block.slot.name for block in found.sections[-1].blocks][-1] == "end"


def test_what_is_booked_and_approved_runs_in_the_issue_of_its_date(scene: Scene) -> None:
    booking, issue_id = scene.book(), _draft(scene)
    assert _promotions(scene, issue_id) == ["Write to us"]
    book.submit(scene.db, booking.id, GOOD, now=NOW)
    assert _promotions(scene, issue_id) == ["Write to us"]
    book.approve(scene.db, booking.id, by=None, now=NOW)
    assert _promotions(scene, issue_id) == ["Boats that listen"]


def test_an_approval_is_lost_when_the_content_changes_by_a_booking_and_not_before(
    scene: Scene, renderer: Renderer
) -> None:
    booking, issue_id = scene.book(), _draft(scene)
    publish.approve(scene.db, renderer, issue_id, by=None, now=NOW)
    late = book.submit(scene.db, booking.id, GOOD, now=ISSUE_AT - timedelta(hours=1))
    assert booked.follow(scene.db, renderer, late, by=None, now=NOW) == []
    assert _state(scene, issue_id) is IssueState.APPROVED
    approved = book.approve(scene.db, booking.id, by=None, now=NOW)
    assert booked.follow(scene.db, renderer, approved, by=None, now=NOW) == [1]
    assert _state(scene, issue_id) is IssueState.DRAFT


def test_a_booking_brings_its_slot_into_an_open_issue_that_lacks_it(sqlite_scene: Scene, renderer: Renderer) -> None:
    issue_id = _draft(sqlite_scene)
    with sqlite_scene.db.read() as session:
        block = blocks.block_of_promotion(session, issue_id, slot_id=sqlite_scene.slot)
    assert block is not None
    board.remove(sqlite_scene.db, block, by=None, now=NOW)
    booked.follow(sqlite_scene.db, renderer, sqlite_scene.book(), by=None, now=NOW)
    assert _promotions(sqlite_scene, issue_id) == ["Write to us"]


def test_readers_see_the_label_above_it_in_mail_and_text(sqlite_scene: Scene, renderer: Renderer) -> None:
    ready = edit.write_promotion(
        sqlite_scene.db,
        sqlite_scene.newsletter,
        form(
            PromotionKind.EVENT,
            sponsor="Harbour Hall",
            words=replace(GOOD, image_url="https://boats.example/a.png", image_alt="A boat at <night>"),
            event_at=ISSUE_AT + timedelta(days=2),
            event_place="Bristol",
        ),
        by=None,
        now=NOW,
    )
    sqlite_scene.book(ready)
    builders.picture_row(sqlite_scene.db, "https://boats.example/a.png")
    rendered = renderer.render(_document(sqlite_scene, _draft(sqlite_scene)))
    assert rendered.html.index("Sponsored: Harbour Hall") < rendered.html.index("Boats that listen")
    assert 'alt="A boat at &#60;night&#62;"' in rendered.html or "A boat at &lt;night&gt;" in rendered.html
    assert "[Sponsored: Harbour Hall]\nBoats that listen\n26 November 2026, 07:00, Bristol\n" in rendered.text
    assert [link.url for link in rendered.links if "boats.example" in link.url] == [GOOD.link, GOOD.link]


def test_html_in_a_sponsors_words_is_text(sqlite_scene: Scene, renderer: Renderer) -> None:
    hostile = Words("<script>alert(1)</script>", "<img src=x onerror=alert(1)> [x](javascript:y)", GOOD.link)
    booking = sqlite_scene.book()
    book.submit(sqlite_scene.db, booking.id, hostile, now=NOW)
    book.approve(sqlite_scene.db, booking.id, by=None, now=NOW)
    html = renderer.render(_document(sqlite_scene, _draft(sqlite_scene))).html
    assert "<script" not in html
    assert "<img src=x" not in html
    assert 'href="javascript' not in html


def test_a_house_promotion_is_never_called_sponsored(sqlite_scene: Scene) -> None:
    (found,) = promoted.promoted(_document(sqlite_scene, _draft(sqlite_scene)))
    assert found.ends_at is None
    labels = [each.label for part in _document(sqlite_scene, 1).sections for each in part.entries if each.label]
    assert labels == ["From us"]


def test_one_that_ended_is_put_into_no_issue_by_hand(sqlite_scene: Scene) -> None:
    issue_id = _draft(sqlite_scene)
    ready = edit.write_promotion(sqlite_scene.db, sqlite_scene.newsletter, form(words=GOOD), by=None, now=NOW)
    block = board.add_promotion(sqlite_scene.db, issue_id, None, ready, by=None, now=NOW)
    assert board.add_promotion(sqlite_scene.db, issue_id, None, ready, by=None, now=NOW) == block
    assert _promotions(sqlite_scene, issue_id) == ["Boats that listen", "Write to us"]
    with pytest.raises(StateError, match="has ended"):
        board.add_promotion(sqlite_scene.db, issue_id, None, ready, by=None, now=NOW + timedelta(days=30))


def test_an_issue_whose_promotion_ended_is_neither_approved_nor_scheduled(
    sqlite_scene: Scene, renderer: Renderer
) -> None:
    issue_id = _draft(sqlite_scene)
    ready = edit.write_promotion(sqlite_scene.db, sqlite_scene.newsletter, form(words=GOOD), by=None, now=NOW)
    board.add_promotion(sqlite_scene.db, issue_id, None, ready, by=None, now=NOW)
    publish.approve(sqlite_scene.db, renderer, issue_id, by=None, now=NOW)
    with pytest.raises(StateError, match=r"“Boats that listen” may not be seen from 30 November 2026, 00:00 UTC on"):
        publish.schedule(sqlite_scene.db, issue_id, at=NOW + timedelta(days=14), by=None, now=NOW)
    publish.schedule(sqlite_scene.db, issue_id, at=NOW + timedelta(days=13), by=None, now=NOW)
    with pytest.raises(StateError, match="must not run any more"):
        publish.approve(sqlite_scene.db, renderer, issue_id, by=None, now=NOW + timedelta(days=14))


def test_an_end_that_was_brought_forward_counts_at_once(sqlite_scene: Scene, renderer: Renderer) -> None:
    issue_id = _draft(sqlite_scene)
    ready = edit.write_promotion(sqlite_scene.db, sqlite_scene.newsletter, form(words=GOOD), by=None, now=NOW)
    board.add_promotion(sqlite_scene.db, issue_id, None, ready, by=None, now=NOW)
    publish.approve(sqlite_scene.db, renderer, issue_id, by=None, now=NOW)
    with sqlite_scene.db.write() as session:
        session.execute(update(PromotionRow).where(PromotionRow.id == ready).values(ends_at=NOW))
    with pytest.raises(StateError, match="may not be seen"):
        publish.schedule(sqlite_scene.db, issue_id, at=NOW, by=None, now=NOW)


# -- documents


def _with_ends(*ends: datetime | None) -> Document:
    promotions = tuple(
        replace(
            entry(f"Promotion {n}", block_id=n),
            kind=BlockKind.PROMOTION,
            promotion_id=n,
            ends_at="" if at is None else at.isoformat(),
        )
        for n, at in enumerate(ends, 1)
    )
    return document(DocumentSection("Offers", promotions), DocumentSection("Trends", (entry(block_id=99),)))


def test_of_a_document_what_ended_is_left_out_with_sections_that_had_nothing_else() -> None:
    whole = _with_ends(NOW, NOW + timedelta(hours=1))
    assert promoted.still_seen(whole, at=NOW - timedelta(seconds=1)) is whole
    now = promoted.still_seen(whole, at=NOW)
    assert next(each.title for part in now.sections for each in part.entries) == "Promotion 2"
    later = promoted.still_seen(whole, at=NOW + timedelta(hours=1))
    assert [part.title for part in later.sections] == ["Trends"]


def test_the_earlier_of_both_ends_counts() -> None:
    whole = _with_ends(NOW, None)
    first = promoted.first_to_end(whole, ends={1: NOW + timedelta(days=1), 2: NOW - timedelta(days=1)})
    assert first is not None
    assert (first.promotion_id, first.ends_at) == (2, NOW - timedelta(days=1))
    assert promoted.first_to_end(_with_ends(None)) is None


def test_what_became_of_approved_promotions_is_said_of_the_first() -> None:
    whole = _with_ends(None, None)
    assert promoted.difference(whole, _with_ends(NOW, NOW)) == ""
    assert promoted.difference(whole, _with_ends(None)) == "“Promotion 2” was put away or taken out"
    assert promoted.difference(_with_ends(None), whole) == "“Promotion 2” was added"
    other = replace(whole.sections[0].entries[0], promotion_id=9, title="Another")
    now = document(DocumentSection("Offers", (other, whole.sections[0].entries[1])))
    assert promoted.difference(whole, now) == "“Another” took the place of “Promotion 1”"


def test_one_that_was_placed_by_hand_and_put_away_since_runs_no_more(sqlite_scene: Scene) -> None:
    issue_id = _draft(sqlite_scene)
    ready = edit.write_promotion(sqlite_scene.db, sqlite_scene.newsletter, form(words=GOOD), by=None, now=NOW)
    board.add_promotion(sqlite_scene.db, issue_id, None, ready, by=None, now=NOW)
    edit.put_away_promotion(sqlite_scene.db, ready, is_away=True, by=None, now=NOW)
    assert _promotions(sqlite_scene, issue_id) == ["Write to us"]
