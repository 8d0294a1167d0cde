"""What is read from a relay and written to it, byte by byte: replies, offers, dots and line ends."""

import re
import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import TransportError
from curator.mailings.transports import offer
from curator.mailings.transports.stuffing import as_data
from curator.mailings.transports.wire import Wire

CODES = st.integers(200, 599)
WORDS = st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b" ").rstrip(b"\r"))

SAID = st.lists(st.tuples(CODES, st.lists(WORDS, min_size=1, max_size=5)), max_size=4)


def read(*pieces: bytes) -> list[tuple[int, bytes] | str]:
    """Whatever is read until the other end closes; an error ends it."""
    ours, theirs = socket.socketpair()
    wire = Wire(ours, "The mail relay", answer_s=5)
    found: list[tuple[int, bytes] | str] = []
    for piece in pieces:
        theirs.sendall(piece)
    theirs.close()
    try:
        while True:
            found.append(tuple(wire.reply()))
    except TransportError as error:
        found.append(str(error))
    finally:
        wire.close()
    return found


@settings(deadline=None)
@given(
    st.lists(st.tuples(CODES, st.lists(WORDS, min_size=1, max_size=5)), max_size=4), st.sampled_from([b"\r\n", b"\n"])
)
def test_replies_come_back_as_they_were_said(said: list[tuple[int, list[bytes]]], end: bytes) -> None:
    raw = b""
    for code, lines in said:
        *first, last = lines
        raw += b"".join(b"%d-%b%b" % (code, line, end) for line in first) + b"%d %b%b" % (code, last, end)
    *found, why = read(raw)
    assert found == [(code, b"\n".join(lines)) for code, lines in said]
    assert "closed the connection" in str(why)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=5))
def test_noise_ends_in_an_error_that_a_person_understands(pieces: list[bytes]) -> None:
    *_, why = read(*pieces)
    assert str(why).startswith("The mail relay ")


@pytest.mark.parametrize(
    "raw",
    [
        b"250-one\r\n251 other\r\n",
        b"2500 ok\r\n",
        b"150 early\r\n",
        b"250\tok\r\n",
        b" 250 ok\r\n",
        b"\xff\xfe\r\n",
        b"250 " + b"x" * 5000 + b"\r\n",
        b"x" * 50_000,
        b"250-more\r\n" * 129,
    ],
)
def test_a_reply_that_breaks_the_rules_or_has_no_end_is_nonsense(raw: bytes) -> None:
    assert read(raw) == ["The mail relay answers in words that make no sense."]


def test_patience_is_for_the_whole_reply_however_it_drips() -> None:
    ours, theirs = socket.socketpair()
    wire = Wire(ours, "The mail relay", answer_s=0.2)
    over = threading.Event()

    def drip() -> None:
        while not over.wait(0.01):
            theirs.sendall(b"2")

    thread = threading.Thread(target=drip)
    thread.start()
    with pytest.raises(TransportError, match="in time"):
        wire.reply()
    over.set()
    thread.join()
    wire.close()
    theirs.close()


def test_what_was_said_before_the_end_can_still_be_read() -> None:
    ours, theirs = socket.socketpair()
    wire = Wire(ours, "The mail relay", answer_s=5)
    assert not wire.has_unread()
    theirs.sendall(b"421 bye\r\n")
    theirs.close()
    assert wire.has_unread()
    assert wire.reply() == (421, b"bye")
    with pytest.raises(TransportError, match="closed the connection"):
        wire.has_unread()
    wire.close()


@given(st.lists(st.sampled_from([b".", b"..", b"\r", b"\n", b"\r\n", b"a", b".\r\n", "é".encode()])).map(b"".join))
def test_no_line_of_the_content_can_be_taken_for_its_end(content: bytes) -> None:
    written = as_data(content)
    lines = written.split(b"\r\n")
    assert lines.pop() == b""
    assert b"." not in lines
    assert not re.search(rb"[\r\n]", b"".join(lines))
    read_back = b"".join(line.removeprefix(b".") + b"\r\n" for line in lines)
    tidy = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    assert read_back == (tidy if tidy.endswith(b"\r\n") else tidy + b"\r\n")


@pytest.mark.parametrize(
    ("line", "limit"),
    [
        ("SIZE 1000", 1000),
        ("size 1000", 1000),
        ("SIZE 0", None),
        ("SIZE", None),
        ("SIZE many", None),
        ("SIZE -1", None),
    ],
)
def test_a_limit_of_size_is_believed_when_it_is_a_number(line: str, limit: int | None) -> None:
    offered = offer.read(f"relay.example\n{line}\nHELP".encode())
    assert (offered.max_bytes, offered.has_size) == (limit, True)


@given(st.binary())
def test_any_answer_to_ehlo_is_some_offer(words: bytes) -> None:
    offer.read(words)


def test_the_name_in_the_first_line_offers_nothing() -> None:
    assert offer.read(b"PIPELINING SIZE 5") == offer.Offer()
