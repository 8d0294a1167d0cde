"""Readers and transcripts: the form, the same answer for everybody, the link, the file, frames, and what is counted."""

import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from curator.app import App
from curator.audience import store as audience
from curator.audience.joining import edit as joining
from curator.audience.record import store as record
from curator.audience.values import SignUpRules, Welcome
from curator.downloads import edit, store
from curator.downloads.links import DownloadLink, download_token
from curator.downloads.values import Access, FileForm, Funnel, ShowForm
from curator.episodes import edit as words
from curator.episodes.values import Words
from curator.pictures import store as pictures
from curator.pictures.values import Picture, Source, Use
from curator.promotions import edit as promotions
from curator.promotions.values import PromotionForm, PromotionKind
from curator.promotions.values import Words as Promoted
from curator.web import create_app
from tests import builders
from tests.conftest import FakeClock
from tests.downloads.scene import ADA, Listeners
from tests.web.public.conftest import HIDDEN, stamp
from tests.web.test_pages import check_outline

FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
KEY = "ada@readers.example"


class Reader:
    """Somebody without a cookie before the pages of a show with a transcript."""

    def __init__(self, app: App) -> None:
        self.app, self.now = app, app.clock()
        self.listeners = Listeners(app.db)
        self.listeners.told(at=self.now)
        self.flask = create_app(app)
        self.url = f"/e/{self.listeners.show.episode}"

    @property
    def client(self) -> FlaskClient:
        return self.flask.test_client(use_cookies=False)

    def ask(self, address: str = ADA, *, network: str = "203.0.113.7", url: str = "", **fields: object) -> TestResponse:
        given = {"address": address, "at": stamp(self.app), **fields}
        return self.client.post(url or f"{self.url}/transcript", data=given, environ_overrides={"REMOTE_ADDR": network})

    def access(self, access: Access) -> None:
        episode = self.listeners.show.episode
        edit.set_transcript(self.app.db, episode, access=access, is_in_work=False, by=None, now=self.now)

    def offer(self, access: Access = Access.GATED, content: bytes = b"%PDF-1.7") -> int:
        return edit.offer_file(
            self.app.db,
            self.app.files,
            FileForm("Slides", "Of the talk", access),
            content,
            name="talk.pdf",
            item_id=self.listeners.show.episode,
            by=None,
            now=self.now,
        )

    def link(self, address: str = KEY, *, days: int = 7) -> str:
        with self.app.db.read() as session:
            found = store.requests_of(session, address)[-1]
        token = download_token(self.app.keys, DownloadLink(found.id, self.now + timedelta(days=days)))
        return f"/get/{token}"

    def funnel(self) -> Funnel:
        return self.listeners.funnel()


@pytest.fixture
def reader(sqlite_app: App) -> Reader:
    return Reader(sqlite_app)


def test_the_answer_is_one_and_the_same(reader: Reader) -> None:
    answers = {(answer.status_code, answer.headers["Location"], answer.text) for answer in (
        reader.ask(), reader.ask(), reader.ask("new@readers.example"), reader.ask(website="https://spam.example"),
    )}  # fmt: skip
    assert answers == {(303, f"{reader.url}/transcript/asked", "")}
    assert len(reader.listeners.letters()) == 2, "a form posted twice writes one letter, and a program none"
    assert "Set-Cookie" not in reader.ask().headers


def test_what_was_typed_comes_back_with_what_is_wrong(reader: Reader) -> None:
    for fields, words_ in (
        ({"address": "nobody", "newsletter": "ai-weekly"}, "aria-invalid"),
        ({"address": ADA, "words": "Something else"}, "was changed while this page was open"),
    ):
        answer = reader.ask(**fields)  # type: ignore[arg-type]
        assert answer.status_code == 422
        check_outline(answer.text)
        assert words_ in answer.text
        assert f'value="{fields["address"]}"' in answer.text
    assert "checked" in reader.ask("nobody", newsletter="ai-weekly").text
    assert reader.listeners.letters() == []


def test_many_forms_of_one_network_are_slowed_down(reader: Reader) -> None:
    answers = [reader.ask(f"r{number}@readers.example").status_code for number in range(22)]
    assert answers == [303] * 20 + [429] * 2
    assert reader.ask("other@readers.example", network="198.51.100.1").status_code == 303


