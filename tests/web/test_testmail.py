"""An issue's test mail: the revision that was shown, to whoever looked at it."""

import email
import email.policy
import re
from dataclasses import replace
from datetime import timedelta

from flask import Flask

from curator.app import App
from curator.issues import board
from curator.jobs import tasks
from curator.mailings.transports.memory import MemoryTransport
from curator.web import here
from tests.web.conftest import Browser, FakeClock, Newsroom

_FIELD = re.compile(r'action="[^"]*/test-mail".*?name="revision" value="(\d+)"', re.DOTALL)


def _shown(browser: Browser, issue_id: int) -> str:
    found = _FIELD.search(browser.see(f"/desk/issues/{issue_id}/preview"))
    assert found is not None
    return found[1]


def _sent(app: App) -> list[email.message.EmailMessage]:
    tasks.send_letters(app, {})
    assert isinstance(app.transport, MemoryTransport)
    sent = [email.message_from_bytes(each.content, policy=email.policy.default) for each in app.transport.sent]
    return [message for message in sent if message["X-Curator-Revision"]]  # the desk is told of a draft as well


def test_a_test_mail_shows_what_the_preview_showed(
    theo: Browser, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    issue_id = newsroom.issue()
    revision = _shown(theo, issue_id)
    page = theo.follow(theo.post(f"/desk/issues/{issue_id}/test-mail", {"revision": revision}))
    assert "A test mail of revision 1 is on its way to theo@podcast.example." in page
    assert re.search(r"Last test mail: revision 1 to theo@podcast.example: waits, ", page)
    clock.advance(timedelta(minutes=5))
    (message,) = _sent(sqlite_app)
    assert message["Subject"].startswith("[Test, revision 1] Tide pools")
    assert message["X-Curator-Revision"] == "1"
    assert message["To"] == "Theo <theo@podcast.example>"
    assert "/u/" not in str(message)
    page = theo.see(f"/desk/issues/{issue_id}/preview")
    assert re.search(r"Last test mail: revision 1 to theo@podcast.example: sent, .*5 min ago", page)


def test_after_a_change_the_preview_says_that_the_test_mail_is_older(
    theo: Browser, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    issue_id = newsroom.issue()
    theo.post(f"/desk/issues/{issue_id}/test-mail", {"revision": _shown(theo, issue_id)})
    board.add_text(sqlite_app.db, issue_id, None, "Another word.", by=None, now=clock())
    assert "Last test mail: revision 1 (now 2)" in theo.see(f"/desk/issues/{issue_id}/preview")


def test_a_revision_of_another_issue_is_not_sent(theo: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    issue_id = newsroom.issue()
    revision = _shown(theo, issue_id)
    for address, given in ((issue_id + 1, revision), (issue_id, "99"), (issue_id, ""), (issue_id, "x")):
        assert theo.post(f"/desk/issues/{address}/test-mail", {"revision": given}).status_code == 404
    assert _sent(sqlite_app) == []


def test_the_twenty_first_test_mail_of_an_hour_has_to_wait(
    theo: Browser, mina: Browser, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    issue_id = newsroom.issue()
    fields = {"revision": _shown(theo, issue_id), "back": f"/desk/issues/{issue_id}/preview"}
    for _ in range(20):
        clock.advance(timedelta(seconds=1))
        assert "is on its way" in theo.follow(theo.post(f"/desk/issues/{issue_id}/test-mail", fields))
    assert "Too many tries" in theo.follow(theo.post(f"/desk/issues/{issue_id}/test-mail", fields))
    assert "is on its way" in mina.follow(mina.post(f"/desk/issues/{issue_id}/test-mail", fields))
    assert len(_sent(sqlite_app)) == 21


def test_without_a_relay_the_page_says_that_the_test_mail_waits(
    theo: Browser, newsroom: Newsroom, flask: Flask, sqlite_app: App
) -> None:
    flask.extensions[here.EXTENSION] = replace(sqlite_app, transport=None)
    issue_id = newsroom.issue()
    page = theo.follow(theo.post(f"/desk/issues/{issue_id}/test-mail", {"revision": _shown(theo, issue_id)}))
    assert "It waits until a mail relay is set (CURATOR_SMTP_URL)." in page
    assert re.search(r": waits until a mail relay is set", page)
