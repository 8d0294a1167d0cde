"""One sign-up for several newsletters, its protections, and the form in a frame on another site."""

import gzip
import html
import re
from datetime import timedelta

import pytest

from curator.activity.store import recent
from curator.audience import links
from curator.audience.joining import edit, store
from curator.audience.record import store as record
from curator.audience.values import InterestForm, SignUpRules, Welcome
from tests import builders
from tests.web.public.conftest import ADA, HIDDEN, Readers, everything

_WORDS = re.compile(r'name="(words-\d+)" value="([^"]*)"')


@pytest.fixture
def other(sqlite_readers: Readers) -> int:
    """A second newsletter, with interests."""
    db, now = sqlite_readers.app.db, sqlite_readers.app.clock()
    id_ = builders.newsletter_row(db, slug="data", name="Data Monthly")
    edit.change_interests(db, id_, [InterestForm("Models"), InterestForm("Chips")], by=None, now=now)
    return id_


def interest_ids(readers: Readers, newsletter_id: int) -> list[int]:
    with readers.app.db.read() as session:
        return [each.id for each in store.interests(session, [newsletter_id])[newsletter_id]]


def confirm_url(readers: Readers, *newsletter_ids: int) -> str:
    id_ = readers.subscriber()
    with readers.app.db.read() as session:
        asked = {row.newsletter_id: row.changed_at for row in record.subscriptions(session, id_)}
    every = [links.ConfirmLink(each, id_, asked[each]) for each in newsletter_ids]
    return f"/c/{links.confirm_all_token(readers.app.keys, every)}"


def test_one_letter_confirms_several_newsletters_with_their_interests(sqlite_readers: Readers, other: int) -> None:
    readers = sqlite_readers
    models, _ = interest_ids(readers, other)
    page = readers.client.get("/").text
    words = {name: html.unescape(value) for name, value in _WORDS.findall(page)}
    both = [str(readers.newsletter), str(other)]
    answer = readers.sign_up(to="/sign-up", newsletter=both, interest=[str(models)], **words)
    assert answer.status_code == 303, answer.text
    assert "AI Weekly" in readers.client.get(answer.headers["Location"]).text
    assert readers.letters() == [("confirm", ADA)], "one letter for both"
    assert readers.steps()[1][2].endswith("Interests: Models."), "what was agreed to is kept for each"
    with readers.app.db.read() as session:
        assert store.chosen(session, readers.subscriber()) == set(), "nothing takes effect before the mailbox's word"

    url = confirm_url(readers, readers.newsletter, other)
    before = everything(readers.app.db)
    shown = readers.client.get(url).text
    assert everything(readers.app.db) == before, "a scanner's look changes nothing"
    assert "AI Weekly" in shown
    assert "Data Monthly" in shown
    assert "Models" in shown
    agreed = {name: html.unescape(value) for name, value in _WORDS.findall(shown)}
    assert "You are in" in readers.client.post(url, data=agreed).text
    assert [step for step, _, _ in readers.steps()] == ["asked", "asked", "confirmed", "confirmed"]
    assert readers.letters() == [("confirm", ADA), ("welcome", ADA)], "one welcome for both"
    with readers.app.db.read() as session:
        assert store.chosen(session, readers.subscriber()) == {models}
    assert "You get it already" in readers.client.post(url, data=agreed).text


def test_a_stranger_changes_no_interests_of_somebody_who_reads(sqlite_readers: Readers, other: int) -> None:
    readers = sqlite_readers
    builders.subscriber_rows(readers.app.db, other, [ADA])
    models, _ = interest_ids(readers, other)
    readers.sign_up(to="/sign-up", newsletter=[str(readers.newsletter), str(other)], interest=[str(models)])
    readers.client.post(confirm_url(readers, readers.newsletter))
    with readers.app.db.read() as session:
        assert store.chosen(session, readers.subscriber()) == set()


