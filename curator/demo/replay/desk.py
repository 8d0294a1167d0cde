"""The installation that a replay runs on: a database of its own, a clock that stands still, a sink and a web."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from curator import schema
from curator.app import TEMPLATES, App, build
from curator.demo import once, outbox, seed
from curator.demo.loopback import offline
from curator.demo.mailed import Mailed
from curator.demo.movable_clock import MovableClock
from curator.demo.sink import Sink
from curator.demo.summary import Summary
from curator.demo.webserver import WebServer
from curator.issues.render import Renderer
from curator.web import create_app

# The size of an issue depends on it, and the same issue must come of it at any port.
_PUBLIC_URL = "http://127.0.0.1:8000"


class EvenRandom(Random):
    """Chance that always falls in the middle: whether polls spread out is no part of what is replayed."""

    def random(self) -> float:
        """Returns the middle."""
        return 0.5


@dataclass
class Desk:
    """An installation with its newsletter; `app` polls without chance, and its clock is moved by whoever plays."""

    app: App
    seeded: seed.Seeded
    clock: MovableClock
    sink: Sink
    web: WebServer
    mails: Path

    def mailed(self, issue_id: int) -> Summary:
        """Sends an issue to the demo's readers, lets them read, and returns what came of it."""
        # Nobody sleeps where the clock stands: it is moved instead.
        summary, app = Summary(), replace(self.app, rest=lambda s: self.clock.advance(timedelta(seconds=s)))
        seed.seed_readers(app.db, self.seeded, now=app.clock())
        self.web.serve(create_app(app, extra_blueprints=[outbox.blueprint(self.mails)]))
        once.follow(app, self.mails, Mailed(app, self.clock, self.sink, summary)(self.seeded, issue_id), summary)
        summary.held = not summary.failed
        return summary


@contextmanager
def opened(folder: Path, begins_at: datetime, patience_s: float) -> Iterator[Desk]:
    """Opens an installation in a new folder, at a moment; its fetcher waits so many seconds for an answer."""
    folder.mkdir()
    clock, mails = MovableClock(lambda: begins_at), folder / "outbox"
    with Sink(mails) as sink, WebServer() as web:
        app = replace(
            build(offline(folder, public_url=web.url, smtp_url=sink.url, fetch_read_s=patience_s)),
            clock=clock,
            random=EvenRandom(),
            renderer=Renderer(TEMPLATES, public_url=_PUBLIC_URL),
        )
        with closing(app.db):
            schema.upgrade(app.db)
            yield Desk(app, seed.seed_desk(app.db, now=begins_at), clock, sink, web, mails)
