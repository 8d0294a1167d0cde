"""A window on one connection: what leaves when, and what every combination of answers in a group means."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import TransportError
from curator.mailings.transports.offer import Offer
from curator.mailings.transports.smtp_session import SmtpSession
from curator.mailings.values import Answer, Outgoing, Verdict
from tests.mailings.scripted import CLOSE, HANG, PIPELINED, USUAL, ScriptedRelay

PLAIN = Offer()
BOTH = pytest.mark.parametrize("offer", [PIPELINED, PLAIN], ids=["pipelined", "plain"])


def to(name: str) -> Outgoing:
    return Outgoing(name, "news@podcast.example", f"{name}@x.org", f"Subject: {name}\r\n\r\n.dots\r\n..\r\n".encode())


@dataclass
class Window:
    """A window handed over, with everything that the session told about it in order."""

    relay: ScriptedRelay
    log: list[str] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    trouble: TransportError | None = None
    on_dot: Callable[[str], None] = lambda _name: None

    def hand_over(self, session: SmtpSession, *names: str) -> None:
        try:
            session.send_all(map(to, names), before_dot=self._before_dot, answered=self._answered)
        except TransportError as error:
            self.trouble = error

    def verdicts(self) -> dict[str, Verdict]:
        return {name: answer.verdict for name, answer in self.answers.items()}

    def _before_dot(self, message: Outgoing) -> None:
        assert message.recipient not in [recipient for recipient, _ in self.relay.dots]
        self.log.append(f"dot {message.delivery_key}")
        self.on_dot(message.delivery_key)

    def _answered(self, message: Outgoing, answer: Answer) -> None:
        assert message.delivery_key not in self.answers
        self.answers[message.delivery_key] = answer
        self.log.append(f"answered {message.delivery_key}")


def says(**lines: str):
    """Answers as usual, but RCPT_b="..." to this verb for b's message, or MAIL="..." to each."""
    return lambda verb, recipient: lines.get(f"{verb}_{recipient.partition('@')[0]}", lines.get(verb, USUAL[verb]))


@pytest.fixture
def relay() -> Iterator[ScriptedRelay]:
    with ScriptedRelay() as running:
        yield running


def over(
    relay: ScriptedRelay, *names: str, offer: Offer = PIPELINED, answer_s: float = 5
) -> tuple[Window, SmtpSession]:
    window = Window(relay)
    session = relay.session(offer, answer_s=answer_s)
    window.hand_over(session, *names)
    return window, session


@BOTH
def test_each_message_is_announced_and_answered_before_the_next_one(relay: ScriptedRelay, offer: Offer) -> None:
    window, session = over(relay, "a", "b", "c", offer=offer)
    assert window.log == ["dot a", "answered a", "dot b", "answered b", "dot c", "answered c"]
    assert set(window.verdicts().values()) == {Verdict.ACCEPTED}
    assert relay.dots == [(to(name).recipient, to(name).content) for name in "abc"]
    assert (session.is_open, window.trouble) == (True, None)


def test_a_message_costs_one_round_trip() -> None:
    # The relay keeps every answer to a group back until the whole group is there: it can only work pipelined.
    with ScriptedRelay(last="c@x.org") as relay:
        window, _ = over(relay, "a", "b", "c")
        assert set(window.verdicts().values()) == {Verdict.ACCEPTED}
        # a's group, then content and dot with the next group behind it.
        assert relay.round_trips == 4


def test_nothing_leaves_ahead_of_an_answer_where_pipelining_is_not_offered() -> None:
    with ScriptedRelay(forbids_pipelining=True) as relay:
        window, _ = over(relay, "a", "b", offer=PLAIN)
        assert set(window.verdicts().values()) == {Verdict.ACCEPTED}


@BOTH
@pytest.mark.parametrize("data", ["554 5.5.1 no valid recipients", "503 5.5.1 need RCPT", "354 go on then"])
@pytest.mark.parametrize(("line", "verdict"), [("550 5.1.1 nobody", Verdict.REFUSED), ("451 later", Verdict.DEFERRED)])
def test_a_refused_recipient_stops_nobody_else(
    relay: ScriptedRelay, offer: Offer, data: str, line: str, verdict: Verdict
) -> None:
    relay.says = says(RCPT_b=line, DATA_b=data, DOT_b="554 5.5.1 no valid recipients")
    window, session = over(relay, "a", "b", "c", offer=offer)
    assert window.verdicts() == {"a": Verdict.ACCEPTED, "b": verdict, "c": Verdict.ACCEPTED}
    assert "dot b" not in window.log
    assert [recipient for recipient, _ in relay.dots] == ["a@x.org", "c@x.org"]
    assert relay.empty_dots == (data.startswith("354") and offer is PIPELINED)
    # The transaction that b's refusal left open is ended before the next one.
    assert relay.lines.count("RSET") == 1
    assert session.is_open


