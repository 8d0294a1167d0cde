"""Tokens of tracked links: 32 characters whatever they name, and nobody without the key makes one."""

import re
import struct
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator import tokens
from curator.errors import TokenError
from curator.mailings.click_links import ClickLink, ClickPress, click_token, click_url, read_click_token

KEYS = tokens.Keys.from_secret("k" * 40)
LINKS = st.builds(
    ClickLink, st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1), st.integers(min_value=0, max_value=2**56 - 1)
)


@given(LINKS)
def test_a_token_is_32_url_safe_characters_and_comes_back_equal(click: ClickLink) -> None:
    token = click_token(KEYS, click)
    assert re.fullmatch("[A-Za-z0-9_-]{32}", token)
    assert read_click_token(KEYS, token) == click
    assert click_url("https://news.example", token) == f"https://news.example/l/{token}"


@given(LINKS, st.integers(0, 31), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
def test_a_token_with_one_other_character_is_refused(click: ClickLink, place: int, other: str) -> None:
    token = click_token(KEYS, click)
    forged = token[:place] + other + token[place + 1 :]
    if forged != token:
        with pytest.raises(TokenError):
            read_click_token(KEYS, forged)


@pytest.mark.parametrize("token", ["", "x", "A" * 32, "ü" * 32, "A" * 31, "A" * 4000, "../../etc/passwd"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(TokenError):
        read_click_token(KEYS, token)


def test_a_token_of_another_purpose_or_length_is_refused() -> None:
    payload = bytes(13)
    with pytest.raises(TokenError):
        read_click_token(KEYS, tokens.sign(KEYS, tokens.Purpose.UNSUBSCRIBE, payload))
    with pytest.raises(TokenError):
        read_click_token(KEYS, tokens.sign(KEYS, tokens.Purpose.CLICK, payload + b"\0"))


@given(LINKS)
def test_links_of_mail_that_left_when_each_had_a_mac_of_its_own_still_lead_somewhere(click: ClickLink) -> None:
    payload = struct.pack(">IH7s", click.mailing_id, click.link, click.subscriber_id.to_bytes(7))
    assert read_click_token(KEYS, tokens.sign(KEYS, tokens.Purpose.CLICK, payload)) == click


@given(LINKS)
def test_links_of_mail_that_left_when_three_shared_a_mac_still_lead_somewhere(click: ClickLink) -> None:
    reader = click.subscriber_id.to_bytes(7)
    body = bytes([KEYS.current]) + struct.pack(">IH", click.mailing_id, click.link // 3) + reader
    mac = tokens.whole_mac(KEYS, tokens.Purpose.CLICKS, body)[click.link % 3 * 10 :][:10]
    raw = bytes([KEYS.current]) + struct.pack(">IH", click.mailing_id, click.link) + reader + mac
    assert read_click_token(KEYS, urlsafe_b64encode(raw).decode()) == click


def test_links_outlive_a_change_of_keys() -> None:
    token = click_token(KEYS, ClickLink(1, 2, 3))
    newer = tokens.Keys.from_secret("n" * 40, older=("k" * 40,))
    assert read_click_token(newer, token) == ClickLink(1, 2, 3)


@given(mailing=st.integers(0, 2**32 - 1), links=st.lists(st.integers(0, 2**16 - 1)), reader=st.integers(0, 2**56 - 1))
def test_tokens_made_in_a_row_are_those_made_one_by_one(mailing: int, links: list[int], reader: int) -> None:
    row = ClickPress(KEYS, mailing_id=mailing, links=links).tokens(reader)
    assert list(row) == [click_token(KEYS, ClickLink(mailing, link, reader)).encode() for link in links]
