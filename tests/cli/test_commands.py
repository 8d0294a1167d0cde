"""The commands say what they did, and a user's mistake is one line, never a traceback."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from curator.accounts import admit
from curator.app import build
from curator.audience import sign_up
from curator.cli import curator
from curator.feeds.values import ItemKind
from curator.newsletters import edit
from curator.settings import load
from tests import builders
from tests.cli.conftest import Install
from tests.feeds.documents import item, rss
from tests.http.servers import running_site

ROOT = Path(__file__).parents[2]

_FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Notes</title><link>https://notes.example/</link>
<item><guid>1</guid><title>One &amp; only</title><link>https://notes.example/1</link></item></channel></rss>"""


@pytest.fixture
def run(tmp_path: Path):
    """Calls a command in an installation of its own."""
    environ = {"CURATOR_DATA_DIR": str(tmp_path / "var"), "CURATOR_LOG_FORMAT": "json"}

    def call(*arguments: str, **extra: str) -> Result:
        return CliRunner().invoke(curator, arguments, env=environ | extra)

    return call


@pytest.fixture
def installed(run, tmp_path: Path, install: Install):
    """The same, after `curator init`."""
    install(tmp_path / "var")
    return run


def _real(
    tmp_path: Path, *arguments: str, stdin: int = subprocess.DEVNULL, **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "curator.cli", *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "CURATOR_DATA_DIR": str(tmp_path), **environ},
        stdin=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_wrong_setting_stops_a_command_with_one_line(tmp_path: Path) -> None:
    done = _real(tmp_path, "feeds", "list", CURATOR_SECRET_KEY="k" * 40, CURATOR_WORKER_THREADS="many")
    assert done.returncode == 1
    assert done.stderr == "curator: CURATOR_WORKER_THREADS is 'many'; it must be a number.\n"


def test_no_line_in_a_list_of_commands_is_cut_off() -> None:
    assert [line for line in _listed(curator) if line.endswith("...")] == []


def test_a_command_before_init_names_the_way_out(tmp_path: Path) -> None:
    done = _real(tmp_path, "feeds", "list")
    assert done.returncode == 1
    assert "curator init" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_thing_is_named_without_a_traceback(tmp_path: Path) -> None:
    assert _real(tmp_path, "init").returncode == 0
    done = _real(tmp_path, "mailings", "status", "7")
    assert done.returncode == 1
    assert done.stderr == "curator: There is no mailing 7.\n"


def test_init_prints_a_link_that_signs_the_owner_in_and_may_run_again(run) -> None:
    first = run("init", "--owner", "mina@example.test")
    assert "/desk/enter?t=" in first.output
    again = run("init", "--owner", "mina@example.test")
    assert again.exit_code == 0
    assert "/desk/enter" not in again.output


def test_whoever_lost_the_first_link_is_told_how_to_get_another_until_somebody_came_in(run, tmp_path: Path) -> None:
    token = run("init", "--owner", "mina@example.test").output.strip().rpartition("t=")[2]
    last = run("init").output.splitlines()[-1]
    assert last == "Nobody has signed in yet: `curator users reset mina@example.test` prints a new link."
    app = build(load({"CURATOR_DATA_DIR": str(tmp_path / "var")}))
    admit.use_link(app.db, token, now=app.clock(), network="home")
    app.db.close()
    assert run("init").output.splitlines()[-1] == "Sign in at http://127.0.0.1:8000/desk"


def test_init_asks_again_after_a_slip_and_says_where_the_desk_is(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"mina\nmina@example.test\n")
    done = _real(tmp_path, "init", stdin=theirs)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0
    assert "must have an @-sign" in done.stdout + done.stderr
    assert "http://127.0.0.1:8000/desk/enter?t=" in done.stdout
    ready, test_mode, following, link = done.stdout.splitlines()[-4:]
    assert ready.endswith("`curator run` opens the desk at http://127.0.0.1:8000/desk")
    assert test_mode.startswith("Test mode: ")
    assert "`curator doctor`" in following
    assert link.startswith("Sign in once, within 24 hours: http://127.0.0.1:8000/desk/enter?t=")


def test_init_for_a_second_owner_names_the_command_that_adds_one(installed) -> None:
    again = installed("init", "--owner", "theo@example.test")
    assert again.exit_code == 0
    assert "curator users add theo@example.test --role owner" in again.output


def test_a_data_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = _real(tmp_path / "file" / "var", "init")
    assert done.returncode == 1
    assert done.stderr == f"curator: CURATOR_DATA_DIR is {tmp_path}/file/var, which cannot be used: Not a directory.\n"


