"""What is remembered about items: their feed's record, and who tells the same."""

from datetime import timedelta

from curator.picks import curate
from curator.picks.memory import store
from curator.picks.values import FeedRecord, Memory
from tests import builders
from tests.picks.desk import NOW, Desk

TITLE = "The quiet economics of tide pools"


def remembered(desk: Desk) -> Memory:
    with desk.db.read() as session:
        return store.memory(session, desk.newsletter_id, [row.item for row in desk.rows()], now=NOW)


def test_a_feeds_record_is_of_the_last_twelve_weeks_and_this_newsletter(desk: Desk) -> None:
    desk.pick(0)
    sections = builders.section_rows(desk.db, desk.other_id)
    curate.pick(desk.db, desk.other_id, desk.items[1], sections[0], by=None, now=NOW)
    records = remembered(desk).records
    assert records == {desk.feeds[0]: FeedRecord(came=2, picked=1), desk.feeds[1]: FeedRecord(came=2, picked=0)}


def test_the_same_page_in_other_feeds_is_told_with_their_names(desk: Desk) -> None:
    page = {"canonical_url": "https://tide.example/pools"}
    first = desk.item(0, "Tide pools", 1, **page)
    second = desk.item(1, "On tide pools", 1, **page)
    assert remembered(desk).also_in == {first: ("Latent Waves",), second: ("Row Store",)}


def test_the_same_long_title_within_weeks_is_the_same_story(desk: Desk) -> None:
    near = desk.item(0, TITLE, 1)
    desk.item(1, TITLE, 40)
    desk.item(0, "Weekly links", 1)
    desk.item(1, "Weekly links", 1)
    assert remembered(desk).also_in == {}
    desk.item(1, TITLE, 2, identity="another")
    assert remembered(desk).also_in[near] == ("Latent Waves",)


def test_nothing_is_remembered_about_nothing(desk: Desk) -> None:
    with desk.db.read() as session:
        assert store.memory(session, desk.newsletter_id, [], now=NOW + timedelta(1)) == Memory()