@pytest.mark.parametrize("answer", ["250 thanks for nothing", "421 bye", CLOSE, "what"])
def test_the_answer_to_an_empty_message_is_nobodys(relay: ScriptedRelay, answer: str) -> None:
    relay.says = says(RCPT_a="550 5.1.1 nobody", DOT_a=answer)
    window, session = over(relay, "a", "b")
    assert window.verdicts() == {"a": Verdict.REFUSED}
    assert relay.dots == []
    assert (session.is_open, window.trouble) == (False, None)


@BOTH
@pytest.mark.parametrize(
    ("script", "answered", "needs_person"),
    [
        ({"MAIL": "550 5.7.1 not you"}, {}, True),
        ({"MAIL": "451 4.3.0 later"}, {}, False),
        ({"RCPT_b": "554 5.7.1 relay access denied"}, {"a": Verdict.ACCEPTED}, True),
        ({"RCPT_b": "421 4.3.2 going down"}, {"a": Verdict.ACCEPTED}, False),
        ({"DATA_b": "421 4.3.2 going down"}, {"a": Verdict.ACCEPTED}, False),
        ({"DATA_b": "554 5.7.1 no"}, {"a": Verdict.ACCEPTED}, True),
        ({"DATA_b": "250 what"}, {"a": Verdict.ACCEPTED}, False),
        ({"DATA_b": CLOSE}, {"a": Verdict.ACCEPTED}, False),
        ({"RCPT_b": "2"}, {"a": Verdict.ACCEPTED}, False),
        ({"DOT_b": "554 5.7.1 looks like spam"}, {"a": Verdict.ACCEPTED}, True),
        ({"DOT_b": CLOSE}, {"a": Verdict.ACCEPTED, "b": Verdict.UNKNOWN}, False),
        ({"DOT_b": "2"}, {"a": Verdict.ACCEPTED, "b": Verdict.UNKNOWN}, False),
        ({"DOT_b": "354 more"}, {"a": Verdict.ACCEPTED, "b": Verdict.UNKNOWN}, False),
        ({"DOT_b": "250-yes\r\n550 no"}, {"a": Verdict.ACCEPTED, "b": Verdict.UNKNOWN}, False),
        ({"DOT_b": "250-yes\r\n" * 1000 + "250 yes"}, {"a": Verdict.ACCEPTED, "b": Verdict.UNKNOWN}, False),
        ({"DOT_b": "250 " + "y" * 5000}, {"a": Verdict.ACCEPTED, "b": Verdict.UNKNOWN}, False),
    ],
)
def test_trouble_ends_the_window_after_every_answer_that_can_be_known(
    relay: ScriptedRelay, offer: Offer, script: dict[str, str], answered: dict[str, Verdict], needs_person: bool
) -> None:
    relay.says = says(**script)
    window, session = over(relay, "a", "b", "c", offer=offer)
    assert window.verdicts() == answered
    assert window.trouble is not None
    assert (window.trouble.retry_in is None) == needs_person
    assert not session.is_open
    assert "dot c" not in window.log


@BOTH
def test_a_relay_that_hangs_after_the_dot_leaves_one_message_in_doubt(relay: ScriptedRelay, offer: Offer) -> None:
    relay.says = says(DOT_b=HANG)
    session = relay.session(offer)
    # Patience ends only here, so that a busy machine does not lose the conversation before.
    window = Window(relay, on_dot=lambda name: setattr(session._wire, "answer_s", 0.05 if name == "b" else 5))
    window.hand_over(session, "a", "b", "c")
    assert window.verdicts() == {"a": Verdict.ACCEPTED, "b": Verdict.UNKNOWN}
    assert "in time" in str(window.trouble)


@BOTH
def test_a_421_to_a_dot_defers_this_message_and_the_rest_was_not_tried(relay: ScriptedRelay, offer: Offer) -> None:
    relay.says = says(DOT_b="421 4.7.0 enough for now")
    window, session = over(relay, "a", "b", "c", offer=offer)
    assert window.verdicts() == {"a": Verdict.ACCEPTED, "b": Verdict.DEFERRED}
    assert (session.is_open, window.trouble) == (False, None)


@BOTH
@pytest.mark.parametrize("line", ["452 4.2.2 mailbox full", "550 5.1.1 no such user, says the next server"])
def test_a_refusal_of_a_whole_message_stops_nobody_else(relay: ScriptedRelay, offer: Offer, line: str) -> None:
    relay.says = says(DOT_a=line)
    window, _ = over(relay, "a", "b", offer=offer)
    assert [answer.code for answer in window.answers.values()] == [int(line[:3]), 250]


def test_an_answer_that_comes_before_the_dot_keeps_it_from_leaving(relay: ScriptedRelay) -> None:
    relay.says = says(DATA_b="354 go on\r\n552 5.3.4 too big already")
    window, _ = over(relay, "a", "b")
    assert window.verdicts() == {"a": Verdict.ACCEPTED}
    assert "dot b" not in window.log
    assert "too big already" in str(window.trouble)
    assert [recipient for recipient, _ in relay.dots] == ["a@x.org"]


