"""Passwords: what is good enough, and that a kept one tells nothing."""

import argon2
import pytest

from curator.accounts import passwords
from curator.errors import InvalidError

_GOOD = "correct horse battery"


def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own() -> None:
    one, other = passwords.hashed(_GOOD), passwords.hashed(_GOOD)
    assert one.startswith("$argon2id$")
    assert one != other
    assert len(one) <= 300
    assert passwords.matches(one, _GOOD)
    assert not passwords.matches(one, _GOOD + "!")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "too short"),
        ("123456789", "too short"),
        ("x" * 1001, "too long"),
        ("Ada@Example.org", "address itself"),
        ("aaaaaaaaaaaa", "one character"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, why: str) -> None:
    with pytest.raises(InvalidError, match=why) as refused:
        passwords.hashed(password, address="ada@example.org")
    assert refused.value.field == "password"


def test_an_accented_letter_is_one_however_a_keyboard_sends_it() -> None:
    assert passwords.matches(passwords.hashed("pass\u00e9 compos\u00e9"), "passe\u0301 compose\u0301")


@pytest.mark.parametrize("password", ["", "x" * 5000, "\ud800 half a pair", "\x00"])
def test_odd_passwords_match_nothing_and_break_nothing(password: str) -> None:
    assert not passwords.matches(passwords.UNMATCHABLE, password)


@pytest.mark.parametrize("kept", ["", "plain", "$argon2id$v=19$m=65536,t=3,p=4$$", "$2b$12$abcdefghijklmnopqrstuv"])
def test_a_damaged_hash_matches_nothing(kept: str) -> None:
    assert not passwords.matches(kept, _GOOD)


def test_checking_against_nobody_costs_what_checking_against_somebody_does() -> None:
    kept = passwords.hashed(_GOOD)
    assert argon2.extract_parameters(passwords.UNMATCHABLE) == argon2.extract_parameters(kept)
    # A well-formed hash: the library computes it to the end and then finds that it differs.
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        argon2.PasswordHasher().verify(passwords.UNMATCHABLE, _GOOD)


def test_a_hash_with_other_parameters_is_outdated() -> None:
    assert passwords.is_outdated(argon2.PasswordHasher(time_cost=1, memory_cost=1024).hash(_GOOD))
    assert not passwords.is_outdated(passwords.hashed(_GOOD))
