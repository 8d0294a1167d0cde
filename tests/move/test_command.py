"""`curator db move`: what an operator sees, and that the moved installation is the one that readers know."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.engine import make_url

from curator.accounts import admit
from curator.app import App, build, utc_now
from curator.audience import links
from curator.audience import store as audience
from curator.cli import curator
from curator.db import Database
from curator.demo import seed
from curator.demo.feedserver import FeedServer
from curator.demo.pages import sample_offer
from curator.jobs import alive
from curator.mailings import send
from curator.mailings import store as mailings
from curator.move.carry import carry
from curator.move.values import Compared
from curator.settings import load
from curator.web import create_app
from tests.builders import approved_issue_row, newsletter_row, subscriber_rows
from tests.flow.killing import statements_until_done

ROOT = Path(__file__).parents[2]
Run = Callable[..., Result]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"CURATOR_DATA_DIR": str(tmp_path / "var"), "CURATOR_LOG_FORMAT": "json"}


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    """Calls a command in an installation of its own, which `curator init` has made."""

    def call(*arguments: str, **extra: str) -> Result:
        return CliRunner().invoke(curator, arguments, env=environ | extra)

    assert call("init", "--owner", "mina@example.test").exit_code == 0
    return call


@pytest.fixture
def app(run: Run, environ: dict[str, str]) -> Iterator[App]:
    found = build(load(environ))
    yield found
    found.db.close()


def _at(environ: dict[str, str], url: str) -> App:
    return build(load(environ | {"CURATOR_DATABASE_URL": url}))


def _mailing(app: App) -> int:
    newsletter_id = newsletter_row(app.db)
    subscriber_rows(app.db, newsletter_id, ["ada@example.org"])
    return send.start(app.db, approved_issue_row(app.db, newsletter_id), now=app.clock())


def test_a_moved_demo_is_the_same_desk_and_its_links_still_work(
    run: Run, app: App, environ: dict[str, str], target_url: str
) -> None:
    now = utc_now()
    with FeedServer(partial(sample_offer, now=now, slow_s=0.05)) as server:
        seeded = seed.seed(app.db, server, now=now)
        seed.seed_past(app.db, app.renderer, server, seeded, now=now)
        seed.seed_readers(app.db, seeded, now=now)
    sign_in = admit.make_link(app.db, seeded.owner_id, now=now)
    with app.db.read() as session:
        (mailing, *_) = mailings.mailings(session)
        reader = audience.candidates(session, seeded.newsletter_id, now=now, limit=1)[0].subscriber_id
    token = links.unsubscribe_token(app.keys, seeded.newsletter_id, reader, mailing_id=mailing.id)

    done = run("db", "move", target_url)
    assert done.exit_code == 0, done.output
    assert "rows, equal" in done.output
    assert "set CURATOR_DATABASE_URL to the URL that you gave" in done.output
    assert "was not changed" in done.output

    moved = _at(environ, target_url)
    try:
        web = create_app(moved).test_client()
        assert web.get(f"/u/{token}").status_code == 200
        assert web.post(f"/u/{token}", data={"List-Unsubscribe": "One-Click"}).status_code == 200
        with moved.db.read() as there, app.db.read() as here:
            left, stayed = (
                {each.subscriber_id for each in audience.candidates(session, seeded.newsletter_id, now=now, limit=1000)}
                for session in (there, here)
            )
            assert stayed - left == {reader}
            assert mailings.mailings(there) == mailings.mailings(here)
        admit.use_link(moved.db, sign_in, now=now, network="home")
        assert web.get("/desk/sign-in").status_code == 200
    finally:
        moved.db.close()
    assert run("db", "check", CURATOR_DATABASE_URL=target_url).exit_code == 0


def test_a_machine_reads_the_same_as_json(run: Run, target_url: str) -> None:
    told = json.loads(run("db", "move", target_url, "--json").output)
    assert told["is_equal"] is True
    (user,) = (each for each in told["tables"] if each["table"] == "user")
    assert (user["rows"], user["rows_there"], user["sha256"]) == (1, 1, user["sha256_there"])


def test_nothing_is_moved_while_curator_runs(run: Run, app: App, target_url: str) -> None:
    with (app.settings.data_dir / "curator.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = run("db", "move", target_url)
        assert refused.exit_code == 1
        assert str(refused.exception).startswith("Curator runs here. Stop it first, so that nothing is written")
        assert run("db", "move", target_url, "--running").exit_code == 0


def test_nothing_is_moved_while_a_worker_lives(run: Run, app: App, target_url: str) -> None:
    with alive.named(app.settings.data_dir / "workers", "worker"):
        assert "Curator runs here (worker-" in str(run("db", "move", target_url).exception)


def test_a_mailing_under_way_is_not_moved_from_under_its_sender(run: Run, app: App, target_url: str) -> None:
    mailing_id = _mailing(app)
    with alive.named(app.settings.data_dir / "workers"):
        refused = run("db", "move", target_url, "--running")
        assert f"Stop it first: mailing {mailing_id} is under way" in str(refused.exception)
    # Nobody sends, so it goes along.
    assert run("db", "move", target_url).exit_code == 0


def _move_and_die(database: Database, url: str) -> None:
    def die(compared: Compared) -> None:
        if compared.table == "delivery":
            os.kill(os.getpid(), signal.SIGKILL)

    carry(database, url, again=False, tell=die)


def test_a_move_killed_half_way_leaves_nothing_to_start_on_and_goes_well_again(
    run: Run, app: App, environ: dict[str, str], target_url: str
) -> None:
    _mailing(app)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    here = app.db.url.render_as_string()
    assert not statements_until_done(_move_and_die, here, kill_before=100_000, arguments=(target_url,))
    for command in (["web"], ["clock"], ["worker"], ["runner"], ["db", "check"], ["db", "upgrade"]):
        refused = run(*command, CURATOR_DATABASE_URL=target_url)
        assert "unfinished copy" in str(refused.exception), command
    # These open more than they could close here, so they get a process of their own.
    there = {
        **environ,
        "PATH": "/usr/bin:/bin",
        "CURATOR_DATABASE_URL": target_url,
        "CURATOR_BIND": f"127.0.0.1:{port}",
    }
    for arguments in (["run"], ["init"], ["doctor"]):
        done = subprocess.run(
            [sys.executable, "-m", "curator.cli", *arguments],
            cwd=ROOT,
            env=there,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 1
        assert "unfinished copy" in done.stdout + done.stderr
    assert "was not finished" in str(run("db", "move", target_url).exception)
    assert run("db", "move", target_url, "--again").exit_code == 0
    assert run("db", "check", CURATOR_DATABASE_URL=target_url).exit_code == 0


@pytest.mark.parametrize("command", ["web", "clock", "worker"])
def test_nothing_starts_on_an_empty_database(run: Run, target_url: str, command: str) -> None:
    refused = run(command, CURATOR_DATABASE_URL=target_url)
    assert str(refused.exception).endswith("is empty: run `curator init`, or `curator db upgrade`.")


def test_the_password_is_never_said(run: Run) -> None:
    url = make_url("postgresql+psycopg://u:geheim@127.0.0.1:1/x").render_as_string(hide_password=False)
    refused = run("db", "move", url)
    assert refused.exit_code == 1
    assert "geheim" not in refused.output + str(refused.exception)
