"""The desk's page of an episode: corrected and completed, without JavaScript, by two editors at once."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from curator.app import App
from curator.episodes import edit, store
from curator.episodes.platforms import Platform
from curator.episodes.values import EpisodeView, MentionKind
from curator.feeds import ingest
from curator.feeds.values import ItemKind
from curator.issues import publish
from curator.issues.values import DocumentLink, DocumentSection
from tests import builders
from tests.episodes.scene import CHAPTERS, PEOPLE, SUMMARY
from tests.issues.documents import document, entry
from tests.published import sent_issue_row
from tests.web.conftest import Browser, Newsroom
from tests.web.test_pages import check_outline


class Fields(HTMLParser):
    """Reads a form as a browser would send it, without its buttons."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, object] = {}
        self._area = self._select = ""
        self.feed(page.partition("<main")[2])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "input" and given.get("type") != "checkbox" and name != "csrf_token":
            self.found[name] = given.get("value", "")
        elif tag == "textarea":
            self._area, self.found[name] = name, ""
        elif tag == "select":
            self._select, self.found[name] = name, ""
        elif tag == "option" and "selected" in given:
            self.found[self._select] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # HTML drops the first newline of a text area; a browser sends others as CR LF.
            self.found[self._area] = str(self.found[self._area]).removeprefix("\n").replace("\n", "\r\n")
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area] = str(self.found[self._area]) + data


@pytest.fixture
def url(newsroom: Newsroom, sqlite_app: App) -> str:
    """The page of an episode that the feed tells a lot about."""
    item_id = builders.item_row(
        sqlite_app.db,
        newsroom.show,
        "What an index forgets",
        at=sqlite_app.clock(),
        kind=ItemKind.EPISODE,
        summary_html=SUMMARY,
        summary_text="Nadia rebuilt an index.\nIt was being read.",
    )
    builders.episode_facts(
        sqlite_app.db,
        item_id,
        audio_url="https://cdn.example/41.mp3",
        subtitle="A surprise",
        people=list(PEOPLE),
        chapters=[*CHAPTERS, {"start_s": 12.7, "title": "Fractions"}, {"start_s": None, "title": "Somewhen"}],
    )
    return f"/desk/shows/episodes/{item_id}"


def _view(app: App, url: str) -> EpisodeView:
    with app.db.read() as session:
        return store.view(session, int(url.rpartition("/")[2]))


def _save(browser: Browser, url: str, **fields: object):
    return browser.post(url, {**Fields(browser.see(url)).found, **fields})


def test_a_form_that_nobody_touched_leaves_every_word_to_the_feed(theo: Browser, url: str, sqlite_app: App) -> None:
    assert "is saved" in theo.follow(_save(theo, url))
    view = _view(sqlite_app, url)
    assert set(vars(view.words).values()) == {None}
    assert view.version == 0


def test_the_page_shows_what_the_feed_says_and_what_is_missing(theo: Browser, url: str) -> None:
    page = theo.see(url)
    check_outline(page)
    assert "2 guests without biography, no topics, no transcript, no place to listen" in page
    fields = Fields(page).found
    assert fields["guest-name-1"] == "Jo Park"
    assert fields["chapters"] == "0:00 Hello\r\n0:12 Fractions\r\n12:40 What is lost\r\n- Somewhen"


def test_a_touched_field_is_the_editors_and_all_others_follow_the_feed(
    theo: Browser, url: str, sqlite_app: App
) -> None:
    _save(theo, url, title="What a vector index forgets", subtitle="")
    view = _view(sqlite_app, url)
    assert (view.title, view.subtitle) == ("What a vector index forgets", "")
    assert (view.words.summary, view.words.guests, view.words.chapters) == (None, None, None)


def test_a_word_mended_in_the_feeds_summary_leaves_its_paragraphs_alone(theo: Browser, url: str) -> None:
    page = Fields(theo.see(url)).found
    theo.follow(theo.post(url, {**page, "summary": page["summary"].replace("an index", "the index")}))
    public = theo.see(url.replace("/desk/shows/episodes", "/e"))
    assert "<p>Nadia rebuilt the index.</p>" in public
    assert "<p>It was being read.</p>" in public


