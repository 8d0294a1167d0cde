"""What is taken in: each hit once, counters that equal a recount, whatever order and pieces it comes in."""

import itertools
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from curator.audience.tables import Subscriber
from curator.db import Database
from curator.events import listen, records, spool
from curator.events.spool import Spool
from curator.events.tables import Event, LinkCount, MailingCount, SpoolMark
from curator.events.tally import LinkTally, Tally
from curator.events.values import EventKind, Hit
from tests import builders
from tests.events.scene import LINKS, NOW, Sent, counters, events, hit, recount, sent, spooled, tally_of


@pytest.fixture
def line(database: Database) -> Sent:
    return sent(database)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spool").mkdir()
    return tmp_path / "spool"


def _marks(db: Database) -> dict[str, int]:
    with db.read() as session:
        return {row.file: row.bytes_read for row in session.scalars(select(SpoolMark))}


def test_without_a_spool_nothing_is_looked_at(line: Sent, folder: Path) -> None:
    assert listen.take_in(line.db, folder / "never", now=NOW) == 0
    assert list(folder.iterdir()) == []


def test_a_hit_is_an_event_and_counts_at_its_link_and_its_mailing(line: Sent, folder: Path) -> None:
    one, other = line.readers[:2]
    spooled(
        folder,
        hit(line.mailing_id, 1, one),
        hit(line.mailing_id, 1, one, after_s=60),
        hit(line.mailing_id, 2, other),
        hit(line.mailing_id, 2, other, is_head=True),
    )
    assert listen.take_in(line.db, folder, now=NOW) == 4
    assert tally_of(line.db, line.mailing_id) == Tally({1: LinkTally(2, 1, 0), 2: LinkTally(1, 1, 1)}, clickers=2)
    row = events(line.db)[1]
    assert (row.link, row.subscriber_id, row.agent, row.at) == (1, one, 7, NOW + timedelta(seconds=60))
    assert listen.take_in(line.db, folder, now=NOW) == 0


def test_people_who_click_are_noted_as_engaged_and_machines_are_not(line: Sent, folder: Path) -> None:
    person, machine = line.readers[:2]
    spooled(
        folder,
        hit(line.mailing_id, 1, person, after_s=60),
        hit(line.mailing_id, 3, person, after_s=600),
        hit(line.mailing_id, 1, machine, is_head=True),
    )
    listen.take_in(line.db, folder, now=NOW)
    with line.db.read() as session:
        found = {id_: at for id_, at in session.execute(select(Subscriber.id, Subscriber.engaged_at)) if at}
    assert found == {person: NOW + timedelta(seconds=600)}


def test_a_complete_file_goes_away_with_its_mark(line: Sent, folder: Path) -> None:
    spooled(folder, hit(line.mailing_id, 1, line.readers[0]))
    listen.take_in(line.db, folder, now=NOW)
    assert _marks(line.db) == {}
    assert [path.name for path in folder.iterdir()] == ["turn.lock"]


def test_a_file_that_is_still_written_is_read_on_from_its_mark(line: Sent, folder: Path) -> None:
    writing = Spool(folder)
    taken = []
    for _ in range(3):
        writing.append(records.packed(hit(line.mailing_id, 1, line.readers[0])))
        taken.append(listen.take_in(line.db, folder, now=NOW))
    assert taken == [1, 1, 1]
    assert list(_marks(line.db).values()) == [96]
    writing.close()
    assert listen.take_in(line.db, folder, now=NOW) == 0
    assert _marks(line.db) == {}
    assert counters(line.db, line.mailing_id).clicks == 3


def test_a_scanner_is_set_apart_even_when_its_canary_comes_last(line: Sent, folder: Path) -> None:
    reader, mailing = line.readers[0], line.mailing_id
    spooled(folder, *(hit(mailing, link, reader, after_s=20 * link) for link in (1, 2, 3)))
    listen.take_in(line.db, folder, now=NOW)
    assert tally_of(line.db, mailing).clickers == 1
    spooled(folder, hit(mailing, 0, reader, after_s=90))
    listen.take_in(line.db, folder, now=NOW)
    assert tally_of(line.db, mailing) == Tally({link: LinkTally(0, 0, 1) for link in range(4)})
    assert tally_of(line.db, mailing) == recount(line.db, mailing)


