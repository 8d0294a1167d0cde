"""Readers' tips: folded, moderated, fetched by nobody before an editor says so, and each deed taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from curator.accounts import admit
from curator.accounts.values import Role
from curator.audience.suppressed import store as suppressed
from curator.audience.values import SuppressionReason
from curator.db import Database
from curator.errors import InvalidError, StateError
from curator.feeds.tables import Item
from curator.picks import curate
from curator.picks.tables import TipNote
from curator.picks.tips import decide, store
from curator.picks.tips import take as taking
from curator.picks.tips.values import KEPT_FOR, NewTip, Tip, TipState, TooManyTipsError
from curator.queue.tables import Job
from curator.tokens import Keys
from tests import builders
from tests.activity.taking_back import taken_back
from tests.conftest import FakeClock

KEYS = Keys.from_secret("k" * 40)
URL = "https://example.org/essay"


@dataclass
class Box:
    """A newsletter that takes tips."""

    db: Database
    clock: FakeClock
    newsletter: int

    def tip(self, url: str = URL, *, network: str = "192.0.2.1", **fields: str) -> None:
        new = NewTip(url, **fields)
        taking.take(self.db, KEYS, self.newsletter, new, network=network, now=self.clock())

    def tips(self, state: TipState = TipState.WAITING) -> list[Tip]:
        with self.db.read() as session:
            return store.tips(session, self.newsletter, state)

    def only(self, state: TipState = TipState.WAITING) -> Tip:
        (tip,) = self.tips(state)
        return tip

    def notes(self) -> list[TipNote]:
        with self.db.read() as session:
            return list(session.scalars(select(TipNote).order_by(TipNote.id)))

    def items(self) -> list[str]:
        with self.db.read() as session:
            return list(session.scalars(select(Item.url)))

    def tasks(self) -> list[str]:
        with self.db.read() as session:
            return list(session.scalars(select(Job.task)))


@pytest.fixture
def box(database: Database, clock: FakeClock) -> Box:
    admit.create_user(database, "ed@desk.example", name="Ed", role=Role.EDITOR, now=clock())
    return Box(database, clock, builders.newsletter_row(database))


# --- from readers


def test_one_link_of_three_readers_is_one_tip(box: Box) -> None:
    box.tip(note="Read this")
    box.tip("https://example.org/essay?utm_source=mail", network="192.0.2.2")
    box.tip("https://EXAMPLE.org/essay#top", network="192.0.2.3", note="It is good")
    tip = box.only()
    assert (tip.tipped, [each.note for each in tip.told]) == (3, ["Read this", "It is good", ""])


def test_one_reader_counts_once_and_may_add_what_was_left_out(box: Box) -> None:
    box.tip()
    box.tip(note="Why", name="Ada", address="ada@example.org")
    box.tip(note="Another why", network="192.0.2.9", address="ADA@example.org")
    assert box.only().tipped == 1
    (note,) = box.notes()
    assert (note.note, note.name, note.address) == ("Why", "Ada", "ada@example.org")


def test_nothing_is_fetched_or_saved_before_an_editor_accepts(box: Box) -> None:
    box.tip("http://169.254.169.254/latest/meta-data")
    assert (box.items(), box.tasks()) == ([], [])
    decide.accept(box.db, box.only().id, by=None, now=box.clock())
    assert (box.items(), box.tasks()) == (["http://169.254.169.254/latest/meta-data"], ["read_article"])


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "file:///etc/passwd", "//example.org", "https://user@example.org/", "x" * 9000]
)
def test_what_is_no_link_is_refused(box: Box, url: str) -> None:
    with pytest.raises(InvalidError) as caught:
        box.tip(url)
    assert caught.value.field == "url"
    assert box.tips() == []


def test_a_note_is_kept_as_text_and_no_longer_than_it_may_be(box: Box) -> None:
    box.tip(note="<script>alert(1)</script>\u202e\0" + "x" * 900, name="A\nB" + "y" * 900)
    (told,) = box.only().told
    assert told.note.startswith("<script>alert(1)</script>x")
    assert (len(told.note), len(told.name), "\n" in told.name) == (500, 200, False)


def test_whoever_is_never_mailed_leaves_no_address(box: Box) -> None:
    with box.db.write() as session:
        suppressed.add(session, "ada@example.org", SuppressionReason.ERASED, note="", at=box.clock())
    box.tip(address="Ada@example.org", note="Why")
    (note,) = box.notes()
    assert (note.note, note.address, note.address_key) == ("Why", "", "")


def test_when_too_many_wait_only_what_is_known_is_taken(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "MOST_WAITING", 1)
    box.tip()
    with pytest.raises(TooManyTipsError):
        box.tip("https://example.org/other", network="192.0.2.2")
    box.tip(network="192.0.2.3")
    assert box.only().tipped == 2


# --- by an editor


def test_an_accepted_tip_is_an_item_with_its_note_and_count(box: Box) -> None:
    box.tip(note="Read this")
    item_id = decide.accept(box.db, box.only().id, by=None, now=box.clock())
    box.tip(network="192.0.2.2")
    with box.db.read() as session:
        tipped = store.tipped(session, box.newsletter, [item_id])[item_id]
        assert store.tipped_items(session, box.newsletter, since=box.clock()) == {item_id: 2}
    assert (tipped.reason, tipped.note) == ("tipped by 2 readers", "Read this")
    assert box.tips() == []


def test_a_link_that_is_an_item_already_says_so_and_becomes_no_second_one(box: Box) -> None:
    feed = builders.feed_row(box.db)
    item = builders.item_row(box.db, feed, "An essay", at=box.clock(), canonical_url=URL)
    box.tip()
    tip = box.only()
    assert (tip.item_id, tip.item_title) == (item, "An essay")
    assert decide.accept(box.db, tip.id, by=None, now=box.clock()) == item
    taken_back(box.db)
    assert len(box.items()) == 1, "an item that was there before stays"


def test_a_refused_link_stays_refused_and_keeps_no_address(box: Box) -> None:
    box.tip()
    decide.refuse(box.db, box.only().id, by=None, now=box.clock())
    box.tip(network="192.0.2.2", address="ada@example.org", name="Ada")
    assert (box.tips(), box.only(TipState.REFUSED).tipped) == ([], 2)
    assert [note.address + note.name for note in box.notes()] == ["", ""]


def test_spam_takes_along_what_waits_from_there_alone_and_stops_more(box: Box, clock: FakeClock) -> None:
    for number in range(3):
        box.tip(f"https://spam.example/{number}", address="spam@example.com")
    box.tip("https://good.example/", network="192.0.2.1")
    box.tip("https://good.example/", network="192.0.2.2")
    assert decide.mark_as_spam(box.db, KEYS, box.tips()[1].id, by=None, now=box.clock()) == 3
    assert [tip.url for tip in box.tips()] == ["https://good.example/"]
    box.tip("https://spam.example/4")
    box.tip("https://spam.example/5", network="198.51.100.1", address="SPAM@example.com")
    assert len(box.tips()) == 1
    clock.advance(timedelta(days=31))
    box.tip("https://spam.example/6")
    assert len(box.tips()) == 2


Deed = Callable[[Box, int], object]
DEEDS: dict[TipState, Deed] = {
    TipState.ACCEPTED: lambda box, tip_id: decide.accept(box.db, tip_id, by=1, now=box.clock()),
    TipState.REFUSED: lambda box, tip_id: decide.refuse(box.db, tip_id, by=1, now=box.clock()),
    TipState.SPAM: lambda box, tip_id: decide.mark_as_spam(box.db, KEYS, tip_id, by=1, now=box.clock()),
}


@pytest.mark.parametrize("state", DEEDS)
def test_each_deed_can_be_taken_back_and_done_again(box: Box, state: TipState) -> None:
    box.tip(note="Why")
    tip = box.only()
    DEEDS[state](box, tip.id)
    for deed in DEEDS.values():
        with pytest.raises(StateError, match="by somebody meanwhile"):
            deed(box, tip.id)
    assert taken_back(box.db)
    assert (box.only(), box.items()) == (tip, [])
    box.tip("https://example.org/more")
    assert len(box.tips()) == 2, "nothing is shut out any more"
    assert taken_back(box.db)
    assert [each.state for each in box.tips(state)] == [state] * (2 if state is TipState.SPAM else 1)


def test_an_item_that_is_used_stays_when_the_acceptance_is_taken_back(box: Box) -> None:
    box.tip()
    item_id = decide.accept(box.db, box.only().id, by=None, now=box.clock())
    section = builders.section_rows(box.db, box.newsletter)[0]
    curate.pick(box.db, box.newsletter, item_id, section, by=None, now=box.clock())
    with box.db.read() as session:
        change = next(each for each in _log(session) if each.deed == "tip.accepted")
    taken_back(box.db, change)
    assert (box.only().item_id, box.items()) == (item_id, [URL])


# --- forgetting


def test_addresses_networks_and_refusals_are_forgotten_in_their_time(box: Box, clock: FakeClock) -> None:
    box.tip(address="ada@example.org", name="Ada", note="Why")
    box.tip("https://example.org/no", address="bob@example.org", network="192.0.2.7")
    refused = next(tip for tip in box.tips() if tip.url.endswith("no"))
    decide.refuse(box.db, refused.id, by=None, now=box.clock())
    clock.advance(timedelta(days=8))
    _forget(box)
    assert [note.address for note in box.notes()] == ["ada@example.org", ""]
    clock.advance(timedelta(days=23))
    _forget(box)
    assert [note.sender_key for note in box.notes()] == ["", ""]
    clock.advance(KEPT_FOR)
    _forget(box)
    (note,) = box.notes()
    assert (note.note, note.name, note.address) == ("Why", "", "")


def test_whoever_is_erased_is_forgotten_and_their_link_stays(box: Box) -> None:
    box.tip(address="ada@example.org", name="Ada", note="I am Ada")
    with box.db.write() as session:
        assert [told.note for _, told in store.told_by(session, "ada@example.org")] == ["I am Ada"]
        assert store.forget_address(session, "ada@example.org") == 1
        assert store.told_by(session, "ada@example.org") == []
    (told,) = box.only().told
    assert (told.note, told.name, told.has_address) == ("", "", False)


def _forget(box: Box) -> None:
    with box.db.write() as session:
        store.forget(session, now=box.clock())


def _log(session: object) -> list:
    from curator.activity import store as activity

    return activity.recent(session, limit=10)  # type: ignore[arg-type]  # as it is handed in
