"""Letters over the twin of a relay: what leaves, what waits, what is dropped, on both databases."""

import email
import email.policy
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any, cast

import pytest
from sqlalchemy import event, update
from sqlalchemy.engine import Connection

from curator.accounts import admit
from curator.accounts.values import Role
from curator.app import TEMPLATES
from curator.audience import links, subscribe
from curator.audience.tables import Subscription
from curator.audience.values import SubscriptionState, SuppressionReason
from curator.db import Database, Session
from curator.errors import StorageError, TransportError
from curator.issues.render import Renderer
from curator.issues.tables import Link, Revision
from curator.issues.values import IssueState, Placement
from curator.letters import store
from curator.letters.tables import Letter
from curator.letters.values import LetterKind, LetterState, NewLetter
from curator.mailings import post as posting
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.values import Answer, Outgoing, PostReport, Verdict
from curator.newsletters import edit
from curator.newsletters import store as newsletters
from curator.newsletters.tables import Newsletter
from curator.tokens import Keys
from tests.builders import approved_issue_row, newsletter_row, subscriber_rows
from tests.conftest import FakeClock

KEYS = Keys.from_secret("k" * 40)
URL = "https://news.example"
READER = "ada@example.org"
ATTACK = "=?utf-8?q?a=0D=0ABcc:_x@y.z?="
REFUSED = Answer(Verdict.REFUSED, 550, "5.1.1 no such user")
LATER = Answer(Verdict.DEFERRED, 451, "4.7.1 greylisted")
SILENT = Answer(Verdict.UNKNOWN, 0, "the connection was lost before the relay answered")
AWAY = TransportError("The mail relay cannot be reached.", retry_in=timedelta(minutes=1))
ABOUT_ONE = TransportError("The mail relay refuses a recipient: 554 5.7.1 no", code=554, is_of_message=True)
OURS = TransportError("The mail relay refuses our sender address: 553 5.7.1 not yours", code=553)


class _Strict(Renderer):
    """A renderer that breaks on demand: a bug, not an error that was meant."""

    def __init__(self) -> None:
        super().__init__(TEMPLATES)
        self.is_broken = False

    def letter(self, letter: Any) -> Any:
        if self.is_broken:
            raise ValueError("a bug")
        return super().letter(letter)


@dataclass
class Desk:
    """A newsletter with one reader, an outbox, a relay in memory and a clock."""

    db: Database
    clock: FakeClock
    newsletter: int
    reader: int
    relay: MemoryTransport = field(default_factory=MemoryTransport)
    renderer: _Strict = field(default_factory=_Strict)

    def write(self, kind: LetterKind, *, address: str = READER, name: str = "Ada", **payload: object) -> None:
        given = payload or {"subscriber_id": self.reader, "newsletter_id": self.newsletter}
        with self.db.write() as session:
            store.write(session, NewLetter(kind, address, address, name=name, payload=given), now=self.clock())

    def confirm(self, *, asked_at: datetime | None = None, **given: Any) -> None:
        asked_at = asked_at or self.asked_at()
        ids = {"subscriber_id": self.reader, "newsletter_id": self.newsletter}
        self.write(LetterKind.CONFIRM, asked_at=asked_at.isoformat(), **ids, **given)

    def asked_at(self) -> datetime:
        """Makes the reader's sign-up one that waits for its confirmation, and returns its moment."""
        self.set_state(SubscriptionState.PENDING)
        return self.clock()

    def set_state(self, state: SubscriptionState) -> None:
        with self.db.write() as session:
            session.execute(update(Subscription).values(state=state, changed_at=self.clock()))

    def set_newsletter(self, **columns: object) -> None:
        with self.db.write() as session:
            session.execute(update(Newsletter).values(**columns))

    def post(self, *, until: Callable[[], bool] = lambda: False) -> PostReport:
        return posting.post(
            self.db,
            self.relay,
            keys=KEYS,
            public_url=URL,
            renderer=self.renderer,
            clock=self.clock,
            until=until,
        )

    def letters(self) -> list[tuple[LetterState, str]]:
        with self.db.read() as session:
            return [(LetterState(row.state), row.reason) for row in session.query(Letter).order_by(Letter.id)]

    def only(self) -> EmailMessage:
        (message,) = self.relay.sent
        return parsed(message)


def parsed(message: Outgoing) -> EmailMessage:
    return cast("EmailMessage", email.message_from_bytes(message.content, policy=email.policy.default))


