"""Unicode's tricks in addresses and names: refused, or one person however they are spelled."""

from urllib.parse import urlencode

import pytest

from curator.addresses import address_key, checked_address
from curator.errors import InvalidError
from curator.names import cleaned_name
from tests.sins.town import Town
from tests.web.public.conftest import everything, stamp

REFUSED = (
    "ada@readers.example\u0001",
    "ada@readers.example\r\nBcc: eve@evil.example",
    "ada\u202e@readers.example",
    "ada\u200b@readers.example",
    "ada@rea\u200bders.example",
    "ada\uff20readers.example",
    "ada@readers.example,eve@evil.example",
    "ada@readers.example;eve@evil.example",
    "ada@readers.example eve@evil.example",
    "<ada@readers.example>",
    '"ada@readers.example"@evil.example',
    "ada@readers.example@evil.example",
    "ada%readers.example@evil.example\n",
    "ada@[127.0.0.1]",
    "ada@localhost",
    "ada@readers..example",
    "ada@.readers.example",
    "ada@-readers.example",
)


@pytest.mark.parametrize("typed", REFUSED)
def test_what_two_programs_read_differently_is_no_address(town: Town, typed: str) -> None:
    with pytest.raises(InvalidError):
        checked_address(typed)
    before = everything(town.app.db)["letter"]
    fields = {"address": typed.encode("utf-8", "surrogatepass"), "at": stamp(town.app)}
    form = {"data": urlencode(fields), "content_type": "application/x-www-form-urlencoded"}
    answer = town.flask.test_client().post("/n/ai-weekly/sign-up", **form)
    assert answer.status_code in (400, 422), answer.status_code
    assert everything(town.app.db)["letter"] == before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@readers.example", "ADA@READERS.EXAMPLE"),
        ("ada@ｒeaders.example", "ada@readers.example"),
        ("ada@readers。example", "ada@readers.example"),
        ("jo\u0308rg@readers.example", "J\u00d6RG@readers.example"),
    ],
)
def test_a_second_spelling_is_no_second_person(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)


@pytest.mark.parametrize("like", ["аda@readers.example", "ada@rеaders.example", "ada@readers.example.evil.example"])
def test_a_likeness_is_somebody_else(like: str) -> None:
    """Cyrillic letters that look like Latin ones: another key, so nobody's subscription or place is taken over."""
    assert address_key(like) != address_key("ada@readers.example")


def test_a_name_turns_no_words_around() -> None:
    assert cleaned_name("Ada\u202e gro.live\u2066") == "Ada gro.live"
