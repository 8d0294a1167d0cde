"""What the documents of an archive tell, read apart from the line: what must arrive, and how often at most. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

from curator.errors import InvalidError
from curator.feeds.normalize import canonical_url
from curator.http.urls import absolute_url


@dataclass(frozen=True)
class Told:
    """One item by what a person would know it by: its canonical page, or its title where it links nowhere."""

    page: str | None
    title: str

    @property
    def key(self) -> str:
        """What it is compared by."""
        return self.page or self.title


def told_items(body: bytes, *, name: str) -> list[Told]:
    """Returns the items of one document in order; raises InvalidError("replay") for what is no RSS 2.0."""
    try:
        root = Xml.fromstring(body)  # noqa: S314 - whoever runs the demo chose it; expat refuses entity bombs itself
    except (Xml.ParseError, ValueError, LookupError) as error:
        raise InvalidError("replay", f"{name} in the archive is no XML: {error}.") from error
    channel = root.find("channel")
    if root.tag != "rss" or channel is None:
        raise InvalidError("replay", f"{name} in the archive is not RSS 2.0, which an archive of feeds holds.")
    return [_told(item) for item in channel.iter("item")]


def most_in_one(documents: Iterable[list[Told]]) -> Counter[str]:
    """Returns for each item how often any one of a feed's documents tells it: once, where the feed is sound."""
    most: Counter[str] = Counter()
    for document in documents:
        most |= Counter(told.key for told in document)
    return most


def _told(item: Xml.Element) -> Told:
    guid = item.find("guid")
    is_link = guid is not None and guid.get("isPermaLink", "true") == "true"
    given = item.findtext("link") or (guid.text if guid is not None and is_link else "")
    link = absolute_url((given or "").strip())
    return Told(canonical_url(link) if link else None, " ".join((item.findtext("title") or "").split()))