@pytest.mark.parametrize("command", [("init",), ("db", "check")])
def test_a_database_that_cannot_be_used_is_one_line_without_its_password(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    away = {"CURATOR_DATABASE_URL": "postgresql://curator:sesame@127.0.0.1:1/news", "CURATOR_SECRET_KEY": "k" * 40}
    done = _real(tmp_path, *command, **away)
    assert done.returncode == 1
    assert done.stderr.startswith("curator: CURATOR_DATABASE_URL is postgresql://curator:***@127.0.0.1:1/news, but ")
    assert done.stderr.count("\n") == 1
    assert "sesame" not in done.stderr


def test_a_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "curator.sqlite3").write_text("no database " * 99)
    done = _real(tmp_path, "init")
    assert done.returncode == 1
    assert done.stderr.endswith("but it cannot be used: file is not a database.\n")


def test_init_without_an_owner_says_how_to_make_one(run) -> None:
    assert "curator users add" in run("init").output


def test_the_database_stands_where_it_should_after_init(installed) -> None:
    assert "as it should" in installed("db", "check").output


def test_feeds_are_added_once_and_listed(installed) -> None:
    assert installed("feeds", "add", "https://notes.example/feed").output == "Feed 1 is added.\n"
    assert installed("feeds", "add", "https://notes.example/feed").output == "Feed 1 is added.\n"
    rows = json.loads(installed("feeds", "list", "--json").output)
    assert [row["url"] for row in rows] == ["https://notes.example/feed"]


def test_a_feed_that_is_no_url_is_refused_in_words(installed) -> None:
    done = installed("feeds", "add", "notes dot example")
    assert done.exit_code == 1
    assert done.exception is not None
    assert str(done.exception)


def test_parse_prints_what_the_line_would_take(run, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_text(_FEED)
    bad.write_text("<html><body>no feed</body></html>")
    parsed = json.loads(run("feeds", "parse", str(good)).output)
    assert parsed["feed"]["title"] == "Notes"
    assert [item["title"] for item in parsed["feed"]["items"]] == ["One & only"]
    assert "error" in run("feeds", "parse", str(bad)).output


def test_parse_prints_what_a_podcast_says_of_its_episodes(run, tmp_path: Path) -> None:
    podcast, feed = tmp_path / "podcast.xml", tmp_path / "feed.json"
    facts = (
        "<podcast:person role='guest'>Ada</podcast:person><podcast:person>Bob</podcast:person>"
        "<podcast:transcript url='https://feed.example/7.vtt' type='text/vtt'/>"
        "<psc:chapters xmlns:psc='http://podlove.org/simple-chapters'>"
        "<psc:chapter start='3:07' title='Looms'/></psc:chapters>"
    )
    podcast.write_bytes(
        rss(item("Seven", audio="https://feed.example/7.mp3", more=facts)).replace(
            b"<rss ", b'<rss xmlns:podcast="https://podcastindex.org/namespace/1.0" '
        )
    )
    feed.write_text(json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [{"id": "1"}]}))
    (found,) = json.loads(run("feeds", "parse", str(podcast)).output)["feed"]["items"]
    assert [(one["name"], one["role"]) for one in found["episode"]["people"]] == [("Ada", "guest"), ("Bob", "host")]
    assert [one["media_type"] for one in found["episode"]["transcripts"]] == ["text/vtt"]
    assert [one["start_s"] for one in found["episode"]["chapters"]] == [187.0]
    assert len(json.loads(run("feeds", "parse", str(feed)).output)["feed"]["items"]) == 1


def test_without_a_newsletter_the_way_out_is_named(installed) -> None:
    done = installed("subscribers", "add", "ada@example.test")
    assert done.exit_code == 1
    assert "at the desk" in str(done.exception)


def test_a_person_who_is_locked_out_gets_a_new_link(installed) -> None:
    assert "/desk/enter?t=" in installed("users", "reset", "MINA@example.test").output
    assert installed("users", "reset", "nobody@example.test").exit_code == 1


def test_users_are_invited_by_mail_when_asked_and_nothing_is_printed_that_opens_the_desk(installed) -> None:
    waiting = installed("users", "add", "ann@example.test", "--invite")
    assert waiting.output == (
        "An invitation to ann@example.test is written; it waits until CURATOR_SMTP_URL names a mail relay.\n"
    )
    again = installed("users", "add", "ann@example.test", "--invite", CURATOR_SMTP_URL="smtp://127.0.0.1:1")
    assert again.exit_code == 0
    assert "leaves as soon as Curator runs" in again.output
    assert "/desk/enter" not in waiting.output + again.output
    assert installed("users", "list").output.count("ann@example.test") == 1


def test_a_row_without_a_column_to_blame_is_named_by_its_line(installed, tmp_path: Path) -> None:
    app = build(load({"CURATOR_DATA_DIR": str(tmp_path / "var")}))
    edit.create(app.db, builders.newsletter_form(), now=app.clock())
    app.db.close()
    broken = tmp_path / "readers.csv"
    broken.write_text('email,name\n"ada@example.org,Ada\n')
    assert (
        "  line 2: A quotation mark" in installed("subscribers", "import", str(broken), "--basis", "They asked.").output
    )


