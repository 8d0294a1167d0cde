"""Mail is signed on its way out, whoever wrote it and whatever carries it."""

import pytest

from curator.mailings.dkim import Keyring
from curator.mailings.hand_over import Relay
from curator.mailings.transports.choose import transport_for
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.transports.signed import SignedTransport
from curator.mailings.transports.smtp import SmtpTransport
from curator.mailings.values import Answer, Outgoing
from tests.mailings.test_dkim import MESSAGE, key, verifies

KEYRING = Keyring((key("rsa"), key("ed25519")))


def _message(number: int, *, sender: str = "news@podcast.example") -> Outgoing:
    return Outgoing(f"1.{number}", sender, f"r{number}@example.org", MESSAGE)


@pytest.fixture
def twin() -> MemoryTransport:
    return MemoryTransport(per_connection=2)


def test_every_message_of_a_window_leaves_with_signatures_that_verify(twin: MemoryTransport) -> None:
    waiting = [_message(number) for number in range(5)]
    announced: list[str] = []
    answers: dict[str, Answer] = {}
    with Relay(SignedTransport(twin, KEYRING)) as relay:
        trouble = relay.send_all(
            lambda: [each for each in waiting if each.delivery_key not in answers],
            before_dot=lambda message: announced.append(message.delivery_key),
            answered=lambda message, answer: answers.update({message.delivery_key: answer}),
        )
    assert trouble is None
    assert list(answers) == announced == [each.delivery_key for each in waiting]
    assert twin.connections == 3, "a session that had its share is followed by another"
    for sent in twin.sent:
        assert verifies(sent.content, 0)
        assert verifies(sent.content, 1)
        assert sent.content.endswith(MESSAGE)


def test_a_single_message_is_signed_too(twin: MemoryTransport) -> None:
    with Relay(SignedTransport(twin, KEYRING)) as relay:
        relay.send(_message(1), before_dot=lambda: None)
    assert verifies(twin.sent[0].content)


def test_mail_of_a_domain_without_a_key_passes_as_it_is(twin: MemoryTransport) -> None:
    with Relay(SignedTransport(twin, KEYRING)) as relay:
        relay.send(_message(1, sender="news@elsewhere.example"), before_dot=lambda: None)
    assert twin.sent[0].content == MESSAGE


def test_the_settings_keys_are_put_before_the_relay() -> None:
    assert isinstance(transport_for("smtp://127.0.0.1:25", KEYRING), SignedTransport)
    assert isinstance(transport_for("smtp://127.0.0.1:25"), SmtpTransport)


def test_what_signs_is_the_domain_that_the_reader_sees_wherever_bounces_go(twin: MemoryTransport) -> None:
    away = Outgoing("1.1", "bounces+x@elsewhere.example", "r@example.org", MESSAGE, author="news@podcast.example")
    foreign = Outgoing("1.2", "bounces+x@podcast.example", "r@example.org", MESSAGE, author="news@elsewhere.example")
    with Relay(SignedTransport(twin, KEYRING)) as relay:
        relay.send(away, before_dot=lambda: None)
        relay.send(foreign, before_dot=lambda: None)
    assert verifies(twin.sent[0].content)
    assert twin.sent[1].content == MESSAGE