def test_one_denial_ends_all_that_a_letter_asked_about(sqlite_readers: Readers, other: int) -> None:
    readers = sqlite_readers
    readers.sign_up(to="/sign-up", newsletter=[str(readers.newsletter), str(other)])
    url = confirm_url(readers, readers.newsletter, other).replace("/c/", "/d/")
    assert "You hear nothing more" in readers.client.post(url).text
    with readers.app.db.read() as session:
        assert {str(row.state) for row in record.subscriptions(session, readers.subscriber())} == {"ended"}


def test_no_box_ticked_is_said_and_what_was_typed_stays(sqlite_readers: Readers, other: int) -> None:
    answer = sqlite_readers.sign_up(to="/sign-up", name="Ada")
    assert answer.status_code == 422
    assert "Choose at least one newsletter" in answer.text
    assert f'value="{ADA}"' in answer.text


@pytest.mark.parametrize(
    "ago", [timedelta(0), timedelta(milliseconds=900), timedelta(days=1, seconds=1), -timedelta(hours=1)]
)
def test_a_form_that_comes_too_quick_or_too_late_is_pressed_once_more(readers: Readers, ago: timedelta) -> None:
    before = everything(readers.app.db)
    answer = readers.sign_up(shown=readers.stamp(ago=ago), name="Ada")
    assert answer.status_code == 422
    assert "press the button once more" in answer.text
    assert 'value="Ada"' in answer.text
    assert everything(readers.app.db) == before


def test_a_form_without_a_signed_time_counts_only_from_another_site(sqlite_readers: Readers) -> None:
    readers = sqlite_readers
    for at in ("", "AAAA", readers.stamp()[:-2], readers.own_token.__doc__ or "x"):
        assert readers.client.post("/n/ai-weekly/sign-up", data={"address": ADA, "at": at}).status_code == 422
    shows = {"Referer": "https://show.example/newsletter?visitor=7#form", "Origin": "https://show.example"}
    typed = {"address": ADA, "place": "https://show.example/newsletter"}
    answer = readers.client.post("/n/ai-weekly/sign-up", data=typed, headers=shows)
    assert answer.status_code == 303
    assert readers.steps()[0][1] == "https://show.example/newsletter", "the page is the place, without its query"


def test_a_place_that_the_browser_contradicts_is_not_believed(sqlite_readers: Readers) -> None:
    sqlite_readers.client.post(
        "/n/ai-weekly/sign-up",
        data={"address": ADA, "place": "https://other.example/"},
        headers={"Origin": "https://show.example"},
    )
    assert sqlite_readers.steps()[0][1] == "https://show.example"


def test_a_slip_is_asked_about_once(readers: Readers) -> None:
    slip = "ada@gmial.com"
    answer = readers.sign_up(slip)
    assert answer.status_code == 422
    assert "Did you mean ada@gmail.com?" in answer.text
    assert readers.letters() == []
    assert readers.sign_up(slip, meant=slip).status_code == 303
    assert readers.sign_up(slip, meant=slip, use="ada@gmail.com").status_code == 303
    assert readers.letters() == [("confirm", slip), ("confirm", "ada@gmail.com")]


def test_an_offices_mailbox_is_asked_once_unless_the_rules_say_otherwise(sqlite_readers: Readers) -> None:
    readers, office = sqlite_readers, "info@firm.example"

    def rules(welcome: Welcome) -> None:
        wanted = SignUpRules(role_addresses=welcome)
        edit.change_rules(readers.app.db, readers.newsletter, wanted, by=None, now=readers.app.clock())

    def signs_up(minutes: int) -> int:
        readers.app.clock.advance(timedelta(minutes=minutes))  # type: ignore[attr-defined]  # the tests' clock
        return readers.sign_up(office).status_code

    assert [signs_up(2) for _ in range(3)] == [303] * 3
    assert readers.letters() == [("confirm", office)]
    rules(Welcome.ALLOW)
    assert signs_up(2) == 303
    assert len(readers.letters()) == 2
    rules(Welcome.REFUSE)
    refused = readers.sign_up(office)
    assert refused.status_code == 422
    assert "several people read" in refused.text


