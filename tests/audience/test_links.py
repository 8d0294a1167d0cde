"""Readers' own links: whoever holds one can do one thing for one reader, and nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator import tokens
from curator.audience import links
from curator.audience.links import ConfirmLink, UnsubscribeLink
from curator.errors import TokenError

_KEYS = tokens.Keys.from_secret("s" * 40)
_ASKED_AT = datetime(2026, 11, 16, 9, 0, 0, 123000, tzinfo=UTC)
_NEWSLETTERS = st.integers(0, 2**32 - 1)
_SUBSCRIBERS = st.integers(0, 2**63 - 1)


def _unsubscribe(keys: tokens.Keys) -> str:
    return links.unsubscribe_token(keys, 1, 2, mailing_id=3)


def _confirm(keys: tokens.Keys) -> str:
    return links.confirm_token(keys, ConfirmLink(1, 2, _ASKED_AT))


def _address(keys: tokens.Keys) -> str:
    return links.address_token(keys, links.AddressLink(1))


def _preferences(keys: tokens.Keys) -> str:
    return links.preferences_token(keys, 2)


KINDS = pytest.mark.parametrize(
    ("make", "read"),
    [
        (_unsubscribe, links.read_unsubscribe_token),
        (_confirm, links.read_confirm_token),
        (_preferences, links.read_preferences_token),
        (_address, links.read_address_token),
    ],
    ids=["unsubscribe", "confirm", "preferences", "address"],
)
Make = Callable[[tokens.Keys], str]
Read = Callable[[tokens.Keys, str], object]


@given(_NEWSLETTERS, _SUBSCRIBERS, st.integers(1, 2**32 - 1) | st.none())
def test_an_unsubscribe_token_gives_back_what_it_was_made_of(
    newsletter_id: int, subscriber_id: int, mailing_id: int | None
) -> None:
    token = links.unsubscribe_token(_KEYS, newsletter_id, subscriber_id, mailing_id=mailing_id)
    assert links.read_unsubscribe_token(_KEYS, token) == UnsubscribeLink(newsletter_id, subscriber_id, mailing_id)
    assert len(token) == 36


@given(_NEWSLETTERS, _SUBSCRIBERS, st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_a_confirm_token_gives_back_what_it_was_made_of(newsletter_id: int, subscriber_id: int, at: datetime) -> None:
    asked_at = at.replace(tzinfo=UTC)
    token = links.confirm_token(_KEYS, ConfirmLink(newsletter_id, subscriber_id, asked_at))
    (read,) = links.read_confirm_token(_KEYS, token)
    assert (read.newsletter_id, read.subscriber_id) == (newsletter_id, subscriber_id)
    assert links.is_same_moment(asked_at, read)


@given(st.lists(_NEWSLETTERS, min_size=2, max_size=9), _SUBSCRIBERS)
def test_one_token_confirms_several_sign_ups_of_a_reader(newsletter_ids: list[int], subscriber_id: int) -> None:
    asked = tuple(ConfirmLink(id_, subscriber_id, _ASKED_AT) for id_ in newsletter_ids)
    assert links.read_confirm_token(_KEYS, links.confirm_all_token(_KEYS, asked)) == asked


@given(st.integers(1, 2**62), st.booleans())
def test_the_token_of_a_change_of_address_gives_back_what_it_does(change_id: int, is_back: bool) -> None:
    link = links.AddressLink(change_id, is_back)
    assert links.read_address_token(_KEYS, links.address_token(_KEYS, link)) == link


@given(_SUBSCRIBERS)
def test_a_preferences_token_gives_back_whose_it_is(subscriber_id: int) -> None:
    assert links.read_preferences_token(_KEYS, links.preferences_token(_KEYS, subscriber_id)) == subscriber_id


def test_a_token_of_the_first_release_goes_on_working() -> None:
    token = tokens.sign(_KEYS, tokens.Purpose.UNSUBSCRIBE, bytes.fromhex("000000010000000000000002"))
    assert links.read_unsubscribe_token(_KEYS, token) == UnsubscribeLink(1, 2, None)


@KINDS
def test_an_old_link_outlives_the_rotation_of_its_key(make: Make, read: Read) -> None:
    renewed = tokens.Keys.from_secret("n" * 40, older=("s" * 40,))
    assert read(renewed, make(_KEYS)) == read(_KEYS, make(_KEYS))


@KINDS
def test_a_token_that_is_forged_damaged_or_for_something_else_is_refused(make: Make, read: Read) -> None:
    others = [each(_KEYS) for each in (_unsubscribe, _confirm, _preferences, _address) if each is not make]
    wrong = ["", "x", "é", "A" * 36, make(_KEYS)[:-1], make(tokens.Keys.from_secret("o" * 40)), *others]
    for token in wrong:
        with pytest.raises(TokenError):
            read(_KEYS, token)


@pytest.mark.parametrize(
    ("purpose", "read"),
    [
        (tokens.Purpose.UNSUBSCRIBE, links.read_unsubscribe_token),
        (tokens.Purpose.CONFIRM, links.read_confirm_token),
        (tokens.Purpose.PREFERENCES, links.read_preferences_token),
        (tokens.Purpose.ADDRESS, links.read_address_token),
    ],
)
def test_a_token_of_another_length_is_refused(purpose: tokens.Purpose, read: Read) -> None:
    for size in (0, 7, 11, 21):
        with pytest.raises(TokenError):
            read(_KEYS, tokens.sign(_KEYS, purpose, bytes(size)))


def test_a_moment_beyond_the_calendar_is_a_damaged_link() -> None:
    token = tokens.sign(_KEYS, tokens.Purpose.CONFIRM, b"\xff" * 20)
    with pytest.raises(TokenError):
        links.read_confirm_token(_KEYS, token)


@KINDS
def test_every_changed_character_is_noticed(make: Make, read: Read) -> None:
    token = make(_KEYS)
    for at, char in enumerate(token):
        changed = token[:at] + ("A" if char != "A" else "B") + token[at + 1 :]
        with pytest.raises(TokenError):
            read(_KEYS, changed)
