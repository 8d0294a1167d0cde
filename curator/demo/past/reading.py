"""Lets the readers of back issues read: their hits go through the spool, as those of a web process would."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from curator.db import Database
from curator.demo.script import Place, script
from curator.events import listen, records, spool
from curator.events import store as events
from curator.events.values import Hit
from curator.issues.revisions import store as revisions
from curator.issues.slots import CANARY
from curator.issues.values import Link, Placement
from curator.mailings import store as mailings
from curator.mailings.values import DeliveryState

# Most of an issue's clicks come on the day that it arrives.
_MEAN_WAIT = timedelta(hours=7)
_LONGEST_WAIT = timedelta(days=4)
# A mail gateway opens all links at once, when the mail passes through.
_SCAN_PAUSE = timedelta(milliseconds=60)
_ALL = 10_000


def read_back(db: Database, mailing_ids: Sequence[int], *, random: Random, now: datetime) -> None:
    """Has the readers of these mailings click, each mailing once: one that has clicks is left alone."""
    with db.read() as session:
        sent = [mailings.mailing(session, mailing_id) for mailing_id in mailing_ids]
        read = {each.mailing_id for each in events.counters(session, [view.issue_id for view in sent]) if each.clicks}
    with tempfile.TemporaryDirectory(prefix="curator-demo-") as folder:
        with closing(spool.Spool(Path(folder))) as hits:
            for view in sent:
                if view.id not in read:
                    for hit in _hits(db, view.id, view.revision_id, view.started_at, random=random, now=now):
                        hits.append(records.packed(hit))
        listen.take_in(db, Path(folder), now=now)


def _hits(
    db: Database, mailing_id: int, revision_id: int, sent_at: datetime, *, random: Random, now: datetime
) -> Iterator[Hit]:
    with db.read() as session:
        links = revisions.links(session, revision_id)
        got = mailings.deliveries(session, mailing_id, states=[DeliveryState.SENT], limit=_ALL)
    plan = script(random, [row.subscriber_id for row in got], places(links), has_leaver=False)
    agents = {row.subscriber_id: random.getrandbits(63) for row in got}
    for click in plan.clicks:
        wait = min(random.expovariate(1.0) * _MEAN_WAIT, _LONGEST_WAIT)
        at = min(sent_at + wait, now)
        yield Hit(mailing_id, click.link, click.reader, at, agents[click.reader])
    for nth, link in enumerate((CANARY, *links)):
        yield Hit(mailing_id, link.number, plan.scanned, sent_at + nth * _SCAN_PAUSE, agents[plan.scanned])


def places(links: Sequence[Link]) -> list[Place]:
    """Returns the links that belong to an item, in the order of the page."""
    return [Place(each.number, each.placement is Placement.TITLE) for each in links if each.block_id is not None]