def test_an_advertisement_as_a_name_stands_nowhere(readers: Readers) -> None:
    readers.sign_up(name="free pharma visit https://spam.example")
    with readers.app.db.write() as session:
        assert record.hold(session, readers.subscriber()).name == ""  # type: ignore[union-attr]  # they just signed up


def test_the_desk_is_told_of_a_flood_once(sqlite_readers: Readers) -> None:
    for each in range(60):
        sqlite_readers.sign_up(f"reader{each}@readers.example", at=f"203.0.113.{each % 254 + 1}")
    with sqlite_readers.app.db.read() as session:
        verbs = [change.verb for change in recent(session, limit=500)]
    assert verbs.count("held off a flood of sign-ups to") == 1
    assert sqlite_readers.sign_up("else@readers.example", at="198.51.100.7").status_code == 303


def test_the_frame_answers_in_the_frame_and_sets_no_cookie(sqlite_readers: Readers) -> None:
    readers = sqlite_readers
    page = readers.client.get("/n/ai-weekly/embed", headers={"Referer": "https://show.example/news?q=1"})
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "script-src" not in policy
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert 'rel="canonical" href="http' in page.text
    assert "<script" not in page.text
    assert "Set-Cookie" not in page.headers
    words = html.unescape(HIDDEN.findall(page.text)[0])
    place = re.findall(r'name="place" value="([^"]*)"', page.text)[0]
    wrong = readers.sign_up("ada at readers", to="/n/ai-weekly/embed", place=place)
    assert wrong.status_code == 422
    assert "frame-ancestors *" in wrong.headers["Content-Security-Policy"]
    answer = readers.sign_up(to="/n/ai-weekly/embed", words=words, place=place)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/n/ai-weekly/embed/thanks")
    assert readers.steps() == [("asked", "https://show.example/news", words)]
    done = readers.client.get("/n/ai-weekly/embed/thanks")
    assert "Now look into your mailbox" in done.text
    assert "frame-ancestors *" in done.headers["Content-Security-Policy"]


def test_only_named_sites_frame_where_the_newsletter_names_some(sqlite_readers: Readers) -> None:
    readers = sqlite_readers
    rules = SignUpRules(frame_origins=("https://show.example",), own_page="https://show.example/news")
    edit.change_rules(readers.app.db, readers.newsletter, rules, by=None, now=readers.app.clock())
    page = readers.client.get("/n/ai-weekly/embed")
    assert "frame-ancestors 'self' https://show.example" in page.headers["Content-Security-Policy"]
    assert page.headers["Link"] == '<https://show.example/news>; rel="canonical"'
    assert "frame-ancestors 'none'" in readers.client.get("/n/ai-weekly").headers["Content-Security-Policy"]


def test_a_reader_pauses_goes_on_and_takes_the_text_alone(sqlite_readers: Readers, other: int) -> None:
    readers = sqlite_readers
    reader = builders.subscriber_rows(readers.app.db, other, [ADA])[0]
    models, chips = interest_ids(readers, other)
    url = f"/p/{readers.own_token()}"
    paused = readers.client.post(f"{url}/pause", data={"which": other, "weeks": 4})
    assert "is paused until" in paused.text
    assert "Ended the pause" not in paused.text
    assert readers.client.post(f"{url}/pause", data={"which": other, "until": "2020-01-01"}).status_code == 422
    assert readers.client.post(f"{url}/pause", data={"which": other, "weeks": 5}).status_code == 422
    assert "is paused until" not in readers.client.post(f"{url}/resume", data={"which": other}).text
    boxes = {"newsletter": other, "shown_ticked": other, "shown_manner": other, "text_only": other}
    saved = readers.client.post(url, data={**boxes, "interest": [models, chips], "name": "visit spam.com"})
    assert "Your name was left as it was" in saved.text
    assert re.search(r'name="text_only" value="\d+" checked', saved.text)
    with readers.app.db.read() as session:
        assert store.chosen(session, reader) == {models, chips}
        steps = [(str(each.step), each.words) for each in record.steps(session, reader)][::-1]
    assert [step for step, _ in steps] == ["paused", "resumed", "chose"]
    assert steps[2][1] == "Text only. Interests: Models, Chips."


