"""Ends waits for hours or for another day that are over before their moment, because settings were changed."""

from collections.abc import Mapping
from datetime import datetime

from curator.db import Database
from curator.mailings.pace import store
from curator.mailings.pacer import no_rest
from curator.mailings.pacing import HOURS, TODAYS
from curator.mailings.routes import Route
from curator.mailings.way import way_of


def look_again(db: Database, routes: Mapping[str, Route], *, now: datetime) -> list[int]:
    """Lets mailings go on whose newsletter's hours or whose transport's limits allow it now; returns which."""
    with db.read() as session:
        waits = store.waits(session, reason_starts=(HOURS, TODAYS), now=now)
        ways = {id_: way_of(session, routes, id_, now=now, rest=no_rest) for id_ in waits}
        over = [id_ for id_, way in ways.items() if way.pacer.may_leave(session, now=now)]
    if over:
        with db.write() as session:
            for id_ in over:
                store.end_wait(session, id_, until=waits[id_], now=now)
    return over
