"""What is due and was not begun: it waits for a clock or a worker, whatever those say of themselves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from curator.app import App
from curator.db import Session
from curator.events import records, spool
from curator.events import store as events
from curator.findings import Finding, Level
from curator.issues import store as issues
from curator.letters import store as letters
from curator.mailings import post
from curator.newsletters import store as newsletters
from curator.newsletters.slots import span
from curator.queue.values import LATE_AFTER

_LATE_CLICKS = timedelta(minutes=10)
_TODO = "See whether a clock and a worker live (`curator run` is both), and what their log says."


def waiting(app: App) -> Iterator[Finding]:
    """Looks for what should have happened by now; nothing is said of what is in time."""
    now = app.clock()
    with app.db.read() as session:
        yield from _late("letters", "A letter", oldest_letter_at(session, app, now), now)
        yield from _late("drafts", "A newsletter's draft", newsletters.oldest_due_at(session, now=now), now)
        yield from _late("scheduled issues", "A scheduled issue", issues.oldest_due_at(session, now=now), now)
        yield from _late("clicks", "A click in the spool", oldest_click_at(session, app.spool_dir), now, _LATE_CLICKS)
        holding = [id_ for id_ in letters.holding_newsletter_ids(session) if newsletters.is_live(session, id_)]
    if holding:
        what = "Letters are held for a newsletter that is live."
        yield Finding(Level.LOOK, "held letters", what, "A clock lets them go within the hour; see that one runs.")


def oldest_letter_at(session: Session, app: App, now: datetime) -> datetime | None:
    """Returns since when a letter waits. Without a relay letters do, and the relay's own finding says so."""
    lanes = (lane for name, lane in post.lanes(session).items() if name in app.transports)
    found = (letters.oldest_due_at(session, now=now, lane=lane) for lane in lanes)
    return min((at for at in found if at is not None), default=None)


def _late(
    about: str, what: str, since: datetime | None, now: datetime, limit: timedelta = LATE_AFTER
) -> Iterator[Finding]:
    if since is not None and now - since > limit:
        yield Finding(Level.WRONG, about, f"{what} has been waiting for {span(now - since)}.", _TODO)


def oldest_click_at(session: Session, folder: Path) -> datetime | None:
    """Returns the moment of the first hit that no clock has taken in, over all files of this machine."""
    names = spool.names(folder)
    marks = events.marks(session, names) if names else {}
    found = (_first_click(folder, name, marks.get(name, 0)) for name in names)
    return min((at for at in found if at is not None), default=None)


def _first_click(folder: Path, name: str, start: int) -> datetime | None:
    try:
        hits, _ = records.unpacked(spool.piece(folder, name, start=start, max_bytes=records.SIZE))
    except FileNotFoundError:
        # A clock was done with it between the listing and now.
        return None
    return hits[0].at if hits else None
