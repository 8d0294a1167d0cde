"""Signs in at a relay (RFC 4954) with PLAIN or LOGIN, which every provider takes.

CRAM-MD5 is left out: it makes the relay keep passwords in the clear, and the connection is encrypted anyway.
"""

import re
from base64 import b64encode
from collections.abc import Iterable

from curator.errors import TransportError
from curator.mailings.transports import replies
from curator.mailings.transports.offer import Offer
from curator.mailings.transports.wire import Reply, Wire

_WELCOME = 235
_GO_ON = 334
# What is shorter is no secret, and might be any word's beginning.
_TELLING = 4


def sign_in(wire: Wire, offer: Offer, *, user: str, password: str) -> None:
    """Signs in, or raises TransportError; neither name nor password is in its words."""
    if "PLAIN" in offer.sign_in_ways and "\0" not in user + password:
        said = _say(wire, b"AUTH PLAIN " + _encoded(f"\0{user}\0{password}"))
    elif "LOGIN" in offer.sign_in_ways:
        said = _in_turn(wire, b"AUTH LOGIN", _encoded(user), _encoded(password))
    else:
        raise TransportError(f"{wire.where} offers no way to sign in that we know.")
    if said.code != _WELCOME:
        secrets = (f"\0{user}\0{password}", user, password)
        words = _untold(said.words, (*map(_encoded, secrets), user.encode(), password.encode()))
        raise replies.trouble("refuses our user name or password", said.code, words)


def _in_turn(wire: Wire, *lines: bytes) -> Reply:
    said = Reply(_GO_ON, b"")
    for line in lines:
        if said.code != _GO_ON:
            break
        said = _say(wire, line)
    return said


def _say(wire: Wire, line: bytes) -> Reply:
    wire.write(line + b"\r\n")
    return wire.reply()


def _encoded(text: str) -> bytes:
    return b64encode(text.encode())


def _untold(words: bytes, secrets: Iterable[bytes]) -> bytes:
    """Returns a relay's words without secrets: some repeat the line that they do not know, whole or its beginning."""
    for secret in secrets:
        if len(secret) >= _TELLING:
            words = re.sub(re.escape(secret[: 2 * _TELLING]) + rb"[^\s\"']*", b"(...)", words)
    return words
