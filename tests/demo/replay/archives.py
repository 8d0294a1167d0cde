"""Small archives of feeds, written here: a tar of files by name, and three days of invented publishers."""

import gzip
import io
import tarfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

DAYS = ("2023-06-10", "2023-06-11", "2023-06-12")
FEEDS = 14
_WORDS = ("vector", "database", "index", "winter", "census", "label", "river", "planner", "card", "model", "gauge")


def tar(files: Mapping[str, bytes], *, extra: Sequence[tarfile.TarInfo] = ()) -> bytes:
    """Returns a plain tar of these files, and of `extra` members without a body."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for name, body in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
        for member in extra:
            archive.addfile(member)
    return written.getvalue()


def document(title: str, items: Sequence[str]) -> bytes:
    """Returns an RSS 2.0 document."""
    channel = f"<title>{title}</title><link>https://{title}.example/</link><description>{title}</description>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{channel}{"".join(items)}</channel></rss>'.encode()


def item(page: str, title: str, *, guid: str = "", at: datetime | None = None) -> str:
    """Returns one item; without a moment it is undated."""
    dated = "" if at is None else f"<pubDate>{format_datetime(at)}</pubDate>"
    known = guid or page
    return f'<item><title>{title}</title><link>{page}</link><guid isPermaLink="false">{known}</guid>{dated}</item>'


def three_days() -> dict[str, bytes]:
    """Three days of 14 feeds: all publish at the same moments, two tell one page, two never change, one changes guids.

    The first feed's second day has an item without a date.
    """
    return {f"{day}/{feed:03}.xml": _day(feed, nth) for nth, day in enumerate(DAYS) for feed in range(FEEDS)}


def _day(feed: int, nth_day: int) -> bytes:
    site = f"https://feed{feed}.example"
    days = range(1 if feed in (3, 4) else nth_day + 1)
    items = [_dated(feed, site, nth, hour, renamed=feed == 5 and nth_day > 0) for nth in days for hour in (9, 14)]
    if feed in (1, 2):
        items.append(item("https://shared.example/one", "Told by two", at=_moment(0, 12)))
    if feed == 0 and nth_day > 0:
        items.append(item(f"{site}/undated", "No date at all"))
    return document(f"feed{feed}", items)


def _dated(feed: int, site: str, nth_day: int, hour: int, *, renamed: bool) -> str:
    page = f"{site}/{nth_day}/{hour}"
    words = f"{_WORDS[(feed + nth_day) % len(_WORDS)]} {_WORDS[(feed * 3 + hour) % len(_WORDS)]} {feed}"
    return item(page, words, guid=f"{page}#renamed" if renamed else "", at=_moment(nth_day, hour))


def _moment(nth_day: int, hour: int) -> datetime:
    return datetime(2023, 6, 10, hour, tzinfo=UTC) + timedelta(days=nth_day)


def written(folder: Path, files: Mapping[str, bytes] | None = None) -> Path:
    """Writes an archive, by default the three days, and returns where it lies."""
    path = folder / "feeds.tar.gz"
    path.write_bytes(gzip.compress(tar(three_days() if files is None else files)))
    return path
