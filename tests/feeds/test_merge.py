"""Which items are new, which changed, and where they stand in time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from curator.feeds.merge import MAX_EDITS, merged, pages_of_one, placed
from curator.feeds.parse import parsed_feed
from curator.feeds.values import KnownItem, ParsedFeed, ParsedItem
from tests.feeds.documents import item, rss

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def parsed(*items: str) -> ParsedFeed:
    return parsed_feed(rss(*items), url="https://feed.example/feed.xml", headers={})


def stored(items: tuple[ParsedItem, ...]) -> list[KnownItem]:
    return [KnownItem(n, i.identity, i.canonical_url, i.content_hash) for n, i in enumerate(items, start=1)]


def test_the_same_document_changes_nothing() -> None:
    feed = parsed(item("a", guid="1"), item("b", guid="2"))
    changes = merged(feed.items, known=stored(feed.items), in_document=set(), pages=pages_of_one(feed))
    assert (changes.new, changes.changed) == ((), ())


def test_another_text_is_a_change_of_the_same_item() -> None:
    before, after = parsed(item("a", guid="1")), parsed(item("a", guid="1", text="Corrected."))
    changes = merged(after.items, known=stored(before.items), in_document=set(), pages=set())
    assert changes.changed == ((1, after.items[0]),)


def moved(before: ParsedFeed, after: ParsedFeed) -> tuple[int, int]:
    changes = merged(
        after.items,
        known=stored(before.items),
        in_document={found.identity for found in after.items},
        pages=pages_of_one(after),
    )
    return len(changes.new), len(changes.changed)


def test_a_guid_that_changes_with_the_same_page_is_the_same_item() -> None:
    link = "https://feed.example/a"
    assert moved(parsed(item(guid="old", link=link)), parsed(item(guid="new", link=link + "?utm_source=x"))) == (0, 1)


def test_a_page_that_several_items_share_tells_nothing() -> None:
    link = "https://feed.example/show"
    before = parsed(item("1", guid="1", link=link), item("2", guid="2", link=link))
    assert moved(before, parsed(item("3", guid="3", link=link))) == (1, 0)
    assert moved(parsed(item("1", guid="1", link=link)), parsed(*[item(guid=g, link=link) for g in "34"])) == (2, 0)


def test_a_home_page_tells_nothing() -> None:
    link = "https://feed.example/"
    assert moved(parsed(item(guid="1", link=link)), parsed(item(guid="2", link=link))) == (1, 0)


def test_an_item_that_is_still_there_is_not_taken_for_another() -> None:
    link = "https://feed.example/a"
    before = parsed(item("1", guid="1", link=link))
    after = parsed(item("1", guid="1"), item("2", guid="2", link=link))
    assert moved(before, after) == (1, 1)


@pytest.mark.parametrize(
    ("published_at", "is_first_poll", "is_archive"),
    [
        (None, True, True),
        (NOW - timedelta(days=31), True, True),
        (NOW - timedelta(days=29), True, False),
        (NOW + timedelta(days=400), True, False),
        (None, False, False),
        (NOW - timedelta(days=31), False, False),
    ],
)
def test_only_a_first_poll_has_an_archive(published_at: datetime | None, is_first_poll: bool, is_archive: bool) -> None:
    one = replace(parsed(item()).items[0], published_at=published_at)
    assert placed(one, is_first_poll=is_first_poll, now=NOW).is_archive is is_archive


def test_a_date_in_the_future_is_not_believed_and_one_of_tomorrow_is() -> None:
    one = parsed(item()).items[0]
    far, near = NOW + timedelta(days=2), NOW + timedelta(hours=20)
    assert placed(replace(one, published_at=far), is_first_poll=False, now=NOW).at == NOW
    assert placed(replace(one, published_at=near), is_first_poll=False, now=NOW).at == near
    assert placed(replace(one, published_at=None), is_first_poll=False, now=NOW).at == NOW
    assert placed(replace(one, published_at=far), is_first_poll=False, now=NOW).is_date_odd
    assert not placed(replace(one, published_at=near), is_first_poll=False, now=NOW).is_date_odd
    assert not placed(replace(one, published_at=None), is_first_poll=False, now=NOW).is_date_odd


def test_a_date_that_no_clock_was_set_to_is_odd_and_the_item_stands_where_it_was_seen() -> None:
    (one,) = parsed(item(date="Thu, 01 Jan 1970 00:00:00 GMT")).items
    new = placed(one, is_first_poll=False, now=NOW)
    assert (new.at, new.is_archive, new.is_date_odd, one.published_at) == (NOW, False, True, None)


def test_an_item_that_changes_at_every_poll_is_no_news_after_a_while() -> None:
    before, after = parsed(item("a", guid="1")), parsed(item("a", guid="1", text="1,024 views"))
    known = [replace(known, edits=MAX_EDITS) for known in stored(before.items)]
    changes = merged(after.items, known=known, in_document=set(), pages=set())
    assert (changes.changed, changes.restless) == ((), ((1, after.items[0]),))
