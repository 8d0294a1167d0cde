"""Our own name of a message, in the header that its provider hands back."""

from typing import Any

import pytest

from curator.events.providers import read
from curator.events.providers.values import Provider
from curator.mailings.transports.choose import transport_for
from curator.mailings.transports.marked import MarkedTransport, header_for
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.transports.smtp import SmtpTransport
from curator.mailings.values import Outgoing

CONTENT = b"DKIM-Signature: v=1\r\nFrom: a@b.example\r\nMessage-ID: <m7.s9.abcdefghijkl@b.example>\r\n\r\nbody\r\n"


@pytest.mark.parametrize(
    ("host", "line"),
    [
        ("smtp.postmarkapp.com", b"X-PM-Metadata-curator: m7.s9.abcdefghijkl\r\n"),
        ("smtp.sendgrid.net", b'X-SMTPAPI: {"unique_args": {"curator": "m7.s9.abcdefghijkl"}}\r\n'),
        ("smtp.eu.mailgun.org", b'X-Mailgun-Variables: {"curator": "m7.s9.abcdefghijkl"}\r\n'),
    ],
)
def test_a_provider_is_told_our_name_of_a_message(host: str, line: bytes) -> None:
    relay, header = MemoryTransport(), header_for(host)
    assert header is not None
    with MarkedTransport(relay, header).connect() as session:
        session.send(Outgoing("k", "a@b.example", "r@example.org", CONTENT), before_dot=lambda: None)
    assert relay.sent[0].content == line + CONTENT


def test_other_relays_get_the_message_as_it_is() -> None:
    assert header_for("mail.example.org") is None
    assert header_for("postmarkapp.com.evil.example") is None
    assert isinstance(transport_for("smtp://mail.example.org"), SmtpTransport)
    assert isinstance(transport_for("smtps://smtp.postmarkapp.com"), MarkedTransport)


def test_what_they_hand_back_names_the_message() -> None:
    def ids(provider: Provider, body: bytes) -> Any:
        return read.facts(provider, body)[0].message_ids

    mark = b"m7.s9.abcdefghijkl"
    postmark = b'{"RecordType": "Delivery", "Metadata": {"curator": "%s"}}' % mark
    mailgun = b'{"event-data": {"event": "delivered", "user-variables": {"curator": "%s"}}}' % mark
    sendgrid = b'[{"event": "spamreport", "curator": "%s"}]' % mark
    named = ("<m7.s9.abcdefghijkl@>",)
    assert (
        ids(Provider.POSTMARK, postmark) == ids(Provider.MAILGUN, mailgun) == ids(Provider.SENDGRID, sendgrid) == named
    )
