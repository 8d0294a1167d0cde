"""The tokens and addresses of readers' own links: signed, bound to one purpose, short."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from curator import tokens
from curator.errors import TokenError

# A 32-bit newsletter id, a 64-bit subscriber id and a 32-bit mailing id: with key id and MAC 27 bytes, 36 characters.
_UNSUBSCRIBE = struct.Struct(">IQI")
# Mail of the first release carries tokens without a mailing; they go on working.
_UNSUBSCRIBE_BEFORE = struct.Struct(">IQ")
_CONFIRM = struct.Struct(">IQQ")
# Sign-ups that one letter asks about: whose they are, then each newsletter with its moment. Two of them are 32 bytes,
# so none is as long as one alone.
_READER, _ASKED = struct.Struct(">Q"), struct.Struct(">IQ")
_PREFERENCES = struct.Struct(">Q")
# A change of address by its number, and what the link does: move the address, or take the move back.
_ADDRESS = struct.Struct(">Q?")


@dataclass(frozen=True)
class UnsubscribeLink:
    """Whose subscription a link ends; `mailing_id` is the mailing that carried it, None where that is not known."""

    newsletter_id: int
    subscriber_id: int
    mailing_id: int | None = None


@dataclass(frozen=True)
class ConfirmLink:
    """Which sign-up a link confirms or denies: `asked_at` tells it from an earlier one of the same reader."""

    newsletter_id: int
    subscriber_id: int
    asked_at: datetime


def unsubscribe_token(
    keys: tokens.Keys, newsletter_id: int, subscriber_id: int, *, mailing_id: int | None = None
) -> str:
    """Returns the token of a reader's own unsubscribe link, the same for the same mailing and key."""
    payload = _UNSUBSCRIBE.pack(newsletter_id, subscriber_id, mailing_id or 0)
    return tokens.sign(keys, tokens.Purpose.UNSUBSCRIBE, payload)


def read_unsubscribe_token(keys: tokens.Keys, token: str) -> UnsubscribeLink:
    """Returns what an unsubscribe token names, or raises TokenError."""
    payload = tokens.verify(keys, tokens.Purpose.UNSUBSCRIBE, token)
    if len(payload) == _UNSUBSCRIBE_BEFORE.size:
        return UnsubscribeLink(*_UNSUBSCRIBE_BEFORE.unpack(payload))
    newsletter_id, subscriber_id, mailing_id = _unpacked(_UNSUBSCRIBE, payload)
    return UnsubscribeLink(newsletter_id, subscriber_id, mailing_id or None)


@dataclass(frozen=True)
class AddressLink:
    """Which change of address a link is about; `is_back` is the old mailbox's, by which it takes the change back."""

    change_id: int
    is_back: bool = False


def confirm_token(keys: tokens.Keys, link: ConfirmLink) -> str:
    """Returns the token by which a reader confirms a sign-up, or says that it was not theirs."""
    payload = _CONFIRM.pack(link.newsletter_id, link.subscriber_id, _milliseconds(link.asked_at))
    return tokens.sign(keys, tokens.Purpose.CONFIRM, payload)


def confirm_all_token(keys: tokens.Keys, links: Sequence[ConfirmLink]) -> str:
    """Returns the token of a letter that asks about several sign-ups of one reader; of one alone it is that one's."""
    if len(links) == 1:
        return confirm_token(keys, links[0])
    asked = b"".join(_ASKED.pack(link.newsletter_id, _milliseconds(link.asked_at)) for link in links)
    return tokens.sign(keys, tokens.Purpose.CONFIRM, _READER.pack(links[0].subscriber_id) + asked)


def read_confirm_token(keys: tokens.Keys, token: str) -> tuple[ConfirmLink, ...]:
    """Returns what a confirmation token names, one sign-up or more of one reader; raises TokenError.

    Whether it is too old is not asked here.
    """
    payload = tokens.verify(keys, tokens.Purpose.CONFIRM, token)
    if len(payload) == _CONFIRM.size:
        newsletter_id, subscriber_id, asked_ms = _CONFIRM.unpack(payload)
        return (ConfirmLink(newsletter_id, subscriber_id, _moment(asked_ms)),)
    rest = payload[_READER.size :]
    if len(rest) < 2 * _ASKED.size or len(rest) % _ASKED.size:
        raise TokenError("This link is damaged.")
    (subscriber_id,) = _READER.unpack(payload[: _READER.size])
    return tuple(ConfirmLink(id_, subscriber_id, _moment(at)) for id_, at in _ASKED.iter_unpack(rest))


def is_same_moment(asked_at: datetime, link: ConfirmLink) -> bool:
    """Tells whether a link is about the sign-up of this moment; links carry milliseconds only."""
    return _milliseconds(asked_at) == _milliseconds(link.asked_at)


def preferences_token(keys: tokens.Keys, subscriber_id: int) -> str:
    """Returns the token of a reader's own preferences page."""
    return tokens.sign(keys, tokens.Purpose.PREFERENCES, _PREFERENCES.pack(subscriber_id))


def read_preferences_token(keys: tokens.Keys, token: str) -> int:
    """Returns the subscriber id of a preferences token, or raises TokenError."""
    payload = tokens.verify(keys, tokens.Purpose.PREFERENCES, token)
    return int(_unpacked(_PREFERENCES, payload)[0])


def address_token(keys: tokens.Keys, link: AddressLink) -> str:
    """Returns the token by which a mailbox agrees to a change of address, or the old one takes it back."""
    return tokens.sign(keys, tokens.Purpose.ADDRESS, _ADDRESS.pack(link.change_id, link.is_back))


def read_address_token(keys: tokens.Keys, token: str) -> AddressLink:
    """Returns what the token of a change of address names, or raises TokenError."""
    payload = tokens.verify(keys, tokens.Purpose.ADDRESS, token)
    change_id, is_back = _unpacked(_ADDRESS, payload)
    return AddressLink(change_id, bool(is_back))


def unsubscribe_url(public_url: str, token: str) -> str:
    """Returns the address of a reader's own way out."""
    return f"{public_url}/u/{token}"


def confirm_url(public_url: str, token: str) -> str:
    """Returns the address of the page with the button that confirms a sign-up."""
    return f"{public_url}/c/{token}"


def deny_url(public_url: str, token: str) -> str:
    """Returns the address of the page with the button "I never signed up"."""
    return f"{public_url}/d/{token}"


def address_url(public_url: str, token: str) -> str:
    """Returns the address of the page with the button that moves a reader's mail to another address, or back."""
    return f"{public_url}/a/{token}"


def preferences_url(public_url: str, token: str) -> str:
    """Returns the address of a reader's own preferences page."""
    return f"{public_url}/p/{token}"


def newsletter_url(public_url: str, slug: str) -> str:
    """Returns the address of a newsletter's public page, with its sign-up form."""
    return f"{public_url}/n/{slug}"


def archive_url(public_url: str, slug: str) -> str:
    """Returns the address of the list of a newsletter's sent issues."""
    return f"{public_url}/n/{slug}/issues"


def issue_url(public_url: str, slug: str, number: int) -> str:
    """Returns the address of an issue's public page."""
    return f"{public_url}/n/{slug}/issues/{number}"


def _unpacked(layout: struct.Struct, payload: bytes) -> tuple[int, ...]:
    if len(payload) != layout.size:
        raise TokenError("This link is damaged.")
    return layout.unpack(payload)


def _moment(asked_ms: int) -> datetime:
    try:
        return datetime.fromtimestamp(asked_ms / 1000, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise TokenError("This link is damaged.") from error


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
