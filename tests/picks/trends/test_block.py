"""Terms that a newsletter blocks among its trends: kept once, lifted, and taken back either way."""

import pytest

from curator.activity import store as activity
from curator.db import Database
from curator.errors import InvalidError, NotFoundError
from curator.picks.trends import store
from curator.picks.trends.block import block, lift
from curator.picks.trends.reverts import REVERTS
from tests import builders
from tests.picks.desk import NOW


@pytest.fixture
def newsletter(database: Database) -> int:
    return builders.newsletter_row(database)


def _words(db: Database, newsletter: int) -> list[str]:
    with db.read() as session:
        return [each.words for each in store.blocked(session, newsletter)]


def _undo(db: Database) -> str:
    with db.read() as session:
        change = activity.recent(session, limit=1)[0]
    return REVERTS[f"{change.subject}.{change.verb}"](db, change, by=None, now=NOW)


def test_a_term_is_blocked_once_for_one_newsletter(database: Database, newsletter: int) -> None:
    other = builders.newsletter_row(database, slug="other")
    for words in (" Black  Friday! ", "black friday"):
        assert block(database, newsletter, words, by=None, now=NOW) == "black friday"
    assert (_words(database, newsletter), _words(database, other)) == (["black friday"], [])
    with database.read() as session:
        assert len(activity.recent(session)) == 1


def test_blocking_and_lifting_are_taken_back(database: Database, newsletter: int) -> None:
    block(database, newsletter, "hiring", by=None, now=NOW)
    assert _undo(database) == "It is blocked no longer."
    assert _words(database, newsletter) == []
    assert _undo(database) == "It is blocked again."
    assert _words(database, newsletter) == ["hiring"]
    with database.read() as session:
        (term,) = store.blocked(session, newsletter)
        assert store.newsletter_of_term(session, term.id) == newsletter
    assert lift(database, term.id, by=None, now=NOW) == "hiring"
    with pytest.raises(NotFoundError):
        lift(database, term.id, by=None, now=NOW)


@pytest.mark.parametrize("words", ["", " ... ", "the", "x" * 101])
def test_what_is_no_term_is_refused(database: Database, newsletter: int, words: str) -> None:
    with pytest.raises(InvalidError):
        block(database, newsletter, words, by=None, now=NOW)


def test_there_is_a_most_of_them(database: Database, newsletter: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_BLOCKED", 1)
    block(database, newsletter, "hiring", by=None, now=NOW)
    with pytest.raises(InvalidError, match="Lift one first"):
        block(database, newsletter, "webinar", by=None, now=NOW)
