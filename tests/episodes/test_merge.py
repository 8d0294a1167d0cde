"""An episode as it is shown: the editor's words over the feed's, and what its text suggests."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.db import Database
from curator.episodes.merge import links_shown, view
from curator.episodes.platforms import Platform
from curator.episodes.suggest import suggestions
from curator.episodes.values import EpisodeView, Guest, ListeningLink, Mention, MentionKind, Told, Words
from tests.episodes.scene import APPLE, NOW, RSS, SPOTIFY, STITCHER, Show


@pytest.fixture
def show(sqlite_database: Database) -> Show:
    return Show(sqlite_database)


OWN = ListeningLink(Platform.SPOTIFY, "https://open.spotify.com/episode/41")
YOUTUBE = ListeningLink(Platform.YOUTUBE, "https://youtu.be/41")
DEEZER = ListeningLink(Platform.OTHER, "https://deezer.example/41", "Deezer")
PLAYER = ListeningLink(Platform.OTHER, "https://player.example/", "Our player")


def test_the_episodes_link_stands_in_the_place_of_the_shows_of_the_same_platform() -> None:
    shown = links_shown([APPLE, SPOTIFY, PLAYER, RSS], [YOUTUBE, OWN, DEEZER], retired=())
    assert shown == (APPLE, OWN, PLAYER, RSS, YOUTUBE, DEEZER)


def test_a_retired_platform_is_left_out_of_both() -> None:
    shown = links_shown([APPLE, STITCHER], [OWN], retired={Platform.STITCHER, Platform.SPOTIFY})
    assert shown == (APPLE,)


@given(st.lists(st.sampled_from([APPLE, SPOTIFY, STITCHER, RSS, OWN, DEEZER, PLAYER]), max_size=8))
def test_no_link_is_lost_or_doubled(links: list[ListeningLink]) -> None:
    assert sorted(links_shown(links, retired=()), key=repr) == sorted(set(links), key=repr)


def test_the_feed_fills_what_no_editor_wrote(show: Show) -> None:
    shown = show.view()
    assert (shown.title, shown.subtitle, shown.version) == ("What an index forgets", "A surprise about loss", 0)
    assert [(guest.name, guest.role) for guest in shown.guests] == [("Nadia Okafor", ""), ("Jo Park", "")]
    assert [link.url for link in shown.guests[0].links] == ["https://nadia.example/"]
    assert shown.guests[1].links == (), "only addresses of the web are links"
    assert [person.name for person in shown.crew] == ["Mina Adeyemi"]
    assert [(chapter.start_s, chapter.title) for chapter in shown.chapters] == [(0, "Hello"), (760, "What is lost")]


def test_the_text_suggests_topics_and_things_mentioned_but_places_to_listen_are_none(show: Show) -> None:
    found = suggestions(show.view())
    assert found.topics == ("Vector indexes", "Forgetting")
    assert found.mentions == (
        Mention(MentionKind.PAPER, "the paper", "https://arxiv.org/abs/2401.00001"),
        Mention(MentionKind.BOOK, "a book", "https://www.goodreads.com/book/1"),
        Mention(MentionKind.SITE, "notes.example/a", "https://notes.example/a"),
    )
    assert found.guests == (), "the feed's guests stand in the episode already"


def test_what_the_episode_has_is_suggested_no_more(show: Show) -> None:
    shown = show.view()
    found = suggestions(
        replace(shown, topics=("forgetting",), mentions=suggestions(shown).mentions, guests=(Guest("X"),))
    )
    assert (found.topics, found.mentions) == (("Vector indexes",), ())
    assert [guest.name for guest in found.guests] == ["Nadia Okafor", "Jo Park"]


@given(st.text(alphabet="<>/ulipa =\"':Topcsh.", max_size=300))
def test_any_markup_suggests_something_bounded(html: str) -> None:
    found = suggestions(_with(html))
    assert len(found.topics) + len(found.mentions) <= 40


def _with(html: str) -> EpisodeView:
    told = Told(
        item_id=1,
        feed_id=1,
        show="Latent Waves",
        show_site=None,
        url=None,
        audio_url=None,
        title="A title",
        subtitle="",
        summary_html=html,
        summary="",
        image_url=None,
        people=(),
        chapters=(),
        published_at=None,
        at=NOW,
        duration_s=None,
        season=None,
        number=None,
    )
    return view(told, Words(), show_links=(), own_links=(), retired=(), version=0)
