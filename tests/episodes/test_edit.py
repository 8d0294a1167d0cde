"""What editors write about episodes: over the feed, never over each other, and back again."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from curator.activity.tables import Activity
from curator.db import Database
from curator.episodes import edit, store
from curator.episodes.platforms import Platform
from curator.episodes.values import Guest, ListeningLink, Mention, MentionKind, WebLink, Words
from curator.errors import ConflictError, InvalidError, NotFoundError
from curator.feeds.tables import Episode, Item
from curator.feeds.values import Chapter
from tests.audience.counting import statements
from tests.episodes.scene import APPLE, NOW, RSS, SPOTIFY, STITCHER, Show

ALL = Words(
    title="What a vector index forgets",
    subtitle="",
    summary="In our **own** words.",
    artwork_url="https://latent-waves.example/41.png",
    artwork_alt="A drawer of index cards",
    artwork_credit="Ana Ruiz",
    guests=(Guest("Nadia Okafor", "database researcher", "She builds.", (WebLink("https://nadia.example/", "Site"),)),),
    topics=("Indexes", "Loss"),
    mentions=(Mention(MentionKind.BOOK, "The Card Catalog", "https://books.example/1"),),
    chapters=(Chapter(0.0, "Hello"), Chapter(760.0, "Loss", "https://latent-waves.example/41#loss")),
)


@pytest.fixture
def show(database: Database) -> Show:
    return Show(database)


def _edit(show: Show, words: Words, *links: ListeningLink, seen: int = 0) -> int:
    return edit.edit_episode(show.db, show.episode, words, links, expected_version=seen, by=None, now=NOW)


def test_an_editors_words_stand_over_the_feeds_and_come_back_whole(show: Show) -> None:
    assert _edit(show, ALL, SPOTIFY) == 1
    view = show.view()
    assert (view.words, view.own_links, view.version) == (ALL, (SPOTIFY,), 1)
    assert (view.title, view.subtitle, view.summary_html) == ("What a vector index forgets", "", "")
    assert view.artwork is not None
    assert (view.artwork.alt, view.artwork.credit) == ("A drawer of index cards", "Ana Ruiz")


def test_a_poll_never_overwrites_what_an_editor_wrote_and_the_rest_follows_the_feed(show: Show) -> None:
    _edit(show, Words(title="Ours", guests=()))
    with show.db.write() as session:
        session.execute(update(Item).where(Item.id == show.episode).values(title="Theirs, anew", summary_text="Anew"))
        session.execute(update(Episode).values(subtitle="Also anew"))
    view = show.view()
    assert (view.title, view.subtitle, view.summary, view.guests) == ("Ours", "Also anew", "Anew", ())


def test_a_field_is_given_back_to_the_feed(show: Show) -> None:
    _edit(show, ALL)
    _edit(show, replace(ALL, title=None, guests=None, chapters=None), seen=1)
    view = show.view()
    assert view.title == "What an index forgets"
    assert [guest.name for guest in view.guests] == ["Nadia Okafor", "Jo Park"]
    assert [chapter.title for chapter in view.chapters] == ["Hello", "What is lost"]
    assert view.topics == ("Indexes", "Loss")


def test_whoever_comes_second_overwrites_nothing(show: Show) -> None:
    _edit(show, Words(title="Mina's"))
    with pytest.raises(ConflictError):
        _edit(show, Words(title="Theo's"), seen=0)
    assert show.view().title == "Mina's"


def test_a_form_posted_twice_changes_nothing_the_second_time(show: Show) -> None:
    assert _edit(show, ALL, SPOTIFY) == 1
    assert _edit(show, ALL, SPOTIFY, seen=0) == 1
    assert _verbs(show) == ["edited"]


def test_the_log_says_what_was_changed_and_what_stood_there(show: Show) -> None:
    _edit(show, Words(title="Ours"))
    with show.db.read() as session:
        (row,) = session.scalars(select(Activity))
    assert (row.subject, row.subject_id, row.before, row.after) == (
        "episode",
        show.episode,
        {"title": None},
        {"title": "Ours"},
    )


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (Words(title="x" * 501), "title"),
        (Words(artwork_url="javascript:alert(1)"), "artwork_url"),
        (Words(guests=(Guest("Nadia"), Guest("", "nobody"))), "guest-name-1"),
        (Words(guests=(Guest("Nadia", links=(WebLink("ftp://nadia.example"),)),)), "guest-links-0"),
        (Words(guests=tuple(Guest(f"Guest {number}") for number in range(21))), "guest-name-0"),
        (Words(topics=("x" * 201,)), "topics"),
        (Words(mentions=(Mention(MentionKind.SITE, "Site", "data:text/html,x"),)), "mention-url-0"),
        (Words(chapters=(Chapter(1e9, "Late"),)), "chapters"),
    ],
)
def test_what_cannot_be_taken_names_its_field(show: Show, words: Words, field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        _edit(show, words)
    assert refused.value.field == field
    assert show.view().version == 0


def test_an_episode_of_somebody_elses_show_is_not_edited(show: Show) -> None:
    for item_id in (show.foreign, 999):
        with pytest.raises(NotFoundError):
            edit.edit_episode(show.db, item_id, ALL, (), expected_version=0, by=None, now=NOW)


# -- shows and platforms


def _links(show: Show, *links: ListeningLink, seen: tuple[ListeningLink, ...] = ()) -> None:
    version = edit.links_version(seen)
    edit.edit_show_links(show.db, show.feed, links, expected_version=version, by=None, now=NOW)


def test_a_shows_links_stand_in_the_editors_order_on_each_of_its_episodes(show: Show) -> None:
    _links(show, RSS, APPLE, SPOTIFY)
    assert show.view().links == (RSS, APPLE, SPOTIFY)
    _links(show, APPLE, seen=(RSS, APPLE, SPOTIFY))
    assert show.view().links == (APPLE,)


def test_two_editors_do_not_overwrite_each_others_links(show: Show) -> None:
    _links(show, APPLE)
    with pytest.raises(ConflictError):
        _links(show, SPOTIFY)
    _links(show, APPLE)
    assert _verbs(show) == ["changed the listening links of"]


@pytest.mark.parametrize(
    ("link", "field"),
    [
        (ListeningLink(Platform.APPLE, "javascript:alert(1)"), "link-url-1"),
        (ListeningLink(Platform.OTHER, "https://deezer.example/"), "link-label-1"),
        (ListeningLink(Platform.RSS, "https://other.example/feed.xml"), "link-platform-1"),
    ],
)
def test_a_link_that_cannot_be_taken_names_its_row(show: Show, link: ListeningLink, field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        _links(show, RSS, link)
    assert refused.value.field == field


def test_a_retired_platform_is_gone_from_every_episode_at_once_and_comes_back(show: Show) -> None:
    _links(show, APPLE, STITCHER)
    _edit(show, Words(), ListeningLink(Platform.STITCHER, "https://www.stitcher.com/episode/41"))
    for _ in range(2):
        edit.retire(show.db, Platform.STITCHER, by=None, now=NOW)
    assert show.view().links == (APPLE,)
    with show.db.read() as session:
        assert store.retired(session) == {Platform.STITCHER: NOW}
        assert store.show_row(session, show.feed).links == (APPLE, STITCHER), "it stays written down"
        assert store.link_counts(session) == {Platform.APPLE: 1, Platform.STITCHER: 2}
    edit.bring_back(show.db, Platform.STITCHER, by=None, now=NOW)
    assert len(show.view().links) == 2
    assert _verbs(show)[-2:] == ["retired", "brought back"]


def test_a_list_of_episodes_costs_four_queries_however_long_it_is(show: Show) -> None:
    from curator.feeds.values import ItemKind
    from tests import builders

    ids = [show.episode, show.foreign]
    ids += [
        builders.item_row(show.db, show.feed, f"Episode {number}", at=NOW, kind=ItemKind.EPISODE)
        for number in range(30)
    ]
    with statements(show.db) as seen, show.db.read() as session:
        found = store.views(session, ids)
    assert (len(found), len(seen)) == (31, 4)
    with show.db.read() as session:
        assert store.episode_ids(session, show.feed, limit=2, offset=30) == [show.episode]


def _verbs(show: Show) -> list[str]:
    with show.db.read() as session:
        return list(session.scalars(select(Activity.verb).order_by(Activity.id)))
