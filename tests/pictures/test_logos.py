"""A logo is taken with its words, comes back by Undo, and what is none is refused in words."""

from datetime import datetime

import pytest

from curator.activity import store as activity
from curator.db import Database
from curator.errors import InvalidError, StateError
from curator.pictures import logos, store
from curator.pictures.memory import MemoryPictures
from curator.pictures.reverts import REVERTS
from tests import builders
from tests.pictures import files


def _alt(db: Database, newsletter_id: int) -> str | None:
    with db.read() as session:
        found = store.logo(session, newsletter_id)
    return None if found is None else found.alt


def _undo(db: Database, now: datetime, *, back: int = 0) -> str:
    with db.read() as session:
        change = activity.recent(session)[back]
    return REVERTS[f"{change.subject}.{change.verb}"](db, change, by=None, now=now)


def test_a_logo_is_kept_small_and_has_the_newsletters_name_for_words(database: Database, now: datetime) -> None:
    newsletter, kept = builders.newsletter_row(database), MemoryPictures()
    found = logos.take(database, kept, newsletter, files.clear(1200, 400), alt="", by=None, now=now)
    assert (found.picture.width, found.picture.height, found.alt) == (240, 80, "AI Weekly")
    assert kept.get(found.picture.name) is not None
    with database.read() as session:
        assert store.logo(session, newsletter) == found


def test_a_logo_is_changed_taken_away_and_brought_back(database: Database, now: datetime) -> None:
    newsletter, kept = builders.newsletter_row(database), MemoryPictures()
    for words in ("First", "Second"):
        logos.take(database, kept, newsletter, files.clear(), alt=words, by=None, now=now)
    _undo(database, now)
    assert _alt(database, newsletter) == "First"
    assert logos.remove(database, newsletter, by=None, now=now)
    assert not logos.remove(database, newsletter, by=None, now=now)
    assert _alt(database, newsletter) is None
    _undo(database, now)
    assert _alt(database, newsletter) == "First"
    with pytest.raises(StateError, match="changed again"):
        _undo(database, now, back=3)


def test_the_same_logo_twice_is_one_change(database: Database, now: datetime) -> None:
    newsletter, kept = builders.newsletter_row(database), MemoryPictures()
    for _ in range(2):
        logos.take(database, kept, newsletter, files.clear(), alt="Ours", by=None, now=now)
    with database.read() as session:
        assert len(activity.recent(session)) == 1


@pytest.mark.parametrize(
    ("content", "alt", "field"),
    [
        (b"<svg></svg>", "", "logo"),
        (files.clear(30, 12), "", "logo"),
        (b"x" * 2_000_001, "", "logo"),
        (files.clear(), "x" * 201, "alt"),
    ],
)
def test_what_cannot_be_a_logo_is_refused(
    sqlite_database: Database, now: datetime, content: bytes, alt: str, field: str
) -> None:
    newsletter = builders.newsletter_row(sqlite_database)
    with pytest.raises(InvalidError) as refused:
        logos.take(sqlite_database, MemoryPictures(), newsletter, content, alt=alt, by=None, now=now)
    assert refused.value.field == field
    assert _alt(sqlite_database, newsletter) is None
