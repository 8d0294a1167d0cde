"""Unsubscribe links: whoever holds one can end one subscription, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator import tokens
from curator.audience.links import read_unsubscribe_token, unsubscribe_token
from curator.errors import TokenError

_KEYS = tokens.Keys.from_secret("s" * 40)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**63 - 1))
def test_a_token_gives_back_what_it_was_made_of(newsletter_id: int, subscriber_id: int) -> None:
    token = unsubscribe_token(_KEYS, newsletter_id, subscriber_id)
    assert read_unsubscribe_token(_KEYS, token) == (newsletter_id, subscriber_id)
    assert len(token) == 31


def test_an_old_link_outlives_the_rotation_of_its_key() -> None:
    token = unsubscribe_token(_KEYS, 1, 2)
    assert read_unsubscribe_token(tokens.Keys.from_secret("n" * 40, older=("s" * 40,)), token) == (1, 2)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "é",
        "A" * 31,
        unsubscribe_token(_KEYS, 1, 2)[:-1],
        unsubscribe_token(tokens.Keys.from_secret("o" * 40), 1, 2),
        tokens.sign(_KEYS, tokens.Purpose.SIGN_IN, bytes(12)),
        tokens.sign(_KEYS, tokens.Purpose.UNSUBSCRIBE, bytes(11)),
    ],
)
def test_a_token_that_is_forged_damaged_or_for_something_else_is_refused(token: str) -> None:
    with pytest.raises(TokenError):
        read_unsubscribe_token(_KEYS, token)


def test_every_changed_character_is_noticed() -> None:
    token = unsubscribe_token(_KEYS, 1, 2)
    for at, char in enumerate(token):
        changed = token[:at] + ("A" if char != "A" else "B") + token[at + 1 :]
        try:
            assert read_unsubscribe_token(_KEYS, changed) == (1, 2)  # only unused bits of the last character may differ
            assert at == len(token) - 1
        except TokenError:
            pass
