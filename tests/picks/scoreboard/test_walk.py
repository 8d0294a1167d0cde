"""The scoreboard: measured on what ran, week by week, by models that had not seen it."""

from datetime import timedelta

import pytest

from curator.db import Database
from curator.picks.labels.values import Run
from curator.picks.scoreboard import store, walk
from curator.picks.scoreboard.values import Score
from curator.picks.taste import stored
from tests import builders
from tests.picks.desk import NOW
from tests.picks.ranking.shore import Shore

_LIKED = ("tide pools", "kelp forests", "limpets", "rock pools")
_OTHER = ("phone deals", "laptop review", "streaming shows", "crypto prices", "football scores", "car insurance")


def archive(shore: Shore, *, weeks: int = 10, a_week: int = 40) -> None:
    """Weeks of items, of which those about the shore ran two days after they came."""
    ran = []
    for number in range(weeks * a_week):
        days = 7 * weeks - number * 7 / a_week
        matter = (_LIKED if number % 10 == 3 else _OTHER)[number % 4]
        item_id = shore.item(number % 2, f"Notes on {matter} no. {number}", days)
        if number % 10 == 3 and days > 3:
            ran.append(Run(item_id, f"issue {number // a_week}", NOW - timedelta(days=days - 2)))
    shore.ran = ran


def measured(shore: Shore) -> Score:
    return walk.measure(shore.db, shore.newsletter_id, runs=shore.runs, now=NOW, seed=1)


def kept(shore: Shore) -> list[Score]:
    with shore.db.read() as session:
        return store.scores(session, shore.newsletter_id)


def test_a_taste_that_can_be_learned_beats_the_newest_first(sqlite_database: Database) -> None:
    shore = Shore(sqlite_database)
    archive(shore)
    score = measured(shore)
    assert score.is_measured
    assert score.figures["model"]["recall"] > score.figures["newest"]["recall"]
    assert set(score.figures) == {"model", "newest", "points", "random"}
    assert score.won["newest"] > score.lost["newest"]
    assert kept(shore) == [score]


def test_an_empty_archive_says_so(database: Database) -> None:
    shore = Shore(database)
    assert measured(shore).note == "Nothing was sent in the last quarter, so there is nothing to measure on."
    assert [each.is_measured for each in kept(shore)] == [False]


def test_what_ran_and_came_from_no_feed_is_nothing_to_measure_on(sqlite_database: Database) -> None:
    shore = Shore(sqlite_database)
    by_hand = builders.item_row(shore.db, None, "By hand", at=NOW - timedelta(days=20))
    shore.ran = [Run(by_hand, "issue 4", NOW - timedelta(days=10))]
    assert measured(shore).note.startswith("No item that feeds brought in a whole week of the last quarter ran")


def test_a_walk_that_is_killed_is_not_begun_again_in_every_round(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    shore = Shore(sqlite_database)
    archive(shore, weeks=4, a_week=10)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(walk, "replay", killed)
    with pytest.raises(KeyboardInterrupt):
        measured(shore)
    assert kept(shore)[0].note.startswith("It was begun and did not come to its end")
    with shore.db.read() as session:
        assert not walk.is_due(session, shore.newsletter_id, now=NOW + timedelta(days=6))
        assert walk.is_due(session, shore.newsletter_id, now=NOW + timedelta(days=7))


def test_each_version_of_the_engine_keeps_its_figures(database: Database) -> None:
    shore = Shore(database)
    older = Score(stored.VERSION - 1, NOW, NOW, NOW, weeks=3, figures={"model": {"recall": 0.5}})
    with database.write() as session:
        store.put(session, shore.newsletter_id, older)
    measured(shore)
    measured(shore)
    assert [each.engine for each in kept(shore)] == [stored.VERSION, stored.VERSION - 1]
    assert kept(shore)[1] == older
