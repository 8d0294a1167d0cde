"""The mail with what was clicked beside its links: the frame, the table, and who may see them."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.app import App
from curator.events import listen
from curator.issues.tables import Revision
from curator.issues.values import link_slot
from curator.web.desk.heat import Heat, badged
from tests.events.scene import NOW, Sent, hit, sent, spooled
from tests.web.conftest import Browser, Newsroom


@pytest.fixture
def line(sqlite_app: App) -> Sent:
    line = sent(sqlite_app.db, readers=20)
    anchors = "".join(f'<p><a href="{link_slot(number)}">Link {number}</a></p>' for number in range(1, 8))
    with sqlite_app.db.write() as session:
        for row in session.query(Revision):
            row.html = f"<html><head></head><body>{anchors}<a href='#unsubscribe'>Leave</a></body></html>"
    mailing = line.mailing_id
    spooled(
        sqlite_app.spool_dir,
        *(hit(mailing, 1, reader) for reader in line.readers[:7]),
        *(hit(mailing, 5, reader, after_s=30) for reader in line.readers[6:8]),
    )
    listen.take_in(sqlite_app.db, sqlite_app.spool_dir, now=NOW)
    return line


def test_each_link_bears_its_clicks_in_a_frame_from_which_nothing_gets_out(mina: Browser, line: Sent) -> None:
    answer = mina.client.get(f"/desk/issues/{line.issue_id}/results/mail.html")
    assert re.search(r'href="https://site.example/1">Link 1<span [^>]*title="Link 1: 7, 88%">7</span></a>', answer.text)
    assert re.search(r'title="Link 5: 2, 25%">2</span>', answer.text)
    assert re.search(r'title="Link 7: 0, 0%">0</span>', answer.text)
    assert answer.text.count("</span>") == 7, "what is no counted link bears nothing"
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy


def test_the_table_has_the_same_numbers(mina: Browser, line: Sent) -> None:
    page = mina.see(f"/desk/issues/{line.issue_id}/results/mail")
    said = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
    assert "9 clicks by 8 readers" in said
    assert "1. Tide pools its title, site.example 7 87.5%" in said
    assert "5. what we measured in the words, site.example 2 25.0%" in said
    assert "<iframe sandbox" in page
    assert "style=" not in page


def test_before_anything_was_sent_there_is_no_mail(mina: Browser, newsroom: Newsroom) -> None:
    issue = newsroom.issue()
    assert "Not sent yet" in mina.see(f"/desk/issues/{issue}/results/mail")
    mina.see(f"/desk/issues/{issue}/results/mail.html", status=404)


def test_the_clicks_are_a_file_in_which_nothing_is_evaluated(mina: Browser, line: Sent, sqlite_app: App) -> None:
    from curator.issues.tables import Link

    with sqlite_app.db.write() as session:
        for row in session.query(Link).filter(Link.number == 1):
            row.label = "=1+1"
    answer = mina.client.get(f"/desk/issues/{line.issue_id}/results.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="results-ai-weekly-41.csv"'
    rows = answer.text.splitlines()
    assert rows[0].startswith("section,item,link,words,url,clicks,readers")
    assert "'=1+1,https://site.example/1,7,7,0," in rows[1]


@given(st.text(alphabet="<a href='\">/ x", max_size=60))
def test_a_mail_without_known_links_stays_as_it_is(text: str) -> None:
    assert badged(text, {1: Heat(1, 3, 0.5)}) == text


def test_only_the_end_of_a_counted_link_gets_a_badge() -> None:
    mail = f'<A title="a > b" href="{link_slot(2)}"><b>Words</b></A> <a href="{link_slot(3)}">Other</a>'
    shown = badged(mail, {2: Heat(2, 1_200, 0.4)})
    assert re.fullmatch(r"<A [^<]*<b>Words</b><span [^<]*>1,200</span></A> <a [^<]*>Other</a>", shown)
