"""What every transport promises: SMTP with and without PIPELINING, its twin, a Maildir and SES."""

import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as AioSession

from curator.errors import TransportError
from curator.mailings.transports.maildir import MaildirTransport
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.transports.port import Transport
from curator.mailings.transports.smtp import SmtpTransport
from curator.mailings.values import Answer, Outgoing, Verdict
from tests import amazon

AT_RECIPIENT = {
    "unknown@example.org": "550 5.1.1 no such user here",
    "later@example.org": "451 4.7.1 greylisted",
    "denied@example.org": "554 5.7.1 relay access denied",
    "closing@example.org": "421 4.3.2 going down",
}
MINUTE = timedelta(minutes=1)
AFTER_DOT = {
    "full@example.org": "452 4.2.2 mailbox full",
    "spam@example.org": "554 5.7.1 looks like spam",
    "dead@example.org": "550 5.1.1 no such user, says the next server",
    "silent@example.org": "",
}


class Handler:
    """The scripted server of this suite."""

    def __init__(self, *, is_pipelined: bool) -> None:
        self.is_pipelined = is_pipelined
        self.accepted: list[Envelope] = []

    async def handle_EHLO(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: AioSession, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        del server, envelope
        session.host_name = hostname
        return [*responses[:-1], *(["250-PIPELINING"] if self.is_pipelined else []), responses[-1]]

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: AioSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if address in AT_RECIPIENT:
            return AT_RECIPIENT[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: AioSession, envelope: Envelope
    ) -> str:
        del session
        answer = AFTER_DOT.get(envelope.rcpt_tos[0], "250 2.0.0 Ok")
        if not answer:
            assert server.transport is not None
            server.transport.abort()
        elif answer.startswith("250"):
            self.accepted.append(envelope)
        return answer or "250 2.0.0 Ok"


@dataclass(frozen=True)
class Wire:
    """A transport, what its relay accepted (recipient, content), and a way to make the relay unreachable."""

    transport: Transport
    accepted: Callable[[], list[tuple[str, bytes]]]
    stop: Callable[[], None]
    limit: Callable[[int], None] = lambda _count: None


@pytest.fixture(params=["smtp", "pipelined", "memory"])
def wire(request: pytest.FixtureRequest) -> Iterator[Wire]:
    """A relay that answers by the script above."""
    yield from (_memory() if request.param == "memory" else _smtp(is_pipelined=request.param == "pipelined"))


@pytest.fixture(params=["smtp", "pipelined", "memory", "maildir", "ses"])
def taker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Wire]:
    """Anything that takes messages, also what never refuses one."""
    match request.param:
        case "memory":
            yield from _memory()
        case "maildir":
            yield from _maildir(tmp_path)
        case "ses":
            yield from _ses()
        case _:
            yield from _smtp(is_pipelined=request.param == "pipelined")


def _maildir(folder: Path) -> Iterator[Wire]:
    def accepted() -> list[tuple[str, bytes]]:
        found = []
        for path in sorted((folder / "box" / "new").glob("*")):
            sender, recipient, content = path.read_bytes().split(b"\r\n", 2)
            assert sender == b"Return-Path: <news@podcast.example>"
            found.append((recipient.decode().removeprefix("Delivered-To: "), content))
        return found

    def stop() -> None:
        shutil.rmtree(folder / "box", ignore_errors=True)
        (folder / "box").write_text("in the way")

    yield Wire(MaildirTransport(folder / "box"), accepted, stop)


def _ses() -> Iterator[Wire]:
    with amazon.simulated() as region:

        def accepted() -> list[tuple[str, bytes]]:
            return [(each.destinations[0], each.raw_data.encode()) for each in region.sent]

        yield Wire(region.transport, accepted, region.forget_sender)


def _smtp(*, is_pipelined: bool) -> Iterator[Wire]:
    handler = Handler(is_pipelined=is_pipelined)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port, enable_SMTPUTF8=False)
    controller.start()

    def accepted() -> list[tuple[str, bytes]]:
        return [(each.rcpt_tos[0], bytes(each.content or b"")) for each in handler.accepted]

    try:
        transport = SmtpTransport(f"smtp://127.0.0.1:{port}", answer_s=5)
        yield Wire(transport, accepted, controller.stop, partial(setattr, transport, "per_connection"))
    finally:
        if controller.server is not None:
            controller.stop()


def _memory() -> Iterator[Wire]:
    twin = MemoryTransport(offers_smtputf8=False)
    unreachable = TransportError("The mail relay cannot be reached.", retry_in=MINUTE)
    for address, line, is_after_dot in (
        *((address, line, False) for address, line in AT_RECIPIENT.items()),
        *((address, line, True) for address, line in AFTER_DOT.items()),
    ):
        twin.answers_to(address, _meaning(line), is_after_dot=is_after_dot)
    yield Wire(
        twin,
        lambda: [(each.recipient, each.content) for each in twin.sent],
        lambda: twin.refusals.append(unreachable),
        partial(setattr, twin, "per_connection"),
    )


