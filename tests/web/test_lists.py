"""Lists that are made with one click on the board: related content, most clicked, best of a month and a year."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from curator.events import best
from curator.events.tables import LinkCount, MailingCount
from curator.issues import board as boards
from curator.issues import publish, store
from curator.issues.listed import ListLink, links_of
from curator.issues.tables import Issue, Link
from curator.issues.values import BoardBlock, IssueState
from curator.mailings.tables import Mailing
from curator.picks.tables import RelatedRow
from tests.audience.counting import statements
from tests.published import mailing_row, sent_issue_row
from tests.web.conftest import Browser, Newsroom


class Press:
    """A newsroom whose issues were sent, with what readers clicked."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.room, self.app, self.db = newsroom, newsroom.app, newsroom.app.db

    def sent(self, clicks: dict[str, int], *, accepted: int = 100, at: datetime | None = None) -> int:
        """The next issue, sent with its draft's picks; `clicks` are by title, all of them on the title."""
        issue_id = self.room.issue()
        revision = publish.approve(self.db, self.app.renderer, issue_id, by=None, now=self.app.clock())
        with self.db.write() as session:
            session.get_one(Issue, issue_id).state = IssueState.SENT
        mailing_row(self.db, issue_id, at=at or self.app.clock())
        with self.db.write() as session:
            mailing = session.scalars(select(Mailing.id).where(Mailing.issue_id == issue_id)).one()
            session.add(MailingCount(mailing_id=mailing, accepted=accepted))
            links = session.scalars(select(Link).where(Link.revision_id == revision.id, Link.placement == "title"))
            session.add_all(
                LinkCount(mailing_id=mailing, link=link.number, clicks=number, readers=number)
                for link in links
                if (number := clicks.get(link.label, 0))
            )
        return issue_id

    def draft(self) -> int:
        """An issue to work on, with nothing in it that was sent."""
        return self.room.issue()

    def lists(self, issue_id: int) -> list[BoardBlock]:
        with self.db.read() as session:
            shown = store.board(session, issue_id)
        blocks = [*shown.intro, *(block for section in shown.sections for block in section.blocks)]
        return [block for block in blocks if block.facts is not None]

    def links(self, issue_id: int) -> tuple[ListLink, ...]:
        (block,) = self.lists(issue_id)
        return links_of(block.facts)


@pytest.fixture
def press(newsroom: Newsroom) -> Press:
    return Press(newsroom)


def _make(browser: Browser, issue_id: int, code: str, section: object = "") -> str:
    return browser.follow(browser.post(f"/desk/issues/{issue_id}/lists", {"make": code, "section": section}))


def test_the_most_clicked_of_the_last_issue_is_one_click(theo: Browser, press: Press) -> None:
    press.sent({"Tide pools": 9, "Small models": 12, "City trees": 3})
    issue = press.draft()
    page = theo.see(f"/desk/issues/{issue}")
    assert 'value="clicked-1">Most clicked of issue 1</button>' in page
    page = _make(theo, issue, "clicked-1", press.room.sections[2])
    assert "“Most read of issue 1” is added" in page
    assert [link.title for link in press.links(issue)] == ["Small models", "Tide pools", "City trees"]
    assert press.links(issue)[0].note == "Gradient Notes"
    assert "Undo" in page


def test_the_best_of_a_month_and_of_a_year_go_by_share_and_not_by_numbers(theo: Browser, press: Press) -> None:
    press.sent({"Tide pools": 30}, accepted=300, at=datetime.fromisoformat("2026-11-03T07:00:00+00:00"))
    issue = press.draft()
    page = theo.see(f"/desk/issues/{issue}")
    assert ">Best of November 2026</button>" in page
    assert ">Best of 2026</button>" in page
    _make(theo, issue, "month-2026-11")
    (link,) = press.links(issue)
    assert (link.title, link.note) == ("Tide pools", "Issue 1")
    assert "No pick that was sent in October 2026" in _make(theo, issue, "month-2026-10")
    assert "The best of 2026" in _make(theo, issue, "year-2026", press.room.sections[1])
    assert len(press.lists(issue)) == 2


def test_a_small_issue_with_more_of_its_readers_comes_first(press: Press) -> None:
    many = press.sent({"Tide pools": 30}, accepted=1000)
    few = press.draft()
    boards.pick_into(press.db, few, press.room.articles[0], press.room.sections[2], by=None, now=press.app.clock())
    with press.db.read() as session:
        assert [each.clicks for each in best.most_clicked(session, [many], limit=5)] == [30]
        assert best.most_clicked(session, [few], limit=5) == []
        assert best.most_clicked(session, [], limit=5) == []


