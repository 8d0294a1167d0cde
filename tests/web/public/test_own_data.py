"""A reader's own data: a copy of it by their own link, and its erasure by one press."""

import json

import pytest
from sqlalchemy import select

from curator.audience.tables import Subscriber, Suppression
from tests.web.public.conftest import ADA, Readers


@pytest.fixture
def own(readers: Readers) -> str:
    readers.active()
    return f"/p/{readers.own_token()}"


def test_the_preferences_lead_to_the_data_and_it_to_the_files(readers: Readers, own: str) -> None:
    assert f"{own}/data" in readers.client.get(own).text
    page = readers.client.get(f"{own}/data")
    assert "Address and name" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert ADA not in page.text
    file = readers.client.get(f"{own}/data.json")
    kept = json.loads(file.text)["kept"]
    assert kept["subscriber"]["rows"][0]["address"] == "a…@readers.example"
    assert "attachment" in file.headers["Content-Disposition"]
    file = readers.client.get(f"{own}/data.html")
    assert "attachment" in file.headers["Content-Disposition"]
    assert "a…@readers.example" in file.text
    assert "//" not in file.text.replace("<!doctype", ""), "it asks nobody for anything"


def test_a_look_erases_nobody_and_a_press_does(readers: Readers, own: str) -> None:
    assert "This cannot be taken back" in readers.client.get(f"{own}/erase").text
    assert _people(readers) == [ADA]
    answer = readers.client.post(f"{own}/erase")
    assert "You are erased" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert _people(readers) == []
    with readers.app.db.read() as session:
        assert "@" not in session.scalars(select(Suppression.address_key)).one()


def test_the_links_of_an_erased_reader_answer_politely(readers: Readers, own: str) -> None:
    way_out = f"/u/{readers.leave_token()}"
    readers.client.post(f"{own}/erase")
    for address in (own, f"{own}/data", f"{own}/data.json", f"{own}/erase"):
        answer = readers.client.get(address)
        assert answer.status_code == 404
        assert "There is nothing here any more" in answer.text
    assert readers.client.post(f"{own}/erase").status_code == 404
    assert readers.client.post(way_out).status_code == 200


def test_somebody_elses_key_opens_nothing(readers: Readers, own: str) -> None:
    for address in ("/p/forged/data", "/p/forged/data.json", "/p/forged/erase", f"/p/{readers.leave_token()}/erase"):
        assert readers.client.get(address).status_code == 404
        assert readers.client.post(address).status_code in (404, 405)
    assert _people(readers) == [ADA]


def test_an_erased_reader_signs_up_anew_like_anybody(readers: Readers, own: str) -> None:
    readers.client.post(f"{own}/erase")
    assert readers.sign_up().status_code in (200, 303)
    assert readers.state() == "pending"
    assert readers.letters() == [("confirm", ADA)]
    readers.client.post(f"/c/{readers.confirm_token()}")
    assert readers.state() == "active"
    with readers.app.db.read() as session:
        assert session.scalars(select(Suppression)).all() == []


def _people(readers: Readers) -> list[str]:
    with readers.app.db.read() as session:
        return list(session.scalars(select(Subscriber.address)))
