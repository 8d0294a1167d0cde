"""What each kind of letter says, whatever strangers typed."""

import re

import pytest

from curator.accounts import admit
from curator.accounts.values import Role
from curator.audience import links
from curator.db import Database
from curator.issues.tables import Link, Revision
from curator.issues.values import IssueState, Placement
from curator.letters import store
from curator.letters.values import LetterKind, LetterState, NewLetter
from tests.builders import approved_issue_row
from tests.conftest import FakeClock
from tests.mailings.letter_desk import KEYS, READER, URL, Desk, parsed, parts
from tests.published import sent_issue_row

ATTACK = "=?utf-8?q?a=0D=0ABcc:_x@y.z?="


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
    sent_issue_row(desk.db, desk.newsletter, 40)
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
    assert message["Subject"] == "[Test, revision 1] What we heard"
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
