"""Scanners follow every link of every kind of mail and nothing happens; a one-click request ends one subscription."""

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from curator.accounts import admit
from curator.accounts.values import Role
from curator.app import App
from curator.audience import store as audience
from curator.audience.values import SubscriptionState
from curator.db import Database
from curator.events import listen
from curator.events.tables import MailingCount
from curator.issues import board, publish
from curator.jobs import tasks
from curator.letters import store as letters
from curator.letters.values import LetterKind, NewLetter
from curator.mailings import send
from curator.mailings.transports.memory import MemoryTransport
from curator.newsletters.tables import Newsletter
from curator.web import create_app
from tests import builders
from tests.conftest import FakeClock
from tests.web.conftest import Newsroom, make_app
from tests.web.public.conftest import everything

# The form stands on the show's own site, in HTML that was copied there once.
FROM_THE_SHOW = {"Origin": "https://show.example"}
ADA, BOB, EVE = "ada@readers.example", "bob@readers.example", "eve@readers.example"
# What a link may leave behind: hits and their counters. Nothing else in the whole database.
EVENT_ROWS = {"event", "link_count", "click_day", "mailing_count", "spool_mark"}
_HREF = re.compile(r'href="([^"]+)"')
_URL = re.compile(r"https?://[^\s<>\"]+")


@pytest.fixture
def app(database: Database, clock: FakeClock, tmp_path: Path) -> App:
    return make_app(database, clock, tmp_path, public_url="https://news.example")


@pytest.fixture
def flask(app: App) -> Flask:
    return create_app(app)


class Post:
    """Every mail that a line with one newsletter has sent, each kind at least once."""

    def __init__(self, app: App, flask: Flask) -> None:
        self.app, self.flask = app, flask
        self.room = Newsroom(app)
        for address in (ADA, BOB):
            builders.subscriber_rows(app.db, self.room.newsletter, [address])
        self._sign_ups()
        self._people_and_issue()
        assert isinstance(app.transport, MemoryTransport)
        self.mails = [
            email.message_from_bytes(each.content, policy=email.policy.default) for each in app.transport.sent
        ]

    def _sign_ups(self) -> None:
        """A known reader signs up again; a new one signs up and confirms, so that the welcome leaves too."""
        client = self.flask.test_client(use_cookies=False)
        for address in (ADA, EVE):
            assert (
                client.post("/n/ai-weekly/sign-up", data={"address": address}, headers=FROM_THE_SHOW).status_code == 303
            )
        self._post_letters()
        confirm = next(urlsplit(url).path for url in self.sent_urls() if urlsplit(url).path.startswith("/c/"))
        assert client.post(confirm).status_code == 200
        self._post_letters()
        client.post("/n/ai-weekly/sign-up", data={"address": "new@readers.example"}, headers=FROM_THE_SHOW)
        self._post_letters()

    def _people_and_issue(self) -> None:
        app, now = self.app, self.app.clock()
        mina = admit.invite(
            app.db, "mina@podcast.example", name="Mina", role=Role.OWNER, keys=app.keys, now=now, by=None
        )
        issue_id = self.room.issue()
        board.add_text(app.db, issue_id, None, "Read [this](https://elsewhere.example/a).", by=None, now=now)
        revision = publish.approve(app.db, app.renderer, issue_id, by=None, now=now)
        with app.db.write() as session:
            payload = {"revision_id": revision.id, "user_id": mina}
            letter = NewLetter(
                LetterKind.TEST,
                "mina@podcast.example",
                "mina@podcast.example",
                payload=payload,
                newsletter_id=self.room.newsletter,
            )
            letters.write(session, letter, now=now)
        self._post_letters()
        publish.schedule(app.db, issue_id, at=now, by=None, now=now)
        self.mailing_id = send.start(app.db, issue_id, now=now)
        tasks.pump_mailing(app, {"mailing_id": self.mailing_id})

    def _post_letters(self) -> None:
        tasks.send_letters(self.app, {})

    def sent_urls(self) -> set[str]:
        assert isinstance(self.app.transport, MemoryTransport)
        found = [
            email.message_from_bytes(each.content, policy=email.policy.default) for each in self.app.transport.sent
        ]
        return {url for mail in found for url in urls_of(mail)}

    def subjects(self) -> set[str]:
        return {str(mail["Subject"]) for mail in self.mails}

    def take_in(self) -> None:
        listen.take_in(self.app.db, self.app.spool_dir, now=self.app.clock())


def urls_of(mail: EmailMessage) -> Iterator[str]:
    """Every address that a program can find: links of the HTML, addresses in the text and in the headers."""
    for part in mail.walk():
        if part.get_content_type() == "text/html":
            yield from (unescape(url) for url in _HREF.findall(part.get_content()))
        elif part.get_content_type() == "text/plain":
            yield from (url.rstrip(".,)") for url in _URL.findall(part.get_content()))
    yield from _URL.findall(str(mail["List-Unsubscribe"] or ""))


def test_following_every_link_of_every_mail_leaves_nothing_but_event_rows(app: App, flask: Flask) -> None:
    post = Post(app, flask)
    kinds = ("Confirm", "already", "Welcome", "invit", "[Test, revision", "Tide pools")
    assert [kind for kind in kinds if not any(kind in subject for subject in post.subjects())] == []
    before = everything(app.db)
    scanner = flask.test_client(use_cookies=False)
    ours = [url for url in sorted(post.sent_urls()) if url.startswith(app.settings.public_url)]
    starts = {f"/{urlsplit(url).path.split('/')[1]}/" for url in ours}
    assert starts >= {"/c/", "/d/", "/u/", "/p/", "/n/", "/l/", "/desk/"}
    for url in ours:
        for look in (scanner.get, scanner.head):
            answer = look(url.removeprefix(app.settings.public_url))
            assert answer.status_code in (200, 302), url
            assert "Set-Cookie" not in answer.headers or urlsplit(url).path.startswith("/desk/"), url
    post.take_in()
    after = everything(app.db)
    assert {name for name in after if after[name] != before[name]} <= EVENT_ROWS
    assert after["event"], "the hits were taken in"


def test_one_click_ends_exactly_one_subscription(app: App, flask: Flask, clock: FakeClock) -> None:
    post = Post(app, flask)
    mail = next(mail for mail in post.mails if mail["To"].addresses[0].addr_spec == BOB)
    (url,) = _URL.findall(str(mail["List-Unsubscribe"]))
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    before = everything(app.db)
    clock.advance(timedelta(minutes=1))
    program = flask.test_client(use_cookies=False)
    for _ in range(2):
        answer = program.post(urlsplit(url).path, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, "Location" in answer.headers) == (200, False)
    after = everything(app.db)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"subscription", "consent", "activity", "event", "mailing_count", "growth"}
    assert len(set(after["subscription"]) - set(before["subscription"])) == 1
    assert len(after["consent"]) == len(before["consent"]) + 1
    with app.db.read() as session:
        newsletter_id = session.scalar(select(Newsletter.id))
        assert newsletter_id is not None
        states = {row.address: row.state for row in audience.subscriber_rows(session, newsletter_id)}
        counted = session.get(MailingCount, post.mailing_id)
    assert states[BOB] is SubscriptionState.ENDED
    assert states[ADA] is SubscriptionState.ACTIVE
    assert counted is not None
    assert counted.unsubscribed == 1