def _meaning(line: str) -> Answer | TransportError:
    code, _, words = line.partition(" ")
    if not line:
        return Answer(Verdict.UNKNOWN, 0, "no answer")
    if code in ("554", "421"):
        retry_in = MINUTE if code == "421" else None
        return TransportError(f"The mail relay refuses: {line}", code=int(code), retry_in=retry_in)
    return Answer(Verdict.REFUSED if code[0] == "5" else Verdict.DEFERRED, int(code), words)


def to(recipient: str, content: bytes = b"Subject: x\r\n\r\nHello\r\n", *, needs_smtputf8: bool = False) -> Outgoing:
    return Outgoing("1.1", "news@podcast.example", recipient, content, needs_smtputf8=needs_smtputf8)


def nothing() -> None:
    """A dot that nobody is interested in."""


def test_a_message_arrives_byte_for_byte_even_with_dots_at_the_beginning_of_lines(taker: Wire) -> None:
    content = b"Subject: x\r\n\r\n.\r\n..two\r\n.x\r\nend\r\n"
    with taker.transport.connect() as session:
        answer = session.send(to("ada@example.org", content), before_dot=nothing)
    assert (answer.verdict, answer.code) == (Verdict.ACCEPTED, 250)
    assert taker.accepted() == [("ada@example.org", content)]


def test_several_messages_go_through_one_session(taker: Wire) -> None:
    with taker.transport.connect() as session:
        for number in range(3):
            assert session.send(to(f"r{number}@example.org"), before_dot=nothing).verdict is Verdict.ACCEPTED
        assert session.is_open
    assert [recipient for recipient, _ in taker.accepted()] == [f"r{number}@example.org" for number in range(3)]


def test_the_dot_is_announced_once_and_before_anything_is_accepted(taker: Wire) -> None:
    seen: list[int] = []
    with taker.transport.connect() as session:
        session.send(to("ada@example.org"), before_dot=lambda: seen.append(len(taker.accepted())))
    assert seen == [0]


def test_a_dot_that_must_not_leave_does_not(taker: Wire) -> None:
    def refuse() -> None:
        raise ZeroDivisionError

    with taker.transport.connect() as session:
        with pytest.raises(ZeroDivisionError):
            session.send(to("ada@example.org"), before_dot=refuse)
        assert not session.is_open
    assert taker.accepted() == []


@pytest.mark.parametrize(
    ("recipient", "verdict", "code", "dots"),
    [
        ("unknown@example.org", Verdict.REFUSED, 550, 0),
        ("later@example.org", Verdict.DEFERRED, 451, 0),
        ("full@example.org", Verdict.DEFERRED, 452, 1),
        ("dead@example.org", Verdict.REFUSED, 550, 1),
    ],
)
def test_what_concerns_one_reader_stops_nobody_else(
    wire: Wire, recipient: str, verdict: Verdict, code: int, dots: int
) -> None:
    seen: list[str] = []
    with wire.transport.connect() as session:
        answer = session.send(to(recipient), before_dot=lambda: seen.append("dot"))
        assert (answer.verdict, answer.code, len(seen)) == (verdict, code, dots)
        assert session.send(to("ada@example.org"), before_dot=nothing).verdict is Verdict.ACCEPTED
    assert [accepted for accepted, _ in wire.accepted()] == ["ada@example.org"]


@pytest.mark.parametrize(
    ("recipient", "code", "passes"),
    [("denied@example.org", 554, False), ("spam@example.org", 554, False), ("closing@example.org", 421, True)],
)
def test_what_concerns_us_raises_and_says_whether_it_passes(
    wire: Wire, recipient: str, code: int, passes: bool
) -> None:
    with wire.transport.connect() as session:
        with pytest.raises(TransportError) as caught:
            session.send(to(recipient), before_dot=nothing)
        assert (caught.value.code, caught.value.retry_in is not None) == (code, passes)
        assert not session.is_open
    assert wire.accepted() == []


def test_a_dot_without_an_answer_is_unknown_and_ends_the_session(wire: Wire) -> None:
    with wire.transport.connect() as session:
        assert session.send(to("silent@example.org"), before_dot=nothing).verdict is Verdict.UNKNOWN
        assert not session.is_open
    with wire.transport.connect() as session:
        assert session.send(to("ada@example.org"), before_dot=nothing).verdict is Verdict.ACCEPTED


def test_an_address_beyond_ascii_is_refused_clearly_where_it_is_not_offered(wire: Wire) -> None:
    with wire.transport.connect() as session:
        answer = session.send(to("zoë@example.org", needs_smtputf8=True), before_dot=nothing)
        assert (answer.verdict, answer.code) == (Verdict.REFUSED, 0)
        assert "SMTPUTF8" in answer.words
        assert session.is_open


def test_a_relay_that_is_away_is_trouble_that_passes(wire: Wire) -> None:
    wire.stop()
    with pytest.raises(TransportError) as caught:
        wire.transport.connect()
    assert caught.value.retry_in is not None


