"""What the inbox shows and counts: new, picked, skipped, put off, muted; narrowed and paged."""

from datetime import timedelta

import pytest

from curator.errors import InvalidError
from curator.feeds.values import ItemKind
from curator.picks import set_aside
from curator.picks.inbox import store
from curator.picks.values import InboxCounts, InboxFilter
from tests.picks.desk import NOW, Desk


def test_the_inbox_shows_what_is_new_newest_first(desk: Desk) -> None:
    assert desk.shown() == ["100% of vectors", "Same moment", "Index_cards", "An episode"]
    desk.pick(0)
    desk.skip(2)
    assert desk.shown() == ["Same moment", "Index_cards"]
    assert desk.shown(InboxFilter.PICKED) == ["100% of vectors"]
    assert desk.shown(InboxFilter.SKIPPED) == ["An episode"]
    assert desk.shown(InboxFilter.ALL)[-1] == "Archived"
    row = desk.rows(InboxFilter.PICKED)[0]
    assert (row.section_id, row.is_skipped) == (desk.sections[0], False)
    assert len(desk.shown(newsletter=desk.other_id)) == 4


def test_the_inbox_is_paged_without_gaps_or_repeats(desk: Desk) -> None:
    seen, before = [], None
    while page := desk.rows(InboxFilter.ALL, before=before, limit=2):
        seen += [row.item.title for row in page]
        before = (page[-1].item.at, page[-1].item.id)
    assert seen == desk.shown(InboxFilter.ALL)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("100%", ["100% of vectors"]),
        ("x_c", ["Index_cards"]),
        ("_", ["Index_cards"]),
        ("maya EPISODE", ["An episode"]),
        ("row", ["100% of vectors", "Index_cards", "Archived"]),
        ("nothing like it", []),
    ],
)
def test_search_takes_words_literally_and_finds_the_archive(desk: Desk, search: str, found: list[str]) -> None:
    assert desk.shown(search=search) == found


def test_the_inbox_is_narrowed_by_kind_feed_age_and_language(desk: Desk) -> None:
    assert desk.shown(kind=ItemKind.EPISODE) == ["An episode"]
    assert desk.shown(feed_id=desk.feeds[1]) == ["Same moment", "An episode"]
    assert desk.shown(since=NOW - timedelta(days=1)) == ["100% of vectors"]
    assert desk.shown(language="de") == ["Same moment", "An episode"]
    desk.item(1, "Auf Englisch", 1, language="en")
    assert desk.shown(language="en") == ["Auf Englisch"], "the item's own language goes before its feed's"


def test_items_are_counted(desk: Desk) -> None:
    desk.pick(0)
    desk.skip(2)
    desk.put_off(3, 1)
    assert desk.counts() == InboxCounts(new=1, picked=1, skipped=1, later=1)
    assert desk.counts(now=NOW + timedelta(days=2)) == InboxCounts(new=2, picked=1, skipped=1, later=0)
    assert desk.counts(since=NOW - timedelta(days=1)).new == 0


def test_more_than_can_be_looked_at_is_not_counted_to_the_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_COUNTED", 2)
    assert (desk.counts().new, desk.counts().has_more) == (2, True)


def test_what_is_put_off_comes_back_by_itself_and_first(desk: Desk) -> None:
    desk.put_off(2, 1)
    assert desk.shown() == ["100% of vectors", "Same moment", "Index_cards"]
    assert desk.shown(InboxFilter.LATER) == ["An episode"]
    on_its_day = NOW + timedelta(days=1)
    assert desk.shown(now=on_its_day)[0] == "An episode"
    assert desk.shown(InboxFilter.LATER, now=on_its_day) == []
    assert desk.shown(now=on_its_day, since=NOW)[0] == "An episode", "however old it is"
    assert "An episode" not in desk.shown(now=on_its_day, kind=ItemKind.ARTICLE)


def test_what_is_put_off_again_waits_for_the_other_day(desk: Desk) -> None:
    desk.put_off(2, 1)
    desk.put_off(2, 3)
    assert desk.shown(InboxFilter.LATER, now=NOW + timedelta(days=2)) == ["An episode"]


@pytest.mark.parametrize("days", [0, -1, 400])
def test_a_day_that_is_past_or_years_away_is_refused(desk: Desk, days: float) -> None:
    with pytest.raises(InvalidError):
        desk.put_off(0, days)


def test_a_muted_feed_and_muted_words_leave_the_inbox_with_their_reason(desk: Desk) -> None:
    set_aside.mute_feed(desk.db, desk.newsletter_id, desk.feeds[1], by=None, now=NOW)
    set_aside.mute_words(desk.db, desk.newsletter_id, " of  VECTORS ", by=None, now=NOW)
    assert desk.shown() == ["Index_cards"]
    muted = desk.rows(InboxFilter.MUTED)
    assert [row.item.title for row in muted] == ["100% of vectors", "Same moment", "An episode"]
    assert [row.mute.words if row.mute else "?" for row in muted] == ["of vectors", None, None]
    assert desk.counts().new == 1
    assert len(desk.shown(newsletter=desk.other_id)) == 4, "another newsletter sees it all"


def test_what_an_editor_added_by_hand_is_not_hidden_by_a_muted_feed(desk: Desk) -> None:
    set_aside.mute_feed(desk.db, desk.newsletter_id, desk.feeds[0], by=None, now=NOW)
    from tests import builders

    builders.item_row(desk.db, None, "By hand", at=NOW)
    assert desk.shown() == ["By hand", "Same moment", "An episode"]


def test_a_persons_own_deeds_give_their_pace(desk: Desk) -> None:
    from curator.picks import curate

    mina = desk.person("Mina")
    curate.skip(desk.db, desk.newsletter_id, desk.items[0], by=mina, now=NOW)
    curate.pick(desk.db, desk.newsletter_id, desk.items[1], desk.sections[0], by=mina, now=NOW + timedelta(seconds=4))
    desk.skip(2)
    with desk.db.read() as session:
        assert store.deeds_at(session, mina, since=NOW) == [NOW + timedelta(seconds=4), NOW]
        assert store.deeds_at(session, mina, since=NOW + timedelta(days=1)) == []


def test_feeds_and_languages_to_choose_from(desk: Desk) -> None:
    with desk.db.read() as session:
        assert store.feed_names(session) == [(desk.feeds[1], "Latent Waves"), (desk.feeds[0], "Row Store")]
        assert len(store.feed_names(session, limit=1, chosen=desk.feeds[0])) == 2
        assert store.languages(session) == ["de"]
