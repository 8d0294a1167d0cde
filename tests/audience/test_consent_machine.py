"""Whatever readers, strangers, files and the desk do in any order: who gets mail has said so, on record."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, select

from curator import schema
from curator.audience import links, manner, preferences, readdress, sign_up, store, subscribe
from curator.audience.moving import bring
from curator.audience.readdressed import store as changes
from curator.audience.record import store as record
from curator.audience.suppressed import store as suppressed
from curator.audience.tables import Consent, Subscriber, Subscription, Suppression
from curator.audience.values import ConsentStep, SubscriptionState, SuppressionReason, Wanted
from curator.db import Database
from curator.errors import InvalidError
from tests.builders import newsletter_row

_PEOPLE = ("ada@readers.example", "bob@readers.example", "info@readers.example")
_YES = {ConsentStep.CONFIRMED, ConsentStep.ADDED, ConsentStep.IMPORTED, ConsentStep.RETURNED}
_person, _newsletter = st.sampled_from(_PEOPLE), st.integers(0, 1)
_wait = st.sampled_from([timedelta(minutes=1), timedelta(days=1), timedelta(days=8), timedelta(days=95)])


class Consents(RuleBasedStateMachine):
    """Every arrow of the audience, in any order; after each the record has to carry the states."""

    db: Database

    @initialize()
    def begin(self) -> None:
        with self.db.write() as session:
            for table in (Subscriber, Suppression):
                session.execute(delete(table))
        self.now = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)

    def _id(self, person: str) -> int | None:
        with self.db.read() as session:
            return store.subscriber_id(session, person)

    @rule(wait=_wait)
    def time_passes(self, wait: timedelta) -> None:
        self.now += wait
        sign_up.expire(self.db, now=self.now)
        readdress.forget(self.db, now=self.now)

    @rule(person=_person, wanted=st.sets(_newsletter, min_size=1))
    def somebody_signs_up(self, person: str, wanted: set[int]) -> None:
        asks = [Wanted(self.ids[each], "Send it to me.") for each in sorted(wanted)]
        sign_up.sign_up_for(self.db, asks, person, name="", place="/n/x", now=self.now)

    def _links(self, person: str) -> list[links.ConfirmLink]:
        id_ = self._id(person)
        if id_ is None:
            return []
        with self.db.read() as session:
            rows = [row for row in record.steps(session, id_) if row.step is ConsentStep.ASKED]
        return [links.ConfirmLink(row.newsletter_id, id_, row.at) for row in rows[:3]]

    @rule(person=_person, which=st.integers(0, 2))
    def the_mailbox_confirms(self, person: str, which: int) -> None:
        for link in self._links(person)[which:]:
            sign_up.confirm(self.db, link, place="/c", words="Yes.", now=self.now)

    @rule(person=_person)
    def the_mailbox_denies(self, person: str) -> None:
        for link in self._links(person):
            sign_up.deny(self.db, link, place="/d", words="No.", now=self.now)

    @rule(person=_person)
    def the_mailbox_takes_its_denial_back(self, person: str) -> None:
        for link in self._links(person):
            sign_up.take_back(self.db, link, place="/d", words="Yes.", now=self.now)

    @rule(person=_person, newsletter=_newsletter)
    def the_reader_leaves(self, person: str, newsletter: int) -> None:
        id_ = self._id(person)
        if id_ is not None:
            subscribe.unsubscribe(self.db, self.ids[newsletter], id_, now=self.now, how="link", place="/u")

    @rule(person=_person, newsletter=_newsletter)
    def the_reader_comes_back(self, person: str, newsletter: int) -> None:
        id_ = self._id(person)
        if id_ is not None:
            subscribe.undo_unsubscribe(self.db, self.ids[newsletter], id_, now=self.now, place="/u")

    @rule(person=_person, ticked=st.sets(_newsletter))
    def the_reader_chooses(self, person: str, ticked: set[int]) -> None:
        id_ = self._id(person)
        if id_ is not None:
            words = dict.fromkeys(self.ids, "Send it to me.")
            wanted = {self.ids[each] for each in ticked}
            shown = set(self.ids) - wanted
            preferences.save(
                self.db, id_, name=None, ticked=wanted, shown_ticked=shown, place="/p", words=words, now=self.now
            )

    @rule(person=_person, weeks=st.integers(1, 12))
    def the_reader_pauses(self, person: str, weeks: int) -> None:
        id_ = self._id(person)
        if id_ is not None:
            until = self.now + timedelta(weeks=weeks)
            manner.pause(self.db, id_, self.ids, until=until, place="/p", words="", now=self.now)
            manner.choose(self.db, id_, {self.ids[0]: (weeks % 2 == 0, frozenset())}, place="/p", now=self.now)

    @rule(person=_person)
    def the_reader_goes_on(self, person: str) -> None:
        id_ = self._id(person)
        if id_ is not None:
            manner.resume(self.db, id_, self.ids, place="/p", words="", now=self.now)

    @rule(person=_person, other=_person, is_back=st.booleans())
    def the_reader_moves(self, person: str, other: str, is_back: bool) -> None:
        id_ = self._id(person)
        if id_ is None or person == other:
            return
        with self.db.read() as session:
            asks_today = changes.asked_since(session, id_, self.now - timedelta(days=1))
        if asks_today < readdress.ASKS_A_DAY:
            readdress.ask(self.db, id_, other, now=self.now)
        with self.db.read() as session:
            change = changes.newest(session, id_)
        if change is not None:
            for link in (links.AddressLink(change.id), links.AddressLink(change.id, is_back=True))[: 1 + is_back]:
                readdress.move(self.db, link, place="/a", words="", now=self.now)

    @rule(person=_person, newsletter=_newsletter)
    def the_desk_adds(self, person: str, newsletter: int) -> None:
        with self.db.read() as session:
            if suppressed.why(session, person) is not None:
                return
        subscribe.add(self.db, self.ids[newsletter], person, now=self.now, by=1)

    @rule(people=st.sets(_person, min_size=1), newsletter=_newsletter)
    def a_file_is_imported(self, people: set[str], newsletter: int) -> None:
        content = "email\n" + "\n".join(sorted(people))
        bring.import_csv(self.db, self.ids[newsletter], content.encode(), now=self.now, by=1)

    @rule(person=_person, reason=st.sampled_from(SuppressionReason))
    def the_address_is_suppressed(self, person: str, reason: SuppressionReason) -> None:
        subscribe.suppress(self.db, person, reason, now=self.now)

    @rule(person=_person)
    def the_address_may_be_mailed_again(self, person: str) -> None:
        with self.db.read() as session:
            is_erased = suppressed.why(session, person) is SuppressionReason.ERASED
        # Who had it erased comes back by their own sign-up alone.
        with pytest.raises(InvalidError) if is_erased else nullcontext():
            subscribe.unsuppress(self.db, person, now=self.now)

    @rule(person=_person)
    def the_reader_is_erased(self, person: str) -> None:
        with self.db.write() as session:
            session.execute(delete(Subscriber).where(Subscriber.address_key == person))

    @invariant()
    def who_is_active_has_said_so(self) -> None:
        with self.db.read() as session:
            rows = session.execute(select(Subscription.subscriber_id, Subscription.newsletter_id, Subscription.state))
            for subscriber_id, newsletter_id, state in rows:
                steps = [each.step for each in record.newest(session, subscriber_id, newsletter_id, limit=50)]
                if state == SubscriptionState.ACTIVE:
                    assert steps, "nobody is active without a record"
                    assert steps[0] in _YES, steps
                    self._require_basis(steps)
                if steps and steps[0] in _YES:
                    assert state == SubscriptionState.ACTIVE

    @staticmethod
    def _require_basis(steps: list[ConsentStep]) -> None:
        """A return stands on what was got and left right before it, a confirmation on a sign-up."""
        for step, before, first in zip(steps, [*steps[1:], None], [*steps[2:], None, None], strict=False):
            if step is ConsentStep.CONFIRMED:
                assert before is ConsentStep.ASKED
            if step is ConsentStep.RETURNED:
                assert before is ConsentStep.LEFT
                assert first in _YES
        assert steps[-1] in _YES - {ConsentStep.RETURNED, ConsentStep.CONFIRMED} | {ConsentStep.ASKED}

    @invariant()
    def words_say_what_was_agreed_to_or_why_they_may_be_mailed(self) -> None:
        with self.db.read() as session:
            begun = Consent.step.in_([ConsentStep.ASKED, ConsentStep.ADDED, ConsentStep.IMPORTED])
            for words, place in session.execute(select(Consent.words, Consent.place).where(begun)):
                assert words, "a record without words proves nothing"
                assert place


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[type[Consents]]:
    database = Database(f"sqlite:///{tmp_path / 'machine.sqlite3'}")
    schema.upgrade(database)
    ids = [newsletter_row(database), newsletter_row(database, slug="other")]
    yield type("Machine", (Consents,), {"db": database, "ids": ids})
    database.close()


def test_no_path_makes_a_reader_active_without_a_word_of_theirs(machine: type[Consents]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