def test_a_transport_that_cannot_be_used_says_so_and_took_nothing(taker: Wire) -> None:
    taker.stop()
    with pytest.raises(TransportError):
        taker.transport.connect().send(to("ada@example.org"), before_dot=nothing)
    assert taker.accepted() == []


def test_a_window_is_announced_and_answered_message_by_message(taker: Wire) -> None:
    log: list[str] = []
    names = [f"r{number}" for number in range(4)]
    with taker.transport.connect() as session:
        session.send_all(
            [to(f"{name}@example.org") for name in names],
            before_dot=lambda message: log.append(f"{message.recipient} {len(taker.accepted())}"),
            answered=lambda message, answer: log.append(f"{message.recipient} {answer.verdict}"),
        )
        assert session.is_open
    expected = [(f"{name}@example.org {number}", f"{name}@example.org accepted") for number, name in enumerate(names)]
    assert log == [line for pair in expected for line in pair]
    assert [recipient for recipient, _ in taker.accepted()] == [f"{name}@example.org" for name in names]


def test_an_empty_window_is_nothing(taker: Wire) -> None:
    with taker.transport.connect() as session:
        session.send_all([], before_dot=lambda _: None, answered=lambda _message, _answer: None)
        assert session.is_open
    assert taker.accepted() == []


@pytest.mark.parametrize("place", ["before_dot", "answered", "messages"])
def test_whatever_the_caller_raises_passes_through_and_no_further_dot_leaves(taker: Wire, place: str) -> None:
    log: list[str] = []

    def step(name: str, message: Outgoing) -> None:
        log.append(f"{name} {message.recipient[0]}")
        if name == place and message.recipient.startswith("b"):
            raise ZeroDivisionError

    def messages() -> Iterator[Outgoing]:
        for each in map(to, ["a@example.org", "b@example.org", "c@example.org"]):
            step("messages", each)
            yield each

    with taker.transport.connect() as session:
        with pytest.raises(ZeroDivisionError):
            session.send_all(
                messages(),
                before_dot=lambda message: step("before_dot", message),
                answered=lambda message, _: step("answered", message),
            )
        assert not session.is_open
    got = [recipient[0] for recipient, _ in taker.accepted()]
    assert got == [
        name for name in "abc" if f"before_dot {name}" in log and not (place == "before_dot" and name == "b")
    ]
    assert "c" not in got


@pytest.mark.parametrize(
    ("recipient", "verdict", "code"),
    [
        ("unknown@example.org", Verdict.REFUSED, 550),
        ("later@example.org", Verdict.DEFERRED, 451),
        ("full@example.org", Verdict.DEFERRED, 452),
        ("dead@example.org", Verdict.REFUSED, 550),
        ("zoë@example.org", Verdict.REFUSED, 0),
    ],
)
def test_in_a_window_too_what_concerns_one_reader_stops_nobody_else(
    wire: Wire, recipient: str, verdict: Verdict, code: int
) -> None:
    answers: dict[str, Answer] = {}
    messages = [
        to("ada@example.org"),
        to(recipient, needs_smtputf8=not recipient.isascii()),
        to("bo@example.org"),
    ]
    with wire.transport.connect() as session:
        session.send_all(
            messages,
            before_dot=lambda _: None,
            answered=lambda message, answer: answers.setdefault(message.recipient, answer),
        )
        assert session.is_open
    assert (answers[recipient].verdict, answers[recipient].code) == (verdict, code)
    assert len(answers) == 3
    assert [accepted for accepted, _ in wire.accepted()] == ["ada@example.org", "bo@example.org"]


@pytest.mark.parametrize(
    ("recipient", "passes", "answered"),
    [
        ("denied@example.org", False, None),
        ("spam@example.org", False, None),
        ("closing@example.org", True, None),
        ("silent@example.org", True, Verdict.UNKNOWN),
    ],
)
def test_in_a_window_too_what_concerns_us_ends_it_and_the_rest_was_not_tried(
    wire: Wire, recipient: str, passes: bool, answered: Verdict | None
) -> None:
    answers: dict[str, Answer] = {}
    messages = [to("ada@example.org"), to(recipient), to("bo@example.org")]
    with wire.transport.connect() as session:
        with pytest.raises(TransportError) as caught:
            session.send_all(
                messages,
                before_dot=lambda _: None,
                answered=lambda message, answer: answers.setdefault(message.recipient, answer),
            )
        assert (caught.value.retry_in is not None, session.is_open) == (passes, False)
    expected = {"ada@example.org": Verdict.ACCEPTED} | ({recipient: answered} if answered else {})
    assert {name: answer.verdict for name, answer in answers.items()} == expected
    assert [accepted for accepted, _ in wire.accepted()] == ["ada@example.org"]


def test_a_session_that_had_its_share_leaves_the_rest_untried(wire: Wire) -> None:
    wire.limit(2)
    answers: list[str] = []
    messages = [to(f"r{number}@example.org") for number in range(3)]
    with wire.transport.connect() as session:
        session.send_all(
            messages, before_dot=lambda _: None, answered=lambda message, _: answers.append(message.recipient)
        )
        assert not session.is_open
    assert answers == ["r0@example.org", "r1@example.org"]
