"""Marks in a list, for the page behind them: sealed, and good for the very list that they were made for.

They are encrypted because they stand in addresses, which servers write into logs, and a place may be a mailbox.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from curator import tokens
from curator.errors import TokenError
from curator.tokens import Keys

LONGEST = 900
"""Characters of a mark: the longest place is a mailbox of 320 characters."""

# So that no key serves two ends: links are signed with the same secret.
_PURPOSE = b"cursor"


def cursor(keys: Keys, place: list[Any], *, of: Mapping[str, Any]) -> str:
    """Returns the mark of a place (the last row's values of order) in the list that `of` asks for."""
    return _box(keys).encrypt(json.dumps([_bound(of), place]).encode()).decode().rstrip("=")


def place(keys: Keys, given: str, *, of: Mapping[str, Any]) -> list[Any]:
    """Returns the place that a mark names; TokenError for a damaged one, and for one of another list."""
    raw = tokens.raw_of(given)
    try:
        bound, found = json.loads(_box(keys).decrypt(base64.urlsafe_b64encode(raw)))
    except InvalidToken as error:
        raise TokenError("This cursor is damaged.") from error
    if bound != _bound(of):
        raise TokenError("This cursor belongs to another list.")
    assert isinstance(found, list), "we sealed a list"
    return found


def _bound(of: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(of, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _box(keys: Keys) -> MultiFernet:
    newest_first = [keys.secrets[keys.current], *keys.secrets.values()]
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hmac.digest(each, _PURPOSE, hashlib.sha256))) for each in newest_first]
    )
