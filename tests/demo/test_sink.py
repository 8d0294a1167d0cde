"""The sink answers by its script, keeps what it took, and notices what came twice."""

import smtplib
import socket
from pathlib import Path

import pytest

from curator.demo.maildir import Maildir
from curator.demo.sink import Sink
from curator.events import dsn, mailbox

MAIL = (
    b"From: desk@example.test\r\nSubject: Hello\r\nMessage-ID: <%d@example.test>\r\n\r\nA line.\r\n.\r\nThe last.\r\n"
)


def send(sink: Sink, recipient: str, *, number: int = 1) -> None:
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=10) as client:
        client.sendmail("desk@example.test", recipient, MAIL % number)


def test_a_mail_is_kept_whole_under_its_envelope(tmp_path: Path) -> None:
    with Sink(tmp_path) as sink:
        send(sink, "ada@example.test")
    keys = Maildir(tmp_path).newest_keys()
    kept = Maildir(tmp_path).read(keys[0])
    assert kept == b"Return-Path: <desk@example.test>\r\nDelivered-To: ada@example.test\r\n" + MAIL % 1
    assert (sink.accepted, sink.twice, sink.message_ids["<1@example.test>"]) == (1, 0, 1)


def test_an_address_that_bounces_is_refused_for_good(tmp_path: Path) -> None:
    with Sink(tmp_path) as sink, pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
        send(sink, "bounce+left@example.test")
    assert caught.value.recipients["bounce+left@example.test"][0] == 550
    assert caught.value.recipients["bounce+left@example.test"][1].startswith(b"5.1.1 ")
    assert (sink.accepted, sink.refused) == (0, 1)


def test_a_slow_address_is_put_off_once_and_then_accepted(tmp_path: Path) -> None:
    with Sink(tmp_path) as sink:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
            send(sink, "slow+reader@example.test")
        send(sink, "slow+reader@example.test")
    assert caught.value.recipients["slow+reader@example.test"][0] == 451
    assert (sink.accepted, sink.deferred) == (1, 1)


def test_the_same_message_id_again_is_twice(tmp_path: Path) -> None:
    with Sink(tmp_path) as sink:
        send(sink, "ada@example.test", number=1)
        send(sink, "ada@example.test", number=1)
        send(sink, "bo@example.test", number=2)
    assert (sink.accepted, sink.twice) == (3, 1)
    assert sink.recipients == {"ada@example.test": 2, "bo@example.test": 1}


def test_a_later_sink_goes_on_counting_where_the_outbox_ended(tmp_path: Path) -> None:
    for number in (1, 2):
        with Sink(tmp_path) as sink:
            send(sink, "ada@example.test", number=number)
    keys = Maildir(tmp_path).newest_keys()
    assert keys == ["000000002.curator", "000000001.curator"]


def test_a_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with Sink(tmp_path) as sink, pytest.raises(OSError, match="in use"):
        Sink(tmp_path, port=sink.port)


def test_the_sink_listens_on_the_loopback_address_only(tmp_path: Path) -> None:
    with Sink(tmp_path) as sink:
        assert sink.url == f"smtp://127.0.0.1:{sink.port}"
        with socket.create_connection(("127.0.0.1", sink.port), timeout=10) as client:
            assert client.getpeername()[0] == "127.0.0.1"


def test_an_address_that_nobody_has_is_taken_and_comes_back_as_a_bounce(tmp_path: Path) -> None:
    box = tmp_path / "bounces"
    with Sink(tmp_path / "outbox", bounces=box) as sink:
        mailbox.require_usable(box)
        send(sink, "nobody-1@example.test")
        send(sink, "ada@example.test", number=2)
    (name,) = mailbox.new_names(box)
    found = dsn.read(mailbox.beginning(box, name, max_bytes=dsn.MAX_BYTES) or b"")
    assert found.addressed == ("desk@example.test",)
    assert found.message_ids == ("<1@example.test>",)
    assert (found.reports[0].is_dead, sink.accepted) == (True, 2)
