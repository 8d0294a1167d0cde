"""What is related, on the pages of episodes and issues and as JSON, as anybody sees it."""

import pytest
from flask import Flask

from curator.accounts.values import Role
from curator.app import App
from curator.feeds.values import ItemKind
from curator.issues.blocks import store as blocks
from curator.issues.tables import Issue
from curator.issues.values import DocumentSection, IssueState
from curator.picks import curate
from curator.picks.tables import RelatedRow
from tests import builders
from tests.audience.counting import statements
from tests.episodes.scene import NOW, Show
from tests.issues.documents import document, entry
from tests.published import sent_issue_row
from tests.web.conftest import Browser, signed_in
from tests.web.test_pages import check_outline


class Library:
    """A show's two episodes, and an article that issue 7 printed."""

    def __init__(self, app: App) -> None:
        self.db, self.url = app.db, app.settings.public_url
        self.show = Show(app.db)
        self.episode = self.show.episode
        self.second = builders.item_row(app.db, self.show.feed, "Recall, measured", at=NOW, kind=ItemKind.EPISODE)
        self.newsletter = builders.newsletter_row(app.db)
        self.section = builders.section_rows(app.db, self.newsletter)[2]
        self.feed = builders.feed_row(app.db, "Row Store")
        self.blocks = 0
        self.article = self.printed("Indexes in the planner", number=7)

    def printed(self, title: str, *, number: int) -> int:
        """An article that stands in an issue which was sent; its block is the document's only entry."""
        item_id = builders.item_row(self.db, self.feed, title, at=NOW)
        self.blocks += 1
        section = DocumentSection("Recommendations", (entry(title, source="Row Store", block_id=self.blocks),))
        self.stand(item_id, sent_issue_row(self.db, self.newsletter, number, document=document(section)))
        return item_id

    def stand(self, item_id: int, issue_id: int) -> None:
        pick = curate.pick(self.db, self.newsletter, item_id, self.section, by=None, now=NOW)
        with self.db.write() as session:
            blocks.add_block(session, issue_id, self.section, pick_id=pick)

    def relate(self, item_id: int, other_id: int, *, score: float = 0.5, at_s: float | None = None) -> None:
        terms = ["vector index", "<recall>"]
        with self.db.write() as session:
            session.add(
                RelatedRow(item_id=item_id, other_id=other_id, score=score, terms=terms, at_s=at_s, made_at=NOW)
            )


@pytest.fixture
def library(sqlite_app: App) -> Library:
    return Library(sqlite_app)


@pytest.fixture
def reader(flask: Flask) -> Browser:
    return Browser(flask.test_client())


def test_an_episodes_page_shows_another_episode_with_its_moment_and_its_chapter(
    reader: Browser, library: Library
) -> None:
    library.relate(library.second, library.episode, at_s=800.5)
    page = reader.see(f"/e/{library.second}")
    check_outline(page)
    assert '<h2 id="related" lang="en">Related</h2>' in page
    assert f'<a href="/e/{library.episode}">What an index forgets</a>' in page
    assert 'href="https://cdn.example/41.mp3#t=800"' in page
    assert f'<a href="/e/{library.episode}#chapter-2"><bdi>What is lost</bdi></a>' in page
    assert "<bdi>vector index</bdi>, <bdi>&lt;recall&gt;</bdi>" in page
    there = reader.see(f"/e/{library.episode}")
    assert '<li id="chapter-2">' in there


def test_an_issues_page_shows_episodes_and_past_picks_that_do_not_stand_in_it(
    reader: Browser, library: Library
) -> None:
    other = library.printed("Recall of vectors", number=8)
    library.relate(library.article, library.episode, at_s=3.0)
    library.relate(library.article, other, score=0.4)
    page = reader.see("/n/ai-weekly/issues/7")
    check_outline(page)
    assert f'href="/e/{library.episode}"' in page
    assert '<a href="/n/ai-weekly/issues/8">issue 8</a>' in page
    library.relate(other, other)
    library.relate(other, library.article)
    assert page.count("Recall of vectors") == 1
    assert reader.see("/n/ai-weekly/issues/8").count("Recall of vectors") == 3, (
        "its own title and its links, and no more"
    )


def test_what_was_picked_and_not_printed_is_shown_to_nobody(reader: Browser, library: Library) -> None:
    secret = builders.item_row(library.db, library.feed, "A draft's own pick", at=NOW)
    draft = builders.approved_issue_row(library.db, library.newsletter, number=9)
    library.stand(secret, draft)
    library.relate(library.episode, secret)
    for url in (f"/e/{library.episode}", f"/e/{library.episode}/related.json"):
        assert "own pick" not in reader.see(url)


