"""The return path: every message has its own, and nobody else can make one up."""

import email
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.letters.values import LetterKind
from curator.mailings import mime, send
from curator.mailings.return_path import (
    OfDelivery,
    OfLetter,
    OfProbe,
    ReturnPath,
    Whose,
    by_message_id,
    by_return_path,
    return_token,
)
from curator.mailings.values import Outgoing
from curator.tokens import Keys
from tests.mailings.letter_desk import KEYS, READER, Desk
from tests.mailings.line import Line

PATH = ReturnPath("bounces@podcast.example", KEYS)
LOCAL = re.compile(r"bounces\+[a-z2-7]{32,37}")
whose_ever = st.one_of(
    st.builds(OfDelivery, st.integers(0, 2**32 - 1), st.integers(0, 2**56 - 1)),
    st.builds(OfLetter, st.integers(0, 2**63)),
    st.builds(OfProbe, st.integers(0, 2**63)),
)


@given(whose_ever, st.booleans())
def test_what_is_named_is_read_again_in_whatever_case_it_comes(whose: Whose, is_shouted: bool) -> None:
    message = PATH.on(Outgoing("1.1", "news@podcast.example", "ada@example.org", b""), whose)
    local, _, domain = message.sender.partition("@")
    assert LOCAL.fullmatch(local)
    assert len(local) <= 64
    assert (domain, message.from_address) == ("podcast.example", "news@podcast.example")
    said = message.sender.upper() if is_shouted else message.sender
    assert by_return_path(KEYS, [f"Bounces <{said}>, x@y.example"]) == whose


def test_no_letter_of_it_can_be_changed() -> None:
    token = return_token(KEYS, OfDelivery(1, 2))
    for place, letter in enumerate(token):
        other = "a" if letter != "a" else "b"
        assert by_return_path(KEYS, [f"bounces+{token[:place]}{other}{token[place + 1 :]}@podcast.example"]) is None


@given(st.text(max_size=200))
def test_what_nobody_signed_is_nobodys(text: str) -> None:
    assert by_return_path(KEYS, [text]) is None
    assert by_message_id(KEYS, [text]) is None


def test_it_outlives_the_rotation_of_its_key() -> None:
    rotated = Keys.from_secret("n" * 40, older=("k" * 40,))
    message_id = mime.message_id(KEYS, mailing_id=3, subscriber_id=4, domain="podcast.example")
    assert by_return_path(rotated, [f"b+{return_token(KEYS, OfLetter(9))}@x.example"]) == OfLetter(9)
    assert by_message_id(rotated, [message_id]) == OfDelivery(3, 4)
    assert by_message_id(rotated, [mime.letter_message_id(KEYS, 5, domain="x.org")]) == OfLetter(5)
    assert by_message_id(rotated, [message_id.replace("s4", "s5")]) is None


def test_every_message_of_a_mailing_has_its_own_and_keeps_its_from(line: Line) -> None:
    ids = line.readers(3)
    mailing_id = line.start()
    send.pump(
        line.db,
        line.relay,
        mailing_id,
        owner="test:1",
        journal_dir=line.journal_dir,
        clock=line.clock,
        keys=KEYS,
        public_url="https://news.example",
        until=lambda: False,
        return_path=PATH,
    )
    found = [by_return_path(KEYS, [message.sender]) for message in line.relay.sent]
    assert found == [OfDelivery(mailing_id, id_) for id_ in ids]
    for message in line.relay.sent:
        assert "news@podcast.example" in email.message_from_bytes(message.content)["From"]


def test_a_letter_has_one_too(desk: Desk) -> None:
    desk.return_path = PATH
    desk.write(LetterKind.WELCOME)
    desk.post()
    (message,) = desk.relay.sent
    assert isinstance(by_return_path(KEYS, [message.sender]), OfLetter)
    assert message.from_address == "news@podcast.example"


@pytest.mark.parametrize("is_set", [True, False])
def test_without_the_setting_bounces_go_to_the_newsletters_own_address(desk: Desk, is_set: bool) -> None:
    desk.return_path = PATH if is_set else None
    desk.write(LetterKind.WELCOME)
    desk.post()
    assert (desk.relay.sent[0].sender == "news@podcast.example") is not is_set
    assert desk.relay.sent[0].recipient == READER
