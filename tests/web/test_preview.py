"""The preview: the revision that will be sent, in a frame that nothing gets out of."""

import html as html_text
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from curator.app import TEMPLATES, App
from curator.feeds.tables import Item
from curator.issues import publish
from curator.issues import store as issues
from curator.issues.render import Renderer
from curator.issues.values import READER_SLOT, UNSUBSCRIBE_SLOT
from curator.web import here
from curator.web.desk.preview import framed
from tests import builders
from tests.web.conftest import Browser, Newsroom

_FRAME = re.compile(r'<iframe sandbox title="[^"]+" src="([^"]+)"')


def test_the_preview_names_its_revision_and_shows_both_parts(mina: Browser, newsroom: Newsroom) -> None:
    page = mina.see(f"/desk/issues/{newsroom.issue()}/preview")
    assert "Tide pools" in page
    assert re.search(r"Revision</dt><dd[^>]*>1, made", page)
    assert "Wide" in page
    again = mina.see("/desk/issues/1/preview")
    assert re.search(r"Revision</dt><dd[^>]*>1, made", again), "the same content is the same revision"


def test_the_frame_has_a_policy_of_its_own_and_no_slots(mina: Browser, newsroom: Newsroom) -> None:
    page = mina.see(f"/desk/issues/{newsroom.issue()}/preview")
    found = _FRAME.search(page)
    assert found is not None
    answer = mina.client.get(html_text.unescape(found.group(1)))
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "frame-ancestors 'self'" in policy
    assert UNSUBSCRIBE_SLOT not in answer.text
    assert READER_SLOT not in answer.text
    assert UNSUBSCRIBE_SLOT not in page
    assert "#unsubscribe" in answer.text
    assert "slot.invalid" not in answer.text + page
    assert f'href="https://site.example/{newsroom.show}/tide-pools"' in answer.text, "links lead where they lead"


def test_a_revision_of_the_first_release_is_shown_as_it_is(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    html = '<p><a href="https://site.example/">a</a> <a href="https://unsubscribe.slot.invalid/">leave</a></p>'
    issue_id = builders.approved_issue_row(sqlite_app.db, newsroom.newsletter, number=7, html=html)
    found = _FRAME.search(mina.see(f"/desk/issues/{issue_id}/preview"))
    assert found is not None
    shown = mina.client.get(html_text.unescape(found.group(1))).text
    assert 'href="https://site.example/"' in shown
    assert "slot.invalid" not in shown


def test_a_revision_of_another_issue_is_not_shown(mina: Browser, newsroom: Newsroom) -> None:
    issue_id = newsroom.issue()
    mina.see(f"/desk/issues/{issue_id}/preview")
    assert mina.client.get(f"/desk/issues/{issue_id + 1}/preview.html?revision=1").status_code == 404
    assert mina.client.get(f"/desk/issues/{issue_id}/preview.html?revision=9").status_code == 404
    assert mina.client.get(f"/desk/issues/{issue_id}/preview.html").status_code == 404


@pytest.mark.parametrize(("scheme", "dark", "light"), [("dark", "min", "max"), ("light", "max", "min")])
def test_a_scheme_is_shown_by_rewriting_its_queries(scheme: str, dark: str, light: str) -> None:
    mail = "<head lang=en><style>@media (prefers-color-scheme: dark){a{}} @media (Prefers-Color-Scheme:light){b{}}"
    shown = framed(mail, scheme=scheme)
    assert f"@media ({dark}-width: 0){{a{{}}}}" in shown
    assert f"@media ({light}-width: 0){{b{{}}}}" in shown
    assert shown.startswith('<head lang=en><base target="_blank">')


def test_a_template_that_does_not_compile_leaves_the_last_good_preview(
    mina: Browser, newsroom: Newsroom, flask: Flask, sqlite_app: App, tmp_path: Path
) -> None:
    issue_id = newsroom.issue()
    mina.see(f"/desk/issues/{issue_id}/preview")
    broken = shutil.copytree(TEMPLATES, tmp_path / "templates")
    (broken / "email" / "issue.mjml").write_text("<mjml>\n{% broken %}\n</mjml>")
    flask.extensions[here.EXTENSION] = replace(sqlite_app, renderer=Renderer(broken))
    page = mina.see(f"/desk/issues/{issue_id}/preview")
    assert "cannot be rendered" in page
    assert "line 2" in page
    assert "the last good one" in page
    assert _FRAME.search(page)
    assert "Below is the last good mail" in mina.see(f"/desk/issues/{issue_id}")
    send = mina.see(f"/desk/issues/{issue_id}/send")
    assert "Nothing can be approved" in send


def test_an_approved_issue_shows_what_goes_out_whatever_becomes_of_the_templates(
    mina: Browser, newsroom: Newsroom, flask: Flask, sqlite_app: App, tmp_path: Path
) -> None:
    issue_id = newsroom.issue()
    publish.approve(sqlite_app.db, sqlite_app.renderer, issue_id, by=None, now=sqlite_app.clock())
    other = shutil.copytree(TEMPLATES, tmp_path / "templates")
    (other / "email" / "issue.mjml").write_text("<mjml>\n{% broken %}\n</mjml>")
    flask.extensions[here.EXTENSION] = replace(sqlite_app, renderer=Renderer(other))
    page = mina.see(f"/desk/issues/{issue_id}/preview")
    assert "cannot be rendered" not in page
    assert re.search(r"Revision</dt><dd[^>]*>1, made", page)


def test_an_issue_that_was_held_shows_what_can_be_approved_now(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    issue_id, db = newsroom.issue(), sqlite_app.db
    publish.approve(db, sqlite_app.renderer, issue_id, by=None, now=sqlite_app.clock())
    with db.write() as session:
        issues.mark_held(session, issue_id, "It was missed.")
        item = session.get(Item, newsroom.episodes[0])
        assert item is not None
        item.title = "Tide pools, mended by their feed"
    page = mina.see(f"/desk/issues/{issue_id}/send")
    found = re.search(r'name="seen_hash" value="([0-9a-f]{64})"', page)
    assert found is not None
    answer = mina.post(f"/desk/issues/{issue_id}/approve", {"seen_hash": found.group(1)})
    assert "is approved" in mina.follow(answer)
