"""Asking for a transcript: one record, a letter when it is there, and no subscription."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from curator.activity import store as activity
from curator.activity.undo import undo
from curator.audience import subscribe
from curator.audience.tables import Subscriber
from curator.audience.values import SuppressionReason
from curator.db import Database
from curator.downloads import ask, edit, give, store
from curator.downloads.folder import MemoryFiles
from curator.downloads.give import Answer
from curator.downloads.links import DownloadLink
from curator.downloads.reverts import REVERTS
from curator.downloads.values import Access, Download, DownloadKind, FileForm, ShowForm, Standing
from curator.errors import ConflictError, InvalidError, NotFoundError
from curator.letters.store import claim
from curator.letters.values import LetterState
from curator.mailings.letter import Reading
from curator.mailings.ready import Kept, Ready
from curator.tokens import Keys
from tests.downloads.scene import ADA, WEEK, Listeners
from tests.episodes.scene import NOW

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
KEYS = Keys.from_secret("x" * 40)


@pytest.fixture
def listeners(database: Database) -> Listeners:
    return Listeners(database)


def test_what_is_there_is_written_about_at_once_and_nobody_is_subscribed(listeners: Listeners) -> None:
    listeners.told()
    listeners.ask()
    [letter], [request] = listeners.letters(), listeners.requests()
    assert (letter.address, letter.newsletter_id) == ("Ada@readers.example", listeners.newsletter)
    assert (request.agreed.place, request.agreed.words, request.asked_at) == ("/e/1", "Send it.", NOW)
    with listeners.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Subscriber)) == 0


def test_asked_again_it_is_one_record_and_another_letter(listeners: Listeners) -> None:
    listeners.told()
    for later in (0, 0, 90):
        listeners.ask(at=NOW + later * MINUTE)
    [request] = listeners.requests()
    assert (request.asked_at, len(listeners.letters()), listeners.funnel().requests) == (NOW, 2, 1)


def test_nothing_is_written_to_or_about_an_address_that_must_not_be_mailed(listeners: Listeners) -> None:
    listeners.told()
    subscribe.suppress(listeners.db, ADA, SuppressionReason.BY_HAND, now=NOW, note="", by=None)
    listeners.ask()
    assert (listeners.letters(), listeners.requests(), listeners.funnel().requests) == ([], [], 0)


def test_what_is_not_there_is_told_of_when_it_comes_once(listeners: Listeners) -> None:
    listeners.ask()
    assert ask.fulfil(listeners.db, valid_for=WEEK, now=NOW) == 0
    listeners.told(at=NOW + DAY)
    assert [ask.fulfil(listeners.db, valid_for=WEEK, now=NOW + DAY) for _ in range(2)] == [1, 0]
    assert len(listeners.letters()) == 1


def test_who_waits_is_told_when_an_editor_opens_it(listeners: Listeners) -> None:
    listeners.told()
    edit.set_show(listeners.db, listeners.show.feed, ShowForm(Access.OFF), by=None, now=NOW)
    listeners.ask()
    assert ask.fulfil(listeners.db, valid_for=WEEK, now=NOW) == 0
    edit.set_transcript(listeners.db, listeners.show.episode, access=Access.OPEN, is_in_work=False, by=None, now=NOW)
    assert ask.fulfil(listeners.db, valid_for=WEEK, now=NOW) == 1


def test_a_mailbox_gets_five_letters_a_day_and_the_rest_tomorrow(listeners: Listeners) -> None:
    kept = MemoryFiles()
    form = FileForm("Slides", "", Access.GATED)
    for number in range(ask.LETTERS_A_DAY):
        file_id = edit.offer_file(
            listeners.db, kept, form, b"%PDF-1", name=f"{number}.pdf", item_id=listeners.show.episode, by=None, now=NOW
        )
        listeners.ask(download=Download(DownloadKind.FILE, file_id))
    listeners.ask()
    listeners.told()
    assert ask.fulfil(listeners.db, valid_for=WEEK, now=NOW) == 0
    assert ask.fulfil(listeners.db, valid_for=WEEK, now=NOW + DAY + MINUTE) == 1


def test_a_look_changes_nothing_and_a_press_counts(listeners: Listeners) -> None:
    listeners.told()
    listeners.ask()
    link = DownloadLink(listeners.requests()[0].id, NOW + WEEK)
    for _ in range(5):
        assert give.given(listeners.db, link, now=NOW).answer is Answer.HERE
    assert (listeners.funnel().confirmed, listeners.funnel().downloads) == (0, 0)
    for _ in range(2):
        assert give.take(listeners.db, link, now=NOW).answer is Answer.HERE
    assert (listeners.funnel().confirmed, listeners.funnel().downloads) == (1, 2)
    assert give.take(listeners.db, link, now=NOW + WEEK).answer is Answer.OVER
    assert listeners.funnel().downloads == 2


def test_a_link_that_is_over_brings_another_and_forgets_on_demand(listeners: Listeners) -> None:
    listeners.told()
    listeners.ask()
    link, later = DownloadLink(listeners.requests()[0].id, NOW + WEEK), NOW + WEEK + DAY
    assert ask.ask_again(listeners.db, link, valid_for=WEEK, now=later)
    assert len(listeners.letters()) == 2
    assert [ask.forget(listeners.db, link) for _ in range(2)] == [1, 0]
    assert not ask.ask_again(listeners.db, link, valid_for=WEEK, now=later)
    assert give.given(listeners.db, link, now=NOW).answer is Answer.GONE


def test_a_letter_leaves_with_a_link_or_says_why_not(listeners: Listeners) -> None:
    listeners.told()
    listeners.ask()
    with listeners.db.write() as session:
        [letter] = claim(session, now=NOW, lease_until=NOW + DAY)

    def read(*, at: object = NOW) -> Ready | Kept:
        with listeners.db.read() as session:
            return Reading(session, KEYS, "https://news.example", at)(letter)  # type: ignore[arg-type]

    ready = read()
    assert isinstance(ready, Ready)
    assert ready.to_name == "", "a name is a stranger's words"
    assert "What an index forgets" in ready.subject
    late = read(at=NOW + WEEK)
    assert isinstance(late, Kept)
    edit.set_show(listeners.db, listeners.show.feed, ShowForm(Access.OFF), by=None, now=NOW)
    assert read() == Kept(LetterState.DROPPED, "What was asked for is not there any more.")
    with listeners.db.write() as session:
        store.erase(session, listeners.requests()[0].address_key)
    assert read() == Kept(LetterState.DROPPED, "The request was forgotten meanwhile.")


def test_old_requests_are_forgotten_and_what_was_counted_stays(listeners: Listeners) -> None:
    listeners.ask()
    listeners.ask("bo@readers.example", at=NOW + DAY)
    with listeners.db.write() as session:
        assert store.prune(session, before=NOW + MINUTE) == 1
        assert store.demand(session, [listeners.show.episode]) == {listeners.show.episode: 2}
    assert listeners.requests() == []


def test_a_wish_without_an_address_is_counted_and_nothing_else(listeners: Listeners) -> None:
    ask.wish(listeners.db, listeners.transcript)
    assert (listeners.funnel().wishes, listeners.funnel().asked) == (1, 1)
    with pytest.raises(NotFoundError):
        ask.wish(listeners.db, Download(DownloadKind.TRANSCRIPT, listeners.show.foreign))


def test_what_an_editor_sets_is_taken_back(listeners: Listeners) -> None:
    db, episode = listeners.db, listeners.show.episode
    edit.set_show(db, listeners.show.feed, ShowForm(Access.OPEN, "CC BY 4.0"), by=None, now=NOW)
    edit.set_transcript(db, episode, access=Access.OFF, is_in_work=True, by=None, now=NOW)
    kept = MemoryFiles()
    form = FileForm("Slides", "", Access.GATED)
    file_id = edit.offer_file(db, kept, form, b"%PDF-1", name="a.pdf", item_id=episode, by=None, now=NOW)
    edit.change_file(db, file_id, FileForm("The slides", "", Access.OPEN), expected_version=1, by=None, now=NOW)
    edit.remove_file(db, file_id, by=None, now=NOW)
    with db.read() as session:
        changes = activity.recent(session, limit=50)
    assert len(changes) == 5
    for change in changes:
        undo(db, change.id, REVERTS, by=None, now=NOW)
    with db.read() as session:
        offer = store.transcript(session, episode)
        assert (offer.chosen, offer.show_access, offer.is_in_work) == (None, Access.GATED, False)
        assert (store.file(session, file_id).is_removed, store.file(session, file_id).form) == (True, form)


def test_two_editors_of_a_file_do_not_overwrite_each_other(listeners: Listeners) -> None:
    db = listeners.db
    form = FileForm("Slides", "", Access.GATED)
    newsletter = listeners.newsletter
    file_id = edit.offer_file(db, MemoryFiles(), form, b"%PDF-1", name="a", newsletter_id=newsletter, by=None, now=NOW)
    edit.change_file(db, file_id, FileForm("Mine", "", Access.OPEN), expected_version=1, by=None, now=NOW)
    with pytest.raises(ConflictError):
        edit.change_file(db, file_id, FileForm("Theirs", "", Access.OPEN), expected_version=1, by=None, now=NOW)
    with pytest.raises(InvalidError):
        edit.change_file(db, file_id, FileForm("", "", Access.OPEN), expected_version=2, by=None, now=NOW)


def test_a_file_that_is_off_or_taken_away_cannot_be_asked_for(listeners: Listeners) -> None:
    db, form = listeners.db, FileForm("Slides", "", Access.OFF)
    file_id = edit.offer_file(
        db, MemoryFiles(), form, b"%PDF-1", name="a", item_id=listeners.show.episode, by=None, now=NOW
    )
    with db.read() as session, pytest.raises(NotFoundError):
        ask.standing_of(session, Download(DownloadKind.FILE, file_id))
    edit.change_file(db, file_id, FileForm("Slides", "", Access.GATED), expected_version=1, by=None, now=NOW)
    with db.read() as session:
        assert ask.standing_of(session, Download(DownloadKind.FILE, file_id)) is Standing.GATED
