"""The links of a confirmation letter, pressed in time, late, twice, after leaving, and by scanners."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from curator.audience import sign_up
from tests.conftest import FakeClock
from tests.web.public.conftest import ADA, Readers, everything
from tests.web.test_pages import check_outline


def test_a_look_shows_a_button_and_the_button_confirms_once(readers: Readers) -> None:
    readers.sign_up()
    url = f"/c/{readers.confirm_token()}"
    assert "Yes, send it to me" in readers.client.get(url).text
    assert readers.state() == "pending"
    assert "You are in" in readers.client.post(url).text
    assert readers.state() == "active"
    for again in (readers.client.post(url), readers.client.get(url)):
        assert "You get it already" in again.text
    assert readers.letters() == [("confirm", ADA), ("welcome", ADA)]
    step, place, words = readers.steps()[1]
    assert (step, place) == ("confirmed", "/c")
    assert words.startswith("Press the button, and AI Weekly comes to you")


def test_many_presses_at_once_confirm_once(readers: Readers) -> None:
    readers.sign_up()
    url = f"/c/{readers.confirm_token()}"
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda _: readers.client.post(url).text, range(8)))
    assert sum("You are in" in page for page in pages) == 1
    assert sum("You get it already" in page for page in pages) == 7
    assert len(readers.letters()) == 2


def test_a_late_link_asks_for_a_new_one(readers: Readers, clock: FakeClock) -> None:
    readers.sign_up()
    url = f"/c/{readers.confirm_token()}"
    clock.advance(timedelta(days=7, seconds=1))
    for late in (readers.client.get(url), readers.client.post(url)):
        assert "This link is too old" in late.text
        assert "Send me a new link" in late.text
    for _ in range(2):
        assert "A new link is on its way" in readers.client.post(f"{url}/again").text
    assert readers.letters() == [("confirm", ADA)] * 2
    assert "You are in" in readers.client.post(f"/c/{readers.confirm_token()}").text


def test_after_a_sign_up_was_forgotten_the_page_offers_the_form(readers: Readers, clock: FakeClock) -> None:
    readers.sign_up()
    url = f"/c/{readers.confirm_token()}"
    sign_up.expire(readers.app.db, now=clock.advance(timedelta(days=8)))
    assert "This link is too old" in readers.client.get(url).text
    again = readers.client.post(f"{url}/again").text
    assert "sign up once more" in again
    assert 'action="/n/ai-weekly/sign-up"' in again
    assert "That sign-up is over" in readers.client.post(url.replace("/c/", "/d/")).text


def test_an_old_link_revives_nothing(readers: Readers) -> None:
    readers.sign_up()
    url = f"/c/{readers.confirm_token()}"
    readers.client.post(url)
    readers.client.post(f"/u/{readers.leave_token()}")
    for press in (readers.client.post(url), readers.client.get(url), readers.client.post(f"{url}/again")):
        assert press.status_code == 200
        assert "sign up once more" in press.text
    assert readers.state() == "ended"


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_i_never_signed_up_ends_it(readers: Readers, is_confirmed: bool) -> None:
    readers.sign_up()
    token = readers.confirm_token()
    if is_confirmed:
        readers.client.post(f"/c/{token}")
    assert "You never signed up?" in readers.client.get(f"/d/{token}").text
    assert readers.state() != "ended"
    for _ in range(2):
        assert "You hear nothing more" in readers.client.post(f"/d/{token}").text
    assert readers.state() == "ended"
    assert [step for step, _, _ in readers.steps()].count("denied") == 1
    before = everything(readers.app.db)["letter"]
    readers.sign_up(at="198.51.100.7")
    readers.client.post(f"/c/{token}")
    assert readers.state() == "ended"
    assert everything(readers.app.db)["letter"] == before


def test_a_look_at_any_readers_link_changes_nothing(readers: Readers, clock: FakeClock) -> None:
    readers.sign_up()
    readers.active("bob@readers.example")
    readers.active("eve@readers.example")
    readers.client.post(f"/u/{readers.leave_token('eve@readers.example')}")
    waiting = readers.confirm_token()
    urls = [
        "/",
        "/n/ai-weekly",
        "/n/ai-weekly/thanks",
        *(f"/{page}/{waiting}" for page in "cd"),
        f"/c/{waiting}/again",
        *(f"/u/{readers.leave_token(f'{name}@readers.example')}" for name in ("ada", "bob", "eve")),
        f"/u/{readers.leave_token()}/undo",
        *(f"/p/{readers.own_token(f'{name}@readers.example')}" for name in ("ada", "bob", "eve")),
    ]
    before = everything(readers.app.db)
    for days in (0, 8, 400):
        clock.advance(timedelta(days=days))
        for url in urls:
            for look in (readers.client.get, readers.client.head, readers.client.options):
                answer = look(url)
                assert answer.status_code in (200, 405), url
                assert "Set-Cookie" not in answer.headers, url
                if (
                    url[1:3] in ("c/", "d/", "u/", "p/")
                    and answer.status_code == 200
                    and look != readers.client.options
                ):
                    assert answer.headers["Cache-Control"] == "no-store"
    assert everything(readers.app.db) == before


def test_pages_behind_a_key_keep_it_to_themselves(sqlite_readers: Readers) -> None:
    readers = sqlite_readers
    readers.sign_up()
    token = readers.confirm_token()
    for url in (f"/c/{token}", f"/d/{token}", f"/u/{readers.leave_token()}", f"/p/{readers.own_token()}"):
        for answer in (readers.client.get(url), readers.client.post(url)):
            assert answer.status_code == 200
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Set-Cookie" not in answer.headers
            assert ADA not in answer.text


def test_every_page_of_a_readers_way_is_well_made(sqlite_readers: Readers, clock: FakeClock) -> None:
    readers = sqlite_readers
    pages = [readers.client.get("/n/ai-weekly"), readers.sign_up("no address")]
    readers.sign_up()
    waiting, leaving, own = readers.confirm_token(), readers.leave_token(), readers.own_token()
    pages += [readers.client.get(f"/{each}") for each in (f"c/{waiting}", f"d/{waiting}", f"u/{leaving}", f"p/{own}")]
    pages += [readers.client.post(f"/{each}") for each in (f"c/{waiting}", f"c/{waiting}", f"u/{leaving}")]
    pages += [readers.client.post(f"/{each}") for each in (f"u/{leaving}/undo", f"u/{leaving}/undo", f"p/{own}")]
    pages += [readers.client.post(f"/{each}") for each in (f"d/{waiting}", f"c/{waiting}", f"c/{waiting}/again")]
    titles = set()
    for page in pages:
        check_outline(page.text)
        titles |= set(re.findall(r"<title>([^<]+)", page.text))
    assert len(titles) >= 12


@pytest.mark.parametrize("token", ["nonsense", "A" * 43, "AAAA", "%00", "é", "a" * 5000])
def test_a_forged_link_says_what_to_do(readers: Readers, token: str) -> None:
    readers.sign_up()
    before = everything(readers.app.db)
    for url in (f"/c/{token}", f"/d/{token}", f"/u/{token}", f"/p/{token}"):
        for answer in (readers.client.get(url), readers.client.post(url)):
            assert answer.status_code == 404
            assert "This link does not work" in answer.text
            assert answer.headers["Referrer-Policy"] == "no-referrer"
    for url in (f"/c/{token}/again", f"/u/{token}/undo"):
        assert readers.client.post(url).status_code == 404
    assert everything(readers.app.db) == before


def test_a_link_for_one_thing_does_nothing_else(readers: Readers) -> None:
    readers.sign_up()
    tokens = {"c": readers.confirm_token(), "u": readers.leave_token(), "p": readers.own_token()}
    before = everything(readers.app.db)
    for made_for, token in tokens.items():
        for page in "cdup":
            if page != made_for and (made_for, page) != ("c", "d"):
                assert readers.client.post(f"/{page}/{token}").status_code == 404
    assert everything(readers.app.db) == before
