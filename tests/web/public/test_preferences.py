"""A reader's own page: what they get, changed at once, safe in a tab left open and in a mail passed on."""

import re
from typing import Any

from werkzeug.test import TestResponse

from curator.audience import subscribe
from curator.audience.tables import Subscriber
from curator.audience.values import SuppressionReason
from tests import builders
from tests.web.public.conftest import ADA, Readers


def _save(readers: Readers, **fields: Any) -> TestResponse:
    return readers.client.post(f"/p/{readers.own_token()}", data={"name": "", **fields})


def test_the_page_shows_newsletters_and_a_masked_address(readers: Readers) -> None:
    builders.newsletter_row(readers.app.db, slug="deep", name="Deep Dives")
    readers.active()
    page = readers.client.get(f"/p/{readers.own_token()}").text
    assert "a…@readers.example" in page
    assert ADA not in page
    assert re.search(r'value="1" checked>', page)
    assert re.search(r'value="2">', page)


def test_a_reader_changes_what_they_get(readers: Readers) -> None:
    other = builders.newsletter_row(readers.app.db, slug="deep", name="Deep Dives")
    readers.active()
    answer = _save(readers, name="Ada\r\nL", newsletter=[str(other)], shown_ticked=[str(readers.newsletter)])
    assert (answer.status_code, "Saved." in answer.text) == (200, True)
    assert 'value="Ada L"' in answer.text
    assert readers.state() == "ended"
    assert [(step, place) for step, place, _ in readers.steps()] == [
        ("left", "/p"),
        ("asked", "/p"),
        ("confirmed", "/p"),
    ]
    assert readers.steps()[1][2].startswith("Send me Deep Dives every Tuesday")


def test_odd_fields_change_nothing(readers: Readers) -> None:
    readers.active()
    for ids in (["x"], ["-1"], ["99999999999999999999"], ["4711"], [""]):
        assert _save(readers, newsletter=ids, shown_ticked=ids).status_code == 200
    assert readers.state() == "active"


def test_a_reader_leaves_everything_with_one_press(readers: Readers) -> None:
    readers.active()
    for _ in range(2):
        assert "Nothing is sent to you any more" in _save(readers, leave_all="yes").text
    assert readers.state() == "ended"
    assert [step for step, _, _ in readers.steps()] == ["left"]


def test_an_address_that_must_not_be_mailed_is_told_why(readers: Readers) -> None:
    readers.active()
    subscribe.suppress(readers.app.db, ADA, SuppressionReason.BOUNCED, now=readers.app.clock())
    assert "mails to it came back" in readers.client.get(f"/p/{readers.own_token()}").text


def test_whoever_is_forgotten_gets_words(readers: Readers) -> None:
    readers.active()
    token = readers.own_token()
    with readers.app.db.write() as session:
        session.delete(session.get_one(Subscriber, readers.subscriber()))
    for answer in (readers.client.get(f"/p/{token}"), readers.client.post(f"/p/{token}", data={"newsletter": "1"})):
        assert answer.status_code == 404
        assert "Your address is not kept here any more" in answer.text
