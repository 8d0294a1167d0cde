"""What a bounce says: standard reports are understood, and nothing that anybody sends does harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.events import dsn
from curator.events.dsn import Report
from tests.events.bounces import bounce

TO = "bounces+x@podcast.example"


def test_a_report_says_who_what_and_why() -> None:
    found = dsn.read(bounce(TO, message_id="<m1.s2.abc@podcast.example>"))
    assert found.addressed == (TO, TO)
    assert found.message_ids == ("<m1.s2.abc@podcast.example>",)
    assert found.reports == (
        Report("failed", "5.1.1", "550 5.1.1 <gone@example.org>: no such user", "gone@example.org"),
    )
    assert found.reports[0].told == "550 5.1.1 <gone@example.org>: no such user"
    assert (found.reports[0].is_permanent, found.reports[0].is_dead) == (True, True)


@pytest.mark.parametrize(
    ("status", "words", "is_permanent", "is_dead"),
    [
        ("5.1.10", "smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound", True, True),
        ("5.0.0", "smtp; 550 User unknown", True, True),
        ("", "smtp; 550 no such user", True, True),
        ("5.2.2", "smtp; 552 5.2.2 mailbox full", True, False),
        ("5.7.1", "smtp; 550 5.7.1 user unknown to our filter", True, False),
        ("5.1.1", "smtp; 550 5.1.1 refused: 5.7.1 blocked", True, False),
        ("5.1.1", "smtp; 550 you are on a block list", True, False),
        ("5.1.1", "smtp; 550 5.1.1 <x@relay.example>: user not found", True, True),
        ("4.4.1", "smtp; connection timed out", False, False),
        ("4.1.1", "smtp; 450 4.1.1 unknown yet", False, False),
        ("", "", False, False),
    ],
)
def test_only_what_is_dead_by_every_word_is_dead(status: str, words: str, is_permanent: bool, is_dead: bool) -> None:
    (report,) = dsn.read(bounce(TO, status=status, words=words)).reports
    assert (report.is_permanent, report.is_dead) == (is_permanent, is_dead)


def test_what_is_only_late_is_no_failure() -> None:
    (report,) = dsn.read(bounce(TO, action="delayed", status="5.1.1")).reports
    assert not report.is_permanent


def test_a_report_within_a_forwarded_mail_and_in_base_64_is_found() -> None:
    inner = bounce(TO).replace(b"\n", b"\r\n")
    outer = b"To: a@b.example\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n" + inner + b"\r\n--o--\r\n"
    assert dsn.read(outer).reports[0].status == "5.1.1"
    encoded = (
        b"Content-Type: multipart/report; boundary=o\n\n--o\nContent-Type: message/delivery-status\n"
        b"Content-Transfer-Encoding: base64\n\nQWN0aW9uOiBmYWlsZWQKU3RhdHVzOiA1LjEuMQo=\n--o--\n"
    )
    assert dsn.read(encoded).reports == (Report("failed", "5.1.1", ""),)


def test_a_mail_without_a_report_says_nothing() -> None:
    found = dsn.read(b"To: bounces@podcast.example\nSubject: I am away\n\nUntil Monday. 550 5.1.1 no such user\n")
    assert found.reports == ()


@given(st.binary(max_size=2_000))
def test_no_bytes_do_harm(content: bytes) -> None:
    dsn.read(content)
    dsn.read(bounce(TO)[:700] + content)
    dsn.read(bounce(TO).replace(b"Action: failed", content))


@pytest.mark.parametrize(
    "content",
    [
        b"Content-Type: multipart/mixed; boundary=b\n\n"
        + b"--b\nContent-Type: message/delivery-status\n\nAction: x\n" * 20_000,
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 20_000,
        b"Content-Type: multipart/mixed; boundary=a\n\n" + b"\n--a \t" * 100_000,
        b"Content-Type: multipart/mixed" + b"; boundary" * 100_000,
        b"a: b\n" + b" " * 3_000_000,
        b"\r\n \r" * 500_000,
    ],
    ids=["parts", "nested", "marks", "parameters", "blanks", "lines"],
)
def test_a_mail_that_is_made_to_do_harm_is_read_in_a_moment_and_to_a_bound(content: bytes) -> None:
    assert len(dsn.read(content).reports) <= 20