def test_beyond_the_limit_an_agents_hits_are_only_counted_and_the_person_after_it_is_seen(
    line: Sent, folder: Path
) -> None:
    reader, other = line.readers[:2]
    spooled(folder, *(hit(line.mailing_id, n % 8, reader, after_s=n / 10) for n in range(230)))
    listen.take_in(line.db, folder, now=NOW)
    spooled(folder, hit(line.mailing_id, 1, other), hit(line.mailing_id, 1, reader, after_s=9000, agent=8))
    listen.take_in(line.db, folder, now=NOW)
    row = counters(line.db, line.mailing_id)
    assert (row.clicks, row.clickers, row.robot_hits, row.dropped) == (2, 2, 60, 170)
    assert tally_of(line.db, line.mailing_id) == recount(line.db, line.mailing_id)


def test_hits_on_a_mailing_that_is_not_there_hold_nothing_up(line: Sent, folder: Path) -> None:
    spooled(folder, hit(4_000_000_000, 1, 5), hit(line.mailing_id, 1, line.readers[0]))
    assert listen.take_in(line.db, folder, now=NOW) == 2
    assert counters(line.db, line.mailing_id).clicks == 1
    assert spool.names(folder) == []


def test_foreign_files_and_bytes_hold_nothing_up(line: Sent, folder: Path) -> None:
    good = records.packed(hit(line.mailing_id, 1, line.readers[0]))
    (folder / "a.spool").write_bytes(b"\x01" * 100_000)
    (folder / "b.spool").write_bytes(b"torn" + good + good[:20] + good + b"\xff" * 7)
    (folder / "c.spool").write_bytes(b"")
    (folder / "README").write_text("not a spool")
    assert listen.take_in(line.db, folder, now=NOW) == 2
    assert sorted(path.name for path in folder.iterdir()) == ["README", "turn.lock"]


def test_one_turn_takes_a_bounded_part_and_the_next_goes_on(
    line: Sent, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "CHUNK_HITS", 2)
    for _ in range(3):
        spooled(folder, *(hit(line.mailing_id, 1, reader) for reader in line.readers[:5]))
    taken = [listen.take_in(line.db, folder, now=NOW, at_most=6) for _ in range(4)]
    assert sum(taken) == 15
    assert max(taken) <= 8
    assert taken[-1] == 0 or sum(taken[:-1]) < 15
    assert counters(line.db, line.mailing_id).clicks == 15


def test_while_one_takes_in_a_second_does_nothing(line: Sent, folder: Path) -> None:
    spooled(folder, hit(line.mailing_id, 1, line.readers[0]))
    with spool.turn(folder):
        assert listen.take_in(line.db, folder, now=NOW) == 0
    assert listen.take_in(line.db, folder, now=NOW) == 1


