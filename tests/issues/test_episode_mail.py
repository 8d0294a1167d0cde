"""An own show's episode in the mail: who is in it, what about, and where to listen, and that an approval is for it."""

import json
from dataclasses import asdict, replace

import pytest

from curator.db import Database
from curator.episodes import edit
from curator.episodes.platforms import Platform
from curator.episodes.values import Guest, ListeningLink, Words
from curator.feeds.values import ItemKind
from curator.issues import board, compose, publish, slots, store
from curator.issues.render import Renderer
from curator.issues.values import (
    Document,
    DocumentEntry,
    DocumentLink,
    DocumentSection,
    IssueState,
    Placement,
)
from curator.newsletters import store as newsletters
from tests import builders
from tests.issues.documents import document, entry
from tests.issues.reading import Page
from tests.issues.scene import NOW, Scene, scene

APPLE = ListeningLink(Platform.APPLE, "https://podcasts.apple.com/show/1")
STITCHER = ListeningLink(Platform.STITCHER, "https://www.stitcher.com/show/1")
RSS = ListeningLink(Platform.RSS, "https://latent-waves.example/feed.xml")
WORDS = Words(
    guests=(Guest("Nadia Okafor", "database researcher"), Guest("Jo Park")),
    topics=("Vector indexes", "Loss"),
    artwork_url="https://latent-waves.example/41.png",
    artwork_alt="A drawer of cards",
    artwork_credit="Ana Ruiz",
)
LISTEN = (
    DocumentLink("apple", "Apple Podcasts", "Listen on", "https://podcasts.apple.com/show/1"),
    DocumentLink("rss", "RSS", "Subscribe by", "https://latent-waves.example/feed.xml"),
)


def _told(**given: object) -> DocumentEntry:
    told = {"people": "Nadia Okafor (database researcher) and Jo Park", "topics": "Indexes · Loss", "listen": LISTEN}
    return replace(entry(is_episode=True), **(told | given))  # type: ignore[arg-type]  # the test's own words


@pytest.fixture
def desk(database: Database) -> Scene:
    """An issue with an episode of ours and one of somebody else's."""
    found = scene(database)
    ours = found.item("Forgetting in the Arctic", feed=0)
    theirs = found.item("Vector databases", feed=1, kind=ItemKind.EPISODE)
    issue_id = publish.draft(found.db, found.newsletter_id, now=NOW)
    for item_id in (ours, theirs):
        board.pick_into(found.db, issue_id, item_id, found.sections[0], by=None, now=NOW)
    builders.listening_links(found.db, found.feeds[0], APPLE, STITCHER, RSS)
    return found


def _document(desk: Scene, issue_id: int = 1) -> Document:
    with desk.db.read() as session:
        return compose.document(store.board(session, issue_id), newsletters.newsletter(session, desk.newsletter_id))


def _ours(desk: Scene) -> DocumentEntry:
    return next(each for each in _document(desk).sections[0].entries if each.source == "Latent Waves")


def _edit(desk: Scene, words: Words, *, seen: int = 0) -> None:
    item = next(block.pick.item for block in desk.board(1).sections[0].blocks if block.pick and block.episode)
    edit.edit_episode(desk.db, item.id, words, (), expected_version=seen, by=None, now=NOW)


def test_an_own_shows_episode_brings_guests_topics_and_places_to_listen(desk: Scene) -> None:
    _edit(desk, WORDS)
    found = _ours(desk)
    assert found.people == "Nadia Okafor (database researcher) and Jo Park"
    assert found.topics == "Vector indexes · Loss"
    assert [link.name for link in found.listen] == ["Apple Podcasts", "Stitcher", "RSS"]
    assert (found.image_url, found.image_alt) == (None, "A drawer of cards")


def test_an_episode_of_another_show_stays_as_it_was(desk: Scene) -> None:
    other = next(each for each in _document(desk).sections[0].entries if each.source != "Latent Waves")
    assert (other.people, other.topics, other.listen, other.image_credit) == ("", "", (), "")


