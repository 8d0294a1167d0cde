"""What a taste is learned from, as rows have it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from curator.picks import curate, set_aside
from curator.picks.aside import store as aside
from curator.picks.labels import shape, store
from curator.picks.labels.values import Deed, Known, Run
from curator.picks.tables import ReaderClicks, StoryItem, StoryRow
from curator.picks.taste.lag import lag
from curator.picks.taste.values import Example, Kind
from curator.picks.values import SkipReason
from tests import builders
from tests.picks.desk import NOW, Desk


def examples(desk: Desk, *runs: Run) -> dict[str, list[Example]]:
    with desk.db.read() as session:
        deeds = store.deeds(session, desk.newsletter_id)
        items = store.items(session, [deed.item_id for deed in deeds])
    found: dict[str, list[Example]] = {}
    for example, _ in shape.examples(deeds, items, runs):
        found.setdefault(example.facts.title, []).append(example)
    return found


def offered(desk: Desk, *, days: float = 30) -> list[Known]:
    with desk.db.read() as session:
        mutes = aside.mutes(session, desk.newsletter_id)
        return store.offered(session, desk.newsletter_id, since=NOW - timedelta(days=days), mutes=mutes)


def test_an_editors_pick_counts_at_once_and_is_told_by_its_issue_once_it_ran(desk: Desk) -> None:
    by = desk.person("Ada")
    curate.pick(desk.db, desk.newsletter_id, desk.items[0], desk.sections[2], by=by, now=NOW)
    assert [(e.kind, e.at, e.issue) for e in examples(desk)["100% of vectors"]] == [(Kind.PICK, NOW, "")]
    ran = Run(desk.items[0], "issue 41", NOW + timedelta(days=1))
    again = Run(desk.items[0], "issue 43", NOW + timedelta(days=15))
    assert [(e.kind, e.at, e.issue) for e in examples(desk, again, ran)["100% of vectors"]] == [
        (Kind.PICK, NOW, "issue 41")
    ]


def test_what_the_draft_chose_says_something_only_when_it_was_sent(desk: Desk) -> None:
    desk.pick(1)
    assert examples(desk) == {}
    sent = examples(desk, Run(desk.items[1], "issue 41", NOW + timedelta(days=1)))
    assert [(e.kind, e.at) for e in sent["Index_cards"]] == [(Kind.PICK, NOW + timedelta(days=1))]


def test_a_link_of_a_back_issue_that_no_feed_brought_is_one_of_a_back_issue(desk: Desk) -> None:
    alone = builders.item_row(desk.db, None, "Long ago", at=NOW - timedelta(days=700))
    for item_id in (alone, desk.items[0]):
        curate.pick(desk.db, desk.newsletter_id, item_id, desk.sections[2], by=None, now=NOW)
    runs = (Run(alone, "issue 3", NOW - timedelta(days=690), is_back=True), Run(desk.items[0], "", NOW, is_back=True))
    found = examples(desk, *runs)
    assert [(e.kind, e.issue) for e in found["Long ago"]] == [(Kind.BACK_ISSUE, "issue 3")]
    assert [e.kind for e in found["100% of vectors"]] == [Kind.PICK]


def test_what_ran_before_its_feed_was_there_was_chosen_from_no_list(desk: Desk) -> None:
    curate.pick(desk.db, desk.newsletter_id, desk.items[0], desk.sections[2], by=None, now=NOW)
    found = examples(desk, Run(desk.items[0], "issue 3", NOW - timedelta(days=690), is_back=True))
    assert [e.kind for e in found["100% of vectors"]] == [Kind.BACK_ISSUE]


def test_saved_passed_and_clicked_items_count_by_their_kind(desk: Desk) -> None:
    builders.item_row(desk.db, None, "By hand", at=NOW)
    desk.put_off(0, 3)
    desk.skip(1)
    desk.skip(3, SkipReason.SEEN_BEFORE)
    curate.pick(desk.db, desk.newsletter_id, desk.items[2], desk.sections[0], by=desk.person("Ada"), now=NOW)
    with desk.db.write() as session:
        session.add(ReaderClicks(newsletter_id=desk.newsletter_id, item_id=desk.items[2], clicks=9, share=1.8, at=NOW))
    found = {title: {(e.kind, e.weight) for e in told} for title, told in examples(desk).items()}
    assert found == {
        "By hand": {(Kind.SAVED, 1.0)},
        "100% of vectors": {(Kind.SAVED, 1.0)},
        "Index_cards": {(Kind.PASSED, 1.0)},
        "Same moment": {(Kind.PASSED, 0.3)},
        "An episode": {(Kind.PICK, 1.0), (Kind.CLICKED, 1.8)},
    }


def test_a_section_learns_from_its_own_picks_and_from_what_was_passed_over(desk: Desk) -> None:
    by = desk.person("Ada")
    curate.pick(desk.db, desk.newsletter_id, desk.items[0], desk.sections[1], by=by, now=NOW)
    curate.pick(desk.db, desk.newsletter_id, desk.items[1], desk.sections[2], by=by, now=NOW)
    desk.skip(3)
    with desk.db.read() as session:
        deeds = store.deeds(session, desk.newsletter_id)
        told = list(shape.examples(deeds, store.items(session, [deed.item_id for deed in deeds]), ()))
    titles = {example.facts.title for example in shape.of_section(told, desk.sections[2])}
    assert titles == {"Index_cards", "Same moment"}


def test_other_newsletters_decisions_are_not_ours(desk: Desk) -> None:
    curate.skip(desk.db, desk.other_id, desk.items[0], by=None, now=NOW)
    assert examples(desk) == {}
    assert "100% of vectors" in {known.title for known in offered(desk)}


def test_what_is_on_offer_is_new_undecided_and_not_muted(desk: Desk) -> None:
    assert [known.title for known in offered(desk)] == [
        "100% of vectors",
        *sorted(("Same moment", "Index_cards"), reverse=True),
        "An episode",
    ]
    desk.skip(0)
    desk.put_off(1, 2)
    set_aside.mute_words(desk.db, desk.newsletter_id, "moment", by=None, now=NOW)
    assert [known.title for known in offered(desk)] == ["An episode"]
    assert offered(desk, days=1) == []


def test_a_feed_that_floods_leaves_room_for_the_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_OF_A_FEED", 5)
    for number in range(12):
        desk.item(0, f"Flood {number}", number / 1000)
    found = offered(desk)
    assert len([known for known in found if known.feed_id == desk.feeds[0]]) == 5
    assert {"An episode", "Same moment"} <= {known.title for known in found}


def test_what_is_taken_is_known_by_page_and_by_story(desk: Desk) -> None:
    desk.pick(0)
    desk.skip(1)
    with desk.db.write() as session:
        session.add(StoryRow(id=7, first_at=NOW, last_at=NOW))
        session.flush()
        session.add_all([StoryItem(item_id=desk.items[number], story_id=7) for number in (0, 3)])
    with desk.db.read() as session:
        found = store.taken(session, desk.newsletter_id)
        twins = {
            known.id: known.story_id
            for known in store.offered(session, desk.newsletter_id, since=NOW - timedelta(days=30))
        }
        pages = store.items(session, desk.items[:2])
    assert found.item_ids == set(desk.items[:2])
    assert found.keys == {page.key for page in pages.values()}
    assert found.story_ids == {7}
    assert twins[desk.items[3]] == 7


def test_sources_are_the_feeds_that_told_it_within_a_week(desk: Desk) -> None:
    page = "https://site.example/one"
    late = builders.feed_row(desk.db, "Late")
    ids = [
        desk.item(0, "One", 1, canonical_url=page),
        desk.item(1, "One again", 2, canonical_url=page),
        builders.item_row(desk.db, late, "One at last", at=NOW - timedelta(days=20), canonical_url=page),
    ]
    with desk.db.read() as session:
        found = store.items(session, ids)
        then = store.items(session, ids, known_by=lambda at: at + timedelta(hours=5))
    assert [found[id_].sources for id_ in ids] == [2, 2, 1]
    assert [then[id_].sources for id_ in ids] == [2, 1, 1], "who looks back does not know who told it later"


def test_newer_decisions_of_people_are_counted(desk: Desk) -> None:
    curate.pick(desk.db, desk.newsletter_id, desk.items[0], desk.sections[0], by=desk.person("Ada"), now=NOW)
    desk.pick(1)
    desk.skip(3)
    with desk.db.read() as session:
        assert store.decided_since(session, desk.newsletter_id, NOW - timedelta(seconds=1)) == 2
        assert store.decided_since(session, desk.newsletter_id, NOW) == 0


def known(**columns: object) -> Known:
    given = Known(
        id=1,
        kind="article",
        title="A",
        text="",
        url=None,
        canonical_url=None,
        feed_id=1,
        feed="Row Store",
        at=NOW,
        first_seen_at=NOW,
    )
    return replace(given, **columns)  # type: ignore[arg-type]  # the test's own columns


def test_an_item_is_known_by_its_page_or_else_by_itself() -> None:
    assert known(canonical_url="https://a.example/", url="https://a.example/?x").key == "https://a.example/"
    assert known(url="https://a.example/?x").key == "https://a.example/?x"
    assert known(id=4).key == "item 4"


def days(*numbers: float) -> list[tuple[datetime, datetime]]:
    return [(NOW, NOW + timedelta(days=number)) for number in numbers]


def test_a_newsletter_that_runs_things_late_looks_further_back() -> None:
    assert shape.horizon(lag(())) == timedelta(days=21)
    assert shape.horizon(lag(days(*[80] * 40))) == timedelta(days=80)
    assert shape.horizon(lag(days(*[900] * 400))) == timedelta(days=365)


def test_what_is_fresh_is_no_no_while_enough_is_settled() -> None:
    old = [known(id=number, first_seen_at=NOW - timedelta(days=20)) for number in range(60)]
    assert shape.settles([*old, known(id=99)], now=NOW) == shape.SETTLED
    assert shape.settles([*old[:40], known(id=99)], now=NOW) == timedelta()


def test_only_what_a_feed_brought_tells_the_lag() -> None:
    items = {1: known(id=1), 2: known(id=2, feed_id=None)}
    runs = [Run(number, "issue 4", NOW + timedelta(days=3)) for number in (1, 2, 3)]
    assert shape.prints(items, runs) == [(NOW, NOW + timedelta(days=3))]


def test_a_deed_about_an_item_that_is_gone_says_nothing() -> None:
    assert list(shape.examples([Deed(5, Kind.PICK, NOW)], {}, ())) == []
