"""Which letters must not leave, and which leave later."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from sqlalchemy import update

from curator.accounts import admit
from curator.accounts.values import Role
from curator.audience import subscribe
from curator.audience.values import SubscriptionState, SuppressionReason
from curator.db import Session
from curator.letters import store
from curator.letters.values import LetterKind, LetterState
from curator.newsletters import edit
from curator.newsletters import store as newsletters
from curator.newsletters.tables import Newsletter
from tests.mailings.letter_desk import READER, Desk


def test_a_sign_up_that_is_no_longer_pending_is_not_asked_about(desk: Desk) -> None:
    asked_at = desk.asked_at()
    desk.set_state(SubscriptionState.ACTIVE)
    desk.confirm(asked_at=asked_at)
    desk.post()
    assert desk.relay.sent == []
    ((state, reason),) = desk.letters()
    assert state is LetterState.DROPPED
    assert "meanwhile" in reason


def test_a_sign_up_that_was_made_anew_is_asked_about_once(desk: Desk) -> None:
    first = desk.asked_at()
    desk.confirm(asked_at=first)
    desk.clock.advance(timedelta(minutes=5))
    desk.confirm(asked_at=desk.asked_at())
    desk.post()
    assert [state for state, _ in desk.letters()] == [LetterState.DROPPED, LetterState.SENT]


def test_a_sign_up_that_waited_a_week_is_not_asked_about(desk: Desk) -> None:
    desk.confirm()
    desk.clock.advance(timedelta(days=7))
    desk.post()
    assert desk.letters() == [(LetterState.DROPPED, "This sign-up has waited too long to be confirmed.")]


@pytest.mark.parametrize("kind", [LetterKind.KNOWN, LetterKind.WELCOME])
def test_whoever_left_in_between_gets_no_more(desk: Desk, kind: LetterKind) -> None:
    desk.write(kind)
    subscribe.unsubscribe(desk.db, desk.newsletter, desk.reader, now=desk.clock(), how="link")
    desk.post()
    assert desk.letters() == [(LetterState.DROPPED, "not subscribed any more")]


@pytest.mark.parametrize("kind", [LetterKind.CONFIRM, LetterKind.KNOWN, LetterKind.WELCOME])
def test_a_suppressed_address_gets_no_letter(desk: Desk, kind: LetterKind) -> None:
    if kind is LetterKind.CONFIRM:
        desk.confirm()
    else:
        desk.write(kind)
    subscribe.suppress(desk.db, READER, SuppressionReason.COMPLAINED, now=desk.clock())
    desk.post()
    assert desk.letters() == [(LetterState.DROPPED, "suppressed: complained")]


def test_a_letter_about_what_is_gone_is_dropped(desk: Desk) -> None:
    desk.write(LetterKind.WELCOME, subscriber_id=999, newsletter_id=desk.newsletter)
    desk.write(LetterKind.WELCOME, subscriber_id=desk.reader, newsletter_id=999)
    mina = admit.create_user(desk.db, "mina@podcast.example", name="Mina", role=Role.OWNER, now=desk.clock())
    desk.write(LetterKind.TEST, revision_id=999, user_id=mina, newsletter_id=desk.newsletter)
    desk.write(LetterKind.TEST, revision_id=999, user_id=999, newsletter_id=desk.newsletter)
    assert desk.post().settled == {LetterState.DROPPED: 4}


def test_in_test_mode_only_the_desk_gets_letters_and_the_others_leave_when_it_is_live(desk: Desk) -> None:
    desk.set_newsletter(live_at=None)
    admit.create_user(desk.db, "mina@podcast.example", name="Mina", role=Role.OWNER, now=desk.clock())
    desk.write(LetterKind.WELCOME)
    desk.write(LetterKind.WELCOME, address="mina@podcast.example")
    desk.post()
    assert [each.recipient for each in desk.relay.sent] == ["mina@podcast.example"]
    assert desk.letters()[0] == (LetterState.HELD, "held: test mode")
    desk.set_newsletter(live_at=desk.clock())
    with desk.db.write() as session:
        assert store.release_held(session, desk.newsletter, now=desk.clock()) == 1
    desk.post()
    assert [each.recipient for each in desk.relay.sent] == ["mina@podcast.example", READER]


def test_a_newsletter_that_goes_live_just_then_leaves_no_letter_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = newsletters.is_live

    def look_too_late(session: Session, newsletter_id: int, *, lock: bool = False) -> bool:
        session.execute(update(Newsletter).values(live_at=desk.clock()))
        return real(session, newsletter_id, lock=lock)

    desk.set_newsletter(live_at=None)
    desk.write(LetterKind.WELCOME)
    monkeypatch.setattr(newsletters, "is_live", look_too_late)
    desk.post()
    assert [each.recipient for each in desk.relay.sent] == [READER]


def test_going_live_waits_for_a_letter_that_is_just_being_held_and_lets_it_go(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, went = newsletters.is_live, []
    with ThreadPoolExecutor() as pool:

        def look(session: Session, newsletter_id: int, *, lock: bool = False) -> bool:
            found = real(session, newsletter_id, lock=lock)
            went.append(pool.submit(edit.go_live, desk.db, newsletter_id, now=desk.clock()))
            wait(went, timeout=0.3)
            return found

        desk.set_newsletter(live_at=None)
        desk.write(LetterKind.WELCOME)
        monkeypatch.setattr(newsletters, "is_live", look)
        desk.post()
        wait(went)
    assert [state for state, _ in desk.letters()] == [LetterState.QUEUED]
    assert desk.post().sent == 1
