"""Signing up on a newsletter's page: one answer for everybody, slow for those who hurry."""

import html
from datetime import timedelta

import pytest

from curator.app import App
from curator.audience import subscribe
from curator.audience.growth import store as growth
from curator.audience.values import SuppressionReason
from tests import builders
from tests.conftest import FakeClock
from tests.issues.documents import whole_issue
from tests.published import sent_issue_row
from tests.web.public.conftest import ADA, HIDDEN, Readers, everything


def test_the_page_says_what_comes_and_how_often(sqlite_readers: Readers) -> None:
    page = sqlite_readers.client.get("/n/ai-weekly")
    assert page.status_code == 200
    for words in ("AI Weekly", "What we heard", "Every Tuesday at 07:00 Europe/London", "/n/ai-weekly/issues"):
        assert words in page.text
    assert "Set-Cookie" not in page.headers


def test_a_sign_up_is_answered_by_what_happens_next(readers: Readers) -> None:
    shown = html.unescape(HIDDEN.findall(readers.client.get("/n/ai-weekly").text)[0])
    answer = readers.sign_up(name="Ada", words=shown, website="")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/n/ai-weekly/thanks")
    assert "Set-Cookie" not in answer.headers
    page = readers.client.get("/n/ai-weekly/thanks").text
    assert "Now look into your mailbox" in page
    assert "Nothing arrived?" in page
    assert readers.letters() == [("confirm", ADA)]
    assert readers.steps() == [("asked", "/n/ai-weekly", shown)]
    assert shown.startswith("Yes, send me AI Weekly every Tuesday")


def test_nobody_learns_whose_address_is_known(readers: Readers, app: App) -> None:
    readers.active("known@readers.example")
    for address in ("left@readers.example", "denied@readers.example"):
        readers.active(address)
        subscribe.unsubscribe(app.db, readers.newsletter, readers.subscriber(address), now=app.clock(), how="link")
    subscribe.suppress(app.db, "never@readers.example", SuppressionReason.COMPLAINED, now=app.clock())
    answers = set()
    for number, name in enumerate(("unknown", "known", "left", "never", "unknown")):
        answer = readers.sign_up(f"{name}@readers.example", at=f"198.51.{number}.7")
        thanks = readers.client.get(answer.headers["Location"])
        for each in (answer, thanks):
            del each.headers["X-Request-ID"]
        answers.add((answer.status_code, answer.data, str(answer.headers), thanks.data, str(thanks.headers)))
    assert len(answers) == 1


def test_what_is_no_address_stays_in_its_field(readers: Readers) -> None:
    before = everything(readers.app.db)
    for typed in ("ada at readers", "", "ada@readers.example\r\nBcc: eve@readers.example", "a" * 10_000):
        answer = readers.sign_up(typed, name="Ada <b>")
        assert answer.status_code == 422
        assert 'href="#ai-weekly-address"' in answer.text
        assert 'value="Ada &lt;b&gt;"' in answer.text
        assert "<title>Error: " in answer.text
    assert 'value="ada at readers"' in readers.sign_up("ada at readers").text
    assert everything(readers.app.db) == before, "a mistyped address does not use up a try"


@pytest.mark.parametrize(
    "name", ["Ada\r\nBcc: eve@x.example", "=?utf-8?q?Ada?=", "x" * 10_000, "A\0da", "\u202eadA", "{{7*7}}"]
)
def test_odd_names_are_harmless(readers: Readers, name: str) -> None:
    assert readers.sign_up(name=name).status_code == 303
    assert readers.letters() == [("confirm", ADA)]
    page = readers.client.get(f"/p/{readers.own_token()}")
    assert page.status_code == 200
    assert not {"\0", "\u202e"} & set(page.text)


def test_a_program_that_fills_every_field_gets_the_same_answer_and_nothing(readers: Readers) -> None:
    before = everything(readers.app.db)
    answer = readers.sign_up(website="https://spam.example")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/n/ai-weekly/thanks")
    assert everything(readers.app.db) == before


def test_whoever_saw_other_words_reads_the_new_ones_first(readers: Readers) -> None:
    answer = readers.sign_up(words="Yes, send me AI Weekly every day. I can stop it at any time with one press.")
    assert answer.status_code == 422
    assert "was changed while this page was open" in answer.text
    assert f'value="{ADA}"' in answer.text
    assert readers.letters() == []


def test_a_thousand_sign_ups_a_minute_from_one_range_write_a_handful_of_letters(sqlite_readers: Readers) -> None:
    answers = [
        sqlite_readers.sign_up(f"reader{each}@readers.example", at=f"203.0.113.{each % 254 + 1}").status_code
        for each in range(1000)
    ]
    assert answers.count(303) == 30
    assert answers.count(429) == 970
    assert len(sqlite_readers.letters()) == 30


