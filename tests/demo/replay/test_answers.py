"""What the archive's servers answer: the day's documents with validators, and each fault in its way."""

import gzip
import zlib
from datetime import date, timedelta

import pytest

from curator.demo.replay.answers import CHUNK, Answer, Answers
from curator.demo.replay.archive import Archive, Day
from curator.demo.replay.plan import BUSY_HOST, HOLD, Fault, FaultKind, Plan
from tests.conftest import FakeClock

ARCHIVE = Archive(
    (
        Day(date(2023, 6, 10), {"a.xml": b"<rss>one</rss>", "b.xml": b"<rss>b</rss>"}),
        Day(date(2023, 6, 11), {"a.xml": b"<rss>two</rss>", "b.xml": b"<rss>b</rss>"}),
    )
)
HOST = "127.0.0.1"
NONE: dict[str, str | None] = {}


def _answers(clock: FakeClock, *faults: Fault) -> Answers:
    hosts = {feed: BUSY_HOST if Fault(feed, FaultKind.BUSY, 0) in faults else HOST for feed in ARCHIVE.feeds}
    found = Answers(ARCHIVE, Plan(1, hosts, faults), clock, max_bytes=100_000, late_s=3.0)
    assert found.begin(0) == ["a.xml", "b.xml"]
    return found


def _asked(
    answers: Answers, path: str = "/feeds/a.xml", *, host: str = HOST, sent: dict[str, str | None] = NONE
) -> Answer:
    return answers.answer(path, host=host, sent=sent)


def test_a_document_comes_with_validators_and_is_not_sent_twice(clock: FakeClock) -> None:
    answers = _answers(clock)
    first = _asked(answers)
    assert (first.status, first.body, first.is_whole) == (200, b"<rss>one</rss>", True)
    assert first.headers["Last-Modified"] == "Mon, 16 Nov 2026 09:00:00 GMT" == answers.now_text()
    for name in ("ETag", "Last-Modified"):
        assert _asked(answers, sent={name: first.headers[name]}).status == 304
    assert _asked(answers, sent={"ETag": '"other"', "Last-Modified": first.headers["Last-Modified"]}).status == 200


def test_the_next_day_brings_what_changed_and_leaves_alone_what_did_not(clock: FakeClock) -> None:
    answers = _answers(clock)
    known = {path: _asked(answers, path).headers["ETag"] for path in ("/feeds/a.xml", "/feeds/b.xml")}
    clock.advance(timedelta(days=1))
    answers.begin(1)
    again = {path: _asked(answers, path, sent={"ETag": tag}) for path, tag in known.items()}
    assert {path: answer.status for path, answer in again.items()} == {"/feeds/a.xml": 200, "/feeds/b.xml": 304}
    assert again["/feeds/a.xml"].headers["Last-Modified"] == "Tue, 17 Nov 2026 09:00:00 GMT"
    assert again["/feeds/b.xml"].headers["Last-Modified"] == "Mon, 16 Nov 2026 09:00:00 GMT"


def test_a_day_is_settled_once_every_feed_was_got_whole(clock: FakeClock) -> None:
    answers = _answers(clock)
    answers.note_whole("/feeds/a.xml", is_given=True)
    assert answers.unsettled == ["b.xml"]
    answers.note_whole("/moved/b.xml", is_given=True)
    assert answers.unsettled == []
    answers.note_whole("/moved/b.xml", is_given=False)
    assert answers.unsettled == ["b.xml"]
    answers.begin(1)
    assert answers.unsettled == ["a.xml", "b.xml"]


def test_a_moved_feed_is_at_its_new_address_alone(clock: FakeClock) -> None:
    answers = _answers(clock, Fault("a.xml", FaultKind.MOVED, 0))
    old = _asked(answers)
    assert (old.status in (301, 308), old.headers["Location"]) == (True, "/moved/a.xml")
    assert _asked(answers, "/moved/a.xml").body == b"<rss>one</rss>"


def test_a_feed_that_is_gone_is_there_until_its_day(clock: FakeClock) -> None:
    answers = _answers(clock, Fault("a.xml", FaultKind.GONE, 1))
    assert _asked(answers).status == 200
    answers.begin(1)
    assert _asked(answers).status == 410


def test_a_busy_host_names_its_moment_and_answers_then(clock: FakeClock) -> None:
    answers = _answers(clock, Fault("a.xml", FaultKind.BUSY, 0))
    assert _asked(answers, host=BUSY_HOST).headers["Retry-After"] == str(int(HOLD.total_seconds()))
    clock.advance(timedelta(minutes=30))
    assert _asked(answers, host=BUSY_HOST).headers["Retry-After"] == "3600"
    assert answers.asked_while_held == 1
    assert _asked(answers, "/feeds/b.xml").status == 200
    clock.advance(timedelta(minutes=60))
    assert _asked(answers, host=BUSY_HOST).status == 200
    assert answers.statuses == {429: 2, 200: 2}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (FaultKind.BROKEN, 500),
        (FaultKind.TORN, 200),
        (FaultKind.BOMB, 200),
        (FaultKind.HUGE, 200),
        (FaultKind.LATE, 200),
    ],
)
def test_a_fault_that_passes_comes_once_and_gives_nobody_the_document(
    clock: FakeClock, kind: FaultKind, status: int
) -> None:
    answers = _answers(clock, Fault("a.xml", kind, 0))
    faulty = _asked(answers)
    assert (faulty.status, faulty.is_whole, "ETag" in faulty.headers) == (status, False, False)
    assert (_asked(answers).body, _asked(answers).is_whole) == (b"<rss>one</rss>", True)


def test_what_is_slow_comes_whole_and_what_is_late_beyond_all_patience(clock: FakeClock) -> None:
    assert _asked(_answers(clock, Fault("a.xml", FaultKind.SLOW, 0))).is_whole
    assert _asked(_answers(clock, Fault("a.xml", FaultKind.LATE, 0))).delay_s == 3.0


def test_torn_gzip_cannot_be_unpacked_and_a_bomb_unfolds_beyond_the_limit(clock: FakeClock) -> None:
    torn = _asked(_answers(clock, Fault("a.xml", FaultKind.TORN, 0)))
    assert torn.headers["Content-Encoding"] == "gzip"
    with pytest.raises((zlib.error, OSError, EOFError)):
        gzip.decompress(torn.body)
    bomb = _asked(_answers(clock, Fault("a.xml", FaultKind.BOMB, 0)))
    assert len(bomb.body) < 2_000
    assert len(gzip.decompress(bomb.body)) > 100_000
    huge = _asked(_answers(clock, Fault("a.xml", FaultKind.HUGE, 0)))
    assert huge.repeats * len(CHUNK) > 100_000


def test_what_is_no_feed_is_not_there(clock: FakeClock) -> None:
    answers = _answers(clock)
    assert [_asked(answers, path).status for path in ("/", "/feeds/", "/feeds/c.xml", "/a.xml")] == [404] * 4
