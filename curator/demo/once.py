"""`curator demo --once`: runs the whole line without a screen, checks what came of it, and says so as JSON."""

import json
import sys
import tempfile
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import TextIO

from curator.app import App, build
from curator.demo import outbox
from curator.demo.feedserver import FeedServer
from curator.demo.line import Line
from curator.demo.loopback import offline
from curator.demo.movable_clock import MovableClock
from curator.demo.newcomer import Newcomer
from curator.demo.pages import offer_of
from curator.demo.readers_read import Readers
from curator.demo.sink import Sink
from curator.demo.summary import Summary
from curator.demo.webserver import WebServer
from curator.errors import CuratorError
from curator.mailings.values import MailingView
from curator.newsletters import store as newsletters
from curator.web import create_app

# Nobody watches: slow enough to be told from the others is enough.
_SLOW_S = 0.1


def run(*, feeds_dir: Path | None = None, out: TextIO | None = None) -> int:
    """Runs the line in a temporary folder and prints the summary; returns 0 only if everything held."""
    with tempfile.TemporaryDirectory(prefix="curator-demo-") as folder:
        summary = summary_of_run(Path(folder), feeds_dir)
    print(json.dumps(asdict(summary), indent=2), file=out or sys.stdout)
    return 0 if summary.held else 1


def summary_of_run(folder: Path, feeds_dir: Path | None) -> Summary:
    """Runs the line in an empty folder; an error that is raised on purpose ends the run and stands in the summary."""
    summary = Summary()
    try:
        with Sink(folder / "outbox") as sink, WebServer() as web:
            app = build(offline(folder, public_url=web.url, smtp_url=sink.url))
            clock = MovableClock(app.clock)
            with closing(app.db), FeedServer(offer_of(feeds_dir, app.clock(), slow_s=_SLOW_S)) as server:
                line = Line(replace(app, clock=clock), clock, server, sink, summary, from_archive=feeds_dir is not None)
                _run(line, web, folder / "outbox")
    except CuratorError as error:
        summary.failed.append(str(error))
    summary.held = not summary.failed
    return summary


def _run(line: Line, web: WebServer, mails: Path) -> None:
    web.serve(create_app(line.app, extra_blueprints=[outbox.blueprint(mails)]))
    follow(line.app, mails, line(), line.summary)


def follow(app: App, mails: Path, mailing: MailingView, summary: Summary) -> None:
    """Lets the readers read what was mailed, and then a newcomer sign up."""
    Readers(app, mails, summary)(mailing)
    with app.db.read() as session:
        newsletter = newsletters.newsletter(session, mailing.newsletter_id)
    Newcomer(app, mails, summary)(newsletter)
