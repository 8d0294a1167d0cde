"""Tokens: only the holder of the key makes them, for one purpose."""

import hashlib
import hmac
from base64 import urlsafe_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import TokenError
from curator.tokens import Keys, Purpose, sign, sign_caseless, verify, verify_caseless

_KEYS = Keys.from_secret("a" * 32)


@given(st.binary(max_size=64))
def test_what_was_signed_comes_back(payload: bytes) -> None:
    assert verify(_KEYS, Purpose.UNSUBSCRIBE, sign(_KEYS, Purpose.UNSUBSCRIBE, payload)) == payload


def test_a_token_is_bound_to_its_purpose() -> None:
    with pytest.raises(TokenError):
        verify(_KEYS, Purpose.SIGN_IN, sign(_KEYS, Purpose.UNSUBSCRIBE, b"7"))


def test_a_token_outlives_the_rotation_of_its_key() -> None:
    token = sign(_KEYS, Purpose.UNSUBSCRIBE, b"7")
    rotated = Keys.from_secret("b" * 32, older=("a" * 32,))
    assert verify(rotated, Purpose.UNSUBSCRIBE, token) == b"7"
    assert sign(rotated, Purpose.UNSUBSCRIBE, b"7") != token


@given(st.text(max_size=60))
def test_what_nobody_signed_is_refused(text: str) -> None:
    with pytest.raises(TokenError):
        verify(_KEYS, Purpose.UNSUBSCRIBE, text)


def test_every_changed_character_is_noticed() -> None:
    token = sign(_KEYS, Purpose.UNSUBSCRIBE, b"12345678")
    for place, old in enumerate(token):
        new = "A" if old != "A" else "B"
        changed = token[:place] + new + token[place + 1 :]
        with pytest.raises(TokenError):
            verify(_KEYS, Purpose.UNSUBSCRIBE, changed)


@given(secret=st.text(min_size=1, max_size=100), payload=st.binary(max_size=100))
def test_a_tokens_mac_is_the_standard_librarys(secret: str, payload: bytes) -> None:
    token = sign(Keys.from_secret(secret), Purpose.CLICK, payload)
    raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    mac = hmac.digest(secret.encode(), b"click\0" + raw[:-10], hashlib.sha256)
    assert raw == b"\0" + payload + mac[:10]


@given(st.binary(max_size=64))
def test_a_token_for_an_address_survives_a_change_of_case(payload: bytes) -> None:
    token = sign_caseless(_KEYS, Purpose.RETURN_PATH, payload)
    assert token == token.lower()
    assert verify_caseless(_KEYS, Purpose.RETURN_PATH, token) == payload
    assert verify_caseless(_KEYS, Purpose.RETURN_PATH, token.upper()) == payload
    with pytest.raises(TokenError):
        verify_caseless(_KEYS, Purpose.UNSUBSCRIBE, token)


@given(st.text(max_size=60))
def test_a_token_for_an_address_that_nobody_signed_is_refused(text: str) -> None:
    with pytest.raises(TokenError):
        verify_caseless(_KEYS, Purpose.RETURN_PATH, text)
