"""The subscribers' page: who, new ones by hand, and addresses that are never mailed."""

import re

from curator.app import App
from curator.audience import sign_up, store, subscribe
from curator.audience.values import SuppressionReason
from tests import builders
from tests.web.conftest import Browser, Newsroom
from tests.web.test_pages import check_outline


def test_a_reader_added_twice_is_one_reader(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    for _ in range(2):
        answer = mina.post("/desk/subscribers", {"address": "ada@readers.example", "name": "Ada"})
    assert "gets AI Weekly from now on" in mina.follow(answer)
    assert _active(sqlite_app, newsroom) == 1


def test_what_is_no_address_stays_in_its_field(mina: Browser, newsroom: Newsroom) -> None:
    answer = mina.post("/desk/subscribers", {"address": "ada at readers"})
    assert answer.status_code == 422
    assert 'href="#address"' in answer.text
    assert 'value="ada at readers"' in answer.text


def test_a_reader_is_unsubscribed_by_hand(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    [reader] = builders.subscriber_rows(sqlite_app.db, newsroom.newsletter, ["ada@readers.example"])
    mina.post(f"/desk/subscribers/{reader}/unsubscribe", {"newsletter": newsroom.newsletter})
    assert _active(sqlite_app, newsroom) == 0
    assert ">left<" in mina.see("/desk/subscribers")


def test_an_editor_suppresses_and_an_owner_alone_lifts_it(
    mina: Browser, theo: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    builders.subscriber_rows(sqlite_app.db, newsroom.newsletter, ["ada@readers.example"])
    theo.post("/desk/subscribers/suppress", {"suppress_address": "ada@readers.example", "note": "asked by phone"})
    assert "never mailed: by hand" in theo.see("/desk/subscribers")
    assert "Mail again" not in theo.see("/desk/subscribers")
    refused = theo.post("/desk/subscribers/unsuppress", {"suppress_address": "ada@readers.example"})
    assert (refused.status_code, "not yours to do" in refused.text) == (403, True)
    again = mina.post("/desk/subscribers", {"address": "ada@readers.example"})
    assert (again.status_code, "must not be mailed" in again.text) == (422, True)
    mina.post("/desk/subscribers/unsuppress", {"suppress_address": "ada@readers.example"})
    assert "never mailed: by hand" not in mina.see("/desk/subscribers")


def test_a_subscribers_page_shows_the_record_of_consent(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    words = "Yes, send me <AI> Weekly."
    now = sqlite_app.clock()
    sign_up.sign_up(
        sqlite_app.db, newsroom.newsletter, "ada@readers.example", name="Ada", place="/n/x", words=words, now=now
    )
    assert re.search(r"Not confirmed yet</dt><dd>1<", mina.see("/desk/subscribers"))
    page = mina.see("/desk/subscribers/1")
    check_outline(page)
    for shown in ("ada@readers.example", "Signed up", "/n/x", "Yes, send me &lt;AI&gt; Weekly.", "not confirmed yet"):
        assert shown in page
    assert "Mon 16 Nov 2026, 09:00 Europe/London" in page
    subscribe.suppress(sqlite_app.db, "ada@readers.example", SuppressionReason.COMPLAINED, now=now)
    assert "never mailed: complained" in mina.see("/desk/subscribers/1")
    assert "There is no subscriber 7." in mina.see("/desk/subscribers/7", status=404)


def test_a_subscriber_from_before_the_record_has_a_page_too(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    [reader] = builders.subscriber_rows(sqlite_app.db, newsroom.newsletter, ["ada@readers.example"])
    assert f'href="/desk/subscribers/{reader}"' in mina.see("/desk/subscribers")
    assert "came before the record was kept" in mina.see(f"/desk/subscribers/{reader}")


def test_search_and_pages_find_everybody_once(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    addresses = [f"reader{number:03}@readers.example" for number in range(120)]
    builders.subscriber_rows(sqlite_app.db, newsroom.newsletter, addresses)
    seen: list[str] = []
    url: str | None = "/desk/subscribers"
    while url:
        page = mina.see(url)
        seen += re.findall(r'role="rowheader"><a [^>]+>(reader\d+@[^<]+)', page)
        found = re.search(r'href="([^"]+)" rel="next">Older', page)
        url = found.group(1).replace("&amp;", "&") if found else None
    assert seen == addresses[::-1]
    assert "reader042@" in mina.see("/desk/subscribers?q=READER042")
    assert "Nobody fits" in mina.see("/desk/subscribers?q=zebra")


def _active(app: App, newsroom: Newsroom) -> int:
    with app.db.read() as session:
        return store.counts(session, newsroom.newsletter).active
