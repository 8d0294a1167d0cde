"""Every deed of the inbox has its opposite, which may come twice and never does harm."""

from datetime import timedelta

import pytest

from curator.errors import StateError
from curator.picks import curate, set_aside, store
from curator.picks.values import InboxFilter, SkipReason
from tests.picks.desk import NOW, Desk

LATER = NOW + timedelta(minutes=1)


def test_a_pick_is_taken_back_and_given_back_with_its_words(desk: Desk) -> None:
    pick_id = desk.pick(0, section=1)
    curate.write_blurb(desk.db, pick_id, "Read it.", expected_version=1, by=None, now=NOW)
    curate.unpick(desk.db, desk.newsletter_id, desk.items[0], by=None, now=NOW)
    assert desk.undo() == "It is picked again, with its words."
    with desk.db.read() as session:
        again = store.pick_of(session, desk.newsletter_id, desk.items[0])
        pick = store.picked_items(session, [again or 0])[again or 0]
    assert (pick.section_id, pick.blurb, pick.title) == (desk.sections[1], "Read it.", "100% of vectors")
    desk.undo()
    assert desk.shown()[0] == "100% of vectors"


def test_a_blurb_is_as_before_unless_it_was_changed_since(desk: Desk) -> None:
    pick_id = desk.pick(0)
    curate.write_blurb(desk.db, pick_id, "First.", expected_version=1, by=None, now=NOW)
    desk.undo()
    with desk.db.read() as session:
        assert store.picked_items(session, [pick_id])[pick_id].blurb == ""
    curate.write_blurb(desk.db, pick_id, "Second.", expected_version=3, by=None, now=NOW)
    with desk.db.write() as session:
        store.edit_pick(session, pick_id, title="", link="", blurb="Another's.", expected_version=4)
    with pytest.raises(StateError):
        desk.undo()


def test_a_skip_is_taken_back_and_the_reason_comes_back_with_it(desk: Desk) -> None:
    desk.skip(0, SkipReason.PAYWALL)
    desk.undo()
    assert "100% of vectors" in desk.shown()
    desk.undo()
    assert [row.skip_reason for row in desk.rows(InboxFilter.SKIPPED)] == [SkipReason.PAYWALL]


def test_what_was_put_off_is_new_again_or_waits_for_the_day_before(desk: Desk) -> None:
    desk.put_off(0, 1)
    desk.undo()
    assert desk.shown()[0] == "100% of vectors"
    desk.put_off(0, 1)
    desk.put_off(0, 5)
    desk.undo()
    assert desk.rows(InboxFilter.LATER)[0].later_until == NOW + timedelta(days=1)
    set_aside.wake(desk.db, desk.newsletter_id, desk.items[0], by=None, now=NOW)
    desk.undo()
    assert desk.shown(InboxFilter.LATER) == ["100% of vectors"]
    set_aside.wake(desk.db, desk.newsletter_id, desk.items[0], by=None, now=NOW)
    with pytest.raises(StateError):
        desk.undo(now=NOW + timedelta(days=9))


def test_mutes_are_lifted_and_set_again(desk: Desk) -> None:
    set_aside.mute_feed(desk.db, desk.newsletter_id, desk.feeds[1], by=None, now=NOW)
    desk.undo()
    assert "Same moment" in desk.shown()
    desk.undo()
    assert "Same moment" not in desk.shown()
    set_aside.mute_words(desk.db, desk.newsletter_id, "vectors", by=None, now=NOW)
    desk.undo()
    desk.undo()
    assert desk.shown() == ["Index_cards"]


def test_a_mute_twice_is_once(desk: Desk) -> None:
    for _ in range(2):
        set_aside.mute_feed(desk.db, desk.newsletter_id, desk.feeds[1], by=None, now=NOW)
        set_aside.mute_words(desk.db, desk.newsletter_id, "Vectors", by=None, now=NOW)
    assert len(desk.shown(InboxFilter.MUTED)) == 3
