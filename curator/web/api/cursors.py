"""Marks in a list, for the page behind them: signed, and good for the very list that they were made for."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from curator import tokens
from curator.errors import TokenError
from curator.tokens import Keys, Purpose

_BOUND_BYTES = 8
LONGEST = 400


def cursor(keys: Keys, place: list[Any], *, of: Mapping[str, Any]) -> str:
    """Returns the mark of a place (the last row's values of order) in the list that `of` asks for."""
    payload = _bound(of) + json.dumps(place, separators=(",", ":")).encode()
    return tokens.sign(keys, Purpose.CURSOR, payload)


def place(keys: Keys, given: str, *, of: Mapping[str, Any]) -> list[Any]:
    """Returns the place that a mark names; TokenError for a damaged one, and for one of another list."""
    payload = tokens.verify(keys, Purpose.CURSOR, given)
    if payload[:_BOUND_BYTES] != _bound(of):
        raise TokenError("This cursor belongs to another list.")
    found = json.loads(payload[_BOUND_BYTES:])
    assert isinstance(found, list), "we signed a list"
    return found


def _bound(of: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(json.dumps(of, sort_keys=True, default=str).encode()).digest()[:_BOUND_BYTES]