def test_everything_can_be_written(theo: Browser, url: str, sqlite_app: App) -> None:
    fields = {
        "summary": "Ours.\r\n\r\nIn two paragraphs.",
        "guest-role-0": "database researcher",
        "guest-biography-0": "She builds.",
        "guest-links-0": "https://nadia.example/ Her site\r\nhttps://social.example/nadia",
        "guest-name-2": "A third",
        "topics": "Indexes\r\n\r\n  Loss \r\nIndexes",
        "mention-kind-0": "book",
        "mention-title-0": "The Card Catalog",
        "mention-url-0": "https://books.example/1",
        "chapters": "0:00 Hello\r\n1:02:40 The end https://latent-waves.example/end",
        "artwork_url": "https://latent-waves.example/41.png",
        "artwork_alt": "Cards",
        "artwork_credit": "Ana Ruiz",
        "link-url-0": "https://youtu.be/41",
    }
    page = theo.follow(_save(theo, url, **fields))
    check_outline(page)
    view = _view(sqlite_app, url)
    assert view.summary == "Ours.\n\nIn two paragraphs."
    assert [(guest.name, guest.role) for guest in view.guests] == [
        ("Nadia Okafor", "database researcher"),
        ("Jo Park", ""),
        ("A third", ""),
    ]
    assert [(link.url, link.label) for link in view.guests[0].links] == [
        ("https://nadia.example/", "Her site"),
        ("https://social.example/nadia", ""),
    ]
    assert view.topics == ("Indexes", "Loss")
    assert [(one.kind, one.title, one.url) for one in view.mentions] == [
        (MentionKind.BOOK, "The Card Catalog", "https://books.example/1")
    ]
    assert [(one.start_s, one.title, one.url) for one in view.chapters] == [
        (0.0, "Hello", None),
        (3760.0, "The end", "https://latent-waves.example/end"),
    ]
    assert view.artwork is not None
    assert (view.artwork.alt, view.artwork.credit) == ("Cards", "Ana Ruiz")
    assert [link.name for link in view.links] == ["YouTube"]
    saved = _view(sqlite_app, url)
    _save(theo, url)
    assert _view(sqlite_app, url) == saved, "the form says what was saved"


def test_a_row_that_is_emptied_is_taken_out(theo: Browser, url: str, sqlite_app: App) -> None:
    empty = {f"guest-{name}-0": "" for name in ("name", "role", "biography", "links", "image")}
    _save(theo, url, **empty)
    assert [guest.name for guest in _view(sqlite_app, url).guests] == ["Jo Park"]


def test_a_field_goes_back_to_the_feed_by_a_tick(theo: Browser, url: str, sqlite_app: App) -> None:
    _save(theo, url, title="Ours", topics="Mine", chapters="0:00 Only")
    page = theo.see(url)
    assert "Back to the feed" in page
    _save(theo, url, **{"feed-title": "yes", "feed-chapters": "yes"})
    view = _view(sqlite_app, url)
    assert (view.title, view.words.title, len(view.chapters), view.topics) == (
        "What an index forgets",
        None,
        4,
        ("Mine",),
    )


@pytest.mark.parametrize(("which", "count"), [("topics", 2), ("mentions", 3)])
def test_what_the_feeds_text_suggests_is_taken_over_with_one_press_and_nothing_typed_is_lost(
    theo: Browser, url: str, sqlite_app: App, which: str, count: int
) -> None:
    page = theo.see(url)
    assert f"Take all {count} over" in page
    after = theo.follow(_save(theo, url, do=which, subtitle="Typed before the press"))
    view = _view(sqlite_app, url)
    assert len(getattr(view, which)) == count
    assert view.subtitle == "Typed before the press"
    assert f"Take all {count} over" not in after


def test_a_list_that_is_full_takes_nothing_over_and_keeps_what_was_typed(theo: Browser, url: str) -> None:
    topics = "\n".join(f"Topic {number}" for number in range(40))
    answer = _save(theo, url, do="topics", topics=topics, subtitle="Typed with care")
    assert answer.status_code == 422
    assert "These are 42 topics; at most 40 fit." in answer.text
    assert "Topic 39" in answer.text
    assert "Typed with care" in answer.text


def test_words_are_shown_again_to_whoever_was_signed_out_while_writing(theo: Browser, url: str) -> None:
    words = {"summary": "On a train.", "guest-biography-0": "She builds.", "topics": "Loss", "chapters": "0:00 Hello"}
    answer = theo.client.post(url, data={"csrf_token": "another", **words})
    assert answer.status_code == 400
    for text in words.values():
        assert text in answer.text