def parts(message: EmailMessage) -> tuple[str, str]:
    text, html = [part.get_content() for part in message.iter_parts()]
    return text, html


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> Desk:
    return _desk(database, clock)


@pytest.fixture
def sqlite_desk(sqlite_database: Database, clock: FakeClock) -> Desk:
    return _desk(sqlite_database, clock)


def _desk(db: Database, clock: FakeClock) -> Desk:
    newsletter = newsletter_row(db, zone="Europe/London", postal_address="1 Quay Road")
    (reader,) = subscriber_rows(db, newsletter, [READER])
    return Desk(db, clock, newsletter, reader)


# --- what each kind says


def test_a_confirmation_asks_by_a_button_and_lets_a_stranger_say_no(desk: Desk) -> None:
    asked_at = desk.asked_at()
    desk.confirm(asked_at=asked_at)
    assert desk.post().sent == 1
    message = desk.only()
    text, html = parts(message)
    token = links.confirm_token(KEYS, links.ConfirmLink(desk.newsletter, desk.reader, asked_at))
    assert message["Subject"] == "Confirm: AI Weekly"
    assert message["To"] == READER, "a name that anybody may have typed is not shown"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe" not in message
    for part in (text, html):
        assert f"{URL}/c/{token}" in part
        assert f"{URL}/d/{token}" in part
        assert "I never signed up" in part
    assert "Monday 16 November 2026 at 09:00 (Europe/London)" in " ".join(text.split())
    assert "works for 7 days" in text
    assert "nothing unless you confirm" in " ".join(text.split())
    assert "1 Quay Road" in text


def test_whoever_is_subscribed_already_is_told_so_and_gets_a_link_to_their_preferences(desk: Desk) -> None:
    desk.write(LetterKind.KNOWN)
    desk.post()
    message = desk.only()
    assert message["Subject"] == "You get AI Weekly already"
    assert f"{URL}/p/{links.preferences_token(KEYS, desk.reader)}" in parts(message)[0]


def test_a_welcome_says_when_it_comes_and_how_to_leave_by_one_click(desk: Desk) -> None:
    approved_issue_row(desk.db, desk.newsletter, number=40, state=IssueState.SENT)
    approved_issue_row(desk.db, desk.newsletter, number=41, state=IssueState.SCHEDULED)
    desk.write(LetterKind.WELCOME)
    desk.post()
    message = desk.only()
    text, html = parts(message)
    way_out = f"{URL}/u/{links.unsubscribe_token(KEYS, desk.newsletter, desk.reader)}"
    assert message["To"] == "Ada <ada@example.org>"
    assert message["List-Unsubscribe"] == f"<{way_out}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "every Tuesday at 07:00 Europe/London" in " ".join(text.split())
    for part in (text, html):
        assert way_out in part
        assert f"{URL}/n/ai-weekly/issues/40" in part
        assert f"{URL}/p/" in part
    assert "issues/41" not in text


def test_a_welcome_before_the_first_issue_names_none(desk: Desk) -> None:
    desk.write(LetterKind.WELCOME)
    desk.post()
    assert "/issues/" not in parts(desk.only())[0]


def test_an_invitation_brings_a_link_that_lets_in_once(desk: Desk) -> None:
    mina = admit.create_user(desk.db, "mina@podcast.example", name="Mina", role=Role.OWNER, now=desk.clock())
    theo = admit.invite(
        desk.db, "theo@podcast.example", name="Theo", role=Role.EDITOR, keys=KEYS, now=desk.clock(), by=mina
    )
    desk.post()
    message = desk.only()
    text, _ = parts(message)
    assert message["From"] == "The AI Podcast <news@podcast.example>"
    assert message["Subject"] == "Mina invites you to the desk of AI Weekly"
    assert "within 72 hours" in text
    found = re.search(rf"{URL}/desk/enter\?t=([A-Za-z0-9_-]+)", text)
    assert found is not None
    assert admit.use_link(desk.db, found[1], now=desk.clock(), network="192.0.2.7").id == theo
    desk.write(LetterKind.INVITATION, user_id=theo, nonce="00" * 16, by=mina, by_name="Mina")
    desk.post()
    assert desk.letters()[1][0] is LetterState.DROPPED


