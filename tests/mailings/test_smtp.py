"""SMTP's own troubles: sign-in, encryption, and relays that refuse, hang, close or talk nonsense."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from curator.errors import TransportError
from curator.mailings.transports import replies
from curator.mailings.transports.smtp import SmtpTransport
from curator.mailings.values import Answer, Outgoing, Verdict
from tests.certificates import server_context, trusting_context
from tests.mailings.relay import Relay

MESSAGE = Outgoing("1.1", "news@podcast.example", "ada@example.org", b"Message-ID: <1>\r\n\r\nHello\r\n")


@pytest.fixture
def relay() -> Iterator[Relay]:
    with Relay() as running:
        yield running


def transport(relay: Relay, *, scheme: str = "smtp", login: str = "", answer_s: float = 5) -> SmtpTransport:
    return SmtpTransport(f"{scheme}://{login}127.0.0.1:{relay.port}", answer_s=answer_s, tls=trusting_context())


def send(relay: Relay, *, message: Outgoing = MESSAGE, answer_s: float = 5) -> Answer:
    with transport(relay, answer_s=answer_s).connect() as session:
        return session.send(message, before_dot=lambda: None)


def trouble(relay: Relay, *, scheme: str = "smtp", login: str = "", answer_s: float = 5) -> TransportError:
    with (
        pytest.raises(TransportError) as caught,
        transport(relay, scheme=scheme, login=login, answer_s=answer_s).connect() as session,
    ):
        session.send(MESSAGE, before_dot=lambda: None)
    return caught.value


def test_a_session_greets_once_and_leaves_politely(relay: Relay) -> None:
    with transport(relay).connect() as session:
        session.send(MESSAGE, before_dot=lambda: None)
        session.send(MESSAGE, before_dot=lambda: None)
    verbs = [line.partition(" ")[0] for line in relay.said]
    assert verbs == ["EHLO", "MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA", "QUIT"]
    assert relay.said[:3] == ["EHLO [127.0.0.1]", "MAIL FROM:<news@podcast.example>", "RCPT TO:<ada@example.org>"]


@pytest.mark.parametrize("verb", ["GREETING", "EHLO", "MAIL", "DATA"])
@pytest.mark.parametrize(("reply", "passes"), [("554 5.7.1 go away", False), ("421 4.3.2 busy", True), ("", True)])
def test_no_refusal_before_the_recipient_is_a_bounce(relay: Relay, verb: str, reply: str, passes: bool) -> None:
    relay.replies[verb] = reply
    assert (trouble(relay).retry_in is not None) == passes
    assert relay.accepted == []


@pytest.mark.parametrize("verb", ["GREETING", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("reply", ["hang", "I am a teapot", "999 what"])
def test_a_relay_that_hangs_or_talks_nonsense_before_the_dot_is_trouble_that_passes(
    relay: Relay, verb: str, reply: str
) -> None:
    relay.replies[verb] = reply
    assert trouble(relay, answer_s=0.1).retry_in is not None
    assert relay.accepted == []


@pytest.mark.parametrize("reply", ["hang", "", "I am a teapot", "999 what", "2" * 9000])
def test_nothing_but_an_answer_after_the_dot_settles_a_message(relay: Relay, reply: str) -> None:
    relay.replies["DOT"] = reply
    with transport(relay).connect() as session:
        # Patience ends only here, so that a busy machine does not lose the conversation before.
        hurry = 0.05 if reply == "hang" else 5
        answer = session.send(MESSAGE, before_dot=lambda: setattr(session._wire, "answer_s", hurry))
        assert (answer.verdict, session.is_open) == (Verdict.UNKNOWN, False)


def test_a_421_after_the_dot_defers_the_message_and_ends_the_session(relay: Relay) -> None:
    relay.replies["DOT"] = "421 4.3.2 going down"
    with transport(relay).connect() as session:
        assert session.send(MESSAGE, before_dot=lambda: None).verdict is Verdict.DEFERRED
        assert not session.is_open


def test_a_bounce_is_kept_even_when_the_relay_cannot_go_on(relay: Relay) -> None:
    relay.replies |= {"RCPT": "550 5.1.1 nobody", "RSET": ""}
    with transport(relay).connect() as session:
        assert session.send(MESSAGE, before_dot=lambda: None).verdict is Verdict.REFUSED
        with pytest.raises(TransportError) as caught:
            session.send(MESSAGE, before_dot=lambda: None)
        assert (caught.value.retry_in is not None, session.is_open) == (True, False)


def test_an_address_beyond_ascii_goes_out_where_it_is_offered(relay: Relay) -> None:
    relay.features = ["8BITMIME", "SMTPUTF8"]
    message = Outgoing("1.1", "news@podcast.example", "zoë@example.org", MESSAGE.content, needs_smtputf8=True)
    assert send(relay, message=message).verdict is Verdict.ACCEPTED
    assert relay.said[1:3] == [
        "MAIL FROM:<news@podcast.example> SMTPUTF8 BODY=8BITMIME",
        "RCPT TO:<zoë@example.org>",
    ]


@pytest.mark.parametrize(
    ("features", "login", "said"),
    [
        (["AUTH LOGIN PLAIN"], "me%40x:p%3Aw%2F@", ["AUTH PLAIN AG1lQHgAcDp3Lw=="]),
        (["AUTH PLAIN"], "me:%C3%BC@", ["AUTH PLAIN AG1lAMO8"]),
        (["AUTH LOGIN CRAM-MD5"], "me%40x:p%3Aw%2F@", ["AUTH LOGIN", "bWVAeA==", "cDp3Lw=="]),
        (["AUTH=LOGIN"], "me:secret@", ["AUTH LOGIN", "bWU=", "c2VjcmV0"]),
    ],
)
def test_user_and_password_are_percent_decoded_and_said_in_a_way_that_is_offered(
    relay: Relay, features: list[str], login: str, said: list[str]
) -> None:
    relay.features = features
    with transport(relay, login=login).connect():
        pass
    assert relay.said[1:-1] == said


@pytest.mark.parametrize(
    ("features", "reply", "login", "passes"),
    [
        (["AUTH PLAIN"], "535 5.7.8 wrong for me@x.org", "me:s3cret@", False),
        (["AUTH PLAIN"], "454 4.7.0 try later", "me:s3cret@", True),
        (["AUTH PLAIN"], "", "me:s3cret@", True),
        (["AUTH SOMETHING"], "235 ok", "me:s3cret@", False),
        ([], "235 ok", "me:s3cret@", False),
        (["AUTH LOGIN"], "504 5.5.4 not that one", "me:s3cret@", False),
        (["AUTH PLAIN"], "235 ok", "me:s3cret%00@", False),
        (["AUTH PLAIN"], '500 5.5.1 Command unrecognized: "AUTH PLAIN AG1lAHMzY3JldA=="', "me:s3cret@", False),
        (["AUTH PLAIN"], "500 5.5.1 Command unrecognized: AUTH PLAIN AG1lAHMzY3Jl...", "me:s3cret@", False),
        (["AUTH PLAIN"], "535 5.7.8 me may not come in with s3cret", "me:s3cret@", False),
    ],
)
def test_a_sign_in_that_fails_says_so_without_the_password(
    relay: Relay, features: list[str], reply: str, login: str, passes: bool
) -> None:
    relay.features = features
    relay.replies["AUTH"] = reply
    error = trouble(relay, login=login)
    assert (error.retry_in is not None) == passes
    assert "s3cret" not in f"{error!r} {error} {transport(relay, login=login)!r}"
    assert "me@x.org" not in str(error)
    assert "AG1lA" not in str(error)


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_encrypted_relays_are_spoken_to_in_tls(scheme: str) -> None:
    with Relay(tls=server_context("127.0.0.1"), is_wrapped=scheme == "smtps") as relay:
        relay.features = ["STARTTLS"]
        with transport(relay, scheme=scheme).connect() as session:
            assert session.send(MESSAGE, before_dot=lambda: None).verdict is Verdict.ACCEPTED
        assert relay.said.count("EHLO [127.0.0.1]") == (1 if scheme == "smtps" else 2)


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_certificate_that_nobody_vouches_for_needs_a_person(scheme: str) -> None:
    with Relay(tls=server_context("127.0.0.1"), is_wrapped=scheme == "smtps") as relay:
        relay.features = ["STARTTLS"]
        with pytest.raises(TransportError, match="certificate") as caught:
            SmtpTransport(f"{scheme}://127.0.0.1:{relay.port}").connect()
        assert caught.value.retry_in is None


def test_no_password_is_sent_when_encryption_is_not_offered(relay: Relay) -> None:
    relay.features = ["AUTH PLAIN"]
    error = trouble(relay, scheme="smtp+starttls", login="me:s3cret@")
    assert error.retry_in is None
    assert "STARTTLS" in str(error)
    assert [line.partition(" ")[0] for line in relay.said] == ["EHLO"]


def test_words_in_the_clear_after_the_yes_to_encryption_are_not_believed() -> None:
    with Relay(tls=server_context("127.0.0.1")) as relay:
        relay.features = ["STARTTLS"]
        relay.replies["STARTTLS"] = "220 go ahead\r\n250-relay.example\r\n250 AUTH PLAIN"
        error = trouble(relay, scheme="smtp+starttls", login="me:s3cret@")
        assert error.retry_in is None
        assert "in the clear" in str(error)
        assert relay.said == ["EHLO [127.0.0.1]", "STARTTLS"]


def test_what_was_offered_before_encryption_is_forgotten() -> None:
    with Relay(tls=server_context("127.0.0.1")) as relay:
        relay.features = ["STARTTLS", "AUTH PLAIN"]
        relay.strike = lambda point, _number: point == "starttls" and relay.features.clear() is not None
        error = trouble(relay, scheme="smtp+starttls", login="me:s3cret@")
        assert "no way to sign in" in str(error)


def test_a_relay_that_knows_no_ehlo_is_greeted_with_helo(relay: Relay) -> None:
    relay.replies["EHLO"] = "502 5.5.1 what"
    assert send(relay).verdict is Verdict.ACCEPTED
    assert relay.said[:2] == ["EHLO [127.0.0.1]", "HELO [127.0.0.1]"]


@pytest.mark.parametrize("features", [[], ["PIPELINING"]])
def test_a_message_beyond_the_relays_size_is_nobodys_bounce(relay: Relay, features: list[str]) -> None:
    relay.features = ["SIZE 100", *features]
    answers: list[tuple[str, Verdict]] = []
    window = [MESSAGE, replace(MESSAGE, delivery_key="1.2", content=b"x" * 101), replace(MESSAGE, delivery_key="1.3")]
    with (
        transport(relay).connect() as session,
        pytest.raises(TransportError, match=r"101 bytes.*at most 100") as caught,
    ):
        session.send_all(
            window,
            before_dot=lambda _: None,
            answered=lambda message, answer: answers.append((message.delivery_key, answer.verdict)),
        )
    assert answers == [(MESSAGE.delivery_key, Verdict.ACCEPTED)]
    assert (caught.value.retry_in, caught.value.is_of_message) == (None, True)
    assert [line for line in relay.said if line.startswith("MAIL")] == ["MAIL FROM:<news@podcast.example> SIZE=26"]


def test_content_beyond_ascii_is_announced_where_that_is_offered(relay: Relay) -> None:
    relay.features = ["8BITMIME"]
    message = Outgoing("1.1", MESSAGE.sender, MESSAGE.recipient, "Message-ID: <1>\r\n\r\nü\r\n".encode())
    assert send(relay, message=message).verdict is Verdict.ACCEPTED
    assert relay.said[1] == "MAIL FROM:<news@podcast.example> BODY=8BITMIME"


@pytest.mark.parametrize("recipient", ["a@b.example>\r\nRSET", "a b@x.example", "<a@x.example", "a\u2028@x.example"])
def test_an_address_that_would_say_another_command_is_never_said(relay: Relay, recipient: str) -> None:
    relay.features = ["SMTPUTF8"]
    answer = send(relay, message=Outgoing("1.1", MESSAGE.sender, recipient, MESSAGE.content))
    assert (answer.verdict, answer.code) == (Verdict.REFUSED, 0)
    assert [line.partition(" ")[0] for line in relay.said] == ["EHLO", "QUIT"]


def test_a_connection_ends_after_its_share_of_messages(relay: Relay) -> None:
    url = f"smtp://127.0.0.1:{relay.port}?per_connection=2"
    for _ in range(2):
        with SmtpTransport(url).connect() as session:
            assert [session.is_open and session.send(MESSAGE, before_dot=lambda: None).code for _ in range(3)] == [
                250,
                250,
                False,
            ]
    assert [line.partition(" ")[0] for line in relay.said].count("QUIT") == 2


def test_goodbye_is_not_waited_for(relay: Relay) -> None:
    relay.replies["QUIT"] = "hang"
    with transport(relay, answer_s=0.05).connect():
        pass
    assert relay.said[-1] == "QUIT"


def test_an_idle_connection_that_the_relay_ended_is_trouble_that_passes(relay: Relay) -> None:
    with transport(relay).connect() as session:
        relay.interject("554 5.0.0 idle for too long")
        while not session._wire.has_unread():
            pass
        with pytest.raises(TransportError, match="idle for too long") as caught:
            session.send(MESSAGE, before_dot=lambda: None)
        assert caught.value.retry_in is not None


@pytest.mark.parametrize(
    ("line", "is_bounce"),
    [
        ("550 5.1.1 <ada@example.org>: Recipient address rejected: User unknown in relay recipient table", True),
        ("550 No such user", True),
        ("551 user not local", True),
        ("552 5.2.2 mailbox full", True),
        ("553 5.1.3 bad address syntax", True),
        ("550 5.4.1 Recipient address rejected: Access denied", True),
        ("556 5.1.10 null MX", True),
        ("550 5.7.1 Relaying denied", False),
        ("550 relay not permitted", False),
        ("550 your address is on a block list", False),
        ("553 5.1.8 sender address rejected", False),
        ("554 transaction failed", False),
        ("503 5.5.1 bad sequence", False),
        ("530 5.7.0 authentication required", False),
    ],
)
def test_only_a_5xx_about_the_address_is_a_bounce(line: str, is_bounce: bool) -> None:
    code, _, words = line.partition(" ")
    if is_bounce:
        assert replies.at_recipient(int(code), words.encode()).verdict is Verdict.REFUSED
    else:
        with pytest.raises(TransportError) as caught:
            replies.at_recipient(int(code), words.encode())
        assert caught.value.retry_in is None


def test_a_replys_words_carry_no_address_and_no_line_break() -> None:
    said = replies.words(b"<Ada.L+x@example.org>: unknown\nask (postmaster@example.org)\x00" + b"x" * 500)
    assert said.startswith("<(address)>: unknown ask ((address)) xxx")
    assert len(said) == 200


@pytest.mark.parametrize(("code", "is_of_message"), [(554, True), (421, False)])
def test_what_is_said_of_one_recipient_is_told_from_a_relay_that_closes(code: int, is_of_message: bool) -> None:
    with pytest.raises(TransportError) as caught:
        replies.at_recipient(code, b"5.7.1 Relay access denied")
    assert caught.value.is_of_message is is_of_message
