"""An erased reader is nowhere; sums stay; nobody but they themselves brings them back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import String, cast, func, select, text, update

from curator.accounts import admit
from curator.accounts.values import Role
from curator.activity import store as activity
from curator.audience import subscribe
from curator.audience.growth import store as growth
from curator.audience.growth.values import Change
from curator.audience.moving import bring
from curator.audience.suppressed import store as suppressed
from curator.audience.tables import Interest, SubscriberInterest, SubscriberTag, Suppression, Tag
from curator.audience.values import Confirmation, SuppressionReason
from curator.db import Base, Database
from curator.errors import InvalidError, StateError
from curator.events import listen
from curator.letters import store as letters
from curator.letters.values import LetterKind, NewLetter
from curator.mailings.tables import Delivery, Mailing
from curator.mailings.values import DeliveryState, MailingState
from curator.privacy import copy, erase, store
from curator.privacy.values import Keeping
from curator.tokens import Keys, Veil
from tests import builders
from tests.audience.people import ADA, asked, confirmed, link_of, states
from tests.conftest import FakeClock
from tests.events.scene import NOW, Sent, counters, deliver, events, hit, sent, spooled
from tests.mailings.line import Line

KEEPING = Keeping(13, 24, 36, 0)
_SECRET = "a secret that is long enough for anybody"


@pytest.fixture
def db(database: Database) -> Database:
    database.wear(Veil(Keys.from_secret(_SECRET)))
    return database


@pytest.fixture
def line(db: Database) -> Sent:
    return sent(db, readers=3)


def _ada(line: Sent, now: datetime) -> int:
    """A reader with something in every room."""
    asked(line.db, line.newsletter_id, now=now, name="Ada Unusual")
    link = link_of(line.db, line.newsletter_id)
    assert confirmed(line.db, link, now=now) is Confirmation.CONFIRMED
    with line.db.write() as session:
        session.add_all([Interest(id=1, newsletter_id=line.newsletter_id, name="Speech", position=1)])
        session.add_all([Tag(id=1, name="Guest", key="guest")])
        session.flush()
        session.add_all([SubscriberInterest(subscriber_id=link.subscriber_id, interest_id=1)])
        session.add_all([SubscriberTag(subscriber_id=link.subscriber_id, tag_id=1, at=now)])
    return link.subscriber_id


def test_whoever_is_erased_counts_as_one_who_left(line: Sent) -> None:
    reader = _ada(line, NOW)
    erase.erase(line.db, reader, by=None, now=NOW)
    with line.db.read() as session:
        day = growth.days(session, line.newsletter_id, first=NOW.date(), last=NOW.date())[NOW.date()]
    assert (day[Change.CONFIRMED], day[Change.ERASED]) == (1, 1)


def _delivered(line: Sent, reader: int, folder: Path) -> None:
    deliver(line.db, line.mailing_id, (reader,))
    spooled(folder, hit(line.mailing_id, 1, reader, agent=11))
    listen.take_in(line.db, folder, now=NOW)


def _everything(db: Database) -> str:
    """Every cell of every table, as text."""
    cells: list[str] = []
    with db.read() as session:
        for table in Base.metadata.tables.values():
            for row in session.execute(select(*(cast(column, String) for column in table.columns))):
                cells += [f"{table.name}: {cell}" for cell in row if cell]
    return "\n".join(cells)


def test_nothing_that_names_them_is_left_in_any_table(line: Sent, tmp_path: Path, now: datetime) -> None:
    ada = _ada(line, now)
    _delivered(line, ada, tmp_path)
    subscribe.suppress(line.db, ADA, SuppressionReason.BOUNCED, now=now, note=f"550 <{ADA}> unknown")
    before = counters(line.db, line.mailing_id)
    found = erase.erase(line.db, ada, by=None, now=now)
    assert {each.table: each.rows for each in found or ()} == {
        "subscription": 1,
        "consent": 2,
        "subscriber_interest": 1,
        "subscriber_tag": 1,
        "delivery": 1,
        "event": 1,
        "letter": 2,
        "suppression": 1,
        "activity": 3,
        "subscriber": 1,
    }
    left = _everything(line.db).lower()
    assert "ada" not in left.replace("adapt", "")
    assert "unusual" not in left
    after = counters(line.db, line.mailing_id)
    assert (before.clicks, before.clickers, before.accepted) == (after.clicks, after.clickers, after.accepted)
    with line.db.read() as session:
        assert [(row.verb, row.subject_id) for row in activity.recent(session, subject="subscriber")] == [("erased", 0)]
        assert [row.address_key[:7] for row in session.scalars(select(Suppression))] == ["erased:"]
        assert store.who_has(session, ADA).subscriber_id is None
    assert erase.erase(line.db, ada, by=None, now=now) is None
    assert copy.copy(line.db, ada, KEEPING, now=now) is None


def test_nobody_brings_them_back_but_they_themselves(line: Sent, now: datetime) -> None:
    erase.erase(line.db, _ada(line, now), by=None, now=now)
    with pytest.raises(InvalidError, match="had it erased"):
        subscribe.add(line.db, line.newsletter_id, ADA, now=now)
    with pytest.raises(InvalidError, match="had it erased"):
        subscribe.unsuppress(line.db, "Ada@Example.org", now=now)
    report = bring.import_csv(line.db, line.newsletter_id, f"email\n{ADA}\nbo@example.org\n".encode(), now=now)
    assert (report.tally.added, report.tally.never_mailed) == (1, 1)
    subscribe.suppress(line.db, ADA, SuppressionReason.BOUNCED, now=now, note=ADA)
    assert ADA not in _everything(line.db)
    # They ask again: until the mailbox has said so, nothing but its letter is sent.
    asked(line.db, line.newsletter_id, now=now)
    with line.db.read() as session:
        assert suppressed.why(session, ADA) is SuppressionReason.ERASED
    with pytest.raises(InvalidError, match="had it erased"):
        subscribe.add(line.db, line.newsletter_id, ADA, now=now)
    assert confirmed(line.db, link_of(line.db, line.newsletter_id), now=now) is Confirmation.CONFIRMED
    assert (ADA, "active", "confirmed") in states(line.db)
    with line.db.read() as session:
        assert suppressed.why(session, ADA) is None


def test_a_mark_outlives_a_rotation_of_the_key_and_is_not_missed_without_one(line: Sent, now: datetime) -> None:
    erase.erase(line.db, _ada(line, now), by=None, now=now)
    line.db.wear(Veil(Keys.from_secret("quite another secret that is long enough", older=(_SECRET,))))
    with line.db.read() as session:
        assert suppressed.among(session, [ADA, "bo@example.org"]) == {ADA}
    line.db.wear(None)  # type: ignore[arg-type]  # - as a process that opens the database by itself
    with line.db.read() as session, pytest.raises(StateError, match="secret"):
        suppressed.among(session, [ADA])


def test_an_address_without_a_subscriber_is_erased_too(line: Sent, now: datetime) -> None:
    with line.db.write() as session:
        letters.write(session, NewLetter(LetterKind.SPONSOR_ASKED, ADA, ADA, newsletter_id=line.newsletter_id), now=now)
    assert [each.table for each in erase.erase_address(line.db, "Ada@Example.ORG", by=None, now=now)] == ["letter"]
    assert ADA not in _everything(line.db)
    assert erase.erase_address(line.db, "nobody@example.org", by=None, now=now) == []
    with line.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Suppression)) == 1


def test_somebody_at_the_desk_keeps_the_desks_letters(line: Sent, now: datetime) -> None:
    admit.create_user(line.db, ADA, name="Ada", role=Role.OWNER, now=now)
    ada = builders.subscriber_rows(line.db, line.newsletter_id, [ADA])[0]
    with line.db.write() as session:
        for kind in (LetterKind.WELCOME, LetterKind.DRAFT_READY):
            letters.write(session, NewLetter(kind, ADA, ADA, newsletter_id=line.newsletter_id), now=now)
    erase.erase(line.db, ada, by=None, now=now)
    with line.db.read() as session:
        kinds = session.scalars(select(Base.metadata.tables["letter"].c.kind)).all()
    assert kinds == ["draft_ready"]


def test_a_click_that_lies_in_the_spool_counts_and_names_nobody(line: Sent, tmp_path: Path, now: datetime) -> None:
    ada = _ada(line, now)
    spooled(tmp_path, hit(line.mailing_id, 1, ada, agent=11))
    erase.erase(line.db, ada, by=None, now=now)
    listen.take_in(line.db, tmp_path, now=NOW)
    assert events(line.db) == []
    assert (counters(line.db, line.mailing_id).clicks, counters(line.db, line.mailing_id).clickers) == (1, 0)


def test_a_mailing_under_way_balances_and_then_forgets_them(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    newsletter = builders.newsletter_row(db)
    issue = builders.approved_issue_row(db, newsletter)
    line = Line(db, clock, tmp_path / "journals", newsletter, issue)
    ids = line.readers(6)

    def go() -> None:
        for reader in (ids[0], ids[2], ids[4]):
            assert erase.erase(db, reader, by=None, now=clock())

    line.on_message("r2@example.org", go)
    mailing = line.start()
    assert line.pump(mailing, window=2).state is MailingState.FINISHED
    assert line.sent_to() == [f"r{n}@example.org" for n in (0, 1, 2, 3, 5)]
    assert line.states(mailing) == {DeliveryState.SENT: 5, DeliveryState.EXCLUDED: 1}
    assert _delivered_to(db) == ids
    assert erase.finish(db, now=clock()) == 3
    assert _delivered_to(db) == [ids[1], ids[3], ids[5]]
    assert line.states(mailing) == {DeliveryState.SENT: 5, DeliveryState.EXCLUDED: 1}, "the sums stay"
    assert erase.finish(db, now=clock()) == 0


def _delivered_to(db: Database) -> list[int]:
    with db.read() as session:
        return list(session.scalars(select(Delivery.subscriber_id).order_by(Delivery.subscriber_id)))


def test_a_copy_has_what_is_kept_in_words_and_masks_the_address_for_a_link(
    line: Sent, tmp_path: Path, now: datetime
) -> None:
    ada = _ada(line, now)
    _delivered(line, ada, tmp_path)
    found = copy.copy(line.db, ada, KEEPING, now=now)
    assert found is not None
    rows = {part.table: [dict(zip(part.columns, row, strict=True)) for row in part.rows] for part in found.parts}
    assert rows["subscriber"][0]["address"] == ADA
    assert rows["subscriber_tag"][0]["tag"] == "Guest"
    assert rows["subscription"][0]["newsletter"] == "AI Weekly"
    assert rows["event"][0]["link"] == "https://site.example/1"
    assert rows["delivery"][0]["mailing"] == "AI Weekly, issue 41"
    kept = {part["what"]: part["kept"] for part in found.as_facts()["kept"].values()}
    assert "13 months after the mailing; its sums stay." in kept.values()
    assert not any("CURATOR" in words or "%" in words for words in kept.values())
    assert [row["step"] for row in rows["consent"]] == ["asked", "confirmed"]
    masked = copy.copy(line.db, ada, KEEPING, now=now, shown_as="a…@example.org")
    assert masked is not None
    assert ADA not in str(masked.as_facts())
    assert "a…@example.org" in str(masked.as_facts())


def test_a_bounce_that_comes_while_a_reader_is_erased_brings_no_address_back(line: Sent, now: datetime) -> None:
    subscriber_id = _ada(line, now)
    with ThreadPoolExecutor(1) as pool, line.db.write() as session:
        who = store.hold(session, subscriber_id)
        assert who is not None
        erase._erase(session, who, by=None, now=now)
        late = pool.submit(subscribe.suppress, line.db, ADA, SuppressionReason.BOUNCED, now=now)
        while not line.db.is_sqlite and not late.done() and not _somebody_waits(line.db):
            pass
    late.result()
    with line.db.read() as session:
        assert suppressed.why(session, ADA) is SuppressionReason.ERASED
        assert session.scalar(select(Suppression.address_key).where(Suppression.address_key == ADA)) is None


def test_a_bounce_that_is_noted_after_its_reader_was_erased_brings_none_of_its_words(line: Sent, now: datetime) -> None:
    ada = _ada(line, now)
    deliver(line.db, line.mailing_id, (ada,))
    with line.db.write() as session:
        refused = update(Delivery).where(Delivery.subscriber_id == ada)
        session.execute(refused.values(state=DeliveryState.REFUSED, code=550, reason=f"<{ADA}> unknown"))
    refusals = listen._refusals(line.db, line.mailing_id, 0)
    assert [each.address for each in refusals] == [ADA]
    erase.erase(line.db, ada, by=None, now=now)
    assert listen._note(line.db, line.mailing_id, refusals, now=now) == 0
    listen.note_unsubscribed(line.db, mailing_id=line.mailing_id, subscriber_id=ada, now=now)
    assert events(line.db) == []


def test_a_bounce_of_an_erased_reader_in_a_mailing_under_way_counts_without_its_words(
    line: Sent, now: datetime
) -> None:
    ada = _ada(line, now)
    deliver(line.db, line.mailing_id, (ada,))
    with line.db.write() as session:
        session.execute(update(Mailing).where(Mailing.id == line.mailing_id).values(state=MailingState.RUNNING))
    erase.erase(line.db, ada, by=None, now=now)
    for is_new in (True, False):
        assert is_new is listen.note_came_back(
            line.db, mailing_id=line.mailing_id, subscriber_id=ada, words=f"550 <{ADA}> unknown", is_dead=True, now=now
        )
    assert counters(line.db, line.mailing_id).bounced == 1
    assert ADA not in _everything(line.db)


def _somebody_waits(db: Database) -> bool:
    waiting = text(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    )
    with db.read() as session:
        return bool(session.scalar(waiting))