def test_before_the_first_newsletter_an_invitation_comes_from_whoever_invites(
    database: Database, clock: FakeClock
) -> None:
    desk = Desk(database, clock, 0, 0)
    mina = admit.create_user(database, "mina@podcast.example", name="Mina", role=Role.OWNER, now=clock())
    for by, address in ((mina, "theo@podcast.example"), (None, "ann@podcast.example")):
        admit.invite(database, address, name="", role=Role.EDITOR, keys=KEYS, now=clock(), by=by)
    desk.post()
    assert [parsed(each)["From"] for each in desk.relay.sent] == [
        "Mina <mina@podcast.example>",
        "ann <ann@podcast.example>",
    ]
    assert "the desk of Curator" in parsed(desk.relay.sent[0])["Subject"]


def test_a_test_mail_is_the_numbered_revision_with_nobodys_own_links(desk: Desk) -> None:
    html = (
        '<a href="https://link-2.slot.invalid/">x</a> <a href="https://web-version.slot.invalid/">w</a>'
        '<a href="https://preferences.slot.invalid/">p</a><a href="https://unsubscribe.slot.invalid/">u</a>'
        "reader@slot.invalid"
    )
    issue_id = approved_issue_row(desk.db, desk.newsletter, number=7, html=html)
    mina = admit.create_user(desk.db, "mina@podcast.example", name="Mina", role=Role.OWNER, now=desk.clock())
    with desk.db.write() as session:
        revision_id = session.query(Revision).filter_by(issue_id=issue_id).one().id
        session.add(Link(revision_id=revision_id, number=2, url="https://a.example/?x=1&y=2", placement=Placement.GO))
    with desk.db.write() as session:
        letter = NewLetter(
            LetterKind.TEST,
            "mina@podcast.example",
            "mina@podcast.example",
            name="Mina",
            payload={"revision_id": revision_id, "user_id": mina},
            newsletter_id=desk.newsletter,
        )
        store.write(session, letter, now=desk.clock())
    desk.post()
    message = desk.only()
    assert message["Subject"] == "[Test] What we heard"
    assert message["X-Curator-Revision"] == "1"
    assert "List-Unsubscribe" not in message
    text, html = parts(message)
    assert html.strip() == (
        '<a href="https://a.example/?x=1&amp;y=2">x</a> <a href="https://news.example/n/ai-weekly/issues/7">w</a>'
        '<a href="https://news.example/n/ai-weekly">p</a><a href="https://news.example/n/ai-weekly">u</a>'
        "mina@podcast.example"
    )
    assert "leave: https://news.example/n/ai-weekly\n" in text.replace("\r\n", "\n")


