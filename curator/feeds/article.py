"""A web page to the article on it: trafilatura finds text, author and image, this file bounds and cleans them."""

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from curator.errors import ParseError
from curator.feeds.decode import text_of
from curator.feeds.normalize import clean, one_line, safe_html
from curator.http.urls import absolute_url

MAX_BYTES = 2_000_000
"""Of a page; what lies beyond is cut off. An article's words are far less, the rest is scripts and pictures."""

MAX_TEXT = 100_000
WORDS_A_MINUTE = 230
"""Silent reading of English prose, 238 on average (Brysbaert 2019), a little less for what is not fiction."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,2}")
_BLOCKS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre", "tr", "td", "th", "br", "dd", "dt")
# Languages without spaces are counted by characters: two make about one word.
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class ReadArticle:
    """An article as its page tells it; `text` is empty when none was found. `html` is harmless and without pictures."""

    title: str
    author: str
    site_name: str
    description: str
    html: str
    text: str
    image_url: str | None
    language: str | None
    words: int


def article_of(body: bytes, *, url: str, content_type: str = "") -> ReadArticle:
    """Returns the article on a page; links and image are absolute against `url`.

    Hostile pages can make this take long: call it through `apart`. Raises ParseError for what is no web page.
    """
    # Imported here: only the process apart needs them, and every worker would carry their 17 MB.
    from trafilatura import bare_extraction
    from trafilatura.htmlprocessing import convert_to_html
    from trafilatura.metadata import extract_metadata

    page = text_of(body[:MAX_BYTES], content_type=content_type)
    tree = _tree(page)
    found: Any = bare_extraction(
        tree, url=url, include_comments=False, include_formatting=True, include_links=True, with_metadata=True
    ) or extract_metadata(tree, default_url=url)
    main: Any = getattr(found, "body", None)
    html = "" if main is None else etree.tostring(convert_to_html(main), encoding="unicode")
    text = "" if main is None else _plain(main)
    return ReadArticle(
        title=one_line(_told(found, "title"), limit=500),
        author=one_line(_told(found, "author"), limit=300),
        site_name=one_line(_told(found, "sitename"), limit=200),
        description=one_line(_told(found, "description"), limit=1_000),
        html=safe_html(html, base_url=url) if text else "",
        text=text,
        image_url=absolute_url(_told(found, "image"), base=url) if _told(found, "image") else None,
        language=_language(page),
        words=word_count(text),
    )


def word_count(text: str) -> int:
    """Returns about how many words a text has, in any language."""
    dense = len(_DENSE.findall(text))
    return len(_DENSE.sub(" ", text).split()) + dense // 2


def reading_time(words: int) -> str:
    """Returns how long reading takes: "4 min"."""
    return f"{max(1, round(words / WORDS_A_MINUTE))} min"


def _tree(page: str) -> lxml_html.HtmlElement:
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True)
    try:
        tree = lxml_html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ParseError("The page cannot be read: it is empty or no HTML.") from error
    return tree


def _plain(body: Any) -> str:
    """Returns the words, a line for each block; trafilatura's own text has its links in Markdown."""
    for element in body.iter(*_BLOCKS):
        element.text = "\n" + (element.text or "")
        element.tail = "\n" + (element.tail or "")
    lines = (" ".join(line.split()) for line in clean("".join(body.itertext())).splitlines())
    return "\n".join(line for line in lines if line)[:MAX_TEXT]


def _told(found: Any, name: str) -> str:
    value = getattr(found, name, None)
    return value if isinstance(value, str) else ""


def _language(page: str) -> str | None:
    start = re.search(r"<html\b[^>]{0,1000}?\blang\s*=\s*[\"']?([\w-]{1,20})", page[:20_000], re.IGNORECASE)
    named = start[1] if start else ""
    return named.replace("_", "-") if _LANGUAGE.fullmatch(named) else None
