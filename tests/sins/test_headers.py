"""Header injection: no name, subject or title writes a header of mail or of an answer."""

import email
import email.policy
from dataclasses import replace

import pytest
from sqlalchemy import update

from curator.audience.tables import Subscriber
from curator.mailings import mime
from curator.newsletters.tables import Newsletter
from tests.mailings.test_mime import NAMES, NEWSLETTER, built
from tests.sins.town import Town, address
from tests.web.conftest import Browser

BREAKS = (
    "x\r\nBcc: eve@evil.example",
    "x\nBcc: eve@evil.example",
    "x\rBcc: eve@evil.example",
    "x\u2028Bcc: eve@evil.example",
    "x\x0bBcc: eve@evil.example",
    "x\x85Bcc: eve@evil.example",
    "x\r\n\r\n<script>sins()</script>",
    "=?utf-8?q?x=0D=0ABcc:_eve@evil.example?=",
    "x\x00\r\n Bcc: eve@evil.example",
    'x" <eve@evil.example>, "y',
)


@pytest.mark.parametrize("words", BREAKS)
def test_mail_has_the_headers_that_were_meant(words: str) -> None:
    message = built(subject=words, name=words, newsletter=replace(NEWSLETTER, name=words, sender_name=words))
    read = email.message_from_bytes(message.content, policy=email.policy.default)
    assert set(read.keys()) == set(NAMES)
    assert read["Bcc"] is None
    recipients = [each.addr_spec for header in ("To", "From") for each in read[header].addresses]
    assert "eve@evil.example" not in recipients
    assert len(recipients) == 2
    assert "\n" not in mime.clean(words)


@pytest.mark.parametrize("words", BREAKS)
def test_answers_have_the_headers_that_were_meant(town: Town, mina: Browser, words: str) -> None:
    with town.app.db.write() as session:
        session.execute(update(Newsletter).values(name=words[:200].replace("\0", "")))
        session.execute(update(Subscriber).values(name=words.replace("\0", "")))
    for path in (
        "/desk/feeds/feeds.opml",
        "/desk/growth.csv",
        "/desk/cohorts.csv",
        f"/desk/subscribers/imports/{town.theirs['import_id']}/refused.csv",
        f"/desk/subscribers/{town.theirs['subscriber_id']}/data.json",
    ):
        answer = mina.client.get(path, query_string={"newsletter": town.newsletter, "by": words})
        assert answer.status_code < 500, path
        assert "Bcc" not in answer.headers, path
        assert all("\n" not in value and "\r" not in value for value in answer.headers.values()), path
    for rule in town.rules("public.", method="GET"):
        answer = mina.client.get(address(rule, {"slug": "ai-weekly"}), headers={"Accept-Language": "de"})
        assert "Bcc" not in answer.headers, rule.endpoint


@pytest.mark.parametrize("words", BREAKS[:5])
def test_a_form_that_leads_on_writes_no_header(town: Town, mina: Browser, words: str) -> None:
    for path in ("/desk/subscribers/suppress", "/desk/feeds", "/desk/sign-in"):
        answer = mina.post(path, {"suppress_address": words, "url": words, "address": words, "next": words, "q": words})
        assert answer.status_code < 500, path
        assert "Bcc" not in answer.headers, path
