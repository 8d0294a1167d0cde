"""Letters wait for no pace, no day and no mailing's connections; what they take, mailings make up for."""

from datetime import timedelta

import pytest

from curator.app import TEMPLATES
from curator.errors import TransportError
from curator.issues.render import Renderer
from curator.letters import store as letters
from curator.letters.values import LetterKind, NewLetter
from curator.mailings import pacing, postage
from curator.mailings import post as posting
from curator.mailings.pace import store
from curator.mailings.pacing import Limits
from curator.mailings.postage import Postage
from curator.mailings.values import MailingState, PostReport
from curator.tokens import Keys
from tests.mailings.line import Line
from tests.mailings.paced import Paced

CROWDED = TransportError(
    "The mail relay does not greet us: 421 4.7.0 Too many connections", code=421, retry_in=timedelta(minutes=1)
)


@pytest.fixture
def paced(line: Line) -> Paced:
    return Paced(line)


def _letter(paced: Paced, number: int = 0) -> None:
    (reader,) = paced.readers(1, domain=f"late{number}.example")
    given = {"subscriber_id": reader, "newsletter_id": paced.line.newsletter_id}
    letter = NewLetter(LetterKind.WELCOME, "letter@example.net", "letter@example.net", payload=given)
    with paced.line.db.write() as session:
        letters.write(session, letter, now=paced.line.clock())


def _post(paced: Paced) -> PostReport:
    route = paced.routes[""]
    return posting.post(
        paced.line.db,
        route.transport,
        keys=Keys.from_secret("k" * 40),
        public_url="https://news.example",
        renderer=Renderer(TEMPLATES),
        clock=paced.line.clock,
        until=lambda: False,
        postage=Postage(route.name, route.limits),
    )


def test_the_last_messages_of_a_day_are_kept_for_letters(paced: Paced) -> None:
    paced.transport(per_day=100)
    paced.line.readers(120)
    mailing_id = paced.line.start()
    paced.pump(mailing_id)
    row = paced.mailing(mailing_id)
    assert row.waits_for == "today's 98 messages are used up (of 100, 2 are kept for letters); 22 wait for tomorrow"
    for number in range(3):
        _letter(paced, number)
        assert (_post(paced).sent, paced.today()) == (1, 99 + number), "letters count and never wait"


def test_letters_of_the_morning_leave_the_same_share_to_those_of_the_evening(paced: Paced) -> None:
    paced.transport(per_day=100)
    _letter(paced)
    _post(paced)
    paced.readers(120, domain="example.com")
    paced.pump(paced.line.start())
    assert paced.today() == 98


@pytest.mark.parametrize(("per_day", "kept"), [(None, 0), (49, 0), (50, 1), (2_000, 40), (10_000_000, 500)])
def test_one_in_fifty_is_kept_and_never_more_than_anybody_needs(per_day: int | None, kept: int) -> None:
    assert pacing.kept_for_letters(Limits(per_day=per_day)) == kept


def test_a_letter_does_not_wait_for_its_turn_and_the_mailing_makes_up_for_it(paced: Paced) -> None:
    paced.transport(per_second=2.0)
    for number in range(2):
        _letter(paced, number)
    assert _post(paced).sent == 2
    paced.readers(2, domain="example.com")
    paced.pump(paced.line.start())
    assert paced.seconds() == [0, 0, 1, 1, 2, 2]


def test_mailings_leave_a_connection_to_letters_that_found_none(paced: Paced) -> None:
    relay = paced.transport()
    _letter(paced)
    relay.refusals.append(CROWDED)
    began = paced.line.clock()
    assert _post(paced).sent == 0
    paced.readers(30, domain="example.com")
    mailing_id = paced.line.start()
    at: list[float] = []
    relay.on_message = lambda _message: at.append((paced.line.clock() - began).total_seconds())
    paced.line.clock.advance(timedelta(seconds=1))
    assert _post(paced).sent == 1, "it is tried again after a second"
    assert paced.pump(mailing_id).state is MailingState.FINISHED
    assert (at[0], min(at[1:]) >= postage.SOLE_FOR.total_seconds()) == (1, True)


def test_of_several_connections_one_is_left_to_letters_for_a_while(paced: Paced) -> None:
    relay = paced.transport()
    paced.readers(40, domain="example.com")
    with paced.line.db.write() as session:
        store.ask_for_room(session, "", now=paced.line.clock())
    mailing_id = paced.line.start(batch=10)
    # The first connection's rests take no time here: it sees the others at work, and the end.
    way = paced.way(mailing_id)
    paced.line.pump(mailing_id, connections=3, transport=way.transport, pacer=way.pacer)
    assert (len(relay.sent), relay.connections <= 2) == (40, True)


def test_a_relay_that_is_crowded_for_long_is_asked_no_more_often_than_one_that_is_away(paced: Paced) -> None:
    relay = paced.transport()
    _letter(paced)
    relay.refusals.extend([CROWDED] * 100)
    tries = 0
    for _ in range(300):
        tries += bool(_post(paced).trouble)
        paced.line.clock.advance(timedelta(seconds=1))
    assert 60 <= tries <= 65
