"""The list of candidates as an editor gets it: learned from picks, never what ran, bounded whatever comes."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from curator.db import Database
from curator.feeds.tables import Item
from curator.picks import set_aside
from curator.picks.labels.values import Run
from curator.picks.ranking import learn, rank, store
from curator.picks.tables import StoryItem, StoryRow, TasteModel, TrendRow
from tests import builders
from tests.picks.desk import NOW
from tests.picks.ranking.shore import Shore


@pytest.fixture
def shore(database: Database) -> Shore:
    return Shore(database)


@pytest.fixture
def small_shore(sqlite_database: Database) -> Shore:
    return Shore(sqlite_database)


def test_picking_three_items_of_a_topic_moves_that_topic_up_with_the_reason(shore: Shore) -> None:
    shore.others()
    liked = shore.shore()
    shore.refit()
    shore.rescore()
    before = shore.offers()["Limpets of the tide pools"]
    shore.choose(liked[:3])
    shore.refit()
    shore.rescore()
    after = shore.offers()["Limpets of the tide pools"]
    assert after.place == 1 < before.place
    assert "like 3 of your picks" in after.reasons
    assert any(reason.startswith("words you pick: ") and "tide" in reason for reason in after.reasons)
    assert (before.model_version, after.model_version) == (None, 2)
    assert after.section_id == shore.sections[2]


def test_reasons_name_the_issue_in_which_the_like_of_it_ran(shore: Shore) -> None:
    shore.others()
    liked = shore.shore()
    shore.choose(liked[:3])
    shore.ran = [Run(item_id, "issue 41", NOW - timedelta(hours=1)) for item_id in liked[:3]]
    shore.refit()
    shore.rescore()
    assert shore.offers()["Limpets of the tide pools"].reasons[0] == "like 3 picks of issue 41"
    with shore.db.read() as session:
        told = store.standing(session, shore.newsletter_id)
    assert told is not None
    assert (told.is_learned, told.version, told.positives, told.note) == (True, 1, 3, "")
    assert told.lag_days is not None


def test_without_picks_it_goes_by_freshness_and_says_why(shore: Shore) -> None:
    shore.item(1, "Yesterday", 1.5)
    shore.item(0, "Last month", 20)
    assert shore.refit() == 1
    shore.rescore()
    offers = shore.offers()
    assert list(offers).index("Yesterday") < list(offers).index("Last month")
    assert offers["Yesterday"].reasons == ("out yesterday",)
    assert all(offer.propensity is None and offer.model_version is None for offer in offers.values())
    with shore.db.read() as session:
        told = store.standing(session, shore.newsletter_id)
    assert told is not None
    assert not told.is_learned
    assert told.note == "There are no picks to learn from yet. From 3 on, the order follows what you pick."


def test_what_ran_or_is_picked_is_never_offered_nor_its_page_or_story_elsewhere(shore: Shore) -> None:
    shore.others(6)
    liked = shore.shore()
    page = "https://shore.example/one"
    twin = shore.item(1, "The same page in another feed", 1, canonical_url=page)
    told = shore.item(1, "The same story in other words", 1)
    with shore.db.write() as session:
        session.execute(update(Item).where(Item.id == liked[0]).values(canonical_url=page))
        session.add(StoryRow(id=9, first_at=NOW, last_at=NOW))
        session.flush()
        session.add_all([StoryItem(item_id=id_, story_id=9) for id_ in (liked[1], told)])
    shore.choose(liked[:2])
    set_aside.mute_words(shore.db, shore.newsletter_id, "limpets", by=None, now=NOW)
    shore.rescore()
    offered = {offer.item_id for offer in shore.offers().values()}
    assert offered.isdisjoint({*liked[:2], liked[3], twin, told})
    assert liked[2] in offered


def test_a_page_that_was_passed_over_does_not_come_back_in_another_feed(shore: Shore) -> None:
    page = "https://shore.example/one"
    first = shore.item(0, "One page", 2, canonical_url=page)
    shore.item(1, "One page, again", 1, canonical_url=page)
    shore.rescore()
    assert "One page" in shore.offers()
    assert "One page, again" not in shore.offers()
    shore.items[0] = first
    shore.skip(0)
    shore.rescore()
    assert {"One page", "One page, again"}.isdisjoint(shore.offers())


def test_a_tenth_is_shown_by_chance_and_marked_with_its_chance(small_shore: Shore) -> None:
    others = [builders.feed_row(small_shore.db, f"Feed {number}") for number in range(30)]
    small_shore.feeds += others
    for number in range(120):
        small_shore.item(2 + number % 30, f"Notes no. {number} on matter {number * 7}", 1 + number / 1000)
    liked = small_shore.shore()
    small_shore.choose(liked[:3])
    small_shore.refit()
    small_shore.rescore()
    offers = list(small_shore.offers().values())
    exploring = [offer for offer in offers if offer.is_exploring]
    assert len(exploring) == len([offer for offer in offers if offer.place <= len(offers) // 2]) // 10
    assert all(0 < (offer.propensity or 0) < 1 and offer.reasons[0] == rank.EXPLORED for offer in exploring)
    assert not offers[0].is_exploring
    first = [offer.item_id for offer in offers]
    small_shore.rescore()
    assert [offer.item_id for offer in small_shore.offers().values()] == first


def test_ten_thousand_copies_of_a_story_take_one_place(small_shore: Shore) -> None:
    given = {"kind": "article", "content_hash": "0" * 64, "first_seen_at": NOW, "updated_at": NOW, "at": NOW}
    given |= {"title": "A story that everybody copies word by word", "feed_id": small_shore.feeds[0]}
    given |= {
        "author": "",
        "summary_html": "",
        "summary_text": "",
        "is_archive": False,
        "edits": 0,
        "is_date_odd": False,
    }
    rows = [given | {"identity": f"{number:064}", "url": f"https://c.example/{number}"} for number in range(10_000)]
    with small_shore.db.write() as session:
        session.execute(insert(Item), rows)
    small_shore.others(6)
    liked = small_shore.shore()
    small_shore.choose(liked[:3])
    small_shore.refit()
    rescored = small_shore.rescore()
    titles = list(small_shore.offers())
    assert titles.count("A story that everybody copies word by word") == 1
    assert rescored.offers < 20


def test_an_item_is_not_judged_by_itself(small_shore: Shore) -> None:
    """What is on offer is scored by a model that has not counted it among what nobody wanted."""
    settled = small_shore.others(60, days=16)
    liked = small_shore.shore()
    small_shore.choose(liked[:3])
    small_shore.refit()
    with small_shore.db.read() as session:
        told = store.standing(session, small_shore.newsletter_id)
    assert told is not None
    assert told.examples == len(settled) + 3


def test_a_newsletter_that_prints_late_keeps_what_is_older(small_shore: Shore) -> None:
    old = small_shore.item(1, "Tide pools of long ago", 40)
    small_shore.rescore()
    assert old not in {offer.item_id for offer in small_shore.offers().values()}
    printed = small_shore.shore(3, days=70)
    small_shore.choose(printed)
    small_shore.ran = [Run(item_id, "issue 40", NOW - timedelta(days=5)) for item_id in printed for _ in range(1)]
    more = [small_shore.item(0, f"Kelp no. {number}", 80) for number in range(20)]
    small_shore.ran += [Run(item_id, "issue 41", NOW - timedelta(days=5)) for item_id in more]
    small_shore.rescore()
    assert old in {offer.item_id for offer in small_shore.offers().values()}


def test_a_rising_topic_is_a_reason(small_shore: Shore) -> None:
    items = small_shore.others(6)
    row = {"score": 3.0, "factor": None, "counts": [], "feed_ids": [], "first_seen_at": NOW, "made_at": NOW}
    with small_shore.db.write() as session:
        session.add(TrendRow(days=7, term="phone deals", label="Phone deals", place=1, item_ids=items[:1], **row))
    small_shore.rescore()
    offer = small_shore.offers()["Notes on phone deals no. 0"]
    assert "rising topic: Phone deals" in offer.reasons
    assert offer.place == 1


def test_a_model_that_cannot_be_read_is_passed_over_and_said(small_shore: Shore) -> None:
    small_shore.others()
    small_shore.choose(small_shore.shore()[:3])
    small_shore.refit()
    with small_shore.db.write() as session:
        session.execute(update(TasteModel).where(TasteModel.body.is_not(None)).values(body=b"another version"))
    rescored = small_shore.rescore()
    assert rescored.is_stale
    assert rescored.offers > 0


def test_odd_titles_are_no_trouble(small_shore: Shore) -> None:
    for number, title in enumerate(("", "   ", "潮池的清晨", "برك المد والجزر", "🌊")):
        small_shore.item(0, title, 1 + number / 100, url=f"https://odd.example/{number}", canonical_url=None)
    small_shore.choose(small_shore.shore()[:3])
    small_shore.refit()
    small_shore.rescore()
    assert {"潮池的清晨", "برك المد والجزر", "🌊"} <= set(small_shore.offers())
    assert "" not in small_shore.offers()


def test_a_refit_is_due_when_there_is_none_after_a_day_or_ten_decisions(small_shore: Shore) -> None:
    def is_due(hours: float) -> bool:
        with small_shore.db.read() as session:
            return learn.is_due(session, small_shore.newsletter_id, now=NOW + timedelta(hours=hours))

    assert is_due(0)
    small_shore.refit()
    assert not is_due(23)
    assert is_due(24)
    for item_id in small_shore.others(10):
        small_shore.items[0] = item_id
        small_shore.put_off(0, 3, now=NOW + timedelta(minutes=5))
    assert is_due(1)


def test_another_telling_of_what_was_picked_is_no_no(small_shore: Shore) -> None:
    shore = small_shore
    shore.others()
    liked, twin = shore.shore(), shore.item(1, "Tide pools, in other words", 1)
    shore.choose(liked)

    def examples() -> int:
        shore.refit()
        with shore.db.read() as session:
            told = store.standing(session, shore.newsletter_id)
        assert told is not None
        return told.examples

    before = examples()
    with shore.db.write() as session:
        story = StoryRow(first_at=NOW, last_at=NOW)
        session.add(story)
        session.flush()
        session.add_all(StoryItem(item_id=each, story_id=story.id) for each in (liked[0], twin))
    assert examples() == before - 1
