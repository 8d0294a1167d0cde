"""feedparser, made safe to hand hostile documents: no network, no files, no pattern that runs for minutes."""

import io
from typing import Any

import feedparser
from feedparser.mixin import _FeedParserMixin


def read(document: bytes, *, url: str, language: str) -> dict[str, Any]:
    """Returns what feedparser makes of a `document`.

    HTML comes back as the feed has it: cleaning and resolving links is the caller's.
    """
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    if language:
        headers["content-language"] = language
    # A stream, never a str or bytes: those feedparser takes for a URL or a file name, and opens it.
    found = feedparser.parse(
        io.BytesIO(document), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    return dict(found)


# feedparser 6.0.14 looks for an e-mail address in an author with a pattern that backtracks (28 s for 20 kB of "a."),
# and compares each category of an item with all before it. Both are bounded here, as it offers no other way to.
_author_of = _FeedParserMixin._sync_author_detail  # noqa: SLF001 - wrapped below
_tag_of = _FeedParserMixin._add_tag  # noqa: SLF001 - wrapped below


def _bounded_author(self: Any, key: str = "author") -> None:
    context = self._get_context()
    author = dict.get(context, key)
    if isinstance(author, str):
        context[key] = author[:300]
    _author_of(self, key)


def _bounded_tag(self: Any, term: object, scheme: object, label: object) -> None:
    if len(self._get_context().setdefault("tags", [])) < 50:
        _tag_of(self, term, scheme, label)


_FeedParserMixin._sync_author_detail = _bounded_author  # noqa: SLF001 - see above
_FeedParserMixin._add_tag = _bounded_tag  # noqa: SLF001 - see above