def test_a_newsletter_is_asked_for_by_a_tick_and_confirmed_by_a_letter_of_its_own(reader: Reader) -> None:
    page = reader.client.get(reader.url).text
    sentence = html.unescape(re.search(r'name="words-ai-weekly" value="([^"]+)"', page)[1])  # type: ignore[index]
    assert re.search(r'<input type="checkbox" id="ask-ai-weekly" name="newsletter" value="ai-weekly">', page)
    stale = reader.ask(newsletter="ai-weekly", **{"words-ai-weekly": "Old words"})
    assert stale.status_code == 422
    reader.ask(newsletter="ai-weekly", **{"words-ai-weekly": sentence})
    with reader.app.db.read() as session:
        subscriber = audience.subscriber_id(session, KEY)
        assert subscriber is not None
        row = record.subscription(session, reader.listeners.newsletter, subscriber)
        [step] = record.steps(session, subscriber)
    assert row is not None
    assert (str(row.state), step.place, step.words) == ("pending", reader.url, sentence)
    assert reader.funnel().sign_ups == 1


def test_what_a_newsletter_refuses_it_refuses_beside_a_transcript_too(sqlite_app: App) -> None:
    settings = replace(sqlite_app.settings, disposable_domains=frozenset({"thrown.example"}))
    reader = Reader(replace(sqlite_app, settings=settings))
    rules = SignUpRules(disposable_addresses=Welcome.REFUSE)
    joining.change_rules(reader.app.db, reader.listeners.newsletter, rules, by=None, now=reader.now)
    assert reader.ask("x@thrown.example", newsletter="ai-weekly").status_code == 303
    assert [each.address for each in reader.listeners.requests("x@thrown.example")] == ["x@thrown.example"]
    with reader.app.db.read() as session:
        assert audience.subscriber_id(session, "x@thrown.example") is None
    assert reader.funnel().sign_ups == 0


def test_a_link_gives_the_files_by_a_press_and_its_look_changes_nothing(reader: Reader) -> None:
    reader.ask()
    link = reader.link()
    page = reader.client.get(link)
    check_outline(page.text)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    for ending, media_type, part in (("html", "text/html", "<dt"), ("txt", "text/plain", "Nadia")):
        address = f"{link}/transcript.{ending}"
        assert f'action="{address}"' in page.text
        looked = reader.client.get(address)
        assert (looked.mimetype, part in looked.text) == (media_type, True)
        assert looked.headers["Content-Disposition"].startswith("attachment; filename=")
        assert "sandbox" in looked.headers["Content-Security-Policy"]
    assert (reader.funnel().confirmed, reader.funnel().downloads) == (0, 0)
    pressed = reader.client.post(f"{link}/transcript.txt")
    assert (pressed.status_code, pressed.headers["Location"]) == (303, f"{link}/transcript.txt")
    assert (reader.funnel().confirmed, reader.funnel().downloads) == (1, 1)
    for elsewhere in ("file", "transcript.exe", "again"):
        assert reader.client.get(f"{link}/{elsewhere}").status_code == 404


def test_a_link_that_is_over_sends_another_and_a_forged_one_is_not_there(reader: Reader) -> None:
    reader.ask()
    over = reader.link(days=-1)
    page = reader.client.get(over)
    assert (page.status_code, f'action="{over}/again"' in page.text) == (200, True)
    assert "transcript.txt" not in reader.client.get(f"{over}/transcript.txt").text
    reader.app.clock.advance(timedelta(minutes=2))  # type: ignore[attr-defined]
    assert "on its way" in reader.client.post(f"{over}/again").text
    assert len(reader.listeners.letters()) == 2
    for path in ("/get/forged", "/get/forged/transcript.txt"):
        answer = reader.client.get(path)
        assert (answer.status_code, "This link does not work" in answer.text) == (404, True)
    for path in ("/get/forged/again", "/get/forged/forget", "/get/forged/transcript.txt"):
        assert reader.client.post(path).status_code == 404


def test_a_mailbox_is_forgotten_by_its_own_link(reader: Reader) -> None:
    reader.ask()
    reader.offer()
    link = reader.link()
    assert "Your address is forgotten" in reader.client.post(f"{link}/forget").text
    assert reader.listeners.requests() == []
    assert reader.client.get(link).status_code == 410
    assert "Your address is forgotten" in reader.client.post(f"{link}/forget").text