@pytest.mark.parametrize(("zone", "day"), [("Asia/Tokyo", "0001-01-01"), ("Pacific/Honolulu", "9999-12-31")])
def test_a_pause_until_the_calendars_end_is_told_what_fits(sqlite_readers: Readers, zone: str, day: str) -> None:
    sqlite_readers.active()
    builders.change_newsletters(sqlite_readers.app.db, zone=zone)
    url = f"/p/{sqlite_readers.own_token()}/pause"
    answer = sqlite_readers.client.post(url, data={"which": sqlite_readers.newsletter, "until": day})
    assert (answer.status_code, "at most a year away" in answer.text) == (422, True)


def test_another_address_is_answered_alike_whoever_has_it(sqlite_readers: Readers) -> None:
    readers = sqlite_readers
    readers.active()
    readers.active("known@readers.example")
    url = f"/p/{readers.own_token()}/address"
    answers = {
        (answer.status_code, re.sub(r'value="[^"]*"', "", answer.text))
        for address in ("new@readers.example", "known@readers.example")
        for answer in [readers.client.post(url, data={"address": address})]
    }
    assert len(answers) == 1
    assert readers.client.post(url, data={"address": "no address"}).status_code == 422
    assert readers.client.post("/p/damaged/address", data={"address": ADA}).status_code == 404


def test_a_look_at_the_link_of_a_change_of_address_changes_nothing(sqlite_readers: Readers) -> None:
    readers = sqlite_readers
    readers.active()
    readers.client.post(f"/p/{readers.own_token()}/address", data={"address": "new@readers.example"})
    url = f"/a/{links.address_token(readers.app.keys, links.AddressLink(1))}"
    before = everything(readers.app.db)
    assert "Send your mail to this address?" in readers.client.get(url).text
    assert everything(readers.app.db) == before
    assert "It comes here from now on" in readers.client.post(url).text
    back = f"/a/{links.address_token(readers.app.keys, links.AddressLink(1, is_back=True))}"
    assert "Send your mail here again?" in readers.client.get(back).text
    assert "It comes here again" in readers.client.post(back).text


def test_the_sign_up_page_has_thirty_kilobytes_in_all_and_asks_nobody_else(sqlite_readers: Readers) -> None:
    readers = sqlite_readers
    for url in ("/n/ai-weekly", "/", "/n/ai-weekly/embed"):
        page = readers.client.get(url, headers={"Accept-Encoding": "gzip"})
        assert page.headers["Content-Encoding"] == "gzip"
        text = gzip.decompress(page.data).decode()
        loaded = re.findall(r'<(?:link rel="(?:icon|stylesheet)"|img|script|iframe)[^>]*?(?:href|src)="([^"]*)"', text)
        assert any(".css" in each for each in loaded)
        assert not [each for each in loaded if not each.startswith("/")], "nothing is loaded from anywhere else"
        files = [readers.client.get(each, headers={"Accept-Encoding": "gzip"}) for each in loaded]
        assert len(page.data) + sum(len(file.data) for file in files) <= 30_000, url


def test_whoever_takes_no_gzip_gets_the_page_as_it_is(sqlite_readers: Readers) -> None:
    page = sqlite_readers.client.get("/n/ai-weekly")
    assert "Content-Encoding" not in page.headers
    assert "Accept-Encoding" in page.headers["Vary"]
    sqlite_readers.active()
    own = sqlite_readers.client.get(f"/p/{sqlite_readers.own_token()}", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in own.headers, "a page with a secret tells nothing by its length"
