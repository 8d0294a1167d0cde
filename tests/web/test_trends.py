"""The page of trends: what rises with its evidence, what is blocked, and the way of a topic into an issue."""

import re
from collections.abc import Sequence
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask

from curator.accounts.values import Role
from curator.app import App
from curator.episodes.tables import Transcript, Turn
from curator.issues import publish, store
from curator.issues.tables import Issue
from curator.issues.trended import TrendFacts, trend_of
from curator.issues.values import BlockKind, BoardBlock, IssueState
from curator.picks.tables import RelatedRow
from curator.picks.trends import store as trends
from curator.picks.trends.values import Topic
from tests.audience.counting import statements
from tests.published import mailing_row
from tests.web.conftest import Browser, Newsroom, signed_in

COUNTS = (0, 1, 0, 0, 1, 0, 0) * 4 + (0, 1, 2, 3, 4, 6, 9)


class Wire:
    """A newsroom with topics that rise in a week."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.room, self.db, self.now = newsroom, newsroom.app.db, newsroom.app.clock()

    def rise(
        self, *labels: str, days: int = 7, made_ago: timedelta = timedelta(minutes=5), own: Sequence[int] = ()
    ) -> None:
        found = [
            Topic(
                days=days,
                term=label.lower(),
                label=label,
                place=place,
                score=9.0 - place,
                factor=None if place == 2 else 3.2,
                counts=COUNTS,
                feed_ids=(self.room.blog, self.room.show),
                item_ids=(*self.room.articles[:2], *own),
                first_seen_at=self.now - timedelta(days=4),
                made_at=self.now,
            )
            for place, label in enumerate(labels, start=1)
        ]
        with self.db.write() as session:
            trends.replace(session, {days: found}, now=self.now - made_ago)

    def related(self, *terms: str) -> None:
        with self.db.write() as session:
            session.add(
                RelatedRow(
                    item_id=self.room.articles[0],
                    other_id=self.room.episodes[1],
                    score=0.4,
                    terms=list(terms),
                    at_s=760.0,
                    made_at=self.now,
                )
            )

    def blocks(self, issue_id: int) -> list[BoardBlock]:
        with self.db.read() as session:
            board = store.board(session, issue_id)
        found = [block for section in board.sections for block in section.blocks]
        return [block for block in found if block.kind is BlockKind.TREND]

    def facts(self, issue_id: int) -> TrendFacts:
        (block,) = self.blocks(issue_id)
        return trend_of(block.facts or {})


@pytest.fixture
def wire(newsroom: Newsroom) -> Wire:
    return Wire(newsroom)


def test_a_topic_is_shown_with_its_line_and_everything_that_proves_it(theo: Browser, wire: Wire) -> None:
    wire.rise("vector databases", "tide pools")
    wire.related("databases", "recall")
    page = theo.see("/desk/trends")
    assert "x3.2 over 5 weeks" in page
    assert "new in 4 weeks" in page
    assert 'aria-label="Items a day: 0, 1, 2, 3, 4, 6, 9 a day: rising from 0 to 9 in 5 weeks"' in page
    assert "25 items in 7 days" in page
    assert "Gradient Notes</a>, <a" in page
    assert f'href="/desk/inbox/{wire.room.articles[0]}?newsletter={wire.room.newsletter}">Small models</a>' in page
    assert ">City trees</a>" in page, "an episode that shares a word of the topic's is ours"
    assert ">Tide pools</a>" in page, "and one that has it in its title"
    assert "style=" not in page


def test_an_own_episode_that_was_counted_is_ours_and_no_source(theo: Browser, wire: Wire) -> None:
    issue = wire.room.issue()
    wire.rise("vector databases", own=wire.room.episodes[2:])
    page = theo.see("/desk/trends")
    assert f'/desk/shows/episodes/{wire.room.episodes[2]}">Loud rivers</a>' in page
    assert f"/desk/inbox/{wire.room.episodes[2]}?" not in page
    theo.post(f"/desk/issues/{issue}/trends", {"term": "vector databases", "days": 7})
    facts = wire.facts(issue)
    assert [link.title for link in facts.sources] == ["Small models", "Held-out sets"]
    assert [link.title for link in facts.episodes] == ["Loud rivers"]


def test_an_episode_that_is_near_for_another_reason_is_not_on_it(theo: Browser, wire: Wire) -> None:
    wire.rise("vector databases")
    wire.related("recall", "harbour")
    assert "None that is known yet." in theo.see("/desk/trends")


def test_each_window_has_its_own_topics(theo: Browser, wire: Wire) -> None:
    wire.rise("vector databases")
    wire.rise("tunnels", days=2)
    assert "tunnels" in theo.see("/desk/trends?days=2")
    assert "tunnels" not in theo.see("/desk/trends?days=7")
    assert "tunnels" not in theo.see("/desk/trends?days=3")


def test_many_topics_cost_as_many_queries_as_one(theo: Browser, wire: Wire) -> None:
    wire.room.issue()
    counts = []
    for labels in (["one"], [f"topic {number}" for number in range(20)]):
        wire.rise(*labels)
        theo.see("/desk/trends")
        with statements(wire.db) as asked:
            theo.see("/desk/trends")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 25


def test_a_blocked_word_hides_a_topic_and_is_lifted_and_undone(theo: Browser, wire: Wire) -> None:
    wire.rise("vector databases", "tide pools")
    fields = {"words": "Databases", "newsletter": wire.room.newsletter, "days": 7}
    page = theo.follow(theo.post("/desk/trends/block", fields))
    assert "“databases” is no trend here any more." in page
    assert '<h2 dir="auto">vector databases</h2>' not in page
    assert "It hides 1 topic of 7 days." in page
    assert "Undo" in page
    with wire.db.read() as session:
        (term,) = trends.blocked(session, wire.room.newsletter)
    page = theo.follow(theo.post(f"/desk/trends/blocked/{term.id}/lift", {"newsletter": wire.room.newsletter}))
    assert '<h2 dir="auto">vector databases</h2>' in page
    assert "blocked “databases” among the trends" in theo.see("/desk/activity")


def test_words_that_are_none_are_refused_in_place(theo: Browser, wire: Wire) -> None:
    answer = theo.post("/desk/trends/block", {"words": " ", "newsletter": wire.room.newsletter})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


def test_one_click_puts_a_topic_into_the_section_that_takes_trends(theo: Browser, wire: Wire) -> None:
    issue = wire.room.issue()
    wire.rise("vector databases")
    wire.related("vector")
    page = theo.see("/desk/trends")
    assert "Into issue 1" in page
    page = theo.follow(theo.post(f"/desk/issues/{issue}/trends", {"term": "vector databases", "days": 7}))
    assert "“vector databases” is in issue 1." in page
    assert "Undo" in page
    facts = wire.facts(issue)
    assert (facts.term, facts.factor, facts.counts, facts.feeds) == ("vector databases", 3.2, COUNTS, 2)
    assert facts.first_seen_on == (wire.now - timedelta(days=4)).date()
    assert [(link.title, link.note) for link in facts.sources] == [
        (title, "Gradient Notes") for title in ("Small models", "Held-out sets")
    ]
    assert [link.title for link in facts.episodes] == ["City trees"]
    assert "told at 12:40" in facts.episodes[0].note
    assert "In issue 1" in theo.see("/desk/trends")
    theo.post(f"/desk/issues/{issue}/trends", {"term": "vector databases", "days": 7})
    assert len(wire.blocks(issue)) == 1


def test_what_was_said_in_a_transcript_is_ours_as_well(theo: Browser, wire: Wire) -> None:
    issue = wire.room.issue()
    wire.rise("vector databases")
    with wire.db.write() as session:
        session.add(Transcript(item_id=wire.room.episodes[2], source="editor", at=wire.now))
        session.flush()
        words = "Then we put it all into vector databases."
        session.add(Turn(item_id=wire.room.episodes[2], position=0, start_ms=61_000, end_ms=70_000, text=words))
    theo.post(f"/desk/issues/{issue}/trends", {"term": "vector databases", "days": 7})
    (episode,) = wire.facts(issue).episodes
    assert (episode.title, episode.note) == ("Loud rivers", "The AI Podcast, told at 1:01")
    assert episode.url.startswith("http")


def test_an_episode_that_only_holds_the_letters_of_a_topic_is_not_on_it(theo: Browser, wire: Wire) -> None:
    issue = wire.room.issue()
    wire.rise("ide", "cit")
    assert "Tide pools" not in theo.see("/desk/trends")
    with wire.db.write() as session:
        session.add(Transcript(item_id=wire.room.episodes[2], source="editor", at=wire.now))
        session.flush()
        words = "Nobody had an ideal answer to that."
        session.add(Turn(item_id=wire.room.episodes[2], position=0, start_ms=61_000, end_ms=70_000, text=words))
    theo.post(f"/desk/issues/{issue}/trends", {"term": "ide", "days": 7})
    assert wire.facts(issue).episodes == ()


def test_a_topic_that_rises_no_longer_is_not_put_in(theo: Browser, wire: Wire) -> None:
    issue = wire.room.issue()
    page = theo.follow(theo.post(f"/desk/issues/{issue}/trends", {"term": "gone", "days": 7}))
    assert "rises no longer" in page
    assert wire.blocks(issue) == []


def test_the_block_is_written_on_at_the_board(theo: Browser, wire: Wire) -> None:
    issue = wire.room.issue()
    wire.rise("vector databases")
    theo.post(f"/desk/issues/{issue}/trends", {"term": "vector databases", "days": 7})
    (block,) = wire.blocks(issue)
    fields = {"do": "save", "version": block.version, "heading": "Vectors", "words": "Everybody *stores* them."}
    page = theo.follow(theo.post(f"/desk/issues/{issue}/blocks/{block.id}", fields))
    assert ">\nVectors</textarea>" in page
    assert "Everybody *stores* them.</textarea>" in page
    assert 'width="264" height="44"' in page
    answer = theo.post(f"/desk/issues/{issue}/blocks/{block.id}", fields | {"words": "Mine."})
    assert answer.status_code == 409
    assert "Mine." in answer.text
    answer = theo.post(f"/desk/issues/{issue}/blocks/{block.id}", fields | {"version": 2, "heading": ""})
    assert answer.status_code == 422
    assert 'src="/chart/' in theo.see(f"/desk/issues/{issue}/live.html")
    preview = theo.see(f"/desk/issues/{issue}/preview")
    assert "other sites" not in preview
    frame = re.findall(r'src="(/desk/issues/[0-9]+/preview.html[^"]*)"', preview)[0]
    assert 'src="/chart/' in theo.see(unescape(frame))


def test_readers_find_it_on_the_web_with_its_picture_and_links(theo: Browser, wire: Wire) -> None:
    issue = wire.room.issue()
    wire.rise("vector databases", own=wire.room.episodes[2:])
    theo.post(f"/desk/issues/{issue}/trends", {"term": "vector databases", "days": 7})
    publish.approve(wire.db, wire.room.app.renderer, issue, by=None, now=wire.now)
    with wire.db.write() as session:
        session.get_one(Issue, issue).state = IssueState.SENT
    mailing_row(wire.db, issue, at=wire.now)
    page = theo.see("/n/ai-weekly/issues/1")
    assert ">Vector databases</h3>" in page
    assert 'alt="Chart of items on vector databases: 0, 1, 2, 3, 4, 6, 9 a day' in page
    assert "25 items of 2 feeds in a week, 3.2 times as often as in the 4 weeks before." in page
    assert "From our own shows" in page
    assert theo.client.get(re.findall(r'src="(/chart/[^"]+)"', page)[0]).status_code == 200


@pytest.mark.parametrize(("days", "said"), [(2, "nine days"), (7, "two weeks"), (28, "five weeks")])
def test_before_there_is_a_past_the_page_says_when_there_will_be(
    theo: Browser, wire: Wire, days: int, said: str
) -> None:
    page = theo.see(f"/desk/trends?days={days}")
    assert "Too early to tell" in page
    assert f"need {said} of items" in page


def test_an_empty_desk_and_a_desk_where_all_is_blocked_say_so(theo: Browser, wire: Wire) -> None:
    wire.rise("tide pools")
    theo.post("/desk/trends/block", {"words": "tide pools", "newsletter": wire.room.newsletter})
    assert "All of it is blocked" in theo.see("/desk/trends")


def test_without_newsletters_or_items_there_is_a_way_on(mina: Browser) -> None:
    assert "No newsletter yet" in mina.see("/desk/trends")


def test_a_runner_that_has_stopped_is_told_of(theo: Browser, wire: Wire) -> None:
    wire.rise("tide pools", made_ago=timedelta(days=2))
    assert "the runner may have stopped" in theo.see("/desk/trends")


def test_who_may_only_look_finds_nothing_to_press(flask: Flask, sqlite_app: App, wire: Wire) -> None:
    wire.room.issue()
    wire.rise("tide pools")
    page = signed_in(flask, sqlite_app, "Vera", Role.VIEWER).see("/desk/trends")
    assert "Into issue" not in page
    assert ">Block<" not in page


def test_a_chart_is_kept_for_a_year_and_what_is_none_is_not_there(visitor: Browser, wire: Wire) -> None:
    answer = visitor.client.get("/chart/0b5f5a-AACx_.png")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.data.startswith(b"\x89PNG")
    assert "Set-Cookie" not in answer.headers
    assert visitor.client.get("/chart/0b5f5a-.png").status_code == 404