def test_an_open_transcript_is_read_and_saved_by_anybody(reader: Reader) -> None:
    reader.access(Access.OPEN)
    edit.set_show(
        reader.app.db, reader.listeners.show.feed, ShowForm(Access.GATED, "CC BY 4.0"), by=None, now=reader.now
    )
    page = reader.client.get(f"{reader.url}/transcript", headers=FIREFOX)
    check_outline(page.text)
    assert page.headers["Cache-Control"].startswith("public")
    assert "Whatever nobody asks it for." in page.text
    assert "CC BY 4.0" in reader.client.get(f"{reader.url}/transcript.txt", headers=FIREFOX).text
    assert reader.client.get(f"{reader.url}/transcript.doc").status_code == 404
    assert f'href="{reader.url}/transcript"' in reader.client.get(reader.url).text
    reader.access(Access.GATED)
    assert reader.client.get(f"{reader.url}/transcript.txt").status_code == 404
    assert "Whatever nobody" not in reader.client.get(f"{reader.url}/transcript").text


def test_what_is_not_there_can_be_asked_for_with_or_without_an_address(reader: Reader) -> None:
    reader.access(Access.OFF)
    assert "Nobody has asked for it yet" in reader.client.get(reader.url).text
    assert reader.ask("").status_code == 303
    assert reader.ask().status_code == 303
    edit.set_transcript(
        reader.app.db, reader.listeners.show.episode, access=Access.OFF, is_in_work=True, by=None, now=reader.now
    )
    page = reader.client.get(reader.url).text
    assert "Asked for by 2 readers" in page
    assert "in work" in page
    assert reader.listeners.letters() == []
    assert "when it is here" in reader.client.get(f"{reader.url}/transcript/asked").text


def test_a_file_goes_the_same_way(reader: Reader) -> None:
    file_id = reader.offer()
    page = reader.client.get(f"/files/{file_id}")
    check_outline(page.text)
    assert f'href="/files/{file_id}"' in reader.client.get(reader.url).text
    assert reader.client.get(f"/files/{file_id}/file").status_code == 404
    assert reader.ask(url=f"/files/{file_id}").headers["Location"] == f"/files/{file_id}/asked"
    link = reader.link()
    given = reader.client.get(f"{link}/file")
    assert (given.data, given.mimetype) == (b"%PDF-1.7", "application/pdf")
    assert given.headers["Content-Disposition"] == "attachment; filename=talk.pdf"
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    edit.remove_file(reader.app.db, file_id, by=None, now=reader.now)
    assert reader.client.get(link).status_code == 410
    assert reader.client.get(f"/files/{file_id}").status_code == 404


def test_the_way_to_a_file_is_told_in_its_newsletters_language(reader: Reader) -> None:
    builders.change_newsletters(reader.app.db, language="de")
    file_id = reader.offer(content=b"Some words.")
    assert "<title>Fehler: " in reader.ask("ada@", url=f"/files/{file_id}").text
    assert reader.ask(url=f"/files/{file_id}").status_code == 303
    assert "Herunterladen (Text)" in reader.client.get(reader.link()).text


def test_looks_are_counted_without_programs_and_without_knowing_anybody(reader: Reader) -> None:
    for agent in (FIREFOX, FIREFOX, {"User-Agent": "Googlebot/2.1"}, {}, FIREFOX | {"Sec-Purpose": "prefetch"}):
        assert "Set-Cookie" not in reader.client.get(reader.url, headers=agent).headers
    assert reader.funnel().views == 1, "the second waits with those after it"
    reader.app.clock.advance(timedelta(seconds=6))  # type: ignore[attr-defined]
    reader.client.get("/")
    assert reader.funnel().views == 2


def test_a_frame_may_stand_anywhere_and_tells_of_the_shows_page(reader: Reader) -> None:
    url = f"/embed{reader.url}/transcript"
    answer = reader.client.get(url, headers={"Referer": "https://show.example/episodes/41?visitor=7"})
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    canonical = f"https://site.example/{reader.listeners.show.feed}/what-an-index-forgets"
    assert answer.headers["Link"] == f'<{canonical}>; rel="canonical"'
    assert 'name="place" value="https://show.example/episodes/41"' in answer.text
    assert "Set-Cookie" not in answer.headers
    wrong = reader.ask("nobody", url=url)
    assert (wrong.status_code, "frame-ancestors *" in wrong.headers["Content-Security-Policy"]) == (422, True)
    asked = reader.ask(url=url, place="https://show.example/episodes/41")
    assert asked.headers["Location"] == f"{url}/asked"
    assert reader.listeners.requests()[0].agreed.place == "https://show.example/episodes/41"
    assert reader.client.get(f"/embed{reader.url}/related").status_code == 200
    assert reader.client.get("/embed/e/999/transcript").status_code == 404


