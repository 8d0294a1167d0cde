"""One pump with several connections: each its own batches and journal, one mailing and one trouble."""

from datetime import timedelta
from pathlib import Path

import pytest

from curator.errors import TransportError
from curator.mailings.dkim import Keyring
from curator.mailings.transports.choose import transport_for
from curator.mailings.transports.port import most_connections
from curator.mailings.values import DeliveryState, MailingState, Outgoing
from tests.mailings.line import Line
from tests.mailings.test_dkim import key

LOST = TransportError("The mail relay cannot be reached.", retry_in=timedelta(minutes=1))


def test_several_connections_share_a_mailing_and_each_reader_gets_it_once(line: Line) -> None:
    line.readers(60)
    mailing_id = line.start(batch=10)
    report = line.pump(mailing_id, window=3, connections=3)
    assert (report.sent, report.state) == (60, MailingState.FINISHED)
    assert sorted(line.sent_to()) == sorted(f"r{n}@example.org" for n in range(60))
    assert line.states(mailing_id) == {DeliveryState.SENT: 60}
    assert list(line.journal_dir.iterdir()) == []


def test_a_connection_without_a_batch_is_never_opened(line: Line) -> None:
    line.readers(5)
    assert line.pump(line.start(), connections=8).state is MailingState.FINISHED
    assert line.relay.connections == 1


def test_a_relay_that_is_away_is_one_trouble_for_all_connections(line: Line) -> None:
    line.readers(30)
    line.relay.refusals = [LOST] * 3
    mailing_id = line.start(batch=10)
    report = line.pump(mailing_id, connections=3)
    assert "cannot be reached" in report.trouble
    assert line.view(mailing_id).retry_at == line.clock() + timedelta(seconds=30)
    line.clock.advance(timedelta(seconds=30))
    line.relay.refusals = []
    assert line.pump(mailing_id, connections=3).state is MailingState.FINISHED
    assert len(line.sent_to()) == len(set(line.sent_to())) == 30


def test_a_bug_in_one_connection_is_raised_and_the_next_pump_finishes(line: Line) -> None:
    line.readers(40)
    mailing_id = line.start(batch=10)

    def break_once(message: Outgoing) -> None:
        line.relay.on_message = lambda _message: None
        raise ZeroDivisionError(message.recipient)

    line.relay.on_message = break_once
    with pytest.raises(ZeroDivisionError):
        line.pump(mailing_id, window=2, connections=3)
    assert line.pump(mailing_id, connections=3).state is MailingState.FINISHED
    assert len(line.sent_to()) == len(set(line.sent_to())) == 40


def test_the_end_of_a_turn_ends_every_connection_within_its_window(line: Line) -> None:
    line.readers(90)
    mailing_id = line.start(batch=30)
    report = line.pump(mailing_id, until=lambda: bool(line.relay.sent), window=4, connections=3)
    assert report.state is MailingState.RUNNING
    assert 1 <= report.sent <= 3 * 2 * 4
    assert DeliveryState.INTENDED not in line.states(mailing_id)
    assert line.pump(mailing_id, connections=3).state is MailingState.FINISHED
    assert len(set(line.sent_to())) == 90


@pytest.mark.parametrize(
    ("query", "number"), [("", 1), ("?connections=4", 4), ("?per_connection=20&connections=50", 50)]
)
def test_the_url_of_a_relay_says_how_many_connections_it_takes(query: str, number: int) -> None:
    url = f"smtp://mail.example.org{query}"
    assert most_connections(transport_for(url)) == number
    assert most_connections(transport_for(url, Keyring((key(),)))) == number


def test_other_transports_take_one_connection(tmp_path: Path) -> None:
    assert most_connections(transport_for(f"maildir://{tmp_path}")) == 1