@BOTH
def test_replies_in_single_bytes_are_read_as_well(offer: Offer) -> None:
    with ScriptedRelay(piece_bytes=1, says=says(RCPT="250-first\r\n250-second\r\n250 last")) as relay:
        window, _ = over(relay, "a", "b", offer=offer)
        assert set(window.verdicts().values()) == {Verdict.ACCEPTED}


@BOTH
def test_a_session_takes_no_more_than_its_share(relay: ScriptedRelay, offer: Offer) -> None:
    window = Window(relay)
    session = relay.session(offer, most_messages=2)
    window.hand_over(session, "a", "b", "c")
    session.close()
    assert list(window.answers) == ["a", "b"]
    assert (session.is_open, window.trouble, relay.lines[-1]) == (False, None, "QUIT")
    assert not any("<c@" in line for line in relay.lines)


@BOTH
def test_the_next_message_is_made_while_the_relay_reads(relay: ScriptedRelay, offer: Offer) -> None:
    seen: list[str] = []

    def made() -> Iterator[Outgoing]:
        for name in "abc":
            seen.append(f"made {name}")
            yield to(name)

    relay.session(offer).send_all(
        made(), before_dot=lambda m: seen.append(f"dot {m.delivery_key}"), answered=lambda _message, _answer: None
    )
    assert seen == ["made a", "made b", "dot a", "made c", "dot b", "dot c"]


ORDINARY = ["250 ok", "250-a\r\n250-b\r\n250 c", "250", "354 go on", "450 later", "452 4.2.2 full", "550 5.1.1 no"]
ROUGH = ["554 5.7.1 spam", "421 bye", "220 hi", "999 what", "teapot", "2", CLOSE, HANG, "250-a\r\n550 b", "-" * 5000]
STRAY = ["250 ok\r\n250 ok", "354 go on\r\n250 done", "550 5.1.1 no\r\n250 ok", "250 ok\r\n421 bye"]


def scripts(*pools: list[str]) -> st.SearchStrategy[dict[str, list[str]]]:
    """A list of answers for each verb, used up from the front; then everything is as usual."""
    lines = {
        verb: st.lists(st.sampled_from([usual] * 12 + [each for pool in pools for each in pool]), max_size=6)
        for verb, usual in USUAL.items()
    }
    return st.fixed_dictionaries(lines)


def played(script: dict[str, list[str]]):
    """Answers by the script; a relay that spoke out of turn may read a message's lines as commands it does not know."""
    left = {verb: list(lines) for verb, lines in script.items()}
    return lambda verb, _recipient: left[verb].pop(0) if left.get(verb) else USUAL.get(verb, "500 5.5.2 what?")


OFFERS = st.sampled_from([PIPELINED, PLAIN])
PIECES = st.sampled_from([1, 7, 4096])


@settings(deadline=None, max_examples=300)
@given(script=scripts(ORDINARY, ROUGH), offer=OFFERS, pieces=PIECES)
def test_whatever_the_relay_says_each_message_is_answered_once_or_was_certainly_not_accepted(
    script: dict[str, list[str]], offer: Offer, pieces: int
) -> None:
    with ScriptedRelay(played(script), piece_bytes=pieces) as relay:
        window, session = over(relay, *"abcde", offer=offer, answer_s=0.2)
        is_complete = window.trouble is None and session.is_open
    truth = {recipient.partition("@")[0]: said for recipient, said in relay.said.items()}
    dots = [line.removeprefix("dot ") for line in window.log if line.startswith("dot ")]
    for name, answer in window.answers.items():
        if answer.verdict is Verdict.ACCEPTED:
            assert truth[name].startswith("2")
            assert f"dot {name}" in window.log
    for name, said in truth.items():
        assert name in dots
        if said.startswith("2"):
            assert window.answers[name].verdict in (Verdict.ACCEPTED, Verdict.UNKNOWN)
    for recipient, content in relay.dots:
        assert content == to(recipient.partition("@")[0]).content
    assert len(relay.dots) == len(set(relay.dots))
    assert list(window.verdicts().values()).count(Verdict.UNKNOWN) <= 1
    assert list(window.answers) == list("abcde")[: len(window.answers)]
    if is_complete:
        assert len(window.answers) == 5


@settings(deadline=None, max_examples=200)
@given(script=scripts(ORDINARY, ROUGH, STRAY), offer=OFFERS, pieces=PIECES)
def test_a_relay_that_speaks_out_of_turn_gets_no_dot_that_was_not_announced(
    script: dict[str, list[str]], offer: Offer, pieces: int
) -> None:
    with ScriptedRelay(played(script), piece_bytes=pieces) as relay:
        window, _ = over(relay, *"abcde", offer=offer, answer_s=0.2)
    assert all(f"dot {recipient.partition('@')[0]}" in window.log for recipient, _ in relay.dots)
    for name, answer in window.answers.items():
        assert answer.verdict is not Verdict.ACCEPTED or f"{name}@x.org" in relay.said
