"""`curator demo`: prepares a folder, starts feeds and sink, and keeps web and runner running until Ctrl-C."""

import fcntl
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import config
from curator import schema
from curator.accounts import admit
from curator.app import App, build, utc_now
from curator.demo import downloads, names, promotions, seed, show, tips
from curator.demo.feedserver import FeedServer
from curator.demo.loopback import require_loopback
from curator.demo.pages import offer_of
from curator.demo.sink import Sink
from curator.demo.state import DemoState, forget, keep_state, known_state
from curator.errors import AlreadyRunningError, FetchError, InvalidError
from curator.http import ports
from curator.http.values import Fetcher
from curator.jobs import supervise
from curator.settings import Settings, load
from curator.settings.keys import make_secret_key

HOST = "127.0.0.1"
BOUNCE_ADDRESS = f"bounces@{names.DOMAIN}"
BOUNCES = "bounces"
# They look at mails, and are where they are on this machine.
_PROGRAMS = ("CURATOR_CHROMIUM", "CURATOR_SPAMASSASSIN")
# How often the web is asked whether it answers yet: the link must not come late, nor the question cost anything.
_ASK_EVERY_S = 0.1


def run(*, port: int, reset: bool, feeds_dir: Path | None, data_dir: Path) -> int:
    """Runs the demo until it is stopped and returns the exit status.

    Raises AlreadyRunningError for a folder in which a demo runs, and InvalidError for a port that is taken or a folder
    whose demo has other feeds: nothing is changed then.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with _held(data_dir):
        _require_free(port)
        if reset:
            forget(data_dir)
        environ = demo_environ(config.environ(), data_dir=data_dir, port=port)
        return _serve(data_dir, feeds_dir, environ)


def demo_environ(environ: Mapping[str, str], *, data_dir: Path, port: int) -> dict[str, str]:
    """Returns the environment of the demo's processes: only the names of programs are the caller's own."""
    kept = {name: value for name, value in environ.items() if not name.startswith("CURATOR_") or name in _PROGRAMS}
    return kept | {
        "CURATOR_DATA_DIR": str(data_dir.resolve()),
        "CURATOR_BIND": f"{HOST}:{port}",
        "CURATOR_ALLOW_PRIVATE_ADDRESSES": "yes",
        "CURATOR_DEMO": "yes",
        "CURATOR_BOUNCE_ADDRESS": BOUNCE_ADDRESS,
        "CURATOR_BOUNCE_MAILDIR": str(data_dir.resolve() / BOUNCES),
    }


def _serve(data_dir: Path, feeds_dir: Path | None, environ: dict[str, str]) -> int:
    make_secret_key(data_dir)
    state = _state(data_dir, feeds_dir)
    with _feed_server(state, feeds_dir) as server, Sink(data_dir / "outbox", bounces=data_dir / BOUNCES) as sink:
        environ["CURATOR_SMTP_URL"] = sink.url
        settings = load(environ)
        require_loopback(settings)
        app = build(settings)
        with closing(app.db):
            schema.upgrade(app.db)
            # Feeds are known by their URLs: a start that is killed from here on must come back at the same port.
            state = replace(state, feed_port=server.port)
            keep_state(data_dir, state)
            with _opening(app, server, state):
                return supervise.run(settings, commands=_commands(settings), environ=environ)


def _state(data_dir: Path, feeds_dir: Path | None) -> DemoState:
    feeds = "" if feeds_dir is None else str(feeds_dir.resolve())
    state = known_state(data_dir) or DemoState(feed_port=0, started_at=utc_now(), feeds=feeds)
    if state.feeds != feeds:
        kept = state.feeds or "its own samples"
        raise InvalidError("feeds", f"The demo in {data_dir} was set up with feeds from {kept}; --reset starts anew.")
    return state


def _feed_server(state: DemoState, feeds_dir: Path | None) -> FeedServer:
    try:
        return FeedServer(offer_of(feeds_dir, state.started_at), port=state.feed_port)
    except OSError as error:
        raise InvalidError(
            "feeds",
            f"Port {state.feed_port}, at which this demo's feeds are known, is taken; "
            "free it, or start anew with --reset.",
        ) from error


def _commands(settings: Settings) -> dict[str, list[str]]:
    return {
        "web": supervise.web_command(settings, target="curator.demo.wsgi:application"),
        "runner": [sys.executable, "-m", "curator.demo.runner"],
    }


@contextmanager
def _opening(app: App, server: FeedServer, state: DemoState) -> Iterator[None]:
    """Seeds and says hello in a thread of its own while the web starts: one after the other would take too long."""
    stopped = threading.Event()
    failures: list[BaseException] = []

    def open_doors() -> None:
        try:
            token = _prepared(app, server, state)
            _greet(app, token, stopped)
        except BaseException as error:  # raised again in the main thread, once the web has ended
            failures.append(error)
            os.kill(os.getpid(), signal.SIGTERM)

    # Until the supervisor listens for signals, one that ends the demo must still unwind what was started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    opening = threading.Thread(target=open_doors)
    opening.start()
    try:
        yield
    finally:
        stopped.set()
        opening.join()
        if failures:
            raise failures[0]


def _prepared(app: App, server: FeedServer, state: DemoState) -> str:
    """Seeds what is not seeded yet and returns the token of a new sign-in link for the owner."""
    now = app.clock()
    if not state.is_seeded:
        seeded = seed.seed(app.db, server, now=now)
        _filled(app, server, seeded, state)
        _first_issue(app, seeded, from_archive=bool(state.feeds))
        keep_state(app.settings.data_dir, replace(state, is_seeded=True))
    return admit.make_link(app.db, seed.owner_id(app.db, now=now), now=now)


def _filled(app: App, server: FeedServer, seeded: seed.Seeded, state: DemoState) -> None:
    """Polls the feeds while the past is written: one of them is slow, which is time enough."""
    now = app.clock()
    with ThreadPoolExecutor(1) as beside:
        polls = beside.submit(seed.poll_feeds, app.db, app.fetcher, seeded.feed_ids, now=now, random=app.random)
        if not state.feeds:
            seed.seed_past(app.db, app.renderer, server, seeded, now=state.started_at)
        seed.seed_readers(app.db, seeded, now=now)
        polls.result()
    if not state.feeds:
        show.write_show(app.db, server, by=seeded.editor_ids[1], now=now)
        promotions.write_promotions(app.db, server, seeded, now=now)
        downloads.write_downloads(app.db, app.files, seeded.newsletter_id, by=seeded.editor_ids[1], now=now)
        tips.write_tips(app.db, app.keys, server, seeded, now=now)


def _first_issue(app: App, seeded: seed.Seeded, *, from_archive: bool) -> None:
    now, by = app.clock(), seeded.owner_id
    issue_id = seed.draft_first_issue(app.db, seeded.newsletter_id, now=now, include_archive=from_archive, by=by)
    if not from_archive:
        seed.write_first_issue(app.db, issue_id, by=seeded.editor_ids[1], now=now)


def _greet(app: App, token: str, stopped: threading.Event) -> None:
    """Says where everything is, as soon as the web answers."""
    url = app.settings.public_url
    while not stopped.is_set() and not _answers(url, app.fetcher):
        stopped.wait(_ASK_EVERY_S)
    if not stopped.is_set():
        lines = (
            "",
            "Demo: no mail leaves this machine. Ctrl-C ends it.",
            f"  Desk:   {url}/desk/enter?t={token}",
            f"  Outbox: {url}/outbox",
            f"  Public: {url}/",
            "",
        )
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()


def _answers(public_url: str, fetcher: Fetcher) -> bool:
    try:
        return fetcher.get(f"{public_url}/").status < 500
    except FetchError:
        return False


@contextmanager
def _held(data_dir: Path) -> Iterator[None]:
    """Holds the folder while the demo runs; the lock goes with the process, however it ends."""
    with (data_dir / "demo.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunningError(
                f"A demo runs in {data_dir} already; stop it first (Ctrl-C where it runs)."
            ) from error
        yield


def _require_free(port: int) -> None:
    if not 0 < port < 65536:
        raise InvalidError("port", f"{port} is no port; choose one from 1 to 65535.")
    if (why := ports.refusal(HOST, port)) is not None:
        raise InvalidError("port", f"{HOST}:{port} cannot be used: {why}. Choose another with --port.")
