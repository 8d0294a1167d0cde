"""The form for links: one answer for everybody, hostile words as text, and a flood that does no harm."""

import html
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from curator.picks.tips import decide, store
from curator.picks.tips.values import Tip, TipState
from tests.conftest import FakeClock
from tests.web.public.conftest import ADA, HIDDEN, Readers, everything

URL = "https://example.org/essay"


@pytest.fixture
def open_readers(sqlite_readers: Readers) -> Readers:
    """Readers of a newsletter that takes tips."""
    _open(sqlite_readers)
    return sqlite_readers


def _open(readers: Readers) -> None:
    decide.set_open(readers.app.db, readers.newsletter, is_open=True, by=None, now=readers.app.clock())


def _send(readers: Readers, *, at: str = "203.0.113.7", **fields: str) -> TestResponse:
    given = {"link": URL, **fields}
    return readers.client.post("/n/ai-weekly/tip", data=given, environ_overrides={"REMOTE_ADDR": at})


def _tips(readers: Readers) -> list[Tip]:
    with readers.app.db.read() as session:
        return store.tips(session, readers.newsletter, TipState.WAITING)


def test_a_newsletter_that_takes_no_tips_has_no_form_and_links_to_none(sqlite_readers: Readers) -> None:
    assert "/n/ai-weekly/tip" not in sqlite_readers.client.get("/n/ai-weekly").text
    for url in ("/n/ai-weekly/tip", "/n/ai-weekly/tip/sent"):
        assert sqlite_readers.client.get(url).status_code == 404
    assert _send(sqlite_readers).status_code == 404


def test_a_link_is_kept_with_what_was_agreed_to_and_nothing_is_mailed(readers: Readers) -> None:
    _open(readers)
    assert "/n/ai-weekly/tip" in readers.client.get("/n/ai-weekly").text
    page = readers.client.get("/n/ai-weekly/tip")
    assert ("Set-Cookie" in page.headers, "<script" in page.text) == (False, False)
    words = html.unescape(HIDDEN.findall(page.text)[0])
    assert html.escape(words) in page.text
    answer = _send(readers, link="example.org/essay", note="Why", name="Ada", address=ADA, words=words)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/n/ai-weekly/tip/sent")
    assert "Thank you for the link" in readers.client.get("/n/ai-weekly/tip/sent").text
    (tip,) = _tips(readers)
    assert (tip.url, tip.told[0].note, tip.told[0].name, tip.told[0].has_address) == (URL, "Why", "Ada", True)
    assert readers.letters() == []
    with readers.app.db.read() as session:
        assert store.told_by(session, ADA)[0][0] == URL


def test_what_cannot_be_taken_comes_back_with_what_was_typed(open_readers: Readers) -> None:
    answer = _send(open_readers, link="javascript:alert(1)", note='<script>"x"</script>', address="no address")
    assert answer.status_code == 422
    assert "This is no web address." in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "<script" not in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert _send(open_readers, address="no address").status_code == 422
    assert _send(open_readers, link="").status_code == 422
    assert _send(open_readers, note="x" * 501).status_code == 422
    assert _send(open_readers, words="Other words").status_code == 422
    assert _tips(open_readers) == []


def test_a_program_that_fills_every_field_learns_nothing(open_readers: Readers) -> None:
    before = everything(open_readers.app.db)
    assert _send(open_readers, website="https://spam.example").headers["Location"] == "/n/ai-weekly/tip/sent"
    assert everything(open_readers.app.db) == before


def test_a_thousand_tips_a_minute_from_one_range_leave_a_handful(open_readers: Readers) -> None:
    answers = [
        _send(open_readers, link=f"https://example.org/{each}", at=f"203.0.113.{each % 256}").status_code
        for each in range(1000)
    ]
    assert (answers.count(303), answers.count(429), len(_tips(open_readers))) == (20, 980, 20)


def test_whoever_hurries_is_told_how_long_to_wait(open_readers: Readers, clock: FakeClock) -> None:
    for each in range(10):
        assert _send(open_readers, link=f"https://example.org/{each}").status_code == 303
    answer = _send(open_readers, note="Still here")
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)
    assert "Too many links came from your network. Wait" in answer.text
    assert "Still here" in answer.text
    clock.advance(timedelta(minutes=10))
    assert _send(open_readers).status_code == 303
