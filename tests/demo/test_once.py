"""`demo --once` runs the whole line over real HTTP and real SMTP, and says when something does not hold."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from curator.demo import once
from curator.demo.maildir import Maildir
from curator.demo.movable_clock import MovableClock
from curator.demo.pages import feed_files, sample_offer
from curator.demo.readers import SCRIPTED
from curator.demo.sink import Sink
from curator.events import tally
from curator.mailings import post
from curator.mailings.values import PostReport

SHARED_FEEDS = Path(__file__).parents[3] / "shared" / "data" / "feeds"
READERS = 240 + len(SCRIPTED)
NOBODY = 3  # one is suppressed, one had left before, one leaves while the mailing runs
BOUNCING = 2
BOUNCED_BEFORE = 3  # by back issues, and suppressed since
BACK_ITEMS = 28  # what ran in the back issues and stands in no feed of today, three episodes among them


@pytest.fixture
def sample_folder(tmp_path: Path) -> Path:
    """The project's own sample feeds as files, one of them torn."""
    folder = tmp_path / "feeds"
    folder.mkdir()
    offer = sample_offer("http://127.0.0.1:9", now=datetime(2020, 3, 1, tzinfo=UTC))
    for path, page in offer.pages.items():
        if path.startswith("/feeds/") and page.status == 200:
            (folder / path.removeprefix("/feeds/")).write_bytes(page.body)
    return folder


def test_the_sample_feeds_go_the_whole_way_to_every_reader(tmp_path: Path) -> None:
    summary = once.summary_of_run(tmp_path, None)
    assert summary.failed == []
    assert summary.held
    assert (summary.feeds_polled, summary.feeds_failed, summary.items, summary.episodes) == (
        11,
        2,
        78 + BACK_ITEMS,
        6 + 3,
    )
    assert summary.picks == 3 + 4 + 8
    assert summary.back_issues == 6
    assert summary.deliveries_sent == READERS - NOBODY - BOUNCING
    assert (summary.refused, summary.put_off, summary.excluded) == (BOUNCING, 2, 2 + BOUNCED_BEFORE)
    assert (summary.in_doubt, summary.twice, summary.balance) == (0, 0, True)
    assert summary.clicks >= summary.clickers > 50
    assert summary.scanner_hits > 20
    assert (summary.unsubscribed, summary.bounced) == (1, BOUNCING)
    assert summary.web_version_ok
    assert (summary.letters, summary.signed_up) == (2, True)
    assert len(Maildir(tmp_path / "outbox").newest_keys()) == summary.deliveries_sent + summary.letters


def test_old_feed_files_go_the_whole_way_too(tmp_path: Path, sample_folder: Path) -> None:
    summary = once.summary_of_run(tmp_path / "run", sample_folder)
    assert summary.failed == []
    assert (summary.feeds_polled, summary.feeds_failed) == (10, 1)
    assert summary.items == 78
    assert summary.picks > 10
    assert summary.deliveries_sent == READERS - NOBODY - BOUNCING


def test_feeds_without_episodes_make_an_issue_without_highlights(tmp_path: Path, sample_folder: Path) -> None:
    (sample_folder / "held-out.xml").unlink()
    summary = once.summary_of_run(tmp_path / "run", sample_folder)
    assert summary.failed == []
    assert summary.episodes == 0
    assert summary.held


def test_real_old_and_hostile_feeds_go_the_whole_way(tmp_path: Path) -> None:
    if not SHARED_FEEDS.is_dir():
        pytest.skip("this machine lacks ../shared/data/feeds (34 real feed files)")
    summary = once.summary_of_run(tmp_path, SHARED_FEEDS)
    assert summary.failed == []
    assert summary.feeds_polled == len(feed_files(SHARED_FEEDS)) == 34
    assert summary.items > 500
    assert summary.deliveries_sent == READERS - NOBODY - BOUNCING


def test_a_folder_without_a_readable_item_does_not_hold_and_says_why(tmp_path: Path) -> None:
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    (feeds / "torn.xml").write_text("<rss")
    summary = once.summary_of_run(tmp_path / "run", feeds)
    assert not summary.held
    assert "Does not hold: items were found." in summary.failed


def test_a_folder_without_feeds_is_refused_in_one_sentence(tmp_path: Path) -> None:
    out = io.StringIO()
    assert once.run(feeds_dir=tmp_path, out=out) == 1
    told = json.loads(out.getvalue())
    assert told["held"] is False
    assert told["failed"] == [f"{tmp_path} holds no feed file (.xml, .rss, .atom, .rdf or .json)."]


def test_a_reader_who_gets_a_second_mail_makes_the_run_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Sink.handle_DATA

    async def taken_twice(self: Sink, server: object, session: object, envelope: object) -> str:
        await taken(self, server, session, envelope)
        return await taken(self, server, session, envelope)

    monkeypatch.setattr(Sink, "handle_DATA", taken_twice)
    summary = once.summary_of_run(tmp_path, None)
    assert not summary.held
    assert "Does not hold: no message came twice." in summary.failed


def test_a_scanner_that_passes_for_a_reader_and_a_lost_letter_make_the_run_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "robots", lambda hits, **_: [False] * len(hits))
    monkeypatch.setattr(post, "post", lambda *_, **__: PostReport({}, ""))
    summary = once.summary_of_run(tmp_path, None)
    assert not summary.held
    told = " ".join(summary.failed)
    assert "the scanner's hits are set apart (45)" in told
    assert "as many clicks are counted as happened" in told
    assert "one confirmation letter came" in told


def test_the_clock_goes_on_when_it_is_told_to(now: datetime) -> None:
    clock = MovableClock(lambda: now)
    clock.advance(timedelta(hours=2))
    clock.advance(timedelta(minutes=5))
    assert clock() == now + timedelta(hours=2, minutes=5)
