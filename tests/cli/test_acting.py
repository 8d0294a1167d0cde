"""A command that acts for a person says who: the log of the desk shows them, and that it was a command."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from curator.accounts import admit, roles
from curator.accounts import store as accounts
from curator.accounts.values import Role
from curator.activity import store as activity
from curator.activity.values import ActivityRow
from curator.app import App, build
from curator.cli import curator
from curator.issues import store as issues
from curator.issues.values import IssueState
from curator.settings import load
from curator.web import create_app
from tests import builders
from tests.cli.conftest import Install
from tests.events.scene import sent
from tests.web.conftest import Browser

Call = Callable[..., Result]


@pytest.fixture
def environ(tmp_path: Path, install: Install) -> dict[str, str]:
    install(tmp_path / "var")
    return {"CURATOR_DATA_DIR": str(tmp_path / "var"), "CURATOR_LOG_FORMAT": "json"}


@pytest.fixture
def app(environ: dict[str, str]) -> Iterator[App]:
    made = build(load(environ))
    yield made
    made.db.close()


@pytest.fixture
def run(environ: dict[str, str], app: App) -> Call:
    return lambda *arguments: CliRunner().invoke(curator, [str(each) for each in arguments], env=environ)


@pytest.fixture
def approved(app: App) -> int:
    return builders.approved_issue_row(app.db, builders.newsletter_row(app.db), state=IssueState.APPROVED)


def newest(app: App) -> ActivityRow:
    with app.db.read() as session:
        return activity.recent(session, limit=1)[0]


def named(app: App, address: str) -> int:
    with app.db.read() as session:
        found = accounts.user_id(session, address)
    assert found is not None
    return found


def log(app: App) -> str:
    """The log as an owner reads it at the desk."""
    browser = Browser(create_app(app).test_client())
    link = admit.make_link(app.db, named(app, "mina@example.test"), now=app.clock())
    assert browser.post("/desk/enter", {"t": link}).status_code == 303
    return browser.see("/desk/activity")


def test_the_log_names_the_person_and_says_that_it_was_a_command(run: Call, app: App, approved: int) -> None:
    done = run("issues", "schedule", approved, "--at", "2190-12-01T07:00", "--as", "Mina@example.test")
    assert done.exit_code == 0, done.output
    change = newest(app)
    assert (change.verb, change.actor, change.is_by_command) == ("scheduled", named(app, "mina@example.test"), True)
    assert change.became("by command") is None, "how it was done is no fact that an undo compares"
    assert "</strong> scheduled" in log(app)
    assert ", by a command,</strong>" in log(app)


def test_without_a_person_it_was_the_operator(run: Call, app: App, approved: int) -> None:
    assert run("issues", "send", approved).exit_code == 0
    change = newest(app)
    assert (change.actor, change.is_by_command) == (None, True)
    assert "<strong>The operator at the command line</strong>" in log(app)


def test_what_the_desk_does_is_no_command(app: App, run: Call) -> None:
    run("feeds", "add", "https://notes.example/feed.xml")
    admit.create_user(app.db, "theo@example.test", name="Theo", role=Role.EDITOR, now=app.clock())
    assert not newest(app).is_by_command


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
def test_a_mailing_is_stopped_by_somebody(run: Call, app: App, verb: str) -> None:
    line = sent(app.db, state="running" if verb == "pause" else "paused")
    more = ("--yes",) if verb == "cancel" else ()
    done = run("mailings", verb, line.mailing_id, "--as", "mina@example.test", *more)
    assert done.exit_code == 0, (done.output, done.exception)
    assert (newest(app).actor, newest(app).is_by_command) == (named(app, "mina@example.test"), True)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ((), "Missing option '--as'"),
        (("--as", "mina@example.test"), "say --as sent or --as again, once"),
        (("--as", "sent", "--as", "again"), "say --as sent or --as again, once"),
        (("--as", "sent", "--as", "a@b.example", "--as", "c@d.example"), "at most one address"),
    ],
)
def test_settling_says_what_became_of_it_once(run: Call, said: tuple[str, ...], words: str) -> None:
    done = run("mailings", "settle", 1, 1, *said)
    assert done.exit_code == 2
    assert words in done.output


def test_subscribers_and_people_are_changed_by_somebody(run: Call, app: App) -> None:
    builders.newsletter_row(app.db)
    mina = named(app, "mina@example.test")
    for command in (
        ("subscribers", "add", "ada@readers.example"),
        ("subscribers", "suppress", "eve@readers.example"),
        ("subscribers", "erase", "ada@readers.example", "--yes"),
        ("users", "add", "theo@example.test"),
        ("feeds", "add", "https://notes.example/feed.xml"),
    ):
        done = run(*command, "--as", "mina@example.test")
        assert done.exit_code == 0, (command, done.output, done.exception)
        assert (newest(app).actor, newest(app).is_by_command) == (mina, True), command


def test_nobody_of_that_address_does_nothing(run: Call, app: App, approved: int) -> None:
    for address, words in (("nobody@example.test", "nobody@example.test"), ("no address", "@-sign")):
        done = run("issues", "send", approved, "--as", address)
        assert done.exit_code == 1
        assert words in str(done.exception)
    assert newest(app).verb != "scheduled"


def test_nobody_acts_who_might_not_do_it_at_the_desk(run: Call, app: App, approved: int) -> None:
    writer = admit.create_user(app.db, "theo@example.test", name="Theo", role=Role.WRITER, now=app.clock())
    done = run("issues", "send", approved, "--as", "theo@example.test")
    assert done.exit_code == 1
    assert "Theo may not do this at the desk" in str(done.exception)
    with app.db.read() as session:
        newsletter_id = issues.newsletter_of(session, approved)
    assert newsletter_id is not None
    roles.change_role(app.db, writer, Role.EDITOR, differing={newsletter_id: None}, now=app.clock(), by=None)
    assert run("issues", "send", approved, "--as", "theo@example.test").exit_code == 1, "no place in this newsletter"
    admit.deactivate(app.db, writer, now=app.clock(), by=None)
    done = run("issues", "send", approved, "--as", "theo@example.test")
    assert "not at the desk any more" in str(done.exception)
