"""Only a dead address is suppressed at once; a full mailbox and a refusal about us are not."""

import pytest

from curator.events.outcome import is_dead

DEAD = [
    (550, "5.1.1 <(address)>: Recipient address rejected: User unknown in virtual mailbox table"),
    (550, "5.1.2 no such domain"),
    (553, "5.1.3 bad address syntax"),
    (550, "5.1.6 mailbox has moved"),
    (556, "5.1.10 recipient not found"),
    (550, "sorry, no mailbox here by that name (#5.1.1)"),
    (550, "User unknown"),
    (550, "No such user here"),
    (553, "unknown recipient"),
    (551, "The account does not exist"),
    (550, "5.0.0 no such user"),
    (550, "5.1.0 Address rejected: mailbox not found"),
    (550, "Requested action not taken: invalid mailbox"),
    (550, "this user doesn't exist"),
]
ALIVE = [
    (552, "5.2.2 mailbox full"),
    (550, "5.2.1 mailbox disabled"),
    (550, "5.7.1 user unknown: message refused by policy"),
    (550, "5.4.1 Recipient address rejected: Access denied"),
    (550, "5.1.7 bad sender address"),
    (550, "5.1.8 sender's domain does not exist"),
    (550, "mailbox unavailable"),
    (550, "no such user: your host is on our spam block list"),
    (554, "user unknown"),
    (552, "no such user"),
    (550, ""),
    (550, "5.11.1 nonsense"),
]


@pytest.mark.parametrize(("code", "words"), DEAD)
def test_an_address_that_is_not_there_is_dead(code: int, words: str) -> None:
    assert is_dead(code, words)


@pytest.mark.parametrize(("code", "words"), ALIVE)
def test_anything_else_is_not(code: int, words: str) -> None:
    assert not is_dead(code, words)