def test_related_content_comes_from_the_picks_of_the_issue(theo: Browser, press: Press) -> None:
    issue = press.draft()
    with press.db.read() as session:
        shown = store.board(session, issue)
    standing = {block.pick.item.id for section in shown.sections for block in section.blocks if block.pick}
    other = press.room.episodes[2]
    if other in standing:
        block = next(
            block.id for s in shown.sections for block in s.blocks if block.pick and block.pick.item.id == other
        )
        boards.remove(press.db, block, by=None, now=press.app.clock())
        standing.discard(other)
    with press.db.write() as session:
        session.add_all(
            RelatedRow(
                item_id=item_id, other_id=other, score=0.4, terms=["rivers"], at_s=None, made_at=press.app.clock()
            )
            for item_id in standing
        )
    page = _make(theo, issue, "related")
    assert "More on this from us" in page
    (link,) = press.links(issue)
    assert link == ListLink("Loud rivers", f"{press.app.settings.public_url}/e/{other}", "The AI Podcast")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", "Choose one of the lists."),
        ("month-2026-13", "Choose one of the lists."),
        ("month-0000-01", "has a click that was counted"),
        ("year-9999", "has a click that was counted"),
        ("clicked-7", "Issue 7 was not sent."),
        ("clicked-" + "9" * 40, "Choose one of the lists."),
        ("related", "is about the same as the picks of this issue"),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_changes(theo: Browser, press: Press, code: str, said: str) -> None:
    issue = press.draft()
    assert said in _make(theo, issue, code)
    assert press.lists(issue) == []


def test_a_section_of_another_newsletter_takes_no_list(theo: Browser, press: Press) -> None:
    press.sent({"Tide pools": 9})
    issue = press.draft()
    assert "This newsletter has no such section." in _make(theo, issue, "clicked-1", 99)
    assert press.lists(issue) == []


def test_a_heading_is_written_on_the_board_and_two_who_write_see_both(
    mina: Browser, theo: Browser, press: Press
) -> None:
    press.sent({"Tide pools": 9})
    issue = press.draft()
    _make(theo, issue, "clicked-1")
    (block,) = press.lists(issue)
    url = f"/desk/issues/{issue}/blocks/{block.id}"
    said = theo.follow(theo.post(url, {"heading": "What you read", "version": 1}))
    assert "The list is saved." in said
    answer = mina.post(url, {"heading": "Mine", "version": 1})
    assert answer.status_code == 409
    assert "What you read" in answer.text
    empty = theo.post(url, {"heading": " ", "version": 2})
    assert (empty.status_code, "Readers need a heading" in empty.text) == (422, True)
    theo.post(url, {"do": "remove"})
    assert press.lists(issue) == []
    page = theo.see(f"/desk/issues/{issue}/activity")
    assert "took “What you read” out of" in page
    assert "wrote a heading of" in page


def test_a_list_of_a_sent_issue_is_on_its_page_for_readers(theo: Browser, press: Press) -> None:
    press.sent({"Tide pools": 9}, at=press.app.clock() - timedelta(days=7))
    issue = press.draft()
    _make(theo, issue, "clicked-1", press.room.sections[1])
    with press.db.write() as session:
        session.get_one(Issue, issue).subject = "Read again"
    publish.approve(press.db, press.app.renderer, issue, by=None, now=press.app.clock())
    with press.db.write() as session:
        session.get_one(Issue, issue).state = IssueState.SENT
    mailing_row(press.db, issue, at=press.app.clock())
    page = theo.see("/n/ai-weekly/issues/2")
    assert re.search(r"<h3>Most read of issue 1</h3>\s*<ul class=\"link-list\">.*Tide pools", page)


def test_the_board_asks_as_much_after_many_issues_as_after_one(mina: Browser, press: Press) -> None:
    press.sent({"Tide pools": 9})
    issue = press.draft()

    def asked() -> int:
        with statements(press.db) as seen:
            mina.see(f"/desk/issues/{issue}")
        return len(seen)

    few = asked()
    for number in range(20, 30):
        sent_issue_row(press.db, press.room.newsletter, number)
    assert asked() == few
