"""What a draft takes: by taste where one is learned, by rules and freshness until then, each with its reasons."""

from datetime import timedelta

from sqlalchemy import select

from curator.db import Database
from curator.issues import publish
from curator.issues.offered import NO_TASTE
from curator.picks import curate, set_aside
from curator.picks.ranking import store as ranking
from curator.picks.ranking.values import Learned, Offer
from curator.picks.tables import Pick, StoryItem, StoryRow
from tests.issues.scene import NOW, Scene, fill, scene


def reasons(there: Scene) -> dict[int, str]:
    with there.db.read() as session:
        return {row.item_id: row.reasons for row in session.execute(select(Pick.item_id, Pick.reasons))}


def ranked(there: Scene, *item_ids: int, exploring: tuple[int, ...] = (), days_ago: float = 0) -> None:
    """A learned taste, and a list with these items in this order."""
    at = NOW - timedelta(days=days_ago)
    offers = [
        Offer(id_, there.sections[2], 1.0, place, ("like 3 picks of issue 41",), 0.1 if id_ in exploring else None, at)
        for place, id_ in enumerate(item_ids, 1)
    ]
    with there.db.write() as session:
        ranking.put_models(session, there.newsletter_id, [Learned(None, b"model")], now=at)
        model_id = ranking.models(session, there.newsletter_id)[0].id
        ranking.put_candidates(session, there.newsletter_id, offers, model_id=model_id)


def test_articles_go_by_taste_with_its_reasons_and_rules_fill_what_is_left(database: Database) -> None:
    there = scene(database)
    fill(there)
    old = there.item("What the editor likes, of last month", days=30)
    last = there.item("The like of it", days=9)
    ranked(there, old, last)
    issue_id = publish.draft(database, there.newsletter_id, now=NOW)
    highlights, trends, articles = there.titles(issue_id)
    assert articles[:2] == ["What the editor likes, of last month", "The like of it"]
    assert len(articles) == 4
    assert (highlights[0], trends) == ("Forgetting in the Arctic", ["Are vector databases worth it?"])
    assert reasons(there)[old] == "like 3 picks of issue 41"
    assert NO_TASTE not in reasons(there).values()


def test_without_a_taste_articles_go_by_freshness_and_say_so(sqlite_database: Database) -> None:
    there = scene(sqlite_database)
    fill(there)
    item_id = there.item("A library of coats", days=3)
    publish.draft(sqlite_database, there.newsletter_id, now=NOW)
    assert reasons(there)[item_id] == f"out 3 days ago; {NO_TASTE}"


def test_what_is_tried_out_or_ranked_long_ago_is_not_drafted(sqlite_database: Database) -> None:
    there = scene(sqlite_database)
    tried = there.item("Shown by chance", days=30)
    liked = there.item("Liked", days=30)
    ranked(there, tried, liked, exploring=(tried,), days_ago=3)
    issue_id = publish.draft(sqlite_database, there.newsletter_id, now=NOW)
    assert there.titles(issue_id)[2] == []
    ranked(there, tried, liked, exploring=(tried,))
    issue_id = publish.draft(sqlite_database, there.newsletter_id, now=NOW)
    assert there.titles(issue_id)[2] == ["Liked"]


def test_what_was_muted_or_stands_in_another_section_is_not_drafted_twice(sqlite_database: Database) -> None:
    there = scene(sqlite_database)
    fill(there)
    muted = there.item("A word of crypto", days=2)
    trend = there.item("Vector databases and their worth", feed=1, days=0.5)
    ranked(there, muted, trend)
    set_aside.mute_words(there.db, there.newsletter_id, "crypto", by=None, now=NOW)
    issue_id = publish.draft(sqlite_database, there.newsletter_id, now=NOW)
    titles = [title for section in there.titles(issue_id) for title in section]
    assert "A word of crypto" not in titles
    assert titles.count("Vector databases and their worth") == 1


def test_a_story_is_drafted_once_whoever_tells_it_and_never_when_it_was_passed_over(database: Database) -> None:
    there = scene(database)
    by_hand = there.item("The tide model, told by hand", days=3)
    again = there.item("The tide model, told elsewhere", feed=1, days=2)
    liked = there.item("A limpet counts", days=2)
    too = there.item("Counting limpets, says another", feed=2, days=1)
    dull, duller = there.item("Phones, cheaper", days=2), there.item("The price of phones", feed=1, days=2)
    with there.db.write() as session:
        for members in ((by_hand, again), (liked, too), (dull, duller)):
            story = StoryRow(first_at=NOW, last_at=NOW)
            session.add(story)
            session.flush()
            session.add_all(StoryItem(item_id=each, story_id=story.id) for each in members)
    ranked(there, again, duller, liked)
    curate.skip(there.db, there.newsletter_id, dull, by=None, now=NOW)
    curate.pick(there.db, there.newsletter_id, by_hand, there.sections[2], by=None, now=NOW)
    issue_id = publish.draft(database, there.newsletter_id, now=NOW)
    assert there.titles(issue_id)[2] == ["The tide model, told by hand", "A limpet counts"]
