"""Places to listen: which address is whose, and that each has what pages show."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import curator.web
from curator.episodes.platforms import SIGNS, Platform, icon, platform_of

STATIC = Path(curator.web.__file__).parent / "static"


@pytest.mark.parametrize(
    ("url", "platform"),
    [
        ("https://podcasts.apple.com/us/podcast/x/id1", Platform.APPLE),
        ("https://itunes.apple.com/podcast/id1", Platform.APPLE),
        ("https://open.spotify.com/show/1", Platform.SPOTIFY),
        ("https://www.subscribeonandroid.com/feed.example/x", Platform.ANDROID),
        ("https://podcasts.google.com/?feed=x", Platform.GOOGLE),
        ("https://www.google.com/podcasts?feed=x", Platform.GOOGLE),
        ("https://www.youtube.com/@show", Platform.YOUTUBE),
        ("https://youtu.be/abcdef", Platform.YOUTUBE),
        ("https://music.youtube.com/playlist?list=1", Platform.YOUTUBE_MUSIC),
        ("https://overcast.fm/itunes1", Platform.OVERCAST),
        ("https://pca.st/1", Platform.POCKET_CASTS),
        ("https://play.pocketcasts.com/1", Platform.POCKET_CASTS),
        ("https://music.amazon.co.uk/podcasts/1", Platform.AMAZON),
        ("https://www.stitcher.com/show/1", Platform.STITCHER),
        ("https://feeds.show.example/1", Platform.RSS),
        ("https://show.example/feed.xml", Platform.RSS),
        ("https://show.example/feed/", Platform.RSS),
        ("https://show.example/", Platform.OTHER),
        ("https://notspotify.com/", Platform.OTHER),
        ("https://spotify.com.evil.example/", Platform.OTHER),
        ("javascript:alert('spotify.com')", Platform.OTHER),
        ("https://[", Platform.OTHER),
        ("", Platform.OTHER),
    ],
)
def test_an_address_says_which_place_it_is(url: str, platform: Platform) -> None:
    assert platform_of(url) is platform


@given(st.text(max_size=60) | st.builds("https://{}".format, st.text(max_size=60)))
def test_any_text_is_some_place(url: str) -> None:
    assert platform_of(url) in Platform


@pytest.mark.parametrize("platform", list(Platform))
def test_each_place_has_a_name_words_for_the_icon_and_a_drawing_of_one_colour(platform: Platform) -> None:
    sign, drawing = SIGNS[platform], (STATIC / icon(platform)).read_text()
    assert sign.name
    assert sign.alt
    assert set(re.findall(r'(?:fill|stroke)="(?!none)([^"]+)"', drawing)) == {"#14211f"}
    assert not re.search(r"<script|<style|href|\son\w+=", drawing)


def test_what_ended_for_good_is_known() -> None:
    assert {platform for platform, sign in SIGNS.items() if sign.ended} == {Platform.GOOGLE, Platform.STITCHER}