def test_a_slot_that_nobody_knows_sends_no_test_mail(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    approved_issue_row(desk.db, desk.newsletter, html='<a href="https://link-9.slot.invalid/">x</a>')
    mina = admit.create_user(desk.db, READER, name="Mina", role=Role.OWNER, now=desk.clock())
    desk.write(LetterKind.TEST, revision_id=1, user_id=mina, newsletter_id=desk.newsletter)
    desk.post()
    assert desk.letters() == [
        (LetterState.QUEUED, "A place for the reader's own link or address was left without its value.")
    ]


# --- hostile words


@pytest.mark.parametrize(
    "name", [ATTACK, "A\r\nBcc: x@y.z", '"><script>alert(1)</script>', "x" * 900, "字\u2028é😀" * 30]
)
def test_hostile_names_come_out_harmless(sqlite_desk: Desk, name: str) -> None:
    desk = sqlite_desk
    desk.set_newsletter(name=name, tagline=name, sender_name=name, postal_address=name)
    desk.write(LetterKind.WELCOME, name=name)
    assert desk.post().sent == 1
    (sent,) = desk.relay.sent
    message = parsed(sent)
    assert message.keys() == [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "MIME-Version",
        "Content-Type",
    ]
    head = sent.content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    lines = [line for line in head if not line.startswith((b"List-Unsubscribe:", b"Message-ID:"))]
    assert max(map(len, lines)) <= 78
    assert "<script" not in parts(message)[1]


# --- what must not leave


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


# --- what a relay says


def test_an_address_that_the_relay_refuses_is_not_tried_again(desk: Desk) -> None:
    desk.relay.answers_to(READER, REFUSED, is_after_dot=False)
    desk.write(LetterKind.WELCOME)
    desk.post()
    assert desk.letters() == [(LetterState.REFUSED, "550 5.1.1 no such user")]
    desk.clock.advance(timedelta(days=1))
    assert desk.post().settled == {}


def test_an_address_that_cannot_be_written_is_refused(desk: Desk) -> None:
    desk.write(LetterKind.WELCOME, address="a\r\nBcc: x@y.z@example.org")
    desk.post()
    assert desk.letters()[0][0] is LetterState.REFUSED


@pytest.mark.parametrize("answer", [LATER, SILENT])
def test_a_letter_that_may_not_have_arrived_is_sent_again_with_its_message_id(desk: Desk, answer: Answer) -> None:
    seen: list[Outgoing] = []
    desk.relay.on_message = seen.append
    desk.relay.answers_to(READER, answer)
    desk.write(LetterKind.WELCOME)
    assert desk.post().settled == {}
    assert desk.post().settled == {}, "it waits"
    desk.clock.advance(timedelta(minutes=5))
    assert desk.post().sent == 1
    first, second = (parsed(each)["Message-ID"] for each in seen)
    assert first == second
    assert re.fullmatch(r"<l1\.[A-Za-z0-9_-]{12}@podcast\.example>", first)


def test_a_letter_that_is_put_off_for_three_days_is_given_up(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.relay.answers_to(READER, *[LATER] * 30)
    desk.confirm()
    began = desk.clock()
    while desk.letters()[0][0] is LetterState.QUEUED:
        desk.post()
        desk.clock.advance(timedelta(hours=1))
    assert desk.letters() == [(LetterState.REFUSED, "Given up after 23 tries: 451 4.7.1 greylisted")]
    assert timedelta(days=2.5) < desk.clock() - began < timedelta(days=3.5)


def test_a_relay_that_is_away_loses_no_letter_and_is_not_asked_for_each(desk: Desk) -> None:
    desk.relay.refusals.extend([AWAY] * 3)
    for number in range(5):
        desk.write(LetterKind.WELCOME, address=f"r{number}@example.org")
    assert desk.post().trouble == "The mail relay cannot be reached."
    assert len(desk.relay.refusals) == 2
    assert {reason for _, reason in desk.letters()} == {"The mail relay cannot be reached."}
    assert desk.post().trouble == "", "nothing is due"
    for _ in range(2):
        desk.clock.advance(timedelta(minutes=1))
        desk.post()
    desk.clock.advance(timedelta(minutes=1))
    assert desk.post().sent == 5


def test_weeks_without_a_relay_use_up_no_tries(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.relay.refusals.extend([TransportError("The mail relay refuses our password.")] * 60)
    desk.write(LetterKind.WELCOME)
    while desk.relay.refusals:
        desk.post()
        desk.clock.advance(timedelta(minutes=10))
    desk.relay.answers_to(READER, LATER)
    desk.post()
    assert desk.letters()[0][0] is LetterState.QUEUED
    desk.clock.advance(timedelta(minutes=5))
    assert desk.post().sent == 1


def test_a_letter_that_the_relay_will_not_take_holds_up_no_other(desk: Desk) -> None:
    desk.relay.answers_to("r0@example.org", OURS, is_after_dot=False)
    for number in range(3):
        desk.write(LetterKind.WELCOME, address=f"r{number}@example.org")
    report = desk.post()
    assert (report.sent, report.trouble) == (2, "")
    assert desk.letters()[0] == (LetterState.QUEUED, OURS.reason)


def test_three_letters_in_a_row_that_it_will_not_take_are_trouble_of_the_relay(desk: Desk) -> None:
    for number in range(5):
        desk.relay.answers_to(f"r{number}@example.org", OURS, is_after_dot=False)
        desk.write(LetterKind.WELCOME, address=f"r{number}@example.org")
    assert desk.post().trouble == OURS.reason
    assert desk.relay.connections == 3
    desk.clock.advance(timedelta(minutes=5))
    assert desk.post().sent == 3


def test_recipients_that_the_relay_blames_on_us_hold_up_nobody_else(desk: Desk) -> None:
    for number in range(6):
        desk.relay.answers_to(f"r{number}@example.org", ABOUT_ONE, ABOUT_ONE, is_after_dot=False)
        desk.write(LetterKind.WELCOME, address=f"r{number}@example.org")
    desk.write(LetterKind.WELCOME)
    report = desk.post()
    assert (report.sent, report.trouble) == (1, "")
    desk.clock.advance(timedelta(minutes=5))
    desk.write(LetterKind.WELCOME, address="fresh@example.org")
    desk.relay.refusals.append(AWAY)
    desk.post()
    seen: list[str] = []
    desk.relay.on_message = lambda message: seen.append(message.recipient)
    desk.clock.advance(timedelta(minutes=1))
    desk.post()
    assert seen[0] == "fresh@example.org", "what was never tried comes first"


def test_that_a_letter_left_is_written_down_although_the_database_was_locked(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, real, failures = sqlite_desk, store.finish, [StorageError("locked")] * 2

    def finish(*given: Any, **named: Any) -> bool:
        if failures:
            raise failures.pop()
        return real(*given, **named)

    monkeypatch.setattr(store, "finish", finish)
    desk.write(LetterKind.WELCOME)
    assert desk.post().sent == 1
    assert desk.letters() == [(LetterState.SENT, "")]


@pytest.mark.parametrize("kind", [LetterKind.WELCOME, LetterKind.KNOWN])
def test_news_that_waited_for_a_relay_for_days_is_dropped(sqlite_desk: Desk, kind: LetterKind) -> None:
    sqlite_desk.write(kind)
    sqlite_desk.clock.advance(timedelta(days=3, minutes=1))
    sqlite_desk.post()
    assert sqlite_desk.letters() == [
        (LetterState.DROPPED, "It waited for more than 3 days, and nobody expects it any more.")
    ]


# --- who holds what


def test_no_transaction_is_open_while_the_relay_has_the_word(desk: Desk) -> None:
    began: list[Connection] = []
    ended: list[Connection] = []
    event.listen(desk.db.engine, "begin", began.append)
    for name in ("commit", "rollback"):
        event.listen(desk.db.engine, name, ended.append)
    balance: list[int] = []
    desk.relay.on_message = lambda _message: balance.append(len(began) - len(ended))
    desk.write(LetterKind.WELCOME)
    desk.post()
    assert balance == [0]


def test_a_letter_of_a_killed_sender_is_sent_after_its_lease(desk: Desk) -> None:
    desk.write(LetterKind.WELCOME)
    desk.write(LetterKind.WELCOME, address="bob@example.org")
    with desk.db.write() as session:
        store.claim(session, now=desk.clock(), lease_until=desk.clock() + timedelta(minutes=10))
    desk.post()
    assert [each.recipient for each in desk.relay.sent] == ["bob@example.org"]
    desk.clock.advance(timedelta(minutes=10))
    desk.post()
    assert [each.recipient for each in desk.relay.sent] == ["bob@example.org", READER]


def test_a_kill_between_the_dot_and_the_write_sends_a_letter_again_with_its_message_id(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise KilledError

    desk.write(LetterKind.WELCOME)
    with monkeypatch.context() as patch:
        patch.setattr(store, "finish", die)
        with pytest.raises(KilledError):
            desk.post()
    assert desk.post().sent == 0, "its lease still holds"
    desk.clock.advance(timedelta(minutes=10))
    assert desk.post().sent == 1
    first, second = (parsed(each)["Message-ID"] for each in desk.relay.sent)
    assert first == second


def test_a_sender_whose_lease_is_over_sends_no_dot(desk: Desk) -> None:
    def oversleep(_message: Outgoing) -> None:
        desk.relay.on_message = lambda _again: None
        desk.clock.advance(timedelta(minutes=10))

    desk.relay.on_message = oversleep
    desk.write(LetterKind.WELCOME)
    assert desk.post().sent == 0
    assert desk.relay.sent == []
    desk.clock.advance(timedelta(minutes=5))
    assert desk.post().sent == 1


def test_a_bug_puts_its_letter_off_and_ends_the_run(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.renderer.is_broken = True
    desk.write(LetterKind.WELCOME)
    desk.write(LetterKind.WELCOME, address="bob@example.org")
    with pytest.raises(ValueError, match="a bug"):
        desk.post()
    assert [reason for _, reason in desk.letters()] == ["An error in Curator, which the log tells.", ""]
    desk.renderer.is_broken = False
    assert desk.post().sent == 1
    desk.clock.advance(timedelta(minutes=5))
    assert desk.post().sent == 1


def test_the_post_stops_when_its_time_is_over(desk: Desk) -> None:
    for number in range(3):
        desk.write(LetterKind.WELCOME, address=f"r{number}@example.org")
    assert desk.post(until=lambda: True).sent == 1
    assert desk.post().sent == 2


def test_letters_go_over_one_connection(desk: Desk) -> None:
    for number in range(3):
        desk.write(LetterKind.WELCOME, address=f"r{number}@example.org")
    desk.post()
    assert desk.relay.connections == 1
