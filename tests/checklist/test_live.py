"""Nothing goes live before its checklist is done."""

from datetime import datetime, timedelta

import pytest

from curator.checklist import live, store
from curator.db import Database
from curator.errors import NotFoundError, StateError
from curator.newsletters import edit
from tests import builders


def _live_at(database: Database, newsletter_id: int) -> datetime | None:
    with database.read() as session:
        return store.checklist(session, newsletter_id).live_at


def test_what_is_left_is_named_and_nothing_changes(database: Database, now: datetime) -> None:
    newsletter_id = builders.newsletter_row(database, live_at=None, postal_address="")
    with pytest.raises(StateError, match=r"5 steps are left \(sender, DNS records, feeds, subscribers, test mail\)"):
        live.go_live(database, newsletter_id, now=now, by=None)
    edit.note_dns_seen(database, newsletter_id, now=now)
    with pytest.raises(StateError, match=r"4 steps are left \(sender, feeds, subscribers, test mail\)"):
        live.go_live(database, newsletter_id, now=now, by=None)
    assert _live_at(database, newsletter_id) is None


def test_what_is_live_stays_so_whatever_became_of_the_steps(database: Database, now: datetime) -> None:
    newsletter_id = builders.newsletter_row(database, live_at=now)
    assert live.go_live(database, newsletter_id, now=now + timedelta(days=1), by=None) == 0
    assert _live_at(database, newsletter_id) == now


def test_a_newsletter_that_is_not_there_is_named(sqlite_database: Database, now: datetime) -> None:
    with pytest.raises(NotFoundError, match="no newsletter 7"):
        live.go_live(sqlite_database, 7, now=now, by=None)
