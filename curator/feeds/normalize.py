"""Cleans what feeds say: URLs, HTML and text."""

import html as entities
import re
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

import nh3

from curator.http.urls import absolute_url

MAX_HTML = 30_000
"""Characters of one item's HTML that are read: about 5,000 words, more than an editor or a ranking looks at."""

MAX_TAGS = 2_000
"""Tags of one item that are read: html5ever takes quadratic time on nested blocks (100,000 of them: 33 s)."""

# C0, DEL, C1, bidirectional overrides and embeddings, lone surrogates, what is no character. Tab, LF and CR stay.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_BLOCK = re.compile(
    r"<(?=/?(?:p|div|br|li|ul|ol|h[1-6]|tr|table|blockquote|pre|section|article|hr|dd|dt|dl)\b)", re.IGNORECASE
)
_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "cite", "code", "dd", "del", "dl", "dt", "em", "h1", "h2", "h3", "h4"),
    *("h5", "h6", "hr", "i", "ins", "kbd", "li", "ol", "p", "pre", "q", "s", "samp", "small", "strong", "sub", "sup"),
    *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var"),
}
# These mean nothing to us but that a new line begins; they go when the text has been taken.
_ONLY_BREAKS = {"div", "section", "article"}
_BREAK_TAG = re.compile(r'</?(?:div|section|article)(?: [^">]*="[^"]*")*>')
_ANY_TAG = re.compile(r'</?[a-z][a-z0-9]*(?: [^">]*="[^"]*")*>')  # as nh3 writes them: no others are left
_MARKUP = re.compile("[<>&\r\xa0]")
_ATTRIBUTES = {"a": {"href", "title", "lang", "dir"}, "blockquote": {"cite"}, "q": {"cite"}, "*": {"lang", "dir"}}
_DROPPED_WHOLE = {"script", "style", "iframe", "object", "embed", "noscript", "template", "svg", "math", "title"}


def clean(text: str) -> str:
    """Returns the text without control characters, bidirectional overrides and half characters."""
    return _UNWANTED.sub("", text)


def one_line(text: str, *, limit: int) -> str:
    """Returns the text as one line of at most `limit` characters, cut with an ellipsis."""
    line = " ".join(clean(text).split())  # split() knows U+2028, U+2029 and U+0085 too
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def safe_html(html: str, *, base_url: str) -> str:
    """Returns the HTML with a small set of harmless elements left, its links made absolute against `base_url`.

    Links go to http, https or mailto, or lose their target. Images go: they call home when an editor looks.
    What lies beyond MAX_HTML characters or MAX_TAGS tags is cut off.
    """
    return cleaned(html, base_url=base_url)[0]


def plain_text(html: str) -> str:
    """Returns the HTML's text, a line for each block, entities decoded."""
    return cleaned(html, base_url="")[1]


def cleaned(html: str, *, base_url: str) -> tuple[str, str]:
    """Returns `safe_html` and `plain_text` of the same HTML, for the price of one."""
    bounded = _bounded(html)
    if not _MARKUP.search(bounded):
        return bounded.strip(), _lines(bounded)
    kept = nh3.clean(
        bounded,
        tags=_TAGS | _ONLY_BREAKS,
        clean_content_tags=_DROPPED_WHOLE,
        attributes=_ATTRIBUTES,
        attribute_filter=_absolute_links(base_url),
        url_schemes={"http", "https", "mailto"},
    )
    text = _lines(entities.unescape(_ANY_TAG.sub("", _BLOCK.sub("\n<", kept))))
    return _BREAK_TAG.sub("", kept).strip(), text


def _lines(text: str) -> str:
    lines = (" ".join(line.split()) for line in clean(text).splitlines())
    return "\n".join(line for line in lines if line)


def html_of(text: str) -> str:
    """Returns plain text as HTML that shows it."""
    return entities.escape(text).replace("\n", "<br>\n")


def canonical_url(url: str) -> str | None:
    """Returns the one URL under which the same page is known, None when `url` is no http(s) URL.

    It is a key to compare by, not a link to follow: https, no `www.`, mobile or AMP host, no tracking parameter, no
    index file, no trailing slash; arXiv's PDF is its abstract, youtu.be is youtube.com. A second pass changes nothing.
    """
    current = absolute_url(url)
    for _ in range(10):  # each rule may open the way for another; real URLs need two passes
        if current and _is_folded(current):
            return current
        folded = _folded(current) if current else None
        if folded == current:
            return current
        current = folded
    return None