@pytest.mark.parametrize("step", ["set_aside", "forget_mark", "remove"])
def test_a_removal_that_ends_halfway_is_finished_by_the_next_call(
    line: Sent, folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    spooled(folder, hit(line.mailing_id, 1, line.readers[0]))
    with monkeypatch.context() as kill:
        kill.setattr(listen.store if step == "forget_mark" else listen.spool, step, killed)
        with pytest.raises(Killed):
            listen.take_in(line.db, folder, now=NOW)
    assert listen.take_in(line.db, folder, now=NOW) == 0
    assert _marks(line.db) == {}
    assert [path.name for path in folder.iterdir()] == ["turn.lock"]
    assert counters(line.db, line.mailing_id).clicks == 1


def test_a_mark_that_moved_meanwhile_is_believed(line: Sent, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a kill whose commit was still under way when the next one looked."""
    writing = Spool(folder)
    writing.append(records.packed(hit(line.mailing_id, 1, line.readers[0])))
    with monkeypatch.context() as late:
        late.setattr(listen, "_marks", lambda *_: {})
        assert [listen.take_in(line.db, folder, now=NOW) for _ in range(2)] == [1, 0]
    writing.close()
    assert counters(line.db, line.mailing_id).clicks == 1


def test_two_mailings_are_counted_apart(database: Database, folder: Path) -> None:
    first = sent(database, number=1)
    second = sent(database, number=2, newsletter_id=first.newsletter_id)
    spooled(folder, hit(second.mailing_id, 1, second.readers[0]), hit(first.mailing_id, 1, first.readers[0]))
    listen.take_in(database, folder, now=NOW)
    assert [counters(database, each.mailing_id).clicks for each in (first, second)] == [1, 1]


def test_a_leaving_is_counted_once_and_taken_back_once(line: Sent) -> None:
    reader = line.readers[0]
    for _ in range(2):
        listen.note_unsubscribed(line.db, mailing_id=line.mailing_id, subscriber_id=reader, now=NOW)
        assert counters(line.db, line.mailing_id).unsubscribed == 1
    for _ in range(2):
        listen.note_returned(line.db, newsletter_id=line.newsletter_id, subscriber_id=reader)
        assert counters(line.db, line.mailing_id).unsubscribed == 0
    assert events(line.db, EventKind.UNSUBSCRIBED) == []


def test_the_newest_leaving_of_the_newsletter_is_taken_back(line: Sent) -> None:
    reader = line.readers[0]
    later = sent(line.db, number=42, newsletter_id=line.newsletter_id, subscriber_ids=line.readers)
    foreign = sent(line.db, number=1, newsletter_id=builders.newsletter_row(line.db, slug="other", name="Other"))
    for nth, each in enumerate((later, line, foreign)):
        listen.note_unsubscribed(
            line.db, mailing_id=each.mailing_id, subscriber_id=reader, now=NOW + timedelta(days=nth)
        )
    listen.note_returned(line.db, newsletter_id=line.newsletter_id, subscriber_id=reader)
    assert [counters(line.db, each.mailing_id).unsubscribed for each in (later, line, foreign)] == [1, 0, 1]


_READERS = 3
_HITS = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.integers(0, _READERS - 1),
        st.sampled_from([0, 1, 5, 9.5, 10, 300, 600, 601, 4000]),
        st.integers(1, 2),
        st.booleans(),
    ),
    max_size=40,
)


@given(given_hits=_HITS, pieces=st.lists(st.integers(0, 40), max_size=4))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counters_always_equal_a_recount(
    sqlite_line: tuple[Sent, Path], given_hits: list[tuple[int, int, float, int, bool]], pieces: list[int]
) -> None:
    line, folder = sqlite_line
    _forget(line.db)
    hits = [
        hit(line.mailing_id, link, line.readers[reader], after_s=after, agent=agent, is_head=is_head)
        for link, reader, after, agent, is_head in given_hits
    ]
    cuts = sorted({0, *(min(piece, len(hits)) for piece in pieces), len(hits)})
    for first, last in itertools.pairwise(cuts):
        spooled(folder, *hits[first:last])
        listen.take_in(line.db, folder, now=NOW)
        assert tally_of(line.db, line.mailing_id) == recount(line.db, line.mailing_id)
    assert len(events(line.db)) == len(hits)
    assert tally_of(line.db, line.mailing_id) == _all_at_once(hits)


@pytest.fixture
def sqlite_line(sqlite_database: Database, tmp_path: Path) -> tuple[Sent, Path]:
    return sent(sqlite_database), tmp_path / "spool"


def _all_at_once(hits: list[Hit]) -> Tally:
    from curator.events.tally import change

    total = Tally()
    for reader in {each.subscriber_id for each in hits}:
        total += change(
            [], [each for each in hits if each.subscriber_id == reader], at_most=60, mail_links=len(LINKS)
        ).tally
    return total


def _forget(db: Database) -> None:
    with db.write() as session:
        for table in (Event, LinkCount, MailingCount, SpoolMark):
            session.execute(delete(table))
