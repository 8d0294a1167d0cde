"""Which items are the freshest does not depend on which feed was polled first."""

from datetime import UTC, datetime

import pytest

from curator.db import Database
from curator.feeds import store
from tests import builders

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("order", [1, -1], ids=["first to last", "last to first"])
def test_where_the_limit_cuts_is_up_to_the_items_of_one_moment(database: Database, order: int) -> None:
    feeds = {title: builders.feed_row(database, title) for title in ("Acres", "Bays", "Capes")[::order]}
    for title in ("Acres", "Bays", "Capes")[::order]:
        for name in ("second", "first"):  # as a poll writes them: the newest gets the highest id
            builders.item_row(database, feeds[title], f"{title} {name}", at=NOW, identity=name[0] * 64)
    with database.read() as session:
        found = store.fresh_items(session, since=None, limit=3)
    assert [item.title for item in found] == ["Acres first", "Acres second", "Bays first"]
    assert (found[0].identity, found[0].feed_url) == ("f" * 64, "https://acres.example/feed.xml")
