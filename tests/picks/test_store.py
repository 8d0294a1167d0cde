"""Picks and skips on both databases."""

import pytest

from curator.errors import ConflictError, NotFoundError
from curator.picks import curate, store
from curator.picks.values import InboxFilter, SkipReason, TakenError
from tests.picks.desk import NOW, Desk


def test_an_item_is_picked_once_and_moved(desk: Desk) -> None:
    first = desk.pick(0)
    assert desk.pick(0, section=2) == first
    with desk.db.read() as session:
        assert store.picked_items(session, [first])[first].section_id == desk.sections[2]
        assert store.picked_items(session, []) == {}


def test_picking_ends_a_skip_and_a_pick_is_not_skipped(desk: Desk) -> None:
    desk.skip(0)
    desk.skip(0)
    desk.pick(0)
    assert desk.shown(show=InboxFilter.SKIPPED) == []
    with pytest.raises(TakenError):
        desk.skip(0)


def test_a_skipped_item_is_offered_again(desk: Desk) -> None:
    desk.skip(0)
    for _ in range(2):
        curate.unskip(desk.db, desk.newsletter_id, desk.items[0], by=None, now=NOW)
    assert desk.shown()[0] == "100% of vectors"


def test_what_is_not_there_is_said(desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        curate.skip(desk.db, desk.newsletter_id, 999, by=None, now=NOW)
    with pytest.raises(NotFoundError):
        curate.pick(desk.db, desk.newsletter_id, 999, desk.sections[0], by=None, now=NOW)
    with pytest.raises(NotFoundError):
        curate.pick(desk.db, desk.other_id, desk.items[0], desk.sections[0], by=None, now=NOW)


def test_the_second_of_two_writers_is_told(desk: Desk) -> None:
    pick_id = desk.pick(0)

    def write(blurb: str, version: int) -> int:
        with desk.db.write() as session:
            return store.edit_pick(session, pick_id, title="", link="", blurb=blurb, expected_version=version)

    assert write("First", 1) == 2
    with pytest.raises(ConflictError):
        write("Second", 1)
    assert write("First", 1) == 2
    assert write("Third", 2) == 3


def test_what_was_picked_counts_as_run(desk: Desk) -> None:
    desk.pick(0)
    desk.skip(1)
    with desk.db.read() as session:
        ran = store.ran_before(session, desk.newsletter_id)
        assert ran == {desk.items[0], f"https://site.example/{desk.feeds[0]}/100%-of-vectors"}
        assert store.ran_before(session, desk.other_id) == frozenset()
        assert store.skipped_items(session, desk.newsletter_id) == {desk.items[1]}


def test_the_first_of_two_editors_has_the_pick(desk: Desk) -> None:
    mina, theo = desk.person("Mina"), desk.person("Theo")

    def pick(by: int, section: int) -> int:
        place = desk.newsletter_id, desk.items[0], desk.sections[section]
        return curate.pick(desk.db, *place, by=by, now=NOW, is_first=True)

    first = pick(mina, 0)
    with pytest.raises(TakenError) as taken:
        pick(theo, 1)
    assert (taken.value.by, taken.value.at) == (mina, NOW)
    assert pick(mina, 0) == first, "the same form twice is no conflict"


def test_a_skip_keeps_the_reason_that_was_given_first(desk: Desk) -> None:
    desk.skip(0, SkipReason.TOO_THIN)
    desk.skip(0, SkipReason.PAYWALL)
    assert [row.skip_reason for row in desk.rows(show=InboxFilter.SKIPPED)] == [SkipReason.TOO_THIN]
