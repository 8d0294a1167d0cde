"""What a mail that came back is: hard, soft, a complaint, or nothing; and nothing that anybody sends does harm."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.events.bounces.judge import judged
from curator.events.bounces.read import findings
from curator.events.bounces.values import Finding, Kind, Reason
from tests.events.bounces import bounce

TO = "bounces+x@podcast.example"
REAL = next((path for up in Path(__file__).parents if (path := up.parent / "shared/data/bounces").is_dir()), None)


def one(content: bytes) -> Finding:
    (found,) = findings(content)
    return found


def mail(
    body: str, *, sender: str = "MAILER-DAEMON@mx.example", subject: str = "Undelivered mail", extra: str = ""
) -> bytes:
    return f"From: {sender}\nTo: {TO}\nSubject: {subject}\n{extra}\n{body}".encode()


@pytest.mark.parametrize(
    ("status", "words", "kind", "reason"),
    [
        ("5.1.1", "550 5.1.1 <a@b.example>: no such user", Kind.HARD, Reason.USER_UNKNOWN),
        ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", Kind.HARD, Reason.USER_UNKNOWN),
        ("5.1.1", "552 5.1.1 the mailbox is over quota", Kind.SOFT, Reason.MAILBOX_FULL),
        ("5.1.1", "550 5.1.1 your IP is on our block list", Kind.SOFT, Reason.BLOCKED),
        ("5.1.1", "550 5.1.1 refused: 5.7.1", Kind.SOFT, Reason.BLOCKED),
        ("5.7.26", "550-5.7.26 DMARC check failed", Kind.SOFT, Reason.BLOCKED),
        ("5.1.2", "550 5.1.2 something", Kind.HARD, Reason.DOMAIN),
        ("5.0.0", "Host or domain name not found", Kind.HARD, Reason.DOMAIN),
        ("", "Name service error: Host not found, try again", Kind.SOFT, Reason.DOMAIN),
        ("4.0.0", "DNS lookup answered NXDOMAIN", Kind.SOFT, Reason.DOMAIN),
        ("5.2.3", "552 5.2.3", Kind.SOFT, Reason.SIZE),
        ("5.3.4", "552 message size exceeds what we take", Kind.SOFT, Reason.SIZE),
        ("5.6.0", "554 5.6.0 cannot be read", Kind.SOFT, Reason.CONTENT),
        ("4.4.7", "retry time exceeded", Kind.SOFT, Reason.UNREACHED),
        ("", "550 user unknown (in reply to RCPT TO command)", Kind.HARD, Reason.USER_UNKNOWN),
        ("", "550 user unknown (in reply to end of DATA command)", Kind.SOFT, Reason.OTHER),
        ("5.2.0", "550 : User unknown", Kind.SOFT, Reason.OTHER),
        ("4.1.1", "450 4.1.1 <a@b.example>: user unknown in table", Kind.HARD, Reason.USER_UNKNOWN),
        ("5.1.1", "procmail: could not create the file", Kind.SOFT, Reason.OTHER),
        ("", "", Kind.SOFT, Reason.OTHER),
    ],
)
def test_words_and_status_say_what_happened(status: str, words: str, kind: Kind, reason: Reason) -> None:
    assert judged("failed", status, words) == (kind, reason)


def test_an_address_is_no_word() -> None:
    kind, _ = judged("failed", "5.1.1", "550 5.1.1 <spam.blocked@relay.example>: user not found")
    assert kind is Kind.HARD


@pytest.mark.parametrize(("action", "reason"), [("delayed", Reason.LATE), ("relayed", Reason.DELIVERED)])
def test_what_is_only_late_or_arrived_is_no_bounce(action: str, reason: Reason) -> None:
    assert judged(action, "5.1.1", "user unknown") == (Kind.NONE, reason)


def test_a_report_names_both_addresses() -> None:
    content = bounce(TO).replace(b"Action:", b"Original-Recipient: rfc822;<old@example.org>\nAction:")
    found = one(content)
    assert (found.recipient, found.original) == ("gone@example.org", "old@example.org")
    assert (found.kind, found.status) == (Kind.HARD, "5.1.1")


def test_each_recipient_is_judged_by_its_own_words() -> None:
    second = b"\nFinal-Recipient: rfc822; full@example.org\nAction: failed\nStatus: 5.2.2\n\n"
    second += b"--AB/mx.example\nContent-Type: message/rfc822"
    for gap in (b"\n", b""):
        content = bounce(TO).replace(b"\n\n--AB/mx.example\nContent-Type: message/rfc822", gap + second)
        assert [(each.recipient, each.kind) for each in findings(content)] == [
            ("gone@example.org", Kind.HARD),
            ("full@example.org", Kind.SOFT),
        ]


def test_a_report_that_lost_its_form_is_read_all_the_same() -> None:
    for broken in (
        bounce(TO).replace(b"Content-Type: multipart/report; report-type=delivery-status;\n", b""),
        mail("They wrote:\n" + "\n".join("> " + line for line in bounce(TO).decode().splitlines())),
    ):
        assert (one(broken).kind, one(broken).recipient) == (Kind.HARD, "gone@example.org")


def test_a_report_that_somebody_passed_on_is_found() -> None:
    outer = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: message/rfc822\n\n"
    assert one(outer + bounce(TO) + b"\n--o--\n").status == "5.1.1"


def test_words_alone_are_understood_up_to_the_message_that_is_given_back() -> None:
    found = one(
        mail(
            "I could not deliver your message.\n\n<gone@example.org>:\nRemote host said: 550 5.1.1 no such user\n\n"
            "--- Below this line is a copy of the message.\n\nSubject: your mailbox is full of spam\n"
        )
    )
    assert (found.kind, found.recipient, found.status) == (Kind.HARD, "gone@example.org", "5.1.1")


def test_two_addresses_in_words_each_have_their_own() -> None:
    found = findings(
        mail("These failed:\n\n<a@example.org>:\n550 5.1.1 no such user\n\n<b@example.org>:\n552 mailbox full\n")
    )
    assert [(each.recipient, each.reason) for each in found] == [
        ("a@example.org", Reason.USER_UNKNOWN),
        ("b@example.org", Reason.MAILBOX_FULL),
    ]


def test_words_in_another_script_and_in_html_are_read() -> None:
    body = "ユーザ gone@example.org が見つかりません".encode("iso-2022-jp")
    head = mail("", extra="Content-Type: text/plain; charset=us-ascii\n")
    assert one(head + body).reason is Reason.USER_UNKNOWN
    page = mail(
        "<style>p {}</style><p>gone@example.org: no such <b>user</b>", extra="Content-Type: text/html; charset=rot13\n"
    )
    assert (one(page).kind, one(page).recipient) == (Kind.HARD, "gone@example.org")


@pytest.mark.parametrize(
    ("subject", "extra", "kind"),
    [
        ("Out of office: until Monday", "", Kind.AUTO_REPLY),
        ("Re: your letter", "Auto-Submitted: auto-replied\n", Kind.AUTO_REPLY),
        ("Please confirm your message", "", Kind.CHALLENGE),
        ("Re: your letter", "", Kind.NONE),
    ],
)
def test_an_answer_is_no_bounce_whatever_it_says(subject: str, extra: str, kind: Kind) -> None:
    found = one(
        mail(
            "My old address a@b.example: 550 5.1.1 no such user", sender="ada@example.org", subject=subject, extra=extra
        )
    )
    assert (found.kind, found.recipient) == (kind, "")


def feedback(kind: str, *, reader: str = "Original-Rcpt-To: ada@example.org\n") -> bytes:
    return (
        "From: fbl@mx.example\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: text/plain\n\nHello\n"
        f"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nVersion: 1\n{reader}\n"
        "--b\nContent-Type: message/rfc822\n\nTo: bob@example.org\nSubject: x\n\n--b--\n"
    ).encode()


@pytest.mark.parametrize(
    ("named", "kind"),
    [
        ("abuse", Kind.COMPLAINT),
        ("fraud", Kind.COMPLAINT),
        ("opt-out", Kind.OPT_OUT),
        ("auth-failure", Kind.AUTH_FAILURE),
        ("not-spam", Kind.NONE),
        ("whatever", Kind.NONE),
    ],
)
def test_feedback_is_told_apart(named: str, kind: Kind) -> None:
    assert (one(feedback(named)).kind, one(feedback(named)).recipient) == (kind, "ada@example.org")


def test_feedback_without_the_reader_names_whom_the_message_went_to() -> None:
    assert one(feedback("abuse", reader="")).recipient == "bob@example.org"


@given(st.binary(max_size=2_000))
def test_no_bytes_do_harm(content: bytes) -> None:
    for each in (content, bounce(TO)[:700] + content, mail("") + content, feedback("abuse")[:200] + content):
        assert all(len(found.words) <= 200 for found in findings(each))


@given(st.text(max_size=500), st.text(max_size=20))
def test_no_words_do_harm(words: str, status: str) -> None:
    judged("failed", status, words)


@pytest.mark.parametrize(
    "content",
    [
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 1_000,
        mail("a@b.example 550 user unknown " * 1_000_000),
        mail("a@" * 200_000 + "user " * 100_000),
        mail("<" * 500_000, extra="Content-Type: text/html\n"),
        mail("<style" * 80_000, extra="Content-Type: text/html\n"),
        mail("> " * 250_000),
        mail("\nFinal-Recipient: " * 30_000),
        mail("user " * 100_000 + "mailbox is not " * 20_000),
        mail("\n" * 400_000 + " " * 100_000),
        mail("x" * 500_000),
        mail("storage exceeded a " * 30_000, extra="X-Failed-Recipients: " + "a@b.example, " * 5_000 + "\n"),
    ],
    ids=["nested", "30 MB", "at signs", "angles", "styles", "quotes", "finals", "users", "lines", "letters", "failed"],
)
def test_a_mail_that_is_made_to_do_harm_is_read_to_a_bound(content: bytes) -> None:
    assert len(findings(content)) <= 20


def test_real_bounces_are_judged_as_others_judged_them() -> None:
    """Holds what docs/performance.md tells, where the sample lies beside the checkout; it is no part of this one."""
    rows = [] if REAL is None else [json.loads(line) for line in (REAL / "verdicts.jsonl").read_text().splitlines()]
    right = wrong = missed = 0
    for row in (each for each in rows if each["verdicts"]):
        content = (REAL / row["file"]).read_bytes() if REAL else b""
        is_hard, called = (
            any(each["hard"] for each in row["verdicts"]),
            any(each.kind is Kind.HARD for each in findings(content)),
        )
        right, wrong, missed = (
            right + (is_hard and called),
            wrong + (called and not is_hard),
            missed + (is_hard and not called),
        )
    assert not rows or (right / (right + wrong) >= 0.9 and right / (right + missed) >= 0.9), (right, wrong, missed)
