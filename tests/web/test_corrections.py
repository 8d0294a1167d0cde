"""The desk's page of corrections: who may, what readers then see, and nothing typed is lost."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from curator.accounts.values import Role
from curator.app import App
from curator.issues.corrections import store
from curator.issues.corrections.values import Correction
from curator.issues.tables import Revision
from curator.issues.values import DocumentSection, IssueState
from curator.mailings.repoints import store as repoints
from curator.newsletters import store as newsletters
from tests import builders
from tests.issues.documents import document, entry
from tests.mailings.test_archive_search import back_issue_row
from tests.published import sent_issue_row
from tests.web.conftest import Browser, signed_in
from tests.web.test_item_pages import every_kind

NOTE = "It forgets much, not little."


@pytest.fixture
def newsletter_id(sqlite_app: App) -> int:
    return builders.newsletter_row(sqlite_app.db, zone="Europe/Berlin")


@pytest.fixture
def issue(sqlite_app: App, newsletter_id: int) -> int:
    shown = replace(every_kind(), subject="Number 7")
    return sent_issue_row(sqlite_app.db, newsletter_id, 7, document=shown)


def _made(app: App, issue: int) -> list[Correction]:
    with app.db.read() as session:
        return store.of_issue(session, issue)


def _fields(**more: object) -> dict[str, object]:
    typed = {"title": "What a vector index forgets", "body": "It forgets **much**."}
    return {"seen": "0", "entry": "1", "note": NOTE, **typed, **more}


def test_the_page_offers_what_may_be_corrected(mina: Browser, issue: int) -> None:
    page = mina.see(f"/desk/issues/{issue}/corrections")
    assert "Nothing was corrected in this issue." in page
    assert 'href="/n/ai-weekly/issues/7"' in page
    for block, is_there in ((1, True), (2, True), (3, False), (4, True), (5, True), (6, True)):
        assert (f"/desk/issues/{issue}/corrections?entry={block}#correct" in page) is is_there
    chosen = mina.see(f"/desk/issues/{issue}/corrections?entry=1")
    assert "It forgets **little**." in chosen
    assert 'name="title"' in chosen


def test_a_correction_is_on_the_web_at_once_and_offers_to_be_taken_back(
    mina: Browser, issue: int, sqlite_app: App
) -> None:
    page = mina.follow(mina.post(f"/desk/issues/{issue}/corrections", _fields()))
    assert "The correction is on the web." in page
    assert "new words: Text" in page
    assert "Undo" in page
    assert [each.words for each in _made(sqlite_app, issue)] == [{"body": "It forgets **much**."}]
    public = mina.see("/n/ai-weekly/issues/7")
    assert NOTE in public
    assert "<strong>much</strong>" in public


def test_what_was_made_can_be_taken_out_and_the_log_tells_of_both(mina: Browser, issue: int, sqlite_app: App) -> None:
    mina.post(f"/desk/issues/{issue}/corrections", _fields())
    [made] = _made(sqlite_app, issue)
    page = mina.follow(mina.post(f"/desk/corrections/{made.id}/take-out"))
    assert "Nothing was corrected in this issue." in page
    assert "<strong>little</strong>" in mina.see("/n/ai-weekly/issues/7")
    log = mina.see(f"/desk/issues/{issue}/activity")
    assert "corrected" in log
    assert "took a correction of" in log
    assert mina.post(f"/desk/corrections/{made.id}/take-out").status_code == 404


def test_what_is_refused_keeps_every_word(mina: Browser, issue: int, sqlite_app: App) -> None:
    answer = mina.post(f"/desk/issues/{issue}/corrections", _fields(note=" "))
    assert answer.status_code == 422
    assert "Say what was wrong" in answer.text
    assert "It forgets **much**." in answer.text
    mina.post(f"/desk/issues/{issue}/corrections", _fields())
    late = mina.post(f"/desk/issues/{issue}/corrections", _fields(note="Mine", title="My title"))
    assert late.status_code == 409
    assert "Somebody corrected issue 7 meanwhile" in late.text
    assert "My title" in late.text
    assert len(_made(sqlite_app, issue)) == 1


def test_the_note_and_the_title_are_bounded(mina: Browser, issue: int) -> None:
    assert mina.post(f"/desk/issues/{issue}/corrections", _fields(note="x" * 1001)).status_code == 422
    assert mina.post(f"/desk/issues/{issue}/corrections", _fields(body="x" * 10_001)).status_code == 422


@pytest.mark.parametrize("entry", ["3", "99"])
def test_a_promotion_and_what_is_not_in_it_cannot_be_corrected(mina: Browser, issue: int, entry: str) -> None:
    mina.see(f"/desk/issues/{issue}/corrections?entry={entry}", status=404)
    assert mina.post(f"/desk/issues/{issue}/corrections", _fields(entry=entry)).status_code == 404


def test_only_a_public_issue_has_corrections(mina: Browser, newsletter_id: int, sqlite_app: App) -> None:
    draft = builders.approved_issue_row(sqlite_app.db, newsletter_id, number=1, state=IssueState.DRAFT)
    assert "There is nothing to correct on the web" in mina.see(f"/desk/issues/{draft}/corrections")
    assert f"/desk/issues/{draft}/corrections" not in mina.see(f"/desk/issues/{draft}/activity")
    assert mina.post(f"/desk/issues/{draft}/corrections", {"note": NOTE, "seen": "0"}).status_code == 422
    back = back_issue_row(sqlite_app.db, newsletter_id, 2)
    mina.follow(mina.post(f"/desk/issues/{back}/corrections", {"note": NOTE, "seen": "0"}))
    assert NOTE in mina.see("/n/ai-weekly/issues/2")
    builders.change_newsletters(sqlite_app.db, shows_back_issues=False)
    assert "settings say whether they are" in mina.see(f"/desk/issues/{back}/corrections")


def test_whoever_may_not_publish_reads_and_does_not_correct(flask: Flask, sqlite_app: App, issue: int) -> None:
    writer = signed_in(flask, sqlite_app, "Wanda", Role.WRITER)
    page = writer.see(f"/desk/issues/{issue}/corrections")
    assert "Publish the correction" not in page
    assert writer.post(f"/desk/issues/{issue}/corrections", _fields()).status_code == 403


def test_the_settings_say_whether_back_issues_are_public(mina: Browser, newsletter_id: int, sqlite_app: App) -> None:
    assert 'name="shows_back_issues" value="yes"' in mina.see("/desk/newsletter")
    with sqlite_app.db.read() as session:
        assert newsletters.newsletter(session, newsletter_id).shows_back_issues


def test_a_link_in_corrected_words_leads_where_the_mails_link_leads(
    mina: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    shown = document(DocumentSection("Trends", (entry("Zebras", blurb="See [this](https://old.example/) soon."),)))
    issue_id = sent_issue_row(sqlite_app.db, newsletter_id, 7, document=shown)
    for led in ("https://new.example/", "https://newest.example/"):
        with sqlite_app.db.write() as session:
            repoints.add(session, issue_id, was="https://old.example/", url=led, by=None, now=sqlite_app.clock())
        page = mina.see(f"/desk/issues/{issue_id}/corrections?entry=1")
        body = unescape(page.split('name="body"')[1].split(">", 1)[1].split("</textarea>")[0]).strip()
        made = {"title": "Zebras", "body": f"{body} Or not.", "seen": str(len(_made(sqlite_app, issue_id)))}
        assert mina.post(f"/desk/issues/{issue_id}/corrections", _fields(**made)).status_code == 303
    public = mina.see("/n/ai-weekly/issues/7")
    assert 'href="https://newest.example/"' in public
    assert "https://new.example/" not in public


def test_a_page_that_was_open_while_words_were_withdrawn_does_not_bring_them_back(
    mina: Browser, issue: int, sqlite_app: App
) -> None:
    page = mina.see(f"/desk/issues/{issue}/corrections?entry=1")
    was = re.findall(r'name="was" value="(\w+)"', page)
    with sqlite_app.db.write() as session:
        revision = session.scalars(select(Revision)).one()
        kept = json.dumps(revision.document).replace("little", "[withdrawn]")
        revision.document = json.loads(kept)
    fields = _fields(body="It forgets **little**, at least.", was=was[0])
    answer = mina.post(f"/desk/issues/{issue}/corrections", fields)
    assert answer.status_code == 409
    assert "These words became others meanwhile." in answer.text
    assert _made(sqlite_app, issue) == []