def test_before_a_newsletter_begins_the_page_says_so(sqlite_readers: Readers) -> None:
    builders.change_newsletters(sqlite_readers.app.db, live_at=None)
    page = sqlite_readers.client.get("/n/ai-weekly/thanks").text
    assert "AI Weekly has not begun yet" in page
    assert "on its way" not in page


def test_an_ipv6_range_is_one_range(sqlite_readers: Readers) -> None:
    answers = [
        sqlite_readers.sign_up(f"reader{each}@readers.example", at=f"2001:db8:7:{each:x}::1").status_code
        for each in range(40)
    ]
    assert answers.count(303) == 30
    before = everything(sqlite_readers.app.db)
    assert sqlite_readers.sign_up("late@readers.example", at="2001:db8:7:ffff::1").status_code == 429
    assert everything(sqlite_readers.app.db) == before, "whoever has 65,536 networks fills no table with them"


def test_one_address_does_not_use_up_its_neighbours_tries(sqlite_readers: Readers) -> None:
    for each in range(100):
        sqlite_readers.sign_up(f"reader{each}@readers.example")
    assert sqlite_readers.sign_up("next@readers.example", at="203.0.113.8").status_code == 303


def test_a_room_full_of_people_signs_up_and_others_are_not_held_up(sqlite_readers: Readers, clock: FakeClock) -> None:
    readers = sqlite_readers
    for each in range(20):
        assert readers.sign_up(f"reader{each}@readers.example").status_code == 303
    clock.advance(timedelta(minutes=3))
    refused = readers.sign_up("late@readers.example", name="Late")
    assert refused.status_code == 429
    assert "Wait 7 minutes and try again" in refused.text
    assert int(refused.headers["Retry-After"]) == 420
    assert 'value="late@readers.example"' in refused.text
    assert 'value="Late"' in refused.text
    assert readers.sign_up("else@readers.example", at="198.51.100.7").status_code == 303
    clock.advance(timedelta(minutes=7))
    assert readers.sign_up("late@readers.example").status_code == 303


def test_an_hour_has_its_own_limit(sqlite_readers: Readers, clock: FakeClock) -> None:
    answers = []
    for each in range(80):
        answers.append(sqlite_readers.sign_up(f"reader{each}@readers.example"))
        if each % 20 == 19:
            clock.advance(timedelta(minutes=10))
    assert [answer.status_code for answer in answers] == [303] * 60 + [429] * 20
    assert "Wait 30 minutes" in answers[-1].text


def test_one_mailbox_is_not_bombed_from_many_networks(sqlite_readers: Readers, clock: FakeClock) -> None:
    for each in range(40):
        sqlite_readers.sign_up(at=f"198.{each}.100.7")
        clock.advance(timedelta(minutes=2))
    assert len(sqlite_readers.letters()) == 3


def test_a_newsletter_that_is_not_there_takes_no_sign_up(readers: Readers) -> None:
    for slug in ("nothing", "%00", "a" * 200, "AI-Weekly", "..", "é"):
        for answer in (
            readers.client.get(f"/n/{slug}"),
            readers.client.get(f"/n/{slug}/thanks"),
            readers.client.post(f"/n/{slug}/sign-up", data={"address": ADA}),
        ):
            assert answer.status_code == 404, slug
            assert "Set-Cookie" not in answer.headers


def test_the_front_page_has_the_form_of_each_newsletter(sqlite_readers: Readers) -> None:
    page = sqlite_readers.client.get("/").text
    assert 'action="/n/ai-weekly/sign-up"' in page
    assert page.count("<h1") == 1


def test_a_sign_up_on_an_issues_page_counts_for_the_issue_once_it_is_confirmed(readers: Readers) -> None:
    sent_issue_row(readers.app.db, readers.newsletter, number=41, document=whole_issue())
    assert '<input type="hidden" name="issue" value="41">' in readers.client.get("/n/ai-weekly/issues/41").text
    assert 'name="issue"' not in readers.client.get("/n/ai-weekly").text
    readers.sign_up(issue="41")
    assert readers.steps()[0][1] == "/n/ai-weekly/issues/41"
    assert _from_issues(readers, 41) == 0, "somebody typed an address, and no more"
    for _ in range(2):
        readers.client.post(f"/c/{readers.confirm_token()}")
    assert _from_issues(readers, 41) == 1
    readers.sign_up("eve@readers.example", issue="42")
    assert readers.steps("eve@readers.example")[0][1] == "/n/ai-weekly", "there is no such issue to count for"
    readers.client.post(f"/c/{readers.confirm_token('eve@readers.example')}")
    assert _from_issues(readers, 42) == 0


def _from_issues(readers: Readers, number: int) -> int:
    with readers.app.db.read() as session:
        return growth.from_issues(session, readers.newsletter, [number])[number]