def test_the_editors_title_of_the_episode_stands_unless_the_pick_has_its_own(desk: Scene) -> None:
    _edit(desk, Words(title="What the ice forgets", summary="In our words."))
    assert (_ours(desk).title, _ours(desk).body_text) == ("What the ice forgets", "In our words.")
    block = next(block for block in desk.board(1).sections[0].blocks if block.episode)
    board.edit_pick(
        desk.db, block.id, title="For this issue", link="", blurb="Ours.", expected_version=1, by=None, now=NOW
    )
    assert (_ours(desk).title, _ours(desk).body_text) == ("For this issue", "Ours.")


def test_other_facts_make_another_hash_so_an_approval_lapses(desk: Scene, renderer: Renderer) -> None:
    approved = publish.approve(desk.db, renderer, 1, by=None, now=NOW)
    assert publish.take_back_changed(desk.db, renderer, by=None, now=NOW) == []
    edit.retire(desk.db, Platform.STITCHER, by=None, now=NOW)
    assert publish.take_back_changed(desk.db, renderer, by=None, now=NOW) == [1]
    issue = desk.board(1).issue
    assert (issue.state, issue.approved_hash, issue.note) == (IssueState.DRAFT, None, publish.CHANGED_ELSEWHERE)
    again = publish.approve(desk.db, renderer, 1, by=None, now=NOW)
    assert again.content_hash != approved.content_hash
    assert ("stitcher" in approved.html + approved.text, "stitcher" in again.html + again.text) == (True, False)


def test_a_kept_document_comes_back_equal(desk: Scene) -> None:
    _edit(desk, WORDS)
    found = _document(desk)
    assert compose.document_from(json.loads(json.dumps(asdict(found)))) == found


def test_a_document_of_before_there_were_such_facts_can_still_be_read() -> None:
    kept = json.loads(json.dumps(asdict(document(DocumentSection("", (entry(),))))))
    for each in kept["sections"][0]["entries"]:
        for name in ("people", "topics", "listen", "image_alt", "image_credit", "episode_id"):
            del each[name]
    assert compose.document_from(kept).sections[0].entries == (entry(),)


def test_the_places_to_listen_are_links_that_are_told_apart_and_counted(renderer: Renderer) -> None:
    two = (_told(), replace(_told(block_id=2), title="Another episode"))
    rendered = renderer.render(document(DocumentSection("Highlights", two)))
    page = Page(slots.filled(rendered.html, rendered.links))
    names = page.attributes("a", "aria-label")
    assert len(set(names)) == len(names) == 6
    assert "Listen on Apple Podcasts: What a vector index forgets" in names
    assert "Listen: Apple Podcasts · RSS" in " ".join(page.text.split())
    counted = [link for link in rendered.links if link.url == LISTEN[0].url]
    assert [(link.placement, link.block_id, link.label) for link in counted] == [
        (Placement.GO, 1, "Listen on Apple Podcasts: What a vector index forgets"),
        (Placement.GO, 2, "Listen on Apple Podcasts: Another episode"),
    ]


def test_both_parts_say_who_is_in_it_and_what_about(renderer: Renderer) -> None:
    told = _told(image_url="https://latent-waves.example/41.png", image_alt='A "drawer"', image_credit="Ana Ruiz")
    rendered = renderer.render(document(DocumentSection("", (told,))))
    page = Page(rendered.html)
    for text in (" ".join(page.text.split()), " ".join(rendered.text.split())):
        assert "With Nadia Okafor (database researcher) and Jo Park" in text
        assert "Topics: Indexes · Loss" in text
    assert "Picture: Ana Ruiz" in page.text
    assert page.attributes("img", "alt") == ['A "drawer"']
    assert "  Listen on Apple Podcasts: https://podcasts.apple.com/show/1\n" in rendered.text
    assert "  Subscribe by RSS: https://latent-waves.example/feed.xml\n" in rendered.text