# A plain https URL of words in which no rule below finds anything to do: four of five, after one pass.
_PLAIN = re.compile(
    r"https://(?!(?:www|m|mobile|amp)\.)[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/|(?:/[a-z0-9_~-][a-z0-9_.~-]*)+)",
    re.ASCII | re.IGNORECASE,
)
_FOLDABLE = re.compile(r"amp|index\.|default\.|arxiv|youtu|\.m\.wik", re.IGNORECASE)
_MOBILE = re.compile(r"^(?:www|m|mobile|amp)\.(?=[^.]+\.[^.])")
_MOBILE_WIKI = re.compile(r"^([a-z-]{2,12})\.m\.(?=wik)")
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp|cgi)$", re.IGNORECASE)
_AMP_PATH = re.compile(r"(?<=[^/])(?:/amp/?|\.amp)$|\.amp(?=\.html$)")
_AMP_VIEWER = re.compile(r"^(?:google\.[a-z.]+/amp|[a-z0-9.-]+\.cdn\.ampproject\.org/[cv])/(?:s/)?([^/]+\..+)$")
_ARXIV = re.compile(r"^/(?:pdf|html|abs)/(\d{4}\.\d{4,5}|[a-z.-]+/\d{7})(?:v\d+)?(?:\.pdf)?$")
_YOUTUBE = re.compile(r"^/(?:embed|shorts|live|v)/([\w-]{6,20})$")
_UNRESERVED = re.compile(r"%([0-9A-Fa-f]{2})")
_TRACKING_START = ("utm_", "mtm_", "pk_", "piwik_", "hsa_", "at_", "oly_", "ga_", "_hs")
_TRACKING = frozenset(
    {
        *("fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "igshid", "igsh"),
        *("mc_cid", "mc_eid", "mkt_tok", "ref", "ref_src", "ref_url", "referrer", "cmpid", "ncid", "sr_share", "spm"),
        *("s_cid", "vero_id", "wt_mc", "wickedid", "_ga", "_gl", "trk", "trkinfo", "ck_subscriber_id", "rss"),
        *("__twitter_impression", "guccounter", "amp", "outputtype", "feature", "si", "smid", "cmp", "ito", "xtor"),
        *("ocid", "icid", "soc_src", "soc_trk"),
    }
)


def _bounded(html: str) -> str:
    cut = clean(html[:MAX_HTML])
    if cut.count("<") <= MAX_TAGS:
        return cut
    return "<".join(cut.split("<", MAX_TAGS)[:MAX_TAGS])


def _absolute_links(base_url: str) -> Callable[[str, str, str], str | None]:
    return partial(_kept_attribute, base_url)


def _kept_attribute(base_url: str, tag: str, attribute: str, value: str) -> str | None:
    if attribute not in ("href", "cite"):
        return value
    if tag == "a" and value.strip().lower().startswith("mailto:"):
        return one_line(value, limit=500)
    return absolute_url(value, base=base_url)


def _is_folded(url: str) -> bool:
    return _PLAIN.fullmatch(url) is not None and _FOLDABLE.search(url) is None


def _folded(url: str) -> str | None:
    parts = urlsplit(url)
    host = _MOBILE.sub("", _MOBILE_WIKI.sub(r"\1.", parts.hostname or ""))
    viewed = _AMP_VIEWER.match(host + parts.path)
    if viewed:
        return absolute_url(f"https://{viewed[1]}" + (f"?{parts.query}" if parts.query else ""))
    path = _AMP_PATH.sub("", _INDEX.sub("/", _UNRESERVED.sub(_plain_octet, parts.path))).rstrip("/") or "/"
    host, path, query = _known_site(host, path, _without_tracking(parts.query))
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    fragment = f"#{parts.fragment}" if parts.fragment[:1] in ("!", "/") else ""
    return absolute_url(f"https://{host}{port}{path}" + (f"?{query}" if query else "") + fragment)


def _known_site(host: str, path: str, query: str) -> tuple[str, str, str]:
    paper = _ARXIV.match(path)
    if host in ("arxiv.org", "export.arxiv.org") and paper:
        return "arxiv.org", f"/abs/{paper[1]}", ""
    if host == "youtu.be" and len(path) > 1:
        return "youtube.com", "/watch", f"v={path[1:]}"
    if host in ("youtube.com", "youtube-nocookie.com"):
        video = _YOUTUBE.match(path)
        if video:
            return "youtube.com", "/watch", f"v={video[1]}"
        if path == "/watch":
            return host, path, "&".join(pair for pair in query.split("&") if pair.startswith("v="))
    return host, path, query


def _without_tracking(query: str) -> str:
    return "&".join(pair for pair in query.split("&") if pair and not is_tracking(pair.partition("=")[0]))


def is_tracking(name: str) -> bool:
    """Tells whether a parameter of a URL only tells its site who sent the reader."""
    name = name.lower()
    return name in _TRACKING or name.startswith(_TRACKING_START)


def _plain_octet(match: re.Match[str]) -> str:
    octet = chr(int(match[1], 16))
    return octet if octet.isascii() and (octet.isalnum() or octet in "-._~") else match[0].upper()
