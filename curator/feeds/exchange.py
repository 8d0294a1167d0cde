"""Lists of feeds in and out: an OPML file is taken in one quick step that fetches nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from curator.activity.store import record
from curator.db import Database
from curator.feeds.opml import OutlineFeed, RefusedOutline, read_opml, written_opml
from curator.feeds.outlines import store

APART = timedelta(seconds=2)
"""Between the first polls of two feeds of a list, so that a list of 200 does not ask 200 servers in one second."""

WITHIN = timedelta(minutes=15)
"""All of a list are asked by then, however long it is."""


@dataclass(frozen=True)
class ImportReport:
    """What a list came to, or would: feeds that are new, those that are here already, outlines that are no feeds."""

    added: tuple[OutlineFeed, ...]
    known: tuple[OutlineFeed, ...]
    refused: tuple[RefusedOutline, ...]
    repeated: int
    refused_beyond: int


def planned_import(db: Database, content: bytes) -> ImportReport:
    """Returns what `import_opml` would do, and does nothing. Raises InvalidError (field "file")."""
    outlines = read_opml(content)
    with db.read() as session:
        known = store.known_urls(session, [feed.url for feed in outlines.feeds])
    return ImportReport(
        added=tuple(feed for feed in outlines.feeds if feed.url not in known),
        known=tuple(feed for feed in outlines.feeds if feed.url in known),
        refused=outlines.refused,
        repeated=outlines.repeated,
        refused_beyond=outlines.refused_beyond,
    )


def import_opml(db: Database, content: bytes, *, now: datetime, by: int | None = None) -> ImportReport:
    """Adds the feeds of an OPML file with their folders; one that is here already stays as it is.

    One transaction: all of it or nothing, and a second call adds nothing. The new ones become due one after another.
    Raises InvalidError (field "file") for what is no OPML.
    """
    report = planned_import(db, content)
    step = min(APART, WITHIN / max(len(report.added), 1))
    with db.write() as session:
        due = [(feed, now + step * place) for place, feed in enumerate(report.added)]
        new = store.add_feeds(session, due, now=now)
        if new:
            record(session, at=now, actor=by, verb="import", subject="feeds", subject_id=0, after={"added": len(new)})
    # Somebody may have added one of them since it was planned.
    late = tuple(feed for feed in report.added if feed.url not in new)
    added = tuple(feed for feed in report.added if feed.url in new)
    return ImportReport(added, report.known + late, report.refused, report.repeated, report.refused_beyond)


def export_opml(db: Database) -> bytes:
    """Returns every feed with its folders as an OPML 2.0 file."""
    with db.read() as session:
        feeds = store.outline_feeds(session)
    return written_opml(feeds, title="Feeds of Curator")