def test_a_pick_of_a_back_issue_leads_to_that_issue_where_it_is_public(reader: Browser, library: Library) -> None:
    old = builders.item_row(library.db, library.feed, "Read long ago", at=NOW)
    with library.db.write() as session:
        issue = Issue(
            newsletter_id=library.newsletter,
            number=2,
            state=IssueState.SENT,
            created_at=NOW,
            sent_at=NOW,
            imported_at=NOW,
        )
        session.add(issue)
        session.flush()
        issue_id = issue.id
    library.stand(old, issue_id)
    library.relate(library.episode, old)
    page = reader.see(f"/e/{library.episode}")
    assert 'in <a href="/n/ai-weekly/issues/2">issue 2</a></p>' in page
    builders.change_newsletters(library.db, shows_back_issues=False)
    page = reader.see(f"/e/{library.episode}")
    assert "Read long ago" in page
    assert "in issue 2</p>" in page


def test_programs_get_the_same_as_json(reader: Browser, library: Library) -> None:
    library.relate(library.second, library.episode, at_s=800.5)
    library.relate(library.second, library.article, score=0.4)
    answer = reader.client.get(f"/e/{library.second}/related.json", headers={"Host": "evil.example"})
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    told = answer.get_json()
    assert told["about"] == f"{library.url}/e/{library.second}"
    episode, pick = told["related"]
    assert episode == {
        "kind": "episode",
        "title": "What an index forgets",
        "url": f"{library.url}/e/{library.episode}",
        "source": "Latent Waves",
        "date": "2026-11-16",
        "shared_terms": ["vector index", "<recall>"],
        "at_s": 800,
        "listen_url": "https://cdn.example/41.mp3#t=800",
        "chapter": {"title": "What is lost", "url": f"{library.url}/e/{library.episode}#chapter-2"},
    }
    assert (pick["kind"], pick["issue"]) == ("pick", {"number": 7, "url": f"{library.url}/n/ai-weekly/issues/7"})
    issue = reader.client.get("/n/ai-weekly/issues/7/related.json")
    assert issue.headers["Cache-Control"] == "public, max-age=300"
    assert issue.get_json() == {"about": f"{library.url}/n/ai-weekly/issues/7", "related": []}


@pytest.mark.parametrize(
    "url",
    ["/e/999/related.json", "/n/nobody/issues/7/related.json", "/n/ai-weekly/issues/99/related.json"],
)
def test_of_what_is_not_there_nothing_is_told(reader: Browser, library: Library, url: str) -> None:
    answer = reader.client.get(url)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json; charset=utf-8")
    assert answer.get_json()["error"].startswith("There is no such")
    assert library.article


def test_without_anything_related_there_is_no_such_part(reader: Browser, library: Library) -> None:
    assert 'id="related"' not in reader.see(f"/e/{library.episode}")
    assert 'id="related"' not in reader.see("/n/ai-weekly/issues/7")


def test_a_page_asks_as_much_for_many_as_for_few(flask: Flask, library: Library) -> None:
    def asked(url: str) -> int:
        with statements(library.db) as seen:
            assert flask.test_client().get(url).status_code == 200
        return len(seen)

    library.relate(library.article, library.episode)
    library.relate(library.article, library.printed("Another", number=10))
    few = asked("/n/ai-weekly/issues/7")
    for number in range(11, 17):
        library.relate(library.article, library.printed(f"Article {number}", number=number))
        more = builders.item_row(library.db, library.show.feed, f"Talk {number}", at=NOW, kind=ItemKind.EPISODE)
        library.relate(library.article, more)
    assert asked("/n/ai-weekly/issues/7") == few


def test_an_editor_is_offered_it_beside_an_item_of_the_inbox(flask: Flask, sqlite_app: App, library: Library) -> None:
    theo = signed_in(flask, sqlite_app, "Theo", Role.EDITOR)
    item = builders.item_row(library.db, library.feed, "An index again", at=NOW)
    url = f"/desk/inbox/{item}?newsletter={library.newsletter}"
    assert "Our episodes on it" not in theo.see(url)
    library.relate(item, library.episode, score=0.09, at_s=800.5)
    library.relate(item, library.article, score=0.4)
    page = theo.see(url)
    assert 'aria-label="Our episodes on it"' in page
    assert 'href="https://cdn.example/41.mp3#t=800"' in page
    assert 'aria-label="Printed on it before"' in page
    assert "issue 7; both tell of vector index, &lt;recall&gt;" in page


def test_readers_are_not_shown_what_is_too_far_off(reader: Browser, library: Library) -> None:
    library.relate(library.second, library.episode, score=0.09)
    assert 'id="related"' not in reader.see(f"/e/{library.second}")
