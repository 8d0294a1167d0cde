"""Tags on many: a worker deals them out in chunks, goes on after a kill, and all of it is taken back."""

from datetime import datetime

import pytest
from sqlalchemy import select

from curator.activity import store as activity
from curator.activity.undo import undo
from curator.audience.tables import SubscriberTag, Tag
from curator.audience.tags import store, tag
from curator.audience.tags.reverts import REVERTS
from curator.audience.tags.values import TaggingState
from curator.db import Database
from curator.errors import InvalidError, StateError
from tests.builders import newsletter_row, subscriber_rows


def _bearers(db: Database, name: str) -> set[int]:
    with db.read() as session:
        query = select(SubscriberTag.subscriber_id).join(Tag, Tag.id == SubscriberTag.tag_id).where(Tag.name == name)
        return set(session.scalars(query))


def _begin(db: Database, newsletter_id: int, name: str, *, words: str = "", puts_on: bool = True, now: datetime) -> int:
    return tag.begin(db, newsletter_id, name, puts_on=puts_on, words=words, search="", by=None, now=now)


def _newest(db: Database) -> int:
    with db.read() as session:
        return activity.last_id(session)


def test_all_who_fit_are_tagged_chunk_by_chunk_and_it_is_taken_back(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    ids = subscriber_rows(database, newsletter_id, [f"reader{number}@example.org" for number in range(7)])
    tag.put_on(database, ids[0], "vip", by=None, now=now.replace(year=2025))
    tag.put_on(database, ids[1], "Speaker", by=None, now=now)
    run_id = _begin(database, newsletter_id, "VIP", words="not tag:speaker", now=now)
    begun = _newest(database)
    assert tag.go_on(database, run_id, is_over=lambda: True, chunk=3) is True
    assert _bearers(database, "vip") == {ids[0], ids[2]}
    # A worker that was killed here is followed by another, which goes on behind what is there.
    assert tag.go_on(database, run_id, is_over=lambda: False, chunk=3) is False
    assert _bearers(database, "vip") == {ids[0], *ids[2:]}
    with database.read() as session:
        run = store.tagging(session, run_id)
    assert (run.state, run.looked_at, run.changed) == (TaggingState.DONE, 7, 5)
    undo(database, begun, REVERTS, by=None, now=now)
    tag.go_on(database, run_id, is_over=lambda: False, chunk=3)
    assert _bearers(database, "vip") == {ids[0]}
    assert _bearers(database, "Speaker") == {ids[1]}


def test_a_tag_that_was_taken_off_many_comes_back_with_its_moments(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    ids = subscriber_rows(database, newsletter_id, [f"reader{number}@example.org" for number in range(5)])
    for each in ids[:3]:
        tag.put_on(database, each, "vip", by=None, now=now.replace(year=2025))
    run_id = _begin(database, newsletter_id, "vip", words="tag:vip", puts_on=False, now=now)
    begun = _newest(database)
    tag.go_on(database, run_id, is_over=lambda: False, chunk=2)
    assert _bearers(database, "vip") == set()
    undo(database, begun, REVERTS, by=None, now=now)
    tag.go_on(database, run_id, is_over=lambda: False, chunk=2)
    assert _bearers(database, "vip") == set(ids[:3])
    with database.read() as session:
        assert set(session.scalars(select(SubscriberTag.at))) == {now.replace(year=2025)}


def test_one_run_at_a_time_and_nothing_for_nonsense(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    with pytest.raises(InvalidError):
        _begin(database, newsletter_id, "  ", now=now)
    with pytest.raises(InvalidError):
        _begin(database, newsletter_id, "vip", words="tag:", now=now)
    run_id = _begin(database, newsletter_id, "vip", now=now)
    with pytest.raises(StateError, match="just being dealt out"):
        _begin(database, newsletter_id, "other", now=now)
    assert tag.go_on(database, run_id, is_over=lambda: False) is False
    _begin(database, newsletter_id, "other", now=now)
