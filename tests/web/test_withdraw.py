"""At the desk: a quote or a person is withdrawn after a look at what it touches and a typed word."""

import pytest
from flask import Flask

from curator.accounts.values import Role
from curator.app import App
from curator.episodes.quotes import store as quotes
from tests.mailings.test_withdrawn import NAME, SAID, Desk
from tests.web.conftest import Browser, Newsroom, signed_in


@pytest.fixture
def desk(newsroom: Newsroom) -> Desk:
    return Desk(newsroom)


def test_a_person_is_withdrawn_by_typing_the_name_again(mina: Browser, desk: Desk) -> None:
    desk.approve()
    page = mina.see(f"/desk/withdraw?name={NAME.replace(' ', '+')}")
    assert "What is kept of “Nadia Okafor”" in page
    assert "<strong>1 quote</strong> goes." in page
    assert "<strong>2 turns of transcripts</strong>" in page
    assert "must be approved again" in page
    assert "Mail that has left cannot be called back" in page
    answer = mina.post("/desk/withdraw", {"name": NAME, "sure": "Nadia"})
    assert answer.status_code == 422
    assert "Type “Nadia Okafor” to say that you mean it." in answer.text
    assert SAID in desk.everything()
    page = mina.follow(mina.post("/desk/withdraw", {"name": NAME, "sure": "nadia okafor"}))
    assert "Withdrawn, out of 1 quote, 2 turns of transcripts, 1 issue." in page
    assert "Okafor" not in desk.everything()


def test_a_quote_is_withdrawn_from_its_episodes_excerpts(mina: Browser, desk: Desk) -> None:
    assert f'href="/desk/withdraw?quote={desk.quote}"' in mina.see(f"/desk/episodes/{desk.item}/excerpts")
    page = mina.see(f"/desk/withdraw?quote={desk.quote}")
    assert SAID in page
    mina.follow(mina.post("/desk/withdraw", {"quote": str(desk.quote), "sure": "withdraw"}))
    with desk.db.read() as session:
        assert quotes.quotes_of(session, desk.item) == []
    assert "There is no such quote any more." in mina.see(f"/desk/withdraw?quote={desk.quote}")


def test_the_log_says_who_and_what_kind_and_no_word_of_it(mina: Browser, desk: Desk) -> None:
    mina.post("/desk/withdraw", {"name": NAME, "sure": NAME})
    page = mina.see("/desk/activity")
    assert "withdrew a guest" in page
    assert "Okafor" not in page


@pytest.mark.parametrize(
    ("name", "said"), [("", "Give the name"), ("Jo", "at least 3 letters"), ("x" * 200, "at most")]
)
def test_what_cannot_be_looked_for_is_refused(mina: Browser, name: str, said: str) -> None:
    answer = mina.client.get("/desk/withdraw", query_string={"name": name})
    assert answer.status_code == 422
    assert said in answer.text


def test_names_of_nobody_and_odd_addresses_change_nothing(mina: Browser, desk: Desk) -> None:
    assert "Nobody called “Zoe Nobody”" in mina.see("/desk/withdraw?name=Zoe+Nobody")
    for query in ("quote=999", "quote=x", "quote=-1", "name=%25%25%25", "name=(((", "name=%5Cd%2B"):
        assert mina.client.get(f"/desk/withdraw?{query}").status_code in (200, 422)
    assert SAID in desk.everything()


def test_an_editor_is_not_offered_it(sqlite_app: App, desk: Desk, flask: Flask) -> None:
    theo = signed_in(flask, sqlite_app, "Theo", Role.EDITOR)
    assert "/desk/withdraw" not in theo.see(f"/desk/episodes/{desk.item}/excerpts")
    assert theo.client.get("/desk/withdraw").status_code == 403
