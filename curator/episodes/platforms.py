"""The known places to listen: their names, their icons, and which of them a web address belongs to. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit


class Platform(StrEnum):
    """A place to listen. OTHER is any place that is not known here; its link has a label of its own."""

    APPLE = "apple"
    SPOTIFY = "spotify"
    YOUTUBE = "youtube"
    YOUTUBE_MUSIC = "youtube-music"
    ANDROID = "android"
    OVERCAST = "overcast"
    POCKET_CASTS = "pocket-casts"
    AMAZON = "amazon"
    GOOGLE = "google"
    STITCHER = "stitcher"
    RSS = "rss"
    WEBSITE = "website"
    OTHER = "other"


@dataclass(frozen=True)
class Sign:
    """How a platform is shown. `alt` stands before the name: together they say what the link does.

    `ended` says in words when it ended for good, and is empty while it lives.
    """

    name: str
    alt: str = "Listen on"
    ended: str = ""


SIGNS: Mapping[Platform, Sign] = {
    Platform.APPLE: Sign("Apple Podcasts"),
    Platform.SPOTIFY: Sign("Spotify"),
    Platform.YOUTUBE: Sign("YouTube", alt="Watch on"),
    Platform.YOUTUBE_MUSIC: Sign("YouTube Music"),
    Platform.ANDROID: Sign("Any Android app", alt="Listen in"),
    Platform.OVERCAST: Sign("Overcast"),
    Platform.POCKET_CASTS: Sign("Pocket Casts"),
    Platform.AMAZON: Sign("Amazon Music"),
    Platform.GOOGLE: Sign("Google Podcasts", ended="It ended in June 2024."),
    Platform.STITCHER: Sign("Stitcher", ended="It ended in August 2023."),
    Platform.RSS: Sign("RSS", alt="Subscribe by"),
    Platform.WEBSITE: Sign("Website", alt="Listen on the"),
    Platform.OTHER: Sign("Another place"),
}

_HOSTS: Mapping[str, Platform] = {
    "podcasts.apple.com": Platform.APPLE,
    "itunes.apple.com": Platform.APPLE,
    "spotify.com": Platform.SPOTIFY,
    "spotify.link": Platform.SPOTIFY,
    "music.youtube.com": Platform.YOUTUBE_MUSIC,
    "youtube.com": Platform.YOUTUBE,
    "youtu.be": Platform.YOUTUBE,
    "subscribeonandroid.com": Platform.ANDROID,
    "overcast.fm": Platform.OVERCAST,
    "pocketcasts.com": Platform.POCKET_CASTS,
    "pca.st": Platform.POCKET_CASTS,
    "podcasts.google.com": Platform.GOOGLE,
    "stitcher.com": Platform.STITCHER,
}
_FEED_HOSTS = ("feeds.", "feed.", "rss.")
_FEED_FILES = (".xml", ".rss", ".atom", "/feed", "/rss")


def platform_of(url: str) -> Platform:
    """Returns the platform that an address leads to; OTHER for what is not known, and for what is no address."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower().rstrip(".")
    except ValueError:
        return Platform.OTHER
    if parts.scheme.lower() not in ("http", "https") or not host:
        return Platform.OTHER
    return (
        _of_host(host) or _of_country(host, parts.path) or (Platform.RSS if _is_feed(host, parts) else Platform.OTHER)
    )


def known(text: str) -> Platform | None:
    """Returns the platform of this short name, None when there is none."""
    return next((platform for platform in Platform if platform == text), None)


def icon(platform: Platform) -> str:
    """Returns the static file with a platform's icon."""
    return f"platforms/{platform}.svg"


def _of_host(host: str) -> Platform | None:
    """The longest known ending of the host decides: music.youtube.com before youtube.com."""
    labels = host.split(".")
    endings = (".".join(labels[start:]) for start in range(len(labels) - 1))
    return next((_HOSTS[ending] for ending in endings if ending in _HOSTS), None)


def _of_country(host: str, path: str) -> Platform | None:
    """Amazon and Google have a host for each country."""
    if host.startswith("music.amazon."):
        return Platform.AMAZON
    if host.startswith(("google.", "www.google.")) and path.startswith("/podcasts"):
        return Platform.GOOGLE
    return None


def _is_feed(host: str, parts: SplitResult) -> bool:
    return host.startswith(_FEED_HOSTS) or parts.path.lower().rstrip("/").endswith(_FEED_FILES)
