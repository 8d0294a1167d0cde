"""Passwords: what is good enough, how they are kept (argon2id, RFC 9106), whether one is right."""

import unicodedata
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from curator.errors import InvalidError

MIN_CHARACTERS = 10
MAX_CHARACTERS = 1000  # so that nobody makes the server chew on megabytes

# The library's own choice is RFC 9106's second profile (64 MiB, 3 passes, 4 lanes); it rises with its releases, and
# `is_outdated` lets a sign-in take along.
_HASHER = PasswordHasher()


def _unmatchable() -> str:
    # A hash with today's parameters that no known password gives: verifying against it takes as long as against a
    # true one, so an unknown address answers no sooner than a wrong password.
    salt = b64encode(bytes(_HASHER.salt_len)).rstrip(b"=").decode()
    tag = b64encode(bytes(_HASHER.hash_len)).rstrip(b"=").decode()
    cost = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${tag}"


UNMATCHABLE = _unmatchable()
"""A well-formed hash that no password matches."""


def hashed(password: str, *, address: str = "") -> str:
    """Returns the hash to keep, or raises InvalidError("password") for one that is too easy to guess.

    It takes tens of milliseconds and 64 MiB on purpose: never call it inside a transaction.
    """
    if len(password) < MIN_CHARACTERS:
        raise InvalidError("password", f"The password is too short: at least {MIN_CHARACTERS} characters are needed.")
    if len(password) > MAX_CHARACTERS:
        raise InvalidError("password", f"The password is too long: at most {MAX_CHARACTERS} characters are taken.")
    if address and password.strip().casefold() == address.casefold():
        raise InvalidError("password", "The password is the address itself; choose another.")
    if len(set(password)) == 1:
        raise InvalidError("password", "The password is one character over and over; choose another.")
    return rehashed(password)


def rehashed(password: str) -> str:
    """Returns a hash with today's parameters of a password that was found good before."""
    return _HASHER.hash(_bytes(password))


def matches(hash: str, password: str) -> bool:  # noqa: A002 - the contract's name for it; nothing here hashes by hash()
    """Tells whether this is the password; a damaged hash matches none. It takes as long as `hashed`."""
    is_bounded = len(password) <= MAX_CHARACTERS
    try:
        _HASHER.verify(hash, _bytes(password if is_bounded else ""))
    except (VerificationError, InvalidHashError):
        return False
    return is_bounded


def is_outdated(kept: str) -> bool:
    """Tells whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def _bytes(password: str) -> bytes:
    # One keyboard sends an accented letter composed, another in two parts; NFKC makes them one (RFC 8265 is alike).
    return unicodedata.normalize("NFKC", password).encode(errors="surrogatepass")