def test_a_form_that_is_sent_at_once_is_pressed_once_more(reader: Reader) -> None:
    for shown in ("", stamp(reader.app, ago=timedelta(0)), stamp(reader.app, ago=timedelta(days=2)), "forged"):
        answer = reader.ask(at=shown)
        assert (answer.status_code, "press the button once more" in answer.text) == (422, True), shown
        assert f'value="{ADA}"' in answer.text
    assert reader.listeners.requests() == []


def test_a_plain_form_of_another_site_is_taken_under_the_words_of_today(reader: Reader) -> None:
    answer = reader.client.post(
        f"{reader.url}/transcript", data={"address": ADA}, headers={"Origin": "https://show.example"}
    )
    assert answer.status_code == 303
    [request] = reader.listeners.requests()
    assert request.agreed.place == "https://show.example"
    assert request.agreed.words.startswith("We send a link to this address")


def test_a_shows_episodes_are_listed_page_by_page_and_found_by_words(reader: Reader) -> None:
    url = f"/shows/{reader.listeners.show.feed}"
    page = reader.client.get(url)
    check_outline(page.text)
    assert f'href="{reader.url}"' in page.text
    assert f'href="{url}"' in reader.client.get(reader.url).text
    assert f'href="{reader.url}"' in reader.client.get(f"{url}?q=INDEX+rebuilt").text
    assert "No episode has all these words" in reader.client.get(f"{url}?q=index+100%25").text
    for elsewhere in (f"{url}?page=2", f"/shows/{reader.listeners.show.other_feed}", f"{url}?page=x"):
        assert reader.client.get(elsewhere).status_code == 404


def test_artwork_is_shown_once_it_is_kept_here(reader: Reader) -> None:
    url, name = "https://cdn.example/cover.jpg", "0" * 32 + ".jpg"
    view = reader.listeners.show.view()
    said = Words(artwork_url=url, artwork_alt="A card catalog", artwork_credit="Jo Park")
    words.edit_episode(reader.app.db, view.item_id, said, view.own_links, expected_version=0, by=None, now=reader.now)
    assert "cover" not in reader.client.get(reader.url).text
    with reader.app.db.write() as session:
        [wanted] = pictures.want(session, [Source(url, Use.WIDE)], now=reader.now)
        pictures.note_stored(session, wanted, Picture(name, 500, 500, 1), now=reader.now)
    page = reader.client.get(reader.url).text
    assert f'<img src="/pictures/{name}" alt="A card catalog" width="500" height="500">' in page
    assert "Jo Park" in page


def test_an_event_is_on_the_page_until_it_ends_and_no_cache_keeps_it_longer(reader: Reader) -> None:
    ends_at = reader.now + timedelta(seconds=30)
    form = PromotionForm(
        kind=PromotionKind.EVENT, sponsor="", words=Promoted("Live at the harbour", "Come."), ends_at=ends_at,
        event_at=ends_at, event_place="Pier 3",
    )  # fmt: skip
    promotions.write_promotion(reader.app.db, reader.listeners.newsletter, form, by=None, now=reader.now)
    answer = reader.client.get(reader.url)
    assert "Live at the harbour" in answer.text
    assert answer.headers["Cache-Control"] == "public, max-age=30"
    clock: FakeClock = reader.app.clock  # type: ignore[assignment]
    clock.advance(timedelta(seconds=30))
    assert "Live at the harbour" not in reader.client.get(reader.url).text


def test_the_form_is_posted_as_it_stands_on_the_page(reader: Reader) -> None:
    page = reader.client.get(reader.url).text
    shown = html.unescape(HIDDEN.search(page)[1])  # type: ignore[index]
    assert reader.ask(words=shown).status_code == 303
    assert reader.listeners.requests()[0].agreed.words == shown
