"""The terms of an item: words of its title, first text and address, in any script, and the site that it stands on."""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from curator.picks.taste.values import Facts

# What RANKING measured with; hostile input ends here as well.
_TITLE, _TEXT, _SLUG = 300, 200, 200
SITE, FEED, HOST = "site:", "feed:", "host:"

# Scripts that write no spaces between words are read as pairs of characters, which needs no dictionary. Hangul has
# spaces, but glues particles to its words.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
_SPACED_OR_NOT = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
# Vowel signs and accents belong to their word, though they are no letters.
_MARKS = "".join(f"{chr(code)}" for code in range(0x300, 0x1E00) if unicodedata.category(chr(code))[0] == "M")
_WORD = re.compile(rf"[^\W_](?:[\w{_MARKS}+#.'-]*[\w{_MARKS}+#])?")
# Arabic short vowels and the stretched line are often left out: words are compared without them.
_DROPPED = re.compile("[\u0640\u064b-\u065f\u0670\u200b-\u200f\u2060\ufeff]")
_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": " ", "”": " ", "–": " ", "—": " ", "…": " ", "\u00a0": " "})

_REPOSITORY_SITES = frozenset({"github.com", "gitlab.com", "codeberg.org", "bitbucket.org"})
# On these sites it is the first part of the path that says who speaks.
_SHARED_SITES = _REPOSITORY_SITES | {"medium.com", "dev.to", "youtube.com", "twitter.com", "x.com"}
_DULL_HOSTS = frozenset({"www", "blog", "com", "news"})


def words(text: str) -> list[str]:
    """Returns the words of a text in order, in lower case, as they are compared."""
    if not text.isascii():
        text = _DROPPED.sub("", unicodedata.normalize("NFKC", text.translate(_PLAIN)))
    found = _WORD.findall(text.lower())
    if text.isascii() or not _UNSPACED_RUN.search(text):
        return found
    return [piece for word in found for piece in _pieces(word)]


def _pieces(word: str) -> list[str]:
    if not _UNSPACED_RUN.search(word):
        return [word]
    pieces: list[str] = []
    for run in _SPACED_OR_NOT.findall(word):
        if _UNSPACED_RUN.match(run) and len(run) > 1:
            pieces += [first + second for first, second in pairwise(run)]
        else:
            pieces.append(run)
    return pieces


def terms(facts: Facts) -> list[str]:
    """Returns the terms of an item, repeated as often as they occur: words, pairs of words, site, feed."""
    title, slug = words(facts.title[:_TITLE]), words(_slug(facts.url))
    text = words(facts.text[:_TEXT])
    found = [*title, *text, *slug]
    for each in (title, text, slug):
        found += [f"{first} {second}" for first, second in pairwise(each)]
    if facts.feed:
        found.append(FEED + facts.feed)
    return found + _site_terms(facts.url)


def site(url: str | None) -> str:
    """Returns the host of an address without `www.`, "" when there is none."""
    return _host_and_path(url)[0]


def is_repository(url: str | None) -> bool:
    """Whether the address is a code repository's own page."""
    host, path = _host_and_path(url)
    return host in _REPOSITORY_SITES and len([part for part in path.split("/") if part]) == 2


def title_of(facts: Facts) -> str:
    """Returns what copies of one item have in common: the words of the title, or the key where it has none."""
    return " ".join(words(facts.title[:_TITLE])) or facts.key


def _site_terms(url: str | None) -> list[str]:
    host, path = _host_and_path(url)
    if not host:
        return []
    owner = next((part for part in path.split("/") if part), "")
    shared = [f"{SITE}{host}/{owner.lower()}"] if host in _SHARED_SITES and owner else []
    return [SITE + host, *shared, *(HOST + part for part in host.split(".")[:-1] if part not in _DULL_HOSTS)]


def _slug(url: str | None) -> str:
    path = unquote(_host_and_path(url)[1])
    return re.sub(r"\W+|_", " ", path)[:_SLUG]


@lru_cache(maxsize=4096)
def _host_and_path(url: str | None) -> tuple[str, str]:
    try:
        parts = urlsplit((url or "")[:2000])
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:  # "http://[": whatever a feed wrote that is no address
        return "", ""
    return host, parts.path
