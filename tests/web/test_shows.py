"""The desk's pages of shows: where to listen, platforms that are no more, episodes and what they lack."""

import re

import pytest

from curator.app import App
from curator.episodes import edit, store
from curator.episodes.platforms import Platform
from curator.episodes.values import ListeningLink, ShowRow
from curator.feeds.values import ItemKind
from curator.issues import publish
from tests import builders
from tests.audience.counting import statements
from tests.web.conftest import Browser, Newsroom
from tests.web.test_pages import check_outline

APPLE, SPOTIFY = "https://podcasts.apple.com/show/1", "https://open.spotify.com/show/1"


def _show(newsroom: Newsroom) -> ShowRow:
    with newsroom.app.db.read() as session:
        return store.show_row(session, newsroom.show)


def _fields(browser: Browser, url: str) -> dict[str, object]:
    """The fields of a page's form as they stand."""
    page = browser.see(url)
    return {"version": re.findall(r'name="version" value="(\d+)"', page)[0]}


def _save(browser: Browser, newsroom: Newsroom, *urls: str, **fields: object):
    url = f"/desk/shows/{newsroom.show}"
    rows = {f"link-url-{number}": address for number, address in enumerate(urls)}
    return browser.post(url, {**_fields(browser, url), **rows, **fields})


def test_links_are_added_in_order_and_their_places_are_known_by_their_addresses(
    theo: Browser, newsroom: Newsroom
) -> None:
    page = theo.follow(
        _save(
            theo,
            newsroom,
            APPLE,
            SPOTIFY,
            "https://deezer.example/1",
            **{"link-label-2": "Deezer", "link-place-1": 1, "link-place-0": 2},
        )
    )
    assert "can be listened to in 3 places now" in page
    assert [(link.platform, link.name) for link in _show(newsroom).links] == [
        (Platform.SPOTIFY, "Spotify"),
        (Platform.APPLE, "Apple Podcasts"),
        (Platform.OTHER, "Deezer"),
    ]
    check_outline(page)


def test_a_link_is_taken_out_by_emptying_its_address(theo: Browser, newsroom: Newsroom) -> None:
    _save(theo, newsroom, APPLE, SPOTIFY)
    _save(theo, newsroom, "", SPOTIFY, **{"link-platform-0": "apple"})
    assert [link.url for link in _show(newsroom).links] == [SPOTIFY]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x.example", "spotify", "https://user@x.example"])
def test_what_is_no_address_is_said_beside_its_row(theo: Browser, newsroom: Newsroom, url: str) -> None:
    answer = _save(theo, newsroom, APPLE, url, **{"link-platform-1": "spotify"})
    assert (answer.status_code, 'href="#link-url-1"' in answer.text) == (422, True)
    assert "Error: " in answer.text
    check_outline(answer.text)
    assert _show(newsroom).links == ()


def test_whoever_saves_second_sees_both_lists_and_decides(theo: Browser, newsroom: Newsroom) -> None:
    url = f"/desk/shows/{newsroom.show}"
    stale = _fields(theo, url)
    _save(theo, newsroom, SPOTIFY)
    answer = theo.post(
        url, {**stale, "link-url-0": APPLE, "link-platform-0": "", "link-label-0": "", "link-place-0": "1"}
    )
    assert answer.status_code == 409
    assert APPLE in answer.text
    assert SPOTIFY in answer.text
    check_outline(answer.text)
    assert [link.url for link in _show(newsroom).links] == [SPOTIFY]


def test_a_retired_platform_is_gone_from_every_page_at_once_and_the_desk_says_so(
    theo: Browser, newsroom: Newsroom
) -> None:
    _save(theo, newsroom, APPLE, "https://www.stitcher.com/show/1")
    public = f"/e/{newsroom.episodes[0]}"
    assert "Stitcher" in theo.see(public)
    assert "It ended in August 2023. Better retire it." in theo.see("/desk/shows")
    page = theo.follow(theo.post("/desk/shows/platforms/stitcher", {"do": "retire"}))
    assert "taken down everywhere" in page
    assert "1 link, shown nowhere" in page
    assert "Stitcher" not in theo.see(public)
    assert "Retired, so shown nowhere: Stitcher." in theo.see(f"/desk/shows/{newsroom.show}")
    theo.post("/desk/shows/platforms/stitcher", {"do": "back"})
    assert "Stitcher" in theo.see(public)


def test_a_platform_that_is_none_is_a_404(theo: Browser) -> None:
    assert theo.post("/desk/shows/platforms/nothing", {"do": "retire"}).status_code == 404


def test_retiring_takes_back_the_approval_of_an_issue_that_would_show_it(
    theo: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    builders.listening_links(
        sqlite_app.db, newsroom.show, ListeningLink(Platform.GOOGLE, "https://podcasts.google.com/?feed=1")
    )
    issue_id = newsroom.issue()
    publish.approve(sqlite_app.db, sqlite_app.renderer, issue_id, by=None, now=sqlite_app.clock())
    page = theo.follow(theo.post("/desk/shows/platforms/google", {"do": "retire"}))
    assert "Issue 1 has lost the approval by it" in page
    assert "changed after its approval" in theo.see(f"/desk/issues/{issue_id}")


def test_the_list_says_what_each_episode_lacks_in_as_many_queries_for_fifty_as_for_three(
    theo: Browser, newsroom: Newsroom
) -> None:
    builders.episode_facts(newsroom.app.db, newsroom.episodes[0], people=[{"name": "Nadia", "role": "guest"}])
    url = f"/desk/shows/{newsroom.show}"
    with statements(newsroom.app.db) as few:
        page = theo.see(url)
    assert "1 guest without biography, no topics" in page
    assert "no transcript" in page
    for number in range(60):
        builders.item_row(
            newsroom.app.db, newsroom.show, f"Old {number}", at=newsroom.app.clock(), kind=ItemKind.EPISODE
        )
    with statements(newsroom.app.db) as many:
        page = theo.see(url)
    assert len(many) == len(few)
    assert "Page 1 of 2" in page
    assert theo.see(f"{url}?page=2").count("<h3>") == 13
    assert theo.see(f"{url}?page=99").count("<h3>") == 13


def test_a_feed_that_is_no_show_of_ours_has_no_page(theo: Browser, newsroom: Newsroom) -> None:
    for feed_id in (newsroom.blog, 99):
        theo.see(f"/desk/shows/{feed_id}", status=404)


def test_without_a_show_the_page_says_how_to_get_one(theo: Browser) -> None:
    page = theo.see("/desk/shows")
    assert "No show of your own yet" in page
    check_outline(page)


def test_the_arrow_has_a_version_for_every_list(newsroom: Newsroom) -> None:
    assert edit.links_version(()) == edit.links_version([])
    assert 0 < edit.links_version(()) < 2**63
