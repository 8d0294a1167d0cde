"""Times of an episode as people write them ("1:02:40"), and links that begin there. Pure."""

import re
from urllib.parse import urlsplit

from curator.episodes.platforms import Platform, platform_of

_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)(?:\.\d+)?")
# A day: no episode is longer, and a number beyond it is a mistake.
MAX_S = 24 * 60 * 60


def seconds(text: str) -> int | None:
    """Returns what "12:40", "1:02:40" or "760" is in seconds, None when it is no time within a day."""
    typed = text.strip()
    if typed.isascii() and typed.isdigit() and len(typed) <= 5:
        return int(typed) if int(typed) <= MAX_S else None
    found = _CLOCK.fullmatch(typed)
    if found is None or (found[1] and int(found[2]) > 59):
        return None
    total = int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])
    return total if total <= MAX_S else None


def clock(start_s: float) -> str:
    """Returns a time as people write it: "0:40", "12:40", "1:02:40"."""
    total = max(int(start_s), 0)
    hours, minutes = total // 3600, total % 3600 // 60
    return f"{hours}:{minutes:02}:{total % 60:02}" if hours else f"{minutes}:{total % 60:02}"


def time_link(url: str, start_s: float, *, is_file: bool = False) -> str | None:
    """Returns the address at which audio or video begins at that second, None where the place takes no time.

    A file takes a media fragment (W3C Media Fragments 1.0, 4.2.1), YouTube a parameter of its own.
    """
    at, bare = max(int(start_s), 0), url.partition("#")[0]
    if is_file:
        return f"{bare}#t={at}"
    if platform_of(url) is Platform.YOUTUBE:
        return f"{bare}{'&' if urlsplit(bare).query else '?'}t={at}s"
    return None