def test_an_erased_address_is_told_by_table_and_taken_in_no_more(installed, tmp_path: Path) -> None:
    app = build(load({"CURATOR_DATA_DIR": str(tmp_path / "var")}))
    builders.newsletter_row(app.db)
    installed("subscribers", "add", "ada@example.test")
    assert json.loads(installed("subscribers", "data", "ada@example.test").output)["kept"]["subscriber"]["rows"]
    assert installed("subscribers", "erase", "ada@example.test").exit_code == 1, "nobody said yes"
    erased = json.loads(installed("subscribers", "erase", "Ada@Example.test", "--yes", "--json").output)["erased"]
    assert {each["table"]: each["rows"] for each in erased}["subscriber"] == 1
    assert "Nothing is kept" in installed("subscribers", "erase", "ada@example.test", "--yes").output
    assert installed("subscribers", "data", "ada@example.test").output.strip() == "{}"
    again = installed("subscribers", "add", "ada@example.test")
    assert "had it erased" in str(again.exception)


def test_what_is_too_old_is_told_before_it_goes(installed) -> None:
    said = json.loads(installed("privacy", "prune", "--dry-run", "--json").output)
    assert said == {
        "is_dry_run": True,
        "rows": {"events": 0, "deliveries": 0, "ended readers": 0, "lines of the log": 0},
    }
    assert "No round was made yet" in installed("privacy", "status").output
    assert "0 events went." in installed("privacy", "prune").output
    assert "Last round on" in installed("privacy", "status").output
    assert (
        "kept for good"
        in installed(
            "privacy",
            "prune",
            **{f"CURATOR_KEEP_{kind}_MONTHS": "0" for kind in ("EVENTS", "DELIVERIES", "ENDED", "LOG")},
        ).output
    )


def test_the_list_of_subscribers_counts_those_who_have_yet_to_confirm(installed, tmp_path: Path) -> None:
    app = build(load({"CURATOR_DATA_DIR": str(tmp_path / "var")}))
    newsletter_id = edit.create(app.db, builders.newsletter_form(), now=app.clock())
    sign_up.sign_up(app.db, newsletter_id, "ada@example.test", name="", place="/n", words="", now=app.clock())
    app.db.close()
    said = installed("subscribers", "list").output
    assert "ada@example.test  pending" in said
    assert "0 active, 1 pending, 0 ended, 0 suppressed." in said


def test_what_init_writes_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert _real(folder, "init").returncode == 0
    assert {path.name: oct(path.stat().st_mode & 0o077) for path in [folder, *folder.iterdir()]} == {
        path.name: "0o0" for path in [folder, *folder.iterdir()]
    }


def _listed(group: click.Group) -> list[str]:
    """Returns each command of a group, and of the groups in it, as a terminal of 80 columns lists it."""
    context = click.Context(group)
    commands = {name: group.get_command(context, name) for name in group.list_commands(context)}
    width = 80 - 6 - max(map(len, commands))
    lines = [f"{group.name} {name}: {each.get_short_help_str(width)}" for name, each in commands.items() if each]
    return lines + [line for each in commands.values() if isinstance(each, click.Group) for line in _listed(each)]


def test_polling_by_hand_leaves_a_host_alone_that_asked_for_it(installed) -> None:
    own = {"CURATOR_ALLOW_PRIVATE_ADDRESSES": "yes"}
    with running_site() as site:
        installed("feeds", "add", site.put("/good.xml", _FEED.encode()), **own)
        done = installed("feeds", "poll", "--json", **own)
        assert [(each["is_ok"], each["new"]) for each in json.loads(done.output)] == [(True, 1)]
        assert installed("feeds", "poll", **own).output == "No feed is due.\n"
        installed("feeds", "add", site.put("/busy.xml", status=429), **own)
        assert "429 Too Many Requests" in installed("feeds", "poll", "2", **own).output
        asked = len(site.asked)
        every = json.loads(installed("feeds", "poll", "--all", "--json", **own).output)
        assert [each["feed_id"] for each in every] == [1, 2]
        assert {each["note"].partition(" until ")[0] for each in every} == {
            "Not asked: its host wants to be left alone"
        }
        assert len(site.asked) == asked


def test_a_transcript_is_taken_from_a_file(installed, tmp_path: Path) -> None:
    app = build(load({"CURATOR_DATA_DIR": str(tmp_path / "var")}))
    show = builders.feed_row(app.db, "The AI Podcast", is_own_show=True, kind="podcast")
    item = builders.item_row(app.db, show, "Tide pools", at=app.clock(), kind=ItemKind.EPISODE)
    (tmp_path / "talk.txt").write_text("Ada: Hello there\nBo: Hello\n")
    done = installed("episodes", "transcript", str(item), str(tmp_path / "talk.txt"))
    assert done.output == "Read as plain text: 2 turns, 3 words; Ada, Bo.\n"
    (tmp_path / "talk.pdf").write_bytes(b"%PDF-1.7")
    refused = installed("episodes", "transcript", str(item), str(tmp_path / "talk.pdf"))
    assert "This is no transcript but a PDF" in str(refused.exception)
    app.db.close()
