"""The mailbox of bounces: each fact counts once, a dead address is mailed no more, and no message is lost."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from curator.audience.tables import AddressChange, Subscriber, Suppression
from curator.db import Database
from curator.events import mailbox, returns
from curator.events.mailbox import MailboxError
from curator.events.values import EventKind
from curator.letters.tables import Letter
from curator.letters.values import LetterKind, LetterState
from curator.mailings import mime
from curator.mailings.proof import store as proof
from curator.mailings.return_path import OfDelivery, OfLetter, OfProbe, Whose, return_token
from curator.mailings.tables import Mailing
from curator.tokens import Keys
from tests import builders
from tests.events.bounces import Mailbox, bounce
from tests.events.scene import NOW, Sent, counters, events, sent

KEYS = Keys.from_secret("k" * 40)


@pytest.fixture
def line(database: Database) -> Sent:
    return sent(database, readers=3)


@pytest.fixture
def box(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "bounces")


def to(whose: Whose) -> str:
    return f"bounces+{return_token(KEYS, whose)}@podcast.example"


def take_in(line: Sent, box: Mailbox, *, at_most: int = 100) -> dict[str, int]:
    return dict(returns.take_in_returns(line.db, box.folder, keys=KEYS, now=NOW, at_most=at_most))


def suppressed(db: Database) -> dict[str, str]:
    with db.read() as session:
        return {row.address_key: row.note for row in session.scalars(select(Suppression))}


def hard_bounces(line: Sent) -> int:
    with line.db.read() as session:
        return session.get_one(Mailing, line.mailing_id).hard_bounces


def test_a_late_bounce_of_the_old_address_is_not_the_new_ones(line: Sent, box: Mailbox) -> None:
    reader = line.readers[0]
    with line.db.write() as session:
        row = session.get_one(Subscriber, reader)
        session.add(
            AddressChange(
                subscriber_id=reader,
                old_address=row.address,
                new_address="new@example.org",
                new_key="new@example.org",
                asked_at=NOW,
                moved_at=NOW + timedelta(hours=1),
            )
        )
        row.address = row.address_key = "new@example.org"
    box.deliver(bounce(to(OfDelivery(line.mailing_id, reader))))
    assert take_in(line, box) == {"bounce": 1}
    assert list(suppressed(line.db)) == ["r41-0@example.org"]


def test_a_dead_address_is_a_bounce_once_and_is_mailed_no_more(line: Sent, box: Mailbox) -> None:
    content = bounce(to(OfDelivery(line.mailing_id, line.readers[0])))
    box.deliver(content)
    box.deliver(content)
    assert take_in(line, box) == {"bounce": 2}
    assert take_in(line, box) == {}
    assert counters(line.db, line.mailing_id).bounced == hard_bounces(line) == 1
    (event,) = events(line.db, EventKind.BOUNCED)
    assert (event.subscriber_id, event.detail) == (line.readers[0], "550 5.1.1 <gone@example.org>: no such user")
    assert suppressed(line.db) == {"r41-0@example.org": "It came back: 550 5.1.1 <gone@example.org>: no such user"}


def test_a_full_mailbox_is_a_bounce_and_is_mailed_again(line: Sent, box: Mailbox) -> None:
    box.deliver(
        bounce(to(OfDelivery(line.mailing_id, line.readers[0])), status="5.2.2", words="smtp; 552 5.2.2 mailbox full")
    )
    take_in(line, box)
    assert (counters(line.db, line.mailing_id).bounced, hard_bounces(line), suppressed(line.db)) == (1, 0, {})


def test_what_is_late_or_no_report_is_no_bounce_and_is_put_away(line: Sent, box: Mailbox) -> None:
    whose = to(OfDelivery(line.mailing_id, line.readers[0]))
    box.deliver(bounce(whose, action="delayed", status="4.4.1"))
    box.deliver(f"To: {whose}\nSubject: I am away\n\nUntil Monday.\n".encode())
    assert take_in(line, box) == {"unclear": 2}
    assert (events(line.db), box.new(), len(box.seen())) == ([], [], 2)


def test_the_message_id_says_whose_it_is_where_the_return_path_is_lost(line: Sent, box: Mailbox) -> None:
    ours = mime.message_id(KEYS, mailing_id=line.mailing_id, subscriber_id=line.readers[1], domain="podcast.example")
    box.deliver(bounce("news@podcast.example", message_id=ours))
    assert take_in(line, box) == {"bounce": 1}
    assert events(line.db)[0].subscriber_id == line.readers[1]


@pytest.mark.parametrize(
    "address",
    [
        "bounces@podcast.example",
        f"bounces+{return_token(Keys.from_secret('x' * 40), OfDelivery(1, 1))}@podcast.example",
    ],
)
def test_what_nobody_signed_changes_nothing(line: Sent, box: Mailbox, address: str) -> None:
    box.deliver(bounce(address, message_id="<m1.s1.AAAAAAAAAAAA@podcast.example>"))
    assert take_in(line, box) == {"foreign": 1}
    assert (events(line.db), suppressed(line.db)) == ([], {})


def test_a_delivery_that_a_restored_backup_lacks_is_passed_over(line: Sent, box: Mailbox) -> None:
    for whose in (OfDelivery(line.mailing_id, 999_999), OfDelivery(999_999, line.readers[0]), OfLetter(77), OfProbe(7)):
        box.deliver(bounce(to(whose)))
    take_in(line, box)
    assert (events(line.db), suppressed(line.db), box.new()) == ([], {}, [])


def test_a_letter_that_came_back_says_so(line: Sent, box: Mailbox) -> None:
    builders.letter_row(
        line.db, at=NOW, address="a@b.example", kind=LetterKind.WELCOME, state=LetterState.SENT, newsletter_id=None
    )
    with line.db.read() as session:
        letter_id = session.scalars(select(Letter.id)).one()
    box.deliver(bounce(to(OfLetter(letter_id))))
    take_in(line, box)
    with line.db.read() as session:
        letter = session.get_one(Letter, letter_id)
        assert letter.state == LetterState.REFUSED
        assert letter.reason.startswith("It came back: 550 5.1.1")


def test_a_probe_learns_what_came_back(line: Sent, box: Mailbox) -> None:
    with line.db.write() as session:
        probe_id = proof.add_probe(session, line.newsletter_id, "nobody@podcast.example", at=NOW)
    whose, is_told = to(OfProbe(probe_id)), "550 5.1.1 <gone@example.org>: no such user"
    steps = (
        (f"To: {whose}\n\nNo such user.\n".encode(), False, "no report that Curator understood"),
        (bounce(whose, action="delayed", status="4.4.1", words="smtp; busy"), False, "delayed 4.4.1 busy"),
        (bounce(whose), True, is_told),
        (bounce(whose, action="delayed"), True, is_told),
    )
    for content, is_back, words in steps:
        box.deliver(content)
        assert take_in(line, box) == {"probe": 1}
        with line.db.read() as session:
            found = proof.probe(session, probe_id)
        assert (found.returned_at == NOW) is is_back
        assert words in found.words
    assert suppressed(line.db) == {}


def test_a_turn_is_bounded_and_the_next_goes_on(line: Sent, box: Mailbox) -> None:
    for reader in line.readers:
        box.deliver(bounce(to(OfDelivery(line.mailing_id, reader))))
    assert take_in(line, box, at_most=2) == {"bounce": 2}
    assert (len(box.new()), len(box.seen())) == (1, 2)
    assert take_in(line, box, at_most=2) == {"bounce": 1}
    assert all(name.endswith(":2,S") for name in box.seen())


def test_what_cannot_be_read_keeps_no_other_waiting(line: Sent, box: Mailbox) -> None:
    (box.folder / "new" / "0-folder").mkdir()
    os.mkfifo(box.folder / "new" / "0-pipe")
    (box.folder / "new" / "0-link").symlink_to(box.folder / "secret")
    (box.folder / "secret").write_bytes(bounce(to(OfDelivery(line.mailing_id, line.readers[1]))))
    box.deliver(bounce(to(OfDelivery(line.mailing_id, line.readers[0]))))
    assert take_in(line, box, at_most=1) == {"unreadable": 3, "bounce": 1}
    assert len(events(line.db)) == 1


def test_what_cannot_be_read_leaves_nothing_open(box: Mailbox) -> None:
    (box.folder / "new" / "0-folder").mkdir()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        assert mailbox.beginning(box.folder, "0-folder", max_bytes=10) is None
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_name_without_room_for_a_flag_stops_nobody(line: Sent, box: Mailbox) -> None:
    for last in "ab":
        (box.folder / "new" / ("0" * 254 + last)).write_bytes(b"To: a@b.example\n\nhello\n")
    assert take_in(line, box) == {"foreign": 2}
    assert (box.new(), len(box.seen())) == ([], 2)


def test_no_character_in_a_report_keeps_the_mailbox_from_being_read(line: Sent, box: Mailbox) -> None:
    words = "smtp; 550 5.1.1 no\0 such\x1b[31m us\x85er\u2028here"
    box.deliver(bounce(to(OfDelivery(line.mailing_id, line.readers[0])), words=words))
    box.deliver(bounce(to(OfDelivery(line.mailing_id, line.readers[1]))))
    assert take_in(line, box) == {"bounce": 2}
    assert events(line.db, EventKind.BOUNCED)[0].detail == "550 5.1.1 no such [31m us er here"


def test_a_kill_before_a_message_is_put_away_reads_it_again_and_counts_once(
    line: Sent, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> bool:
        raise Killed

    box.deliver(bounce(to(OfDelivery(line.mailing_id, line.readers[0]))))
    with monkeypatch.context() as kill:
        kill.setattr(mailbox, "put_away", killed)
        with pytest.raises(Killed):
            take_in(line, box)
    assert len(box.new()) == 1
    assert take_in(line, box) == {"bounce": 1}
    assert counters(line.db, line.mailing_id).bounced == hard_bounces(line) == 1


def test_a_mailbox_that_is_none_says_so(line: Sent, tmp_path: Path) -> None:
    with pytest.raises(MailboxError, match="Maildir form"):
        returns.take_in_returns(line.db, tmp_path, keys=KEYS, now=NOW)


def test_two_messages_of_one_name_are_both_kept(line: Sent, box: Mailbox) -> None:
    for content in (b"To: a@b.example\n\none\n", b"To: a@b.example\n\ntwo\n"):
        (box.folder / "new" / "1.same").write_bytes(content)
        take_in(line, box)
    assert sorted(path.read_bytes()[-4:] for path in (box.folder / "cur").iterdir()) == [b"one\n", b"two\n"]


def complaint(kind: str, whose: Whose) -> bytes:
    return (
        "From: fbl@mx.example\nTo: abuse@podcast.example\nContent-Type: multipart/report; boundary=b\n\n"
        f"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nOriginal-Mail-From: <{to(whose)}>\n\n"
        "--b\nContent-Type: message/rfc822\n\nSubject: x\n\n--b--\n"
    ).encode()


def test_a_complaint_suppresses_and_an_opt_out_unsubscribes(line: Sent, box: Mailbox) -> None:
    for number, kind in enumerate(("abuse", "opt-out", "auth-failure")):
        for _ in range(2):
            box.deliver(complaint(kind, OfDelivery(line.mailing_id, line.readers[number])))
    assert take_in(line, box) == {"complaint": 2, "opt-out": 2, "auth-failure": 2}
    assert list(suppressed(line.db)) == ["r41-0@example.org"]
    assert [(each.kind, each.subscriber_id) for each in events(line.db)] == [
        (EventKind.COMPLAINED, line.readers[0]),
        (EventKind.UNSUBSCRIBED, line.readers[1]),
    ]
    assert counters(line.db, line.mailing_id).unsubscribed == 1


def test_an_answer_of_a_machine_is_counted_and_changes_nothing(line: Sent, box: Mailbox) -> None:
    whose = to(OfDelivery(line.mailing_id, line.readers[0]))
    box.deliver(f"From: r@example.org\nTo: {whose}\nSubject: Out of office\n\n550 5.1.1 no such user\n".encode())
    assert take_in(line, box) == {"auto-reply": 1}
    assert (events(line.db), suppressed(line.db)) == ([], {})


def test_words_without_a_report_are_a_bounce(line: Sent, box: Mailbox) -> None:
    whose = to(OfDelivery(line.mailing_id, line.readers[0]))
    body = "<gone@example.org>:\nRemote host said: 550 5.1.1 no such user\n"
    box.deliver(f"From: MAILER-DAEMON@mx.example\nTo: {whose}\nSubject: failure notice\n\n{body}".encode())
    assert take_in(line, box) == {"bounce": 1}
    assert list(suppressed(line.db)) == ["r41-0@example.org"]