def test_somebody_whom_the_feed_calls_a_host_becomes_a_guest_with_one_press(
    theo: Browser, url: str, sqlite_app: App
) -> None:
    builders.episode_facts(sqlite_app.db, int(url.rpartition("/")[2]), people=[{"name": "Mina Adeyemi"}])
    assert "Mina Adeyemi" in theo.follow(_save(theo, url, do="people"))
    view = _view(sqlite_app, url)
    assert [(guest.name, guest.role) for guest in view.guests] == [("Mina Adeyemi", "")]
    assert view.crew == ()


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("guest-links-0", "javascript:alert(1) x"),
        ("guest-role-1", "x" * 201),
        ("guest-name-0", ""),
        ("mention-url-0", "nothing"),
        ("mention-title-0", "x" * 501),
        ("chapters", "Hello without a time"),
        ("topics", "\n".join(f"Topic {number}" for number in range(41))),
        ("artwork_url", "data:image/png;base64,x"),
        ("link-url-0", "ftp://x.example"),
        ("title", "x" * 501),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field_and_stays_in_it(
    theo: Browser, url: str, sqlite_app: App, field: str, text: str
) -> None:
    more = {"mention-title-0": "A thing"} if field == "mention-url-0" else {}
    more |= {"guest-role-0": "researcher"} if field == "guest-name-0" else {}
    answer = _save(theo, url, **{**more, field: text, "subtitle": "Also typed"})
    assert (answer.status_code, f'href="#{field}"' in answer.text) == (422, True)
    assert "Also typed" in answer.text
    check_outline(answer.text)
    assert _view(sqlite_app, url).version == 0


def test_two_editors_do_not_overwrite_each_other_and_see_both_texts(
    theo: Browser, mina: Browser, url: str, sqlite_app: App
) -> None:
    stale = Fields(theo.see(url)).found
    _save(mina, url, title="Mina's title", subtitle="Mina's subtitle")
    answer = theo.post(url, {**stale, "title": "Theo's title"})
    assert answer.status_code == 409
    check_outline(answer.text)
    assert "Mina&#39;s title" in answer.text
    assert "Theo&#39;s title" in answer.text
    kept = theo.post(url, Fields(answer.text).found)
    assert kept.status_code == 303
    view = _view(sqlite_app, url)
    assert (view.title, view.subtitle) == ("Theo's title", "Mina's subtitle"), "what Theo left alone stays Mina's"
    assert view.words.summary is None


def test_a_change_takes_back_the_approval_of_an_issue_with_the_episode(
    theo: Browser, url: str, newsroom: Newsroom, sqlite_app: App
) -> None:
    issue_id = newsroom.issue()
    publish.approve(sqlite_app.db, sqlite_app.renderer, issue_id, by=None, now=sqlite_app.clock())
    assert "lost the approval" not in theo.follow(_save(theo, url, artwork_credit=""))
    assert "Issue 1 has lost the approval" in theo.follow(_save(theo, url, topics="Indexes"))


def test_an_episode_of_another_show_has_no_page(theo: Browser, newsroom: Newsroom) -> None:
    for item_id in (newsroom.articles[0], 9999):
        theo.see(f"/desk/shows/episodes/{item_id}", status=404)


def test_the_board_leads_to_the_episodes_page_and_says_which_title_the_mail_has(
    theo: Browser, newsroom: Newsroom
) -> None:
    issue_id, url = newsroom.issue(), f"/desk/shows/episodes/{newsroom.episodes[0]}"
    assert f'href="{url}"' in theo.see(f"/desk/issues/{issue_id}")
    _save(theo, url, title="Tide pools, corrected")
    assert "In the mail: “Tide pools, corrected”" in theo.see(f"/desk/issues/{issue_id}")


def test_a_sent_issues_page_shows_where_to_listen_but_no_platform_that_was_retired_since(
    visitor: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    listen = (
        DocumentLink("apple", "Apple Podcasts", "Listen on", "https://podcasts.apple.com/1"),
        DocumentLink("google", "Google Podcasts", "Listen on", "https://podcasts.google.com/1"),
    )
    told = replace(entry(is_episode=True), people="Nadia Okafor", topics="Indexes", listen=listen, episode_id=1)
    kept = document(DocumentSection("Highlights", (told,)))
    sent_issue_row(sqlite_app.db, newsroom.newsletter, 1, document=kept)
    page = visitor.see("/n/ai-weekly/issues/1")
    check_outline(page)
    for words in ("Apple Podcasts", "Google Podcasts", "Nadia Okafor", "Indexes"):
        assert words in page
    assert 'href="/e/1"' in page
    ingest.mark_own_show(sqlite_app.db, newsroom.show, is_own_show=False, now=sqlite_app.clock())
    assert 'href="/e/1"' not in visitor.see("/n/ai-weekly/issues/1"), "no page leads to one that is not there"
    edit.retire(sqlite_app.db, Platform.GOOGLE, by=None, now=sqlite_app.clock())
    page = visitor.see("/n/ai-weekly/issues/1")
    assert ("Apple Podcasts" in page, "Google Podcasts" in page) == (True, False)
